"""One small module per kind of server: how it is known, and what it tells of its cache."""
