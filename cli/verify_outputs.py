"""What `llmx test-cache` makes of a `Result`: the table, the files, a replay, an explanation.

Nothing is computed here: core has the reports, this chooses among them and writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from llmx.cli.show import complain, console, to_json
from llmx.core.errors import ConfigError

if TYPE_CHECKING:
    from llmx.core.verify.replay import Replay
    from llmx.core.verify.result import Result
    from llmx.core.verify.words import Name, Required

EVERY = "all"  # what `--explain` alone explains
HEADERS = ("probe", "status", "why")
COLOURS = {0: "green", 1: "red", 3: "yellow"}  # of the verdict, by exit code; else red
STATUS_COLOURS = {"pass": "green", "fail": "red", "skip": "dim", "inconclusive": "yellow"}


class ExplainingCommand(TyperCommand):
    """`--explain` takes a verdict, or nothing at all."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _explained(args))


def _explained(args: list[str]) -> list[str]:
    for number, word in enumerate(args):
        after = args[number + 1 : number + 2]
        if word == "--explain" and (not after or after[0].startswith("-")):
            return [*args[:number], f"--explain={EVERY}", *args[number + 1 :]]
    return args


@dataclass(frozen=True, slots=True)
class Files:
    """Where reports are wanted; None: not."""

    junit: Path | None = None
    md: Path | None = None
    html: Path | None = None

    def check(self) -> None:
        """Before minutes of testing: a file that can never be written is a wrong option."""
        for path in (self.junit, self.md, self.html):
            if path is None:
                continue
            if path.is_dir():
                raise ConfigError(f"cannot write {path}: it is a folder")
            if not path.absolute().parent.is_dir():
                raise ConfigError(f"cannot write {path}: there is no folder {path.parent}")

    def write(self, result: Result) -> None:
        """Each file that is wanted, over what was there."""
        from llmx.core.verify.reports.html import html
        from llmx.core.verify.reports.junit import junit
        from llmx.core.verify.reports.markdown import markdown

        for path, report in ((self.junit, junit), (self.md, markdown), (self.html, html)):
            if path is None:
                continue
            try:
                path.write_text(report(result), "utf-8")
            except OSError as error:
                raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def show(result: Result, *, as_json: bool = False) -> None:
    """On stdout: one JSON document, or lines for a person."""
    if as_json:
        typer.echo(to_json(result.to_json()))
        return
    from llmx.core.pages.text import one_line
    from llmx.core.verify.reports.phrases import headline, outcome

    screen = console()
    screen.print(headline(result))
    screen.print(probe_table(result, rich=screen.is_terminal), soft_wrap=not screen.is_terminal)
    for note in result.notes:
        screen.print(f"note: {one_line(note)}")
    if result.basis.died is not None:
        screen.print(f"the server ended during the test: {one_line(result.basis.died)}")
    screen.print(result.verdict, style=COLOURS.get(result.exit_code, "red"), end="  ")
    screen.print(f"{one_line(result.sentence)}  {outcome(result)}")


def probe_table(result: Result, *, rich: bool) -> object:
    """A row per probe: for a terminal it wraps, in a pipe a probe is one line."""
    from llmx.core.pages.text import one_line
    from llmx.core.verify.reports.phrases import why

    rows = [
        (one_line(f"{one.id} {one.title}"), one.status, one_line(why(result, one)))
        for one in result.probes
    ]
    if not rich:
        from tabulate import tabulate

        shown = [(name, status.upper(), reason) for name, status, reason in rows]
        return tabulate(shown, headers=HEADERS, disable_numparse=True)
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(*HEADERS, box=SIMPLE_HEAD, padding=(0, 1))
    for name, status, reason in rows:
        colour = STATUS_COLOURS[status]
        table.add_row(Text(name), Text(status.upper(), style=colour), Text(reason))
    return table


def verdicts_of(names: Iterable[str]) -> tuple[Name, ...]:
    """Names as people write them, with commas too. Raises `ConfigError` with what there is."""
    from llmx.core.verify.words import EXPLANATIONS

    known: dict[str, Name] = {name.casefold(): name for name in EXPLANATIONS}
    found: list[Name] = []
    for word in (part.strip() for name in names for part in name.split(",")):
        key = word.replace("-", "_").casefold()
        if key not in known:
            raise ConfigError(f"no verdict is named {word!r}; there are {', '.join(EXPLANATIONS)}")
        found.append(known[key])
    return tuple(found)


def show_explanation(verdict: str) -> None:
    """Three lines about one verdict; of `all`, a line about each."""
    from llmx.core.verify.reports.phrases import advice
    from llmx.core.verify.words import EXPLANATIONS, exit_code_of

    if verdict == EVERY:
        from tabulate import tabulate

        rows = [(name, exit_code_of(name), one.means) for name, one in EXPLANATIONS.items()]
        typer.echo(tabulate(rows, headers=("verdict", "exit", "means"), disable_numparse=True))
        return
    found = verdicts_of([verdict])
    if len(found) != 1:
        raise ConfigError(f"--explain takes one verdict, not {verdict!r}")
    (_, means), *others = advice(found[0])
    typer.echo(f"{found[0]}: {means}")
    for label, text in others:
        typer.echo(f"{label}: {text}")


def replay_file(
    path: Path, *, required: Required | None = None, allowed: tuple[Name, ...] = ()
) -> Replay:
    """The run in a file, judged again; by what it was judged by then, unless that is given."""
    from llmx.core.verify.document import read_result
    from llmx.core.verify.replay import replay

    result = read_result(path)
    basis = result.basis
    if required is not None:
        basis = replace(basis, required=required)
    if allowed:
        basis = replace(basis, allowed=allowed)
    return replay(replace(result, basis=basis))


def show_replay(again: Replay, *, as_json: bool = False) -> None:
    """The run as judged now on stdout; on stderr the looks, and where the file says otherwise."""
    for look in again.looks:
        p = "unknown" if look.p is None else f"{look.p:.1e}"
        complain(f"look at {look.n} hits: {look.state}, p = {p}")
    for difference in again.differences:
        complain(f"the file says otherwise: {difference}")
    if not again.differences:
        complain("the samples give what was recorded")
    show(again.result, as_json=as_json)
