"""The documents say what is: every command and option in them exists, every file they name too."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from llmx.cli.main import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(llmx [^`]+)`")


Command = TyperCommand | TyperGroup


def cli() -> TyperGroup:
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def children(group: TyperGroup) -> dict[str, Command]:
    return {name: c for name, c in group.commands.items() if isinstance(c, Command)}


def command_lines(text: str) -> Iterator[list[str]]:
    """Words of each `llmx ...` in shell blocks and inline code, without what follows a pipe."""
    lines: list[str] = []
    for kind, body in FENCE.findall(text):
        if kind == "sh":
            lines += body.splitlines()
        elif kind == "console":  # what a person types; the rest is what comes back
            lines += [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    lines += INLINE.findall(FENCE.sub("", text))
    for line in lines:
        line = re.split(r"\s[|>&#]", line)[0].strip()
        if line.startswith("llmx "):
            yield shlex.split(line.replace("...", ""))[1:]


def resolve(words: list[str]) -> tuple[Command, list[str]]:
    """The command that words name, and the words after it."""
    command: Command = cli()
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        assert words[0] in children(command), f"no command {words[0]!r} in {command.name!r}"
        command, words = children(command)[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_in_the_documents_exists(document: Path) -> None:
    for words in command_lines(document.read_text("utf-8")):
        command, rest = resolve(words)
        known = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
        known |= {"--help", "--install-completion", "--show-completion"}
        for word in rest:
            if word.startswith("--"):
                option = word.split("=")[0].split("|")[0]
                assert option in known, f"{' '.join(words)}: no option {option}"


def test_the_readme_shows_every_command() -> None:
    shown = list(command_lines((ROOT / "README.md").read_text("utf-8")))
    for name, command in children(cli()).items():
        is_group = isinstance(command, TyperGroup)
        paths = [[name, sub] for sub in children(command)] if is_group else [[name]]
        for path in paths:
            assert any(words[: len(path)] == path for words in shown), f"README lacks {path}"


def test_the_two_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for target in re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text("utf-8")):
        assert target in targets


def test_the_map_names_files_that_are_there() -> None:
    text = (ROOT / "docs" / "structures.md").read_text("utf-8")
    for name in re.findall(r"`((?:\w+/)+\w+\.py)`", text):
        assert (ROOT / name).exists() or (ROOT / "core" / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_no_document_says_to_install_llmx_from_the_index() -> None:
    for document in DOCUMENTS:
        assert "pip install llmx" not in document.read_text("utf-8")
