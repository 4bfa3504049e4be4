"""A server command as a process of ours, well-behaved or not: nothing of it is ever left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from llmx.core.errors import ConfigError, Unreachable
from llmx.core.supervise.launch import (
    Exit,
    Launch,
    NotReadyInTime,
    PortTaken,
    ServerDied,
    parse_command,
)
from llmx.core.supervise.owned import owned
from llmx.core.supervise.process import Change, ServerProcess
from llmx.core.supervise.ready import answers
from tests.core.client.raw import nobody
from tests.core.supervise.children import child
from tests.serving import eventually

T = TypeVar("T")
SERVE = "answer(listen())"


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """No child, zombies counted, and no open file more than before."""
    this = psutil.Process()
    children, files = this.children(recursive=True), this.num_fds()
    yield
    assert this.children(recursive=True) == children
    assert this.num_fds() == files


def is_gone(pid: int) -> bool:
    """A process whose parent is gone may stay a zombie where nobody reaps those (a container)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def free_url() -> str:
    with nobody() as url:
        return url


def listens(url: str) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port_of(url))) == 0


def within(launch: Launch, work: Callable[[ServerProcess], Awaitable[T]]) -> tuple[T, Exit]:
    """What `work` gives while the command runs, and how it ended."""

    async def run() -> tuple[T, Exit]:
        async with ServerProcess(launch) as process:
            result = await work(process)
        assert process.end is not None
        assert process.state == "gone"
        return result, process.end

    return asyncio.run(run())


def ready(launch: Launch) -> tuple[str, Exit]:
    return within(launch, ServerProcess.wait_ready)


# ── a life ────────────────────────────────────────────────────────────────────────────────────


def test_a_server_is_found_where_it_listens_and_is_gone_afterwards() -> None:
    changes: list[Change] = []

    async def run() -> tuple[str, Exit]:
        async with ServerProcess(child(SERVE), on_change=changes.append) as process:
            url = await process.wait_ready()
            assert listens(url)
            assert process.url == url
            assert not process.has_ended
        assert process.end is not None
        return url, process.end

    url, end = asyncio.run(run())
    assert not listens(url)
    assert [(one.before, one.after) for one in changes] == [
        (None, "starting"), ("starting", "ready"), ("ready", "draining"), ("draining", "gone")
    ]  # fmt: skip
    assert changes[1].evidence == f"it answers at {url}"
    assert changes[3].evidence == "signal SIGTERM"
    assert (end.returncode, end.was_asked, end.was_killed, end.outlived_by, end.held_by) == (
        -signal.SIGTERM, True, False, 0, None
    )  # fmt: skip


def test_a_given_url_is_where_it_must_answer() -> None:
    url = free_url()
    found, _ = ready(child(f"answer(listen({port_of(url)}))", url=f"{url}/v1"))
    assert found == url


def test_of_several_ports_the_one_that_answers_is_taken() -> None:
    other = "threading.Thread(target=answer, args=(listen(), '404 No'), daemon=True).start()"

    async def own(process: ServerProcess) -> bool:
        return await answers(await process.wait_ready()) is None

    assert within(child(f"{other}; {SERVE}"), own)[0]


def test_a_server_that_loads_for_long_is_waited_for() -> None:
    looks: list[str | None] = []

    async def look(url: str) -> str | None:
        looks.append(await answers(url))
        return looks[-1]

    async def run() -> str:
        launch = child("answer(listen(), *['503 No'] * 3, '200 OK')")
        async with ServerProcess(launch, probe=look) as process:
            return await process.wait_ready()

    assert asyncio.run(run())
    assert looks == ["GET /health answers HTTP 503 (told)"] * 3 + [None]


def test_a_server_without_health_is_ready_with_its_models() -> None:
    assert ready(child("answer(listen(), '404 No', '200 OK')"))[1].was_asked


def test_one_that_wants_a_key_is_ready() -> None:
    assert ready(child("answer(listen(), '401 No')"))[1].was_asked


