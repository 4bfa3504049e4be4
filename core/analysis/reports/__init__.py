"""A report on a trace as text, tables, Markdown, CSV and HTML; no terminal is known here."""
