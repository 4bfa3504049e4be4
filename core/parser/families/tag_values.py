"""The value of one parameter, as its text comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from llmx.core.parser.families.typed import quoted

# Which newlines are no part of a value: one at each side; or these, but only where it begins with
# one, in families that do not write them by themselves.
Framing = Literal["each side", "both sides"]


class Value(Protocol):
    """Every method gives the JSON text that can be told now, or ""."""

    is_text: bool  # the value may be any text

    def begin(self) -> str: ...

    def add(self, text: str) -> str: ...

    def end(self) -> str: ...


class TextValue:
    """A string, told while it comes. A newline that may be framing is held back."""

    is_text = True

    def __init__(self, start: str, framing: Framing) -> None:
        self._start = start
        self._framing = framing
        self._is_framed: bool | None = None  # None: nothing has come yet
        self._newline = ""

    def begin(self) -> str:
        return self._start + '"'

    def add(self, text: str) -> str:
        if not text:
            return ""
        if self._is_framed is None:
            self._is_framed = self._framing == "each side" or text.startswith("\n")
            text = text.removeprefix("\n")
        if self._is_framed:
            text = self._newline + text
            self._newline = "\n" if text.endswith("\n") else ""
            text = text.removesuffix("\n")
        return quoted(text)[1:-1]

    def end(self) -> str:
        return '"'


class TypedValue:
    """A value whose type decides what its text means: told when it is complete."""

    is_text = False

    def __init__(self, start: str, framing: Framing, convert: Callable[[str], str]) -> None:
        self._start = start
        self._framing: Framing = framing
        self._convert = convert
        self._parts: list[str] = []

    def begin(self) -> str:
        return ""

    def add(self, text: str) -> str:
        self._parts.append(text)
        return ""

    def end(self) -> str:
        text = "".join(self._parts)
        is_framed = self._framing == "each side" or text.startswith("\n")
        text = text.removeprefix("\n")
        return self._start + self._convert(text.removesuffix("\n") if is_framed else text)
