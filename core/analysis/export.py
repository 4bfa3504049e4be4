"""A report as JSON values. Content is masked unless it is asked for; estimates say so."""

from __future__ import annotations

from typing import Any

from llmx.core.analysis.breaks import content, masked
from llmx.core.analysis.report import Report, Row, Spread

VERSION = 1


def to_json(report: Report, *, rows: bool = True, show_content: bool = False) -> dict[str, Any]:
    """`rows`: with one object per request."""
    document: dict[str, Any] = {
        "v": VERSION,
        "requests": len(report.rows),
        "ends": dict(report.ends),
        "models": list(report.models),
        "first_t0": report.first_t0,
        "last_t0": report.last_t0,
        "prompt_tokens": report.prompt_tokens,
        "cached_tokens": report.cached_tokens,
        "hit_share": report.hit_share,
        "reported": report.reported,
        "hits": report.hits,
        "misses": report.misses,
        "ttft_s": {"hits": _spread(report.hit_ttft_s), "misses": _spread(report.miss_ttft_s)},
        "ideal": {
            "tokens": report.ideal_tokens,
            "share": report.ideal_share,
            "achieved": report.achieved,
            "tag": "estimated",
        },
        "causes": [
            {"side": c.side, "cause": c.cause, "requests": c.requests, "tokens": c.tokens}
            for c in report.causes
        ],
        "missed": [
            {"number": row.number, "id": row.record.id, "where": row.where}
            for row in report.rows
            if row.is_hit is False
        ],
    }
    if rows:
        document["rows"] = [row_json(row, show_content=show_content) for row in report.rows]
    return document


def row_json(row: Row, *, show_content: bool = False) -> dict[str, Any]:
    """One request: its numbers, the server's account, its segments, where it first differed."""
    record = row.record
    server, cache, error = record.server, record.server.cache, record.res.error
    return {
        "number": row.number,
        "id": record.id,
        "t0": record.t0,
        "api": record.api,
        "model": record.model,
        "session": record.session,
        "stream": record.stream,
        "status": record.status,
        "end": row.end,
        "error": None if error is None else {"message": error.message, "code": error.code},
        "usage": {
            "prompt": row.prompt,
            "cached": row.cached,
            "written": record.usage.written,
            "out": record.usage.out,
        },
        "share": row.share,
        "hit": row.is_hit,
        "ttft_s": row.ttft_s,
        "total_s": row.total_s,
        "server": {
            "reason": cache.reason if cache else None,
            "part": cache.part if cache else None,
            "matched": cache.matched if cache else None,
            "rules": server.rules,
            "seam": server.seam,
            "prepare_s": server.prepare_s,
            "queue_s": server.queue_s,
            "prefill_s": server.prefill_s,
        },
        "change": _change(row, show_content),
        "ideal": {"tokens": row.ideal, "tag": "estimated"},
        "lost": [{"side": x.side, "cause": x.cause, "tokens": x.tokens} for x in row.lost],
        "segments": _segments(row),
    }


def _change(row: Row, show_content: bool) -> dict[str, Any] | None:
    """Null: unknown, as no prompt was recorded or it never reached the cache."""
    change, prompt = row.change, row.segments
    if change is None or prompt is None:
        return None
    show = content if show_content else masked
    return {
        "kind": change.kind,
        "cause": change.cause,
        "predecessor": row.predecessor.id if row.predecessor else None,
        "segment": prompt.label(change.at) if row.predecessor else None,
        "byte": change.offset if row.predecessor else None,
        "token": row.token_at_change if row.predecessor else None,
        "ours": show(change.ours),
        "theirs": show(change.theirs),
        "where": row.where,
    }


def _segments(row: Row) -> list[dict[str, Any]] | None:
    prompt = row.segments
    if prompt is None:
        return None
    return [
        {"label": prompt.label(i), "bytes": len(segment.data)}
        for i, segment in enumerate(prompt.segments)
    ]


def _spread(spread: Spread) -> dict[str, Any]:
    return {"count": spread.count, "p50": spread.p50, "p90": spread.p90}
