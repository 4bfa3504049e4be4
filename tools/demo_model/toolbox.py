"""Tools to offer and requests for them: from the catalogue of intents, or made of verbs and nouns.

A *sample* of training never sees what is held out: intents, nouns and words of values are split by
a digest of their text, so that the split is the same in every run and on every machine.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Protocol

from tools.demo_model.data import developer, everyday, lexicon, world
from tools.demo_model.grammar import Intent, Param, expand, fill, places
from tools.demo_model.values import Value, value

HELD_OUT = 12  # per cent of intents, and of nouns

_TYPES = {
    **dict.fromkeys(("small_int", "int", "year", "percent", "temperature", "number_id"), "integer"),
    "amount": "number",
    "bool": "boolean",
}
_ARRAYS = {"words", "people"}


@dataclass(frozen=True)
class Request:
    """What a user says to have a tool called, and the call that is right."""

    text: str
    tool: Tool
    arguments: dict[str, Any]
    missing: str | None = None  # the required parameter that the request forgot


@dataclass(frozen=True)
class Result:
    """What a tool returns, and what the model says about it."""

    content: str
    answer: str


class Tool(Protocol):
    """A tool with a name, a declaration and users who want it."""

    @property
    def name(self) -> str: ...
    @property
    def subject(self) -> frozenset[str]:
        """Words that tell what it is about; two tools that share none are unrelated."""
        ...

    def declaration(self, rng: Random) -> dict[str, Any]: ...
    def ask(self, rng: Random) -> Request: ...
    def ask_for_two(self, rng: Random) -> tuple[str, list[Request]] | None:
        """One request that wants this tool twice, where it has one required parameter."""
        ...

    def ask_again(self, rng: Random) -> Request | None:
        """ "And for ...?" after a call of it."""
        ...

    def result(self, request: Request, rng: Random) -> Result: ...


def is_held_out(text: str) -> bool:
    return zlib.crc32(text.encode()) % 100 < HELD_OUT


@cache
def intents(held_out: bool) -> tuple[Intent, ...]:
    """The catalogue's half. An intent is held out only where no other one has a name of its."""
    everything = (*everyday.INTENTS, *developer.INTENTS, *world.INTENTS)
    bearers = Counter(name for intent in everything for name in {*map(_plain, intent.names)})
    return tuple(
        intent
        for intent in everything
        if held_out
        is (is_held_out(intent.names[0]) and all(bearers[_plain(n)] == 1 for n in intent.names))
    )


@cache
def nouns(held_out: bool) -> tuple[str, ...]:
    everything = (*lexicon.NOUNS, *lexicon.COMPOUNDS)
    return tuple(noun for noun in everything if is_held_out(noun) is held_out)


def schema_of(param: Param, rng: Random) -> dict[str, Any]:
    """A JSON schema of one parameter, in one of the ways people write it."""
    about = {"description": rng.choice(param.about)} if param.about and rng.random() < 0.7 else {}
    if param.enum:
        schema: dict[str, Any] = {"type": "string", "enum": list(param.enum)}
    elif param.kind in _ARRAYS:
        schema = {"type": "array", "items": {"type": "string"}}
    else:
        schema = {"type": _TYPES.get(param.kind, "string")}
    return {**about, **schema} if rng.random() < 0.2 else {**schema, **about}


def declare(
    name: str, about: str, properties: dict[str, Any], required: list[str], rng: Random
) -> dict[str, Any]:
    """A tool in OpenAI's function form, with the variations that clients have."""
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required or rng.random() < 0.4:
        parameters["required"] = required
    if rng.random() < 0.2:
        parameters["additionalProperties"] = False
    if rng.random() < 0.05:
        parameters = {"$schema": "http://json-schema.org/draft-07/schema#", **parameters}
    function: dict[str, Any] = {"name": name}
    if about:
        function["description"] = about
    function["parameters"] = parameters
    if rng.random() < 0.05:
        function["strict"] = True
    return {"type": "function", "function": function}


