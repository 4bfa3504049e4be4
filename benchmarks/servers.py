"""The two servers as processes: start, wait until ready, what they cost, end. Knows no measure."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar

import psutil

from benchmarks.raw import RawClient
from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.client.health_body import parse_health
from llmx.core.errors import LlmxError, Unreachable

HOST = "127.0.0.1"
START_S = 120.0  # a server that is not ready then never will be
REQUEST_S = 300.0  # far above what any request of a measure takes
END_S = 10.0
POLL_S = 0.01  # between two looks at a server that starts: the error of "start to ready"
QUIET_S = 0.03  # a server is at rest when it computes less than QUIET_SHARE of such a while
QUIET_SHARE = 0.1
RESTLESS_S = 10.0  # what is still under way then counts as the server's idle load
LOG_TAIL = 4_000  # characters

Result = TypeVar("Result")


class ServerFailed(LlmxError):
    """A server did not start, ended, or gave no answer; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the servers that are compared. `command` takes the model's folder and the port."""

    name: str
    command: Callable[[Path, int], list[str]]


def _llmx(model: Path, port: int) -> list[str]:
    program = str(Path(sys.executable).with_name("llmx"))
    return [program, "serve", "--model", str(model), "--host", HOST, "--port", str(port)]


def _peer(model: Path, port: int) -> list[str]:
    launcher = [sys.executable, "-P", str(Path(__file__).with_name("peer.py"))]
    options = ["--model", str(model), "--host", HOST, "--port", str(port)]
    return [*launcher, *options, "--log-level", "WARNING"]


LLMX = Kind("llmx", _llmx)
PEER = Kind("mlx_lm.server", _peer)
KINDS = (LLMX, PEER)


@dataclass(frozen=True, slots=True)
class Costed(Generic[Result]):
    """What an operation gave, the client's clock, and the CPU of the server's process tree."""

    result: Result
    wall_s: float
    cpu_s: float  # also of what the server did after it had answered


@dataclass(frozen=True, slots=True)
class Server:
    """A server that has answered once."""

    kind: Kind
    url: str
    port: int
    process: psutil.Process
    log: Path
    start_wall_s: float  # from the start of the process to the end of the first answer
    start_cpu_s: float

    def failed(self, error: Exception) -> ServerFailed:
        """The error with the end of the server's log."""
        return ServerFailed(_story(self.kind, error, self.log))

    @contextmanager
    def raw_client(self) -> Iterator[RawClient]:
        """A connection that stays open where the server lets it, and ends with the context."""
        client = RawClient(HOST, self.port)
        try:
            yield client
        finally:
            client.close()

    async def steps(self) -> int | None:
        """Forward steps since its start, by its own word; None: this server does not count them."""
        with self.raw_client() as client:
            try:
                health = parse_health(await client.get("/health"))
            except (HttpError, ValueError):
                return None
        return health.engine.steps if health is not None and health.engine is not None else None

    def cpu_s(self) -> float:
        return tree_cpu_s(self.process)

    def rss_bytes(self) -> int:
        return sum(one.memory_info().rss for one in _tree(self.process))

    def blas_files(self) -> frozenset[str] | None:
        """The BLAS libraries mapped into the process; None: the platform does not say."""
        maps = Path(f"/proc/{self.process.pid}/maps")
        if not maps.exists():
            return None
        paths = {line.split(maxsplit=5)[5] for line in maps.read_text().splitlines() if "/" in line}
        return frozenset(path for path in paths if "blas" in Path(path).name)

    async def cost_of(self, operation: Awaitable[Result]) -> Costed[Result]:
        """Await it between two moments at which the server is at rest."""
        await self.settle()
        cpu_s, begun = self.cpu_s(), time.perf_counter()
        result = await operation
        wall_s = time.perf_counter() - begun
        await self.settle()
        return Costed(result, wall_s, self.cpu_s() - cpu_s)

    async def settle(self) -> None:
        """Wait until the server computes nothing, at most `RESTLESS_S`."""
        deadline = time.perf_counter() + RESTLESS_S
        before = self.cpu_s()
        while time.perf_counter() < deadline:
            await asyncio.sleep(QUIET_S)
            now = self.cpu_s()
            if now - before < QUIET_SHARE * QUIET_S and not _is_runnable(self.process):
                return
            before = now


