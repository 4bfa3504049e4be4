"""(b) Prompt tokens computed, beside a cache that forgets nothing: three kinds of conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.goals import Goal
from benchmarks.raw import Heard, RawClient, chat_body
from benchmarks.readings import Reading, Unit
from benchmarks.task import Task, continued, middle, quotient, total
from benchmarks.tokens import Ideal
from benchmarks.workload import Message, question


async def growth(task: Task) -> list[Reading]:
    """One conversation that goes on."""
    turns = task.scale.long_turns
    return await _in_turn(task, f"one conversation of {turns} turns", 1, turns, None)


async def interleaved(task: Task) -> list[Reading]:
    """Conversations that share nothing take turns; a cache must hold them all."""
    count = task.scale.conversations
    row = f"{count} conversations in turn"
    return await _in_turn(task, row, count, task.scale.turns, Goal.INTERLEAVED)


async def unrelated(task: Task) -> list[Reading]:
    """More conversations than a cache of ten entries holds; each is continued once."""
    row = f"{task.scale.unrelated} unrelated conversations, two rounds"
    return await _in_turn(task, row, task.scale.unrelated, 2, Goal.UNRELATED)


async def parallel(task: Task) -> list[Reading]:
    """Histories of a hybrid model that go on at the same time, none waiting for another."""
    scale, book = task.scale, _Book(task)
    talks = book.openings(scale.conversations)

    async def talk(messages: list[Message]) -> None:
        with task.server.raw_client() as client:
            for turn in range(scale.turns):
                heard = await book.ask(client, turn, messages)
                messages = continued(messages, heard, turn + 1)

    async def talk_all() -> None:
        await asyncio.gather(*(talk(messages) for messages in talks))

    costed = await task.server.cost_of(talk_all())
    row = f"{scale.conversations} parallel hybrid histories"
    return book.readings(row, costed.cpu_s, Goal.PARALLEL)


async def _in_turn(task: Task, row: str, ways: int, turns: int, goal: Goal | None) -> list[Reading]:
    book = _Book(task)
    talks = book.openings(ways)

    async def talk_all() -> None:
        with task.server.raw_client() as client:
            for turn in range(turns):
                for way in range(ways):
                    heard = await book.ask(client, turn, talks[way])
                    talks[way] = continued(talks[way], heard, turn + 1)

    costed = await task.server.cost_of(talk_all())
    return book.readings(row, costed.cpu_s, goal)


@dataclass(frozen=True, slots=True)
class _Turn:
    number: int
    heard: Heard
    ideal: int | None  # tokens that had to be computed; None: the prompt or an answer is not known


class _Book:
    """Asks, and keeps what each answer took and what it would have taken at best."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._ideal = Ideal()
        self._is_known = True  # every token so far
        self._turns: list[_Turn] = []

    def openings(self, count: int) -> list[list[Message]]:
        agent = self._task.agent(self._task.scale.brief)
        return [agent.opening(self._task.fresh(way), question(way)) for way in range(count)]

    async def ask(self, client: RawClient, turn: int, messages: Sequence[Message]) -> Heard:
        tokens = self._task.tokens
        prompt = tokens.prompt(messages)
        least = self._ideal.computed(prompt)  # of what is complete now
        heard = await client.chat(chat_body(messages, self._task.scale.answer_tokens))
        answer = tokens.answer(heard.text, heard.completion_tokens)
        self._is_known &= answer is not None and heard.prompt_tokens == len(prompt)
        self._ideal.add(prompt, answer or ())
        self._turns.append(_Turn(turn, heard, least if self._is_known else None))
        return heard

    def readings(self, row: str, cpu_s: float, goal: Goal | None) -> list[Reading]:
        later = [one for one in self._turns if one.number]
        ttft_s = middle([one.heard.ttft_s for one in later])
        return [
            Reading(f"{row}, later turns, TTFT", Unit.WALL, ttft_s),
            Reading(f"{row}, all", Unit.CPU, cpu_s),
            *_computed_rows(f"{row}, all", self._turns, goal),
            *_computed_rows(f"{row}, later turns", later, None),
        ]


def _computed_rows(row: str, turns: Sequence[_Turn], goal: Goal | None) -> list[Reading]:
    computed = total([one.heard.computed_tokens for one in turns])
    ideal = total([one.ideal for one in turns])
    return [
        Reading(row, Unit.COMPUTED, computed),
        Reading(row, Unit.OF_IDEAL, quotient(computed, ideal), goal),
    ]
