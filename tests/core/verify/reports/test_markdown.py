"""Markdown: a table of one line per probe, whatever a probe says."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings

from llmx.core.pages.markdown import escape
from llmx.core.verify.reports.markdown import markdown
from llmx.core.verify.result import Probe, Result
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES
from tests.core.verify.results import RESULTS


def test_it_has_the_verdict_the_probes_and_what_to_do() -> None:
    probe = Probe("B4", "tools", "fail", "reordered | tools\nkeep <b>nothing</b>", {})
    text = markdown(asyncio.run(recorded(MODES[0], more=(probe,))))
    lines = text.splitlines()
    assert lines[0] == "## test-cache: VERIFIED, but probe B4 failed"
    assert "| B4 tools | FAIL | reordered \\| tools keep &lt;b&gt;nothing&lt;/b&gt; |" in lines
    assert any(line.startswith("**What to do** ") for line in lines)
    assert "| load\\_1m | 0.5 |" in lines


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(RESULTS)
def test_a_probe_is_one_row_whatever_it_says(result: Result) -> None:
    lines = markdown(result).splitlines()
    begin = lines.index("| probe | status | why |")
    rows = lines[begin + 2 : begin + 2 + len(result.probes)]
    assert all(row.startswith("| ") and row.endswith(" |") for row in rows)
    assert [row.replace("\\\\", "").replace("\\|", "").count("|") for row in rows] == [4] * len(
        rows
    )
    assert lines[begin + 2 + len(rows)] == ""


def test_nobody_is_called_and_no_tag_opened() -> None:
    assert escape("@user <i> a|b `c` *d*") == "&#64;user &lt;i&gt; a\\|b \\`c\\` \\*d\\*"