def test_draining_again_is_no_harm() -> None:
    async def twice(process: ServerProcess) -> bool:
        one, other = await asyncio.gather(process.drain(), process.drain())
        return one is other

    assert within(child(SERVE), twice)[0]


def test_a_process_has_one_life() -> None:
    async def again(process: ServerProcess) -> None:
        with pytest.raises(RuntimeError, match="one life"):
            await process.start()

    within(child(SERVE), again)


def test_who_waits_for_it_hears_that_another_task_ended_it() -> None:
    async def end(process: ServerProcess) -> None:
        waiting = asyncio.create_task(process.wait_ready())
        await asyncio.sleep(0)
        await process.drain()
        with pytest.raises(ServerDied, match="signal SIGTERM"):
            await waiting

    _, end_seen = within(child("time.sleep(600)"), end)
    assert end_seen.was_asked


# ── children that do not behave ───────────────────────────────────────────────────────────────


def test_one_that_ignores_sigterm_is_killed_after_the_grace() -> None:
    script = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVE}"
    _, end = ready(child(script, grace_s=0.1))
    assert (end.returncode, end.was_killed) == (-signal.SIGKILL, True)
    assert str(end) == "signal SIGKILL"


def test_one_that_ends_in_order_says_so_with_its_exit_code() -> None:
    script = f"signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); {SERVE}"
    _, end = ready(child(script))
    assert (str(end), end.was_killed) == ("exit code 7", False)


FORKS = """
sock = listen()
worker = os.fork()
if worker == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answer(sock)
away = os.fork()
if away == 0:
    os.setsid()
    while True: time.sleep(60)
note({path!r}, worker, away)
answer(sock)
"""


def test_processes_that_it_forked_go_with_it_even_from_a_session_of_their_own(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "pids")

    async def pids(process: ServerProcess) -> list[int]:
        await process.wait_ready()
        await asyncio.to_thread(eventually, lambda: os.path.exists(path))
        return [int(one) for one in Path(path).read_text().split()]

    forked, end = within(child(FORKS.format(path=path), grace_s=0.1), pids)
    assert len(forked) == 2
    assert all(is_gone(pid) for pid in forked)
    assert (end.returncode, end.was_killed) == (-signal.SIGTERM, True)


def test_what_a_command_leaves_behind_when_it_ends_is_ended_and_told(tmp_path: Path) -> None:
    path = str(tmp_path / "pid")
    script = f"""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        note({path!r}, os.getpid())
        {SERVE}
    os._exit(0)
while not os.path.exists({path!r}): time.sleep(0.01)
os._exit(0)
"""
    with pytest.raises(ServerDied, match=r"exit code 0 .*stay in the foreground") as caught:
        within(child(script), wait_dead)
    assert caught.value.end.outlived_by == 1
    assert is_gone(int(Path(path).read_text()))


async def wait_dead(process: ServerProcess) -> str:
    """Asked for readiness only when the command has ended, whatever it started."""
    while not process.has_ended:
        await asyncio.sleep(0.01)
    return await process.wait_ready()


def test_one_that_dies_at_start_is_told_with_its_exit_code_and_last_words() -> None:
    script = """
for i in range(30): print("line", i)
print("\\033[31mno such model\\033[0m", file=sys.stderr)
sys.exit(3)
"""
    with pytest.raises(ServerDied) as caught:
        ready(child(script))
    assert "ended with exit code 3; its last words: line 28 | line 29 | no such model" in str(
        caught.value
    )
    assert len(caught.value.end.tail) == 20
    assert isinstance(caught.value, Unreachable)  # the exit code of the program is 4


def test_one_that_dies_without_a_word() -> None:
    with pytest.raises(ServerDied, match="signal SIGSEGV; it wrote nothing"):
        ready(child("os.kill(os.getpid(), signal.SIGSEGV)"))


def test_one_that_dies_after_it_was_ready_is_noticed() -> None:
    script = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
