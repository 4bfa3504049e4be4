"""Where in a rendered text each message begins, found by marks and not guessed.

The template is rendered a second time with marks in what the messages say, and the marks' places
are carried over. If the marked text without its marks is not the plain text (a template that looks
at how a content begins), there are no places; the tokens never depend on marks.

A conversation that goes on is not rendered in marks as a whole. Places of the messages that an
earlier text shows stay; for the rest the head of the conversation, its last known assistant message
and what is new are rendered, and count only if the plain text ends with exactly that.

        system  user  │ assistant tool … assistant tool │ assistant  tool  assistant  user
        head          │ left out                        │ known      new
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmx.core.errors import RequestError
from llmx.core.prompt.template import ChatTemplate, Conversation, Frame
from llmx.core.types import Json

_END = "end"
_PLACE_BYTES = 40  # a number and the pointer to it


@dataclass(frozen=True, slots=True)
class Places:
    """Characters of the rendered text.

    `starts` has an item per message: where what it says begins, leading blanks not counted; where
    it says nothing, the name of its first tool call; None: not found. `end` is where the last
    message has said everything, trailing blanks not counted.
    """

    starts: tuple[int | None, ...]
    end: int | None

    @property
    def nbytes(self) -> int:
        return _PLACE_BYTES * len(self.starts)


@dataclass(frozen=True, slots=True)
class _Marked:
    text: str  # without the marks
    starts: dict[int, int]  # message -> place in `text`
    end: int | None


class Placer:
    """Thread-safe: it holds no state but the template."""

    def __init__(self, template: ChatTemplate) -> None:
        self._template = template

    def find(
        self,
        text: str,
        conversation: Conversation,
        frame: Frame,
        known: Places | None = None,
        common: int = 0,
    ) -> Places:
        """The places of `conversation`, which renders to `text`.

        The first `common` characters of `text` are those of the text that `known` belongs to.
        """
        starts = [] if known is None else _kept(known, conversation, text, common)
        if starts and (found := self._of_the_rest(text, conversation, frame, starts)) is not None:
            return found
        return self._of_all(text, conversation, frame)

    def _of_all(self, text: str, conversation: Conversation, frame: Frame) -> Places:
        indices = range(len(conversation))
        for with_calls in (True, False):  # a template may look at the names of calls
            marked = self._marked(conversation, indices, frame, with_calls)
            if marked is not None and marked.text == text:
                return Places(tuple(marked.starts.get(index) for index in indices), marked.end)
        return Places((None,) * len(conversation), None)

    def _of_the_rest(
        self, text: str, conversation: Conversation, frame: Frame, starts: Sequence[int | None]
    ) -> Places | None:
        """`starts` with those of the messages after them; None: no sure way."""
        head = _head(conversation)
        anchor = _last_anchor(conversation, starts, head)
        if anchor is None:
            return None
        indices = sorted({*range(head), *range(anchor, len(conversation))})
        one_tool = replace(frame, tools=frame.tools[:1])
        marked = self._marked(conversation, indices, one_tool, with_calls=True)
        if marked is None or anchor not in marked.starts:
            return None
        shift = len(text) - len(marked.text)
        begin = marked.starts[anchor]
        if begin + shift != starts[anchor] or not text.endswith(marked.text[begin:]):
            return None
        rest = [
            marked.starts[index] + shift if index in marked.starts else None
            for index in range(len(starts), len(conversation))
        ]
        end = None if marked.end is None else marked.end + shift
        return Places((*starts, *rest), end)

    def _marked(
        self, conversation: Conversation, indices: Sequence[int], frame: Frame, with_calls: bool
    ) -> _Marked | None:
        """Those messages rendered with marks; None where the template refuses them."""
        nonce = secrets.token_hex(8)
        last = len(conversation) - 1
        messages = [
            _with_marks(conversation[index], nonce, index, index == last, with_calls)
            for index in indices
        ]
        try:
            rendered = self._template.text(messages, frame)
        except RequestError:
            return None
        first, *pieces = rendered.split(f"[{nonce}:")  # by far faster than a regular expression
        plain, length = [first], len(first)
        starts: dict[int, int] = {}
        end: int | None = None
        for piece in pieces:
            mark, bracket, text = piece.partition("]")
            if mark == _END:
                end = length
            elif bracket and mark.isdecimal():
                starts.setdefault(int(mark), length)
            else:  # the template cut a mark in two
                return None
            plain.append(text)
            length += len(text)
        return _Marked("".join(plain), starts, end)


def _with_marks(
    message: dict[str, Json], nonce: str, index: int, is_last: bool, with_calls: bool
) -> dict[str, Json]:
    """Marks stand inside the blanks around a content, so that a template may trim it."""
    content, calls = message["content"], message.get("tool_calls")
    said = content.strip()
    if said:
        before = content[: len(content) - len(content.lstrip())]
        after = content[len(before) + len(said) :]
        end = f"[{nonce}:{_END}]" if is_last and not calls else ""
        return {**message, "content": f"{before}[{nonce}:{index}]{said}{end}{after}"}
    if calls and with_calls:
        function = calls[0]["function"]
        named = {**function, "name": f"[{nonce}:{index}]{function['name']}"}
        return {**message, "tool_calls": [{**calls[0], "function": named}, *calls[1:]]}
    return message


def _says(message: dict[str, Json]) -> str:
    """What a template shows first of a message if it shows it unchanged."""
    if said := message["content"].strip():
        return said
    calls = message.get("tool_calls")
    return calls[0]["function"]["name"] if calls else ""


def _kept(
    known: Places, conversation: Conversation, text: str, common: int
) -> Sequence[int | None]:
    """The leading starts of `known` at which `text` shows this conversation's messages as well."""
    count = 0
    for index, (start, message) in enumerate(zip(known.starts, conversation, strict=False)):
        if start is None:  # stays unknown if a later one is kept
            continue
        said = _says(message)
        if start > common or not said or not text.startswith(said, start):
            break
        count = index + 1
    return known.starts[:count]


def _head(conversation: Conversation) -> int:
    """How many messages a template wants to see before an assistant's: up to a first user's."""
    for index, message in enumerate(conversation):
        if message["role"] == "user":
            return index + 1
    return len(conversation)


def _last_anchor(conversation: Conversation, starts: Sequence[int | None], head: int) -> int | None:
    """The message from which on all is rendered again: its start is known, and after the head
    only an assistant's may follow."""
    for index in range(len(starts) - 1, head - 2, -1):
        if starts[index] is None:
            continue
        if conversation[index]["role"] == "assistant" or index == head - 1:
            return index
    return None
