"""Which prefixes are stored, which go first, and what they cost. Knows no MLX and no state."""
