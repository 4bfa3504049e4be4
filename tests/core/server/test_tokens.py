"""What the tokenizer makes of a text, and of a conversation, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.core.server.support import House, house


@pytest.fixture(scope="module")
def server() -> Iterator[House]:
    with house(["fine"]) as made:
        yield made


def post(server: House, path: str, **body: Any) -> httpx.Response:
    return httpx.post(server.url + path, json=body, timeout=60)


def test_a_text_is_its_tokens_and_back(server: House) -> None:
    body = post(server, "/tokenize", prompt="hé").json()
    assert body == {"count": 3, "max_model_len": 4096, "tokens": [104, 195, 169]}
    assert post(server, "/detokenize", tokens=body["tokens"]).json() == {"prompt": "hé"}


def test_a_conversation_has_the_tokens_of_its_prompt(server: House) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    body = post(server, "/tokenize", messages=messages).json()
    assert body["count"] == server.post(content="Hi").json()["usage"]["prompt_tokens"]


def test_it_leaves_no_record_and_runs_nothing(server: House) -> None:
    before = server.engine.stats()
    post(server, "/tokenize", messages=[{"role": "user", "content": "Hi"}])
    after = server.engine.stats()
    assert (after.steps, after.cache) == (before.steps, before.cache)


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/tokenize", {}, "prompt"),
        ("/tokenize", {"prompt": 5}, "prompt"),
        ("/tokenize", {"prompt": "a", "messages": []}, "prompt"),
        ("/tokenize", {"messages": []}, "messages"),
        ("/tokenize", {"prompt": "a", "add_special_tokens": 1}, "add_special_tokens"),
        ("/detokenize", {}, "tokens"),
        ("/detokenize", {"tokens": "a"}, "tokens"),
        ("/detokenize", {"tokens": [1, "a"]}, "tokens[1]"),
        ("/detokenize", {"tokens": [1, 10**9]}, "tokens"),
        ("/detokenize", {"tokens": [-1]}, "tokens"),
    ],
)
def test_a_wrong_body_is_a_400_that_names_the_field(
    server: House, path: str, body: dict[str, Any], param: str
) -> None:
    answer = post(server, path, **body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert post(server, "/tokenize", prompt="a").status_code == 200
