"""Grammars without a model: a compiler over the demo tokenizer, and answers drawn at random."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

import mlx.core as mx
import numpy as np
from tokenizers import AddedToken, Tokenizer

from llmx.core.engine.constraint import Constraint
from llmx.core.engine.constraint_compiler import ConstraintCompiler
from llmx.core.parser.families.base import Family
from llmx.core.parser.syntax import Syntax
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import GenerationRequest, Json, Message, OutputFormat, ToolChoice
from llmx.fixtures import demo_model
from tests.parsing import Special, Token

ENDS = (2, 0)
PADDING = 7  # logits beyond the last token, as most models have them


class Bench:
    """`family` and `thinking` as a model would have them, each of whose `markers` is one token."""

    def __init__(
        self,
        family: Family | None,
        thinking: ThinkMarkers | None = None,
        markers: Collection[str] = (),
    ) -> None:
        self.tokenizer = Tokenizer.from_str(_demo_tokenizer())
        self.tokenizer.add_tokens([AddedToken(text, normalized=False) for text in sorted(markers)])
        added = self.tokenizer.get_added_tokens_decoder()
        self.specials = {index: token.content for index, token in added.items()}
        self.width = self.tokenizer.get_vocab_size() + PADDING
        self.syntax = Syntax(self._decode, self.specials, family, thinking)
        self.compiler = ConstraintCompiler(self.tokenizer, self.width, ENDS, self.syntax)

    def compile(self, request: GenerationRequest, *, is_thinking: bool = False) -> Constraint:
        constraint = self.compiler.compile(request, is_thinking=is_thinking)
        assert constraint is not None
        return constraint

    def draw(self, constraint: Constraint, seed: int, *, limit: int = 2000) -> list[int]:
        """The ids of an answer without its end token; all that is allowed is equally likely."""
        rng = np.random.default_rng(seed)
        guide, ids = constraint.guide(prompt_tokens=3), [7, 8, 9]
        for _ in range(limit):
            likes = mx.array(rng.gumbel(size=(1, self.width)).astype(np.float32))
            token = int(np.array(guide(mx.array(ids), likes)).argmax())
            assert guide.fault is None
            if token in ENDS:
                return ids[3:]
            assert token < self.tokenizer.get_vocab_size(), "a token that does not exist"
            ids.append(token)
        raise AssertionError(f"no end: {self._decode(ids[3:])[-300:]}")

    def text(self, ids: list[int]) -> str:
        return self._decode(ids)

    def tokens(self, ids: list[int]) -> list[Token]:
        """As a test of a parser wants them: markers, and the bytes of what is between them."""
        tokens: list[Token] = []
        start = 0
        for at, token in enumerate([*ids, -1]):
            if token == -1 or token in self.specials:
                tokens.append(self._decode(ids[start:at]).encode())
                if token != -1:
                    tokens.append(Special(self.specials[token]))
                start = at + 1
        return [token for token in tokens if token]

    def _decode(self, ids: Any) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=False)


@cache
def _demo_tokenizer() -> str:
    with demo_model() as folder:
        described = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    return json.dumps(described)


def demand(
    *tools: Json,
    choice: ToolChoice | None = None,
    output: OutputFormat | None = None,
    **more: Any,
) -> GenerationRequest:
    """Every argument of the request that a constraint depends on."""
    return GenerationRequest(
        "r",
        (Message("user", "?"),),
        tuple(tools),
        choice or ToolChoice(),
        output,
        **more,
    )


def tool(name: str, schema: Json = None, *, strict: bool | None = None) -> Json:
    function: dict[str, Json] = {"name": name}
    if schema is not None:
        function["parameters"] = schema
    if strict is not None:
        function["strict"] = strict
    return {"type": "function", "function": function}


def object_of(**properties: Json) -> dict[str, Json]:
    """A closed object of which everything is required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