class CatalogTool:
    """A tool of an `Intent` under one of its names."""

    def __init__(self, intent: Intent, rng: Random, *, held_out: bool = False) -> None:
        self.intent = intent
        self.name = _styled(rng.choice(intent.names), rng)
        self.subject = frozenset(intent.names[:1])
        self._held_out = held_out
        self._names = {
            param.name: rng.choice((param.name, *param.aka)) if rng.random() < 0.6 else param.name
            for param in intent.params
        }
        if len(set(self._names.values())) < len(self._names):
            self._names = {param.name: param.name for param in intent.params}
        camel = rng.random() < 0.1
        if camel:
            self._names = {key: _camel(name) for key, name in self._names.items()}

    def declaration(self, rng: Random) -> dict[str, Any]:
        params = self.intent.params
        return declare(
            self.name,
            rng.choice(self.intent.about) if rng.random() < 0.95 else "",
            {self._names[param.name]: schema_of(param, rng) for param in params},
            [self._names[param.name] for param in params if not param.optional],
            rng,
        )

    def _value(self, param: Param, rng: Random) -> Value:
        if param.enum:
            chosen = rng.choice(param.enum)
            return Value(chosen, chosen)
        return value(param.kind, rng, held_out=self._held_out)

    def _filled(self, phrase: str, rng: Random) -> Request:
        wanted = places(phrase)
        drawn = {p.name: self._value(p, rng) for p in self.intent.params if p.name in wanted}
        text = fill(phrase, {name: drawn_value.text for name, drawn_value in drawn.items()})
        arguments = {self._names[name]: drawn_value.json for name, drawn_value in drawn.items()}
        return Request(text, self, arguments)

    def ask(self, rng: Random) -> Request:
        if self.intent.bare and rng.random() < 0.04:
            request = self._filled(expand(rng.choice(self.intent.bare), rng), rng)
            first = next(p for p in self.intent.params if not p.optional)
            return Request(request.text, self, {}, missing=self._names[first.name])
        return self._filled(expand(rng.choice(self.intent.asks), rng), rng)

    def _only(self) -> Param | None:
        """The one required parameter of a plain kind."""
        required = [param for param in self.intent.params if not param.optional]
        plain = len(required) == 1 and not required[0].enum and required[0].kind not in _ARRAYS
        return required[0] if plain else None

    def ask_for_two(self, rng: Random) -> tuple[str, list[Request]] | None:
        only = self._only()
        if only is None:
            return None
        phrase = expand(rng.choice(self.intent.asks), rng)
        if places(phrase) != {only.name} or f"'{{{only.name}" in phrase or '"{' in phrase:
            return None
        drawn = _distinct(lambda: self._value(only, rng), 3 if rng.random() < 0.15 else 2)
        texts = [one.text for one in drawn]
        joined = f"{', '.join(texts[:-1])} and {texts[-1]}"
        text = fill(phrase, {only.name: joined})
        name = self._names[only.name]
        return text, [Request(text, self, {name: one.json}) for one in drawn]

    def ask_again(self, rng: Random) -> Request | None:
        only = self._only()
        if only is None:
            return None
        drawn = self._value(only, rng)
        text = expand("[And|And for|And what about|What about|Now|The same for|Now for] {x}", rng)
        text = fill(text, {"x": drawn.text}) + rng.choice(("?", "", ".", ", please"))
        return Request(text, self, {self._names[only.name]: drawn.json})

    def result(self, request: Request, rng: Random) -> Result:
        intent = self.intent
        if not intent.tells or rng.random() < 0.1:
            return _general_result(rng, held_out=self._held_out)
        drawn = {field.name: self._value(field, rng) for field in intent.gives}
        content = {name: one.json for name, one in drawn.items()}
        called = {
            param.name: _spoken(request.arguments[self._names[param.name]])
            for param in intent.params
            if self._names[param.name] in request.arguments
        }
        told = [expand(phrase, rng) for phrase in intent.tells]
        told = [p for p in told if places(p) <= {*drawn, *called}]
        if not told:
            return _general_result(rng, held_out=self._held_out)
        text = fill(rng.choice(told), {**called, **{k: v.text for k, v in drawn.items()}})
        return Result(_as_json(content, rng), text)


