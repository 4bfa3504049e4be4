"""Compares the prompts of two requests: what of the second one broke the reuse of the first.

It compares requests, as they are after all that is no part of a prompt was taken off them (cache
markers, ids, headers, how a content was spelled, attribution lines where they are left out). What
the cache holds makes no difference: an evicted prompt that comes again is no divergence. Knows no
API: each says which aspects count, in which order, and names them its own way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.core.index.tokens import common_prefix, token_count
from llmx.core.prompt.hygiene import without_attribution
from llmx.core.types import GenerationRequest, Json, Message, Prepared

Kind = Literal["model", "system", "tools", "parameters", "messages", "compaction"]
Verdict = Literal["same", "changed", "unknown"]


@dataclass(frozen=True, slots=True)
class Aspect:
    """What is compared by itself: all parts of a kind, or those of one name."""

    kind: Kind
    name: str | None = None


# Parameters of which only some APIs know are parts of their own: they are not among these.
PARAMETERS = ("thinking", "tool_choice", "output", "template")
ORDER: tuple[Aspect, ...] = (
    Aspect("model"),
    Aspect("system"),
    Aspect("tools"),
    *(Aspect("parameters", name) for name in PARAMETERS),
    Aspect("messages"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt. Equal parts render alike in the same place."""

    kind: Kind
    name: str  # `system`, `tool Read`, `message 3 (user)`, or the parameter's name
    data: bytes  # of a message first what it says, as UTF-8


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that is kept of a request to compare a later one with it."""

    parts: tuple[Part, ...]  # those of one aspect in their order
    packed: bytes  # the tokens of its prompt
    said_tokens: int = 0  # the leading ones, up to where the last message has said everything

    def of(self, aspect: Aspect) -> list[Part]:
        kind, name = aspect.kind, aspect.name
        return [p for p in self.parts if p.kind == kind and name in (None, p.name)]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`changed`: the first part that differs, in the order of the API's aspects, and where it does.

    `unknown`: there is nothing to compare with. `same`: the second request only goes on from the
    first, or repeats it. Tokens are those of the first prompt: `reusable_tokens` before the place
    where the second one parts from it, `missed_tokens` behind it.
    """

    verdict: Verdict
    previous: str | None = None  # the id that the client named
    kind: Kind | None = None
    part: str | None = None  # the name of the part that differs, or that is there no more
    offset: int | None = None  # bytes of that part that are still the same
    missed_tokens: int | None = None  # would have been reused, had nothing changed
    reusable_tokens: int | None = None
    is_rewritten: bool = False  # the tokens part within what the first request said


def fingerprint(prepared: Prepared, model: str | None, more: Iterable[Part] = ()) -> Fingerprint:
    """Of a request that names `model`; `more` are parts that only its API knows."""
    request = prepared.request
    messages = request.messages[: len(request.messages) - request.continues]
    if "attribution_line" in prepared.rules:
        messages = without_attribution(messages).messages
    leading = _leading(messages)
    parts = (
        Part("model", "model", (model or "").encode()),
        *(Part("system", "system", _said(message)) for message in messages[:leading]),
        *_tools(prepared),
        *_parameters(request),
        *(
            Part("messages", f"message {at} ({message.role})", _said(message))
            for at, message in enumerate(messages)
            if at >= leading
        ),
        *more,
    )
    return Fingerprint(parts, prepared.packed, _said_tokens(prepared))


def compare(before: Fingerprint, now: Fingerprint, order: Sequence[Aspect] = ORDER) -> Diagnosis:
    """What of `now` keeps it from going on where `before` ended."""
    reusable = common_prefix(before.packed, now.packed)
    missed = token_count(before.packed) - reusable
    is_rewritten = reusable < before.said_tokens
    for aspect in order:
        ours, theirs = now.of(aspect), before.of(aspect)
        if aspect.kind == "messages":
            ours = ours[: len(theirs)]  # more may follow
        if aspect.kind == "compaction" and all(part in theirs for part in ours):
            continue  # what is there no more is missed among the messages
        if ours != theirs:
            name, offset = _first_difference(theirs, ours)
            return Diagnosis(
                "changed", None, aspect.kind, name, offset, missed, reusable, is_rewritten
            )
    return Diagnosis(
        "same", missed_tokens=missed, reusable_tokens=reusable, is_rewritten=is_rewritten
    )


def _first_difference(before: list[Part], now: list[Part]) -> tuple[str, int]:
    for old, new in zip(before, now, strict=False):
        if old != new:
            same_name = old.name == new.name
            return new.name, _common(old.data, new.data) if same_name else 0
    longer = before if len(before) > len(now) else now
    return longer[min(len(before), len(now))].name, 0


def _common(one: bytes, other: bytes) -> int:
    """How many leading bytes are equal."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle
    return low


# ── a request to parts ────────────────────────────────────────────────────────────────────────


def _said_tokens(prepared: Prepared) -> int:
    """The last part asks for an answer: what stands there is another thing in the next prompt."""
    boundaries = prepared.boundaries
    return boundaries[-2].position if len(boundaries) > 1 else 0


def _leading(messages: Iterable[Message]) -> int:
    """How many system messages stand before everything else."""
    count = 0
    for message in messages:
        if message.role != "system":
            break
        count += 1
    return count


def _said(message: Message) -> bytes:
    """Without the ids of calls: they link a call to its result and are not what is said."""
    more: list[Json] = []
    if message.reasoning:
        more.append(["reasoning", message.reasoning])
    for call in message.tool_calls:
        more.append(["call", call.name, _canonical(call.arguments)])
    if message.name is not None:
        more.append(["name", message.name])
    if message.is_error:
        more.append(["error"])
    if message.references:
        more.append(["references", *message.references])
    return "\x00".join([message.content, *map(_json, more)]).encode()


def _canonical(arguments: str) -> Json:
    """Spaces in the JSON of arguments are the client's way to write, not the prompt's."""
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


def _tools(prepared: Prepared) -> Iterator[Part]:
    """The order of keys is kept, as templates show it. What is described later is not here."""
    is_later = "deferred_tools" in prepared.rules
    for tool in prepared.request.tools:
        if not (is_later and tool.get("defer_loading")):
            function = tool.get("function", tool)
            name = f"tool {function.get('name', '')}".rstrip()
            yield Part("tools", name, _json(function).encode())


def _parameters(request: GenerationRequest) -> Iterator[Part]:
    choice, thinking, output = request.tool_choice, request.thinking, request.output
    yield Part("parameters", "thinking", _json([thinking.enabled, thinking.effort]).encode())
    yield Part(
        "parameters", "tool_choice", _json([choice.mode, choice.names, choice.parallel]).encode()
    )
    yield Part("parameters", "output", _json(output and [output.schema, output.name]).encode())
    yield Part("parameters", "template", _json(dict(request.template)).encode())


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
