"""Why a run is not decided, as the clause that ends "Not decided:"."""

from __future__ import annotations

from llmx.core.verify.calibrate import Calibration
from llmx.core.verify.case import ESCALATED, LIKELY, Case
from llmx.core.verify.looks import LEAST_SAVED, PRECISE
from llmx.core.verify.words import percent, seconds


def why_not_timed(found: Calibration) -> str:
    """Of a server on which times can tell nothing; for a calibration that has a problem."""
    cold = "no answer" if found.cold_s is None else seconds(found.cold_s)
    asked = f"a prompt of {found.length:,} tokens"
    match found.problem:
        case "no answer":
            return f"{asked} got no answer"
        case "too short":
            return (
                f"longer prompts than {asked} are refused or cut, and that one ({cold}) takes "
                f"less than the {seconds(found.floor_s)} from which on a saving can be told from "
                "noise"
            )
        case "too fast":
            return (
                f"even {asked} takes only {cold}, less than the {seconds(found.floor_s)} from "
                "which on a saving can be told from noise"
            )
        case "no slope" | None:
            return f"{asked} ({cold}) takes no longer than a short one"


def why_open(case: Case) -> str:
    """Of times that no rule of `verdicts` could name."""
    look = case.look
    wanted = case.plan.looks[0]
    if look.n < wanted:
        failed = [s.error for s in case.evidence.samples if s.error is not None]
        why = f"; {len(failed)} failed, the first with {failed[0]}" if failed else ""
        return f"{look.n} of {wanted} repeated prompts gave a time{why}"
    if look.effect is None:
        return (
            "a long prompt takes no longer than a short one, so that a cache could not save any "
            "time that shows"
        )
    times = (
        f"{seconds(look.effect.hit_s)} for a repeated prefix, {seconds(look.effect.cold_s)} for "
        f"one never seen; it {case.saves}"
    )
    if look.state in ("FASTER", "SINGLE") and case.is_early:
        return (
            "after a repeated prefix the first token comes early, and the end of the answer as "
            f"late as without one ({times}): what is sent first may not be computed yet"
        )
    if look.state == "NOT" and case.claims_hits:
        return (
            f"the server says it reused {percent(case.claimed)} of the prompt, which is too little "
            f"to tell from nothing by these times ({times})"
        )
    if look.state == "NOT" and case.escalated < ESCALATED:
        return (
            f"a repeated prefix saves nothing ({times}), but only {case.escalated} of "
            f"{ESCALATED} exact repeats and third sightings gave a time, which a cache may want"
        )
    if look.state == "NOT":
        return (
            f"a repeated prefix saves nothing ({times}), but some requests repeated once more were "
            "fast, and the times are too uneven to tell whether that was the cache"
        )
    if look.state == "FASTER" and look.misses is not None and case.is_borne_out:
        return (
            f"of {look.misses.hits} repeated prompts {look.misses.seen} look as if they missed, "
            f"which is too little to tell whether one in five does or next to none ({times})"
        )
    if look.state == "FASTER" and (case.claimed or 0.0) - case.effect.saved > LIKELY:
        return (
            f"the server says it reused {percent(case.claimed)} of the prompt, and it "
            f"{case.saves}: what lies between is computed again, or is the price of restoring, "
            "and times cannot tell which"
        )
    if look.state == "FASTER":
        return (
            f"repeated prefixes are faster ({times}), but the times are too uneven to bear out "
            f"that {percent(case.claimed)} of the prompt was reused"
        )
    return (
        f"the times are too uneven ({times}, where a cache has to save at least "
        f"{percent(LEAST_SAVED)} and an interval narrower than {percent(PRECISE)} would tell); "
        "try again on a machine that does nothing else"
    )