@asynccontextmanager
async def running(
    kind: Kind, model: Path, scratch: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Server]:
    """The server, ready, for the length of the context. Raises `ServerFailed`.

    It works in `scratch`, an empty folder: state and settings of the user play no part. `settings`
    are further variables of its environment.
    """
    port = _free_port()
    log = scratch / f"{kind.name}-{port}.log"
    begun = time.perf_counter()
    popen = _start(kind.command(model, port), scratch, log, settings)
    process = psutil.Process(popen.pid)
    url = f"http://{HOST}:{port}"
    try:
        try:
            async with ChatClient(url, timeout_s=REQUEST_S) as client:
                await _until_ready(client, port, popen)
            wall_s = time.perf_counter() - begun
            cpu_s = tree_cpu_s(process)
        except (LlmxError, psutil.NoSuchProcess) as error:
            raise ServerFailed(_story(kind, error, log)) from error
        yield Server(kind, url, port, process, log, wall_s, cpu_s)
    finally:
        _end(popen, process)


def _start(
    command: list[str], scratch: Path, log: Path, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Without what a developer sets for Python: an unoptimised start is nobody's start."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "LLMX_BLAS" or not name.startswith(("LLMX_", "PYTHON"))
    }
    state = {"LLMX_HOME": str(scratch / "home"), "XDG_CONFIG_HOME": str(scratch / "config")}
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            cwd=scratch,
            env={**kept, **settings, **state, "HF_HUB_OFFLINE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it
        )


async def _until_ready(client: ChatClient, port: int, popen: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + START_S
    while time.perf_counter() < deadline:
        if popen.poll() is not None:
            raise Unreachable(f"it ended with exit code {popen.returncode}")
        if _listens(port) and await _answers(client):
            return
        await asyncio.sleep(POLL_S)
    raise Unreachable(f"it was not ready after {START_S:g} s")


def _listens(port: int) -> bool:
    """A look that costs next to nothing: the client's own would slow the start down."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


async def _answers(client: ChatClient) -> bool:
    try:
        await client.chat([{"role": "user", "content": "hi"}], max_tokens=1)
    except Unreachable:
        return False
    except HttpError as error:
        if error.kind != "busy":
            raise
        return False
    return True


def _story(kind: Kind, error: Exception, log: Path) -> str:
    said = log.read_text("utf-8", "replace")[-LOG_TAIL:].strip() or "nothing"
    return f"{kind.name}: {error}\nits log ends with:\n{said}"


def _end(popen: subprocess.Popen[bytes], process: psutil.Process) -> None:
    """SIGTERM, time to end its own children, then SIGKILL for what is left. Each by its id."""
    with suppress(psutil.NoSuchProcess):
        tree = _tree(process)
        popen.send_signal(signal.SIGTERM)
        psutil.wait_procs([process], timeout=END_S)
        for one in tree:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    popen.wait(END_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


# ── CPU seconds ───────────────────────────────────────────────────────────────────────────────


def tree_cpu_s(process: psutil.Process) -> float:
    """User and system time of the process and all below it, ended threads and children included."""
    return sum(_own_cpu_s(one) for one in _tree(process))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _own_cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        precise = _cpu_clock_s(process.pid)
    except (psutil.NoSuchProcess, ProcessLookupError):
        if not process.is_running():
            return 0.0  # a child that ended just now: its parent has it in `children_*`
        raise
    own_s = times.user + times.system if precise is None else precise
    return own_s + times.children_user + times.children_system


def _is_runnable(process: psutil.Process) -> bool:
    """Whether a thread of the tree wants a core: on a busy machine it may have to wait for one."""
    if sys.platform != "linux":
        return False  # not known
    for one in _tree(process):
        for stat in Path(f"/proc/{one.pid}/task").glob("*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended just now
                if stat.read_text().rpartition(")")[2].split()[0] == "R":
                    return True
    return False


def _cpu_clock_s(pid: int) -> float | None:
    """To the microsecond, where psutil counts in ticks of 10 ms; None: not on this platform."""
    if sys.platform != "linux":
        return None
    clock = ctypes.c_int()
    failed = ctypes.CDLL(None).clock_getcpuclockid(ctypes.c_int(pid), ctypes.byref(clock))
    if failed:
        raise ProcessLookupError(failed, os.strerror(failed))
    return time.clock_gettime(clock.value)
