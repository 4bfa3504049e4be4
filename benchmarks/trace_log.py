"""Makes a log of agent traffic, as `llmx serve` would have written it, of any size.

    python -m benchmarks.trace_log --bytes 100e6 --seed 0 agents.jsonl

Conversations of a coding agent grow step by step over a static part of about 24,000 tokens (system
prompt and tools), several of them in turn; now and then one starts a sub-agent with a prompt and
tools of its own. Some requests break their prefix: the date in the system prompt changes, tools
change places, an old tool result is cut, the history is summarised, or the server has evicted it.
Tokens are bytes / 4. The same seed and size give the same bytes; nothing was measured.
"""

from __future__ import annotations

import argparse
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from llmx.core.trace.record import (
    TraceCache,
    TraceCall,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceServer,
    TraceUsage,
)
from llmx.core.types import MissReason

Form = Literal["llmx", "claude-trace"]  # the body as a JSON string, or as an object in the line
Break = Literal["date", "tools", "cut", "summary", "evicted"]

FORMS: tuple[Form, ...] = ("llmx", "claude-trace")
BREAKS: tuple[Break, ...] = ("date", "tools", "cut", "summary", "evicted")
BREAK_SHARE = 0.01  # of requests, in all
START = 1_767_603_600.0  # 2026-01-05 09:00:00 UTC
BYTES_PER_TOKEN = 4
PREFILL = 4_000.0  # tokens a second
CONVERSATIONS = 4  # that take turns
STEPS = 36  # of a conversation, in the mean
WORDS = 4_000
LINES = 6_000  # of which all texts are made

_encode = msgspec.json.Encoder().encode


class Texts:
    """Lines of invented code and prose, encoded as the inside of a JSON string."""

    def __init__(self, draw: random.Random) -> None:
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = ["".join(draw.choices(letters, k=draw.randint(2, 10))) for _ in range(WORDS)]
        self._draw = draw
        self.words = words
        self._lines = [_inside(_line(draw, words)) for _ in range(LINES)]

    def take(self, nbytes: int) -> bytes:
        """About so many bytes; its first words are like no other's."""
        begin = self._draw.randrange(LINES)
        lines = [b"%016x" % self._draw.getrandbits(64)]
        while nbytes > 0:
            lines.append(self._lines[begin % LINES])
            nbytes -= len(lines[-1])
            begin += 1
        return rb"\n".join(lines)


def _line(draw: random.Random, words: list[str]) -> str:
    text = " ".join(draw.choices(words, k=draw.randint(3, 14)))
    match draw.randrange(8):
        case 0:
            return f'    {text[:8].strip()} = table["{text[:20]}"]  # {text[20:60]}'
        case 1:
            return f"{draw.randint(1, 900)}\t    return '{text}\\n'"
        case 2:
            return f"- {text} \N{EM DASH} {text[:16]}"
        case _:
            return text


def _inside(text: str) -> bytes:
    return _encode(text)[1:-1]


@dataclass(slots=True)
class Agent:
    """One conversation: its messages so far, each as encoded JSON."""

    session: str
    system: bytes
    tools: list[bytes]
    steps: int
    is_sub: bool = False
    day: int = 5
    messages: list[bytes] = field(default_factory=list)
    asked: int = 0  # steps done
    known: int = 0  # bytes of its latest prompt that the cache holds: 0 before the first

    def body(self) -> bytes:
        system = b'{"role":"system","content":"Today is 2026-01-%02d.\\n%s"}' % (
            self.day,
            self.system,
        )
        messages = b",".join([system, *self.messages])
        return b'{"model":"agent-30b","messages":[%s],"tools":[%s],"stream":true}' % (
            messages,
            b",".join(self.tools),
        )


