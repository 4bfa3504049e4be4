"""What the samples of a run say, each figure by its own rule; nothing is judged yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmx.core.client.chat import Reply
from llmx.core.verify.rules import Rules
from llmx.core.verify.samples import Run, Sample
from llmx.core.verify.timing import Timing, timing_of
from llmx.core.verify.workload import QUESTIONS

UsageState = Literal[
    "absent",  # at least one hit reports no cached tokens: unknown, not zero
    "unmeasured",  # cached tokens are reported, the prompt's length is not
    "none",  # no hit reports more than the template's head
    "part",  # a hit reports less than the shared prefix
    "full",
]


ComparisonState = Literal["equal", "different", "not available", "not comparable", "not asked"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The greedy answers to one question, with the prefix computed and with it reused."""

    question: str
    state: ComparisonState
    why: str  # in words, whatever it is


@dataclass(frozen=True, slots=True)
class Facts:
    run: Run
    rules: Rules
    shared_tokens: int | None  # the shared prefix has at least so many
    usage: UsageState
    comparisons: tuple[Comparison, ...]
    contradictions: tuple[str, ...]  # figures of the server that cannot all be true
    timing: Timing

    @property
    def overclaims(self) -> list[Sample]:
        """Prompts never seen that the server says it had cached."""
        return [s for s in self.run.of("control", "cold") if self.is_beyond_floor(s.reply)]

    def share(self, reply: Reply) -> float | None:
        """Of the shared prefix, what the server says it reused; 1.0 is all of it."""
        if self.shared_tokens is None or reply.cached_tokens is None:
            return None
        return min(1.0, reply.cached_tokens / self.shared_tokens)

    def floor(self, reply: Reply) -> int:
        return floor_of(reply, self.rules)

    def is_beyond_floor(self, reply: Reply) -> bool:
        return reply.cached_tokens is not None and reply.cached_tokens > self.floor(reply)

    @property
    def least_share(self) -> float | None:
        shares = [self.share(reply) for reply in self.run.replies("hit")]
        known = [share for share in shares if share is not None]
        return min(known) if known and len(known) == len(shares) else None


def facts_of(run: Run, rules: Rules) -> Facts:
    shared = _shared_tokens(run)
    return Facts(
        run=run,
        rules=rules,
        shared_tokens=shared,
        usage=_usage(run, shared, rules),
        comparisons=comparisons(run),
        contradictions=tuple(_contradictions(run)),
        timing=timing_of(run, rules),
    )


def floor_of(reply: Reply, rules: Rules) -> int:
    """The most cached tokens that the head of a chat template explains."""
    return max(rules.floor_tokens, int((reply.prompt_tokens or 0) * rules.floor_share))


def _shared_tokens(run: Run) -> int | None:
    """A lower bound: every token covers at least one byte, so a question has no more tokens than
    bytes. What the template puts after the question is within the allowed 1 %."""
    asked = list(run.of("cold", "hit"))
    prompts = [sample.reply.prompt_tokens for sample in asked]
    known = [prompt for prompt in prompts if prompt is not None]
    if not asked or len(known) < len(prompts):
        return None
    bound = min(known) - max(len(sample.question.encode()) for sample in asked)
    return bound if bound > 0 else None


def _usage(run: Run, shared: int | None, rules: Rules) -> UsageState:
    hits = run.replies("hit")
    cached = [reply.cached_tokens for reply in hits if reply.cached_tokens is not None]
    if not hits or len(cached) < len(hits):
        return "absent"
    if all(n <= floor_of(reply, rules) for n, reply in zip(cached, hits, strict=True)):
        return "none"
    if shared is None:
        return "unmeasured"
    return "full" if min(cached) >= rules.min_share * shared else "part"


def comparisons(run: Run) -> tuple[Comparison, ...]:
    """One for each of the three questions."""
    return tuple(_compare(run, question) for question in QUESTIONS)


def _compare(run: Run, question: str) -> Comparison:
    cold = [s.reply for s in run.of("cold", "reference") if s.question == question]
    warm = [s.reply for s in run.of("hit", "repeat") if s.question == question]
    if not warm:
        return Comparison(question, "not asked", "it was not asked warm")
    if not cold:
        why = "no way is known to ask this server past its cache"
        return Comparison(question, "not available", why)
    if len({reply.said for reply in cold}) > 1:
        return Comparison(question, "not comparable", "two cold answers differ already")
    if all(reply.is_silent for reply in (*cold, *warm)):
        return Comparison(question, "not comparable", "the answers are empty")
    odd = next((reply for reply in warm if reply.said != cold[0].said), None)
    if odd is None:
        return Comparison(question, "equal", "the same cold and warm")
    return Comparison(question, "different", _difference(cold[0], odd))


def _difference(cold: Reply, warm: Reply) -> str:
    texts = {"text": (cold.text, warm.text), "reasoning": (cold.reasoning, warm.reasoning)}
    for name, (one, other) in texts.items():
        if one != other:
            at = _same(one, other)
            return f"{name} from character {at}: cold {_cut(one, at)}, warm {_cut(other, at)}"
    return f"tool calls: cold {cold.calls}, warm {warm.calls}"


def _same(one: str, other: str) -> int:
    """How many leading characters two different texts share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str, at: int) -> str:
    return repr(text[at : at + 24]) + ("…" if len(text) > at + 24 else "")


def _contradictions(run: Run) -> Iterator[str]:
    for sample in run.samples:
        prompt, cached = sample.reply.prompt_tokens, sample.reply.cached_tokens
        if cached is not None and (cached < 0 or (prompt is not None and cached > prompt)):
            of = "unknown" if prompt is None else prompt
            yield f"the {sample.role} request reports {cached} of {of} prompt tokens as cached"
        if sample.role == "reference" and cached:
            yield f"a request that asked for no cache reports {cached} cached tokens"
    lengths = [reply.prompt_tokens for reply in run.replies("cold", "repeat")]
    if len(set(lengths)) > 1 and None not in lengths:
        yield f"the same request has {lengths[0]} prompt tokens cold and {lengths[-1]} warm"
