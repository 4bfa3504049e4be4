"""Texts to go on with, through real sockets, read by the official client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openai import OpenAI

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine
from llmx.core.errors import Busy
from llmx.core.types import GenerationRequest
from tests.core.server.support import House, house
from tests.serving import eventually

PATH = "/v1/completions"


def echo(request: GenerationRequest) -> list[Item]:
    """Goes on with the prompt in capitals, a letter a token."""
    assert isinstance(request.prompt, str)
    return list(request.prompt.upper())


@pytest.fixture(scope="module")
def server() -> Iterator[House]:
    with house(echo) as made:
        yield made


@pytest.fixture
def client(server: House) -> Iterator[OpenAI]:
    with server.openai() as made:
        yield made


def post(server: House, **body: Any) -> httpx.Response:
    return httpx.post(server.url + PATH, json={"model": "any", **body}, timeout=60)


def frames_of(answer: httpx.Response) -> list[dict[str, Any]]:
    *frames, done = answer.text.removesuffix("\n\n").split("\n\n")
    assert done == "data: [DONE]"
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


# ── the answer ────────────────────────────────────────────────────────────────────────────────


def test_the_official_client_reads_a_text(server: House, client: OpenAI) -> None:
    answer = client.completions.create(model="any", prompt="abc")
    assert (answer.object, answer.id[:5]) == ("text_completion", "cmpl-")
    (choice,) = answer.choices
    assert (choice.text, choice.finish_reason, choice.logprobs) == ("ABC", "stop", None)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 3)
    request = server.engine.requests[-1]
    assert (request.prompt, request.messages) == ("abc", ())


def test_the_official_client_reads_a_stream(client: OpenAI) -> None:
    options: Any = {"include_usage": True}
    stream = client.completions.create(
        model="any", prompt="abc", stream=True, stream_options=options
    )
    *chunks, last = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == "ABC"
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]
    assert (last.choices, last.usage) == (
        [],
        client.completions.create(model="any", prompt="abc").usage,
    )


def test_sixteen_tokens_are_made_where_the_body_does_not_say(client: OpenAI) -> None:
    answer = client.completions.create(model="any", prompt="x" * 30)
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("X" * 16, "length")


def test_stop_strings_are_kept(client: OpenAI) -> None:
    answer = client.completions.create(model="any", prompt="abcd", stop=["C"])
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("AB", "stop")


@pytest.mark.parametrize("stream", [False, True])
def test_the_prompt_is_repeated_where_that_is_asked(server: House, stream: bool) -> None:
    answer = post(server, prompt=["abc", "d"], echo=True, stream=stream)
    bodies = frames_of(answer) if stream else [answer.json()]
    texts = ["", ""]
    for body in bodies:
        for choice in body["choices"]:
            texts[choice["index"]] += choice["text"]
    assert texts == ["abcABC", "dD"]


def test_tokens_are_a_prompt_too_and_are_repeated_as_text() -> None:
    with house(["!"]) as server:
        answer = post(server, prompt=[[104, 105], [72]], echo=True)
        assert [choice["text"] for choice in answer.json()["choices"]] == ["hi!", "H!"]
        assert [request.prompt for request in server.engine.requests] == [(104, 105), (72,)]


# ── several prompts ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream", [False, True])
def test_each_prompt_has_its_choice_and_the_usage_is_of_all(server: House, stream: bool) -> None:
    asked = {"stream_options": {"include_usage": True}} if stream else {}
    answer = post(server, prompt=["ab", "c", "def"], max_tokens=2, stream=stream, **asked)
    bodies = frames_of(answer) if stream else [answer.json()]
    texts, ends = ["", "", ""], [None] * 3
    for choice in (choice for body in bodies for choice in body["choices"]):
        assert ends[choice["index"]] is None, "nothing comes after a choice's end"
        texts[choice["index"]] += choice["text"]
        ends[choice["index"]] = choice["finish_reason"]
    assert texts == ["AB", "C", "DE"]
    assert ends == ["length", "stop", "length"]
    usage = bodies[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (6, 5)  # 2+1+3, 2+1+2


def test_what_is_cached_of_the_prompts_is_summed_up() -> None:
    with house(engine=ScriptedEngine(["x"], remembers=True)) as server:
        post(server, prompt="abcdef")
        usage = post(server, prompt=["abcxyz", "abcdefgh"]).json()["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == 9  # 3 and 6
        own = usage["llmx"]
        assert (own["matched"], own["ram_tokens"], own["computed_tokens"]) == (9, 9, 5)  # 14 - 9
        record = server.records.wait(2)[1]
    assert (record.api, record.usage.prompt, record.usage.cached) == ("completions", 14, 9)


@pytest.mark.parametrize("stream", [False, True])
def test_one_prompt_that_fails_ends_them_all(stream: bool) -> None:
    gate = Gate()
    engine = ScriptedEngine(["a", gate, "b"], ["c", RuntimeError("the device is gone")])
    with house(engine=engine) as server:
        answer = post(server, prompt=["x", "y"], stream=stream)
        eventually(lambda: engine.stats().running == 0)
    assert "the device is gone" in answer.text
    assert answer.status_code == (200 if stream else 500)
    assert len(engine.cancelled) == 1


def test_more_prompts_than_the_queue_takes_are_answered_one_after_the_other() -> None:
    with house(engine=ScriptedEngine(["x"], slots=4, queue=12)) as server:
        answer = post(server, prompt=["a"] * 64)
    assert [choice["text"] for choice in answer.json()["choices"]] == ["x"] * 64


def test_a_first_prompt_that_finds_the_queue_full_refuses_them_all() -> None:
    engine = ScriptedEngine([Busy("the queue is full")], ["a", Gate()])
    with house(engine=engine) as server:
        answer = post(server, prompt=["x", "y"])
        eventually(lambda: engine.stats().running == 0)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_a_later_prompt_that_finds_the_queue_full_waits_for_its_place() -> None:
    engine = ScriptedEngine(["a"], [Busy("the queue is full")], ["b"])
    with house(engine=engine) as server:
        answer = post(server, prompt=["x", "y"])
    assert [choice["text"] for choice in answer.json()["choices"]] == ["a", "b"]


# ── what is refused ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a", ""]}, "prompt[1]"),
        ({"prompt": ["a", 5]}, "prompt[1]"),
        ({"prompt": [1, "a"]}, "prompt[1]"),
        ({"prompt": [1, -1]}, "prompt[1]"),
        ({"prompt": [1, 2**40]}, "prompt[1]"),
        ({"prompt": [[1], []]}, "prompt[1]"),
        ({"prompt": [[1], [1.5]]}, "prompt[1][0]"),
        ({"prompt": ["a"] * 65}, "prompt"),
        ({"prompt": "a", "suffix": "b"}, "suffix"),
        ({"prompt": "a", "best_of": 3}, "best_of"),
        ({"prompt": "a", "logprobs": 21}, "logprobs"),
        ({"prompt": "a", "logprobs": 1, "echo": True}, "logprobs"),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens"),
        ({"prompt": "a", "n": 17}, "n"),
        ({"prompt": "a", "logit_bias": {"x": 1}}, "logit_bias"),
    ],
)
def test_a_wrong_body_is_a_400_that_names_the_field(
    server: House, body: dict[str, Any], param: str
) -> None:
    answer = post(server, **body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert post(server, prompt="a").status_code == 200


def test_a_prompt_beyond_the_context_is_named() -> None:
    with house(engine=ScriptedEngine(["x"], context=4)) as server:
        error = post(server, prompt="abcd").json()["error"]
    assert (error["code"], error["param"]) == ("context_length_exceeded", "prompt")


def test_null_means_not_given(server: House) -> None:
    names = ("suffix", "echo", "logprobs", "best_of", "n", "stop", "max_tokens", "logit_bias")
    assert post(server, prompt="a", **dict.fromkeys(names)).status_code == 200
