"""The Responses API through real sockets, read by the official client with strict validation."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from llmx.core.engine.scripted import Item, ScriptedEngine, Special
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import Message, OutputFormat, ToolCall, ToolChoice
from llmx.core.wire.check.responses import SeenResponse, check_responses
from tests.core.server.support import House, house

PATH = "/v1/responses"
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
HELLO: list[Item] = ["Hel", "lo", b" \xf0\x9f", b"\x99\x83", "!"]
THINK = ThinkMarkers("<think>", "</think>")
READ: Any = {
    "type": "function",
    "name": "read_file",
    "description": "Reads.",
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
}


def call(*pieces: str) -> list[Item]:
    return [Special("<tool_call>"), "\n", *pieces, "\n", Special("</tool_call>")]


CALL = call('{"name": "read_file", "argu', 'ments": {"path": "a \\"b', '\\" é</tool_call>"}}')
ARGUMENTS = {"path": 'a "b" é</tool_call>'}


def asked(**body: Any) -> dict[str, Any]:
    return {"model": "scripted", "input": "Hi", **body}


def strict(server: House) -> OpenAI:
    return server.openai(_strict_response_validation=True)


def post(server: House, **body: Any) -> httpx.Response:
    return httpx.post(server.url + PATH, json=asked(**body), timeout=60)


def streamed(server: House, **body: Any) -> tuple[list[dict[str, Any]], SeenResponse]:
    """The events, each held against the published types, and what the validator says."""
    answer = post(server, stream=True, **body)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    seen = check_responses(answer.content)
    assert seen.violations == []
    lines = answer.text.splitlines()
    data = [line[6:] for line in lines if line.startswith("data: {")]
    bodies = [json.loads(one) for one in data]
    for body in bodies:
        EVENTS.validate_python(body)
    return bodies, seen


# ── the answer ────────────────────────────────────────────────────────────────────────────────


def test_the_official_client_reads_an_answer() -> None:
    with house(engine=ScriptedEngine(HELLO, cached_tokens=2)) as server:
        with strict(server) as client:
            answer = client.responses.create(**asked(instructions="Be brief."))
        record = server.records.one()
    assert (answer.output_text, answer.status, answer.error) == ("Hello 🙃!", "completed", None)
    usage = answer.usage
    assert usage is not None
    details = usage.input_tokens_details
    assert (usage.input_tokens, details.cached_tokens, details.cache_write_tokens) == (13, 2, 11)
    assert (usage.output_tokens, usage.total_tokens) == (5, 18)  # a byte a token: 9 + 1 and 2 + 1
    assert answer.instructions == "Be brief."
    assert answer.completed_at is not None
    assert (record.id, record.api, record.usage.prompt) == (answer.id, "responses", 13)
    assert answer.id.startswith("resp_")
    assert [m.role for m in server.engine.requests[0].messages] == ["system", "user"]


def test_a_stream_a_whole_answer_and_the_last_event_say_the_same() -> None:
    engine = ScriptedEngine(["Th", "ink.", "</think>", "\n\nSee: ", *CALL, *CALL],
                            family=Hermes(), thinking=THINK, is_thinking=True)  # fmt: skip
    with house(engine=engine) as server:
        whole = post(server, tools=[READ]).json()
        bodies, seen = streamed(server, tools=[READ])
    last = bodies[-1]["response"]
    assert [item["type"] for item in whole["output"]] == [
        "reasoning", "message", "function_call", "function_call"
    ]  # fmt: skip
    assert json.loads(whole["output"][2]["arguments"]) == ARGUMENTS
    assert _plain(whole) == _plain(last)
    assert seen.status == "completed"
    assert last["usage"]["output_tokens_details"]["reasoning_tokens"] == 3


def _plain(response: Any) -> Any:
    """Without what is new each time."""
    new = ("id", "call_id", "created_at", "completed_at")
    if isinstance(response, list):
        return [_plain(one) for one in response]
    if not isinstance(response, dict):
        return response
    return {k: _plain(v) for k, v in response.items() if k not in new}


def test_the_clients_stream_helper_and_parse_work() -> None:
    class Town(BaseModel):
        name: str

    text = '{"name": "Rome"}'
    with house([text]) as server, strict(server) as client:
        parsed = client.responses.parse(**asked(text_format=Town))
        with client.responses.stream(**asked(text_format=Town)) as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_response()
    assert parsed.output_parsed == final.output_parsed == Town(name="Rome")
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    output = server.engine.requests[0].output
    assert output == OutputFormat(output and output.schema, True, "Town")


def test_a_tool_loop_goes_on_from_the_response_before() -> None:
    engine = ScriptedEngine(CALL, HELLO, family=Hermes())
    with house(engine=engine) as server, strict(server) as client:
        first = client.responses.create(**asked(tools=[READ]))
        (made,) = first.output
        assert made.type == "function_call"
        result: Any = {"type": "function_call_output", "call_id": made.call_id, "output": "4"}
        second = client.responses.create(
            model="scripted", input=[result], previous_response_id=first.id, tools=[READ]
        )
        resent: Any = [{"role": "user", "content": "Hi"}, made.to_dict(), result]
        third = client.responses.create(model="scripted", input=resent, tools=[READ])
    assert second.output_text == third.output_text == "Hello 🙃!"
    assert second.previous_response_id == first.id
    messages = server.engine.requests[1].messages
    assert messages == server.engine.requests[2].messages
    assert messages == (
        Message("user", "Hi"),
        Message("assistant", "", (ToolCall(made.call_id, "read_file", made.arguments),)),
        Message("tool", "4", tool_call_id=made.call_id),
    )


# ── what is refused ───────────────────────────────────────────────────────────────────────────


def test_an_unknown_model_is_a_404() -> None:
    with house(HELLO) as server, server.openai() as client, pytest.raises(NotFoundError) as caught:
        client.responses.create(model="gpt-9", input="Hi")
    assert caught.value.body == {
        "message": "The model the string 'gpt-9' is not served here; scripted is.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


REFUSED: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"input": 3}, "input", None),
    ({"input": []}, "input", None),
    ({"previous_response_id": "resp_no"}, "previous_response_id", "previous_response_not_found"),
    ({"background": True, "store": False}, "background", None),
    ({"conversation": "c", "previous_response_id": "r"}, "conversation",
     "mutually_exclusive_parameters"),
    ({"conversation": "c"}, "conversation", "unsupported_value"),
    ({"input": [{"type": "function_call_output", "call_id": "x", "output": "1"}]},
     "input[0].call_id", "invalid_call_id"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}]},
     "input[0].content[0].type", "unsupported_value"),
    ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
     "input[0].content[0].type", "unsupported_value"),
    ({"input": [{"type": "item_reference", "id": "msg_no"}]}, "input[0].id", None),
    ({"input": [{"type": "made_up"}]}, "input[0].type", "unsupported_value"),
    ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0].type", "unsupported_tool"),
    ({"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}},
     "tool_choice.type", "unsupported_tool"),
    ({"tools": [READ], "tool_choice": {"type": "function", "name": "no"}}, "tool_choice.name",
     None),
    ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema", None),
    ({"top_logprobs": 21}, "top_logprobs", None),
    ({"metadata": {"a": 1}}, "metadata.a", None),
    ({"temperature": "hot"}, "temperature", None),
    ({"prompt_cache_key": "k" * 65}, "prompt_cache_key", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "param", "code"), REFUSED, ids=[str(i) for i in range(len(REFUSED))]
)
def test_what_cannot_be_is_refused_by_its_place(body: Any, param: Any, code: Any) -> None:
    with (
        house(HELLO) as server,
        server.openai() as client,
        pytest.raises(BadRequestError) as caught,
    ):
        client.responses.create(**asked(**body))
    assert (caught.value.param, caught.value.code) == (param, code)
    assert server.engine.requests == []


def test_a_form_is_no_body() -> None:
    with house(HELLO) as server:
        answer = httpx.post(server.url + PATH, data={"model": "scripted"}, timeout=60)
        named = {"content-type": "application/x-www-form-urlencoded"}
        called_one = httpx.post(server.url + PATH, content=json.dumps(asked()), headers=named)
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "unsupported_media_type"
    assert called_one.status_code == 200  # `curl -d` calls JSON a form


# ── tools ─────────────────────────────────────────────────────────────────────────────────────


def test_tools_of_a_namespace_are_answered_by_their_own_name() -> None:
    inner = {**READ, "name": "read"}
    space = {"type": "namespace", "name": "fs", "description": "Files.", "tools": [inner]}
    made = call('{"name": "fs__read", "arguments": {}}')
    engine = ScriptedEngine(made, family=Hermes())
    with house(engine=engine) as server:
        bodies, _ = streamed(server, tools=[space, {"type": "web_search"}])
        choice = {"type": "function", "name": "read"}
        answer = post(server, tools=[space, {"type": "web_search"}], tool_choice=choice)
    item = bodies[-1]["response"]["output"][0]
    assert (item["name"], item["namespace"]) == ("read", "fs")
    assert [tool["name"] for tool in bodies[-1]["response"]["tools"]] == ["fs"]
    assert server.engine.requests[0].tools[0]["function"]["name"] == "fs__read"
    assert server.engine.requests[1].tool_choice == ToolChoice("required", ("fs__read",))
    assert answer.headers["x-llmx-warning"] == "tools[1]: a tool of type web_search is not run here"


def test_a_custom_tool_is_called_with_a_text() -> None:
    made = call('{"name": "patch", "arguments": {"inp', 'ut": "a\\n', 'b"}}')
    with house(engine=ScriptedEngine(made, family=Hermes())) as server:
        bodies, _ = streamed(server, tools=[{"type": "custom", "name": "patch"}])
    item = bodies[-1]["response"]["output"][0]
    assert (item["type"], item["input"]) == ("custom_tool_call", "a\nb")


CHOICES: list[tuple[Any, ToolChoice]] = [
    (None, ToolChoice()),
    ("none", ToolChoice("none")),
    ("required", ToolChoice("required")),
    ({"type": "function", "name": "read_file"}, ToolChoice("required", ("read_file",))),
    ({"type": "allowed_tools", "mode": "auto",
      "tools": [{"type": "function", "name": "read_file"}]},
     ToolChoice("auto", ("read_file",))),
    ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]},
     ToolChoice("none")),
]  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), CHOICES, ids=[str(i) for i in range(len(CHOICES))])
def test_each_form_of_the_choice_reaches_the_engine(given: Any, wanted: ToolChoice) -> None:
    with house(engine=ScriptedEngine(HELLO, family=Hermes())) as server:
        answer = post(server, tools=[READ], tool_choice=given)
    assert answer.json()["tool_choice"] == (given or "auto")
    assert server.engine.requests[0].tool_choice == wanted
