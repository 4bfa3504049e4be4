"""Signals that ask this process to end, turned into an orderly end of what it started."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from llmx.core.errors import LlmxError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a manager, a closed terminal


class Interrupted(LlmxError):
    """This process was told to end. Its exit code is 128 and the signal's number."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(f"ended by {number.name}")
        self.exit_code = 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Within it a signal that asks for the end cancels this task; another one cancels it again,
    which ends the waiting of a clean-up. Raises `Interrupted` then.

    A child in a session of its own hears no Ctrl-C, and outlives us if we die of a signal. Without
    effect outside of the main thread, which alone hears signals.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[signal.Signals] = []

    def cancel(number: signal.Signals) -> None:
        heard.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in ENDING}
    if before[signal.SIGHUP] is signal.SIG_IGN:  # nohup
        del before[signal.SIGHUP]
    for number in before:
        loop.add_signal_handler(number, cancel, number)
    try:
        yield
    except asyncio.CancelledError as error:
        if not heard:
            raise
        raise Interrupted(heard[0]) from error
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
    if heard:  # in the last moment
        raise Interrupted(heard[0])
