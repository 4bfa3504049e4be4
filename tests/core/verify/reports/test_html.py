"""The HTML file: whole by itself, well-formed, and no text of a server becomes markup."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from llmx.core.verify.reports.html import html
from llmx.core.verify.result import Probe, Result
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES, Mode
from tests.core.verify.results import RESULTS

VOID = ("meta",)  # no end of its own; what ends with "/>" is told apart by the parser
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "p", "h1", "h2", "dl", "dt", "dd",
    "table", "thead", "tbody", "tr", "th", "td", "div", "details", "summary",
    "svg", "text", "line", "circle", "rect", "path",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page, and fails where an element is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> does not close what is open"

    def handle_data(self, data: str) -> None:
        self.text += data


def run(mode: Mode = MODES[0], *more: Probe) -> Result:
    return asyncio.run(recorded(mode, more=more))


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(RESULTS)
def test_whatever_a_server_says_becomes_no_markup(result: Result) -> None:
    page = html(result)
    page.encode("utf-8")  # no half characters
    seen = Page(page)
    assert set(seen.tags) <= ALLOWED
    assert not [name for name, _ in seen.attributes if name.startswith("on")]


def test_it_needs_no_script_and_no_other_host() -> None:
    page = html(run())
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\bsrc=|\bhref=", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page


def test_it_shows_the_verdict_the_probes_and_a_dot_for_each_request() -> None:
    result = run(MODES[0], Probe("C2", "parity", "fail", "answer 3 <b>differs</b>", {}))
    seen = Page(html(result))
    for text in ("VERIFIED", result.sentence, "C2 parity", "answer 3 <b>differs</b>", "load_1m"):
        assert text in seen.text
    assert seen.tags.count("circle") == len(result.evidence.times("hit", "prime", "control"))
    dots = [value for name, value in seen.attributes if name == "class"]
    assert dots.count("hit") == result.effect.hits == 36
    assert dots.count("cold") == result.effect.controls == 18


def test_the_dots_and_the_interval_lie_on_the_axis() -> None:
    for mode in MODES:
        places = [float(x) for x in re.findall(r'cx="([\d.]+)"', html(run(mode)))]
        assert places
        assert all(8 <= x <= 352 for x in places)


@pytest.mark.parametrize("mode", [MODES[0], MODES[3]], ids=lambda mode: mode.name)
def test_repeated_prefixes_lie_left_of_what_was_never_seen(mode: Mode) -> None:
    page = html(run(mode))
    hits, cold = (
        sorted(float(x) for x in re.findall(rf'class="{kind}" cx="([\d.]+)"', page))
        for kind in ("hit", "cold")
    )
    assert hits[len(hits) // 2] < cold[len(cold) // 2]


def test_a_run_without_times_has_no_strips() -> None:
    seen = Page(html(replace(run(), samples=(), probes=())))
    assert "svg" not in seen.tags
    assert "no times to compare" in seen.text
