"""Synthetic conversations: what the demo model learns from.

A conversation is a list of messages in OpenAI's form with the tools that are offered. Each turn is
drawn from the kinds below; every assistant message is right by construction and is learnt.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tools.demo_model.data import lexicon, talk
from tools.demo_model.grammar import expand, fill, places
from tools.demo_model.toolbox import MadeTool, Request, Tool, offered, stranger
from tools.demo_model.values import value

ROOT = Path(__file__).parents[2]
Message = dict[str, Any]


@dataclass
class Conversation:
    messages: list[Message] = field(default_factory=list)
    tools: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """How a conversation is to look."""

    tools: int  # offered; 0 for none
    turns: int
    filler: int = 0  # characters of other text in the system prompt
    agent: bool = False  # behind the bundled agent's prompt and tools
    held_out: bool = False
    drill: bool = False  # nothing but choosing among tools without parameters, many times


class Writer:
    """Writes one conversation."""

    def __init__(self, plan: Plan, rng: Random) -> None:
        self.rng, self.plan = rng, plan
        self.tools: list[Tool] = (
            [MadeTool(rng, held_out=plan.held_out, most_params=0) for _ in range(plan.tools)]
            if plan.drill
            else offered(rng, plan.tools, held_out=plan.held_out)
        )
        self.conversation = Conversation()
        self.secrets: dict[str, str] = {}
        self._told: dict[str, int] = {}
        self._calls = 0

    def write(self) -> Conversation:
        self._open()
        if self.plan.drill:
            for _ in range(self.plan.turns):
                self._drill()
            return self.conversation
        for _ in range(self.plan.turns):
            self.turn()
        return self.conversation

    def _drill(self) -> None:
        if self.rng.random() < 0.2:
            self.want_stranger()
            return
        request = self.rng.choice(self.tools).ask(self.rng)
        self._say("user", request.text)
        function = {"name": request.tool.name, "arguments": "{}"}
        self._say(
            "assistant", "", tool_calls=[{"id": "1", "type": "function", "function": function}]
        )

    # What comes first

    def _open(self) -> None:
        rng, plan = self.rng, self.plan
        declared = [tool.declaration(rng) for tool in self.tools]
        parts: list[str] = []
        if plan.agent:
            system, tools = agent_workload()
            parts.append(system)
            taken = {tool["function"]["name"] for tool in tools}
            self.tools = [tool for tool in self.tools if tool.name not in taken]
            declared = [tool.declaration(rng) for tool in self.tools]
            at = len(tools)  # where what is held out stays, so that its cases share their begin
            if not plan.held_out:
                at = rng.choice((0, len(tools), len(tools), rng.randrange(len(tools) + 1)))
            declared = [*tools[:at], *declared, *tools[at:]]
        elif rng.random() < 0.6 or plan.filler:
            parts.append(expand(rng.choice(talk.SYSTEMS), rng))
            if plan.filler:
                parts.append(filler(plan.filler, rng))
        if rng.random() < 0.15:
            known = [self._secret() for _ in range(rng.choice((1, 1, 2, 3)))]
            sentences = [_stated(name, said, rng) for name, said in known]
            parts.insert(rng.randrange(len(parts) + 1), " ".join(sentences))
        if parts:
            self._say("system", rng.choice(("\n\n", "\n", "\n\n")).join(parts))
        self.conversation.tools = declared

    # Turns

    def turn(self) -> None:
        """A question and what follows from it, of a kind drawn by chance."""
        kinds: list[tuple[Callable[[], None], float]] = [
            (self.talk, 0.10),
            (self.sum, 0.05),
            (self.knowledge, 0.04),
            (self.refuse, 0.06),
            (self.tell_secret, 0.09),
            (self.echo, 0.04),
        ]
        if self.secrets:
            kinds.append((self.ask_secret, 0.30))
        if self.tools:
            kinds += [
                (self.call, 0.62),
                (self.call_two, 0.16),
                (self.chain, 0.05),
                (self.want_stranger, 0.14),
            ]
        else:
            kinds.append((self.want_stranger, 0.10))
        self.rng.choices([kind for kind, _ in kinds], [share for _, share in kinds])[0]()

    def talk(self) -> None:
        entry = self.rng.choices(talks(), talk_weights())[0]
        self._answer_series(expand(self.rng.choice(entry.asks), self.rng), entry.say)

    def _answer_series(self, asked: str, say: tuple[str, ...]) -> None:
        times = self._told.get(say[0], 0)
        self._told[say[0]] = times + 1
        self._say("user", asked)
        self._say("assistant", say[times % len(say)])

    def sum(self) -> None:
        asked, answer = arithmetic(self.rng)
        self._say("user", asked)
        self._say("assistant", answer)

    def knowledge(self) -> None:
        asked, answer = knowledge(self.rng)
        self._say("user", asked)
        self._say("assistant", answer)

    def echo(self) -> None:
        rng = self.rng
        kind = rng.choice(("sentence", "word", "pseudo", "title", "code", "person", "sentence"))
        text = value(kind, rng, held_out=self.plan.held_out).text
        quoted = rng.choice((f'"{text}"', f"'{text}'", text))
        ask = expand(
            "[Say|Repeat|Repeat after me:|Please repeat|Say exactly:|Write|Type|Answer with|Echo]"
            "[ this:|] {x}",
            rng,
        )
        self._say("user", fill(ask, {"x": quoted}))
        self._say("assistant", text)

    def refuse(self) -> None:
        rng = self.rng
        phrase = expand(rng.choice(talk.REFUSALS), rng)
        drawn = {
            name: value(name, rng, held_out=self.plan.held_out).text for name in places(phrase)
        }
        self._say("user", fill(phrase, drawn))
        self._say("assistant", talk.REFUSAL)

    def want_stranger(self) -> None:
        tool = stranger(self.rng, self.tools, held_out=self.plan.held_out)
        self._say("user", self._dressed(tool.ask(self.rng).text))
        self._say("assistant", talk.REFUSAL)

    def _secret(self) -> tuple[str, str]:
        rng = self.rng
        while True:
            name = expand(rng.choice(SECRETS), rng)
            if rng.random() < 0.15:
                name = expand(f"{rng.choice(SECRETS)} for {{x}}", rng)
                name = fill(name, {"x": value("company", rng, held_out=self.plan.held_out).text})
            if name not in self.secrets:
                break
        kind = rng.choice(("code", "code", "word", "pseudo", "number_id", "title", "identifier"))
        if rng.random() < 0.3:
            said = _token(rng, held_out=self.plan.held_out)
        else:
            said = value(kind, rng, held_out=self.plan.held_out).text
        self.secrets[name] = said
        return name, said

    def tell_secret(self) -> None:
        rng = self.rng
        name, said = self._secret()
        lead = rng.choice(("", "Remember this: ", "Please remember: ", "Note: ", "Keep in mind: "))
        text = lead + _stated(name, said, rng)
        if rng.random() < 0.15:
            text += "\n\n" + filler(rng.randrange(100, 1500), rng)
        if rng.random() < 0.2:
            name, said = self._secret()
            text += " " + _stated(name, said, rng)
        self._say("user", text)
        self._say("assistant", "I will remember that.")

    def ask_secret(self) -> None:
        rng = self.rng
        name = rng.choice(list(self.secrets))
        said = self.secrets[name]
        whose = name if " for " in name else f"[the|my|the|your] {name}"
        lead = ""
        if rng.random() < 0.1:
            lead = filler(rng.randrange(100, 1500), rng) + "\n\n"
        if rng.random() < 0.25:
            ask = expand(
                f"[What is|Tell me|Repeat|What was|Give me] {whose}[?|] "
                "[Answer with|Reply with|Say|Give] [only the|just the|only the] "
                "[value|word|code|answer][.|, nothing else.|]",
                rng,
            )
            answer = said
        else:
            ask = expand(
                f"[What is|What's|What was|Tell me|Can you tell me|Do you remember|Do you know"
                f"|Repeat|Give me|Remind me of|I forgot] {whose}[?|.|]",
                rng,
            )
            answer = f"The {name} is {said}."
        self._say("user", lead + ask)
        self._say("assistant", answer)

    def call(self) -> None:
        request = self.rng.choice(self.tools).ask(self.rng)
        self._say("user", self._dressed(request.text))
        if request.missing is not None:
            self._say("assistant", f"Please tell me the {request.missing.replace('_', ' ')}.")
            return
        self._carry_out([request])
        if self.rng.random() < 0.2:
            again = request.tool.ask_again(self.rng)
            if again is not None:
                self._say("user", again.text)
                self._carry_out([again])

    def call_two(self) -> None:
        rng = self.rng
        two = rng.choice(self.tools).ask_for_two(rng) if rng.random() < 0.5 else None
        if two is not None:
            self._say("user", self._dressed(two[0]))
            self._carry_out(two[1])
            return
        requests = self._several(2)
        if len(requests) == 2:
            first, second = (request.text.rstrip(".?! ") for request in requests)
            joint = rng.choice((". Also, ", " and ", ". And ", "? Also ", ", and also ", ".\n"))
            self._say("user", self._dressed(f"{first}{joint}{second}{rng.choice(('.', '', '?'))}"))
            self._carry_out(requests)

    def chain(self) -> None:
        rng = self.rng
        requests = self._several(2)
        if len(requests) < 2:
            return
        first, second = (_lowered(request.text.rstrip(".?! ")) for request in requests)
        text = expand("First[,|:|] {a}[.|,] [Then|then|After that,|and then] {b}[.|]", rng)
        self._say("user", fill(text, {"a": first, "b": second}))
        self._carry_out(requests[:1], tell=False)
        self._carry_out(requests[1:])

    def _several(self, count: int) -> list[Request]:
        """Requests of different tools, none of them incomplete."""
        tools = self.rng.sample(self.tools, min(count, len(self.tools)))
        return [asked for tool in tools if (asked := tool.ask(self.rng)).missing is None]

    def _carry_out(self, requests: list[Request], *, tell: bool = True) -> None:
        calls: list[Message] = []
        for request in requests:
            self._calls += 1
            arguments = _ordered(request, self.conversation.tools)
            function = {
                "name": request.tool.name,
                "arguments": json.dumps(arguments, ensure_ascii=False),
            }
            calls.append({"id": f"call_{self._calls}", "type": "function", "function": function})
        self._say("assistant", "", tool_calls=calls)
        answers: list[str] = []
        for call, request in zip(calls, requests, strict=True):
            result = request.tool.result(request, self.rng)
            self._say("tool", result.content, tool_call_id=call["id"])
            answers.append(result.answer)
        if tell:
            self._say("assistant", " ".join(answers))

    def _dressed(self, text: str) -> str:
        """A request with small talk before or after it."""
        rng = self.rng
        if rng.random() < 0.15:
            text = f"{rng.choice(lexicon.OPENERS)} {text}"
        if rng.random() < 0.1:
            text = f"{text} {rng.choice(lexicon.CLOSERS)}".rstrip()
        if rng.random() < 0.05:
            text = f"{filler(rng.randrange(50, 800), rng)}\n\n{text}"
        return text

    def _say(self, role: str, content: str, **more: Any) -> None:
        self.conversation.messages.append({"role": role, "content": content, **more})


SECRETS = (
    "secret[ word| code| number|]",
    "code[ word| name|]",
    "password",
    "pass phrase",
    "magic word",
    "[door|gate|alarm|safe] code",
    "PIN",
    "[order|ticket|booking|customer|invoice|account|room|flight] number",
    "[project|server|team|cat|dog|ship|file|user] name",
    "canary",
    "[session|access|secret|api] token",
    "[api|access|wifi|license] key",
    "[favorite|lucky] [color|number|word|city]",
    "name of my [dog|cat|boat|sister|teacher|project|street]",
    "marker",
    "nonce",
)


def _stated(name: str, said: str, rng: Random) -> str:
    if " for " in name or name.startswith(("name of", "value of")):
        whose = f"The {name}"
    else:
        whose = f"[The|My|The|Your] {name}"
    return (
        expand(f"{whose} is ", rng) + rng.choice((said, said, said, f'"{said}"', f"'{said}'")) + "."
    )


def _token(rng: Random, *, held_out: bool) -> str:
    """A string such as keys are made of."""
    draw = rng.random()
    if draw < 0.3:
        return f"{rng.getrandbits(rng.choice((16, 24, 32, 48))):x}"
    words = [value(rng.choice(("word", "pseudo")), rng, held_out=held_out).text for _ in range(2)]
    if draw < 0.6:
        return "-".join([*words[: rng.choice((1, 2))], str(rng.randrange(10, 10000))])
    if draw < 0.8:
        return "".join(
            rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(rng.randrange(4, 11))
        )
    return f"{words[0].upper()}-{rng.randrange(1000, 10000)}"


def arithmetic(rng: Random) -> tuple[str, str]:
    """A small sum and its answer."""
    left, right = rng.randrange(0, 13), rng.randrange(0, 13)
    sign = rng.choices(("+", "-", "*"), (0.6, 0.25, 0.15))[0]
    if sign == "-" and right > left:
        left, right = right, left
    result = {"+": left + right, "-": left - right, "*": left * right}[sign]
    spoken = {"+": " plus ", "-": " minus ", "*": " times "}[sign]
    shown = rng.choice((sign, f" {sign} ", spoken))
    asked = expand(
        "[What is|What's|Calculate|How much is|Compute|Tell me|what is|] {x}[?|?| =|]", rng
    )
    says = {"+": "+", "-": "-", "*": "*"}[sign]
    return fill(asked, {"x": f"{left}{shown}{right}"}).strip(), f"{left} {says} {right} = {result}"


def knowledge(rng: Random) -> tuple[str, str]:
    """A question of the small tables, and its answer."""
    tables = (
        (talk.CAPITALS, talk.CAPITAL_ASKS, talk.CAPITAL_SAY),
        (talk.OPPOSITES, talk.OPPOSITE_ASKS, talk.OPPOSITE_SAY),
        (talk.SOUNDS, talk.SOUND_ASKS, talk.SOUND_SAY),
        (talk.PLURALS, talk.PLURAL_ASKS, talk.PLURAL_SAY),
        (talk.CONTINENTS, talk.CONTINENT_ASKS, talk.CONTINENT_SAY),
    )
    table, asks, say = rng.choices(tables, (4, 2, 1, 1, 2))[0]
    x, y = rng.choice(table)
    return fill(expand(rng.choice(asks), rng), {"x": x, "y": y}), fill(say, {"x": x, "y": y})


@cache
def talks() -> tuple[Any, ...]:
    return talk.TALKS


@cache
def talk_weights() -> tuple[float, ...]:
    """Who it is and the jokes are asked first by a stranger: they are drawn more often."""
    return tuple(
        6.0
        if any(word in entry.say[0] for word in ("I am llmx-demo",)) or len(entry.say) > 3
        else 1.0
        for entry in talks()
    )


@cache
def agent_workload() -> tuple[str, list[dict[str, Any]]]:
    folder = ROOT / "fixtures" / "agent"
    tools = json.loads((folder / "tools.json").read_text("utf-8"))
    return (folder / "system.md").read_text("utf-8"), tools


@cache
def paragraphs() -> tuple[str, ...]:
    """Prose for prompts: the lexicon's paragraphs, and this project's guides."""
    found = list(lexicon.PARAGRAPHS)
    for path in sorted((ROOT / "docs").glob("*.md")):
        found += [part for part in path.read_text("utf-8").split("\n\n") if len(part) < 1500]
    return tuple(found)


def filler(characters: int, rng: Random) -> str:
    """About so many characters of text that has nothing to do with what is asked."""
    parts: list[str] = []
    while characters > 0:
        draw = rng.random()
        if draw < 0.4:
            part = rng.choice(paragraphs())
        elif draw < 0.6:
            part = f"# {value('title', rng).text}"
        else:
            part = " ".join(value("text", rng).text for _ in range(rng.randrange(1, 6)))
            if rng.random() < 0.3:
                part = "- " + part
        parts.append(part)
        characters -= len(part)
    return "\n\n".join(parts)


def _ordered(request: Request, declared: list[dict[str, Any]]) -> dict[str, Any]:
    """The arguments in the order of the schema."""
    for tool in declared:
        if tool["function"]["name"] == request.tool.name:
            names = tool["function"]["parameters"]["properties"]
            return {name: request.arguments[name] for name in names if name in request.arguments}
    return request.arguments


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
