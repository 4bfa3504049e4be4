"""From token ids to what a client may read: text, reasoning, tool calls, stop strings."""
