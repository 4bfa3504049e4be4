"""What is told of a request's way through the cache: to its client, and to who runs the server.

The client must not learn what other namespaces hold: the reason `salt` is the operator's alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmx.core.types import CacheReport, Json, MissReason, Usage


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the tokens of a prompt came from: `ram + disk + computed == prompt`."""

    ram: int
    disk: int  # always 0: nothing is kept on disk yet
    computed: int


def sources(usage: Usage) -> Sources:
    cached = usage.cached_tokens
    return Sources(ram=cached, disk=0, computed=usage.prompt_tokens - cached)


def reason_for_operator(report: CacheReport) -> MissReason | None:
    return report.reason


def reason_for_client(report: CacheReport) -> MissReason | None:
    """As if this request's namespace were the only one."""
    if report.reason == "salt":
        return "diverged" if report.shared else "cold"
    return report.reason


def cache_body(report: CacheReport, usage: Usage) -> Json:
    """For the client. `matched` and `shared` are positions in the prompt, in tokens."""
    origin = sources(usage)
    return {
        "ram_tokens": origin.ram,
        "disk_tokens": origin.disk,
        "computed_tokens": origin.computed,
        "written_tokens": usage.written_tokens,
        "matched": report.matched,
        "shared": report.shared,
        "part": report.part,
        "reason": reason_for_client(report),
    }
