"""Binding names what is in the way; serving ends in order, by signal, and says by which."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from llmx.core.errors import ConfigError
from llmx.core.server.run import bind
from tests.core.server.support import CHAT, asked
from tests.serving import eventually

# Serves one endless and one short answer; prints the port when ready and the signal at the end.
PROGRAM = """
import sys
import threading
from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.server.app import create_app
from llmx.core.server.run import bind, run, serve

class Lines:
    def write(self, record):
        print("record", record.finish, flush=True)

sock = bind("127.0.0.1", 0)
port = sock.getsockname()[1]
engine = ScriptedEngine(["short"], ["endless", Gate(), "never"])
app = create_app(engine, recorder=Lines())
ended_by = run(
    serve(
        app,
        sock,
        on_ready=lambda: print(port, flush=True),
        on_waiting=lambda answers, grace_s: print("waiting for", answers, grace_s, flush=True),
        grace_s=int(sys.argv[1]),
    )
)
print("ended by", ended_by.name, "open", sock.fileno() >= 0)
"""


def test_a_free_port_is_bound_and_listened_on() -> None:
    with bind("127.0.0.1", 0) as sock:
        socket.create_connection(sock.getsockname()).close()


def test_localhost_by_name_and_ipv6_are_taken() -> None:
    with bind("localhost", 0) as sock:
        assert sock.getsockname()[0] in ("127.0.0.1", "::1")


def test_a_port_in_use_is_named_with_the_process_that_has_it() -> None:
    with bind("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            bind("127.0.0.1", port)
    assert f"127.0.0.1:{port} is in use" in str(caught.value)
    if sys.platform == "linux":  # elsewhere only root may know
        assert f"pid {os.getpid()} (" in str(caught.value)


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host", "x" * 300])
def test_a_host_that_is_not_here_is_named(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bind(host, 0)
    assert host in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("port", [-1, 65536, 70000])
def test_a_port_that_does_not_exist_is_not_another_one(port: int) -> None:
    with pytest.raises(ConfigError, match=f"The port {port} does not exist"):
        bind("127.0.0.1", port)


@contextmanager
def served(grace_s: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(grace_s)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, process.stderr and process.stderr.read()
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server_in_order(number: signal.Signals) -> None:
    with served(grace_s=5) as (process, url):
        assert httpx.post(url + CHAT, json=asked()).status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines() == ["record stop", f"ended by {number.name} open False"]


def test_what_runs_past_the_grace_is_cancelled_and_recorded_before_the_end() -> None:
    with served(grace_s=0) as (process, url):
        httpx.post(url + CHAT, json=asked())
        with httpx.stream("POST", url + CHAT, json=asked(stream=True), timeout=30) as answer:
            assert "endless" in next(text for text in answer.iter_text() if "endless" in text)
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
    assert out.splitlines() == ["record stop", "record cancelled", "ended by SIGTERM open False"]


def test_a_second_interrupt_does_not_wait_for_the_grace() -> None:
    with served(grace_s=600) as (process, url):
        httpx.post(url + CHAT, json=asked())
        with httpx.stream("POST", url + CHAT, json=asked(stream=True), timeout=30) as answer:
            texts = answer.iter_text()  # closes the answer when it is dropped
            assert "endless" in next(text for text in texts if "endless" in text)
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            assert process.stdout.readline() == "record stop\n"
            # Said at the first one, of the request that streams.
            assert process.stdout.readline() == "waiting for 1 600\n"
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
    assert out.splitlines() == ["record cancelled", "ended by SIGINT open False"]


def test_who_still_waits_for_an_answer_at_a_forced_end_is_told_so_in_the_shape_of_the_api() -> None:
    """The second answer of the program waits at a gate; without `stream` nothing was sent yet."""
    with served(grace_s=0) as (process, url), httpx.Client(timeout=30) as client:
        client.post(url + CHAT, json=asked())
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx.post(url + CHAT, json=asked(), timeout=30))
        )
        asking.start()
        eventually(lambda: client.get(url + "/health").json()["engine"]["running"] == 1)
        process.send_signal(signal.SIGTERM)
        asking.join(30)
        out, err = process.communicate(timeout=30)
    (answer,) = answers
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "not_ready"
    assert "shutting down" in answer.json()["error"]["message"]
    assert (out.splitlines()[1], err) == ("record cancelled", "")