class MadeTool:
    """A tool that nobody wrote: a verb, a noun and some parameters."""

    def __init__(
        self,
        rng: Random,
        *,
        held_out: bool = False,
        verb: tuple[str, ...] | None = None,
        noun: str | None = None,
        most_params: int = 3,
    ) -> None:
        self._held_out = held_out
        self.verb = verb or rng.choice(lexicon.VERBS)[0]
        if noun is None:
            invented = rng.random() < 0.2
            noun = (
                value("pseudo", rng, held_out=held_out).text
                if invented
                else rng.choice(nouns(held_out))
            )
        self.noun = noun
        self._said = rng.choice(self.verb)
        self.subject = frozenset((self.noun, *self.verb))
        words = [self._said, *self.noun.split()]
        if rng.random() < 0.15:
            words = [*self.noun.split(), self._said]
        self.name = _joined(words, rng)
        if rng.random() < 0.08:
            server = rng.choice(nouns(False)).split()[-1]
            self.name = f"{server}{rng.choice(('_', '_', '__'))}{self.name}"
        self._params: list[tuple[Param, Sequence[str]]] = []
        for _ in range(min(most_params, rng.choice((0, 1, 1, 1, 2, 2, 3)))):
            param, phrases = self._param(rng)
            if param.name not in {known.name for known, _ in self._params}:
                self._params.append((param, phrases))

    def _param(self, rng: Random) -> tuple[Param, Sequence[str]]:
        optional = rng.random() < 0.3
        if rng.random() < 0.25:
            name, options, phrases = rng.choice(lexicon.ENUMS)
            return Param(name, enum=options, optional=optional), phrases
        if rng.random() < 0.12:  # a parameter whose name is no word either
            name = value("pseudo", rng, held_out=self._held_out).text
            kind = rng.choice(("word", "int", "code", "city", "first_name"))
            return Param(name, kind, optional=optional), (
                f"with {name} {{}}",
                f"{name} {{}}",
                f"{name}: {{}}",
            )
        name, kind, phrases = rng.choice(lexicon.PARAMETERS)
        return Param(name, kind, optional=optional), phrases

    def declaration(self, rng: Random) -> dict[str, Any]:
        said, noun = self._said, self.noun
        about = expand(
            f"[{said.capitalize()} [a|the|one|] {noun}|{said.capitalize()} {noun}s"
            f"|Use this to {said} a {noun}|Lets you {said} [the|any] {noun}"
            f"|{' or '.join(self.verb[:2]).capitalize()} a {noun}][.| in the system.|]",
            rng,
        )
        params = [
            Param(p.name, p.kind, p.aka, (f"The {p.name.replace('_', ' ')}.",), p.enum, p.optional)
            for p, _ in self._params
        ]
        return declare(
            self.name,
            about if rng.random() < 0.9 else "",
            {param.name: schema_of(param, rng) for param in params},
            [param.name for param in params if not param.optional],
            rng,
        )

    def ask(self, rng: Random) -> Request:
        verb = self._said if rng.random() < 0.6 else rng.choice(self.verb)
        text = expand(
            f"[Please |Can you |Could you |I want to |I need to |We have to |Now ||||]"
            f"{verb} [the|a|my|our|this|] {self.noun}",
            rng,
        ).replace("  ", " ")
        said: list[str] = []
        arguments: dict[str, Any] = {}
        for param, phrases in self._params:
            if param.optional and rng.random() < 0.5:
                continue
            one = Value(chosen := rng.choice(param.enum), chosen) if param.enum else None
            one = one or value(param.kind, rng, held_out=self._held_out)
            arguments[param.name] = one.json
            said.append(rng.choice(phrases).replace("{}", one.text))
        rng.shuffle(said)
        text += "".join(f"{rng.choice((' ', ' ', ', '))}{phrase}" for phrase in said)
        text = text[0].upper() + text[1:] if rng.random() < 0.8 else text
        return Request(text + rng.choice((".", ".", "", "?", "!")), self, arguments)

    def ask_for_two(self, rng: Random) -> tuple[str, list[Request]] | None:
        return None

    def ask_again(self, rng: Random) -> Request | None:
        return None

    def result(self, request: Request, rng: Random) -> Result:
        return _general_result(rng, held_out=self._held_out)


