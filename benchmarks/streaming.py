"""(j) What a streamed token costs beside the model: detokenizing, parser, wire.

    python -m benchmarks.streaming

A `ScriptedEngine` answers with 32,000 tokens through the whole application, in this process and
without a socket: its text stream, the parser of Hermes, the pump, the recording, the frames of the
API. Counted is the CPU time of the thread from one mark in the script to the next, for each quarter
of the answer; the engine's own work and its turn of the event loop for each token count as well.
What decoding with a real tokenizer takes, which a script has no use for, is measured beside it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from starlette.types import Message
from tabulate import tabulate
from tokenizers import Tokenizer

from benchmarks.goals import Goal
from benchmarks.readings import Reading, Unit
from benchmarks.task import Task
from llmx.core.engine.scripted import Gate, Item, ScriptedEngine, Special
from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.detokenize import Detokenizer
from llmx.core.server.app import create_app
from llmx.core.types import GenerationRequest, Json, Prepared
from llmx.fixtures import agent_system, demo_model

TOKENS = 32_000
QUARTERS = 4
ROUNDS = 3
CALL = "call"
_TOOL = {
    "name": "write",
    "description": "Write a file.",
    "parameters": {"type": "object", "properties": {"content": {"type": "string"}}},
}


class Mark(Gate):
    """A place in a script that notes the CPU time of the thread and lets everybody through."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu_s = 0.0

    async def passed(self) -> None:
        self.cpu_s = time.thread_time()


@dataclass(frozen=True, slots=True)
class Api:
    name: str
    path: str
    tools: Sequence[Json]


APIS = (
    Api("Chat", "/v1/chat/completions", [{"type": "function", "function": _TOOL}]),
    Api(
        "Messages",
        "/v1/messages",
        [{"name": _TOOL["name"], "input_schema": _TOOL["parameters"]}],
    ),
)


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU microseconds of a token in each quarter of an answer."""

    quarters: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.quarters) / len(self.quarters)

    @property
    def growth(self) -> float:
        """The last quarter to the first."""
        return self.quarters[-1] / self.quarters[0]


def words(count: int) -> list[str]:
    """So many tokens of a text, each with its blank."""
    text = agent_system().split()
    return [f" {text[at % len(text)]}" for at in range(count)]


def marked(tokens: Sequence[Item]) -> tuple[list[Item], list[Mark]]:
    """With a mark before each quarter and one at the end."""
    quarter = len(tokens) // QUARTERS
    marks = [Mark() for _ in range(QUARTERS + 1)]
    script: list[Item] = []
    for number, mark in enumerate(marks):
        script += [mark, *tokens[number * quarter : (number + 1) * quarter]]
    return script, marks


def text_of(count: int) -> tuple[list[Item], list[Mark]]:
    return marked(words(count))


def call_of(count: int) -> tuple[list[Item], list[Mark]]:
    """A call with one long string, as a file that is written."""
    # As JSON writes it, or the call is none.
    tokens = [json.dumps(word)[1:-1] for word in words(count)]
    body, marks = marked(tokens)
    head = [Special("<tool_call>"), '{"name": "write",', ' "arguments": {"content": "']
    return [*head, *body, '"}}', Special("</tool_call>")], marks


class HeldToGrammar(ScriptedEngine):
    """Its calls can be trusted before they are complete, so they are streamed as they come."""

    async def prepare(self, request: GenerationRequest) -> Prepared:
        return replace(await super().prepare(request), constraint=self)


@dataclass(frozen=True, slots=True)
class Answer:
    script: Callable[[int], tuple[list[Item], list[Mark]]]
    engine: type[ScriptedEngine]
    calls: int


ANSWERS = {
    "text": Answer(text_of, ScriptedEngine, 0),
    "inside a call": Answer(call_of, ScriptedEngine, 1),
    "inside a streamed call": Answer(call_of, HeldToGrammar, 1),
}


async def played(api: Api, kind: str, count: int) -> Costs:
    """One streamed answer; what is written goes nowhere.

    Raises `RuntimeError` where it was not the answer that was to be measured.
    """
    answer = ANSWERS[kind]
    script, marks = answer.script(count)
    engine = answer.engine(script, context=2 * count + 4_096, family=FAMILIES["hermes"])
    app = create_app(engine)
    body = {
        "model": "any",
        "stream": True,
        "max_tokens": 2 * count,
        "messages": [{"role": "user", "content": "Go on."}],
        "tools": api.tools,
    }
    incoming: list[Message] = [{"type": "http.request", "body": json.dumps(body).encode()}]
    statuses: list[int] = []
    calls = 0  # frames that name the tool
    forever = asyncio.Event()

    async def receive() -> Message:
        if incoming:
            return incoming.pop()
        await forever.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal calls
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif b'"name":"write"' in message["body"]:
            calls += 1

    scope = {
        "type": "http",
        "method": "POST",
        "path": api.path,
        "raw_path": api.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await app(scope, receive, send)
    if statuses != [200] or calls != answer.calls:
        raise RuntimeError(f"{api.path}, {kind}: answered {statuses} with {calls} calls")
    quarter = count // QUARTERS
    times = [mark.cpu_s for mark in marks]
    return Costs(tuple(1e6 * (end - begin) / quarter for begin, end in pairwise(times)))


def decoded(tokenizer: Tokenizer, count: int) -> Costs:
    """The detokenizer alone, with a real tokenizer's decode, token after token."""
    ids = tokenizer.encode("".join(words(count)), add_special_tokens=False).ids[:count]
    detokenizer = Detokenizer(lambda some: tokenizer.decode(some, skip_special_tokens=False))
    quarter = len(ids) // QUARTERS
    costs: list[float] = []
    for number in range(QUARTERS):
        began = time.thread_time()
        for one in ids[number * quarter : (number + 1) * quarter]:
            detokenizer.add((one,))
        costs.append(1e6 * (time.thread_time() - began) / quarter)
    return Costs(tuple(costs))


