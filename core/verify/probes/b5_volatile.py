"""Probe B5: what clients change from turn to turn without meaning to, and what it costs."""

from __future__ import annotations

from collections.abc import Callable

from llmx.core.types import Json
from llmx.core.verify.bench import MOST, Bench, Outcome, Subject
from llmx.core.verify.prompts import SUFFIX, text_of
from llmx.core.verify.workload import Prompt

B5 = Subject("B5", "lines that change by themselves")

# nonce, text, number of the request -> the system's content
Form = Callable[[str, str, int], Json]


async def run(bench: Bench) -> Outcome:
    if not bench.lengths.has_system:
        return B5.skipped("the template takes no system message")
    words = bench.lengths.words(bench.length // 2)
    rows: dict[str, Json] = {}
    kept: dict[str, bool] = {}
    for name, form in FORMS.items():
        nonce = bench.nonce()
        asked = [
            await bench.ask(_prompt(form(nonce, text_of(nonce, words), number), bench.nonce()))
            for number in (1, 2)
        ]
        errors = [said.error for said in asked if said.error is not None]
        if errors:
            rows[name] = {"error": errors[0]}
            continue
        reused, whole = bench.reused(asked[1]), asked[1].prompt_tokens
        if reused is None or whole is None:
            return B5.unsure("the server does not count enough to tell", **rows)
        rows[name] = {"kept": round(reused), "of": whole}
        kept[name] = reused >= MOST * (whole - SUFFIX)
    if not kept.get("nothing"):
        return B5.unsure("nothing is reused even where nothing changed", **rows)
    broken = [name for name, is_kept in kept.items() if not is_kept]
    if not broken:
        return B5.passed("none of these changes costs the prefix", **rows)
    return B5.passed(f"these cost the prefix, or a part of it: {', '.join(broken)}", **rows)


def _prompt(system: Json, suffix: str) -> Prompt:
    user = {"role": "user", "content": f"{suffix} What comes next?"}
    return Prompt(({"role": "system", "content": system}, user), ())


def _parts(text: str, number: int, *, mark: bool) -> Json:
    first: dict[str, Json] = {"type": "text", "text": text}
    if mark and number == 1:
        first["cache_control"] = {"type": "ephemeral"}
    return [first]


FORMS: dict[str, Form] = {
    "nothing": lambda nonce, text, number: f"{nonce}\n{text}",
    "a billing line first": lambda nonce, text, number: (
        f"x-anthropic-billing-header: cc_version=2.1; cch={number:05x};\n{nonce}\n{text}"
    ),
    "a date at the end": lambda nonce, text, number: (
        f"{nonce}\n{text}\nToday's date is 2026-01-{number:02}."
    ),
    "text or a list of parts": lambda nonce, text, number: (
        f"{nonce}\n{text}" if number == 1 else _parts(f"{nonce}\n{text}", number, mark=False)
    ),
    "a moved cache_control": lambda nonce, text, number: _parts(
        f"{nonce}\n{text}", number, mark=True
    ),
}
