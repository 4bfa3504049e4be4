"""Probe A3: the same request word for word, three times more."""

from __future__ import annotations

from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.words import seconds

A3 = Subject("A3", "the same request again")
REPEATS = 3
FAILING = 2
SLOWER = 1.5  # times the cold prompt, all of them: no chance


async def run(bench: Bench) -> Outcome:
    prompt = bench.prompt(bench.nonce())
    cold = await bench.ask(prompt)
    again = [await bench.ask(prompt) for _ in range(REPEATS)]
    evidence = {"cold": told(cold), "again": [told(one) for one in again]}
    if cold.error is not None or cold.ttft_s is None:
        return A3.unsure(f"the prompt was not answered: {cold.error}", **evidence)
    if any(one.is_busy for one in again):
        return A3.unsure("the server was busy", **evidence)
    broken = [one.error for one in again if one.error is not None]
    if broken:
        unseen = await bench.ask(bench.prompt(bench.nonce()))
        if unseen.error is not None:
            return A3.unsure(f"a prompt never seen fails as well: {unseen.error}", **evidence)
    if len(broken) >= FAILING:
        why = f"of {REPEATS} repeats of an answered request {len(broken)} failed ({broken[0]})"
        return A3.failed(why, fault="CORRUPT", **evidence)
    times = [one.ttft_s for one in again if one.ttft_s is not None]
    if not times or broken:
        return A3.unsure(f"a repeat was not answered: {broken}", **evidence)
    if min(times) > SLOWER * cold.ttft_s:
        why = f"repeats take {seconds(min(times))} at least, the first time {seconds(cold.ttft_s)}"
        return A3.failed(why, **evidence)
    reused = [bench.is_reused(one, 0.9) for one in again]
    spans = f"{seconds(cold.ttft_s)}, then {', '.join(seconds(one) for one in times)}"
    if True not in reused:
        return A3.passed(f"answered each time, never reused as a whole ({spans})", **evidence)
    first = reused.index(True) + 2
    return A3.passed(f"reused from request {first} on ({spans})", **evidence)
