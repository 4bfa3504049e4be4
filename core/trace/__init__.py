"""Traces: one JSON line per request. The record, the writer, the readers."""
