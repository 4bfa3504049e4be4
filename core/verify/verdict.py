"""Facts to a verdict: the first rule that holds. Correctness first, and never one channel alone
where there are two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from llmx.core.verify.facts import Comparison, Facts

VerdictName = Literal[
    "DIED",
    "ERROR",
    "CORRUPT",
    "FALSE_HITS",
    "MISCOUNT",
    "NO_CACHE",
    "PHANTOM",
    "PARTIAL",
    "UNDERREPORT",
    "SILENT",
    "VERIFIED",
    "INCONCLUSIVE",
]

EXIT_CODES: dict[VerdictName, int] = {
    "VERIFIED": 0,
    "ERROR": 1,
    "CORRUPT": 1,
    "FALSE_HITS": 1,
    "MISCOUNT": 1,
    "NO_CACHE": 1,
    "PHANTOM": 1,
    "PARTIAL": 1,
    "UNDERREPORT": 1,
    "SILENT": 3,
    "INCONCLUSIVE": 3,
    "DIED": 4,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    name: VerdictName
    sentence: str  # what was seen, and what it means

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.name]


def judge(facts: Facts) -> Verdict:
    for rule in RULES:
        verdict = rule(facts)
        if verdict is not None:
            return verdict
    return Verdict("INCONCLUSIVE", f"Not decided: {'; '.join(_open_questions(facts))}.")


def _broken(facts: Facts) -> Verdict | None:
    fault = facts.run.fault
    if fault is None:
        return None
    where = f"During the {fault.role} request ({fault.question!r})"
    match fault.kind:
        case "gone":
            return Verdict("DIED", f"{where} the server went away or fell silent: {fault.message}.")
        case "failed":
            return Verdict("ERROR", f"{where} the server failed: {fault.message}.")
        case "busy":
            return Verdict("INCONCLUSIVE", f"{where} the server was busy: {fault.message}.")
        case "refused":
            return Verdict("INCONCLUSIVE", f"{where} the server refused: {fault.message}.")
        case _:
            assert_never(fault.kind)


def _corrupt(facts: Facts) -> Verdict | None:
    for found in facts.comparisons:
        if found.state == "different":
            return Verdict(
                "CORRUPT",
                f"The greedy answer to {found.question!r} is another one when its prefix comes "
                f"from the cache ({found.why}): what was restored is damaged, or this server's "
                "arithmetic is not repeatable.",
            )
    return None


def _false_hits(facts: Facts) -> Verdict | None:
    for sample in facts.overclaims:
        reply = sample.reply
        return Verdict(
            "FALSE_HITS",
            f"A prompt never seen before was reported with {reply.cached_tokens} cached tokens, "
            f"where the template explains at most {facts.floor(reply)}: this server's count of "
            "cached tokens means nothing.",
        )
    return None


def _miscount(facts: Facts) -> Verdict | None:
    if not facts.contradictions:
        return None
    seen = "; ".join(facts.contradictions)
    return Verdict("MISCOUNT", f"The server's counts contradict each other: {seen}.")


def _no_cache(facts: Facts) -> Verdict | None:
    state = facts.timing.state
    if facts.usage == "none" and state != "faster":
        return Verdict(
            "NO_CACHE",
            f"The server reports {_cached(facts)} tokens of the shared prefix as cached, and the "
            f"times do not say otherwise ({_times(facts)}): each prompt is prefilled in full.",
        )
    if facts.usage == "absent" and state == "not faster":
        return Verdict(
            "NO_CACHE",
            f"A repeated prefix takes as long as one never seen ({_times(facts)}), and the server "
            "reports no cached tokens: each prompt is prefilled in full.",
        )
    return None


def _phantom(facts: Facts) -> Verdict | None:
    if facts.usage not in ("part", "full", "unmeasured") or facts.timing.state != "not faster":
        return None
    return Verdict(
        "PHANTOM",
        f"The server reports {_cached(facts)} tokens as cached, but saves no time by it "
        f"({_times(facts)}): it claims hits that it does not have, or restores them as slowly as "
        "it would compute them.",
    )


def _partial(facts: Facts) -> Verdict | None:
    if facts.usage != "part":
        return None
    return Verdict(
        "PARTIAL",
        f"Of at least {facts.shared_tokens} shared tokens the server reports {_cached(facts)} as "
        f"cached, {_percent(facts.least_share)}, wanted {_percent(facts.rules.min_share)}: a part "
        "of the prefix is computed again each time.",
    )


def _underreport(facts: Facts) -> Verdict | None:
    if facts.usage != "none" or facts.timing.state != "faster":
        return None
    return Verdict(
        "UNDERREPORT",
        f"A repeated prefix is clearly faster ({_times(facts)}), yet the server reports "
        f"{_cached(facts)} cached tokens: the cache works and its count does not.",
    )


def _silent(facts: Facts) -> Verdict | None:
    if facts.usage != "absent" or facts.timing.state != "faster":
        return None
    return Verdict(
        "SILENT",
        f"A repeated prefix is clearly faster ({_times(facts)}), but the server does not report "
        "cached tokens (unknown, not zero): the cache works, how much it reuses cannot be told.",
    )


def _verified(facts: Facts) -> Verdict | None:
    if facts.usage != "full" or facts.timing.state != "faster" or not _is_same_text(facts):
        return None
    return Verdict(
        "VERIFIED",
        f"At least {_percent(facts.least_share)} of the shared prefix was reused and saves time "
        f"({_times(facts)}); {_unseen(facts)}; the answers are the same cold and warm.",
    )


RULES: tuple[Callable[[Facts], Verdict | None], ...] = (
    _broken,
    _corrupt,
    _false_hits,
    _miscount,
    _no_cache,
    _phantom,
    _partial,
    _underreport,
    _silent,
    _verified,
)


def _is_same_text(facts: Facts) -> bool:
    return all(found.state == "equal" for found in _comparable(facts))


def _comparable(facts: Facts) -> tuple[Comparison, ...]:
    """The first question, which every server can be asked cold and warm, and all three where the
    server can be told to answer past its cache."""
    return facts.comparisons if facts.run.has_bypass else facts.comparisons[:1]


def _open_questions(facts: Facts) -> Iterator[str]:
    if facts.usage == "absent":
        yield "the server reports no cached tokens"
    if facts.usage == "unmeasured":
        yield "the server does not report the length of the prompt"
    if facts.timing.state == "unclear":
        yield f"the times are too short or too uneven to tell ({_times(facts)})"
    if facts.timing.state == "unknown":
        yield "there are no times to a first token"
    for found in _comparable(facts):
        if found.state != "equal":
            yield f"warm and cold answers to {found.question!r} are {found.state}, {found.why}"


def _times(facts: Facts) -> str:
    return f"{_seconds(facts.timing.hit_s)} against {_seconds(facts.timing.control_s)}"


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f} s"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share * 100:.1f} %"


def _cached(facts: Facts) -> str:
    """What the hits report, least to most."""
    counts = [reply.cached_tokens for reply in facts.run.replies("hit")]
    known = [count for count in counts if count is not None]
    if not known:
        return "unknown"
    least, most = min(known), max(known)
    return str(least) if least == most else f"{least} to {most}"


def _unseen(facts: Facts) -> str:
    counts = [reply.cached_tokens for reply in facts.run.replies("control", "cold")]
    known = [count for count in counts if count is not None]
    if not known:
        return "prompts never seen are slow"
    return f"prompts never seen report at most {max(known)} cached tokens"
