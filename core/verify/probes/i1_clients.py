"""What else may keep clients apart: API keys, and the fields that name a user or a conversation.

No standard says that any of them separates caches, so what is shared is told and is no fault. Only
of keys on a server that says that it keeps them apart it is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench
from llmx.core.verify.probes.sharing import Ask, Blocks, blocks, is_shared
from llmx.core.verify.result import Api
from llmx.core.verify.workload import Prompt

FIELDS: Mapping[Api, tuple[str, ...]] = {
    "chat": ("prompt_cache_key", "user"),
    "messages": ("metadata.user_id",),
    "responses": ("prompt_cache_key", "user"),
}
KEYS = "API keys"


@dataclass(slots=True)
class Clients:
    told: list[str] = field(default_factory=list)  # clauses
    evidence: dict[str, Json] = field(default_factory=dict)  # by what separates: is it shared
    leak: str | None = None

    def tell(self, what: str, is_one: bool | None) -> None:
        """Whether prompts are shared across it; None: nobody knows."""
        words = {True: "shared across", False: "kept apart by", None: "not known across"}
        self.told.append(f"{words[is_one]} {what}")
        self.evidence[what] = is_one


async def ask_clients(bench: Bench) -> Clients:
    found = Clients()
    for name in FIELDS[bench.speaker.api]:
        one, other = (_named(bench, name, bench.nonce()) for _ in range(2))
        found.tell(name, await is_shared(bench, one, other))
    await _ask_keys(bench, found)
    return found


def _named(bench: Bench, name: str, value: str) -> Ask:
    outer, _, inner = name.partition(".")
    extra: Mapping[str, Json] = {outer: {inner: value} if inner else value}

    async def ask(prompt: Prompt) -> Said:
        return await bench.ask(prompt, extra=extra)

    return ask


async def _ask_keys(bench: Bench, found: Clients) -> None:
    """Two keys that are made up: whoever lets in only those that it knows is not asked further."""
    async with AsyncExitStack() as stack:
        keyed = [bench.speaker.client.with_key(bench.nonce()) for _ in range(2)]
        one, other = [_over(bench, await stack.enter_async_context(client)) for client in keyed]
        try:
            if _keeps_keys_apart(bench):
                _judge_keys(await blocks(bench, one, other), found)
            else:
                found.tell(KEYS, await is_shared(bench, one, other))
        except HttpError:  # for want of a key that is known
            found.tell(KEYS, None)


def _keeps_keys_apart(bench: Bench) -> bool:
    """By its own word: ours says it where it was started with `--cache-per-key`."""
    health = bench.identity.health
    return health is not None and health.cache is not None and health.cache.per_key is True


def _over(bench: Bench, client: ChatClient) -> Ask:
    async def ask(prompt: Prompt) -> Said:
        return await bench.speaker.over(client).ask(prompt)

    return ask


def _judge_keys(asked: Blocks | Said, found: Clients) -> None:
    if isinstance(asked, Said) or asked.error is not None or not asked.is_reused:
        found.tell(KEYS, None)
        return
    found.tell(KEYS, True if asked.is_leak else None if asked.is_doubtful else False)
    if asked.is_leak:
        found.leak = f"a prompt is reused across two API keys (p {asked.p_cross:.2g})"
