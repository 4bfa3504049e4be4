"""A grammar at work: which tokens a row may draw next. Runs on the MLX thread.

A row's `Guide` is the last of its processors. It sees the whole history each time and reads what is
new, so that a row which gave way and comes back goes on where it was. While it finds out what is
allowed, the forward that it waits for is already computed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import mlx.core as mx
import numpy as np
from llguidance import LLMatcher

from llmx.core.engine.constraint_grammar import Grammar

log = logging.getLogger(__name__)

# A model that knows no better writes digits for ever: a random one ends no number by itself. And a
# number beyond what a double holds is none to most readers.
_LONGEST_NUMBER = 32  # characters
_LONGEST_EXPONENT = 2  # digits


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """What a guide must know of the tokens. The flags have one entry per logit."""

    width: int  # of the logits
    ends: np.ndarray  # bool: ends the answer
    numeric: np.ndarray  # int: characters of a token made of what numbers are made of, else 0
    numbers: Mapping[int, str]  # the texts of these
    quote: int | None  # the token that is a quotation mark
    after_number: tuple[int, ...]  # tokens that stand behind a number in JSON


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """What one request demands of its answer. Shared by all rows of the request.

    Without a `grammar` only `banned` counts.
    """

    vocabulary: Vocabulary
    grammar: Grammar | None
    begun: tuple[int, ...] = ()  # tokens of the grammar's answer that the prompt ends with
    trigger: int | None = None  # None: the whole answer is held to the grammar
    blocks: int | None = None  # how often the trigger may be drawn
    banned: tuple[int, ...] = ()  # tokens that are never drawn
    optional: tuple[int, ...] = ()  # drawn only where the model wants nothing more than them
    reasoning: Reasoning | None = None  # in which a trigger is none

    def guide(self, prompt_tokens: int) -> Guide:
        """For one row, whose history begins with so many tokens that are not the answer."""
        return Guide(self, prompt_tokens)

    def matcher(self) -> LLMatcher | None:
        """A row's own, where its answer begins."""
        if self.grammar is None:
            return None
        matcher = self.grammar.matcher()
        matcher.consume_tokens([*self.begun])
        return matcher


@dataclass(frozen=True, slots=True)
class Reasoning:
    begin: int
    end: int
    is_open: bool  # the prompt has begun it


