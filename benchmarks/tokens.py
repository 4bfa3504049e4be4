"""Prompts and answers as token ids, and the least that a cache leaves to compute. Loads no MLX.

What a server says that it computed is held to this, which knows nothing of any server.
"""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from benchmarks.workload import Message


class Tokens:
    """A model's tokenizer and template."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The prompt that a server makes of them."""
        text = self._tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, tokenize=False
        )
        return self._encode(text)

    def answer(self, text: str, count: int | None) -> list[int] | None:
        """The tokens that were generated; None: the text does not give back `count` of them.

        Our models say nothing but words with a space before each; one server drops the first
        space, though the token that it generated has it.
        """
        for spelled in (f" {text.removeprefix(' ')}", text):
            found = self._encode(spelled)
            if len(found) == count:
                return found
        return None

    def cut(self, text: str, length: int) -> str:
        """The text, said again and again until it is `length` tokens long."""
        found = self._encode(text)
        times = -(-length // len(found))
        ids = self._encode("\n\n".join(f"Part {number}\n{text}" for number in range(times)))
        return self._tokenizer.decode(ids[:length], clean_up_tokenization_spaces=False)

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]


class Ideal:
    """A cache that forgets nothing and reuses every token: it computes what nobody sent before."""

    def __init__(self) -> None:
        self._seen: list[array[int]] = []

    def computed(self, prompt: Sequence[int]) -> int:
        """Tokens of `prompt` that it would compute: at least one, or nothing could be decoded."""
        asked = array("I", prompt)
        shared = max((shared_prefix(asked, one) for one in self._seen), default=0)
        return len(asked) - min(shared, len(asked) - 1)

    def add(self, *parts: Sequence[int]) -> None:
        """A prompt, or a prompt and its answer."""
        self._seen.append(array("I", [token for part in parts for token in part]))


def shared_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many leading tokens are equal."""
    most = min(len(first), len(second))
    # The first length at which the leading parts are unlike, by halves: comparing them is quick.
    unlike = bisect.bisect_left(
        range(most + 1), True, key=lambda length: first[:length] != second[:length]
    )
    return min(unlike - 1, most) if unlike <= most else most
