"""From token ids to what a client may read: text, stop strings."""