class Guide:
    """Satisfies `sampling.Processor`. `fault` says why it cannot guide any more: from then on only
    end tokens are drawn, and nothing that is drawn is an answer."""

    def __init__(self, constraint: Constraint, prompt_tokens: int) -> None:
        self._constraint = constraint
        self._vocabulary = constraint.vocabulary
        self._seen = prompt_tokens
        self._blocks = 0
        self._number = ""  # what was drawn last, as far as it may be a number
        reasoning = constraint.reasoning
        self._is_reasoning = reasoning is not None and reasoning.is_open
        self._matcher = constraint.matcher() if constraint.trigger is None else None
        self._is_over = False  # its end token is drawn; rows are drawn a step ahead of that
        self.fault: str | None = None

    def __call__(self, history: mx.array, logits: mx.array) -> mx.array:
        new = history[self._seen :]
        if new.size:
            # In this order: the new tokens wait for the last step, the logits for all of this one.
            mx.async_eval(new)
            mx.async_eval(logits)
            self._take(cast(list[int], new.tolist()))
        else:
            mx.async_eval(logits)
        if self._is_over or self.fault is not None:
            return self._only(logits, mx.array(self._vocabulary.ends))
        if self._matcher is None:
            return self._without(logits, self._banned())
        return self._held(self._matcher, logits)

    def _take(self, tokens: Sequence[int]) -> None:
        self._seen += len(tokens)
        if self._matcher is not None and self._constraint.grammar is not None:
            self._constraint.grammar.walked(len(tokens))
        for token in tokens:
            self._is_over = self._is_over or bool(self._vocabulary.ends[token])
            if self._is_over:
                return
            part = self._vocabulary.numbers.get(token)
            self._number = "" if part is None else self._number + part
            if self._constraint.trigger is None:
                self._consume(self._matcher, token)
            elif self._matcher is not None:
                self._consume(self._matcher, token)
                if self._matcher is not None and self._matcher.is_stopped():
                    self._matcher = None  # the call is complete: the text is free again
            else:
                self._look_for_trigger(token)

    def _look_for_trigger(self, token: int) -> None:
        reasoning = self._constraint.reasoning
        if reasoning is not None and token in (reasoning.begin, reasoning.end):
            self._is_reasoning = token == reasoning.begin
        elif token == self._constraint.trigger and not self._is_reasoning:
            self._blocks += 1
            self._matcher = self._constraint.matcher()

    def _consume(self, matcher: LLMatcher | None, token: int) -> None:
        if matcher is None or self.fault is not None or matcher.is_stopped():
            return
        if not matcher.consume_token(token):
            self._fail(matcher)

    def _held(self, matcher: LLMatcher, logits: mx.array) -> mx.array:
        if matcher.is_error():
            self._fail(matcher)
        if matcher.is_stopped():
            return self._only(logits, mx.array(self._vocabulary.ends))
        allowed = self._allowed(matcher)
        if allowed is None:
            return self._only(logits, mx.array(self._vocabulary.ends))
        mask = mx.array(allowed)
        likeliest = mx.argmax(logits, axis=-1)
        for token in self._constraint.optional:
            if allowed[token]:
                single = np.zeros_like(allowed)
                single[token] = True
                if np.any(allowed & ~single):
                    mask = mx.where(likeliest == token, mx.array(single), mask & ~mx.array(single))
        if matcher.is_accepting() and self._constraint.trigger is None:
            # What remains after the end is taken away would be drawn though nobody wants it.
            mask = mx.where(mask[likeliest], mask, mx.array(self._vocabulary.ends))
        return self._only(logits, mask)

    def _allowed(self, matcher: LLMatcher) -> np.ndarray | None:
        """Which tokens come next, bool [width]; None: the guide has failed."""
        bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
        if matcher.is_error():
            self._fail(matcher)
            return None
        width = self._vocabulary.width
        allowed = np.zeros(width, dtype=bool)
        known = np.unpackbits(bits, count=min(width, bits.size * 8), bitorder="little")
        allowed[: known.size] = known
        for token in self._banned():
            allowed[token] = False
        return self._ending_numbers(matcher, allowed) if self._number else allowed

    def _ending_numbers(self, matcher: LLMatcher, allowed: np.ndarray) -> np.ndarray:
        """Without the digits by which a number would become too long; digits of strings stay."""
        vocabulary = self._vocabulary
        if vocabulary.quote is not None and allowed[vocabulary.quote]:
            return allowed
        _, exponent, digits = self._number.lower().partition("e")
        if exponent:
            room = _LONGEST_EXPONENT - len(digits.lstrip("+-"))
        else:
            room = _LONGEST_NUMBER - len(self._number)
        may_end = matcher.is_accepting() or any(allowed[t] for t in vocabulary.after_number)
        if room > 0 or may_end:
            shorter = allowed & (vocabulary.numeric <= max(0, room))
            if shorter.any():
                return shorter
        return allowed

    def _banned(self) -> tuple[int, ...]:
        constraint = self._constraint
        if constraint.trigger is not None and self._blocks == constraint.blocks:
            return (*constraint.banned, constraint.trigger)
        return constraint.banned

    def _without(self, logits: mx.array, banned: tuple[int, ...]) -> mx.array:
        if not banned:
            return logits
        allowed = np.ones(self._vocabulary.width, dtype=bool)
        allowed[list(banned)] = False
        return self._only(logits, mx.array(allowed))

    def _only(self, logits: mx.array, allowed: mx.array) -> mx.array:
        return mx.where(allowed, logits, mx.array(-mx.inf, dtype=logits.dtype))

    def _fail(self, matcher: LLMatcher) -> None:
        self.fault = matcher.get_error().partition("\n")[0] or "the grammar cannot go on"
        if self._constraint.grammar is not None:
            self._constraint.grammar.spoiled()
        log.warning("an answer cannot be held to its grammar any more: %s", self.fault)
