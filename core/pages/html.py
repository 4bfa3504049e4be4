"""The frame of an HTML report: one file, no script, no other host, light and dark, for a phone too.

Every text is escaped where it enters.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from llmx.core.pages.text import clean

# Nothing is fetched and nothing runs, even if something had got past the escaping.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

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
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dt { margin-top: 0.4rem; } }
""".strip()


def page(title: str, body: str, *, style: str = "") -> str:
    """The whole file. `title` is text; `body` and `style` are markup of ours."""
    more = f"\n{style}" if style else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{text(title)}</title>
<style>
{STYLE}{more}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def text(said: str) -> str:
    """The text as markup that shows it."""
    return escape(clean(said), quote=True)


def pairs(entries: Iterable[tuple[str, str]]) -> str:
    """Names and what is said of each, both text."""
    lines = "\n".join(f"<dt>{text(name)}</dt><dd>{text(said)}</dd>" for name, said in entries)
    return f"<dl>\n{lines}\n</dl>"
