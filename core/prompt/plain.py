"""Text and tokens that no template surrounds: prompts of `/v1/completions`, `/tokenize`."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Protocol

from llmx.core.errors import RequestError
from llmx.core.prompt.renderer import Rendered
from llmx.core.types import Boundary


class Tokenizer(Protocol):
    def encode(self, text: str, *, special_tokens: bool = False) -> tuple[int, ...]: ...

    def decode(self, ids: Sequence[int]) -> str: ...


class PlainText:
    """Thread-safe where the tokenizer is. `vocabulary` is how many tokens the model has."""

    def __init__(self, tokenizer: Tokenizer, vocabulary: int) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary

    def render(self, prompt: str | tuple[int, ...]) -> Rendered:
        """One part of all of it. Raises `RequestError` where it is empty or has unknown tokens."""
        if isinstance(prompt, str):
            tokens, fresh = self.encode(prompt), len(prompt)
        else:
            tokens, fresh = prompt, 0
            self._check(tokens, "prompt")
        if not tokens:
            raise RequestError("prompt: must not be empty.", param="prompt")
        packed = array("i", tokens).tobytes()
        return Rendered("", tokens, (Boundary(len(tokens), "prompt"),), packed, fresh)

    def encode(self, text: str, *, special_tokens: bool = True) -> tuple[int, ...]:
        """`special_tokens`: with those that the tokenizer begins or ends every text with."""
        return self._tokenizer.encode(text, special_tokens=special_tokens)

    def decode(self, tokens: Sequence[int]) -> str:
        """Special tokens too. Raises `RequestError` for one that the model does not have."""
        self._check(tokens, "tokens")
        return self._tokenizer.decode(tokens)

    def _check(self, tokens: Sequence[int], field: str) -> None:
        unknown = next((token for token in tokens if not 0 <= token < self._vocabulary), None)
        if unknown is not None:
            raise RequestError(
                f"{field}: {unknown} is none of this model's {self._vocabulary} tokens.",
                param=field,
            )
