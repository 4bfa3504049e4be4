"""What the eviction policy hits beside LRU, on a real trace and on made-up ones, as tables.

.venv/bin/python -m benchmarks.policy --trace ../shared/data/mooncake/conversation_trace.jsonl
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from tabulate import tabulate

from benchmarks.block_traces import AgentShape, agent, cyclic, zipf
from llmx.core.analysis.simulate import AtSize, Simulation, simulate
from llmx.core.trace.mooncake import BlockRequest, MooncakeTrace

MOONCAKE_TOKENS = 512  # of a block
MADE_TOKENS = 64
SHAPES = {
    "as it is": AgentShape(),
    "one system prompt, 30 conversations": AgentShape(system_prompts=1, conversations=30),
    "two conversations": AgentShape(conversations=2),
    "long tool loops": AgentShape(steps=30.0),
    "no tools": AgentShape(steps=1.0),
    "many sub-agents": AgentShape(subagents=0.3),
    "many scans": AgentShape(scans=0.3),
    "no side traffic": AgentShape(subagents=0.0, scans=0.0),
}


def main() -> None:
    options = _options()
    if options.trace is not None:
        _show(options.trace.name, _run(MooncakeTrace(options.trace), MOONCAKE_TOKENS))
    for seed in range(options.show):
        _show(f"agent trace, seed {seed}", _run(agent(seed, options.requests), MADE_TOKENS))
    _show("Zipf", _run(zipf(0), MADE_TOKENS))
    _show("cyclic scan", _run(cyclic(), MADE_TOKENS))
    _show_shapes(options.seeds, options.requests)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", type=Path, help="block trace in the format of Mooncake")
    parser.add_argument("--seeds", type=int, default=10, help="of each agent shape")
    parser.add_argument("--show", type=int, default=1, help="of these, shown size by size")
    parser.add_argument("--requests", type=int, default=3000, help="of each agent trace")
    return parser.parse_args()


def _run(requests: Iterable[BlockRequest], block_tokens: int) -> Simulation:
    return simulate(requests, block_tokens=block_tokens)


def _show(name: str, found: Simulation) -> None:
    bound = found.share(found.infinite_hits)
    print(
        f"\n{name}: {found.requests:,} requests, {found.blocks:,} blocks, {found.unique:,} unique; "
        f"a cache without limit hits {bound:.2%}\n"
    )
    rows = [_row(found, at) for at in found.sizes]
    head = ["size", "of unique", "LRU", "policy", "tokens", "time saved", "evicted", "by LRU"]
    print(tabulate(rows, head, tablefmt="github", disable_numparse=True, stralign="right"))


def _row(found: Simulation, at: AtSize) -> list[str]:
    return [
        f"{at.size:,}",
        f"{at.size / found.unique:.1%}",
        f"{found.share(at.lru.hits):.2%}",
        f"{found.share(at.policy.hits):.2%}",
        f"x {at.ratio:.3f}",
        f"x {at.policy.saved / at.lru.saved:.3f}" if at.lru.saved else "",
        f"{at.policy.evictions:,}",
        f"{at.lru.evictions:,}",
    ]


def _show_shapes(seeds: int, requests: int) -> None:
    """For each shape: the worst, the mean and the best ratio over all seeds and sizes."""
    rows: list[list[str]] = []
    for name, shape in SHAPES.items():
        ratios = [
            at.ratio
            for seed in range(seeds)
            for at in _run(agent(seed, requests, shape), MADE_TOKENS).sizes
        ]
        mean = sum(ratios) / len(ratios)
        rows.append([name, f"x {min(ratios):.4f}", f"x {mean:.4f}", f"x {max(ratios):.4f}"])
    print(f"\nagent traces, hits beside LRU over {seeds} seeds and all sizes\n")
    print(tabulate(rows, ["shape", "worst", "mean", "best"], tablefmt="github"))


if __name__ == "__main__":
    main()
