"""Bare mlx-lm in a process of its own: what a forward and a batch cost without any server.

Run as a file with a model folder. A line of JSON in, a line of JSON out; `bare.py` speaks with it.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from llmx.core.engine.blas import load_fast_blas

CHUNK = 512  # tokens of a prefill at once, as llmx does it
ROOM = 512  # rows that a restored state can take before it has to grow
QUIET_S = 0.03  # as in servers.py: idle BLAS threads spin for a while, and that is counted
QUIET_SHARE = 0.1


class Worker:
    def __init__(self, folder: str) -> None:
        import mlx.core as mx  # noqa: PLC0415 - after the BLAS is loaded
        from mlx_lm import load  # noqa: PLC0415
        from mlx_lm.generate import BatchGenerator  # noqa: PLC0415
        from mlx_lm.models.cache import make_prompt_cache  # noqa: PLC0415

        self._mx = mx
        self._model: Any = load(folder)[0]
        mx.eval(self._model.parameters())
        self._generator = BatchGenerator
        self._make_state = make_prompt_cache
        self._held: dict[str, list[Any]] = {}

    def hold(self, key: str, tokens: list[int]) -> dict[str, float]:
        """Compute the state of `tokens` and keep it under `key`; nothing where it is kept."""
        if key not in self._held:
            state = self._make_state(self._model)
            for start in range(0, len(tokens), CHUNK):
                self._forward(tokens[start : start + CHUNK], state)
            self._held[key] = state
        return {}

    def forward(self, key: str, tokens: list[int]) -> dict[str, float]:
        """One forward of `tokens` on a copy of the state: clocks from after the copy."""
        state = self._copied(key)
        return self._timed(lambda: self._forward(tokens, state))

    def batch(self, key: str, rows: list[list[int]], max_tokens: int) -> dict[str, float]:
        """All rows start together on copies of the state: prefill of the rest, then decoding."""
        states = [self._copied(key) for _ in rows]
        made = 0

        def run() -> None:
            nonlocal made
            generator = self._generator(self._model, stop_tokens=[[2]])
            generator.insert(rows, [max_tokens] * len(rows), caches=states)
            while responses := generator.next_generated():
                made += len(responses)
            generator.close()

        return {**self._timed(run), "tokens": made}

    def _forward(self, tokens: list[int], state: list[Any]) -> None:
        mx = self._mx
        logits = self._model(mx.array([tokens]), cache=state)
        mx.eval(mx.argmax(logits[:, -1], axis=-1), [one.state for one in state])

    def _copied(self, key: str) -> list[Any]:
        """Private buffers with room behind their rows, all evaluated."""
        mx = self._mx
        copies: list[Any] = []
        for held in self._held[key]:
            one = copy.copy(held)
            pad = [(0, 0), (0, 0), (0, ROOM), (0, 0)]
            one.keys = mx.pad(held.keys[..., : held.offset, :], pad)
            one.values = mx.pad(held.values[..., : held.offset, :], pad)
            mx.eval(one.keys, one.values)
            copies.append(one)
        return copies

    def _timed(self, operation: Callable[[], None]) -> dict[str, float]:
        _settle()
        cpu_s, begun = time.process_time(), time.perf_counter()
        operation()
        wall_s = time.perf_counter() - begun
        _settle()
        return {"wall_s": wall_s, "cpu_s": time.process_time() - cpu_s}


def _settle() -> None:
    before = time.process_time()
    while True:
        time.sleep(QUIET_S)
        now = time.process_time()
        if now - before < QUIET_SHARE * QUIET_S:
            return
        before = now


def main() -> None:
    load_fast_blas(os.environ)
    worker = Worker(sys.argv[1])
    operations = {"hold": worker.hold, "forward": worker.forward, "batch": worker.batch}
    print("{}", flush=True)  # ready
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(operations[asked.pop("do")](**asked)), flush=True)


if __name__ == "__main__":
    main()
