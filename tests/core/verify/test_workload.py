"""The agent's prompt, made unseen."""

from __future__ import annotations

import json

from llmx.core.verify.protocol import fresh_nonce
from llmx.core.verify.workload import QUESTIONS, Workload, agent_workload


def test_the_nonce_stands_first_in_the_system_text_and_in_the_first_tool() -> None:
    workload = agent_workload()
    prompt = workload.prompt("abc", "Who?")
    system, user = prompt.messages
    assert system["content"].startswith("abc\n")
    assert user == {"role": "user", "content": "Who?"}
    first, *others = prompt.tools
    assert first["function"]["description"].startswith("abc ")
    assert others == list(workload.tools[1:])
    assert "abc" not in json.dumps(workload.tools)  # the workload itself is not touched


def test_prompts_of_two_nonces_are_of_one_length() -> None:
    workload = agent_workload()
    sizes = {len(json.dumps(workload.prompt(fresh_nonce(), "?").messages)) for _ in range(20)}
    assert len(sizes) == 1


def test_the_estimate_is_of_the_size_of_an_agents_prompt() -> None:
    assert agent_workload().estimated_tokens >= 9_000


def test_a_workload_without_tools_has_a_nonce_in_its_system_text_alone() -> None:
    prompt = Workload("Be brief.", ()).prompt("abc", QUESTIONS[0])
    assert (prompt.messages[0]["content"], prompt.tools) == ("abc\nBe brief.", ())


def test_a_tool_without_a_description_gets_one() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    (marked,) = Workload("", (tool,)).prompt("abc", "?").tools
    assert marked["function"] == {"name": "f", "description": "abc "}
