"""What a person sees while a model is fetched and loaded: a bar on a terminal, lines in a pipe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from llmx.cli.show import complain, console, is_terminal
from llmx.core.sizes import format_bytes

if TYPE_CHECKING:  # a server in a pipe starts without it
    from rich.progress import Progress, ProgressColumn

T = TypeVar("T")


class Waiting:
    """One stage at a time; the bar is gone when the `with` ends. Used from one thread at a time."""

    def __init__(self) -> None:
        self._is_terminal = is_terminal()
        self._progress: Progress | None = None
        self._downloaded = -1  # tenths of the download that were told of, in a pipe

    def __enter__(self) -> Waiting:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end_stage()

    def stage(self, what: str, *, in_pipe: bool = True) -> None:
        """Something of unknown length has begun; a pipe hears of it only if `in_pipe`."""
        self.end_stage()
        if self._is_terminal:
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            self._begin(
                what, SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
            )
        elif in_pipe:
            complain(what)

    def downloaded(self, present: int, total: int) -> None:
        """The first call begins the stage, each later one moves it."""
        if not self._is_terminal:
            self._tell_tenths(present, total)
            return
        if self._downloaded < 0:
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            self.end_stage()
            self._downloaded = 0
            self._begin(
                "downloading",
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
            )
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=present, total=total)

    def _tell_tenths(self, present: int, total: int) -> None:
        tenths = present * 10 // total
        if tenths > self._downloaded:
            self._downloaded = tenths
            complain(f"downloading, {format_bytes(present)} of {format_bytes(total)}")

    def _begin(self, what: str, *columns: ProgressColumn) -> None:
        from rich.progress import Progress

        self._progress = Progress(*columns, console=console(stderr=True), transient=True)
        self._progress.add_task(what, total=None)
        self._progress.start()

    def end_stage(self) -> None:
        """Clear its line, for whatever else writes to the terminal."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def aside(work: Callable[[], T]) -> T:
    """The result of `work`, done on a daemon thread, so that Ctrl-C ends the wait at once.

    The work itself goes on then, until the process ends.
    """
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is awaited
            result.set_exception(error)

    threading.Thread(target=run, name="llmx-load", daemon=True).start()
    return result.result()
