"""A call as one JSON object: `{"name": …, "arguments": {…}}`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from llmx.core.parser.families.calls import Calls
from llmx.core.parser.families.reading import (
    Malformed,
    Reading,
    Source,
    expected,
    following,
    json_value,
)
from llmx.core.parser.families.surrogates import encodable
from llmx.core.parser.json_text import is_json
from llmx.core.parser.pieces import Flag


@dataclass(slots=True)
class CallObject:
    """What was read of it. `is_told`: its header and its arguments are out already."""

    name: str | None = None
    arguments: str | None = None
    is_told: bool = False


def call_object(
    source: Source,
    calls: Calls,
    *,
    name_keys: Collection[str] = ("name",),
    argument_keys: Collection[str] = ("arguments", "parameters"),
    other_keys: Collection[str] | None = None,
) -> Reading[CallObject]:
    """Take one object. Where the answer is constrained its call is told while it comes, but not
    ended; else it is not told at all. `other_keys` may stand in it besides; None: any may.

    Raises `Malformed` at the first character that is wrong, and for an object that is no call of a
    declared tool; `Incomplete`.
    """
    call = CallObject()
    yield from expected(source, "{")
    while True:
        if (yield from following(source)) not in ('"', ""):
            raise Malformed
        key = json.loads((yield from json_value(source)))
        yield from expected(source, ":")
        if key in name_keys:
            yield from _read_name(source, calls, call)
        elif key in argument_keys:
            yield from _read_arguments(source, calls, call)
        elif other_keys is None or key in other_keys:
            yield from json_value(source)
        else:
            raise Malformed
        if (yield from expected(source, ",}")) == "}":
            break
    if call.name is None:
        raise Malformed
    if not call.is_told:
        calls.check(call.name)
    return call


def named_call(source: Source, calls: Calls, name: str) -> Reading[CallObject]:
    """Take the arguments of the call of this tool, as `call_object` does."""
    call = CallObject(name)
    yield from _read_arguments(source, calls, call)
    if not call.is_told:
        calls.check(name)
    return call


def call_list(source: Source, calls: Calls) -> Reading[None]:
    """Take a list of call objects and tell each call that is one, in order.

    An object that calls what cannot be called is text. Raises `Malformed`, `Incomplete`.
    """
    yield from expected(source, "[")
    if (yield from following(source)) == "]":
        raise Malformed
    while True:
        try:
            call = yield from call_object(source, calls)
            yield from told(calls, call)
        except Malformed as error:
            if error.flag == Malformed.UNPARSED:
                raise
            yield Flag(error.flag)
            yield calls.say(source.held())
        source.hold()
        if (yield from expected(source, ",]")) == "]":
            break
    if calls.said:  # the last one was text, so its bracket is
        yield calls.say(source.held())
    source.hold()


def told(calls: Calls, call: CallObject) -> Reading[None]:
    """The call, or what was not told of it; and its end."""
    assert call.name is not None
    if call.is_told:
        yield calls.end()
    else:
        yield from calls.whole(call.name, call.arguments or "{}")


def arguments_of(text: str) -> str:
    """The JSON text of an object: that of a value which is one, or a string that holds one.

    Nothing, `null` and `""` are no arguments. Raises `Malformed` for any other value.
    """
    text = text.strip()
    if text.startswith('"'):
        text = json.loads(text).strip()
        if text and not is_json(text, "{"):
            raise Malformed
        text = encodable(text)
    if text in ("", "null"):
        return "{}"
    if not text.startswith("{"):
        raise Malformed
    return text


def _read_name(source: Source, calls: Calls, call: CallObject) -> Reading[None]:
    text = yield from json_value(source)
    if call.name is not None or not text.startswith('"'):
        raise Malformed
    call.name = json.loads(text)


def _read_arguments(source: Source, calls: Calls, call: CallObject) -> Reading[None]:
    if call.arguments is not None:
        raise Malformed
    first = yield from following(source)
    is_trusted = calls.tools.constrained and call.name is not None and calls.allows(call.name)
    if first == "{" and is_trusted and call.name is not None:
        yield calls.begin(call.name)
        call.is_told = True
        call.arguments = yield from json_value(source, is_streamed=True)
        return
    if first not in ("{", '"', "n", ""):
        yield from json_value(source)  # so that all of it is text
        raise Malformed
    call.arguments = arguments_of((yield from json_value(source)))
