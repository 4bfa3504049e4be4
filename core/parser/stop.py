"""Stop strings in a stream of text."""

from __future__ import annotations


class StopScanner:
    """Passes text on until a stop string is complete in it, never a character of that string.

    The match is the one that is complete first; of several complete at the same character, the
    longest. So it depends on the text alone and not on how the text was cut into pieces.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""  # a proper beginning of a stop string, or ""
        self._matched: str | None = None

    @property
    def matched(self) -> str | None:
        """The stop string that was found; nothing is passed on after it."""
        return self._matched

    def feed(self, text: str) -> str:
        """The text that can be sent now; a possible beginning of a stop string is held back."""
        if self._matched is not None:
            return ""
        text = self._held + text
        found = [(at + len(s), at, s) for s in self._stops if (at := text.find(s)) >= 0]
        if found:
            _, at, self._matched = min(found)
            self._held = ""
            return text[:at]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def finish(self) -> str:
        """What was held back: no stop string can become complete any more."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that is a proper beginning of `stop`."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
