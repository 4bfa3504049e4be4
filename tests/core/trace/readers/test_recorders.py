"""Recorders of whole exchanges: anyclaude, claude-trace, HAR."""

from __future__ import annotations

import gzip
import importlib.util
import json
import zlib
from pathlib import Path

import pytest

from llmx.core.analysis.report import analyze
from llmx.core.trace.record import TraceDiagnosis, TraceRecord, TraceUsage
from tests.core.trace.readers.read import one, read
from tests.core.trace.readers.samples import (
    MESSAGE,
    T0,
    anyclaude,
    chat_body,
    chat_sse,
    claude_trace,
    har,
    har_entry,
    lines,
    messages_body,
    messages_sse,
    pretty,
)

HAS_BROTLI = any(map(importlib.util.find_spec, ("brotli", "brotlicffi")))
WHOLE = TraceUsage(prompt=50 + 18500 + 7, cached=18500, written=7, out=9)


def verbatim(record: TraceRecord) -> bytes:
    """The body's bytes as the file has them at the place that the record names."""
    place = record.place
    assert place is not None
    assert place.body is not None
    offset, nbytes = place.body
    return Path(place.file).read_bytes()[offset : offset + nbytes]


def test_a_call_that_was_written_twice_is_one_request(tmp_path: Path) -> None:
    """The first says when it began, the second when it ended."""
    body = messages_body()
    found, reading = read(
        tmp_path,
        a_json=pretty(anyclaude(T0, body)),
        b_json=pretty(anyclaude(T0 + 2, body, answer=messages_sse())),
    )
    assert not reading.skipped
    (record,) = found
    assert (record.t0, record.t_last, record.t_first) == (T0, T0 + 2, None)
    assert record.usage == WHOLE
    assert (record.res.text, record.finish, record.status) == ("Hello", "stop", 200)
    assert record.session == "0123-4567-89ab"
    assert record.req.body == verbatim(record)
    assert json.loads(verbatim(record)) == body
    assert record.source == "anyclaude"


def test_equal_bodies_pair_with_the_answer_that_follows_them(tmp_path: Path) -> None:
    """Two sends of one body, each written twice, and a third that was given up."""
    body = messages_body()
    found, _ = read(
        tmp_path,
        a_json=pretty(anyclaude(T0, body))
        + pretty(anyclaude(T0 + 1, body, answer=messages_sse(read=1)))
        + pretty(anyclaude(T0 + 5, body))
        + pretty(anyclaude(T0 + 9, body))
        + pretty(anyclaude(T0 + 10, body, answer=messages_sse(read=2))),
    )
    told = [(one.t0, one.t_last, one.usage.cached) for one in found]
    assert told == [(T0, T0 + 1, 1), (T0 + 5, None, None), (T0 + 9, T0 + 10, 2)]


def test_local_modes_have_no_response_so_nothing_was_missed(tmp_path: Path) -> None:
    documents = [anyclaude(T0 + n, messages_body(n + 1), mode="vllm-mlx") for n in range(3)]
    found, reading = read(tmp_path, a_json=b"\n".join(map(pretty, documents)))
    assert [one.marks for one in found] == [("no_response",)] * 3
    assert {one.usage for one in found} == {TraceUsage()}
    report = analyze(found)
    assert (report.misses, report.hit_share, report.reported) == (0, None, 0)
    assert not reading.skipped


@pytest.mark.parametrize(
    ("answer", "usage", "text"),
    [
        (
            messages_sse(whole=False),
            TraceUsage(prompt=18557, cached=18500, written=7, out=1),
            "Hello",
        ),
        (messages_sse(read=None), TraceUsage(prompt=50, out=9), "Hello"),
        (
            {
                "id": MESSAGE,
                "type": "message",
                "content": [{"type": "text", "text": "Hi"}],
                "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 2},
            },
            TraceUsage(prompt=7, cached=4, out=2),
            "Hi",
        ),
        ("", TraceUsage(), None),
        ("no stream at all", TraceUsage(), None),
    ],
    ids=["cut stream", "no cache fields", "whole body", "empty", "no answer"],
)
def test_what_an_answer_does_not_say_is_unknown(
    tmp_path: Path, answer: object, usage: TraceUsage, text: str | None
) -> None:
    record = one(tmp_path, pretty(anyclaude(T0, messages_body(), answer=answer)))
    assert record.usage == usage
    assert record.res.text == text


def test_a_refusal_keeps_its_error(tmp_path: Path) -> None:
    said = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    record = one(tmp_path, pretty(anyclaude(T0, messages_body(), answer=said, status=529)))
    assert record.status == 529
    assert record.res.error is not None
    assert (record.res.error.type, record.res.error.message) == ("overloaded_error", "Overloaded")


def test_a_body_that_was_kept_as_text_is_that_text(tmp_path: Path) -> None:
    text = '{ "model":"m",  "max_tokens":1,"messages":[{"role":"user","content":"ä"}]}'
    record = one(tmp_path, pretty(anyclaude(T0, text, answer=messages_sse())))
    assert record.req.body == text.encode()
    assert record.api == "messages"


@pytest.mark.parametrize("body", ["[REDACTED]", None])
def test_a_body_that_was_taken_out_is_unknown(tmp_path: Path, body: str | None) -> None:
    record = one(tmp_path, pretty(anyclaude(T0, body, answer=messages_sse())))
    assert record.req.body is None
    assert record.usage == WHOLE


def test_other_calls_of_a_client_are_no_requests(tmp_path: Path) -> None:
    other = anyclaude(T0, messages_body(), url="/v1/messages/count_tokens?beta=true")
    found, reading = read(tmp_path, a_json=pretty(anyclaude(T0, messages_body())) + pretty(other))
    assert len(found) == 1
    assert not reading.skipped
    assert reading.passed.total() == 1


