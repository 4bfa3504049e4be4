"""A mark sets a checkpoint at its very token; and with `stores_marked`, nothing else is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.types import GenerationRequest, Message
from tests.asking import Answer, answer, request_of
from tests.models import make_model

LoadEngine = Callable[..., MLXEngine]
BOOK = " ".join(f"Row {n}: peas grow beside bean number {n * n}." for n in range(12))


def asked(
    rest: str, *, marks: tuple[int, ...] = (), stores_marked: bool = False
) -> GenerationRequest:
    request = request_of("", max_tokens=4)
    messages = (Message("user", f"{BOOK} {rest}", marks=marks),)
    return replace(request, messages=messages, stores_marked=stores_marked)


def ask(engine: MLXEngine, *requests: GenerationRequest) -> list[Answer]:
    async def one_by_one() -> list[Answer]:
        return [await answer(engine, request) for request in requests]

    return asyncio.run(one_by_one())


def marked(one: Answer) -> list[int]:
    return [each.position for each in one.prepared.boundaries if each.is_marked]


@pytest.mark.parametrize("architecture", ["qwen3", "qwen3_next"])
def test_a_prompt_that_parts_behind_a_mark_is_restored_up_to_it(
    architecture: str, tmp_path: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(make_model(architecture, tmp_path / architecture))
    end = len(BOOK)
    (first, second) = ask(engine, asked("Why is that so?", marks=(end,)), asked("Who says it?"))
    (place,) = marked(first)
    shared = sum(1 for _ in _common(first.prepared.tokens, second.prepared.tokens))
    assert place <= shared
    expected = shared if architecture == "qwen3" else place  # whose rows can be cut anywhere
    assert second.end.usage.cached_tokens == expected
    if architecture != "qwen3":
        asyncio.run(engine.clear_cache())
        (_, without) = ask(engine, asked("Why is that so?"), asked("Who says it?"))
        assert without.end.usage.cached_tokens < place


@pytest.mark.parametrize("architecture", ["qwen3", "qwen3_next"])
def test_only_what_stands_before_the_last_mark_is_kept(
    architecture: str, tmp_path: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(make_model(architecture, tmp_path / architecture))
    middle = BOOK.index("Row 6")
    first, again, nothing = ask(
        engine,
        asked("Why?", marks=(20, middle), stores_marked=True),
        asked("Why?"),
        replace(asked("Why?"), stores_marked=True, namespace="elsewhere"),
    )
    assert marked(first)[-1] == first.prepared.storable_tokens
    assert first.end.usage.written_tokens == marked(first)[-1]
    assert again.end.usage.cached_tokens == marked(first)[-1]
    assert nothing.end.usage.written_tokens == 0
    assert first.text == again.text == nothing.text


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> list[int]:
    count = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one)
    )
    return list(one[:count])
