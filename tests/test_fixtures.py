"""The fixtures: an agent workload of real size, models that can be made again bit by bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from llmx.fixtures import agent_system, agent_tools, demo_model
from tests.models import ARCHITECTURES, UNBATCHABLE, make_model
from tests.offline import first_logprobs, greedy, load_offline
from tools.demo_model.weights import make, word_tokens
from tools.noise_model import make_noise

SPECIAL = {0, 1, 2}  # <|endoftext|>, <|im_start|>, <|im_end|>


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    with demo_model() as folder:
        return AutoTokenizer.from_pretrained(folder)


def test_the_agent_workload_makes_at_least_9000_tokens_and_leaves_room(tokenizer: Any) -> None:
    prompt = tokenizer.apply_chat_template(
        [{"role": "system", "content": agent_system()}, {"role": "user", "content": "Hi"}],
        tools=agent_tools(),
        tokenize=False,
        add_generation_prompt=True,
    )
    count = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
    assert 9_000 <= count <= 13_000
    assert len(prompt) / 4.6 >= 9_000, "a larger vocabulary needs fewer tokens"


def test_the_agent_has_16_tools_with_object_schemas() -> None:
    tools = agent_tools()
    assert len({tool["function"]["name"] for tool in tools}) == 16
    for tool in tools:
        assert tool["type"] == "function"
        assert tool["function"]["parameters"]["type"] == "object"
        assert len(tool["function"]["description"]) > 100


def test_the_template_only_appends(tokenizer: Any) -> None:
    """What is rendered for k messages is the begin of what is rendered for k + 1."""
    call = {"id": "1", "type": "function", "function": {"name": "Read", "arguments": {"a": 1}}}
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Read it"},
        {"role": "assistant", "content": "", "tool_calls": [call, call]},
        {"role": "tool", "content": "one", "tool_call_id": "1"},
        {"role": "tool", "content": "two", "tool_call_id": "1"},
        {"role": "assistant", "content": "Done.", "tool_calls": [call]},
        {"role": "tool", "content": "three", "tool_call_id": "1"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks"},
    ]
    before = ""
    for count in range(1, len(messages) + 1):
        text = tokenizer.apply_chat_template(messages[:count], tools=agent_tools(), tokenize=False)
        assert text.startswith(before)
        assert len(text) > len(before)
        before = text
    assert before.count("<tool_call>") == 3 + 1  # three calls, and the instruction
    assert json.dumps({"name": "Read", "arguments": {"a": 1}}) in before


def test_tools_without_a_system_message_are_rendered_too(tokenizer: Any) -> None:
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hi"}], tools=agent_tools(), tokenize=False
    )
    assert all(tool["function"]["name"] in text for tool in agent_tools())


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_the_tokenizer_loses_no_character(text: str) -> None:
    with demo_model() as folder:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


def test_the_words_that_a_model_can_say_tokenize_to_themselves(tokenizer: Any) -> None:
    """So that an answer sent back in the next request is the tokens that the cache holds."""
    with demo_model() as folder:
        words = word_tokens(json.loads((folder / "tokenizer.json").read_text("utf-8")))
    assert len(words) > 1000
    assert not SPECIAL & set(words)
    for word in words:
        text = tokenizer.decode([word])
        assert tokenizer(text, add_special_tokens=False)["input_ids"] == [word], text
    said = words[:: len(words) // 100]
    assert tokenizer(tokenizer.decode(said), add_special_tokens=False)["input_ids"] == said


def test_noise_is_made_again_bit_by_bit(noise: Path, tmp_path: Path) -> None:
    file = make_noise(tmp_path) / "model.safetensors"
    assert file.read_bytes() == (noise / "model.safetensors").read_bytes()
    first = file.stat()
    assert make(tmp_path).stat().st_mtime_ns == first.st_mtime_ns, "made twice for nothing"
    assert make(tmp_path, seed=1).stat().st_mtime_ns != first.st_mtime_ns


def test_a_damaged_weights_file_is_made_anew(tmp_path: Path) -> None:
    file = make_noise(tmp_path) / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert make(tmp_path).read_bytes() == whole
    assert not [
        path
        for path in tmp_path.iterdir()
        if path.suffix not in (".json", ".jinja", ".safetensors")
    ]


def test_noise_answers_by_its_prompt_and_does_not_repeat_one_token(noise: Path) -> None:
    """Otherwise every text of a cache test would be equal, whatever the cache did."""
    model, tokenizer = load_offline(noise)
    questions = ("Who are you?", "Tell me a joke", "What is 2+2?")
    answers = [greedy(model, chat(tokenizer, question), 40) for question in questions]
    assert len({tuple(answer) for answer in answers}) == len(questions)
    assert all(len(set(answer)) > 3 for answer in answers)


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNBATCHABLE])
def test_a_tiny_model_can_show_a_fault_of_a_cache(architecture: str, tmp_path: Path) -> None:
    """Text that varies, and a first token that feels one replaced token in mid-prompt."""
    folder = make_model(architecture, tmp_path / "one")
    again = make_model(architecture, tmp_path / "two")
    other = make_model(architecture, tmp_path / "three", seed=1)
    weights = (folder / "model.safetensors").read_bytes()
    assert weights == (again / "model.safetensors").read_bytes()
    assert weights != (other / "model.safetensors").read_bytes()

    model, tokenizer = load_offline(folder)
    prompt = chat(tokenizer, agent_system()[:600])
    answer = greedy(model, prompt, 40)
    assert len(set(answer)) > 10, "it repeats itself"
    assert not SPECIAL & set(answer)
    replaced = list(prompt)
    replaced[len(prompt) // 2] += 100
    logprobs, moved = (np.array(first_logprobs(model, p)) for p in (prompt, replaced))
    assert np.isfinite(logprobs).all()
    assert np.abs(logprobs - moved).max() > 1e-3


def chat(tokenizer: Any, question: str) -> list[int]:
    message = {"role": "user", "content": question}
    return tokenizer.apply_chat_template([message], add_generation_prompt=True)
