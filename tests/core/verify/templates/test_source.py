"""Where a template is found, and what is said of a folder that has none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from llmx.core.errors import ModelError
from llmx.core.verify.templates.report import try_template
from llmx.core.verify.templates.source import open_template
from tests.core.verify.templates.made import HONEST


def test_a_file_is_a_template(tmp_path: Path) -> None:
    file = tmp_path / "mine.jinja"
    file.write_text(HONEST)
    with open_template(str(file)) as source:
        assert (source.name, source.has_tokens, source.text) == ("mine.jinja", False, HONEST)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokenizer_config.json", {"chat_template": HONEST}),
        ("tokenizer_config.json", {"chat_template": [{"name": "default", "template": HONEST}]}),
        ("chat_template.json", {"chat_template": HONEST}),
    ],
)
def test_it_may_stand_in_a_json_file(tmp_path: Path, file: str, content: object) -> None:
    (tmp_path / file).write_text(json.dumps(content))
    with open_template(str(tmp_path)) as source:
        assert (source.file, source.templates["default"]) == (file, HONEST)


def test_a_template_for_tools_is_used_where_there_are_tools(tmp_path: Path) -> None:
    named = [
        {"name": "default", "template": HONEST},
        {"name": "tool_use", "template": HONEST.replace("content", "content | trim")},
    ]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": named}))
    with open_template(str(tmp_path)) as source:
        report = try_template(source)
    assert report.exit_code == 0  # the blanks stand in a conversation without tools


def test_a_folder_with_a_bare_tokenizer_file_is_compared_by_its_tokens(
    tmp_path: Path, demo: Path
) -> None:
    shutil.copy(demo / "tokenizer.json", tmp_path)
    (tmp_path / "chat_template.jinja").write_text(HONEST)
    with open_template(str(tmp_path)) as source:
        assert source.has_tokens
        assert try_template(source).exit_code == 0


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        ({}, "it is empty"),
        ({"notes.txt": "x"}, "no chat_template.jinja.*it has notes.txt"),
        ({"tokenizer_config.json": "{"}, "tokenizer_config.json is no JSON"),
        ({"tokenizer_config.json": "[]"}, "wanted a JSON object, got list"),
        ({"tokenizer_config.json": '{"chat_template": 7}'}, "wanted a text, got 7"),
        ({"tokenizer_config.json": '{"chat_template": [7]}'}, "wanted name and template, got 7"),
        (
            {"tokenizer_config.json": '{"chat_template": [{"name": "rag", "template": "x"}]}'},
            "no template 'default', only rag",
        ),
        ({"tokenizer_config.json": '{"chat_template_type": "v32"}'}, "chat_template_type 'v32'"),
        ({"chat_template.jinja": "{% for m in %}"}, r"\(line 1\)"),
        ({"chat_template.jinja": "\n{{ nothing.at.all }}"}, r"\(line 2\).*undefined"),
        ({"chat_template.jinja": ""}, "renders one user message to nothing"),
        ({"chat_template.jinja": "{{ raise_exception('never') }}"}, "every conversation.*never"),
        ({"chat_template.jinja": "# Read me"}, "does not show what users say"),
        ({"chat_template.jinja": HONEST, "tokenizer.json": "{}"}, "tokenizer in .* cannot be read"),
        ({"chat_template.jinja": b"\xff"}, "cannot read .*chat_template.jinja"),
    ],
)
def test_what_cannot_be_tried_is_named(
    tmp_path: Path, files: dict[str, str | bytes], seen: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelError, match=seen), open_template(str(tmp_path)) as source:
        try_template(source)


@pytest.mark.parametrize("name", ["", "no such folder", "/nowhere/at/all"])
def test_a_name_that_is_nothing(name: str) -> None:
    with pytest.raises(ModelError, match="neither"), open_template(name):
        pass