def test_claude_trace_lines_say_when_they_began_and_ended(tmp_path: Path) -> None:
    body = messages_body()
    content = lines(
        claude_trace(T0, body, messages_sse()),
        claude_trace(T0 + 5, messages_body(2), None),
    )
    (whole, orphan), _ = read(tmp_path, log_jsonl=content)
    assert (whole.t0, whole.t_first, whole.t_last) == (T0, None, pytest.approx(T0 + 2))
    assert whole.usage == WHOLE
    assert whole.session == "session-7"
    assert verbatim(whole) == whole.req.body == json.dumps(body, ensure_ascii=False).encode()
    assert (orphan.marks, orphan.usage, orphan.t_last) == (("no_response",), TraceUsage(), None)
    assert "authorization" not in whole.req.headers


def test_chat_streams_are_read_in_their_own_words(tmp_path: Path) -> None:
    entry = har_entry(T0, chat_body(), chat_sse().encode(), url="http://h/v1/chat/completions")
    record = one(tmp_path, pretty(har(entry)), "t_har")
    assert record.usage == TraceUsage(prompt=100, cached=64, out=3)
    assert (record.api, record.finish, record.res.text) == ("chat", "length", "Hello")
    assert (record.t0, record.t_first) == (T0, None)
    assert record.t_last == pytest.approx(T0 + 2.5)


def test_an_answer_in_another_apis_words_is_read_in_these(tmp_path: Path) -> None:
    """A proxy that translates may keep what its server said."""
    record = one(tmp_path, pretty(anyclaude(T0, messages_body(), answer=chat_sse())))
    assert record.usage == TraceUsage(prompt=100, cached=64, out=3)
    assert (record.api, record.res.text) == ("messages", "Hello")


@pytest.mark.parametrize("whole", [True, False])
def test_responses_are_read_whole_and_as_streams(tmp_path: Path, whole: bool) -> None:
    usage = {
        "input_tokens": 300,
        "input_tokens_details": {"cached_tokens": 256},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 2},
    }
    part = {"type": "output_text", "text": "Hello"}
    said = {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "m",
        "output": [{"type": "message", "id": "i", "content": [part]}],
        "usage": usage,
        "prompt_cache_diagnostics": {
            "type": "cache_miss",
            "reason": "tools_changed",
            "cache_missed_tokens": 44,
        },
    }
    event = {"type": "response.completed", "response": said}
    answer = json.dumps(said) if whole else f"data: {json.dumps(event)}\n\n"
    entry = har_entry(
        T0, {"model": "m", "input": "hi"}, answer.encode(), url="http://h/v1/responses"
    )
    record = one(tmp_path, pretty(har(entry)), "t_har")
    assert record.usage == TraceUsage(prompt=300, cached=256, out=4, reasoning=2)
    assert (record.api, record.finish, record.res.text) == ("responses", "stop", "Hello")
    assert record.server.diagnosis == TraceDiagnosis(verdict="changed", kind="tools", missed=44)


def test_a_clock_that_runs_backwards_gives_no_duration(tmp_path: Path) -> None:
    """The answer seems to come before its request: they are still one call."""
    body = messages_body()
    documents = [anyclaude(T0 + 2, body), anyclaude(T0, body, answer=messages_sse())]
    found, _ = read(tmp_path, a_json=b"\n".join(map(pretty, documents)))
    assert [(one.t0, one.t_last) for one in found] == [(T0 + 2, T0)]
    assert analyze(found).rows[0].total_s is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, but unpacked", "plain"])
def test_har_bodies_are_unpacked(tmp_path: Path, encoding: str) -> None:
    answer = messages_sse().encode()
    packed = {"gzip": gzip.compress(answer), "deflate": zlib.compress(answer)}.get(encoding, answer)
    entry = har_entry(T0, messages_body(), packed, encoding=encoding.partition(",")[0])
    assert one(tmp_path, lines(har(entry)), "t_har").usage == WHOLE


@pytest.mark.parametrize(
    ("packed", "encoding", "why"),
    [
        (b"\x1f\x8b\x08damaged", "gzip", "damaged gzip body"),
        (b"\x9c\x01\xffnothing", "deflate", "damaged deflate body"),
        (b"\x9c\x01\xffnothing", "br", "br body" if HAS_BROTLI else "install `brotli`"),
    ],
)
def test_a_har_body_that_cannot_be_unpacked_is_told_and_unknown(
    tmp_path: Path, packed: bytes, encoding: str, why: str
) -> None:
    entry = har_entry(T0, messages_body(), packed, encoding=encoding)
    (record,), reading = read(tmp_path, t_har=lines(har(entry)))
    assert record.usage == TraceUsage()
    assert why in next(iter(reading.skipped))


def test_a_har_has_pages_and_pictures_beside_its_requests(tmp_path: Path) -> None:
    picture = har_entry(T0, {}, b"\x89PNG", url="https://host/logo.png")
    asked = har_entry(T0 + 1, messages_body(), messages_sse().encode(), is_base64=False)
    wrong = {"startedDateTime": 3, "request": []}
    found, reading = read(tmp_path, t_har=pretty(har(picture, asked, wrong)))
    assert [one.usage for one in found] == [WHOLE]
    assert reading.passed.total() == 1
    assert reading.skipped.total() == 1


def test_an_answer_that_two_recorders_kept_counts_once(tmp_path: Path) -> None:
    body = messages_body()
    found, reading = read(
        tmp_path,
        a_json=pretty(anyclaude(T0, body, answer=messages_sse())),
        log_jsonl=lines(claude_trace(T0, body, messages_sse())),
    )
    assert len(found) == 1
    assert reading.duplicates == 1
