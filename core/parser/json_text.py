"""Follows JSON text as it comes, piece by piece, and says where it is wrong or complete."""

from __future__ import annotations

import re

MAX_DEPTH = 100  # `json.loads` of a client fails at about 1,000
MAX_DIGITS = 1_000  # of a number; Python refuses to read integers of more than 4,300

_BLANK = re.compile(r"[ \t\n\r]*")
_CHARACTERS = re.compile(r'[^"\\\x00-\x1f]*')
_LITERALS = {"t": "true", "f": "false", "n": "null"}
_DIGITS = "0123456789"
# Where a number can go on to from each of its states, which are named for what came last.
_NUMBER = {
    "-": {"0": "0"} | dict.fromkeys("123456789", "1"),
    "0": {".": ".", "e": "e", "E": "e"},
    "1": {".": ".", "e": "e", "E": "e"} | dict.fromkeys(_DIGITS, "1"),
    ".": dict.fromkeys(_DIGITS, "f"),
    "f": {"e": "e", "E": "e"} | dict.fromkeys(_DIGITS, "f"),
    "e": {"+": "s", "-": "s"} | dict.fromkeys(_DIGITS, "x"),
    "s": dict.fromkeys(_DIGITS, "x"),
    "x": dict.fromkeys(_DIGITS, "x"),
}
_WHOLE_NUMBER = "01fx"


class JsonScanner:
    """Reads one JSON value of RFC 8259, each character once.

    `is_complete`: the value is over; `is_wrong`: the next character cannot be there. A number that
    is the whole value is complete with the first character behind it, or by `end`.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self.is_wrong = False
        self._open: list[str] = []  # the brackets around the place, "{" or "["
        self._want = "value"  # between two tokens: which one comes
        self._step = self._between
        self._is_key = False  # of the string that is being read
        self._rest = ""  # of a literal
        self._hex = 0  # digits that a \u escape still needs
        self._number = ""
        self._digits = 0

    def feed(self, text: str, start: int = 0) -> int:
        """Go on at `text[start]`; the place behind the last character that belongs to the value."""
        at = start
        while at < len(text) and not (self.is_complete or self.is_wrong):
            at = self._step(text, at)
        return at

    def end(self) -> None:
        """Nothing comes any more."""
        if self._number and self._number in _WHOLE_NUMBER and not self._open:
            self._value_is_over()

    # ── between tokens ────────────────────────────────────────────────────────────────────────

    def _between(self, text: str, at: int) -> int:
        blank = _BLANK.match(text, at)
        at = blank.end() if blank else at
        if at == len(text):
            return at
        character = text[at]
        match self._want:
            case "value":
                return self._begin(character, at)
            case "value or ]":
                return self._close(at) if character == "]" else self._begin(character, at)
            case "key":
                return self._begin_key(character, at)
            case "key or }":
                return self._close(at) if character == "}" else self._begin_key(character, at)
            case ":":
                self._want = "value"
                return at + 1 if character == ":" else self._wrong(at)
            case _:
                return self._after_value(character, at)

    def _begin(self, character: str, at: int) -> int:
        if character == '"':
            self._is_key, self._step = False, self._in_string
        elif character in "{[":
            if len(self._open) == MAX_DEPTH:
                return self._wrong(at)
            self._open.append(character)
            self._want = "key or }" if character == "{" else "value or ]"
        elif character in _LITERALS:
            self._rest, self._step = _LITERALS[character][1:], self._in_literal
        elif character in "-0123456789":
            self._number = character if character in "-0" else "1"
            self._digits, self._step = 1, self._in_number
        else:
            return self._wrong(at)
        return at + 1

    def _begin_key(self, character: str, at: int) -> int:
        if character != '"':
            return self._wrong(at)
        self._is_key, self._step = True, self._in_string
        return at + 1

    def _after_value(self, character: str, at: int) -> int:
        is_object = self._open[-1] == "{"
        if character == ",":
            self._want = "key" if is_object else "value"
            return at + 1
        return self._close(at) if character == ("}" if is_object else "]") else self._wrong(at)

    def _close(self, at: int) -> int:
        self._open.pop()
        self._value_is_over()
        return at + 1

    def _value_is_over(self) -> None:
        self._step, self._want, self._number = self._between, ",", ""
        self.is_complete = not self._open

    def _wrong(self, at: int) -> int:
        self.is_wrong = True
        return at

    # ── inside of tokens ──────────────────────────────────────────────────────────────────────

    def _in_string(self, text: str, at: int) -> int:
        found = _CHARACTERS.match(text, at)
        at = found.end() if found else at
        if at == len(text):
            return at
        if text[at] == "\\":
            self._step = self._in_escape
        elif text[at] != '"':
            return self._wrong(at)
        elif self._is_key:
            self._step, self._want = self._between, ":"
        else:
            self._value_is_over()
        return at + 1

    def _in_escape(self, text: str, at: int) -> int:
        if text[at] == "u":
            self._hex, self._step = 4, self._in_hex
        elif text[at] in '"\\/bfnrt':
            self._step = self._in_string
        else:
            return self._wrong(at)
        return at + 1

    def _in_hex(self, text: str, at: int) -> int:
        if text[at] not in "0123456789abcdefABCDEF":
            return self._wrong(at)
        self._hex -= 1
        if not self._hex:
            self._step = self._in_string
        return at + 1

    def _in_literal(self, text: str, at: int) -> int:
        if text[at] != self._rest[0]:
            return self._wrong(at)
        self._rest = self._rest[1:]
        if not self._rest:
            self._value_is_over()
        return at + 1

    def _in_number(self, text: str, at: int) -> int:
        state = _NUMBER[self._number].get(text[at])
        if state is not None and self._digits < MAX_DIGITS:
            self._number = state
            self._digits += 1
            return at + 1
        if state is not None or self._number not in _WHOLE_NUMBER:
            return self._wrong(at)
        self._value_is_over()
        return at


def is_json(text: str, first: str = "") -> bool:
    """Whether the text is one JSON value, blanks around it allowed, that begins with `first`."""
    scanner = JsonScanner()
    at = scanner.feed(text)
    scanner.end()
    return (
        scanner.is_complete and not text[at:].strip(" \t\n\r") and text.lstrip().startswith(first)
    )
