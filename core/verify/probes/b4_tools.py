"""Probe B4: what is left of a known prompt when its tools change a little."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from llmx.core.types import Json
from llmx.core.verify.bench import HEAD, MOST, Bench, Outcome, Subject
from llmx.core.verify.probes.b3_agent import LEAST, TOOLS, agent_prompt, marked
from llmx.fixtures import agent_tools

B4 = Subject("B4", "tools that change a little")
Tools = list[dict[str, Any]]


async def run(bench: Bench) -> Outcome:
    """Each change against a prompt of its own, so that none is helped by another."""
    rows: dict[str, Json] = {}
    for name, change in CHANGES.items():
        nonce = bench.nonce()
        plain = list(marked(agent_tools()[:TOOLS], nonce))
        prime = await bench.ask(agent_prompt(bench, nonce, tuple(plain)))
        changed = tuple(change(copy.deepcopy(plain)))  # pyright: ignore[reportArgumentType]
        after = await bench.ask(agent_prompt(bench, nonce, changed))
        if prime.error is not None or after.error is not None:
            why = f"a prompt with tools is not answered: {prime.error or after.error}"
            return B4.skipped(why, **rows)
        reused, whole = bench.reused(after), prime.prompt_tokens
        if reused is None or whole is None:
            return B4.unsure("the server does not count enough to tell", **rows)
        if whole < LEAST + bench.lengths.base + HEAD:
            return B4.skipped("the tools are no part of the prompt: the template leaves them out")
        rows[name] = {"kept": round(reused), "of": whole}
        if name == "same" and reused < MOST * (whole - HEAD):
            why = f"of the same tools only {reused:.0f} of {whole} tokens are reused"
            return B4.failed(f"{why}, so that changes tell nothing", **rows)
    shown = ", ".join(f"{name} {one['kept']}" for name, one in rows.items())  # pyright: ignore
    return B4.passed(f"tokens kept of {rows['same']['of']}: {shown}", **rows)  # pyright: ignore


def _reordered(tools: Tools) -> Tools:
    return [*tools[1:], tools[0]]


def _keys_reordered(tools: Tools) -> Tools:
    """The same object in JSON's eyes."""
    return [_turned(tool) for tool in tools]


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turned(one) for key, one in reversed(value.items())}
    return [_turned(one) for one in value] if isinstance(value, list) else value


def _one_more(tools: Tools) -> Tools:
    return [*tools, agent_tools()[TOOLS]]


def _one_character(tools: Tools) -> Tools:
    """In the third tool: what comes before it could be kept."""
    tools[2]["function"]["description"] += "!"
    return tools


def _white_space(tools: Tools) -> Tools:
    function = tools[2]["function"]
    function["description"] = function.get("description", "").replace(" ", "  ", 1)
    return tools


CHANGES: dict[str, Callable[[Tools], Tools]] = {
    "same": lambda tools: tools,
    "reordered": _reordered,
    "keys reordered": _keys_reordered,
    "one more": _one_more,
    "one character": _one_character,
    "white space": _white_space,
}
