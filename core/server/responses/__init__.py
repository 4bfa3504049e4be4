"""The Responses API over an engine: responses under way, those that are kept, their readers."""
