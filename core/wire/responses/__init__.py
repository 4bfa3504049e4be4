"""The Responses API: items to a conversation, events to a stream, and what is kept of both."""
