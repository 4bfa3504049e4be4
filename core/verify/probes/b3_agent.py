"""Probe B3: the system prompt and the tools of an agent, in a second conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmx.core.types import Json
from llmx.core.verify.bench import MOST, Bench, Outcome, Subject
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.prompts import SUFFIX, conversation, text_of
from llmx.core.verify.workload import Prompt
from llmx.fixtures import agent_tools

B3 = Subject("B3", "an agent's tools in a new conversation")
TOOLS = 4  # of the sample agent: about 1,500 tokens
LEAST = 50  # tokens that they add, or the template leaves them out


async def run(bench: Bench) -> Outcome:
    nonce = bench.nonce()
    tools = marked(agent_tools()[:TOOLS], nonce)
    plain = await bench.ask(agent_prompt(bench, bench.nonce(), ()))
    prime = await bench.ask(agent_prompt(bench, nonce, tools))
    if prime.error is not None:
        return B3.skipped(f"a prompt with tools is not answered: {prime.error}")
    if (prime.prompt_tokens or LEAST) - (plain.prompt_tokens or 0) < LEAST:
        return B3.skipped("the tools are no part of the prompt: the template leaves them out")
    other = await bench.ask(agent_prompt(bench, nonce, tools))
    evidence = {"prime": told(prime), "other": told(other)}
    reused, whole = bench.reused(other), other.prompt_tokens
    if reused is None or whole is None:
        return B3.unsure("the server does not count enough to tell", **evidence)
    wanted = MOST * (whole - SUFFIX)
    shown = f"{reused:.0f} of {whole} tokens are reused"
    if reused < wanted:
        return B3.failed(f"in a new conversation with the same tools only {shown}", **evidence)
    return B3.passed(f"in a new conversation with the same tools {shown}", **evidence)


def agent_prompt(
    bench: Bench, nonce: str, tools: tuple[Mapping[str, Json], ...], words: int = 100
) -> Prompt:
    """With a question of its own. The nonce is in the system text, too, and in the first tool:
    templates differ in what comes first."""
    turns = [{"role": "user", "content": f"{bench.nonce()} What can you do?"}]
    return conversation(f"{nonce}\n{text_of(nonce, words)}", turns, bench.lengths.has_system, tools)


def marked(tools: list[dict[str, Any]], nonce: str) -> tuple[Mapping[str, Json], ...]:
    first, *others = tools
    function = first["function"]
    described = {**function, "description": f"{nonce} {function.get('description', '')}"}
    return ({**first, "function": described}, *others)
