"""The server: wires on one side, an engine on the other, traces of what passed. Knows no MLX."""
