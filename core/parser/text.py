"""Token ids to the text that may be sent: the detokenizer and the stop strings in one."""

from __future__ import annotations

from collections.abc import Sequence

from llmx.core.parser.detokenize import Decode, Detokenizer
from llmx.core.parser.stop import StopScanner


class TextStream:
    """One per running request; lives on the event loop, needs no lock and no MLX.

    An engine calls `add` with the ids that were sampled, in order, one or several at a time, and
    sends what comes back when it is not empty. After each call it looks at `matched`: once that
    is set, every later text is "" and the generation is to end with "stop". At any other end
    (end token, limit) it sends `finish()` too. The end token itself is not to be added.
    """

    def __init__(self, decode: Decode, stops: tuple[str, ...] = ()) -> None:
        self._ids = Detokenizer(decode)
        self._scanner = StopScanner(stops)

    @property
    def matched(self) -> str | None:
        """The stop string that is complete in the text so far."""
        return self._scanner.matched

    def add(self, ids: Sequence[int]) -> str:
        """The text that can be sent now, "" when none is certain yet."""
        return self._scanner.feed(self._ids.add(ids))

    def finish(self) -> str:
        """The rest of the text, also when it ends in an incomplete character; "" after a match.

        It may complete a stop string, so look at `matched` once more.
        """
        text = self._scanner.feed(self._ids.finish())
        return text if self.matched is not None else text + self._scanner.finish()
