"""Tools, formats and reasoning through real sockets, driven by the official client's helpers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from openai import LengthFinishReasonError, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from llmx.core.engine.scripted import Item, ScriptedEngine, Special
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import GenerationRequest
from llmx.core.wire.check.chat import check_chat
from tests.core.server.support import CHAT, House, house

USER: ChatCompletionMessageParam = {"role": "user", "content": "How warm is it?"}
BEGIN, END = Special("<tool_call>"), Special("</tool_call>")


class Weather(BaseModel):
    """The weather of a town."""

    town: str
    days: int = 1


WEATHER: Any = pydantic_function_tool(Weather, name="weather")
GO: Any = {"type": "function", "function": {"name": "go"}}
NOTE: Any = {"type": "custom", "custom": {"name": "note"}}


def calls(*made: tuple[str, Any]) -> list[Item]:
    """As Hermes writes them, a character a token."""
    script: list[Item] = []
    for name, arguments in made:
        body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
        script += [BEGIN, "\n", *body, "\n", END]
    return script


def hermes(*scripts: Any, **options: Any) -> ScriptedEngine:
    return ScriptedEngine(*scripts, family=Hermes(), **options)


# ── calls ─────────────────────────────────────────────────────────────────────────────────────


def test_the_client_parses_a_call_into_its_own_type() -> None:
    script = calls(("weather", {"town": "Köln 🙃", "days": 2}))
    with house(engine=hermes(script)) as server, server.openai() as client:
        answer = client.chat.completions.parse(model="any", messages=[USER], tools=[WEATHER])
    (choice,) = answer.choices
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    (made,) = choice.message.tool_calls or [None]
    assert made is not None
    assert made.function.parsed_arguments == Weather(town="Köln 🙃", days=2)


def test_the_clients_strict_accumulator_reads_the_stream() -> None:
    script: list[Item] = ["I ", "look."]
    script += calls(("weather", {"town": "Köln"}), ("weather", {"town": "Bonn", "days": 3}))
    with house(engine=hermes(script)) as server, server.openai() as client:
        opened = client.chat.completions.stream(
            model="any",
            messages=[USER],
            tools=[WEATHER],
            stream_options={"include_usage": True},
        )
        with opened as stream:
            kinds = [event.type for event in stream]
            answer = stream.get_final_completion()
    made = [made.function.parsed_arguments for made in answer.choices[0].message.tool_calls or ()]
    assert made == [Weather(town="Köln"), Weather(town="Bonn", days=3)]
    assert kinds.count("tool_calls.function.arguments.done") == 2
    assert answer.choices[0].message.content == "I look."
    assert answer.choices[0].finish_reason == "tool_calls"
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == len("How warm is it?") + 1


def agent(request: GenerationRequest) -> Sequence[Item]:
    """Asks for two towns, then for a third, then says what it was told."""
    results = [message.content for message in request.messages if message.role == "tool"]
    match len(results):
        case 0:
            return calls(("weather", {"town": "Köln"}), ("weather", {"town": "Bonn"}))
        case 2:
            return ["One more.", *calls(("weather", {"town": "Trier"}))]
        case _:
            return list(" ".join(results))


def say(client: OpenAI, messages: list[Any], *, stream: bool) -> Any:
    """The next message of the assistant, streamed or not."""
    asked: Any = {"model": "any", "messages": messages, "tools": [WEATHER]}
    if not stream:
        return client.chat.completions.create(**asked).choices[0].message
    with client.chat.completions.stream(**asked) as opened:
        return opened.get_final_completion().choices[0].message


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_loop_runs_to_its_end(stream: bool) -> None:
    """What the client gives back is what it got: its own objects, as it dumps them."""
    messages: list[Any] = [USER]
    with house(engine=hermes(agent)) as server, server.openai() as client:
        for _ in range(2):
            message = say(client, messages, stream=stream)
            messages.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
            for made in reversed(message.tool_calls):  # any order is right
                town = json.loads(made.function.arguments)["town"]
                result = {"role": "tool", "tool_call_id": made.id, "content": f"{town}: 20°"}
                messages.append(result)
        last = say(client, messages, stream=stream)
    assert last.content == "Bonn: 20° Köln: 20° Trier: 20°"
    assert not last.tool_calls


def test_ids_of_calls_are_unique_over_a_conversation() -> None:
    with house(engine=hermes(calls(("go", {}), ("go", {})))) as server:
        ids = [
            made["id"]
            for _ in range(3)
            for made in server.post(tools=[GO]).json()["choices"][0]["message"]["tool_calls"]
        ]
    assert len(set(ids)) == 6
    assert all(identity.startswith("call_") for identity in ids)


@pytest.mark.parametrize(
    "value",
    ["</tool_call>", "<tool_call>{}</tool_call>", '"}\n', "\u0000\x1f", "é🙃שלום\u200f", "\\u0000"],
)
def test_any_text_may_stand_in_an_argument(value: str) -> None:
    with house(engine=hermes(calls(("go", {"text": value})))) as server:
        whole = server.post(tools=[GO]).json()["choices"][0]["message"]["tool_calls"]
        seen = check_chat(server.post(tools=[GO], stream=True).content)
    assert seen.violations == []
    assert seen.choices[0].calls[0].arguments == whole[0]["function"]["arguments"]
    assert json.loads(whole[0]["function"]["arguments"]) == {"text": value}


def test_a_megabyte_in_one_argument_comes_whole() -> None:
    pieces: list[Item] = ["x" * 1000] * 1000
    script = [BEGIN, '{"name": "go", "arguments": {"text": "', *pieces, '"}}', END]
    with house(engine=hermes(script)) as server:
        seen = check_chat(server.post(tools=[GO], stream=True).content)
    assert seen.violations == []
    assert len(seen.choices[0].calls[0].arguments) > 1_000_000


def test_what_is_no_call_stays_text_and_the_trace_says_so() -> None:
    script: list[Item] = ["See: ", *calls(("stay", {})), "."]
    with house(engine=hermes(script)) as server:
        choice = server.post(tools=[GO]).json()["choices"][0]
        record = server.records.one()
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"].startswith("See: <tool_call>")
    assert "tool_calls" not in choice["message"]
    assert record.res.flags


@pytest.mark.parametrize("body", [{}, {"tools": [GO], "tool_choice": "none"}])
def test_nothing_is_called_where_nothing_may_be(body: dict[str, Any]) -> None:
    with house(engine=hermes(calls(("go", {})))) as server:
        choice = server.post(**body).json()["choices"][0]
    assert (choice["finish_reason"], "tool_calls" in choice["message"]) == ("stop", False)
    assert "go" in choice["message"]["content"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_custom_tool_gets_its_text(stream: bool) -> None:
    with house(engine=hermes(calls(("note", {"input": 'a "b"'})))) as server:
        answer = server.post(tools=[NOTE], stream=stream)
    if stream:
        seen = check_chat(answer.content)
        assert seen.violations == []
        made = seen.choices[0].calls[0]
        assert (made.kind, made.name, made.arguments) == ("custom", "note", 'a "b"')
    else:
        (told,) = answer.json()["choices"][0]["message"]["tool_calls"]
        assert told["custom"] == {"name": "note", "input": 'a "b"'}


def test_each_of_several_choices_may_call() -> None:
    engine = hermes(["fine"], calls(("go", {})))
    with house(engine=engine) as server, server.openai() as client:
        answer = client.chat.completions.create(model="any", messages=[USER], tools=[GO], n=2)
        with client.chat.completions.stream(
            model="any", messages=[USER], tools=[GO], n=2
        ) as stream:
            streamed = stream.get_final_completion()
    assert [choice.finish_reason for choice in answer.choices] == ["stop", "tool_calls"]
    assert answer.choices[0].message.content == "fine"
    assert [choice.index for choice in streamed.choices] == [0, 1]


# ── reasoning ─────────────────────────────────────────────────────────────────────────────────

THINK = ThinkMarkers("<think>", "</think>")


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning_comes_apart_from_the_answer_and_is_counted(stream: bool) -> None:
    script: list[Item] = [Special("<think>"), "hm", " hm", Special("</think>"), "4", "2"]
    engine = hermes(script, thinking=THINK)
    with house(engine=engine) as server:
        answer = server.post(stream=stream, stream_options={"include_usage": True}, tools=[GO])
    if stream:
        seen = check_chat(answer.content)
        assert seen.violations == []
        told: Any = seen.choices[0]
        texts = (told.reasoning_content, told.content)
        usage = seen.usage
    else:
        message = answer.json()["choices"][0]["message"]
        texts = (message["reasoning_content"], message["content"])
        usage = answer.json()["usage"]
    assert texts == ("hm hm", "42")
    assert usage["completion_tokens_details"]["reasoning_tokens"] > 0


# ── formats ───────────────────────────────────────────────────────────────────────────────────


def test_the_client_parses_an_answer_into_its_own_type() -> None:
    script: list[Item] = ['{"town": "Kö', 'ln", "days": 3}']
    with house(script) as server, server.openai() as client:
        answer = client.chat.completions.parse(
            model="any", messages=[USER], response_format=Weather
        )
        with client.chat.completions.stream(
            model="any", messages=[USER], response_format=Weather
        ) as stream:
            streamed = stream.get_final_completion()
        asked = server.engine.requests[0].output
    assert answer.choices[0].message.parsed == Weather(town="Köln", days=3)
    assert streamed.choices[0].message.parsed == Weather(town="Köln", days=3)
    assert asked is not None
    assert (asked.strict, asked.name) == (True, "Weather")
    assert set(asked.schema["properties"]) == {"town", "days"}


def test_an_answer_that_was_cut_says_so_to_the_client() -> None:
    asked: Any = {"model": "any", "messages": [USER], "max_tokens": 1, "response_format": Weather}
    with house(['{"town": "Kö', 'ln"}']) as server, server.openai() as client:
        with pytest.raises(LengthFinishReasonError):
            client.chat.completions.parse(**asked)
        opened = client.chat.completions.stream(**asked)
        with opened as stream, pytest.raises(LengthFinishReasonError):
            stream.until_done()


# ── bad input ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lasting() -> Iterator[House]:
    with house(["fine"]) as made:
        yield made


def _called(*made: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(made)}


def _call(identity: Any, arguments: Any = "{}") -> dict[str, Any]:
    function = {"name": "go", "arguments": arguments}
    return {"id": identity, "type": "function", "function": function}


def _result(identity: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": "x"}


IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}
BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"messages": [USER, _result("c9")]}, "messages[1].tool_call_id"),
    ({"messages": [USER, _called(_call("a"), _call("a"))]}, "messages[1].tool_calls[1].id"),
    (
        {"messages": [USER, _called(_call("a")), _result("b")]},
        "messages[2].tool_call_id",
    ),
    (
        {"messages": [USER, _called(_call("a", "{'x'")), _result("a")]},
        "messages[1].tool_calls[0].function.arguments",
    ),
    ({"messages": [USER, _called(_call(5))]}, "messages[1].tool_calls[0].id"),
    ({"messages": [IMAGE]}, "messages[0].content[0].type"),
    ({"tools": [GO, GO]}, "tools[1].function.name"),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "x"}}}]},
        "tools[0].function.parameters",
    ),
    ({"tools": [GO], "tool_choice": {"type": "function"}}, "tool_choice.function"),
    ({"tool_choice": "required"}, "tool_choice"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": 5}}}},
        "response_format.json_schema.schema",
    ),
    ({"n": 100}, "n"),
    ({"logit_bias": {"x": 1}}, "logit_bias"),
    ({"logit_bias": {"99999": 1}}, "logit_bias"),
    ({"functions": [{"name": "f"}]}, "functions"),
]


@pytest.mark.parametrize(("body", "param"), BAD_BODIES)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_is_a_400_that_names_its_place_and_the_server_lives_on(
    lasting: House, body: dict[str, Any], param: str, stream: bool
) -> None:
    full = {"model": "any", "messages": [USER], "stream": stream, **body}
    answer = httpx.post(lasting.url + CHAT, json=full, timeout=60)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert error["type"] == "invalid_request_error"
    assert param in error["message"]
    assert lasting.post().json()["choices"][0]["message"]["content"] == "fine"
