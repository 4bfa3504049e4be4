"""Batches of conversations: batch n is the same whenever and wherever it is made.

A batch is a list of groups of like length, so that little is padding. Its plan follows the
curriculum: short prompts with few tools first, long ones with many at the end.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tools.demo_model.conversations import Plan, Writer
from tools.demo_model.rendering import Sample, sample

GROUP = 4096  # tokens of a group, padding included, unless one conversation is longer
ASIDE = 0.06  # weight of a token that is not the model's own, where it is learnt as well


@dataclass(frozen=True)
class Group:
    """Rows of one length. `asked` are positions whose next token counts with `weights`."""

    tokens: NDArray[np.int64]  # (B, T)
    positions: NDArray[np.int64]  # (B, T)
    asked: NDArray[np.int64]  # (B, M)
    targets: NDArray[np.int64]  # (B, M)
    weights: NDArray[np.float32]  # (B, M)


@dataclass(frozen=True)
class Stage:
    """A part of the curriculum, up to a share of all steps."""

    until: float
    tools: int  # at most
    turns: int  # at most
    longest: int  # tokens of a conversation
    aside: float  # share of foreign tokens that are learnt, each a little
    gap: float  # probability that distances are stretched
    filler: float  # probability of other text in the system prompt
    long: float  # probability that a whole batch is of 12,000 tokens and more
    drill: float  # probability of a conversation that only chooses among tools


STAGES = (
    Stage(0.09, tools=2, turns=5, longest=384, aside=0.3, gap=0.0, filler=0.0, long=0.0, drill=1.0),
    Stage(
        0.25, tools=5, turns=6, longest=640, aside=0.1, gap=0.2, filler=0.05, long=0.0, drill=0.4
    ),
    Stage(
        0.60, tools=10, turns=7, longest=1024, aside=0.0, gap=0.4, filler=0.15, long=0.0, drill=0.15
    ),
    Stage(
        0.85, tools=16, turns=8, longest=1792, aside=0.0, gap=0.4, filler=0.25, long=0.03, drill=0.1
    ),
    Stage(
        1.00,
        tools=24,
        turns=8,
        longest=3072,
        aside=0.0,
        gap=0.3,
        filler=0.35,
        long=0.12,
        drill=0.05,
    ),
)
LONGEST = 15_800


def stage(progress: float) -> Stage:
    return next(stage for stage in STAGES if progress <= stage.until or stage is STAGES[-1])


def plan(now: Stage, rng: Random) -> Plan:
    tools = 0 if rng.random() < 0.15 else min(now.tools, 1 + int(now.tools * rng.random() ** 1.6))
    filler = int(80 * (now.longest / 80) ** rng.random()) * 3 if rng.random() < now.filler else 0
    if rng.random() < now.drill:
        return Plan(tools=rng.randrange(2, 7), turns=rng.randrange(6, 14), drill=True)
    return Plan(tools=tools, turns=rng.randrange(1, now.turns + 1), filler=filler)


def long_plan(rng: Random) -> Plan:
    """A prompt as agents send it, and as many turns as fit."""
    if rng.random() < 0.45:
        return Plan(tools=rng.randrange(1, 9), turns=24, agent=True)
    return Plan(
        tools=rng.randrange(2, 40), turns=rng.randrange(12, 40), filler=rng.randrange(4000, 36_000)
    )


def batch(number: int, steps: int, tokens: int, seed: int, tokenizer: Tokenizer) -> list[Group]:
    """Batch `number` of `steps`, of about so many tokens."""
    rng = Random(f"{seed}/{number}")
    now = stage(number / steps)
    is_long = rng.random() < now.long
    rows: list[Sample] = []
    length = 0
    while length < tokens:
        made = sample(Writer(long_plan(rng) if is_long else plan(now, rng), rng).write(), tokenizer)
        row = cut(made, LONGEST if is_long else now.longest)
        if row is not None:
            rows.append(row)
            length += len(row.tokens)
    rows.sort(key=lambda row: len(row.tokens))
    return [group(part, now, rng) for part in parts(rows)]


def cut(row: Sample, longest: int) -> Sample | None:
    """The row's begin up to the last whole message that fits; None where nothing is left."""
    if len(row.tokens) <= longest:
        return row
    seams = row.seams[row.seams <= longest]
    end = int(seams[-1]) if len(seams) else 0
    if not row.weights[:end].any():
        return None
    return Sample(row.tokens[:end], row.weights[:end], seams)


def parts(rows: list[Sample]) -> Iterator[list[Sample]]:
    taken: list[Sample] = []
    for row in rows:  # by length: the newest is the longest
        if taken and (len(taken) + 1) * len(row.tokens) > GROUP:
            yield taken
            taken = []
        taken.append(row)
    yield taken


def group(rows: list[Sample], now: Stage, rng: Random) -> Group:
    longest = max(len(row.tokens) for row in rows)
    longest += -longest % 32  # fewer shapes
    tokens = np.zeros((len(rows), longest), np.int64)
    positions = np.tile(np.arange(longest), (len(rows), 1))
    asked: list[NDArray[Any]] = []
    weights: list[NDArray[np.float32]] = []
    draw = np.random.default_rng(rng.getrandbits(32))
    for number, row in enumerate(rows):
        tokens[number, : len(row.tokens)] = row.tokens
        weight = row.weights.copy()
        if now.aside:
            weight[(draw.random(len(weight)) < now.aside) & (row.weights == 0)] = ASIDE
        weight[0] = 0
        wanted = np.flatnonzero(weight)
        asked.append(wanted - 1)
        weights.append(weight[wanted])
        room = LONGEST - longest
        for _ in range(rng.choice((1, 1, 2))):
            if room > 0 and rng.random() < now.gap:
                at = int(rng.choice(list(row.seams)))
                gap = int(room ** rng.random())
                positions[number, at:] += gap
                room -= gap
    most = max(map(len, asked))
    most += -most % 16
    shape = (len(rows), most)
    all_asked, all_weights = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
    for number, (places, weight) in enumerate(zip(asked, weights, strict=True)):
        all_asked[number, : len(places)] = places
        all_weights[number, : len(places)] = weight
    targets = np.take_along_axis(tokens, np.minimum(all_asked + 1, longest - 1), 1)
    return Group(tokens, positions, all_asked, targets, all_weights)


def stream(
    first: int, steps: int, tokens: int, seed: int, tokenizer: Path, workers: int
) -> Generator[list[Group]]:
    """Batches from `first` to the last, made in processes of their own, in order."""
    context = get_context("spawn")
    queues = [context.Queue(4) for _ in range(workers)]
    processes = [
        context.Process(
            target=_work,
            args=(queue, range(first + number, steps, workers), steps, tokens, seed, tokenizer),
            daemon=True,
        )
        for number, queue in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        for number in range(first, steps):
            made = queues[(number - first) % workers].get()
            if isinstance(made, BaseException):
                raise made
            yield made
    finally:
        for process in processes:
            process.terminate()


def _work(
    queue: Any, numbers: range, steps: int, tokens: int, seed: int, tokenizer_file: Path
) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.nice(5)  # training itself goes first
    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        for number in numbers:
            queue.put(batch(number, steps, tokens, seed, tokenizer))
    except Exception as error:  # noqa: BLE001 - raised again where batches are read
        queue.put(error)