def measured(count: int = TOKENS, rounds: int = ROUNDS) -> dict[str, Costs]:
    """By what was streamed; of each quarter the least of the rounds: a busy machine adds to it."""
    with demo_model() as folder:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = {"decoding with a tokenizer": _least(decoded(tokenizer, count) for _ in range(rounds))}
    for api in APIS:
        for kind in ANSWERS:
            runs = (asyncio.run(played(api, kind, count)) for _ in range(rounds))
            found[f"{api.name}, {kind}"] = _least(runs)
    return found


def _least(runs: Iterable[Costs]) -> Costs:
    return Costs(tuple(min(of) for of in zip(*(run.quarters for run in runs), strict=True)))


async def wire(task: Task) -> list[Reading]:
    """The costliest of them with the decoding, and how much the last quarter is above the first."""
    count = task.scale.wire_tokens
    found = await asyncio.to_thread(measured, count)
    decoding, *streamed = found.values()
    rows = [Reading(f"streamed: {name}", Unit.CPU_US_TOKEN, c.mean) for name, c in found.items()]
    most = max(costs.mean for costs in streamed) + decoding.mean
    growth = max(costs.growth for costs in streamed)
    return [
        *rows,
        Reading("streamed: the most, with decoding", Unit.CPU_US_TOKEN, most, Goal.WIRE),
        Reading("streamed: last quarter to first", Unit.GROWTH, growth, Goal.WIRE_GROWTH),
    ]


def main() -> None:
    rows = [[name, *costs.quarters, costs.mean, costs.growth] for name, costs in measured().items()]
    quarters = [f"quarter {number}" for number in range(1, QUARTERS + 1)]
    headers = ["CPU µs per token", *quarters, "mean", "last to first"]
    sys.stdout.write(tabulate(rows, headers, floatfmt=".2f") + "\n")


if __name__ == "__main__":
    main()
