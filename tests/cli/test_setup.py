"""`llmx serve --print-setup`: lines that real clients and parsers take, and docs/agents.md."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import anthropic
import openai
import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.cli.setup_lines import CLIENTS
from llmx.core.engine.scripted import ScriptedEngine
from llmx.core.server.app import create_app
from tests.serving import running

GUIDE = Path(__file__).parents[2] / "docs" / "agents.md"
SHELL = ("claude-code", "aider", "openai", "anthropic")
MINE = {"LLMX_API_KEY": None, "LLMX_PORT": None, "LLMX_MODEL": None, "LLMX_HOST": None}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `llmx.toml`, hub cache or variable of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def setup(client: str, *args: str, **environ: str) -> Result:
    arguments = ["serve", "--print-setup", client, *args]
    return CliRunner().invoke(app, arguments, env={**MINE, **environ})


def printed(client: str, *args: str, **environ: str) -> str:
    result = setup(client, *args, **environ)
    assert result.exit_code == 0, result.output
    return result.stdout


def variables(shell: str) -> dict[str, str]:
    """What `export` lines set, as a shell would."""
    found: dict[str, str] = {}
    for line in shell.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            (assignment,) = words[1:]
            name, value = assignment.split("=", 1)
            found[name] = value
    return found


# ── the guide ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("client", CLIENTS)
def test_the_guide_shows_what_the_command_prints(client: str) -> None:
    text = GUIDE.read_text("utf-8")
    (section,) = (part for part in text.split("\n## ") if f"--print-setup {client}`" in part)
    (block,) = re.findall(r"^```\w+\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert printed(client) == block


def test_the_readme_shows_what_a_terminal_shows() -> None:
    readme = GUIDE.parents[1].joinpath("README.md").read_text("utf-8")
    (block,) = re.findall(
        r"^\$ llmx serve --print-setup claude-code\n(.*?)^```", readme, re.S | re.M
    )
    result = setup("claude-code")
    assert result.stdout + result.stderr == block


# ── what clients take ─────────────────────────────────────────────────────────────────────────


def test_the_openai_library_reaches_the_server_by_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(create_app(ScriptedEngine(("Hello", "!")))) as url:
        for name, value in variables(printed("openai", "--port", url.split(":")[2])).items():
            monkeypatch.setenv(name, value)
        with openai.OpenAI() as client:
            answer = client.chat.completions.create(
                model="llmx-demo", messages=[{"role": "user", "content": "Hi"}]
            )
    assert answer.choices[0].message.content == "Hello!"


def test_the_lines_of_opencode_qwen_code_and_aider_lead_to_chat_completions() -> None:
    opencode = json.loads(printed("opencode"))["provider"]["llmx"]["options"]["baseURL"]
    (qwen,) = json.loads(printed("qwen-code"))["modelProviders"]["openai"]
    aider = variables(printed("aider"))["OPENAI_API_BASE"]
    with running(create_app(ScriptedEngine(*[("Hello",)] * 3))) as url:
        for base in (opencode, qwen["baseUrl"], aider):
            assert base == "http://127.0.0.1:8081/v1"
            here = base.replace("http://127.0.0.1:8081", url)
            with openai.OpenAI(base_url=here, api_key="llmx") as client:
                answer = client.chat.completions.create(
                    model="llmx-demo", messages=[{"role": "user", "content": "Hi"}]
                )
            assert answer.choices[0].message.content == "Hello"


def test_what_is_printed_is_one_document_of_its_kind() -> None:
    for client in SHELL:
        assert len(variables(printed(client))) >= 2
    for client in ("opencode", "qwen-code"):
        assert isinstance(json.loads(printed(client)), dict)
    codex = tomllib.loads(printed("codex"))
    assert codex["model_providers"][codex["model_provider"]]["wire_api"] == "responses"
    assert codex["model_context_window"] == 16_384


# ── settings ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("client", CLIENTS)
def test_host_port_and_model_are_those_of_the_settings(client: str, tmp_path: Path) -> None:
    """From an option, a variable and the file."""
    (tmp_path / "llmx.toml").write_text('[serve]\nmodel = "org/My-Model@main"\n')
    lines = printed(client, "--port", "9000", LLMX_HOST="192.168.1.7")
    assert "http://192.168.1.7:9000" in lines
    assert "org/My-Model@main" in lines
    assert "llmx-demo" not in lines
    assert "127.0.0.1" not in lines


@pytest.mark.parametrize("client", CLIENTS)
def test_a_key_is_named_by_its_variable_and_never_shown(client: str) -> None:
    lines = printed(client, LLMX_API_KEY="geheim")
    assert "geheim" not in lines
    assert "LLMX_API_KEY" in lines
    assert "give it the server's key" in setup(client, LLMX_API_KEY="geheim").stderr


def test_the_context_is_the_servers_or_left_out_where_it_is_not_known() -> None:
    assert "CONTEXT_TOKENS=16384" in printed("claude-code")
    assert "CONTEXT_TOKENS=4096" in printed("claude-code", "--max-context", "4096")
    unknown = setup("claude-code", "--model", "org/not-here")
    assert "CONTEXT_TOKENS" not in unknown.stdout
    assert "is not known before it is downloaded" in unknown.stderr
    asked = printed("opencode", "--model", "org/not-here", "--max-context", "65536")
    (model,) = json.loads(asked)["provider"]["llmx"]["models"].values()
    assert model["limit"]["context"] == 65_536


def test_a_model_folder_is_named_as_the_server_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "Qwen 3's"
    folder.mkdir()
    (folder / "config.json").write_text('{"max_position_embeddings": 40960}')
    lines = printed("claude-code", "--model", str(folder))
    assert variables(lines)["ANTHROPIC_MODEL"] == "Qwen 3's"
    assert variables(lines)["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] == "40960"


def test_an_address_for_all_becomes_one_to_connect_to() -> None:
    result = setup("openai", "--host", "0.0.0.0")
    assert "http://127.0.0.1:8081/v1" in result.stdout
    assert "another machine" in result.stderr
    assert "http://[::1]:8081" in printed("anthropic", "--host", "::")
    assert "http://localhost:8081" in printed("anthropic", "--host", "localhost")


# ── refused ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("cursor",), ["cursor", *CLIENTS]),
        (("openai", "--port", "0"), ["port 0", "--port"]),
        (("openai", "--model", "no model"), ["no model", "hub id"]),
        (("openai", "--max-context", "99999"), ["99999", "16384"]),
        (("openai", "--show-config"), ["--show-config", "--print-setup"]),
        (("openai", "--json"), ["--json"]),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_one_line(
    args: tuple[str, ...], words: list[str]
) -> None:
    result = setup(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert all(word in line for word in words)


def test_the_anthropic_library_reads_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(printed("anthropic")).items():
        monkeypatch.setenv(name, value)
    with anthropic.Anthropic() as client:
        assert str(client.base_url).rstrip("/") == "http://127.0.0.1:8081"
        assert client.api_key == "llmx"
