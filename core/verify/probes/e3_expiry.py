"""Probe E3: does a prompt that nobody asks for stay, half a minute and five.

Prefixes are primed together and each is asked once, after one of the pauses: asking again would
renew it. Expiry is a manner of the server, not a fault.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmx.core.types import Json
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.e1_capacity import is_kept, short

E3 = Subject("E3", "how long it keeps what nobody uses")
IDLE_S = (0.0, 30.0, 300.0)  # since the prefixes were primed
EACH = 2  # prefixes a pause: by its time a single one may be a stall


async def run(bench: Bench) -> Outcome:
    prefixes = [[bench.nonce() for _ in range(EACH)] for _ in IDLE_S]
    for prefix in (one for some in prefixes for one in some):
        primed = await short(bench, prefix)
        if primed.error is not None:
            return E3.unsure(f"a prompt was not answered: {primed.error}")
    found: dict[str, Json] = {}
    kept_s, idle_s = 0.0, 0.0
    for until_s, some in zip(IDLE_S, prefixes, strict=True):
        if until_s > idle_s:
            await bench.pause(until_s - idle_s)
            idle_s = until_s
        kept = [is_kept(bench, await short(bench, prefix)) for prefix in some]
        found[f"{until_s:g} s"] = list(kept)
        verdict = _all_the_same(kept)
        if verdict is None:
            return E3.unsure(f"after {until_s:g} s neither counts nor times tell", **found)
        if not verdict:
            return _gone(until_s, kept_s, found)
        kept_s = until_s
    return E3.passed(f"still there when nobody used it for {kept_s:g} s", kept_s=kept_s, **found)


def _all_the_same(kept: Sequence[bool | None]) -> bool | None:
    return kept[0] if len(set(kept)) == 1 else None


def _gone(idle_s: float, kept_s: float, found: dict[str, Json]) -> Outcome:
    if idle_s == 0.0:
        return E3.skipped("not even at once is a known prompt reused", **found)
    why = f"gone when nobody used it for {idle_s:g} s"
    after = "at once" if kept_s == 0.0 else f"after {kept_s:g} s"
    return E3.passed(f"{why}; {after} it was there", kept_s=kept_s, lost_s=idle_s, **found)
