"""Every reason and every count is told alike: in the usage, the trace, the metrics, `/v1/cache`."""

from typing import Any, get_args

import httpx
import pytest
from openai import OpenAI

from llmx.core.engine.scripted import Gate, Prefilled, ScriptedEngine
from llmx.core.trace.record import TraceCache
from llmx.core.types import CacheReport, MissReason
from tests.core.server.support import House, house
from tests.core.server.test_metrics import metric
from tests.serving import eventually

REASONS: tuple[MissReason, ...] = get_args(MissReason)
PART = "message 0 (user)"


def told_by(server: House, *, stream: bool) -> dict[str, Any]:
    """The usage as the official client reads it, our own fields with it."""
    client: OpenAI
    with server.openai() as client:
        asked: Any = {"model": "any", "messages": [{"role": "user", "content": "12345"}]}
        if stream:
            options: Any = {"stream": True, "stream_options": {"include_usage": True}}
            *_, last = client.chat.completions.create(**asked, **options)
            return last.usage.model_dump()
        usage = client.chat.completions.create(**asked).usage
        assert usage is not None
        return usage.model_dump()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reason", [*REASONS, None])
def test_a_reason_is_told_everywhere_with_the_same_tokens(
    reason: MissReason | None, stream: bool
) -> None:
    client_reason = "diverged" if reason == "salt" else reason
    report = CacheReport(2, 4, client_reason, PART, elsewhere=6 if reason == "salt" else 0)
    with house(engine=ScriptedEngine(["a"], report=report)) as server:
        usage = told_by(server, stream=stream)
        record = server.records.one()
        stats = httpx.get(f"{server.url}/v1/cache").json()["stats"]
        shown = metric(server)
    assert usage["llmx"] == {
        "ram_tokens": 2,
        "disk_tokens": 0,
        "computed_tokens": 4,  # 6 - 2
        "written_tokens": 4,
        "matched": 2,
        "shared": 4,
        "part": PART,
        "reason": client_reason,
    }
    assert usage["prompt_tokens_details"]["cached_tokens"] == 2
    assert record.server.cache == TraceCache(
        source="ram", matched=2, shared=4, reason=reason, part=PART, ram=2, disk=0, computed=4,
        told="diverged" if reason == "salt" else None, namespace="default",
    )  # fmt: skip
    assert (stats["cached_tokens"], stats["prompt_tokens"]) == (2, 6)
    assert stats["reasons"] == ({} if reason is None else {reason: 1})
    assert shown('llmx_prompt_tokens_total{tier="ram"}') == 2
    assert shown('llmx_prompt_tokens_total{tier="computed"}') == 4
    for one in REASONS:
        assert shown(f'llmx_prefix_cache_misses_total{{reason="{one}"}}') == (one == reason)


def test_a_client_is_told_the_same_whatever_other_namespaces_hold() -> None:
    engine = ScriptedEngine(["a"], remembers=True)
    with house(engine=engine) as server:
        alone = server.post(cache_salt="a").json()["usage"]
        beside = server.post(cache_salt="b").json()["usage"]
        record = server.records.wait(2)[1]
    assert alone == beside
    assert record.server.cache is not None
    assert (record.server.cache.reason, record.server.cache.told) == ("salt", "cold")


def test_a_stream_that_asks_for_no_usage_has_no_word_of_it() -> None:
    with house(["a"]) as server:
        assert "usage" not in server.post(stream=True).text


def test_what_a_client_that_left_had_computed_is_told_in_trace_and_metrics() -> None:
    gate = Gate()
    engine = ScriptedEngine([Prefilled(3, 5), gate, "a"], cached_tokens=1)
    with house(engine=engine) as server:
        with server.open(content="12345"):
            assert gate.reached.wait(20)
        eventually(lambda: engine.cancelled)
        record = server.records.one()
        shown = metric(server)
        gate.open()
    assert record.server.cache is not None
    assert (record.server.cache.ram, record.server.cache.computed) == (1, 3)
    assert shown('llmx_prompt_tokens_total{tier="ram"}') == 1
    assert shown('llmx_prompt_tokens_total{tier="computed"}') == 3
