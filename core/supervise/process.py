"""One run of a server command: started, seen to be ready, drained, gone; nothing of it stays.

    starting ──▶ ready ──▶ draining ──▶ gone
        └───────────────────▲

Ready means that it answers, and that the socket which answers is its own: a port that somebody
else holds is an error, and that somebody is never touched. A command that ends by itself is
drained like one that is told to: what it started must not outlive it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from llmx.core.client.target import Target, parse_target
from llmx.core.errors import ConfigError
from llmx.core.supervise.family import Family, fresh_mark, marked
from llmx.core.supervise.launch import (
    TAIL,
    Exit,
    Launch,
    NotEnded,
    NotReadyInTime,
    PortTaken,
    ServerDied,
)
from llmx.core.supervise.listeners import Listener, is_answered, listeners_at, listeners_of
from llmx.core.supervise.output import LogFile, Output
from llmx.core.supervise.port_owner import Owner, described
from llmx.core.supervise.ready import Probe, answers

PROBE_S = 5.0  # for one look; a server that computes may take a while even for /health
KILL_S = 10.0  # from SIGKILL until nothing is left; a process in the kernel ends after its call

State = Literal["starting", "ready", "draining", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    before: State | None  # None: the process has just begun
    after: State
    evidence: str
    at: float  # wall clock, seconds


def _unheard(what: object) -> None:
    pass


class ServerProcess:
    """Used as an async context, which begins the process and drains it whatever happens.

    Belongs to the event loop that it was entered in. `on_change` is called at each change of state,
    `on_wait` when what it waits for to be ready is another thing than before, in words.
    """

    def __init__(
        self,
        launch: Launch,
        *,
        probe: Probe = answers,
        on_change: Callable[[Change], object] = _unheard,
        on_wait: Callable[[str], object] = _unheard,
    ) -> None:
        self.launch = launch
        self.state: State = "starting"
        self.end: Exit | None = None  # how it ended, once it is gone
        self.url: str | None = None  # where it answers, once it is ready
        self._target = _own_target(launch.url) if launch.url is not None else None
        self._probe = probe
        self._on_change = on_change
        self._on_wait = on_wait
        self.waits_for = "it was not looked at"  # in words, while it starts
        self._heard: dict[str, str] = {}  # why not, at the last look at a URL
        self._draining = asyncio.Lock()
        self._running: _Running | None = None

    async def __aenter__(self) -> ServerProcess:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.drain()

    async def start(self) -> None:
        """Begin the process; whoever calls this owes it a `drain`.

        Raises `PortTaken` where its port answers already, `ConfigError` where it cannot be run,
        and what `on_change` raises; nothing runs then.
        """
        if self._running is not None:
            raise RuntimeError(f"{self.launch} was started already: a process has one life")
        if self._target is not None and await is_answered(self._target):
            raise _taken(self._target, {one.pid for one in listeners_at(self._target)})
        self._running = _Running.begin(self.launch)
        try:
            self._tell(None, f"pid {self.pid}: {self.launch}")
        except BaseException:  # no context was entered yet that would end it
            await self.drain()
            raise

    @property
    def pid(self) -> int:
        return self._begun.child.pid

    @property
    def has_ended(self) -> bool:
        """Whether the command is over, by itself or not; what it started may still be there."""
        return self.end is not None or self._begun.family.leader_has_ended

    def tail(self, lines: int = TAIL) -> tuple[str, ...]:
        """The last lines that it wrote."""
        return self._begun.output.tail(lines)

    @property
    def written_bytes(self) -> int:
        """All that it wrote so far."""
        return self._begun.output.nbytes

    async def wait_ready(self) -> str:
        """Its URL, as soon as it answers there.

        Raises `ServerDied`; `PortTaken` and `NotReadyInTime`, which leave it running.
        """
        try:
            async with asyncio.timeout(self.launch.ready_within_s):
                url = await self._first_answer()
        except TimeoutError as error:
            raise NotReadyInTime(self.launch, self.waits_for, self.tail()) from error
        if url is None or self.state in ("draining", "gone"):  # another task ends it
            raise ServerDied(self.launch, await self.drain())
        self.url = url
        self._become("ready", f"it answers at {url}")
        return url

    async def until_over(self) -> None:
        """Return when the command is over; what it started may still be there."""
        pauses = _pauses(0.02, 0.2)
        while not self.has_ended:
            await asyncio.sleep(next(pauses))

    async def wait_end(self) -> Exit:
        """How it ended, as soon as it ends by itself or is drained by another task."""
        await self.until_over()
        return await self.drain()

    async def drain(self) -> Exit:
        """End it and all that it started: SIGTERM, the grace, SIGKILL. Again is no harm.

        If the wait is cancelled, what is left is killed at once, and the process is gone when this
        raises; so it is where `on_change` raises. Raises `NotEnded`.
        """
        async with self._draining:
            if self.end is not None:
                return self.end
            running, held_by = self._begun, None
            was_asked = not running.family.leader_has_ended
            before = running.family.alive()
            places = listeners_of(before)
            why = "told to end" if was_asked else "the command has ended"
            try:
                try:
                    self._become("draining", why)
                finally:  # who listens may raise, as one whose pipe is closed; it has its grace
                    await running.end_within(self.launch.grace_s)
                held_by = _still_held(places)
            finally:  # cancelled as well
                self.end = Exit(
                    returncode=running.end_at_once(self.launch),
                    was_asked=was_asked,
                    was_killed=running.was_killed,
                    outlived_by=0 if was_asked else len(before),
                    held_by=held_by,
                    tail=running.output.tail(TAIL),
                )
                self._become("gone", str(self.end))
            return self.end

    @property
    def _begun(self) -> _Running:
        if self._running is None:
            raise RuntimeError(f"{self.launch} was not started")
        return self._running

    async def _first_answer(self) -> str | None:
        """The URL at which it is ready; None: it has ended. `waits_for` is kept up to date."""
        pauses, told = _pauses(0.05, 0.5), ""
        while not self.has_ended:
            url = await self._look()
            if url is not None:
                return url
            if self.waits_for != told:
                told = self.waits_for
                self._on_wait(told)
            await asyncio.sleep(next(pauses))
        return None

    async def _look(self) -> str | None:
        """The URL at which it is ready; else None, and `waits_for` says why."""
        for url in await self._places():
            silent = f"it accepts connections at {url}, and answers nothing"
            self.waits_for = self._heard.get(url, silent)
            said: str | None = silent
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_S):
                    said = await self._probe(url)
            if said is not None:
                self.waits_for = self._heard[url] = said
            elif not self.has_ended and self._is_own(parse_target(url)):  # still
                return url
        return None

    async def _places(self) -> tuple[str, ...]:
        """Where it listens and may answer. Raises `PortTaken`."""
        target = self._target
        if target is None:
            self.waits_for = "it listens on no port"
            listening = listeners_of(self._begun.family.alive())
            return tuple(dict.fromkeys(one.url for one in listening))
        self.waits_for = f"nothing listens at {target.host}:{target.port}"
        return (target.base,) if await is_answered(target) and self._is_own(target) else ()

    def _is_own(self, target: Target) -> bool:
        """Whether who listens there is of this family. Raises `PortTaken` where somebody is not."""
        listening, strangers = self._listening(target)
        if strangers:  # or of it, and begun or ended between two looks
            strangers &= self._listening(target)[1]
        if strangers:
            raise _taken(target, strangers)
        self.waits_for = f"{target.host}:{target.port} answers, but no process of the command does"
        return listening

    def _listening(self, target: Target) -> tuple[bool, set[int | None]]:
        """Whether anybody listens there, and who of them is not of this family."""
        pids = {one.pid for one in listeners_at(target)}
        return bool(pids), pids - {one.pid for one in self._begun.family.alive()}

    def _become(self, state: State, evidence: str) -> None:
        before, self.state = self.state, state
        self._tell(before, evidence)

    def _tell(self, before: State | None, evidence: str) -> None:
        self._on_change(Change(before, self.state, evidence, time.time()))


@dataclass(slots=True)
class _Running:
    """The process behind it, from its first moment to its reaping.

    The child is not reaped (nor polled, which would reap it) before its family is empty: as a
    zombie it holds the number of the group, so no signal can go to somebody else's.
    """

    child: subprocess.Popen[bytes]
    family: Family
    output: Output
    was_killed: bool = False

    @classmethod
    def begin(cls, launch: Launch) -> _Running:
        log = LogFile(launch.log) if launch.log is not None else None
        mark = fresh_mark()
        environ = os.environ if launch.environ is None else launch.environ
        reading, writing = os.pipe()
        try:
            child = subprocess.Popen(
                launch.argv,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,  # its own group, and no Ctrl-C of our terminal
                env=marked(environ, mark),
                cwd=launch.folder,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            os.close(reading)
            if log is not None:
                log.close()
            raise ConfigError(_why_not_run(launch, error)) from error
        finally:
            os.close(writing)
        return cls(child, Family(child.pid, mark), Output(reading, log))

    async def end_within(self, grace_s: float) -> None:
        # One that is stopped hears SIGTERM when it is told to go on.
        self.family.signal(signal.SIGTERM, signal.SIGCONT)
        end, pauses = time.monotonic() + grace_s, _pauses(0.02, 0.2)
        while self.family.alive() and time.monotonic() < end:
            await asyncio.sleep(next(pauses))
        end, pauses = time.monotonic() + KILL_S, _pauses(0.02, 0.2)
        while self.family.alive() and time.monotonic() < end:
            self._kill()
            await asyncio.sleep(next(pauses))

    def end_at_once(self, launch: Launch) -> int:
        """Kill what is left, reap the child and let go of its output; how it ended.

        Blocks, as a rule not at all: it must not be interrupted. Raises `NotEnded`.
        """
        end, pauses = time.monotonic() + KILL_S, _pauses(0.02, 0.1)
        while left := self.family.alive():
            if time.monotonic() >= end:
                self.output.close()
                raise NotEnded(launch, tuple(one.pid for one in left))
            self._kill()
            time.sleep(next(pauses))
        self.output.close()
        return self.child.wait()

    def _kill(self) -> None:
        """Said at each look again: one may have forked meanwhile."""
        self.was_killed = True
        self.family.signal(signal.SIGKILL)


def _own_target(url: str) -> Target:
    target = parse_target(url)
    if not target.is_loopback:
        raise ConfigError(f"{target.base} is not this machine, where a command is run")
    return target


def _why_not_run(launch: Launch, error: OSError | ValueError) -> str:
    program = launch.argv[0]
    if isinstance(error, FileNotFoundError):
        if launch.folder is not None and not launch.folder.is_dir():
            return f"the folder {launch.folder} to run {program!r} in does not exist"
        hint = "; no shell reads it: write env NAME=VALUE COMMAND" if "=" in program else ""
        return f"the command {program!r} does not exist{hint}"
    why = error.strerror if isinstance(error, OSError) else error
    return f"the command {program!r} cannot be run: {why}"


def _taken(target: Target, pids: set[int | None]) -> PortTaken:
    return PortTaken(f"{target.host}:{target.port}", _owner(pids))


def _still_held(places: tuple[Listener, ...]) -> Owner | None:
    """Who listens where a family, now ended, did: one that left it, or a stranger."""
    targets = {parse_target(one.url) for one in places}
    return _owner({one.pid for target in targets for one in listeners_at(target)})


def _owner(pids: set[int | None]) -> Owner | None:
    pid = next((one for one in pids if one is not None), None)
    return described(pid) if pid is not None else None


def _pauses(first_s: float, most_s: float) -> Iterator[float]:
    """Without end: short at first, for what is quick, then longer, to cost little."""
    pause_s = first_s
    while True:
        yield pause_s
        pause_s = min(most_s, pause_s * 1.5)