class TraceLog:
    """The traffic of one seed; `lines` never ends."""

    def __init__(self, seed: int, form: Form = "llmx") -> None:
        self._draw = random.Random(seed)
        self._texts = Texts(self._draw)
        self._form: Form = form
        self._system = self._texts.take(30_000)
        self._tools = [self._tool(number) for number in range(24)]
        self._clock = START
        self._number = 0
        self._is_static_known = False
        self._agents = deque(self._agent() for _ in range(CONVERSATIONS))

    def lines(self) -> Iterator[bytes]:
        """One request after the other, each a line with its end."""
        while True:
            agent = self._agents[0]
            yield self._request(agent)
            if agent.asked >= agent.steps:
                self._agents.popleft()
                if not agent.is_sub:
                    self._agents.append(self._agent())
            elif not agent.is_sub and self._draw.random() < 0.05:
                self._agents.appendleft(self._sub_agent(agent))
            if self._draw.random() < 0.3:
                self._agents.rotate(-1)

    def _agent(self) -> Agent:
        steps = max(2, round(self._draw.expovariate(1 / STEPS)))
        agent = Agent(self._id("session"), self._system, list(self._tools), min(steps, 8 * STEPS))
        agent.messages.append(self._said(b"user", 900))
        return agent

    def _sub_agent(self, parent: Agent) -> Agent:
        """It shares neither the system prompt nor all tools, and ends soon."""
        system = self._texts.take(3_000)
        steps = self._draw.randint(2, 10)
        agent = Agent(parent.session, system, self._tools[:8], steps, is_sub=True)
        agent.messages.append(self._said(b"user", 1_500))
        return agent

    def _request(self, agent: Agent) -> bytes:
        broken: Break | None = None
        if agent.asked > 2 and self._draw.random() < BREAK_SHARE:
            broken = self._draw.choice(BREAKS)
        shared = self._broken(agent, broken)
        body = agent.body()
        text, call = self._texts.take(160), b'{\\"path\\":\\"%s.py\\"}' % self._word()
        record = self._record(agent, body, shared, text, broken)
        line = _encode(record) if self._form == "llmx" else _exchange(record, body)
        agent.known = len(body)
        self._grow(agent, text, call)
        return line + b"\n"

    def _broken(self, agent: Agent, how: Break | None) -> int:
        """Change the conversation; the bytes of its latest prompt that are still its beginning."""
        fixed = len(agent.system)
        match how:
            case "date":
                agent.day += 1
                return 0
            case "tools":
                first, second = self._draw.sample(range(len(agent.tools)), 2)
                tools = agent.tools
                tools[first], tools[second] = tools[second], tools[first]
                return fixed
            case "cut":
                at = self._draw.randrange(1, len(agent.messages))
                agent.messages[at] = b'{"role":"user","content":"[cut]"}'
                return fixed + sum(map(len, agent.tools)) + sum(map(len, agent.messages[:at]))
            case "summary":
                agent.messages = [self._said(b"user", 2_000), *agent.messages[-2:]]
                return fixed + sum(map(len, agent.tools))
            case "evicted":
                return 0
            case None if agent.known or agent.is_sub:
                return agent.known
            case None:  # its first request: another conversation may have had the static part
                was_known, self._is_static_known = self._is_static_known, True
                return fixed + sum(map(len, agent.tools)) if was_known else 0

    def _record(
        self, agent: Agent, body: bytes, shared: int, text: bytes, broken: Break | None
    ) -> TraceRecord:
        prompt, cached = len(body) // BYTES_PER_TOKEN, shared // BYTES_PER_TOKEN
        prefill = (prompt - cached) / PREFILL
        self._clock += self._draw.uniform(0.2, 4.0) + prefill
        t0 = round(self._clock, 6)
        return TraceRecord(
            id=self._id("chatcmpl"),
            session=agent.session,
            api="chat",
            model="agent-30b",
            t0=t0,
            t_first=round(t0 + 0.05 + prefill, 6),
            t_last=round(t0 + 0.9 + prefill, 6),
            status=200,
            stream=True,
            finish="stop",
            req=TraceRequest(
                path="/v1/chat/completions",
                headers={"content-type": "application/json", "authorization": "[REDACTED]"},
                raw=body.decode("utf-8") if self._form == "llmx" else None,
            ),
            res=TraceResponse(
                text=msgspec.json.decode(b'"%s"' % text, type=str),
                calls=[TraceCall(id=self._id("call"), name="Read", arguments="{}")],
            ),
            usage=TraceUsage(prompt=prompt, cached=cached, out=60),
            server=TraceServer(
                kind="llmx",
                cache=TraceCache(source="ram", matched=cached, reason=_reason(cached, broken)),
                prefill_s=round(prefill, 6),
            ),
        )

    def _grow(self, agent: Agent, text: bytes, arguments: bytes) -> None:
        agent.asked += 1
        call = self._id("call").encode()
        agent.messages.append(
            b'{"role":"assistant","content":"%s","tool_calls":[{"id":"%s","type":"function",'
            b'"function":{"name":"Read","arguments":"%s"}}]}' % (text, call, arguments)
        )
        size = min(30_000, round(self._draw.lognormvariate(7.3, 1.0)))
        result = self._texts.take(size)
        agent.messages.append(
            b'{"role":"tool","tool_call_id":"%s","content":"%s"}' % (call, result)
        )
        if self._draw.random() < 0.08:
            agent.messages.append(self._said(b"user", 300))

    def _said(self, role: bytes, nbytes: int) -> bytes:
        return b'{"role":"%s","content":"%s"}' % (role, self._texts.take(nbytes))

    def _tool(self, number: int) -> bytes:
        words = self._texts.words
        properties = {
            word: {"type": "string", "description": " ".join(self._draw.choices(words, k=20))}
            for word in self._draw.sample(words, 5)
        }
        function = {
            "name": f"Tool{number}",
            "description": msgspec.json.decode(b'"%s"' % self._texts.take(1_900), type=str),
            "parameters": {"type": "object", "properties": properties},
        }
        return _encode({"type": "function", "function": function})

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number:08x}"

    def _word(self) -> bytes:
        return self._draw.choice(self._texts.words).encode()


