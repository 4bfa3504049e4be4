"""What reports of every kind are made of: texts that are safe to show, HTML, Markdown."""
