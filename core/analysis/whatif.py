"""A trace under the caches of other servers: what each would have hit, by its defaults and beyond.

    for told in what_if(stream, kv=kv_bytes(config)):
        ...  "mlx_lm.server, --prompt-cache-size 10: 4.5 %"

Requests come one after another and answers as they were recorded. What depends on bytes is only
told where the model's KV bytes are known: `WhatIf.why` says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmx.core.analysis.blocks import BlockStream, reuses
from llmx.core.analysis.bounds import ENOUGH
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.mattson import Hits, LRUCurve, lru_curve
from llmx.core.analysis.simulate import own_hits
from llmx.core.analysis.whole_entries import entries, ollama_slots, slots

ENTRIES = (1, 4, 10, 32, 100)  # of mlx_lm.server; its default is the third
SLOTS = (1, 4)  # of llama.cpp; it takes four unless told otherwise
CACHE_RAM = 8 << 30  # bytes: the default of llama.cpp's --cache-ram (8192 MiB)
RECORD_TOKENS = 256  # of LM Studio's engine for MLX models
RECORD_BYTES = 30 << 30  # on disk: what it takes at most, on a disk with room
VLLM_TOKENS = 16  # of a block
_WORTH_SAYING = 0.001  # of all tokens: what a setting has to gain
UNKNOWN_KV = "the model's KV bytes per token are not known"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One server with one setting. Shares are of all prompt tokens of the stream, 0 to 1."""

    server: str
    setting: str
    is_default: bool
    hits: Hits | None  # None: cannot be told
    share: float | None
    why: str = ""  # it cannot be told


def what_if(
    stream: BlockStream,
    *,
    kv: KVBytes | None = None,
    can_trim: bool | None = None,
    budgets: Sequence[int] | None = None,
) -> tuple[WhatIf, ...]:
    """Every server that is known here, server by server, its default before its other settings.

    `can_trim`: a stored sequence of the model can be cut anywhere; None: as `kv` says, and if that
    is not known, it can. `budgets`: tokens of caches that share blocks; None: with which LRU has
    half, 90 % and 99 % of what can be hit.
    """
    if can_trim is None:
        can_trim = kv is None or kv.is_trimmable
    curve = lru_curve(stream, list(reuses(stream)))
    if budgets is None:
        found = {curve.smallest(share) * stream.block_tokens for share in ENOUGH}
        budgets = sorted(found - {0})
    rows = _Rows(stream, kv, can_trim, tuple(budgets), curve)
    return tuple(row for server in rows.servers() for row in server)


def sentences(rows: Sequence[WhatIf]) -> Iterator[str]:
    """One for each server that has a default and was told: with it, and with its best setting."""
    for server in dict.fromkeys(row.server for row in rows):
        some = [row for row in rows if row.server == server and row.share is not None]
        default = next((row for row in some if row.is_default), None)
        if default is None:
            continue
        said = f"this trace under {server} by default ({default.setting}): {default.share:.1%}"
        best = max(some, key=lambda row: row.share or 0.0)
        if (best.share or 0.0) - (default.share or 0.0) >= _WORTH_SAYING:
            said += f"; with {best.setting}: {best.share:.1%}"
        yield said


