"""Anthropic Messages through real sockets, read by the official client with strict validation."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import httpx
import pytest
from anthropic import APIStatusError, BadRequestError, beta_tool
from anthropic.types import MessageParam, ToolParam
from pydantic import BaseModel

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine, Special
from llmx.core.errors import Busy
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import Message, OutputFormat, ToolCall, ToolChoice
from llmx.core.wire.check.messages import check_messages
from tests.core.server.support import House, house

PATH = "/v1/messages"
COUNT = f"{PATH}/count_tokens"
HELLO: list[Item] = ["Hel", "lo", b" \xf0\x9f", b"\x99\x83", "!"]
HI: list[MessageParam] = [{"role": "user", "content": "Hi"}]
READ: ToolParam = {
    "name": "read_file",
    "description": "Reads.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
}
THINK = ThinkMarkers("<think>", "</think>")


def call(*pieces: str) -> list[Item]:
    return [Special("<tool_call>"), "\n", *pieces, "\n", Special("</tool_call>")]


CALL = call('{"name": "read_file", "argu', 'ments": {"path": "a \\"b', '\\" é</tool_call>"}}')
INPUT = {"path": 'a "b" é</tool_call>'}


def asked(**body: Any) -> dict[str, Any]:
    return {"model": "any", "max_tokens": 100, "messages": HI, **body}


def raw_stream(server: House, **body: Any) -> bytes:
    answer = httpx.post(server.url + PATH, json=asked(stream=True, **body), timeout=60)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return answer.content


# ── the answer ────────────────────────────────────────────────────────────────────────────────


def test_the_official_client_reads_an_answer() -> None:
    with house(engine=ScriptedEngine(HELLO, cached_tokens=2)) as server:
        with server.anthropic() as client:
            answer = client.messages.create(**asked(system="Be brief."))
        record = server.records.one()
    assert [block.to_dict() for block in answer.content] == [{"type": "text", "text": "Hello 🙃!"}]
    assert (answer.stop_reason, answer.stop_sequence, answer.role) == (
        "end_turn",
        None,
        "assistant",
    )
    usage = answer.usage
    parts = (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens)
    assert (parts, usage.output_tokens) == ((0, 2, 11), 5)  # a byte a token: 9 + 1 and 2 + 1
    assert answer.model == "any"  # as asked
    assert (record.id, record.api, record.usage.prompt) == (answer.id, "messages", 13)
    assert answer._request_id == answer.id


def test_the_official_client_reads_a_stream_that_says_the_same() -> None:
    engine = ScriptedEngine(["Th", "ink.", "</think>", "\n\nSee: ", *CALL, *CALL],
                            family=Hermes(), thinking=THINK, is_thinking=True)  # fmt: skip
    with house(engine=engine) as server, server.anthropic() as client:
        body = asked(tools=[READ])
        whole = client.messages.create(**body)
        with client.messages.stream(**body) as stream:
            streamed = stream.get_final_message()
        seen = check_messages(raw_stream(server, tools=[READ]))
    kinds = ["thinking", "text", "tool_use", "tool_use"]
    assert [block.type for block in whole.content] == kinds
    assert [block.input for block in whole.content if block.type == "tool_use"] == [INPUT, INPUT]
    assert _said(streamed) == _said(whole)
    assert streamed.usage.output_tokens_details == whole.usage.output_tokens_details
    assert seen.violations == []
    assert [block.kind for block in seen.blocks] == kinds
    assert len({block.id for block in seen.blocks}) == 3  # None, and one for each call


def _said(message: anthropic.types.Message) -> list[Any]:
    """Without the ids of calls, which are never the same twice."""
    blocks = [{**block.to_dict(), "id": None} for block in message.content]
    return [*blocks, message.stop_reason]


def test_the_async_client_reads_both() -> None:
    async def both(server: House) -> list[str]:
        async with server.async_anthropic() as client:
            whole = await client.messages.create(**asked())
            async with client.messages.stream(**asked()) as stream:
                return [whole.content[0].to_dict()["text"], await stream.get_final_text()]  # pyright: ignore

    with house(HELLO) as server:
        assert asyncio.run(both(server)) == ["Hello 🙃!", "Hello 🙃!"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("script", "body", "wanted"),
    [
        (["a", "b", "c"], {"max_tokens": 2}, ("max_tokens", None)),
        (["a", "STOP", "c"], {"stop_sequences": ["TO"]}, ("stop_sequence", "TO")),
        (["a"] * 200, {"max_tokens": 20_000}, ("model_context_window_exceeded", None)),
        (CALL, {"tools": [READ]}, ("tool_use", None)),
        (CALL[:-1], {"tools": [READ], "max_tokens": 3}, ("max_tokens", None)),
    ],
)
def test_why_an_answer_ended(
    script: list[Item], body: Any, wanted: tuple[str, str | None], stream: bool
) -> None:
    engine = ScriptedEngine(script, family=Hermes(), context=100)
    with house(engine=engine) as server, server.anthropic() as client:
        if stream:
            with client.messages.stream(**asked(**body)) as events:
                answer = events.get_final_message()
        else:
            answer = client.messages.create(**asked(**body))
    assert (answer.stop_reason, answer.stop_sequence) == wanted


def test_the_beta_path_is_the_same_path() -> None:
    with house(HELLO) as server, server.anthropic() as client:
        answer = client.beta.messages.create(**asked(betas=["nobody-knows-2030-01-01"]))
        assert server.records.one().api == "messages"
    assert answer.content[0].to_dict()["text"] == "Hello 🙃!"


# ── loops ─────────────────────────────────────────────────────────────────────────────────────


@beta_tool
def read_file(path: str) -> str:
    """Reads.

    Args:
        path: of the file
    """
    if not path:
        raise ValueError("no path")
    return f"<{path}>"


@pytest.mark.parametrize("stream", [False, True])
def test_the_tool_runner_is_refused_its_thread_and_replays(stream: bool) -> None:
    engine = ScriptedEngine(["Looking. ", *CALL], ["It says so."], family=Hermes())
    with house(engine=engine) as server, server.anthropic() as client:
        runner = client.beta.messages.tool_runner(
            model="any", max_tokens=99, tools=[read_file], stream=stream,
            messages=[{"role": "user", "content": "Q"}],
        )  # fmt: skip
        final = runner.until_done()
        refused, *_ = server.records.wait(3)
    assert refused.res.error is not None
    assert (refused.status, refused.res.error.code) == (400, "thread_unsupported_request")
    assert final.content[0].to_dict()["text"] == "It says so."
    _, second = engine.requests
    question, turn, result = second.messages
    assert question == Message("user", "Q")
    assert (turn.content, json.loads(turn.tool_calls[0].arguments)) == ("Looking. ", INPUT)
    assert (result.content, result.tool_call_id) == ('<a "b" é</tool_call>>', turn.tool_calls[0].id)


def test_a_turn_goes_back_as_it_came() -> None:
    script: list[Item] = ["I ", "think.", "</think>", "\n\nSee: ", *CALL]
    engine = ScriptedEngine(script, ["Done."], family=Hermes(), thinking=THINK, is_thinking=True)
    with house(engine=engine) as server, server.anthropic() as client:
        first = client.messages.create(**asked(tools=[READ]))
        (use,) = [block for block in first.content if block.type == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": use.id, "content": "R", "is_error": True}
        talk = [*HI, first.to_param(), {"role": "user", "content": [result]}]
        client.messages.create(**asked(tools=[READ], messages=talk))
    assert engine.requests[1].messages == (
        Message("user", "Hi"),
        Message(
            "assistant",
            "See: ",
            (ToolCall(use.id, "read_file", json.dumps(INPUT, ensure_ascii=False)),),
            reasoning="I think.",
        ),
        Message("tool", "R", tool_call_id=use.id, is_error=True),
    )


@pytest.mark.parametrize("stream", [False, True])
def test_thinking_that_is_not_shown_comes_back_all_the_same(stream: bool) -> None:
    engine = ScriptedEngine(["Se", "cret.", "</think>", "Hi"], thinking=THINK, is_thinking=True)
    body = asked(thinking={"type": "adaptive", "display": "omitted"})
    with house(engine=engine) as server, server.anthropic() as client:
        if stream:
            with client.messages.stream(**body) as events:
                first = events.get_final_message()
        else:
            first = client.messages.create(**body)
        assert "Secret" not in first.model_dump_json()
        client.messages.create(**asked(messages=[*HI, first.to_param(), *HI]))
    assert engine.requests[1].messages[1].reasoning == "Secret."


class Title(BaseModel):
    title: str


def test_structured_output_is_parsed_by_the_client() -> None:
    with house(['{"title": ', '"Tea"}']) as server, server.anthropic() as client:
        answer = client.messages.parse(**asked(output_format=Title))
        with client.messages.stream(**asked(output_format=Title)) as stream:
            streamed = stream.get_final_message()
    assert answer.parsed_output == streamed.parsed_output == Title(title="Tea")
    (output, _) = [request.output for request in server.engine.requests]
    assert isinstance(output, OutputFormat)
    assert output.schema["required"] == ["title"]


def test_a_forced_call_and_a_begun_answer_reach_the_engine() -> None:
    with house(["lo"]) as server, server.anthropic() as client:
        client.messages.create(
            **asked(tools=[READ], tool_choice={"type": "tool", "name": "read_file"})
        )
        client.messages.create(**asked(messages=[*HI, {"role": "assistant", "content": "Hel"}]))
        forced, begun = server.engine.requests
    assert forced.tool_choice == ToolChoice("required", ("read_file",))
    assert begun.continues


# ── counting, warming, models ─────────────────────────────────────────────────────────────────


def test_many_counts_at_once_are_the_size_of_the_prompt_and_touch_nothing() -> None:
    bodies = [{"model": "m", "messages": [{"role": "user", "content": "x" * n}]} for n in range(15)]
    with house(HELLO) as server, server.anthropic() as client:
        with ThreadPoolExecutor(15) as pool:
            counts = list(pool.map(lambda body: client.messages.count_tokens(**body), bodies))
        answer = client.messages.create(**bodies[7], max_tokens=9)
        stats = server.engine.stats()
    assert [count.input_tokens for count in counts] == [n + 1 for n in range(15)]
    assert stats.cache.lookups == 1
    usage = answer.usage
    assert usage.cache_creation_input_tokens is not None
    assert usage.input_tokens + usage.cache_creation_input_tokens == counts[7].input_tokens


def test_a_prompt_that_is_too_long_can_be_counted() -> None:
    with house(HELLO) as server, server.anthropic() as client:
        talk = [{"role": "user", "content": "x" * 5000}]
        assert client.messages.count_tokens(model="m", messages=talk).input_tokens == 5001  # pyright: ignore
        with pytest.raises(BadRequestError, match="5001 tokens > 4096"):
            client.messages.create(**asked(messages=talk))


@pytest.mark.parametrize("stream", [False, True])
def test_no_tokens_at_all_fill_the_cache(stream: bool) -> None:
    with (
        house(engine=ScriptedEngine(HELLO, remembers=True)) as server,
        server.anthropic() as client,
    ):
        if stream:
            assert check_messages(raw_stream(server, max_tokens=0)).stop_reason == "max_tokens"
        else:
            assert client.messages.create(**asked(max_tokens=0)).content == []
        assert client.messages.create(**asked()).usage.cache_read_input_tokens == 2  # all but one


def test_both_clients_list_the_model() -> None:
    with house(HELLO) as server, server.anthropic() as client, server.openai() as other:
        (model,) = client.models.list()
        assert client.models.retrieve("scripted") == model
        (same,) = other.models.list()
    assert (model.id, model.max_input_tokens) == (same.id, 4096)


def test_the_head_of_nothing_is_answered() -> None:
    with house(HELLO, api_key="k") as server:
        assert httpx.head(server.url).status_code == 200


# ── errors ────────────────────────────────────────────────────────────────────────────────────


def error_of(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    assert set(body) == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert body["request_id"] == answer.headers["request-id"] == answer.headers["x-request-id"]
    return body["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", PATH, 405, "invalid_request_error"),
        ("GET", COUNT, 405, "invalid_request_error"),
        ("POST", f"{PATH}/batches", 404, "not_found_error"),
        ("POST", PATH, 400, "invalid_request_error"),
        ("POST", f"{PATH}?beta=true", 400, "invalid_request_error"),
        ("POST", COUNT, 400, "invalid_request_error"),
    ],
)
def test_the_path_decides_the_form_of_an_error(
    method: str, path: str, status: int, kind: str
) -> None:
    with house(HELLO) as server:
        answer = httpx.request(method, server.url + path)
    assert (answer.status_code, error_of(answer)["type"]) == (status, kind)


def test_a_body_that_is_too_large_and_a_key_that_is_missing_are_told_in_this_form() -> None:
    with house(HELLO, api_key="k", max_body_bytes=1000) as server:
        for path in (PATH, COUNT):
            answer = httpx.post(server.url + path, json=asked())
            assert (answer.status_code, error_of(answer)["type"]) == (401, "authentication_error")
            large = b"x" * 2000
            answer = httpx.post(server.url + path, content=large, headers={"x-api-key": "k"})
            assert (answer.status_code, error_of(answer)["type"]) == (413, "request_too_large")
        assert "error" not in httpx.get(f"{server.url}/health").json()


def test_a_wrong_field_is_named_to_the_client() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://x"}}
    with house(HELLO) as server, server.anthropic() as client:
        with pytest.raises(BadRequestError, match=r"^Error code: 400") as caught:
            client.messages.create(**asked(messages=[{"role": "user", "content": [image]}]))
        assert server.post().status_code == 200  # it lives
    error = caught.value.body["error"]  # pyright: ignore
    assert error["message"].startswith("messages[0].content[0].type: must be text")
    assert caught.value.request_id == caught.value.body["request_id"]  # pyright: ignore


@pytest.mark.parametrize("stream", [False, True])
def test_a_full_queue_is_an_overload_that_says_when_to_come_back(stream: bool) -> None:
    busy = Busy("The queue is full.", retry_after_s=3)
    with house([busy]) as server:
        answer = httpx.post(server.url + PATH, json=asked(stream=stream))
        assert server.post().status_code == 429
        first, _ = server.records.wait(2)
    assert (answer.status_code, answer.headers["retry-after"]) == (529, "3")
    assert error_of(answer)["type"] == "overloaded_error"
    assert first.res.error is not None
    assert (first.status, first.res.error.type) == (529, "overloaded_error")


def test_the_client_tries_again_when_it_is_told_to() -> None:
    with house([Busy("full", retry_after_s=0)], HELLO) as server:
        client = anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=1)
        assert client.messages.create(**asked()).stop_reason == "end_turn"


def test_a_loading_engine_is_a_503() -> None:
    with house(HELLO) as server:
        server.engine.state = "loading"
        for path in (PATH, COUNT):
            answer = httpx.post(server.url + path, json=asked())
            assert (answer.status_code, error_of(answer)["type"]) == (503, "api_error")
            assert answer.headers["retry-after"]


def test_a_failure_on_the_way_is_an_event_of_this_api() -> None:
    with house(["Hal", RuntimeError("boom")]) as server:
        seen = check_messages(raw_stream(server))
        client = server.anthropic()
        with pytest.raises(APIStatusError), client.messages.stream(**asked()) as stream:
            stream.until_done()
        record = server.records.wait(2)[0]
    assert (seen.violations, seen.blocks[0].text) == ([], "Hal")
    assert seen.error["type"] == "api_error"
    assert record.res.error is not None
    assert record.res.error.type == "api_error"


# ── signs of life ─────────────────────────────────────────────────────────────────────────────


def test_a_quiet_stream_carries_events_that_clients_count() -> None:
    before, inside, raw = Gate(), Gate(), b""
    script: list[Item] = [before, "Hel", inside, "lo"]
    with (
        house(script, keepalive_s=0.02) as server,
        httpx.stream("POST", server.url + PATH, json=asked(stream=True), timeout=60) as answer,
    ):
        for chunk in answer.iter_bytes():
            raw += chunk
            if b"event: message_delta" in raw:
                before.open()
            if b'"delta":{"type":"text_delta","text":""}' in raw:
                inside.open()
    seen = check_messages(raw)
    assert (seen.violations, seen.blocks[0].text) == ([], "Hello")


# ── records ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "session"),
    [({}, "of the body"), ({"x-claude-code-session-id": "of the header"}, "of the header")],
)
def test_a_record_knows_the_session_and_the_calls(headers: dict[str, str], session: str) -> None:
    user = json.dumps({"session_id": "of the body"})
    body = asked(metadata={"user_id": user}, cache_salt="pepper", tools=[READ, {"type": "bash_1"}])
    with house(engine=ScriptedEngine(CALL, family=Hermes())) as server:
        httpx.post(f"{server.url}{PATH}?beta=true", json=body, headers=headers)
        record = server.records.one()
    assert (record.session, record.api, record.finish) == (session, "messages", "stop")
    assert [(one.name, json.loads(one.arguments)) for one in record.res.calls] == [
        ("read_file", INPUT)
    ]
    assert record.res.flags == ["vendor_tool_ignored"]
    assert "pepper" not in (record.req.raw or "")


# ── diagnoses ─────────────────────────────────────────────────────────────────────────────────


def test_a_client_learns_what_broke_its_prompt() -> None:
    engine = ScriptedEngine(HELLO, remembers=True)
    with house(engine=engine) as server, server.anthropic() as client:

        def ask(previous: str | None, **body: Any) -> anthropic.types.Message:
            asks = {"diagnostics": {"previous_message_id": previous}}
            return client.messages.create(**asked(system="Be brief.", **body), extra_body=asks)

        first = ask(None)
        assert first.diagnostics is None
        talk = [*HI, first.to_param(), *HI]
        assert ask(first.id, messages=talk).diagnostics is None
        changed = ask(first.id, messages=[{"role": "user", "content": "Ho"}]).diagnostics
        assert changed is not None
        assert changed.to_dict() == {
            "cache_miss_reason": {"type": "messages_changed", "cache_missed_input_tokens": 2}
        }
        lost = ask("msg_of_another").diagnostics
        assert lost is not None
        assert lost.to_dict() == {"cache_miss_reason": {"type": "previous_message_not_found"}}
        hidden = client.messages.create(
            **asked(),
            extra_body={"diagnostics": {"previous_message_id": first.id}, "cache_salt": "s"},
        ).diagnostics
        assert hidden is not None
        assert hidden.to_dict() == lost.to_dict()  # of another namespace, so nobody's
        found = server.records.wait(5)[2].server.diagnosis
    assert found is not None
    assert (found.verdict, found.kind, found.part, found.offset, found.missed) == (
        "changed",
        "messages",
        "message 1 (user)",
        1,
        2,
    )
