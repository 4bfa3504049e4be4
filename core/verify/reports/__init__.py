"""A `Result` as text: what a person, a CI server or a web page shows of it. Pure, no terminal."""
