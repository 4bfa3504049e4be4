"""`llmx test-cache --template`: what a chat template does to prefixes, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from llmx.cli.show import console, to_json

if TYPE_CHECKING:
    from llmx.core.verify.templates.report import Break, TemplateReport, Tried

HEADERS = ("conversation", "template", "lost", "computed again", "llmx serve")
_RIGHT = ("left", "left", "right", "right", "left")


def verify_template(model: str, *, as_json: bool) -> int:
    """Show the report; the exit code."""
    import os

    # Transformers says on stderr that there is no PyTorch, which nobody here asks for.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

    from llmx.core.verify.templates.report import try_template
    from llmx.core.verify.templates.source import open_template

    with open_template(model) as source:
        report = try_template(source)
    if as_json:
        typer.echo(to_json(report.to_json()))
    else:
        _show(report)
    return report.exit_code


def _show(report: TemplateReport) -> None:
    screen = console()
    compared = "by tokens" if report.source.has_tokens else "by characters: there is no tokenizer"
    screen.print(f"{report.source.name}, template of {report.source.file}, compared {compared}")
    screen.print(_table(report))
    for one in report.tried:
        if one.worst is not None and not one.scenario.counts:
            _show_note(report, one, one.worst)
        elif one.breaks:
            _show_breaks(one)
        elif (said := _aside(one)) is not None:
            screen.print(f"\n{one.scenario.title}: {said}")
    colour = "red" if report.exit_code else "green"
    screen.print(f"\n{report.verdict}", style=colour, end="  ")
    screen.print(report.sentence)


def _show_breaks(one: Tried) -> None:
    screen = console()
    screen.print()
    for broken in one.breaks:
        _show_break(one, broken)
    screen.print(f"  {_mend(one)}")
    for advice in dict.fromkeys(broken.advice for broken in one.breaks):
        screen.print(f"  {advice}")


def _show_break(one: Tried, broken: Break) -> None:
    from llmx.core.verify.templates.behaviours import MEANINGS

    screen = console()
    token = "" if broken.token is None else f"token {broken.token}, "
    screen.print(
        f"{one.scenario.title}: turn {broken.turn + 1} parts from turn {broken.turn} in "
        f"{broken.part}, {token}character {broken.character}"
    )
    screen.print(f"  cached  {_quoted(broken.before)} {_quoted(broken.cached)}")
    screen.print(f"  next    {_quoted(broken.before)} {_quoted(broken.following)}")
    for name in broken.behaviours:
        screen.print(f"  {name}: {MEANINGS[name].does}")


def _show_note(report: TemplateReport, one: Tried, broken: Break) -> None:
    console().print(
        f"\nnote: {one.scenario.title} costs {broken.lost} {report.unit} "
        f"({', '.join(broken.behaviours)})" + (f"; {_mend(one)}" if one.served else "")
    )


def _aside(one: Tried) -> str | None:
    """What is to be said of a conversation that does not break."""
    served = one.served
    if one.state == "refused":
        if served is None or served.state == "refuses":
            return one.why
        by = ", ".join(served.rules) or "its own form"
        return f"{one.why} In llmx serve it {served.state}, by {by}"
    if one.state == "ok" and served is not None and served.state != "holds":
        return _mend(one)
    return None


def _mend(one: Tried) -> str:
    if one.served is None:
        return "breaks in the template; what llmx serve makes of it is not tried"
    match one.served.state:
        case "holds":
            by = f" by {', '.join(one.served.rules)}" if one.served.rules else ""
            return f"breaks in the template; llmx serve mends it{by}"
        case "breaks":
            return "breaks in llmx serve as well"
        case "refuses":
            return f"llmx serve refuses it: {one.served.why}"


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _table(report: TemplateReport) -> str:
    from tabulate import tabulate

    rows = [
        _cells(report, one)
        for one in report.tried
        if one.state != "skipped" and (one.scenario.counts or not one.breaks)
    ]
    return tabulate(rows, headers=HEADERS, disable_numparse=True, colalign=_RIGHT)


def _cells(report: TemplateReport, one: Tried) -> tuple[str, ...]:
    broken, served = one.worst, one.served
    serve = "" if served is None else served.state
    if broken is None:
        return (one.scenario.title, one.state, "", "", serve)
    lost = f"{broken.lost} {report.unit}"
    mends = served is not None and served.state == "holds"
    return (
        one.scenario.title,
        one.state,
        lost,
        f"{broken.recomputed * 100:.0f} %",
        "mends it" if mends else serve,
    )
