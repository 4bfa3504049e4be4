"""Calls written in tags, their values in bare text: `<parameter=path>/tmp/a.txt</parameter>`.

Nothing is escaped, so a value ends by position: at the last closing tag before the next declared
parameter or the end of the call. What is between the tags is made JSON here, and told as it comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import call_object, named_call, told
from llmx.core.parser.families.reading import (
    Incomplete,
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    expected,
    following,
    more,
    until,
)
from llmx.core.parser.families.tag_values import Framing, TextValue, TypedValue, Value
from llmx.core.parser.families.tags import MAX_NAME, Key
from llmx.core.parser.families.typed import Parameters, any_json, quoted
from llmx.core.parser.pieces import CallArguments, Flag
from llmx.core.parser.tools import DeclaredTools

_TAG_END = re.compile("[>\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Markup:
    """A family of this kind. The pairs are markers: one that begins something, one that ends it."""

    name: str
    call: tuple[str, str]
    parameter: tuple[str, str]
    read_name: Callable[[Source], Reading[str]]  # what stands behind the begin of a call
    read_key: Callable[[Source], Reading[Key]]  # and of a parameter
    outer: tuple[str, str] | None = None  # around several calls
    needs_outer: bool = True
    framing: Framing = "both sides"
    takes_json: bool = False  # the call may be one JSON object
    read_value: Callable[[Source, Value], Reading[bool]] | None = None  # of a form of its own
    inner: frozenset[str] = field(default=frozenset())  # markers that the functions look for
    body: tuple[str, str] | None = None  # around JSON in place of all parameters
    frame: frozenset[str] = field(default=frozenset())  # markers around text, which are none
    tells_reasoning: bool = False

    @property
    def frames_answers(self) -> bool:
        return bool(self.frame)

    @property
    def markers(self) -> frozenset[str]:
        pairs = (self.call, self.parameter, self.outer or (), self.body or ())
        return frozenset(marker for pair in pairs for marker in pair) | self.inner | self.frame

    @property
    def begins(self) -> frozenset[str]:
        if self.outer is None:
            return frozenset({self.call[0]})
        return frozenset({self.outer[0]} if self.needs_outer else {self.outer[0], self.call[0]})

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(
            Source(self.markers), lambda source: _Reader(self, source, calls).read()
        )


@dataclass(frozen=True, slots=True)
class _After:
    """What a closing tag turned out to be."""

    kind: Literal["value", "sibling", "over", "perhaps over", "cut"]
    key: Key | None = None


class _Reader:
    """Reads one answer."""

    def __init__(self, family: Markup, source: Source, calls: Calls) -> None:
        self._family, self._source, self._calls = family, source, calls
        self._call_begin, self._call_end = map(source.sign, family.call)
        self._key_begin, self._value_end = map(source.sign, family.parameter)
        outer = family.outer or ("", "")
        self._outer_begin, self._outer_end = (source.sign(one) if one else "" for one in outer)
        self._begins = signs(source, family.begins)
        self._closers = signs(source, {family.parameter[1]})
        self._in_doubt = signs(source, {family.parameter[1], *family.begins})
        self._frame = [source.sign(marker) for marker in family.frame]
        self._stops = signs(source, family.begins | family.frame)
        self._body = source.sign(family.body[0]) if family.body else None
        self._in_outer = False
        self._beyond = 0  # the mark behind the end of a call that is perhaps over

    def read(self) -> Reading[None]:
        outer = self._family.outer
        begins = signs(self._source, {self._family.call[0], *self._family.begins})
        ends = signs(self._source, {self._family.call[1] if outer is None else outer[1]})
        while sign := (yield from self._calls.text(self._source, self._stops)):
            if sign in self._frame:
                self._calls.blank = self._source.held()[: -len(self._source.plain(sign))]
                continue
            self._in_outer = sign == self._outer_begin
            if not self._in_outer:
                is_bare = outer is not None
                yield from self._calls.block(
                    self._source, self._call, begins, None if is_bare else ends
                )
                if is_bare and not self._calls.said:
                    yield from self._end_without_begin()
            while self._in_outer:
                is_over = yield from self._calls.block(
                    self._source, self._call_in_outer, begins, ends
                )
                self._in_outer = self._in_outer and not is_over and self._is_next(self._call_begin)

    def _end_without_begin(self) -> Reading[None]:
        source = self._source
        source.hold()
        if (yield from following(source)) == self._outer_end:
            source.take(1)
        else:
            self._calls.blank = source.held()

    def _is_next(self, sign: str) -> bool:
        return self._source.text[self._source.at : self._source.at + 1] == sign

    def _call_in_outer(self) -> Reading[None]:
        source = self._source
        following_sign = yield from following(source)
        if not following_sign:
            raise Incomplete
        if following_sign != self._call_begin:
            raise Malformed
        source.take(1)
        yield from self._call()
        source.hold()
        if not self._in_outer:
            return
        after = yield from following(source)
        if after == self._outer_end:
            source.take(1)
            self._in_outer = False
        elif after not in ("", self._call_begin, self._outer_begin):
            raise Malformed

    def _call(self) -> Reading[None]:
        source, calls = self._source, self._calls
        if self._family.takes_json and (yield from following(source)) == "{":
            yield from self._json_call()
            return
        name = yield from self._family.read_name(source)
        calls.check(name)
        sign = yield from following(source)
        if not sign:
            raise Incomplete
        if sign not in (self._key_begin, self._call_end, self._body):
            raise Malformed
        source.take(1)
        if sign == self._body:
            yield from self._json_body(name)
            return
        if sign == self._call_end:
            yield from calls.whole(name, "{}")
            return
        key: Key | None = yield from self._family.read_key(source)
        yield calls.begin(name)
        parameters = Parameters(calls.tools.parameters[name])
        opening, names = "{", set[str]()
        while key is not None:
            if key.name in names:
                yield Flag("duplicate_parameter")  # both are told: readers of JSON take the last
            names.add(key.name)
            key = yield from self._value(key, parameters, opening)
            opening = ","

    def _json_body(self, name: str) -> Reading[None]:
        assert self._family.body is not None
        yield from until(self._source, _TAG_END, MAX_NAME)
        yield from expected(self._source, ">")
        call = yield from named_call(self._source, self._calls, name)
        for end in (self._family.body[1], self._family.call[1]):
            if (yield from following(self._source)):
                yield from expected(self._source, self._source.sign(end))
        yield from told(self._calls, call)

    def _json_call(self) -> Reading[None]:
        call = yield from call_object(self._source, self._calls)
        after = yield from following(self._source)
        if after == self._call_end:
            self._source.take(1)
        elif after:
            raise Malformed
        yield from told(self._calls, call)

    # ── values ────────────────────────────────────────────────────────────────────────────────

    def _value(self, key: Key, parameters: Parameters, opening: str) -> Reading[Key | None]:
        """Take a value and what ends it: the next parameter, None where the call is over.

        Raises `Incomplete` where the answer ends before that is certain.
        """
        source, value = self._source, self._begun(key, parameters, opening)
        yield from _tell(value.begin())
        if self._family.read_value is not None:
            is_read = yield from self._family.read_value(source, value)
            if is_read:
                yield from _tell(value.end())
                after = yield from self._after(parameters, look=False)
                return (yield from self._ended(after))
        while (yield from more(source)):
            found = self._closers.search(source.text, source.at)
            end = found.start() if found else len(source.text)
            yield from _tell(value.add(source.plain(source.take(end - source.at))))
            if found is None:
                continue
            source.hold()
            after = yield from self._after(parameters, look=value.is_text)
            if after.kind == "perhaps over":
                after = yield from self._settled(value, parameters)
            if after.kind != "value":
                yield from _tell(value.end())
                return (yield from self._ended(after))
            yield from _tell(value.add(source.held()))
        raise Incomplete

    def _begun(self, key: Key, parameters: Parameters, opening: str) -> Value:
        start = f"{opening}{quoted(key.name)}:"
        framing = self._family.framing
        is_text = parameters.is_text(key.name) if key.is_text is None else key.is_text
        if is_text:
            return TextValue(start, framing)
        if key.is_text is None:
            return TypedValue(start, framing, lambda text: parameters.json_of(key.name, text))
        return TypedValue(start, framing, any_json)

    def _ended(self, after: _After) -> Reading[Key | None]:
        if after.kind == "cut":
            raise Incomplete
        if after.kind == "sibling":
            return after.key
        yield CallArguments("}")
        yield self._calls.end()
        text = self._source.held(self._beyond) if after.kind == "perhaps over" else ""
        if text:
            yield self._calls.say(text)
        return None

    def _after(self, parameters: Parameters, *, look: bool) -> Reading[_After]:
        """Take a closing tag and what decides about it. All that is taken is held.

        `look`: the value may be any text, also one that shows the end of a call.
        """
        source = self._source
        source.take(1)
        sign = yield from following(source)
        if not sign:
            return _After("cut" if source.is_cut else "over")
        if sign == self._key_begin:
            source.take(1)
            try:
                key = yield from self._family.read_key(source)
            except Malformed:
                return _After("value")
            except Incomplete:
                return _After("cut")
            return _After("sibling", key) if parameters.allows(key.name) else _After("value")
        if sign != self._call_end:
            return _After("value")
        source.take(1)
        self._beyond = source.mark()
        if not look or self._calls.tools.constrained:
            return _After("over")
        sign = yield from following(source)
        if self._in_outer and sign == self._call_begin:
            return _After("over")
        if self._outer_end and sign == self._outer_end:
            source.take(1)
            self._beyond = source.mark()
            sign = yield from following(source)
            is_over = not sign or self._begins.match(sign)
            if is_over:
                self._in_outer = False
        else:
            is_over = not sign or (self._begins.match(sign) and not self._in_outer)
        return _After("over" if is_over else "perhaps over")

    def _settled(self, value: Value, parameters: Parameters) -> Reading[_After]:
        """The call seems to be over, but text goes on: it is not, where a later tag ends the value.

        What is held begins with the closing tag behind which the call seems to be over.
        """
        source = self._source
        while (yield from more(source)):
            found = self._in_doubt.search(source.text, source.at)
            end = found.start() if found else len(source.text)
            source.take(end - source.at)
            if found is None:
                continue
            if found.group() != self._value_end:
                break
            beyond, closer = self._beyond, source.mark()
            after = yield from self._after(parameters, look=True)
            if after.kind == "value":
                self._beyond = beyond
                continue
            yield from _tell(value.add(source.held(0, closer)))
            source.forget(closer)
            self._beyond -= closer
            if after.kind != "perhaps over":
                return after
        self._in_outer = False
        return _After("perhaps over")


def _tell(json: str) -> Reading[None]:
    if json:
        yield CallArguments(json)
