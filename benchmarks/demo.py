"""The bundled model: what its loading takes, and the agent's prompt.

    python -m benchmarks.demo

In a process of its own that has imported everything already: loading alone is measured, from the
folder to evaluated weights, then the prefill of the agent workload without any cache.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.goals import Goal
from benchmarks.readings import Reading, Unit
from benchmarks.task import Task
from llmx.core.engine.blas import load_fast_blas

ROOT = Path(__file__).parents[1]


async def demo(task: Task) -> list[Reading]:
    """Its loading after the imports, and CPU seconds for the agent workload."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "benchmarks.demo"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return [
        Reading("the bundled model: load", Unit.WALL_MS, found["load_ms"], Goal.DEMO_LOAD),
        Reading("the bundled model: load", Unit.CPU_MS, found["load_cpu_ms"]),
        Reading("the bundled model: agent workload", Unit.WALL, found["agent_s"]),
        Reading("the bundled model: agent workload", Unit.CPU, found["agent_cpu_s"]),
        Reading("the bundled model: agent workload", Unit.PROMPT, found["agent_tokens"]),
    ]


def measured() -> dict[str, float]:
    """Milliseconds and seconds by name, and the tokens of the workload."""
    load_fast_blas(os.environ)
    import mlx.core as mx  # noqa: PLC0415 - after the choice of BLAS
    from mlx_lm.models.cache import make_prompt_cache  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    from llmx.core.engine.loading import load_model  # noqa: PLC0415
    from llmx.fixtures import agent_system, agent_tools, demo_model  # noqa: PLC0415

    with demo_model() as folder:
        AutoTokenizer.from_pretrained(folder)  # what transformers imports when it is first used
        began, cpu = time.perf_counter(), time.process_time()
        loaded = load_model(folder, chunk=2048)
        found = {
            "load_ms": 1e3 * (time.perf_counter() - began),
            "load_cpu_ms": 1e3 * (time.process_time() - cpu),
        }
        tokenizer = AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer.apply_chat_template(
        [{"role": "system", "content": agent_system()}, {"role": "user", "content": "Hi"}],
        tools=agent_tools(),
        add_generation_prompt=True,
        return_dict=False,
    )
    state = make_prompt_cache(loaded.model)
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(prompt), 2048):
        mx.eval(loaded.model(mx.array([prompt[start : start + 2048]]), cache=state))
    return found | {
        "agent_s": time.perf_counter() - began,
        "agent_cpu_s": time.process_time() - cpu,
        "agent_tokens": len(prompt),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured()) + "\n")
