"""Probe F1: a client leaves while its prompt is computed. Nothing may hang, nothing be broken."""

from __future__ import annotations

import asyncio

from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.prompts import tiny_prompt
from llmx.core.verify.words import seconds

F1 = Subject("F1", "a client that leaves in the middle")
LONGER = 2  # than the usual prompt
WHEN = 0.5  # of its time


async def run(bench: Bench) -> Outcome:
    if bench.line is None:
        return F1.skipped("how long a prompt takes is not known")
    tokens = LONGER * bench.length
    takes_s = bench.line.overhead_s + bench.line.s_per_token * tokens
    prompt = bench.prompt(bench.nonce(), tokens=tokens)
    async with bench.connect() as client:
        leaving = asyncio.create_task(bench.speaker.over(client).ask(prompt))
        await bench.pause(WHEN * takes_s)
        if leaving.done():
            await leaving
            return F1.unsure("the prompt was answered before its client could leave")
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    after = await bench.ask(tiny_prompt(bench.nonce()))
    if after.is_busy:
        return F1.unsure("after a client had left, the server was busy")
    if after.error is not None:
        return F1.failed(f"after a client had left, the next request failed: {after.error}")
    again = await bench.ask(prompt)
    evidence = {"after": told(after), "again": told(again), "expected_s": takes_s}
    if again.error is not None:
        why = f"the prompt that a client left fails when it is asked again: {again.error}"
        return F1.failed(why, **evidence)
    waited = seconds(after.ttft_s) if after.ttft_s is not None else "unknown"
    reused = bench.reused(again)
    kept = "unknown" if reused is None else f"{reused:.0f} tokens"
    return F1.passed(f"the next one was answered after {waited}; kept of it: {kept}", **evidence)