def _reason(cached: int, broken: Break | None) -> MissReason | None:
    if broken is None:
        return None if cached else "cold"
    return "evicted" if broken == "evicted" else "diverged"


def _exchange(record: TraceRecord, body: bytes) -> bytes:
    """The line of a recorder that keeps bodies as JSON, without the time of the first token."""
    usage = {
        "prompt_tokens": record.usage.prompt,
        "completion_tokens": record.usage.out,
        "prompt_tokens_details": {"cached_tokens": record.usage.cached},
    }
    message = {"role": "assistant", "content": record.res.text}
    answer = {
        "id": record.id,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }
    return _encode(
        {
            "request": {
                "timestamp": record.t0,
                "method": "POST",
                "url": "http://127.0.0.1:8080/v1/chat/completions",
                "headers": {},
                "body": msgspec.Raw(body),
            },
            "response": {
                "timestamp": record.t_first,
                "status_code": 200,
                "headers": {},
                "body": answer,
            },
            "logged_at": record.t_last,
        }
    )


def write(path: Path, nbytes: int, *, seed: int = 0, form: Form = "llmx") -> int:
    """Lines until `nbytes` are reached; how many there are."""
    written = count = 0
    with path.open("wb") as file:
        for line in TraceLog(seed, form).lines():
            if written + len(line) > nbytes and count:
                break
            written += file.write(line)
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trace_log", description=__doc__)
    parser.add_argument("path", type=Path, help="file to write")
    parser.add_argument("--bytes", type=float, default=10e6, help="about its size [10e6]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--form", choices=FORMS, default="llmx", help="how the body is written")
    options = parser.parse_args()
    count = write(options.path, int(options.bytes), seed=options.seed, form=options.form)
    print(f"{options.path}: {count:,} requests, {options.path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
