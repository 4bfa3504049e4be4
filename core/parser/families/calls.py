"""The calls of one answer: which are allowed, which was begun, and the text around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from llmx.core.parser.families.quotes import Quotes
from llmx.core.parser.families.reading import (
    Incomplete,
    Malformed,
    Reading,
    Source,
    more,
)
from llmx.core.parser.pieces import CallArguments, CallBegin, CallEnd, Flag, Piece, Text
from llmx.core.parser.tools import DeclaredTools


class Calls:
    """Knows the declared tools and which calls of the answer were begun."""

    def __init__(self, tools: DeclaredTools) -> None:
        self.tools = tools
        self.is_open = False  # a header is out, its end is not
        self._count = 0
        self.said = False  # text since the last call
        self.blank = ""  # taken behind a call, and no part of it: for `text`
        self._quotes = Quotes()

    def check(self, name: str) -> None:
        """Raises `Malformed` with the flag that says why this tool cannot be called now."""
        if name not in self.tools:
            raise Malformed("undeclared_tool")
        if self._count and not self.tools.parallel:
            raise Malformed("parallel_call")

    def allows(self, name: str) -> bool:
        return name in self.tools and (self.tools.parallel or not self._count)

    def begin(self, name: str) -> CallBegin:
        self._count += 1
        self.is_open = True
        return CallBegin(name)

    def end(self, *, is_complete: bool = True) -> CallEnd:
        self.is_open = self.said = False
        self._quotes.add("\n")  # what was quoted before a call is over
        return CallEnd(is_complete)

    def whole(self, name: str, arguments: str) -> Iterator[Piece]:
        """A call that is known as a whole. Raises `Malformed` as `check` does."""
        self.check(name)
        yield self.begin(name)
        yield CallArguments(arguments)
        yield self.end()

    # ── text and blocks ───────────────────────────────────────────────────────────────────────

    def text(self, source: Source, begins: re.Pattern[str]) -> Reading[str]:
        """Pass text on up to a sign that `begins` a block and is not quoted; take the sign.

        "" at the end of the answer. Blanks that stand alone between two calls, before the first or
        behind the last, are framing. The source holds what was not passed on, the sign included.
        """
        blank, self.blank = self.blank, ""  # may turn out to be framing
        if blank.strip():
            yield self.say(blank)
            blank = ""
        is_shown = False  # a quoted sign was the last thing: one right behind it is quoted as well
        while (yield from more(source)):
            found = begins.search(source.text, source.at)
            end = found.start() if found else len(source.text)
            source.hold()
            if end > source.at:
                text = source.plain(source.take(end - source.at))
                is_shown = is_shown and not text.strip()
                if self.said or text.strip():
                    yield self.say(blank + text)
                    blank = ""
                else:
                    blank += text
            if found is None:
                continue
            if not is_shown and not self._quotes.is_quoted():
                source.hold(blank)
                return source.take(1)
            is_shown = True
            yield Flag("quoted_call")
            yield self.say(blank + source.plain(source.take(1)))
            blank = ""
        rest = source.take_rest()
        is_behind_call = bool(self._count) and not self.said
        if is_behind_call and source.is_cut:  # the beginning of what would have ended the call
            rest = ""
        if rest or (blank and not is_behind_call):
            yield self.say(blank + rest)
        return ""

    def bare(self, source: Source, read: Callable[[], Reading[None]]) -> Reading[bool]:
        """`read` what is a call if it is all of the answer; False where it is text as far as read.

        Such a text is nothing odd, unless it calls what is not declared.
        """
        try:
            yield from read()
        except Malformed as error:
            if error.flag != Malformed.UNPARSED:
                yield Flag(error.flag)
        except Incomplete:
            pass
        else:
            return True
        yield from self._as_text(source)
        return False

    def block(
        self,
        source: Source,
        read: Callable[[], Reading[None]],
        begins: re.Pattern[str],
        ends: re.Pattern[str] | None,
    ) -> Reading[bool]:
        """`read` what was begun; where that fails it is text, back to the last `hold`.

        It is text up to and with a sign of `ends`, or up to one that `begins` the next block.
        `ends` as None: the text ends where the reading did. Whether it took such a sign.
        """
        try:
            yield from read()
        except Malformed as error:
            yield Flag(error.flag)
            yield from self._as_text(source)
            if ends is not None:
                return (yield from self._rest(source, begins, ends))
        except Incomplete:
            yield Flag("tool_call_cut" if source.is_cut else "tool_call_unparsed")
            yield from self._as_text(source)
        return False

    def _as_text(self, source: Source) -> Iterator[Piece]:
        held = source.held()
        source.hold()
        if self.is_open:  # what was told of it cannot be taken back
            source.take_rest()
            yield self.end(is_complete=False)
        elif held:
            yield self.say(held)

    def _rest(
        self, source: Source, begins: re.Pattern[str], ends: re.Pattern[str]
    ) -> Reading[bool]:
        while (yield from more(source)):
            begin = begins.search(source.text, source.at)
            found = ends.search(source.text, source.at)
            end = found.end() if found else len(source.text)
            is_begun = begin is not None and begin.start() < end
            if begin is not None and is_begun:
                end = begin.start()
            source.hold()
            if end > source.at:
                yield self.say(source.plain(source.take(end - source.at)))
            if found or is_begun:
                return not is_begun
        return False

    def say(self, text: str) -> Text:
        """Text that stands between calls."""
        self.said = True
        self._quotes.add(text)
        return Text(text)


def signs(source: Source, markers: Collection[str]) -> re.Pattern[str]:
    """Finds any of these markers."""
    return re.compile("[" + "".join(map(source.sign, markers)) + "]")
