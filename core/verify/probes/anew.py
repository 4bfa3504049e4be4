"""How a prompt that the server knows is computed anew: by what is known of servers of its kind, or
by a field of a body that shows on the spot that it does so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.core.verify.asking import Said, Speaker
from llmx.core.verify.bench import HEAD, Bench

WHOLE = 0.5  # of a prompt: so much reused, by its time, is a hit

# Fields that servers are known to have, each with a value under which nobody asked before.
FIELDS: tuple[Callable[[str], Mapping[str, Json]], ...] = (
    lambda nonce: {"cache_salt": nonce},
    lambda nonce: {"cache_prompt": False},
    lambda nonce: {"cache": False},
)


@dataclass(frozen=True, slots=True)
class Past:
    """A way past the cache. `is_known`: of servers of this kind, not only seen to work here."""

    fields: Callable[[], Mapping[str, Json]]  # of one request's body
    is_known: bool


async def way_past(bench: Bench, speaker: Speaker) -> Past | None:
    """None: none is known, and none was found. A prompt is asked up to eight times for it."""
    known = bench.identity.bypass
    if known is not None:
        return Past(lambda: known, is_known=True)
    prompt = bench.prompt(bench.nonce(), bench.nonce())
    await speaker.ask(prompt)
    if not _counts_a_hit(await speaker.ask(prompt)):
        return None  # nothing would tell a prompt computed anew from another one
    for fields in FIELDS:
        if not _is_cold(bench, await speaker.ask(prompt, extra=fields(bench.nonce()))):
            continue
        if _counts_a_hit(await speaker.ask(prompt)):  # else it was lost, not passed
            return Past(lambda fields=fields: fields(bench.nonce()), is_known=False)
    return None


def is_hit(bench: Bench, said: Said) -> bool | None:
    """By the server's count or by its time: one of them may not tell the truth. None: neither is
    there."""
    if _counts_a_hit(said):
        return True
    by_time = part_by_time(bench, said)
    if by_time is not None:
        return by_time >= WHOLE
    return None if said.cached_tokens is None else False


def part_by_time(bench: Bench, said: Said) -> float | None:
    """Of its prompt, that was not computed. An answer of many tokens that came as a whole says
    nothing of its first."""
    if bench.line is None or said.reply is None or said.ttft_s is None:
        return None
    if said.reply.ttft_s is None and (said.reply.completion_tokens or 0) > 1:
        return None
    tokens = said.prompt_tokens or bench.length
    return 1 - (said.ttft_s - bench.line.overhead_s) / bench.line.s_per_token / tokens


def _counts_a_hit(said: Said) -> bool:
    return (said.cached_tokens or 0) > HEAD


def _is_cold(bench: Bench, said: Said) -> bool:
    """By its count, and not against its time."""
    if said.error is not None or said.cached_tokens is None or said.cached_tokens > HEAD:
        return False
    by_time = part_by_time(bench, said)
    return by_time is None or by_time < WHOLE