def related(tool: Tool, others: Sequence[Tool]) -> bool:
    return any(tool.subject & other.subject for other in others)


def any_tool(rng: Random, *, held_out: bool = False) -> Tool:
    if rng.random() < 0.6:
        return CatalogTool(rng.choice(intents(held_out)), rng, held_out=held_out)
    return MadeTool(rng, held_out=held_out)


def offered(rng: Random, count: int, *, held_out: bool = False) -> list[Tool]:
    """`count` tools with different names; some are made to look like others."""
    tools: list[Tool] = []
    names: set[str] = set()
    while len(tools) < count:
        tool = any_tool(rng, held_out=held_out)
        twins: list[Tool] = []
        if isinstance(tool, MadeTool) and rng.random() < 0.4:
            if rng.random() < 0.6:
                verb = rng.choice(lexicon.VERBS)[0]
                if not set(verb) & set(tool.verb):
                    twins.append(MadeTool(rng, held_out=held_out, verb=verb, noun=tool.noun))
            else:
                twins.append(MadeTool(rng, held_out=held_out, verb=tool.verb))
        catalogued = isinstance(tool, CatalogTool) and related(tool, tools)
        for one in (tool, *twins):
            if one.name not in names and not catalogued and len(tools) < count:
                tools.append(one)
                names.add(one.name)
    rng.shuffle(tools)
    return tools


def stranger(rng: Random, tools: Sequence[Tool], *, held_out: bool = False) -> Tool:
    """A tool that is not offered, nor is anything like it."""
    while True:
        tool = any_tool(rng, held_out=held_out)
        if not related(tool, tools) and tool.name not in {other.name for other in tools}:
            return tool


def _general_result(rng: Random, *, held_out: bool) -> Result:
    draw = rng.random()
    if draw < 0.15:
        word = value("word", rng, held_out=held_out).text
        message = rng.choice(lexicon.ERRORS).replace("{}", word)
        shown = rng.choice((f"Error: {message}", _as_json({"error": message}, rng)))
        return Result(shown, f"The tool reported an error: {message}.")
    if draw < 0.45:
        text = value("text", rng, held_out=held_out).text
        more = "" if rng.random() < 0.6 else "\n" + rng.choice(lexicon.PARAGRAPHS)
        return Result(text + more, f"The tool says: {text}")
    if draw < 0.6:
        said = rng.choice(("ok", "done", "success", "OK", "true"))
        shown = rng.choice((said, _as_json({"status": said}, rng), _as_json({"ok": True}, rng)))
        return Result(shown, "Done.")
    fields: dict[str, Value] = {}
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        name, kind, _ = rng.choice(lexicon.PARAMETERS)
        if kind not in _ARRAYS:
            fields[name] = value(kind, rng, held_out=held_out)
    if not fields:
        return Result("done", "Done.")
    told = ", ".join(f"{name} {one.text}" for name, one in fields.items())
    return Result(
        _as_json({name: one.json for name, one in fields.items()}, rng), f"The result: {told}."
    )


def _as_json(content: Any, rng: Random) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2 if rng.random() < 0.15 else None)


def _spoken(argument: Any) -> str:
    if isinstance(argument, list):
        items: list[str] = argument
        return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else items[0]
    return str(argument)


def _distinct(draw: Any, count: int) -> list[Value]:
    found: dict[str, Value] = {}
    while len(found) < count:
        one: Value = draw()
        found[one.text] = one
    return list(found.values())


def _joined(words: list[str], rng: Random) -> str:
    draw = rng.random()
    if draw < 0.65:
        return "_".join(words)
    if draw < 0.8:
        return words[0] + "".join(word.capitalize() for word in words[1:])
    if draw < 0.9:
        return "".join(word.capitalize() for word in words)
    return "-".join(words)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _styled(name: str, rng: Random) -> str:
    """The name as written, or (one in seven) in another habit of naming."""
    if rng.random() < 0.86:
        return name
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]
    return _joined(words, rng) if words else name
