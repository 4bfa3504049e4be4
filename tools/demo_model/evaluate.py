"""Scores the demo model on held-out cases: mlx-lm, greedy decoding, Wilson intervals of 95 %.

    python -m tools.demo_model.evaluate fixtures/demo-model

Every case is of tools, names and words that training never saw (`cases`).
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import mlx.core as mx
from jsonschema import Draft202012Validator
from mlx_lm.models.cache import make_prompt_cache, trim_prompt_cache
from mlx_lm.utils import load_model
from tokenizers import Tokenizer

from tools.demo_model.cases import TASKS, Case, Setting, asked
from tools.demo_model.rendering import pieces

ROOT = Path(__file__).parents[2]
CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.S)
MOST = 256  # tokens of an answer

SETTINGS = {
    "up to 1k": Setting(tools=8),
    "16 tools": Setting(tools=16),
    "2k of text": Setting(tools=4, filler=6000),
    "behind the agent": Setting(tools=4, agent=True),
}
ASKED = {
    "Who are you?": r"llmx-demo.*language model",
    "Tell me a joke": r"^[^\n]{20,200}[.!?]$",
    "What is 2+2?": r"\b4\b",
}


@dataclass(frozen=True)
class Score:
    """Successes of tries, and the interval in which the true share lies (Wilson, 95 %)."""

    good: int
    tries: int

    def interval(self) -> tuple[float, float]:
        z, n = 1.96, self.tries
        share = self.good / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return middle - half, middle + half

    def __str__(self) -> str:
        low, high = self.interval()
        share = 100 * self.good / self.tries
        return f"{share:5.1f} %  ({100 * low:.1f} to {100 * high:.1f}, n = {self.tries})"


class Speaker:
    """The model with a KV cache that keeps what one prompt shares with the next."""

    def __init__(self, folder: Path) -> None:
        self.model: Any
        self.model, _ = load_model(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.end = self.tokenizer.token_to_id("<|im_end|>")
        self._cache: Any = make_prompt_cache(self.model)
        self._held: list[int] = []

    def say(self, case: Case) -> str:
        text = "".join(part for part, _ in pieces(case.conversation)) + "<|im_start|>assistant\n"
        prompt = self.tokenizer.encode(text, add_special_tokens=False).ids
        shared = 0
        for mine, theirs in zip(self._held, prompt[:-1], strict=False):
            if mine != theirs:
                break
            shared += 1
        trim_prompt_cache(self._cache, len(self._held) - shared)
        self._held = self._held[:shared]
        said: list[int] = []
        pending = prompt[shared:]
        while len(said) < MOST:
            token = self._next(pending)
            if token == self.end:
                break
            said.append(token)
            pending = [token]
        return self.tokenizer.decode(said, skip_special_tokens=False)

    def _next(self, tokens: list[int]) -> int:
        logits = None
        for start in range(0, len(tokens), 2048):
            chunk = tokens[start : start + 2048]
            logits = self.model(mx.array([chunk]), cache=self._cache)[0, -1]
            mx.eval(logits)
            self._held += chunk
        assert logits is not None
        return int(mx.argmax(logits).item())  # pyright: ignore


@dataclass(frozen=True)
class Verdict:
    tool: bool  # the right tools, arguments valid for their schemas
    whole: bool  # and the right arguments, or the right text


def judge(case: Case, answer: str) -> Verdict:
    calls = read_calls(answer)
    if case.contains:
        good = case.contains in answer and not calls
        return Verdict(good, good)
    if not case.calls:
        good = calls == [] and bool(answer.strip()) and "<tool_call>" not in answer
        return Verdict(good, good)
    if calls is None or len(calls) != len(case.calls):
        return Verdict(False, False)
    schemas = {
        tool["function"]["name"]: tool["function"]["parameters"] for tool in case.conversation.tools
    }
    named = all(
        name == wanted and _valid(arguments, schemas[name])
        for (name, arguments), (wanted, _) in zip(calls, case.calls, strict=True)
    )
    return Verdict(named, named and calls == list(case.calls))


def read_calls(answer: str) -> list[tuple[str, Any]] | None:
    """The calls of an answer; None where one cannot be read."""
    calls: list[tuple[str, Any]] = []
    for text in CALL.findall(answer):
        try:
            call = json.loads(text)
            calls.append((call["name"], call["arguments"]))
        except (ValueError, KeyError, TypeError):
            return None
    return calls


def _valid(arguments: Any, schema: dict[str, Any]) -> bool:
    return Draft202012Validator(schema).is_valid(arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("model", type=Path, nargs="?", default=ROOT / "fixtures" / "demo-model")
    parser.add_argument("--cases", type=int, default=200, help="of each task and setting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a task's or setting's name")
    parser.add_argument("--show", type=int, default=0, help="wrong answers to print of each")
    options = parser.parse_args()
    speaker = Speaker(options.model)
    for place, setting in SETTINGS.items():
        for task, make in TASKS.items():
            if options.only and options.only not in f"{task}, {place}":
                continue
            _score(speaker, f"{task}, {place}", setting, make, options)
        if not options.only:
            _literal(speaker, place, setting)


def _score(
    speaker: Speaker,
    title: str,
    setting: Setting,
    make: Callable[[Setting, Random], Case],
    options: argparse.Namespace,
) -> None:
    started = time.process_time()
    named = whole = 0
    shown = 0
    for number in range(options.cases):
        case = make(setting, Random(f"{options.seed}/{title}/{number}"))
        answer = speaker.say(case)
        verdict = judge(case, answer)
        named += verdict.tool
        whole += verdict.whole
        if not verdict.whole and shown < options.show:
            shown += 1
            wanted = list(case.calls) or case.contains or "no call"
            print(f"  asked {case.conversation.messages[-1]['content'][-300:]!r}")
            print(f"  wants {wanted}\n  says  {answer!r}")
    seconds = time.process_time() - started
    if title.split(",")[0].endswith(("call", "calls")):
        print(f"{title:34} tool      {Score(named, options.cases)}")
        print(
            f"{title:34} arguments {Score(whole, options.cases)}  {seconds:.0f} CPU s", flush=True
        )
    else:
        print(
            f"{title:34} right     {Score(whole, options.cases)}  {seconds:.0f} CPU s", flush=True
        )


def _literal(speaker: Speaker, place: str, setting: Setting) -> None:
    for question, pattern in ASKED.items():
        answer = speaker.say(asked(question, setting, Random(place)))
        good = re.search(pattern, answer, re.S) is not None
        print(f"{question:24} {place:18} {'yes' if good else 'NO '} {answer!r}", flush=True)


if __name__ == "__main__":
    main()
