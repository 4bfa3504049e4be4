"""The forms of a file to warm, and what is said about a wrong one."""

import json
from pathlib import Path

import pytest

from llmx.core.errors import ConfigError
from llmx.core.server.warm_file import read_warm_file
from tests.core.server.support import asked

ONE, TWO = json.dumps(asked("1")), json.dumps(asked("2"), indent=1)


def read(folder: Path, text: str | bytes) -> list[tuple[int, str]]:
    """Lines and contents."""
    path = folder / "warm.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    prompts = read_warm_file(path)
    return [(p.line, json.loads(p.body)["messages"][0]["content"]) for p in prompts]


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        (ONE, [(1, "1")]),
        ("\ufeff" + ONE, [(1, "1")]),
        (TWO, [(1, "2")]),
        (f"{ONE}\n\n{ONE}\r\n", [(1, "1"), (3, "1")]),
        (f"[\n{ONE},\n{TWO},\n\n{ONE}]", [(2, "1"), (3, "2"), (3 + TWO.count("\n") + 2, "1")]),
        (f'{{"requests": [{ONE},\n{ONE}]}}', [(1, "1"), (2, "1")]),
    ],
)
def test_an_object_an_array_or_lines_are_read(
    tmp_path: Path, text: str, prompts: list[tuple[int, str]]
) -> None:
    assert read(tmp_path, text) == prompts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no prompt"),
        ("[]", "holds no prompt"),
        ("5", "line 1: is the number 5"),
        ("not json", "is not JSON"),
        ('{"messages": [', "is not JSON"),
        (b"\xff", "is not JSON"),
        (f"{ONE}\n{{cut", "line 2: is not JSON"),
        (f'{ONE}\n{{"messages": []}}', "line 2: messages: must hold at least 1"),
        (f"[{ONE},\n5]", "line 2: the body: must be an object"),
        ('{"requests": 5}', "line 1: requests: must be a list"),
        ('{"messages": [{"role": "user", "content": 5}]}', "line 1: messages[0].content"),
        (json.dumps(asked(cache=False)), "line 1: cache: must not be false"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_what_was_wanted(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert said in message
    assert str(tmp_path / "warm.json") in message
    assert "wanted a chat body" in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*nothing: No such file"):
        read_warm_file(tmp_path / "nothing")
