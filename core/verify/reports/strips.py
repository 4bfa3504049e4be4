"""The samples of a run as an inline SVG: a dot per request, by its time to first token.

     never seen  |                          . ..:. .   .    |
     repeated    |  .:.  .                                  |
                 |  ===   where repeats lie that save what the interval says
                 0 s             1 s             2 s

Colours come from the page (`style`), so that light and dark are its matter.
"""

from __future__ import annotations

from html import escape

from llmx.core.verify.evidence import Evidence
from llmx.core.verify.looks import look_at
from llmx.core.verify.result import Result
from llmx.core.verify.words import percent, seconds

WIDTH, HEIGHT = 360, 186  # units; one is a pixel on a phone
LEFT, RIGHT = 8, 352
ROWS = (("cold", "never seen", 42), ("hit", "repeated prefix", 96))  # class, label, middle
SPREAD = (0, -5, 5, -9, 9)  # dots beside each other, so that equal times can be told apart
INTERVAL_Y, AXIS_Y = 118, 150
STEPS = (1, 2, 5)
LEAST_S = 1e-6  # no clock tells less


def strips(result: Result) -> str:
    """Empty where nothing was timed."""
    evidence = result.evidence
    times = {"cold": evidence.cold(), "hit": evidence.times("hit")}
    longest = max((*times["cold"], *times["hit"]), default=0.0)
    if longest <= 0:
        return ""
    end = _end(longest)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="strips">',
        '<title id="strips">Time to first token of each request: '
        f"{len(times['cold'])} prompts never seen, {len(times['hit'])} with a repeated prefix"
        "</title>",
    ]
    for kind, label, middle in ROWS:
        parts.append(f'<text x="{LEFT}" y="{middle - 18}">{label} ({len(times[kind])})</text>')
        parts.append(f'<line class="rail" x1="{LEFT}" y1="{middle}" x2="{RIGHT}" y2="{middle}"/>')
        for number, time_s in enumerate(times[kind]):
            y = middle + SPREAD[number % len(SPREAD)]
            parts.append(
                f'<circle class="{kind}" cx="{_x(time_s, end):.1f}" cy="{y}" r="4">'
                f"<title>{escape(seconds(time_s))}</title></circle>"
            )
    parts += [*_interval(result, evidence, end), *_axis(end), "</svg>"]
    return "\n".join(parts)


def _interval(result: Result, evidence: Evidence, end: float) -> list[str]:
    """A saving is a place on the axis: between a prompt never seen and a request without one."""
    effect = look_at(evidence, result.basis.plan).effect
    if effect is None:
        return []
    prefill_s = effect.cold_s - evidence.overhead_s
    fast, slow = (
        _x(min(max(effect.cold_s - saved * prefill_s, 0.0), end), end)
        for saved in (effect.high, effect.low)
    )
    label = f"saved {percent(effect.low)} to {percent(effect.high)} (98 % interval)"
    return [
        f'<rect class="interval" x="{fast:.1f}" y="{INTERVAL_Y - 3}" '
        f'width="{max(slow - fast, 2):.1f}" height="6" rx="3"/>',
        f'<text x="{LEFT}" y="{INTERVAL_Y + 18}">{label}</text>',
    ]


def _axis(end: float) -> list[str]:
    parts = [f'<line class="axis" x1="{LEFT}" y1="{AXIS_Y}" x2="{RIGHT}" y2="{AXIS_Y}"/>']
    for part, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = _x(part * end, end)
        parts.append(f'<path class="axis" d="M{x:.1f} {AXIS_Y}v4"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{AXIS_Y + 18}" text-anchor="{anchor}">{part * end:g} s</text>'
        )
    return parts


def _x(time_s: float, end: float) -> float:
    return LEFT + (RIGHT - LEFT) * time_s / end


def _end(longest: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... seconds, and downwards, that holds all."""
    longest, scale = max(longest, LEAST_S), 1.0
    while longest > STEPS[-1] * scale:
        scale *= 10
    while longest <= STEPS[-1] * scale / 10:
        scale /= 10
    return next((step * scale for step in STEPS if longest <= step * scale), STEPS[-1] * scale)
