"""Probe B1: prompts that part from a known one at a quarter, a half, three quarters."""

from __future__ import annotations

from math import gcd

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import HEAD, Bench, Outcome, Subject
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.prompts import text_of

B1 = Subject("B1", "prompts that part half way")
PARTS = (
    1.0,
    0.75,
    0.5,
    0.25,
)  # in this order even a cache of one entry shares with the one before;
# the first, where only the question differs, is there for the steps
NEAR = 0.15  # of the prompt: where the texts part is known that well


async def run(bench: Bench) -> Outcome:
    words, prefix = bench.lengths.words(bench.length), bench.nonce()
    prime = await bench.ask(bench.prompt(prefix))
    if prime.error is not None:
        return B1.unsure(f"the prompt was not answered: {prime.error}")
    asked: dict[float, Said] = {}
    for part in PARTS:
        same = int(words * part)
        text = f"{text_of(prefix, same)} {text_of(bench.nonce(), words - same)}".strip()
        asked[part] = await bench.ask(bench.prompt(prefix, text=text))
    evidence: dict[str, Json] = {f"{part:.0%}": told(one) for part, one in asked.items()}
    found = {part: bench.reused(one) for part, one in asked.items()}
    reused = {part: tokens for part, tokens in found.items() if tokens is not None}
    if len(reused) < len(PARTS):
        return B1.unsure("neither counts nor times tell what was reused", **evidence)
    return _judge(bench, prime, asked, reused, evidence)


def _judge(
    bench: Bench,
    prime: Said,
    asked: dict[float, Said],
    reused: dict[float, float],
    evidence: dict[str, Json],
) -> Outcome:
    total = prime.prompt_tokens or bench.length
    head = bench.lengths.base / 2  # what comes before the text, about
    parted = {
        part: head + bench.lengths.per_word * bench.lengths.words(total) * part for part in PARTS
    }
    by_count = all(one.cached_tokens is not None for one in asked.values())
    block = gcd(*(int(tokens) for tokens in reused.values())) if by_count else 0
    near = NEAR * total * (1 if by_count else 2)
    shown = ", ".join(_shown(reused[part], parted[part], by_count) for part in sorted(reused))
    evidence = {
        **evidence,
        "block": block or None,
        "parted": [round(one) for one in parted.values()],
    }
    how = "" if by_count else " by their times"
    beyond = [part for part in PARTS if reused[part] > parted[part] + near]
    if beyond and not by_count:
        why = "by their times more is saved than is the same, so that they do not tell"
        measured = ", ".join(f"{reused[part]:.0f} of {parted[part]:.0f}" for part in sorted(reused))
        return B1.unsure(f"{why}: {measured} tokens", **evidence)
    short = [part for part in PARTS if reused[part] < parted[part] - max(near, block)]
    if short and not by_count:
        return B1.unsure(f"by their times less is reused than is the same: {shown}", **evidence)
    if max(reused[part] for part in PARTS if part < 1) <= HEAD:
        if reused[1.0] <= HEAD:
            return B1.failed(
                f"nothing is reused of a prompt that begins like a known one ({shown}{how})",
                **evidence,
            )
        why = f"nothing is reused of a prompt that parts from a known one half way ({shown}{how})"
        return B1.failed(f"{why}: only what goes on from a whole prompt can hit", **evidence)
    if beyond:
        return B1.failed(f"more is said to be reused than is the same: {shown}", **evidence)
    if short:
        most = max(parted[part] - reused[part] for part in short)
        why = f"reused up to places that are far apart: {shown} tokens"
        return B1.passed(f"{why}, so that up to {most:.0f} are computed again", **evidence)
    grain = (
        f", in steps of {block} at most" if block > 1 else ", to the token" if block == 1 else ""
    )
    return B1.passed(
        f"reused as far as the texts are the same: {shown} tokens{how}{grain}", **evidence
    )


def _shown(reused: float, parted: float, by_count: bool) -> str:
    """Times tell no more than about how much; beyond what is the same they tell nothing.

    Where the texts part is an estimate from their words, so that an exact count may lie beyond it.
    """
    if by_count:
        return f"{reused:.0f} of about {parted:.0f}"
    if reused > parted:
        return f"all of {parted:.0f}"
    return f"about {round(reused, -1):.0f} of {parted:.0f}"
