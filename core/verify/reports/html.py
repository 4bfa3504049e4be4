"""A result as one HTML file: no script, no other host, light and dark, readable on a phone.

Every text is escaped where it enters: a server under test may call its model whatever it likes.
"""

from __future__ import annotations

from collections.abc import Iterable

from llmx.core.pages.html import page, pairs, text
from llmx.core.verify.evidence import Sample
from llmx.core.verify.reports.phrases import (
    advice,
    channels,
    count,
    headline,
    outcome,
    surroundings,
    time_of,
    timing,
    title,
    why,
)
from llmx.core.verify.reports.strips import strips
from llmx.core.verify.result import Result
from llmx.core.verify.words import PASSED, UNDECIDED

TONES = {PASSED: "good", UNDECIDED: "open"}  # of the verdict, by exit code; else it is bad
STATUS = {"pass": "good", "fail": "bad", "skip": "none", "inconclusive": "open"}

STYLE = """
@media (max-width: 34rem) { .probes, .probes tbody, .probes tr, .probes td { display: block; }
  .probes thead { display: none; } .probes td { border: 0; padding: 0; }
  .probes tr { border-bottom: 1px solid var(--rule); padding: 0.5rem 0; } }
""".strip()


def html(result: Result) -> str:
    """The whole file."""
    tone = TONES.get(result.exit_code, "bad")
    body = f"""<p class="faint">{text(headline(result))}</p>
<h1 class="{tone}">{text(title(result))}</h1>
<p class="lead">{text(result.sentence)}</p>
<p class="faint">{text(outcome(result))}</p>
{_notes(result)}
<h2>Times to first token</h2>
{strips(result)}
<p>{text(timing(result))}</p>
<h2>The verdict</h2>
{pairs(advice(result.verdict))}
<h2>Three ways of knowing</h2>
{pairs(channels(result))}
<h2>Probes</h2>
{_probes(result)}
<h2>Where it ran</h2>
{pairs(surroundings(result)) if result.environment else "<p>Not recorded.</p>"}
<details>
<summary>All {len(result.samples)} samples of the core protocol</summary>
{_samples(result.samples)}
</details>"""
    return page(f"test-cache: {title(result)}", body, style=STYLE)


def _notes(result: Result) -> str:
    died = (f"The server ended during the test: {result.basis.died}",) if result.basis.died else ()
    return "\n".join(f'<p class="open">{text(note)}</p>' for note in (*died, *result.notes))


def _probes(result: Result) -> str:
    rows = "\n".join(
        f"<tr><td>{text(one.id)} {text(one.title)}</td>"
        f'<td class="{STATUS[one.status]}">{one.status}</td>'
        f'<td class="why">{text(why(result, one))}</td></tr>'
        for one in result.probes
    )
    return (
        '<table class="probes">\n'
        "<thead><tr><th>probe</th><th>status</th><th>why</th></tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _samples(samples: Iterable[Sample]) -> str:
    rows = "\n".join(
        f'<tr><td class="number">{number}</td><td>{sample.role}</td>'
        f'<td class="number">{sample.length:,}</td>'
        f'<td class="number">{count(sample.prompt_tokens)}</td>'
        f'<td class="number">{count(sample.cached_tokens)}</td>'
        f'<td class="number">{time_of(sample.ttft_s)}</td><td>{text(sample.error or "")}</td></tr>'
        for number, sample in enumerate(samples, start=1)
    )
    head = "".join(
        f"<th>{name}</th>" for name in ("#", "role", "asked", "prompt", "cached", "TTFT", "error")
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )
