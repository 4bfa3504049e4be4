"""Recorders that keep usage, spans or block ids: Claude Code, LiteLLM, OpenTelemetry, Mooncake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmx.core.analysis.report import analyze
from llmx.core.trace.record import TraceUsage
from tests.core.trace.readers.read import one, read
from tests.core.trace.readers.samples import (
    BAILIAN,
    MOONCAKE,
    SPAN,
    T0,
    WEKA,
    iso,
    lines,
    litellm,
    otlp,
    otlp_span,
    pretty,
    printed_span,
    session_answer,
    session_line,
)


def session(*, copies: bool = False) -> list[dict[str, Any]]:
    """Two answers, the first told by three lines; then what an ancestor of it says again."""
    told = [
        session_line("user", 1, T0, message={"role": "user", "content": "hi"}),
        session_answer(2, T0 + 1, "msg_a", 1),
        session_answer(3, T0 + 2, "msg_a", 4),
        session_answer(4, T0 + 3, "msg_a", 60, stop="tool_use"),
        session_answer(5, T0 + 9, "msg_b", 7, request="req_2", stop="end_turn", read=99),
        {"type": "summary", "summary": "what was done", "leafUuid": "u5"},
        {"type": "file-history-snapshot", "messageId": "m", "snapshot": {}},
        session_answer(6, T0 + 9, "msg_e", 0, isApiErrorMessage=True),
    ]
    return told * 2 if copies else told


def test_lines_of_one_answer_are_one_request_with_the_usage_of_the_last(tmp_path: Path) -> None:
    (first, second), reading = read(tmp_path, s_jsonl=lines(*session()))
    assert first.usage == TraceUsage(prompt=17, cached=10, written=2, out=60)  # 5 + 10 + 2
    assert (second.usage.cached, second.finish) == (99, "stop")
    assert (first.t0, first.t_first, first.t_last) == (T0 + 1, None, None)
    assert {one.marks for one in (first, second)} == {("usage_only",)}
    assert {one.req.body for one in (first, second)} == {None}
    assert not reading.skipped
    assert reading.passed["claude-code: user line"] == 1


@pytest.mark.parametrize("order", ["reversed", "copied", "in two files"])
def test_the_order_and_copies_of_session_lines_do_not_matter(tmp_path: Path, order: str) -> None:
    plain = tmp_path / "plain"
    other = tmp_path / "other"
    plain.mkdir()
    other.mkdir()
    expected, _ = read(plain, s_jsonl=lines(*session()))
    told = session(copies=order == "copied")
    files = {"s_jsonl": lines(*(reversed(told) if order == "reversed" else told))}
    if order == "in two files":
        files = {"a_jsonl": lines(*told[3:]), "b_jsonl": lines(*told[:4])}
    found, _ = read(other, **files)
    assert [(a.id, a.usage, a.t0) for a in found] == [(a.id, a.usage, a.t0) for a in expected]


def test_a_sidechain_that_replays_its_parent_counts_once_and_its_own_answers_count(
    tmp_path: Path,
) -> None:
    replay = session_answer(7, T0 + 20, "msg_a", 60, request="req_other", isSidechain=True)
    own = session_answer(
        8, T0 + 21, "msg_c", 3, request="req_3", isSidechain=True, agentId="a1", stop="end_turn"
    )
    found, reading = read(tmp_path, s_jsonl=lines(replay, *session(), own))
    assert [one.usage.out for one in found] == [60, 7, 3]
    assert found[2].marks == ("usage_only", "sidechain")
    assert (found[0].session, found[2].session) == ("s1", "s1/a1")
    assert reading.duplicates == 1


def test_answers_without_a_request_id_are_known_by_their_message(tmp_path: Path) -> None:
    found, _ = read(
        tmp_path,
        s_jsonl=lines(
            session_answer(2, T0, "msg_a", 1, request=None),
            session_answer(3, T0 + 1, "msg_a", 5, request=None, stop="end_turn"),
            session_answer(4, T0 + 2, "msg_b", 5, request=None, stop="end_turn"),
        ),
    )
    assert [one.usage.out for one in found] == [5, 5]


def test_a_request_of_which_only_usage_is_known_is_never_a_miss(tmp_path: Path) -> None:
    """Its tokens count in the share of all."""
    told = [
        session_answer(2, T0, "msg_a", 1, stop="end_turn", read=0),
        session_answer(3, T0, "msg_b", 1, request="req_2", stop="end_turn", read=993),
    ]
    found, _ = read(tmp_path, s_jsonl=lines(*told))
    report = analyze(found)
    assert (report.hits, report.misses, report.causes) == (1, 0, ())
    assert (report.prompt_tokens, report.cached_tokens) == (1007, 993)  # 5 + 2, 5 + 2 + 993


def test_lines_that_lack_the_request_id_of_their_answer_belong_to_it(tmp_path: Path) -> None:
    told = [
        session_answer(2, T0, "msg_a", 1, request=None),
        session_answer(3, T0 + 1, "msg_a", 5, stop="end_turn"),
    ]
    found, _ = read(tmp_path, s_jsonl=lines(*told))
    assert [(one.usage.out, one.t0) for one in found] == [(5, T0)]


def test_the_first_answer_after_a_compaction_says_so(tmp_path: Path) -> None:
    mark = session_line("system", 9, T0 + 5, subtype="compact_boundary")
    found, _ = read(tmp_path, s_jsonl=lines(*session(), mark))
    assert [one.marks for one in found] == [("usage_only",), ("usage_only", "after_compaction")]


def test_litellm_says_the_first_token_and_a_body_that_was_put_together(tmp_path: Path) -> None:
    record = one(tmp_path, lines(litellm(T0)))
    assert (record.t0, record.t_first, record.t_last) == (T0, T0 + 0.25, T0 + 3)
    assert record.usage == TraceUsage(prompt=1000, cached=900, out=20)
    assert json.loads(record.req.body or b"") == {
        "model": "gpt-test",
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert (record.session, record.marks) == ("s-9", ("rebuilt",))


def test_what_litellm_answered_itself_is_no_hit_of_a_server(tmp_path: Path) -> None:
    record = one(tmp_path, lines(litellm(T0, cache_hit=True)))
    assert record.usage == TraceUsage()
    assert "proxy_answered" in record.marks
    assert record.t_first is None


@pytest.mark.parametrize(
    "messages", [None, [{"role": "user", "content": "redacted-by-litellm"}], "redacted-by-litellm"]
)
def test_litellm_without_content_has_usage_alone(tmp_path: Path, messages: object) -> None:
    record = one(tmp_path, lines({"standard_logging_object": litellm(T0, messages=messages)}))
    assert record.req.body is None
    assert record.usage.cached == 900
    assert record.marks == ("usage_only",)


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ({"stream": False}, None),
        ({"stream": None}, T0 + 0.25),
        ({"stream": None, "completionStartTime": T0 + 3}, None),
        ({"status": "failure"}, None),
    ],
)
def test_without_a_stream_litellm_knows_no_first_token(
    tmp_path: Path, told: dict[str, Any], first: float | None
) -> None:
    assert one(tmp_path, lines(litellm(T0, **told))).t_first == first


@pytest.mark.parametrize(
    "content",
    [
        lines(otlp(otlp_span(T0, SPAN))),
        pretty(otlp(otlp_span(T0, SPAN))),
        lines(otlp_span(T0, SPAN)),
        json.dumps(printed_span(T0, SPAN), indent=4).encode() + b"\n",
    ],
    ids=["OTLP line", "OTLP document", "span line", "printed span"],
)
def test_spans_count_the_cached_tokens_in(tmp_path: Path, content: bytes) -> None:
    record = one(tmp_path, content)
    assert record.usage == TraceUsage(prompt=1200, cached=1000, written=100, out=7)
    assert record.t0 == pytest.approx(T0)
    assert record.t_first == pytest.approx(T0 + 0.5)
    assert record.t_last == pytest.approx(T0 + 4)
    assert (record.session, record.finish, record.api) == ("c-1", "stop", "chat")


@pytest.mark.parametrize(
    ("cached", "prompt"),
    [
        ("gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.input_tokens"),
        ("gen_ai.usage.input_tokens.cached", "gen_ai.usage.prompt_tokens"),
    ],
)
def test_old_spellings_of_spans_are_read(tmp_path: Path, cached: str, prompt: str) -> None:
    attributes = {"gen_ai.system": "anthropic", prompt: 500, cached: 400}
    record = one(tmp_path, lines(otlp_span(T0, attributes)))
    assert (record.usage.prompt, record.usage.cached, record.api) == (500, 400, "messages")


def test_spans_of_agents_and_tools_are_no_requests(tmp_path: Path) -> None:
    agent = otlp_span(T0, SPAN | {"gen_ai.operation.name": "invoke_agent"}, 2)
    tool = otlp_span(T0, {"gen_ai.operation.name": "execute_tool"}, 3)
    found, reading = read(tmp_path, t_json=lines(otlp(agent, otlp_span(T0, SPAN), tool)))
    assert len(found) == 1
    assert reading.passed.total() == 2


def test_the_messages_of_a_span_become_a_chat_body(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "parts": [{"type": "text", "content": "weather?"}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "c1", "name": "get", "arguments": {"a": 1}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
    ]
    kept = {
        "gen_ai.input.messages": json.dumps(messages),
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "be brief"}]),
    }
    record = one(tmp_path, lines(otlp_span(T0, SPAN | kept)))
    body = json.loads(record.req.body or b"")
    assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["tool_calls"][0]["function"] == {
        "name": "get",
        "arguments": '{"a":1}',
    }
    assert record.marks == ("rebuilt",)


def test_mooncake_lines_are_blocks_and_two_equal_lines_two_requests(tmp_path: Path) -> None:
    found, reading = read(tmp_path, m_jsonl=lines(*MOONCAKE, MOONCAKE[1]))
    assert [(r.t0, r.usage.prompt, r.usage.out) for r in found] == [
        (0.0, 1025, 5),
        (3.0, 1400, 6),
        (3.0, 1400, 6),
    ]
    blocks = found[0].blocks
    assert blocks is not None
    assert (blocks.ids, blocks.tokens) == ((7, 8, 9), 512)  # the last one holds one token
    assert reading.duplicates == 0
    assert {one.marks for one in found} == {("relative_time",)}


def test_a_copy_of_a_block_trace_counts_once_and_other_traces_have_their_own_ids(
    tmp_path: Path,
) -> None:
    found, reading = read(
        tmp_path, a_jsonl=lines(*MOONCAKE), b_jsonl=lines(*MOONCAKE), c_jsonl=lines(*BAILIAN)
    )
    assert (len(found), reading.duplicates) == (4, 2)
    scopes = {one.blocks.scope for one in found if one.blocks is not None}
    assert len(scopes) == 2


def test_bailian_lines_have_small_blocks_seconds_and_parents(tmp_path: Path) -> None:
    (root, child), _ = read(tmp_path, b_jsonl=lines(*BAILIAN))
    assert (root.t0, root.parent, child.parent) == (61.114, None, "chat-159")
    assert {one.blocks.tokens for one in (root, child) if one.blocks} == {16}


def test_weka_agents_have_their_requests_and_those_of_sub_agents(tmp_path: Path) -> None:
    (first, second), _ = read(tmp_path, w_json=pretty(WEKA))
    assert (first.usage.prompt, second.usage.prompt) == (130, 70)
    assert (first.t0, second.t0) == (0.0, 3.0)
    assert first.blocks is not None
    assert first.blocks.tokens == 64
    assert first.blocks.scope.endswith("agent-1")


def test_times_are_read_in_any_unit(tmp_path: Path) -> None:
    for number, start in enumerate((T0, iso(T0), T0 * 1000, str(round(T0 * 1e6) * 1000))):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert one(folder, lines(litellm(T0, startTime=start))).t0 == pytest.approx(T0, abs=1e-3)
