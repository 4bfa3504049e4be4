"""Law 1: an answer from the cache is the answer without it, on every way to a hit.

A family is a model architecture with its classes of state; a way is how the hit comes about; a
mode is how tokens are drawn, or what is told of them. Text is equal and every log-probability
within 1e-4 of an offline run, and what is stored wrongly on the same way is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.types import Message, ToolCall
from tests import offline
from tests.core.engine.support import (
    ATTENTION,
    MODES,
    TOKENS,
    TOLERANCE,
    VISIBLE,
    Damage,
    Desk,
    Scene,
    common_prefix,
    words,
)
from tests.models import VOCABULARY

Way = Callable[[Scene], Awaitable[None]]

SYSTEM = ("system", words(56, 1))  # several chunks, and longer than every window
OTHER = ("system", words(64, 2))
QUESTION = ("user", words(6, 3))


async def repeat(scene: Scene) -> None:
    """The same prompt again computes one token, also for the third time."""
    await scene.store([SYSTEM, QUESTION])
    for _ in range(2):
        (again,) = await scene.ask([SYSTEM, QUESTION])
        assert again.matched == len(again.tokens) - 1


async def extend(scene: Scene) -> None:
    """The next turn of a conversation, with the answer that was given."""
    (first,) = await scene.store([SYSTEM, QUESTION])
    turn = [SYSTEM, QUESTION, ("assistant", first.answer.text), ("user", words(5, 4))]
    (second,) = await scene.ask(turn)
    assert second.matched >= 0.95 * len(first.tokens)


async def diverge(scene: Scene) -> None:
    """Prompts that leave the stored one at every kind of place."""
    reply = ("assistant", words(12, 5))
    (stored,) = await scene.store([SYSTEM, QUESTION, reply, ("user", words(20, 6))])
    early = words(56, 1)[:30] + " " + words(40, 7)
    late = SYSTEM[1][:-12] + " " + words(3, 8)
    conversations = {
        "after one token": [("user", words(40, 9))],
        "early in the first message": [("system", early), QUESTION],
        "at the end of the first message": [("system", late), QUESTION],
        "at a message boundary": [SYSTEM, ("user", words(7, 10))],
        "in the reply": [SYSTEM, QUESTION, ("assistant", reply[1][:20] + "x"), QUESTION],
        "in the window of the last message": [
            SYSTEM, QUESTION, reply, ("user", words(20, 6)[:-8] + " " + words(2, 11))
        ],
    }  # fmt: skip
    for place, messages in conversations.items():
        (heard,) = await scene.ask(messages)
        shared = common_prefix(heard.tokens, stored.tokens)
        assert heard.matched <= heard.answer.cache.shared
        assert heard.answer.cache.shared >= shared, place
        if scene.desk.family in ATTENTION:
            assert heard.matched >= shared, place
        elif shared >= stored.prepared.boundaries[1].position:
            assert heard.matched > 0, place


async def tool_loop(scene: Scene) -> None:
    """Turns of an agent: the last message is the result of a tool."""
    turn: list[tuple[str, str] | Message] = [SYSTEM, QUESTION]
    (last,) = await scene.store(turn)
    for number in range(3):
        call = ToolCall(f"call-{number}", "look", f'{{"place": "{words(1, 20 + number)}"}}')
        turn += [
            Message("assistant", last.answer.text, tool_calls=(call,)),
            Message("tool", words(8, 30 + number), tool_call_id=call.id, name="look"),
        ]
        (heard,) = await scene.ask(turn)
        assert heard.matched >= 0.95 * len(last.tokens)
        last = heard


async def mixed_batch(scene: Scene) -> None:
    """Eight at once, of unequal length: hits of several kinds beside prompts never seen."""
    (first,) = await scene.store([SYSTEM, QUESTION])
    warm = [
        [SYSTEM, QUESTION],
        [SYSTEM, ("user", words(2, 12))],
        [SYSTEM, ("user", words(60, 13))],
        [SYSTEM, QUESTION, ("assistant", first.answer.text), ("user", words(9, 14))],
    ]
    cold = [[("user", words(count, 40 + count))] for count in (1, 11, 23, 70)]
    mixed = [messages for pair in zip(warm, cold, strict=True) for messages in pair]
    heard = await scene.ask(*mixed)
    assert all(h.matched > 0 for h in heard[::2])
    assert heard[0].matched >= 0.95 * len(heard[0].tokens)


async def after_eviction(scene: Scene) -> None:
    """What had to go is computed and stored again, and serves again."""
    engine = scene.engine
    assert engine is not None
    await scene.store([SYSTEM, QUESTION])
    for number in range(6):
        other = scene.desk.request([("system", words(64, 50 + number)), QUESTION], max_tokens=1)
        await scene.desk.ask(other, engine=engine)
    stats = engine.stats().cache
    assert stats.evicted_tokens + stats.evicted_states > 0, "there was room for all of them"
    await scene.store([SYSTEM, QUESTION])
    (again,) = await scene.ask([SYSTEM, QUESTION])
    assert again.matched > 0


async def follower(scene: Scene) -> None:
    """Those that ask while the prefix is being computed for another take it over."""
    questions = [("user", words(count, 60 + count)) for count in (4, 1, 9, 30)]
    heard = await scene.ask_cold(*([SYSTEM, question] for question in questions))
    assert len(scene.first) == 1, "one leads and the others follow"
    computed = sum(len(h.tokens) - h.matched for h in heard)
    shared = heard[0].prepared.boundaries[1].position
    suffixes = sum(len(h.tokens) - shared for h in heard)
    assert computed <= 1.1 * (shared + suffixes)


async def after_cancel(scene: Scene) -> None:
    """A client that left in mid-prefill has left what was computed for it."""
    await scene.leave_in_prefill([OTHER, QUESTION])
    (heard,) = await scene.ask([OTHER, QUESTION])
    assert heard.matched > 0


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        repeat, extend, diverge, tool_loop, mixed_batch, after_eviction, follower, after_cancel
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def narrow(desk: Desk) -> Iterator[MLXEngine]:
    """An engine with room for about two conversations."""
    # A running row's logits count too, and are more than the whole state of the tiny Mamba.
    row = desk.engine._layout.nbytes(256) + 2 * 4 * VOCABULARY
    engine = desk.another(cache_ram=3 * row)
    yield engine
    asyncio.run(engine.close())


@pytest.fixture
def play(desk: Desk, narrow: MLXEngine) -> Callable[..., Scene]:
    """`play(way, mode, damage)` on an empty cache."""

    def played(way: str, mode: str = "plain", damage: Damage | None = None) -> Scene:
        engine = narrow if way == "after_eviction" else desk.engine
        scene = Scene(desk, mode, damage, engine)

        async def run() -> None:
            await engine.clear_cache()
            await WAYS[way](scene)

        asyncio.run(run())
        return scene

    return played


# What a mode has to do with the cache shows on a few ways; what is drawn is the same on all.
FEW: dict[str, tuple[str, ...]] = {
    "grammar": ("mixed_batch", "follower"),
    "logprobs": ("repeat", "mixed_batch"),
    "tools": ("tool_loop",),
}
COLUMNS = [(mode, way) for mode in MODES for way in FEW.get(mode, WAYS)]


@pytest.mark.parametrize(("mode", "way"), COLUMNS)
def test_an_answer_from_the_cache_is_that_of_an_offline_run(
    play: Callable[..., Scene], way: str, mode: str
) -> None:
    scene = play(way, mode)
    scene.check()


@pytest.mark.parametrize(("way", "damage"), [*zip(WAYS, cycle(["replaced", "doubled"]))])
def test_a_wrong_token_in_what_is_stored_is_seen(
    play: Callable[..., Scene], way: str, damage: Damage
) -> None:
    """The test of the test: one token of the stored prefix is another, or stands twice."""
    scene = play(way, damage=damage)
    scene.check_damage_is_seen()


STATES: dict[str, Callable[[list[int]], list[int]]] = {  # what is held, said to be the tokens given
    "one position dropped": lambda held: held[:90] + held[91:],
    "one position doubled": lambda held: held[:91] + held[90:],
    "one token replaced": lambda held: [*held[:90], held[90] + 1, *held[91:]],
    "the position before": lambda held: held[:-1],
}


@pytest.mark.parametrize("damage", STATES)
def test_a_damaged_state_is_seen(desk: Desk, damage: str) -> None:
    """The same comparison on a state of mlx-lm that holds something else than it should."""
    prepared = asyncio.run(desk.engine.prepare(desk.request([SYSTEM, QUESTION])))
    tokens, cut = list(prepared.tokens), len(prepared.tokens) - 20
    cold = offline.generate(desk.model, tokens, TOKENS)
    for hold, right in ((STATES[damage], False), (list[int], True)):
        state = offline.prefilled(desk.model, hold(tokens[:cut]))
        warm = offline.generate(desk.model, tokens, TOKENS, state=state, held=cut)
        difference = offline.largest_difference(cold, warm)
        assert difference <= TOLERANCE if right else difference > VISIBLE
