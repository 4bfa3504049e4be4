"""Talks to any OpenAI-compatible server and measures: replies, usage, times."""
