"""A run, its facts and its verdict, as rows for a table and as one JSON document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmx.core.types import Json
from llmx.core.verify.facts import ComparisonState, Facts, facts_of
from llmx.core.verify.rules import Rules
from llmx.core.verify.samples import Run, Sample
from llmx.core.verify.verdict import Verdict, judge

VERSION = 1

Source = Literal["server", "client clock", "computed", "rule"]


@dataclass(frozen=True, slots=True)
class Row:
    """One request; None is unknown, or does not apply to this role."""

    role: str
    question: str
    prompt_tokens: int | None
    cached_tokens: int | None
    ttft_s: float | None
    is_warm: bool  # the two that follow are for these only
    share: float | None  # of the shared prefix
    text: ComparisonState | None  # cold against warm


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with where it comes from; a value of None is unknown. "Unseen" are the prompts that
    the server cannot have cached: the controls and the first question, cold."""

    name: str
    value: float | int | None
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class Report:
    facts: Facts
    verdict: Verdict

    @property
    def run(self) -> Run:
        return self.facts.run

    def rows(self) -> list[Row]:
        return [self._row(sample) for sample in self.run.samples]

    def _row(self, sample: Sample) -> Row:
        reply, is_warm = sample.reply, sample.role in ("hit", "repeat")
        states: dict[str, ComparisonState] = {c.question: c.state for c in self.facts.comparisons}
        return Row(
            role=sample.role,
            question=sample.question,
            prompt_tokens=reply.prompt_tokens,
            cached_tokens=reply.cached_tokens,
            ttft_s=reply.ttft_s,
            is_warm=is_warm,
            share=self.facts.share(reply) if is_warm else None,
            text=states.get(sample.question) if is_warm else None,
        )

    def figures(self) -> list[Figure]:
        facts, timing, rules = self.facts, self.facts.timing, self.facts.rules
        claimed = [r.cached_tokens for r in self.run.replies("control", "cold")]
        known = [count for count in claimed if count is not None]
        floors = [facts.floor(reply) for reply in self.run.replies("control")]
        return [
            Figure("shared_prefix", facts.shared_tokens, "tokens", "computed"),
            Figure("least_share", facts.least_share, "of 1", "computed"),
            Figure("wanted_share", rules.min_share, "of 1", "rule"),
            Figure("most_cached_unseen", max(known, default=None), "tokens", "server"),
            Figure("template_floor", min(floors, default=None), "tokens", "rule"),
            Figure("hit_ttft", timing.hit_s, "s", "client clock"),
            Figure("unseen_ttft", timing.control_s, "s", "client clock"),
            Figure("tiny_ttft", timing.tiny_s, "s", "client clock"),
            Figure("ttft_ratio", timing.ratio, "hit / unseen", "computed"),
            Figure("rank_p", timing.p, "", "computed"),
        ]

    def to_json(self) -> Json:
        run, facts = self.run, self.facts
        return {
            "v": VERSION,
            "command": "test-cache",
            "url": run.url,
            "server": {"kind": run.server, "version": run.version},
            "model": run.model,
            "verdict": self.verdict.name,
            "exit_code": self.verdict.exit_code,
            "sentence": self.verdict.sentence,
            "channels": {"usage": facts.usage, "timing": facts.timing.state},
            "figures": {
                one.name: {"value": one.value, "unit": one.unit, "source": one.source}
                for one in self.figures()
            },
            "answers": [
                {"question": one.question, "state": one.state, "why": one.why}
                for one in facts.comparisons
            ],
            "contradictions": list(facts.contradictions),
            "requests": [
                _request(number, sample, row)
                for number, (sample, row) in enumerate(
                    zip(run.samples, self.rows(), strict=True), start=1
                )
            ],
        }


def _request(number: int, sample: Sample, row: Row) -> Json:
    reply = sample.reply
    return {
        "number": number,
        "role": row.role,
        "question": row.question,
        "prompt_tokens": row.prompt_tokens,
        "cached_tokens": row.cached_tokens,
        "share": row.share,
        "completion_tokens": reply.completion_tokens,
        "ttft_s": row.ttft_s,
        "total_s": reply.total_s,
        "finish_reason": reply.finish_reason,
        "text": reply.text,
        "cold_against_warm": row.text,
    }


def report_of(run: Run, rules: Rules | None = None) -> Report:
    facts = facts_of(run, rules or Rules())
    return Report(facts, judge(facts))
