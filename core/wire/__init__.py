"""The APIs: bytes to requests, events to frames. Knows no MLX and no web framework."""
