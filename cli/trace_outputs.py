"""What one report of `analyze-traces` becomes: text on stdout, and files."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from llmx.cli.show import complain, to_json
from llmx.core.errors import ConfigError

if TYPE_CHECKING:
    from llmx.core.analysis.kv_bytes import KVBytes
    from llmx.core.analysis.report import Report, Row
    from llmx.core.analysis.room import CacheSize
    from llmx.core.analysis.views import Views
    from llmx.core.trace.reader import Reading

SALT = "export-salt"  # in LLMX_HOME


@dataclass(frozen=True, slots=True)
class Window:
    """Unix seconds; None: no limit."""

    since: float | None
    until: float | None

    @classmethod
    def of(cls, since: str | None, until: str | None) -> Window:
        """Raises `ConfigError`."""
        from llmx.core.analysis.window import parse_time

        now = time.time()
        limits = (None if text is None else parse_time(text, now) for text in (since, until))
        return cls(*limits)

    def of_report(self, report: Report) -> Report:
        from llmx.core.analysis.window import within

        if self.since is None and self.until is None:
            return report
        found = within(report, self.since, self.until)
        if not found.rows:
            raise ConfigError(f"none of the {len(report.rows):,} requests lies in that time")
        return found


@dataclass(frozen=True, slots=True)
class Outputs:
    form: Literal["text", "json", "md", "csv"]
    detail: int
    request: str | None
    show_content: bool
    html: Path | None
    export: Path | None
    export_as: Literal["mooncake", "bailian", "weka"]
    what_if: bool
    kv_from: Path | None
    sizes: str | None
    warmup: Literal["none", "requests", "blocks", "time"]

    def check(self) -> None:
        """Before a long analysis: a file that can never be written is a wrong option."""
        self._sizes()
        for path in (self.html, self.export):
            if path is None:
                continue
            if path.is_dir():
                raise ConfigError(f"cannot write {path}: it is a folder")
            if not path.absolute().parent.is_dir():
                raise ConfigError(f"cannot write {path}: there is no folder {path.parent}")

    def run(self, path: Path, window: Window) -> tuple[Reading, Report]:
        """Read, analyse, show, write. Raises `UnreadableTrace` and `ConfigError`."""
        from llmx.core.analysis.calls import CountingCalls
        from llmx.core.analysis.provenance import was_read
        from llmx.core.analysis.report import analyze
        from llmx.core.analysis.views import view
        from llmx.core.trace.reader import Reading

        kv, sizes = self._kv(), self._sizes()
        reading = Reading(path)
        counting = CountingCalls(reading)
        whole = analyze(counting)
        report = window.of_report(whole)
        read = was_read(reading)
        views = view(report, calls=counting.calls, read=read)
        if self.request is None and (self._needs_room or not report.reported):
            from llmx.core.analysis.room import rooms

            found = rooms(
                report.rows,
                kv=kv,
                with_what_if=self.what_if,
                sizes=sizes,
                warmup=self.warmup,
            )
            views = view(report, calls=counting.calls, rooms=found, read=read)
        row = None if self.request is None else _wanted(report, self.request)
        self._write(views)  # first: whoever reads stdout may leave early
        if row is None:
            self._show(views)
        else:
            self._show_one(row)
        return reading, report

    @property
    def _needs_room(self) -> bool:
        is_wanted = self.detail > 0 or self.html is not None or self.what_if
        return is_wanted or self.sizes is not None

    def _sizes(self) -> Sequence[CacheSize]:
        if self.sizes is None:
            return ()
        from llmx.core.analysis.room import parse_sizes

        try:
            found = parse_sizes(self.sizes)
        except ValueError as error:
            raise ConfigError(f"--sizes {self.sizes}: {error}") from error
        if self.kv_from is None and any(size.nbytes is not None for size in found):
            raise ConfigError("--sizes in bytes: --kv-from says what a token takes")
        return found

    def _kv(self) -> KVBytes | None:
        if self.kv_from is None:
            return None
        from llmx.core.analysis.kv_bytes import KVBytes, read_kv_bytes

        found = read_kv_bytes(self.kv_from)
        if isinstance(found, KVBytes):
            for note in found.notes:
                complain(f"--kv-from: {note}")
            return found
        complain(f"--kv-from: bytes of a token are unknown, {found.why}")
        return None

    def _show_one(self, row: Row) -> None:
        if self.form == "json":
            from llmx.core.analysis.export import row_json

            typer.echo(to_json(row_json(row, show_content=self.show_content)))
            return
        if self.form == "csv":
            from llmx.core.analysis.reports.spreadsheet import as_csv

            typer.echo(as_csv([row]), nl=False)
            return
        from llmx.cli.trace_views import show_story

        show_story(row, show_content=self.show_content)

    def _show(self, views: Views) -> None:
        match self.form:
            case "json":
                from llmx.core.analysis.export import to_json as document

                told = document(
                    views,
                    detail=max(self.detail, 1 if self.what_if or self.sizes is not None else 0),
                    show_content=self.show_content,
                )
                typer.echo(to_json(told))
            case "md":
                from llmx.core.analysis.reports.markdown import markdown

                said = markdown(views, detail=self.detail, show_content=self.show_content)
                typer.echo(said, nl=False)
            case "csv":
                from llmx.core.analysis.reports.spreadsheet import as_csv

                typer.echo(as_csv(views.rows), nl=False)
            case "text":
                from llmx.cli.trace_views import show, show_curve, show_what_if

                show(views, detail=self.detail, show_content=self.show_content)
                if self.detail == 0 and self.sizes is not None:
                    show_curve(views)
                if self.detail == 0 and self.what_if:
                    show_what_if(views)

    def _write(self, views: Views) -> None:
        if self.html is not None:
            from llmx.core.analysis.reports.html import html

            detail = max(self.detail, 1)
            _write(self.html, html(views, detail=detail, show_content=self.show_content))
        if self.export is not None:
            from llmx.core.analysis.anonymous import local_salt, write_stream
            from llmx.core.analysis.room import whole_stream
            from llmx.core.config import home

            stream = whole_stream(views.rows)
            if stream is None:
                raise ConfigError("--export: the trace has neither prompts nor block ids")
            salt = local_salt(home(os.environ) / SALT)
            count = write_stream(stream, self.export, salt, self.export_as)
            complain(
                f"wrote {count:,} of {len(views.rows):,} requests to {self.export}, in blocks of "
                f"{stream.block_tokens} tokens"
            )


def _wanted(report: Report, request: str) -> Row:
    """By id, else by the number that level 1 shows."""
    for row in report.rows:
        if request in (row.record.id, str(row.number)):
            return row
    raise ConfigError(
        f"--request: no request {request!r}; wanted an id, or a number from "
        f"{report.rows[0].number} to {report.rows[-1].number}"
    )


def _write(path: Path, text: str) -> None:
    """For its owner alone: names and places are in it, and contents where they were asked for."""
    try:
        with open(path, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
