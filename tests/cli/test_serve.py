"""`llmx serve` as people run it: a process, its screen, answers, signals and exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import shlex
import shutil
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from llmx.cli.serving import _answer
from llmx.cli.show import GONE
from llmx.cli.start_screen import url
from llmx.core.engine.scripted import ScriptedEngine
from llmx.core.server.app import create_app
from llmx.core.server.run import bind
from llmx.core.types import EngineStats
from tests.program import (
    COMMAND,
    Serving,
    environment,
    killed_at_deadline,
    run,
    serving,
    start,
)

ASK = {"messages": [{"role": "user", "content": "Who are you?"}], "max_tokens": 8}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def server(state: Path):
    with serving(state=state) as running:
        yield running


def printed_curl(screen: str) -> list[str]:
    (line,) = (line for line in screen.splitlines() if line.strip().startswith("curl "))
    return shlex.split(line)


def refused(*args: str, state: Path, **environ: str) -> str:
    """The one line with which `serve` refuses to start."""
    done = run("serve", "--port", "0", *args, state=state, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    *before, line = done.stderr.splitlines()
    assert line.startswith("llmx: ")
    assert all(earlier.startswith("llmx: loading ") for earlier in before)
    return line


# ── ready ─────────────────────────────────────────────────────────────────────────────────────


def test_the_screen_names_model_memory_cache_and_where_prompts_are_kept(
    server: Serving, state: Path
) -> None:
    assert "serves llmx-demo at http://127.0.0.1:" in server.screen
    assert "bundled with llmx" in server.screen
    assert "16,384 tokens" in server.screen
    assert "weights" in server.screen
    assert "of memory for KV state (25% of the free memory, --cache-ram)" in server.screen
    assert f"kept with their answers in {state / 'traces'}, at most 2 GB" in server.screen.replace(
        "~", str(state)
    )
    assert f"llmx test-cache {server.url}" in server.screen
    assert "warning: whoever" not in server.screen
    assert "\x1b" not in server.screen


def test_the_line_to_try_works_as_it_is_printed(server: Serving) -> None:
    words = printed_curl(server.screen)
    name, value = words[words.index("-H") + 1].split(": ")
    body = words[words.index("-d") + 1]
    answer = httpx.post(words[1], content=body, headers={name: value}, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["usage"]["completion_tokens"] > 0


def test_a_completion_is_answered_and_recorded(server: Serving, state: Path) -> None:
    answer = httpx.post(f"{server.url}/v1/chat/completions", json=ASK, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["model"] == "llmx-demo"
    assert list((state / "traces").iterdir())


def test_a_port_in_use_is_refused_with_the_name_of_its_owner(server: Serving, state: Path) -> None:
    port = httpx.URL(server.url).port
    done = run("serve", "--port", str(port), state=state)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"127.0.0.1:{port} is in use" in line
    assert "--port" in line


def test_on_a_terminal_a_spinner_shows_the_loading_and_is_gone_when_ready(tmp_path: Path) -> None:
    ours, terminal = pty.openpty()
    environ = environment(tmp_path, {"TERM": "xterm"})
    command = [*COMMAND, "serve", "--port", "0", "--no-traces"]
    with subprocess.Popen(command, env=environ, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        shown = ""
        with killed_at_deadline(process):
            while "Ctrl-C ends it" not in shown:
                shown += os.read(ours, 4096).decode()
            process.terminate()
            assert process.wait() == 0
    os.close(ours)
    erased = "\x1b[2K"
    before, ready = shown.split(" serves ")
    assert "loading llmx-demo" in before
    assert erased in before.rsplit("loading llmx-demo", 1)[1]
    assert "loading" not in ready


# ── the end ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_answer_under_way_finish_and_ends_with_0(
    ending: signal.Signals, tmp_path: Path
) -> None:
    ask = {**ASK, "max_tokens": 400, "temperature": 0, "stream": True}
    with (
        serving(state=tmp_path) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
        client.stream("POST", "/v1/chat/completions", json=ask) as answer,
    ):
        lines = answer.iter_lines()
        first = next(lines)
        server.process.send_signal(ending)
        rest = [line for line in lines if line]
        assert first.startswith("data: ")
        assert rest[-1] == "data: [DONE]"
        assert json.loads(rest[-2].removeprefix("data: "))["choices"][0]["finish_reason"]
        with killed_at_deadline(server.process):
            _, said = server.process.communicate()
        assert server.process.returncode == 0
    assert said in ("", "llmx: waiting up to 10 s for an answer under way; Ctrl-C again cancels\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_it_is_ready_ends_it_at_once_as_interrupted(
    ending: signal.Signals, tmp_path: Path
) -> None:
    """A hub that never answers: without the signal this would wait for its timeout."""
    with socket.create_server(("127.0.0.1", 0)) as hub:
        endpoint = f"http://127.0.0.1:{hub.getsockname()[1]}"
        environ = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
        args = ("serve", "--port", "0", "--model", "org/name")
        with start(*args, state=tmp_path, **environ) as process:
            connection, _ = hub.accept()  # now it waits for an answer
            with connection, killed_at_deadline(process):
                process.send_signal(ending)
                stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert (stdout, stderr) == ("", "")


def test_while_the_model_loads_the_server_says_so(tmp_path: Path) -> None:
    """As above, a hub that never answers: the loading lasts as long as the test wants."""
    with socket.create_server(("127.0.0.1", 0)) as hub:
        endpoint = f"http://127.0.0.1:{hub.getsockname()[1]}"
        environ = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
        args = ("serve", "--port", "0", "--model", "org/name")
        with start(*args, state=tmp_path, **environ) as process:
            connection, _ = hub.accept()
            with connection, killed_at_deadline(process):
                base = f"http://127.0.0.1:{port_of(process)}"
                health = httpx.get(f"{base}/health")
                chat = httpx.post(f"{base}/v1/chat/completions", json=ASK)
                process.send_signal(signal.SIGINT)
                process.communicate()
    assert (health.status_code, health.json()["status"]) == (503, "loading")
    assert (chat.status_code, chat.headers["retry-after"]) == (503, "2")
    assert process.returncode == 130


def port_of(process: subprocess.Popen[str]) -> int:
    (listening,) = (
        one for one in psutil.Process(process.pid).net_connections() if one.status == "LISTEN"
    )
    return listening.laddr.port


# ── warming ───────────────────────────────────────────────────────────────────────────────────


def test_the_prompts_of_a_file_are_there_before_it_is_ready(tmp_path: Path) -> None:
    texts = ["one " * 50, "two " * 50]
    bodies = [{"messages": [{"role": "user", "content": text}]} for text in texts]
    (tmp_path / "warm.jsonl").write_text("\n".join(json.dumps(body) for body in bodies))
    args = ("--warm", "warm.jsonl", "--cache-per-key")
    with serving(*args, state=tmp_path, LLMX_API_KEY="s3cret") as server:
        told = server.screen.split(" serves ")[0]
        headers = {"authorization": "Bearer s3cret"}
        asked = {**bodies[1], "max_tokens": 1}
        url = f"{server.url}/v1/chat/completions"
        usage = httpx.post(url, json=asked, headers=headers, timeout=30).json()["usage"]
    assert "warming prompt 1 of 2" in told
    assert "warming prompt 2 of 2" in told
    assert "warmed 2 of 2 prompts" in told
    assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * usage["prompt_tokens"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"messages": []}', "warm.json, line 1: messages: must hold at least 1"),
        ("hello", "warm.json is not JSON"),
        (
            json.dumps({"messages": [{"role": "user", "content": "x " * 300}]}),
            "warm.json, line 1: This model's maximum context length is 64 tokens",
        ),
    ],
)
def test_a_file_that_cannot_be_warmed_is_one_line_and_2(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "warm.json").write_text(text)
    done = run("serve", "--port", "0", "--warm", "warm.json", "--max-context", "64", state=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]


class BrokenEngine(ScriptedEngine):
    """As an engine whose thread has ended by itself."""

    def stats(self) -> EngineStats:
        return replace(super().stats(), state="failed", fault="RuntimeError: out of memory")


def test_an_engine_that_dies_ends_the_server_with_4(capsys: pytest.CaptureFixture[str]) -> None:
    sock = bind("127.0.0.1", 0)
    engine = BrokenEngine()
    assert asyncio.run(_answer(engine, create_app(engine), sock, lambda: None)) == GONE
    assert "llmx: the engine died: RuntimeError: out of memory\n" in capsys.readouterr().err


# ── settings ──────────────────────────────────────────────────────────────────────────────────


def test_show_config_tells_every_value_and_its_source(tmp_path: Path) -> None:
    (tmp_path / "llmx.toml").write_text("[serve]\nmax_queue = 5\n")
    args = ("serve", "--show-config", "--no-cache")
    done = run(*args, state=tmp_path, LLMX_PORT="99", LLMX_API_KEY="s3cret")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["port"] == ["99", "LLMX_PORT"]
    assert rows["cache"] == ["False", "--no-cache"]
    assert rows["max_queue"] == ["5", str(tmp_path / "llmx.toml")]
    assert rows["host"] == ["127.0.0.1", "default"]
    assert rows["api_key"] == ["(set)", "LLMX_API_KEY"]
    assert "s3cret" not in done.stdout


def test_show_config_as_json_has_a_version(tmp_path: Path) -> None:
    done = run("serve", "--show-config", "--json", "--cache-ram", "2GiB", state=tmp_path)
    report = json.loads(done.stdout)
    assert report["v"] == 1
    assert report["settings"]["cache_ram"] == {"value": 2147483648, "source": "--cache-ram"}
    assert report["settings"]["model"] == {"value": None, "source": "default"}


def test_the_settings_that_matter_to_a_user_are_on_the_screen(tmp_path: Path) -> None:
    args = ("--no-traces", "--no-cache", "--host", "0.0.0.0", "--max-context", "512")
    with serving(*args, state=tmp_path, LLMX_PROT="1") as server:
        assert "warning: whoever reaches 0.0.0.0" in server.screen
        assert "warning: the variable LLMX_PROT is not known" in server.screen
        assert "not kept on disk" in server.screen
        assert "kept in memory, at most 128 MB" in server.screen
        assert not (tmp_path / "responses.sqlite").exists()
        assert "off: every prompt is computed in full" in server.screen
        assert "512 tokens" in server.screen
        assert server.url.startswith("http://127.0.0.1:")  # 0.0.0.0 is no address to call
        assert not (tmp_path / "traces").exists()


def test_a_key_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    with serving("--host", "0.0.0.0", state=tmp_path, LLMX_API_KEY="s3cret") as server:
        assert "warning: whoever" not in server.screen
        assert "s3cret" not in server.screen
        assert printed_curl(server.screen)[-1] == "authorization: Bearer $LLMX_API_KEY"
        ask = f"{server.url}/v1/chat/completions"
        assert httpx.post(ask, json=ASK, timeout=30).status_code == 401
        headers = {"authorization": "Bearer s3cret"}
        assert httpx.post(ask, json=ASK, headers=headers, timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--model", "nowhere"), "'nowhere' is neither a folder here nor a hub id (org/name)"),
        (("--model", "org/name", "--offline"), "downloads are off (--offline)"),
        (("--adapter", "nowhere"), "the adapter nowhere is no folder"),
        (("--chat-template", "nowhere"), "--chat-template: cannot read nowhere"),
        (("--traces", "/dev/null"), "/dev/null is a file, wanted a folder"),
        (("--max-context", "99999999"), "--max-context 99999999"),
        (("--cache-ram", "10"), "--cache-ram 10"),
        (("--cache-ram", "much"), "--cache-ram: cannot use 'much'"),
        (("--host", "192.0.2.1"), "192.0.2.1"),
        (("--traces", "t", "--no-traces"), "only one of the two"),
        (("--store", "/dev/null"), "--store: /dev/null is no file"),
        (("--store-max", "much"), "--store-max: cannot use 'much'"),
        (("--json",), "--json goes with --show-config"),
    ],
)
def test_what_cannot_be_is_one_line_and_2(
    args: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    assert message in refused(*args, state=tmp_path)


def test_a_damaged_model_is_refused_before_it_is_loaded(demo: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(demo, model)
    weights = model / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1000])
    said = refused("--model", str(model), state=tmp_path)
    assert f"{weights} is truncated: its header tells of {len(whole)} bytes" in said
    weights.unlink()
    assert "has no weights" in refused("--model", str(model), state=tmp_path)
    (model / "config.json").unlink()
    assert "config.json is missing" in refused("--model", str(model), state=tmp_path)


def test_an_address_is_shown_as_this_machine_reaches_it() -> None:
    assert url("127.0.0.1", 8081) == "http://127.0.0.1:8081"
    assert url("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert url("::", 80) == "http://[::1]:80"
    assert url("fe80::1%eth0", 80) == "http://[fe80::1]:80"
