"""For probe C1 where the model cannot say a secret back: is a known prefix answered with what was
said to it before, whatever is asked after it.

A model of any quality says the same to unlike questions only where it says it to everybody. So it
is a replay where each of several prefixes has an answer of its own, always the same, after hits.
"""

from __future__ import annotations

from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench
from llmx.core.verify.probes.anew import is_hit
from llmx.core.verify.prompts import conversation, text_of

PREFIXES = 3
QUESTIONS = 3  # of each prefix, the first one before it is known
WORDS = 40  # of a question, all others
ANSWER = 16  # tokens
LEAST = 8  # characters of an answer: shorter ones are the same by chance


async def replay_seen(bench: Bench) -> str | None:
    """What was seen, as a clause; None: nothing. A server that answers each question costs two
    requests."""
    answers: list[str] = []
    for _ in range(PREFIXES):
        prefix, before = bench.nonce(), ""
        for number in range(QUESTIONS):
            said = await _ask(bench, prefix)
            text = said.text.strip()
            if said.error is not None or len(text) < LEAST:
                return None
            if number > 0 and not (text == before and is_hit(bench, said)):
                return None
            before = text
        if before in answers:
            return None
        answers.append(before)
    return (
        f"each of {PREFIXES} known prefixes was answered in one way, whatever was asked after it, "
        f"and each in another one: {answers[0][:40]!r}, {answers[1][:40]!r}"
    )


async def _ask(bench: Bench, prefix: str) -> Said:
    nonce = bench.nonce()
    system = f"{prefix}\n{text_of(prefix, bench.lengths.words(bench.length))}"
    question = f"{nonce} {text_of(nonce, WORDS)} What was the last sentence?"
    turns = ({"role": "user", "content": question},)
    prompt = conversation(system, turns, bench.lengths.has_system)
    return await bench.ask(prompt, max_tokens=ANSWER)
