"""Probe C3: eight clients at once, four of them with the same prefix."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.c1_canaries import ANSWER, C1, SECRETS, words_of
from llmx.core.verify.prompts import conversation, text_of
from llmx.core.verify.workload import Prompt

C3 = Subject("C3", "eight clients at once")
SAME, OTHERS = 4, 4
WORK = 1.5  # prompts computed for the four that share one


async def run(bench: Bench) -> Outcome:
    secrets = bench.rng.sample(SECRETS, SAME + OTHERS)
    shared = bench.nonce()
    nonces = [shared] * SAME + [bench.nonce() for _ in range(OTHERS)]
    prompts = [_prompt(bench, *two) for two in zip(nonces, secrets, strict=True)]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(bench.connect()) for _ in prompts]
        speakers = [bench.speaker.over(client) for client in clients]
        said = await asyncio.gather(
            *(
                one.ask(prompt, max_tokens=ANSWER, is_patient=False)
                for one, prompt in zip(speakers, prompts, strict=True)
            )
        )
    errors = [one.error for one in said if one.error is not None]
    if errors and all(one.is_busy for one in said if one.error is not None):
        why = f"of {len(said)} at once {len(errors)} were told to come later: {errors[0]}"
        return C3.unsure(why)
    if errors:
        return C3.failed(f"of {len(said)} at once {len(errors)} failed: {errors[0]}")
    crossed = _crossed(secrets, said)
    if crossed is not None and _copies(bench):
        return C3.failed(crossed, fault="STALE")
    return _work(said[:SAME], said)


def _prompt(bench: Bench, nonce: str, secret: str) -> Prompt:
    system = f"{nonce}\n{text_of(nonce, bench.lengths.words(bench.length // 2))}"
    turns = [
        {"role": "user", "content": f"Remember this: the code word is {secret}."},
        {"role": "assistant", "content": "OK."},
        {"role": "user", "content": "What is the code word?"},
    ]
    return conversation(system, turns, bench.lengths.has_system)


def _copies(bench: Bench) -> bool:
    """Only of a model that says words back is another's word another's."""
    found = bench.done.get(C1.id)
    return found is not None and found.status == "pass"


def _crossed(secrets: list[str], said: list[Said]) -> str | None:
    for own, one in zip(secrets, said, strict=True):
        words = words_of(one)
        for other in secrets:
            if other != own and other in words and own not in words:
                return f"asked for {own!r} beside others, a client got {other!r}, another's secret"
    return None


def _work(sharing: list[Said], said: list[Said]) -> Outcome:
    rows: list[Json] = [[one.prompt_tokens, one.cached_tokens] for one in said]
    counts = [(one.prompt_tokens, one.cached_tokens) for one in sharing]
    known = [(p, c) for p, c in counts if p is not None and c is not None]
    if len(known) < len(sharing):
        return C3.passed(f"all {len(said)} answered; what they shared is not said", clients=rows)
    computed, one = sum(p - c for p, c in known), max(p for p, _ in known)
    times = computed / one
    shown = f"{len(sharing)} with the same prefix cost {times:.1f} prompts"
    if times > WORK:
        why = f"{shown}: those who come together do not share what is being computed"
        return C3.unsure(why, clients=rows)
    return C3.passed(f"all {len(said)} answered, {shown}", clients=rows)
