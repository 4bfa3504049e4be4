"""Compares the prompts of two requests: what of the second one broke the reuse of the first.

It compares requests, as they are after all that is no part of a prompt was taken off them (cache
markers, ids, headers, how a content was spelled, attribution lines where they are left out). What
the cache holds makes no difference: an evicted prompt that comes again is no divergence. Knows no
API: each names the kinds its own way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from llmx.core.index.tokens import common_prefix, token_count
from llmx.core.prompt.hygiene import without_attribution
from llmx.core.types import GenerationRequest, Json, Message, Prepared

Kind = Literal["model", "system", "tools", "parameters", "messages"]
Verdict = Literal["same", "changed", "unknown"]

ORDER: tuple[Kind, ...] = ("model", "system", "tools", "parameters", "messages")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt. Equal parts render alike in the same place."""

    kind: Kind
    name: str  # `system`, `tool Read`, `message 3 (user)`, or the parameter's name
    data: bytes  # of a message first what it says, as UTF-8


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that is kept of a request to compare a later one with it."""

    parts: tuple[Part, ...]  # in `ORDER`
    packed: bytes  # the tokens of its prompt

    def of(self, kind: Kind) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`changed`: the first part that differs, in the order of `ORDER`, and where it does.

    `unknown`: there is nothing to compare with. `same`: the second request only goes on from the
    first, or repeats it.
    """

    verdict: Verdict
    previous: str | None = None  # the id that the client named
    kind: Kind | None = None
    part: str | None = None  # the name of the part that differs, or that is there no more
    offset: int | None = None  # bytes of that part that are still the same
    missed_tokens: int | None = None  # of the first prompt, that would have been reused


def fingerprint(prepared: Prepared, model: str | None) -> Fingerprint:
    """Of a request that names `model`."""
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
    )
    return Fingerprint(parts, prepared.packed)


def compare(before: Fingerprint, now: Fingerprint) -> Diagnosis:
    """What of `now` keeps it from going on where `before` ended."""
    missed = token_count(before.packed) - common_prefix(before.packed, now.packed)
    for kind in ORDER:
        ours, theirs = now.of(kind), before.of(kind)
        if kind == "messages":
            ours = ours[: len(theirs)]  # more may follow
        if ours != theirs:
            name, offset = _first_difference(theirs, ours)
            return Diagnosis(
                "changed", kind=kind, part=name, offset=offset, missed_tokens=max(missed, 0)
            )
    return Diagnosis("same")


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
