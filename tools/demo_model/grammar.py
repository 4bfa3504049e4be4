"""The small language in which the demo model's conversations are written.

A *phrase* is text with choices and places: `[What is|Tell me] the weather in {city}[ please|]?`.
`[a|b|]` takes one of its alternatives (an empty one may stand there, and they may be nested);
`{city}` is filled with the value of the parameter or field of that name. There is no escape:
phrases that need a literal bracket, bar or brace put it into a value.

An `Intent` is something a user wants that one tool does; a `Talk` is a question that needs no tool.
Both are data: the tables under `data/` hold nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Param:
    """A parameter of a tool, or a field of its result.

    `name` is what phrases call it; a rendered schema calls it `name` or one of `aka`. `kind` is one
    of `values.KINDS`; with `enum` the value is one of those strings. `about` are descriptions for
    the schema (it has one, or none at random).
    """

    name: str
    kind: str = "word"
    aka: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Intent:
    """One thing that a tool does, in many words.

    Every phrase of `asks` names all required parameters; those that are optional may be left out.
    `bare` are requests that forget the (first) required parameter. `gives` are the fields of the
    tool's JSON result and `tells` the answers to the user from them and from the parameters.
    """

    names: tuple[str, ...]
    about: tuple[str, ...]
    asks: tuple[str, ...]
    params: tuple[Param, ...] = ()
    bare: tuple[str, ...] = ()
    gives: tuple[Param, ...] = ()
    tells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """Questions that no tool is needed for, and what the model says to them.

    `say` has one text, so that a greedy answer is well defined. More than one text is a series: the
    second is the answer when the same is asked again in one conversation.
    """

    asks: tuple[str, ...]
    say: tuple[str, ...]


def expand(phrase: str, rng: Random) -> str:
    """`phrase` with one alternative taken at each choice; places are left as they are.

    Raises:
        ValueError: a bracket that is not closed or not opened.
    """
    text, end = _expand(phrase, 0, rng, top=True)
    if end != len(phrase):
        raise ValueError(f"a bracket too many at {end} in {phrase!r}")
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its places filled. Raises KeyError for a place without a value."""
    parts = text.replace("}", "{").split("{")
    parts[1::2] = [values[name] for name in parts[1::2]]
    return "".join(parts)


def places(phrase: str) -> set[str]:
    """The names of the places in a phrase, whichever alternatives are taken."""
    return set(phrase.replace("}", "{").split("{")[1::2])


def _expand(phrase: str, at: int, rng: Random, *, top: bool) -> tuple[str, int]:
    """The expansion from `at` to the end of its bracket, and where that is."""
    alternatives = [""]
    while at < len(phrase):
        character = phrase[at]
        if character == "[":
            inner, at = _expand(phrase, at + 1, rng, top=False)
            alternatives[-1] += inner
            continue
        if character == "]":
            break
        at += 1
        if character == "|" and not top:
            alternatives.append("")
        else:
            alternatives[-1] += character
    if top:
        return alternatives[0], at
    if at == len(phrase):
        raise ValueError(f"a bracket is not closed in {phrase!r}")
    return rng.choice(alternatives), at + 1
