"""Escapes of half characters in JSON text: the grammar of JSON has them, few readers take them."""

from __future__ import annotations

import re

_HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_PAIR = _HIGH + r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
# An end behind which an escape, or the other half of one, may go on.
_OPEN = (
    _HIGH + r"(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?\Z"
    r"|\\(?:u(?:[dD](?:[89a-fA-F][0-9a-fA-F]?)?)?)?\Z"
)
_ESCAPE = re.compile(rf"{_PAIR}|({_HALF})|\\.", re.DOTALL)  # the last one keeps `\\u` apart
_ESCAPE_OR_OPEN = re.compile(rf"(?P<open>{_OPEN})|{_PAIR}|{_HALF}|\\.", re.DOTALL)


class WholeCharacters:
    """JSON text as it comes, in which half a character is U+FFFD, as decoders have it."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, json: str) -> str:
        """What can be told now."""
        text, self._held = self._held + json, ""
        if "\\" not in text:
            return text
        for found in _ESCAPE_OR_OPEN.finditer(text):
            if found["open"]:
                text, self._held = text[: found.start()], text[found.start() :]
        return _whole(text)

    def finish(self) -> str:
        """The rest."""
        held, self._held = self._held, ""
        return _whole(held)


def _whole(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\ufffd" if found.group(1) else found.group(), text)
