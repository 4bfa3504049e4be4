"""The grammars that hold an answer to what a request demands, as text. Knows no engine."""
