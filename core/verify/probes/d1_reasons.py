"""Probe D1: does the server say why a prompt was not reused, and is it the right reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmx.core.client.servers.base import dig
from llmx.core.types import Json
from llmx.core.verify.asking import Speaker
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.b3_agent import marked
from llmx.core.verify.prompts import conversation, text_of
from llmx.core.verify.workload import Prompt
from llmx.fixtures import agent_tools

D1 = Subject("D1", "why a prompt was missed")
WORDS = 60


async def run(bench: Bench) -> Outcome:
    """Over Messages, which has `diagnostics` for it."""
    speaker = bench.speaker.over(bench.speaker.client, "messages")
    nonce = bench.nonce()
    first = await speaker.ask(_prompt(nonce))
    if first.error is not None:
        return D1.skipped(f"the Messages API is not answered: {first.error}")
    previous = first.reply.id if first.reply is not None else None
    if previous is None:
        return D1.skipped("the message has no id")
    changed = {
        "system_changed": _prompt(nonce, system="another"),
        "tools_changed": _prompt(nonce, tools=1),
        "messages_changed": _prompt(nonce, user="Another question?"),
    }
    found: dict[str, Json] = {}
    for wanted, prompt in changed.items():
        found[wanted] = await _reason(speaker, prompt, previous)
    found["same"] = await _reason(speaker, _prompt(nonce), previous)
    if all(reason is None for reason in found.values()):
        return D1.skipped("no reasons are told", **found)
    wrong = [f"{found[wanted]} for {wanted}" for wanted in changed if found[wanted] != wanted]
    if found["same"] is not None:
        wrong.append(f"{found['same']} for a prompt that was the same")
    if wrong:
        return D1.failed(f"the reason is another one: {', '.join(wrong)}", **found)
    return D1.passed(
        "system, tools and messages are told apart, and no reason without one", **found
    )


async def _reason(speaker: Speaker, prompt: Prompt, previous: str) -> Json:
    asked = {"diagnostics": {"previous_message_id": previous}}
    said = await speaker.ask(prompt, extra=asked)
    told = said.reply.diagnostics if said.reply is not None else None
    return dig(told, ("cache_miss_reason", "type"))


def _prompt(
    nonce: str, *, system: str = "one", user: str = "What is this?", tools: int = 2
) -> Prompt:
    turns: Sequence[Mapping[str, Json]] = ({"role": "user", "content": user},)
    text = f"{nonce}\n{system}\n{text_of(nonce, WORDS)}"
    return conversation(text, turns, True, marked(agent_tools()[:tools], nonce))
