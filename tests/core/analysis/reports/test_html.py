"""The HTML report: whole by itself, well-formed, no text becomes markup, and a browser reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmx.core.analysis.report import analyze
from llmx.core.analysis.reports.charts import flow_parts
from llmx.core.analysis.reports.html import html
from llmx.core.analysis.room import rooms
from llmx.core.analysis.views import Views, view
from llmx.core.trace.reader import Reading
from llmx.core.trace.record import TraceRecord
from llmx.fixtures import sample_traces
from tests import browser
from tests.core.trace.records import chat, record, tool
from tests.core.verify.reports.test_html import ALLOWED, Page

MORE = {"ol", "li", "strong", "figure", "figcaption", "pre"}
EVIL = '"><script>alert(1)</script>\x1b[31m\u202e'


def talks() -> list[TraceRecord]:
    """Three conversations: one goes on, one has a clock in its system prompt, one other tools."""
    found: list[TraceRecord] = []
    for topic in range(3):
        said: list[tuple[str, str]] = []
        for turn in range(6):
            system = f"You are a gardener. {'Water the roses. ' * 40}"
            if topic == 1:
                system = f"Now it is 2026-01-05 09:{turn:02d}:00. {system}"
            tools = [tool("Dig"), tool("Plant")] if topic < 2 else [tool("Rake"), tool("Dig")]
            if topic == 2 and turn % 2:
                tools.reverse()
            prompt = 300 + 20 * turn
            is_hit = turn > 0 and topic == 0
            body = chat(("system", system), ("user", f"topic {topic}"), *said, tools=tools)
            cached = prompt - 20 if is_hit else 4
            found.append(
                record(len(found), body, prompt=prompt, cached=cached, ttft=0.1 if is_hit else 1.5)
            )
            said += [("assistant", f"answer {turn}"), ("user", f"more {turn}")]
    return found


def views_of(records: list[TraceRecord]) -> Views:
    report = analyze(records)
    return view(report, rooms=rooms(report.rows))


def sample() -> Views:
    with sample_traces() as folder:
        return views_of(list(Reading(folder)))


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_it_is_well_formed_and_needs_no_script_and_no_other_host(detail: int) -> None:
    for views in (sample(), views_of(talks())):
        page = html(views, detail=detail)
        assert set(Page(page).tags) <= ALLOWED | MORE
        assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\bsrc=|\bhref=", page)
        assert "default-src 'none'" in page
        assert "prefers-color-scheme: dark" in page


def test_the_first_screen_has_the_shares_the_causes_and_the_fix() -> None:
    text = Page(html(sample(), detail=0)).text
    assert "68.4% hit, 83.3% possible" in text
    assert "client: clock 1 request, 565 tokens (estimated)" in text
    assert "move the date behind the conversation" in text


def test_names_of_strangers_stay_text() -> None:
    strange = record(0, chat(("user", EVIL), tools=[tool(EVIL)]), prompt=9, cached=0, model=EVIL)
    page = html(views_of([strange]), detail=2, show_content=True)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert set(Page(page).tags) <= ALLOWED | MORE


def test_contents_are_there_only_where_they_were_asked_for() -> None:
    assert "Tuesday" not in html(sample(), detail=2)
    assert "Tuesday" in html(sample(), detail=2, show_content=True)


def test_the_parts_of_the_prompt_tokens_add_up_to_them() -> None:
    for views in (sample(), views_of(talks())):
        prompt = sum(row.prompt or 0 for row in views.rows if row.is_judged)
        assert sum(part.tokens for part in flow_parts(views)) == prompt


def test_every_picture_is_there_and_lies_within_its_frame() -> None:
    page = html(views_of(talks()))
    names = re.findall(r'aria-labelledby="([\w-]+)"', page)
    assert names == ["flow", "timeline", "ladder", "cloud", "curve-0"]
    assert len(set(names)) == len(names)
    for x in re.findall(r'\b(?:x|cx|x1|x2)="([-\d.]+)"', page):
        assert 0 <= float(x) <= 360
    for height, picture in re.findall(r'<svg viewBox="0 0 360 ([\d.]+)"(.*?)</svg>', page, re.S):
        for y in re.findall(r'\b(?:y|cy|y1|y2)="([-\d.]+)"', picture):
            assert 0 <= float(y) <= float(height)


def test_a_trace_without_numbers_has_no_pictures_and_says_unknown() -> None:
    page = Page(html(views_of([record(0, chat(("user", "u")))])))
    assert "svg" not in page.tags
    assert "unknown hit, 0.0% possible" in page.text


@pytest.mark.slow
@pytest.mark.skipif(browser.found() is None, reason="there is no Chromium here")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_chromium_shows_all_of_it_within_the_width(width: int, scheme: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(views_of(talks()), detail=2), "utf-8")
    with browser.page(tmp_path / "browser") as page:
        page.open(file, width=width, scheme=scheme)
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.value("document.querySelector('h1').innerText").endswith("possible")
        drawn = page.value(
            "[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect())"
            ".filter(b => b.width > 200 && b.right <= innerWidth && b.height > 40).length"
        )
        assert drawn == 5
        smallest = page.value(
            "Math.min(...[...document.querySelectorAll('svg text')]"
            ".map(t => t.getBoundingClientRect().height))"
        )
        assert smallest >= 10, "text in pictures can be read"
        paper = page.value("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(22, 24, 27)") is (scheme == "dark")
        assert page.asked == [file.as_uri()]
        assert page.errors == []
        page.picture(tmp_path / "report.png")
        assert (tmp_path / "report.png").stat().st_size > 20_000
