"""Finds patterns that take too much to follow before an answer is held to them.

The states of a pattern are made while it is followed, so that nothing but following it tells what
it takes. A few walks at random, of the pattern alone, find those that explode.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from llguidance import LLMatcher

from llmx.core.parser.grammar.schema import places
from llmx.core.types import Json

_WALKS = 3
_STEPS = 32  # of each; patterns that explode do so within a dozen
_MOST = 16  # patterns of one schema; a walk takes time
_LENGTHS = ("minLength", "maxLength")  # they multiply what a pattern takes


def counting_patterns(schema: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    """The first patterns that repeat something a number of times, each with its JSON pointer, and
    as a schema of its own. Without such a number, what there is to follow is the pattern's size."""
    found = 0
    for path, text in _patterns(schema):
        if "{" in str(text["pattern"]):
            yield path, text
            found += 1
            if found == _MOST:
                return


def fault_of(matcher: LLMatcher) -> str | None:
    """Why what `matcher` stands for cannot be followed; None: some walks met no limit.

    The walks stay in the matcher's lexer: it should be one that nobody else uses.
    """
    for seed in range(_WALKS):
        walk, rng = matcher.deep_copy(), random.Random(seed)
        for _ in range(_STEPS):
            bits = np.frombuffer(walk.compute_bitmask(), dtype=np.uint8)
            if walk.is_error():
                return walk.get_error().partition("\n")[0]
            if walk.is_stopped():
                break
            allowed = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
            if not walk.consume_token(int(allowed[rng.randrange(allowed.size)])):
                return walk.get_error().partition("\n")[0]
    return None


def _patterns(schema: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    for path, one in places(schema):
        if isinstance(one.get("pattern"), str):
            lengths = {key: one[key] for key in _LENGTHS if key in one}
            yield f"{path}/pattern", {"type": "string", "pattern": one["pattern"], **lengths}
        named = one.get("patternProperties")
        for pattern in named if isinstance(named, dict) else ():
            yield f"{path}/patternProperties", {"type": "string", "pattern": pattern}