class _Rows:
    def __init__(
        self,
        stream: BlockStream,
        kv: KVBytes | None,
        can_trim: bool,
        budgets: tuple[int, ...],
        curve: LRUCurve,
    ) -> None:
        self._stream, self._whole = stream, stream.whole()
        self._can_trim, self._budgets, self._curve = can_trim, budgets, curve
        self._token_bytes = kv.token_bytes if kv is not None and kv.token_bytes else None

    def servers(self) -> Iterator[Iterator[WhatIf]]:
        yield self._mlx_lm()
        yield self._llama_cpp()
        yield self._lm_studio()
        yield self._ollama()
        yield self._vllm()
        yield self._sglang()
        yield self._own()

    def _row(self, server: str, setting: str, hits: Hits, *, is_default: bool = False) -> WhatIf:
        tokens = self._stream.tokens
        share = hits.tokens / tokens if tokens else None
        return WhatIf(server, setting, is_default, hits, share)

    def _mlx_lm(self) -> Iterator[WhatIf]:
        """Version 0.32.2: a hit does not make an entry younger, and what is continued goes."""
        stream = self._stream if self._can_trim else self._whole
        for count in sorted(ENTRIES, key=lambda count: count != 10):
            hits = entries(
                stream,
                count,
                can_trim=self._can_trim,
                refreshes=False,
                drops_prefixes=self._can_trim,
            )
            setting = f"--prompt-cache-size {count}"
            yield self._row("mlx_lm.server", setting, hits, is_default=count == 10)
        for count in ENTRIES:
            hits = entries(stream, count, can_trim=self._can_trim)
            name = "1 entry" if count == 1 else f"{count} entries"
            yield self._row("whole entries, LRU", name, hits)

    def _llama_cpp(self) -> Iterator[WhatIf]:
        default = f"-np {SLOTS[-1]} --cache-ram 8192"
        room = self._blocks_in(CACHE_RAM)
        if room is None:
            yield WhatIf("llama.cpp", default, True, None, None, UNKNOWN_KV)
        else:
            hits = slots(self._stream, SLOTS[-1], ram_blocks=room)
            yield self._row("llama.cpp", default, hits, is_default=True)
        for count in SLOTS:
            hits = slots(self._stream, count)
            yield self._row("llama.cpp", f"-np {count} --cache-ram 0", hits)
        hits = slots(self._stream, SLOTS[-1], ram_blocks=None)
        yield self._row("llama.cpp", f"-np {SLOTS[-1]} --cache-ram -1", hits)

    def _lm_studio(self) -> Iterator[WhatIf]:
        hits = slots(self._stream, 1, similar=0.0)
        yield self._row("LM Studio", "GGUF: one sequence", hits, is_default=True)
        setting = f"MLX: records of {RECORD_TOKENS} tokens, 30 GiB"
        room = self._blocks_in(RECORD_BYTES)
        if room is None:
            yield WhatIf("LM Studio", setting, True, None, None, UNKNOWN_KV)
        else:
            stream, curve = self._shared_blocks(RECORD_TOKENS)
            hits = curve.at(room * self._stream.block_tokens // stream.block_tokens)
            yield self._row("LM Studio", setting, hits, is_default=True)

    def _ollama(self) -> Iterator[WhatIf]:
        yield self._row("Ollama", "one slot", ollama_slots(self._stream, 1), is_default=True)
        setting = "OLLAMA_NUM_PARALLEL=4"
        yield self._row("Ollama", setting, ollama_slots(self._stream, 4))
        hits = ollama_slots(self._stream, 4, is_multi_user=True)
        yield self._row("Ollama", f"{setting} OLLAMA_MULTIUSER_CACHE=1", hits)

    def _vllm(self) -> Iterator[WhatIf]:
        stream, curve = self._shared_blocks(VLLM_TOKENS)
        for tokens in self._budgets:
            hits = curve.at(tokens // stream.block_tokens)
            yield self._row("vLLM", f"blocks, LRU, {tokens:,} tokens", hits)

    def _sglang(self) -> Iterator[WhatIf]:
        for tokens in self._budgets:
            hits = self._curve.at(tokens // self._stream.block_tokens)
            yield self._row("SGLang", f"radix tree, LRU, {tokens:,} tokens", hits)

    def _own(self) -> Iterator[WhatIf]:
        for tokens in self._budgets:
            hits = own_hits(self._stream, tokens // self._stream.block_tokens)
            yield self._row("llmx serve", f"radix tree, by worth, {tokens:,} tokens", hits)

    def _shared_blocks(self, block_tokens: int) -> tuple[BlockStream, LRUCurve]:
        """LRU over whole blocks of that size, or the stream's own where those are larger."""
        times = max(1, block_tokens // self._stream.block_tokens)
        stream = self._whole.coarser(times) if times > 1 else self._whole
        return stream, lru_curve(stream, list(reuses(stream)))

    def _blocks_in(self, nbytes: int) -> int | None:
        if self._token_bytes is None:
            return None
        return nbytes // self._token_bytes // self._stream.block_tokens
