"""`llmx test-cache --template`: what it prints and how it exits; core has the other tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from tests.core.verify.templates.made import BREAKING, template
from tests.program import environment


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["test-cache", "--template", *args])


def made(folder: Path, behaviour: str) -> str:
    (folder / "chat_template.jinja").write_text(BREAKING[behaviour])
    return str(folder)


WITHOUT_MLX = """
import sys
sys.modules.update(dict.fromkeys(("mlx", "mlx.core", "mlx_lm")))  # cannot be imported
from llmx.cli.main import main
sys.argv[0] = "llmx"
main()
"""


def test_a_template_that_holds_is_exit_0_without_a_server_and_without_mlx(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MLX, "test-cache", "--template", "llmx-demo"],
        env=environment(tmp_path, {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, titles, _, first, *_, verdict = done.stdout.splitlines()
    assert head == "llmx-demo, template of chat_template.jinja, compared by tokens"
    assert titles.split()[:2] == ["conversation", "template"]
    assert first.split() == ["plain", "turns", "ok", "holds"]
    assert verdict.startswith("HOLDS  in all 13 conversations")
    assert "\x1b" not in done.stdout


def test_a_break_is_exit_1_with_its_place_its_cause_and_advice(tmp_path: Path) -> None:
    done = run(made(tmp_path, "strips_thinking"))
    assert done.exit_code == 1
    assert "reasoning that comes back: turn 2 parts from turn 1 in message 1 (assistant)" in (
        done.stdout
    )
    assert "strips_thinking: reasoning is left out of earlier turns" in done.stdout
    assert "breaks in llmx serve as well" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("BREAKS  2 of ")


def test_what_llmx_serve_mends_is_said_with_its_rule(tmp_path: Path) -> None:
    done = run(made(tmp_path, "strips_whitespace"))
    assert done.exit_code == 1
    assert "breaks in the template; llmx serve mends it by generated_history" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("; llmx serve mends 1 of these")


def test_what_a_template_refuses_is_said_with_what_llmx_serve_does(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text(
        template(only="m.role != 'system' or raise_exception('No system role.')")
    )
    done = run(str(tmp_path))
    assert done.exit_code == 0
    assert (
        "\na system prompt: The model's chat template cannot render this conversation: "
        "No system role. In llmx serve it holds, by leading_system\n" in done.stdout
    )


def test_json_is_the_report(tmp_path: Path) -> None:
    done = run(made(tmp_path, "moves_system"), "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["exit_code"], report["v"]) == (1, 1, 1)
    assert report["unit"] == "characters"


@pytest.mark.parametrize(
    ("args", "seen"),
    [
        (["no such folder"], "neither a folder here nor a hub id"),
        (["{folder}"], "has no chat template"),
        (["llmx-demo", "http://127.0.0.1:1"], "--template asks no server"),
    ],
)
def test_what_cannot_be_tried_is_one_line_and_exit_2(
    tmp_path: Path, args: list[str], seen: str
) -> None:
    done = run(*(arg.format(folder=tmp_path) for arg in args))
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("llmx: ")
    assert seen in line
