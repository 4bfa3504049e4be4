"""Engines: what turns a prepared prompt into tokens. Knows no HTTP."""
