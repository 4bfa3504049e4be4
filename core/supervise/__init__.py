"""Watches servers from outside: one look (health), or over time (watch). Ends none."""
