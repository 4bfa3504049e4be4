"""A result as one HTML file: no script, no other host, light and dark, readable on a phone.

Every text is escaped where it enters: a server under test may call its model whatever it likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from llmx.core.verify.evidence import Sample
from llmx.core.verify.reports.phrases import (
    advice,
    channels,
    clean,
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

# Nothing is fetched and nothing runs, even if something had got past the escaping.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
TONES = {PASSED: "good", UNDECIDED: "open"}  # of the verdict, by exit code; else it is bad
STATUS = {"pass": "good", "fail": "bad", "skip": "none", "inconclusive": "open"}

STYLE = """
:root { color-scheme: light dark; --page: #fbfbf9; --text: #1d1f21; --faint: #62686e;
  --rule: #d9dbd6; --good: #1a7f37; --bad: #b3261e; --open: #8a5a00; --hit: #0b65c2;
  --cold: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --page: #16181b; --text: #e6e7e8; --faint: #a0a6ad;
  --rule: #363a40; --good: #56c271; --bad: #ff7b72; --open: #e3b341; --hit: #6cb2ff;
  --cold: #e3b341; } }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; } h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
p { margin: 0.5rem 0; } .lead { font-size: 1.1rem; } .faint, dt { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
.none { color: var(--faint); }
svg { display: block; width: 100%; max-width: 36rem; height: auto;
  font: 11px system-ui, sans-serif; }
svg text { fill: var(--faint); } .rail { stroke: var(--rule); } .axis { stroke: var(--faint); }
circle { fill-opacity: 0.65; } .hit { fill: var(--hit); } .cold { fill: var(--cold); }
.interval { fill: var(--hit); fill-opacity: 0.4; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem 0.35rem 0;
  border-bottom: 1px solid var(--rule); overflow-wrap: normal; }
td.why { overflow-wrap: anywhere; }
.wide { overflow-x: auto; } .number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0; }
dd { margin: 0; } summary { cursor: pointer; }
@media (max-width: 34rem) { .probes, .probes tbody, .probes tr, .probes td { display: block; }
  .probes thead { display: none; } .probes td { border: 0; padding: 0; }
  .probes tr { border-bottom: 1px solid var(--rule); padding: 0.5rem 0; }
  dl { grid-template-columns: 1fr; } dt { margin-top: 0.4rem; } }
""".strip()


def html(result: Result) -> str:
    """The whole file."""
    tone = TONES.get(result.exit_code, "bad")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{_text(f"test-cache: {title(result)}")}</title>
<style>
{STYLE}
</style>
</head>
<body>
<main>
<p class="faint">{_text(headline(result))}</p>
<h1 class="{tone}">{_text(title(result))}</h1>
<p class="lead">{_text(result.sentence)}</p>
<p class="faint">{_text(outcome(result))}</p>
{_notes(result)}
<h2>Times to first token</h2>
{strips(result)}
<p>{_text(timing(result))}</p>
<h2>The verdict</h2>
{_list(advice(result.verdict))}
<h2>Three ways of knowing</h2>
{_list(channels(result))}
<h2>Probes</h2>
{_probes(result)}
<h2>Where it ran</h2>
{_list(surroundings(result)) if result.environment else "<p>Not recorded.</p>"}
<details>
<summary>All {len(result.samples)} samples of the core protocol</summary>
{_samples(result.samples)}
</details>
</main>
</body>
</html>
"""


def _text(text: str) -> str:
    return escape(clean(text), quote=True)


def _notes(result: Result) -> str:
    died = (f"The server ended during the test: {result.basis.died}",) if result.basis.died else ()
    return "\n".join(f'<p class="open">{_text(note)}</p>' for note in (*died, *result.notes))


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    entries = "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(said)}</dd>" for name, said in pairs)
    return f"<dl>\n{entries}\n</dl>"


def _probes(result: Result) -> str:
    rows = "\n".join(
        f"<tr><td>{_text(one.id)} {_text(one.title)}</td>"
        f'<td class="{STATUS[one.status]}">{one.status}</td>'
        f'<td class="why">{_text(why(result, one))}</td></tr>'
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
        f'<td class="number">{time_of(sample.ttft_s)}</td><td>{_text(sample.error or "")}</td></tr>'
        for number, sample in enumerate(samples, start=1)
    )
    head = "".join(
        f"<th>{name}</th>" for name in ("#", "role", "asked", "prompt", "cached", "TTFT", "error")
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )
