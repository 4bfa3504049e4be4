"""Every series of `/metrics` moves when that happens which it tells of."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.parser.families.hermes import Hermes
from llmx.core.server.metrics import BREAKS
from llmx.core.types import CacheReport, CacheStats, EngineStats
from tests.core.server.support import House, house, read_until
from tests.serving import eventually

COUNTERS = {
    "llmx_prefix_cache_queries", "llmx_prefix_cache_hits", "llmx_generation_tokens",
    "llmx_prompt_tokens", "llmx_prefix_cache_evictions", "llmx_prefix_cache_misses",
    "llmx_cache_breaks", "llmx_request_success", "llmx_engine_steps",
    "llmx_answer_flags", "llmx_stored_responses_removed", "llmx_stored_responses_failed",
}  # fmt: skip
GAUGES = {
    "llmx_num_requests_running", "llmx_num_requests_waiting", "llmx_kv_cache_usage_ratio",
    "llmx_kv_cache_bytes", "llmx_engine_last_progress_timestamp_seconds", "llmx_build_info",
    "process_start_time_seconds", "llmx_stored_responses", "llmx_stored_responses_bytes",
    "llmx_stored_responses_limit_bytes",
}  # fmt: skip
HISTOGRAMS = {
    "llmx_time_to_first_token_seconds", "llmx_inter_token_latency_seconds",
    "llmx_request_prefill_kv_computed_tokens",
}  # fmt: skip


def scraped(server: House) -> dict[str, float]:
    """Series as they are written, `name{label="value"}`, to their values."""
    text = httpx.get(f"{server.url}/metrics").text
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, value in lines}


def metric(server: House) -> Callable[[str], float]:
    """Looks series up in one scrape."""
    return scraped(server).__getitem__


class Filled(ScriptedEngine):
    """As an engine whose cache holds something and has lost something."""

    cache = CacheStats(enabled=True, budget_bytes=1000)

    def stats(self) -> EngineStats:
        stats = super().stats()
        old, own = stats.cache, self.cache
        cache = replace(
            old,
            budget_bytes=own.budget_bytes,
            stored_bytes=own.stored_bytes,
            running_bytes=own.running_bytes,
            evicted_segments=own.evicted_segments,
            evicted_states=own.evicted_states,
        )
        return replace(stats, cache=cache)


def test_the_families_have_their_names_and_kinds_and_no_other_is_there() -> None:
    with house(engine=Filled(["x"])) as server:
        server.post()
        server.records.one()
        answer = httpx.get(f"{server.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    kinds: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        kinds.setdefault(family.type, set()).add(family.name)
    assert kinds == {"counter": COUNTERS, "gauge": GAUGES, "histogram": HISTOGRAMS}


def test_openmetrics_is_given_to_who_asks_for_it() -> None:
    with house(["x"]) as server:
        accept = {"accept": "application/openmetrics-text; version=1.0.0"}
        answer = httpx.get(f"{server.url}/metrics", headers=accept)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_one_answer_moves_each_count_by_what_it_took() -> None:
    """A prompt of 6 tokens, 2 of them restored, and an answer of three."""
    engine = ScriptedEngine(["a", "b", "c"], report=CacheReport(2, 2, "diverged"))
    with house(engine=engine) as server:
        before = scraped(server)
        server.post(content="12345", stream=True)
        server.records.one()
        after = scraped(server)
    moved = {s: v - before.get(s, 0) for s, v in after.items() if v != before.get(s, 0)}
    ttft, gaps = "llmx_time_to_first_token_seconds", "llmx_inter_token_latency_seconds"
    computed = "llmx_request_prefill_kv_computed_tokens"
    exact = {
        "llmx_prefix_cache_queries_total": 6,
        "llmx_prefix_cache_hits_total": 2,
        "llmx_generation_tokens_total": 3,
        'llmx_prompt_tokens_total{tier="ram"}': 2,
        'llmx_prompt_tokens_total{tier="computed"}': 4,  # 6 - 2
        'llmx_prefix_cache_misses_total{reason="diverged"}': 1,
        'llmx_cache_breaks_total{reason="diverged"}': 1,
        'llmx_request_success_total{finished_reason="stop"}': 1,
        "llmx_engine_steps_total": 3,
        ttft + '_count{cache="partial"}': 1,  # 2 of 6 is less than half
        computed + "_count": 1,
        computed + "_sum": 4,
        computed + '_bucket{le="8.0"}': 1,
    }
    assert {series: moved.get(series) for series in exact} == exact
    assert computed + '_bucket{le="1.0"}' not in moved
    assert moved["llmx_engine_last_progress_timestamp_seconds"] > 0
    assert moved.get(gaps + "_count", 0) <= 2  # texts that came together are one


def test_each_gap_between_two_texts_is_counted() -> None:
    first, second = Gate(), Gate()
    with house(["a", first, "b", second, "c"]) as server, server.open(stream=True) as connection:
        for gate, text in ((first, b'"a"'), (second, b'"b"')):
            assert gate.reached.wait(20)
            read_until(connection, text)
            gate.open()
        server.records.one()
        assert metric(server)("llmx_inter_token_latency_seconds_count") == 2


@pytest.mark.parametrize(
    ("matched", "kind"), [(0, "miss"), (2, "partial"), (3, "hit"), (5, "hit")]
)  # of 6
def test_the_first_token_is_told_by_how_much_came_from_the_cache(matched: int, kind: str) -> None:
    report = CacheReport(matched, matched, None)
    with house(engine=ScriptedEngine(["a"], report=report)) as server:
        server.post(content="12345")
        server.records.one()
        seen = scraped(server)
    name = "llmx_time_to_first_token_seconds_count"
    assert {s: v for s, v in seen.items() if s.startswith(name)} == {f'{name}{{cache="{kind}"}}': 1}


def test_running_and_waiting_requests_are_seen_while_the_engine_is_busy() -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "x"], slots=1, queue=1)
    with house(engine=engine) as server, server.open(), server.open():
        eventually(lambda: engine.stats().queued == 1)
        shown = metric(server)
        gate.open()
    assert shown("llmx_num_requests_running") == shown("llmx_num_requests_waiting") == 1


def test_memory_and_evictions_are_the_engines() -> None:
    engine = Filled(["x"])
    engine.cache = CacheStats(
        enabled=True, budget_bytes=1000, stored_bytes=300, running_bytes=200,
        evicted_segments=7, evicted_states=3,
    )  # fmt: skip
    with house(engine=engine) as server:
        shown = metric(server)
    assert shown("llmx_kv_cache_bytes") == 500  # 300 + 200
    assert shown("llmx_kv_cache_usage_ratio") == 0.5
    assert shown('llmx_prefix_cache_evictions_total{reason="budget"}') == 7
    assert shown('llmx_prefix_cache_evictions_total{reason="state"}') == 3


def test_without_a_budget_there_is_no_ratio() -> None:
    with house(["x"]) as server:
        assert "llmx_kv_cache_usage_ratio" not in scraped(server)


@pytest.mark.parametrize("reason", ["stop", "length", "error"])
def test_ends_are_counted_by_their_reason(reason: str) -> None:
    last: str | Exception = RuntimeError("gone") if reason == "error" else "b"
    with house(["a", last]) as server:
        server.post(max_tokens=1 if reason == "length" else 9)
        assert metric(server)(f'llmx_request_success_total{{finished_reason="{reason}"}}') == 1


def test_answers_with_calls_that_are_text_are_counted_by_the_cause() -> None:
    engine = ScriptedEngine(['<tool_call>{"name": "rm"}</tool_call>'], family=Hermes())
    tools = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
    with house(engine=engine) as server:
        server.post(tools=tools)
        eventually(lambda: metric(server)('llmx_answer_flags_total{flag="undeclared_tool"}') == 1)
        assert metric(server)('llmx_answer_flags_total{flag="tool_call_cut"}') == 0


def test_a_miss_that_nothing_stored_could_have_met_is_no_break() -> None:
    series = {f'llmx_cache_breaks_total{{reason="{reason}"}}' for reason in BREAKS}
    with house(["a"]) as server:
        server.post()
        seen = scraped(server)
    assert seen['llmx_prefix_cache_misses_total{reason="cold"}'] == 1
    assert {s for s in seen if s.startswith("llmx_cache_breaks")} == series
    assert not any(seen[one] for one in series)


def test_what_runs_is_named() -> None:
    with house(["a"]) as server:
        shown = scraped(server)
    assert shown["process_start_time_seconds"] == pytest.approx(psutil.Process().create_time())
    (build,) = (series for series in shown if series.startswith("llmx_build_info"))
    assert 'model="scripted"' in build
    assert 'version="' in build


def test_two_applications_count_for_themselves() -> None:
    with house(["a"]) as one, house(["a"]) as other:
        one.post()
        assert metric(one)("llmx_generation_tokens_total") == 1
        assert metric(other)("llmx_generation_tokens_total") == 0


def test_a_refused_request_and_a_scrape_move_nothing() -> None:
    with house(["a"]) as server:
        before = scraped(server)
        server.post(n=0)
        server.records.one()
        assert scraped(server) == before


def test_the_guide_names_every_family_and_no_other() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "serving.md").read_text("utf-8")
    table = guide.split("## Metrics")[1].split("\n## ")[0]
    named = set(re.findall(r"`((?:llmx|process)_\w+)", table))
    assert named == {f"{name}_total" for name in COUNTERS} | GAUGES | HISTOGRAMS