threading.Thread(target=answer, args=(listen(),), daemon=True).start()
signal.sigwait({signal.SIGUSR1})
print("out of memory")
os._exit(9)
"""

    async def die(process: ServerProcess) -> Exit:
        await process.wait_ready()
        os.kill(process.pid, signal.SIGUSR1)
        return await process.wait_end()

    seen, end = within(child(script), die)
    assert seen is end
    assert (end.returncode, end.was_asked, end.tail) == (9, False, ("out of memory",))


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("time.sleep(600)", "it listens on no port"),
        ("sock = listen(); time.sleep(600)", "it accepts connections at http://"),
        ("answer(listen(), '500 No')", "GET /health answers HTTP 500 (told)"),
        ("answer(listen(), '404 No')", "GET /v1/models answers HTTP 404 (told)"),
    ],
)
def test_while_it_does_not_become_ready_it_is_told_what_it_waits_for(script: str, why: str) -> None:
    async def wait(process: ServerProcess) -> None:
        waiting = asyncio.create_task(process.wait_ready())
        while not process.waits_for.startswith(why):
            await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    within(child(script), wait)


def test_one_that_never_becomes_ready_is_given_up_at_the_limit() -> None:
    script = "print('loading'); time.sleep(600)"

    async def wait(process: ServerProcess) -> str:
        while process.written_bytes == 0:
            await asyncio.sleep(0.01)
        return await process.wait_ready()

    said = "was not ready within 0.1 s: it listens on no port; its last words: loading"
    with pytest.raises(NotReadyInTime, match=said):
        within(child(script, ready_within_s=0.1), wait)


def test_one_that_is_stopped_hears_the_end_when_it_is_drained() -> None:
    async def stop(process: ServerProcess) -> None:
        await process.wait_ready()
        os.kill(process.pid, signal.SIGSTOP)

    _, end = within(child(SERVE), stop)
    assert (end.returncode, end.was_killed) == (-signal.SIGTERM, False)


def test_one_that_writes_without_end_is_read_and_little_of_it_kept() -> None:
    """It would stand still at the pipe's 64 KiB if nobody read."""
    script = """
line = b"x" * 99 + b"\\n"
sock = listen()
threading.Thread(target=answer, args=(sock,), daemon=True).start()
while True: os.write(1, line * 1000)
"""

    async def read(process: ServerProcess) -> int:
        await process.wait_ready()
        while process.written_bytes < 20_000_000:
            await asyncio.sleep(0.01)
        return len(process.tail(10**6))

    lines, end = within(child(script), read)
    assert 100 < lines <= 256 * 1024 // 100 + 2  # half a line at either end
    assert len(end.tail) == 20


# ── commands that cannot be run ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("no-such-program-7",), "'no-such-program-7' does not exist$"),
        (("A=1", "python"), "does not exist; no shell reads it: write env NAME=VALUE COMMAND"),
        (("/",), "'/' cannot be run: Permission denied"),
        ((sys.executable, "a\0b"), "cannot be run: embedded null byte"),
    ],
)
def test_a_command_that_cannot_be_run_is_wrong_use(argv: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ready(Launch(argv))


def test_a_folder_to_run_in_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match=r"the folder /no/where to run .* does not exist"):
        ready(Launch((sys.executable,), folder=Path("/no/where")))


def test_a_command_is_split_as_a_shell_would_and_no_shell_reads_it() -> None:
    assert parse_command("run --name 'a b' $HOME && echo") == (
        "run", "--name", "a b", "$HOME", "&&", "echo"
    )  # fmt: skip
    for text in ("", "  ", "''", "run 'x"):
        with pytest.raises(ConfigError, match="the command"):
            parse_command(text)


def test_a_key_in_the_command_is_not_shown() -> None:
    assert str(Launch(("serve", "--api-key", "secret"))) == "serve --api-key ***"


def test_only_this_machine_can_be_where_it_answers() -> None:
    with pytest.raises(ConfigError, match="is not this machine"):
        ServerProcess(Launch(("serve",), url="http://example.invalid"))


# ── a port that somebody else holds ───────────────────────────────────────────────────────────


def test_a_port_that_is_held_already_is_told_before_anything_is_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        url = f"http://localhost:{foreign.getsockname()[1]}"
        with pytest.raises(PortTaken, match=f"is held by pid {os.getpid()} ") as caught:
            ready(child("time.sleep(600)", url=url))
    assert caught.value.owner is not None
    assert caught.value.owner.command


