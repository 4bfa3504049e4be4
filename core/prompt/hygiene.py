"""Rules that keep prompts alike where clients break their own prefix: all of them, each by name.

A rule changes how a request is rendered, never what it means. Those of `RULES` can be switched off
and are counted; the others leave out what no template has a place for, and are the wire's.

This module holds the names, the switches and the count, and the rule of the attribution line. What
the others do stands in `call_ids`, `deferred`, `late` and `history`.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from llmx.core.prompt.attribution import attribution_length
from llmx.core.types import HygieneRule, Message, RuleStats

log = logging.getLogger(__name__)

RULES: dict[HygieneRule, str] = {
    "attribution_line": "A system message's leading line or block that begins with "
    "'x-anthropic-billing-header:' is left out: it changes from request to request.",
    "call_ids": "Where the template prints the ids of calls, it prints their numbers: ids are "
    "links and differ from client to client. Where it prints none, results stand in the order of "
    "their calls.",
    "deferred_tools": "A tool with defer_loading is described where a message first refers to it, "
    "not among the other tools, which would shift all that follows.",
    "generated_history": "An answer that was generated here is rendered from its own tokens when "
    "it comes back with the same values: they are in the cache.",
    "late_tools": "A tool that a later turn adds, after an answer that was generated here, is "
    "described in that turn, not among the other tools.",
}
ALWAYS: dict[str, str] = {
    "cache_markers": "cache_control, breakpoints, ids of messages, metadata and headers are not "
    "rendered.",
    "content_form": "A content that is one text part is rendered as the string is, and empty text "
    "parts not at all.",
}
assert tuple(RULES) == get_args(HygieneRule)


class Hygiene:
    """Which rules are on, and how many prompts each of them changed. Thread-safe."""

    def __init__(self, off: Collection[HygieneRule] = ()) -> None:
        self._off = frozenset(off)
        self._applied: Counter[HygieneRule] = Counter()
        self._lock = threading.Lock()

    def is_on(self, rule: HygieneRule) -> bool:
        return rule not in self._off

    def applied(self, rules: Iterable[HygieneRule]) -> None:
        """Count a prompt that these rules changed; the first of each is logged."""
        for rule in rules:
            with self._lock:
                self._applied[rule] += 1
                is_first = self._applied[rule] == 1
            if is_first:
                log.info("prompt hygiene, rule %s applies (said once): %s", rule, RULES[rule])

    def stats(self) -> tuple[RuleStats, ...]:
        with self._lock:
            applied = dict(self._applied)
        switchable = (
            RuleStats(rule, does, self.is_on(rule), True, applied.get(rule, 0))
            for rule, does in RULES.items()
        )
        return (*switchable, *(RuleStats(name, does, True, False) for name, does in ALWAYS.items()))


# ── the attribution line ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Cleaned:
    messages: tuple[Message, ...]
    is_changed: bool


def without_attribution(messages: Sequence[Message]) -> Cleaned:
    """The conversation without the attribution lines of its system messages.

    A message that says nothing else goes with it, unless it is the only one.
    """
    kept: list[Message] = []
    is_changed = False
    for message in messages:
        is_system = message.role == "system"
        length = attribution_length(message.content, message.first_part) if is_system else 0
        if length:
            is_changed = True
            content = message.content[length:]
            if not content and len(messages) > 1:
                continue
            marks = tuple(mark - length for mark in message.marks if mark > length)
            message = replace(message, content=content, first_part=None, marks=marks)
        kept.append(message)
    return Cleaned(tuple(kept), is_changed)
