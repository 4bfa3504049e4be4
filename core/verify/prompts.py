"""Prompts of a wanted length in tokens without a tokenizer, each under nonces of its own.

The text is made from its seed: the same seed gives the same words, and no two seeds have much in
common. What a word costs in tokens is learned from what the server counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from llmx.core.types import Json
from llmx.core.verify.workload import Prompt

_PLAIN = (
    "a about after again all also and answer any are ask at away back because before begin best "
    "between both but call can case change city clear close cold come common could day deep did "
    "do down each early end even every face fact fall far field find fire first follow for form "
    "found four from full game gave get give go good great green ground group grow had half hand "
    "hard has have head hear help her here high him his hold home hour house how if in into is it "
    "just keep kind know land large last late learn leave left less let life light like line list "
    "little live long look made make man many mark may mean men might mind more most move much "
    "must name near need never new next night no north not note now number of off often old on "
    "once one only open or order other our out over own page paper part pass people place plan "
    "play point press put read real rest right river road rock room run said same saw say school "
    "sea second see seem set she short should show side sing sit six sleep small so some song "
    "soon sound south stand start state stay step still stop story street study such sun sure "
    "table take talk tell ten than that the their them then there these they thing think this "
    "those thought three through time to together told too took top town travel tree true try "
    "turn two under until up us use very voice wait walk wall want war warm was watch water way "
    "we week well went were west what wheel when where which while white who whole why will wind "
    "wish with wonder wood word work world would write year you young your"
)
WORDS = tuple(_PLAIN.split())
SENTENCE = 11  # words
QUESTION = "What comes next?"
SHORT_NONCE = 12  # characters: 48 bits, for prompts that have room for no more
SUFFIX = 64  # tokens at most after the shared part: a nonce, the question, the template's tail
PER_WORD, BASE = 1.3, 80.0  # of common tokenizers, where a server counts no prompt
CUT = 0.75  # of the tokens that a prompt should have: fewer are no rounding
LEAST_PER_WORD, MOST_PER_WORD = 0.5, 12.0  # of any tokenizer, one of bytes too: else it is no count


def text_of(seed: str, words: int, *, skip: int = 0) -> str:
    """`words` words of the text of this seed, after `skip` of them."""
    found = Random(seed).choices(WORDS, k=skip + words)[skip:]
    sentences = [found[at : at + SENTENCE] for at in range(0, len(found), SENTENCE)]
    return " ".join(" ".join(one).capitalize() + "." for one in sentences)


@dataclass(frozen=True, slots=True)
class Lengths:
    """What text costs in tokens on this server."""

    base: float = BASE  # of a prompt of no words: the template, two nonces, the question
    per_word: float = PER_WORD
    has_system: bool = True  # its template takes a system message
    is_measured: bool = False

    def is_cut(self, words: int, counted: int | None) -> bool:
        """The server counts far fewer tokens than that text has: it does not read all of it."""
        if counted is None or not self.is_measured:
            return False
        return counted < CUT * (self.base + self.per_word * words)

    def words(self, tokens: float) -> int:
        return max(0, round((tokens - self.base) / self.per_word))


def lengths_of(
    few: tuple[int, int | None], many: tuple[int, int | None], *, has_system: bool
) -> Lengths:
    """From (words, tokens of the prompt) of two prompts. Where that cannot be, a usual tokenizer is
    assumed: a prompt has to have the length that it is taken for."""
    if few[1] is None or many[1] is None:
        return Lengths(has_system=has_system)
    per_word = (many[1] - few[1]) / (many[0] - few[0])
    if not LEAST_PER_WORD <= per_word <= MOST_PER_WORD:
        return Lengths(has_system=has_system)
    base = max(0.0, few[1] - per_word * few[0])
    return Lengths(base, per_word, has_system, is_measured=True)


def prompt_of(
    prefix: str, suffix: str, words: int, *, has_system: bool = True, text: str | None = None
) -> Prompt:
    """A prompt that begins with the nonce `prefix`; what follows the shared part begins with
    `suffix`. The shared text is that of the prefix, if it is not said."""
    shared = f"{prefix}\n{text if text is not None else text_of(prefix, words)}"
    return conversation(shared, ({"role": "user", "content": f"{suffix} {QUESTION}"},), has_system)


def tiny_prompt(prefix: str) -> Prompt:
    return Prompt(({"role": "user", "content": prefix[:SHORT_NONCE]},), ())


def conversation(
    system: str,
    turns: Sequence[Mapping[str, Json]],
    has_system: bool = True,
    tools: Sequence[Mapping[str, Json]] = (),
) -> Prompt:
    """A template without a system message gets the text before the first turn's own."""
    if has_system:
        return Prompt(({"role": "system", "content": system}, *turns), tuple(tools))
    first = {**turns[0], "content": f"{system}\n{turns[0]['content']}"}
    return Prompt((first, *turns[1:]), tuple(tools))