@pytest.mark.parametrize("place", ["127.0.0.1", "0.0.0.0"])
def test_a_stranger_that_answers_in_its_place_is_no_success(place: str) -> None:
    """It takes the port while the command loads, and has a good word for everybody."""
    url = free_url()

    async def good_word(url: str) -> None:
        return None

    async def run() -> None:
        launch = child("time.sleep(600)", url=url)
        async with ServerProcess(launch, probe=good_word) as process:
            with socket.create_server((place, port_of(url))):
                with pytest.raises(PortTaken, match=f"pid {os.getpid()}"):
                    await process.wait_ready()
                assert listens(url)

    asyncio.run(run())


# ── interruption ──────────────────────────────────────────────────────────────────────────────


def test_a_wait_that_is_cancelled_leaves_nothing() -> None:
    async def run() -> ServerProcess:
        started = asyncio.Event()

        async def wait() -> None:
            async with process:
                started.set()
                await process.wait_ready()

        process = ServerProcess(child("time.sleep(600)"))
        task = asyncio.create_task(wait())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return process

    process = asyncio.run(run())
    assert process.end is not None
    assert process.end.returncode == -signal.SIGTERM


def test_a_second_interruption_does_not_wait_for_the_grace() -> None:
    draining = asyncio.Event()

    def hear(change: Change) -> None:
        if change.after == "draining":
            draining.set()

    async def run() -> ServerProcess:
        script = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVE}"
        process = ServerProcess(child(script, grace_s=600), on_change=hear)

        async def wait() -> None:
            async with process:
                await process.wait_ready()

        task = asyncio.create_task(wait())
        await draining.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return process

    process = asyncio.run(run())
    assert process.end is not None
    assert (process.end.returncode, process.end.was_killed) == (-signal.SIGKILL, True)


# ── who listens fails ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["starting", "ready", "draining", "gone"])
def test_a_callback_that_raises_leaves_nothing_running(state: str) -> None:
    """As one that writes to a closed pipe does: this time and each time after."""
    heard: list[Change] = []

    def hear(change: Change) -> None:
        heard.append(change)
        if state in [one.after for one in heard]:
            raise BrokenPipeError("nobody reads")

    async def run() -> None:
        async with owned(child(SERVE), on_change=hear) as server:
            await server.start()

    with pytest.raises(BrokenPipeError):
        asyncio.run(run())
    assert heard[-1].after == "gone"
    assert heard[-1].evidence == "signal SIGTERM"  # it had its grace
    assert is_gone(int(heard[0].evidence.split()[1].rstrip(":")))


def test_a_callback_that_raises_while_it_is_waited_for_leaves_nothing_running() -> None:
    def hear(waits_for: str) -> None:
        raise BrokenPipeError("nobody reads")

    async def run() -> None:
        async with owned(child("time.sleep(600)"), on_wait=hear) as server:
            await server.start()

    with pytest.raises(BrokenPipeError):
        asyncio.run(run())


# ── started again ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_fixed", [True, False])
def test_a_restart_ends_the_first_process_before_the_second_begins(is_fixed: bool) -> None:
    url = free_url() if is_fixed else None
    script = f"answer(listen({port_of(url) if url else 0}))"
    pids: list[int] = []

    def hear(change: Change) -> None:
        if change.after == "starting":
            assert all(is_gone(pid) for pid in pids)
            pids.append(int(change.evidence.split()[1].rstrip(":")))

    async def run() -> None:
        async with owned(child(script, url=url), on_change=hear) as server:
            for _ in range(2):
                assert await answers(await server.start()) is None
                assert await server.ended_by_itself() is None
            os.kill(pids[-1], signal.SIGKILL)
            while (end := await server.ended_by_itself()) is None:
                await asyncio.sleep(0.01)
            assert end.returncode == -signal.SIGKILL

    asyncio.run(run())
    assert len(pids) == len(set(pids)) == 2
