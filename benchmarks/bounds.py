"""What any cache could hit of a block trace, and other servers' caches on it, as tables with times.

.venv/bin/python -m benchmarks.bounds --trace ../shared/data/mooncake/conversation_trace.jsonl
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time

from tabulate import tabulate

from llmx.core.analysis.belady import next_uses, opt
from llmx.core.analysis.blocks import BlockStream, reuses, stream_of
from llmx.core.analysis.bounds import Bounds, bounds
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.mattson import lru_curve
from llmx.core.analysis.whatif import what_if
from llmx.core.sizes import format_bytes
from llmx.core.trace.mooncake import MooncakeTrace

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
KV_BYTES = 98_304  # a token of a model of 48 layers with 4 KV heads of 128, in 16 bits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", type=Path, required=True, help="in the format of Mooncake")
    parser.add_argument("--block-tokens", type=int, default=512)
    parser.add_argument("--token-bytes", type=int, default=KV_BYTES, help="of the KV state")
    options = parser.parse_args()
    kv = KVBytes(options.token_bytes, 0, 0, 0, 0)
    stream = stream_of(MooncakeTrace(options.trace), block_tokens=options.block_tokens)
    _show_times(stream)
    _show_sizes(bounds(stream, sizes=SIZES, kv=kv))
    _show_servers(stream, kv)


def _show_times(stream: BlockStream) -> None:
    begin = process_time()
    found = list(reuses(stream))
    lru_curve(stream, found)
    of_lru = process_time() - begin
    uses = next_uses(found)
    begin = process_time()
    for size in SIZES:
        opt(stream, uses, size)
    of_opt = (process_time() - begin) / len(SIZES)
    print(
        f"{len(stream):,} requests, {stream.blocks:,} block accesses: LRU at every size "
        f"{of_lru:.2f} s, OPT {of_opt:.3f} s a size (process time)\n"
    )


def _show_sizes(found: Bounds) -> None:
    rows = [
        [
            f"{point.blocks:,}",
            format_bytes(point.nbytes or 0),
            f"{point.lru.blocks:,}",
            f"{found.block_share(point.lru):.2%}",
            f"{point.opt.blocks:,}",
            f"{found.block_share(point.opt):.2%}",
        ]
        for point in found.points
    ]
    head = ["blocks", "KV", "LRU hits", "LRU", "OPT hits", "OPT"]
    print(tabulate(rows, head, tablefmt="github", disable_numparse=True, stralign="right"))
    print(
        f"\nwithout limit {found.infinite.blocks:,} hits, "
        f"{found.block_share(found.infinite):.2%} of blocks, "
        f"{found.token_share(found.infinite):.2%} of tokens; OPT needs {found.peak:,} blocks for it"
    )
    for each in found.enough:
        print(f"{each.share:.0%} of them: LRU with {format_bytes(each.nbytes or 0)}")


def _show_servers(stream: BlockStream, kv: KVBytes) -> None:
    begin = process_time()
    rows = [
        [row.server, row.setting, "default" if row.is_default else "", f"{row.share or 0:.2%}"]
        for row in what_if(stream, kv=kv)
    ]
    head = ["server", "setting", "", "hit tokens"]
    print("\n" + tabulate(rows, head, tablefmt="github"))
    print(f"\n{process_time() - begin:.1f} s for all of them (process time)")


if __name__ == "__main__":
    main()
