"""Values in a text that differ from run to run by their nature: billing lines and random ids."""

from __future__ import annotations

import re

BILLING = re.compile(
    r"\b(?:[a-z]+-){0,4}billing[\w-]{0,40}[ \t]*[:=][ \t]*"
    r"(?:[\w.-]+=[^;\s]*;?[ \t]*)*(?:[^\s;]*\d[^\s;]*)?;?"
    r"|\b(?:cch|cc_[a-z_]+)=[^;\s]*;?",
    re.IGNORECASE,
)

_LABEL = (
    r"(?:session|request|trace|span|correlation|conversation|thread|message|run|turn|invocation"
    r"|instance|transaction|txn|job|task|tracking|sess|req|client|user|device|call|tool_?use"
    r"|response|event|query|chat|agent|worker|process)"
)
_LABELLED = re.compile(
    rf"(?<![a-z]){_LABEL}[ _-]?(?:id|uuid|guid|key|token|tag|no|nr|number)?\b[\"'>]?"
    r"\s*(?:[:=#]|\bis\b)\s*[\"']?(?=[\w.+/-]*\d)[\w.+/-]{3,}=*"
    rf"|(?<![a-z]){_LABEL}[ _-]?(?:id|uuid|guid)\b[\"'>]?\s*(?:[:=#]|\bis\b)?\s*[\"']?[\w-]{{6,}}"
    r"|\b(?:id|uuid|guid|nonce|seed|salt|etag|fingerprint|cookie|pid|ulid)\b[\"'>]?"
    r"\s*(?:[:=#]|\bis\b)\s*[\"']?[\w.+/-]{3,}=*",
    re.IGNORECASE,
)
_UUID = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,}")
_PIECE = re.compile(r"[A-Za-z0-9]{6,}")
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")


def without_ids(text: str) -> str:
    """With a mark in the place of each id: by its label, or by how it looks."""
    return _TOKEN.sub(_masked, _LABELLED.sub("\1", _UUID.sub("\1", text)))


def has_id(text: str) -> bool:
    return "\1" in without_ids(text)


def _masked(match: re.Match[str]) -> str:
    token = match.group()
    kinds = (str.islower, str.isupper, str.isdigit)
    if len(token) >= 16 and all(any(map(kind, token)) for kind in kinds) and "--" not in token:
        return "\1"
    return _PIECE.sub(lambda piece: "\1" if _looks_random(piece.group()) else piece.group(), token)


def _looks_random(piece: str) -> bool:
    has_digit, has_letter = any(map(str.isdigit, piece)), any(map(str.isalpha, piece))
    if not has_letter:
        return len(piece) >= 9
    if not has_digit:
        return False
    if _HEX.fullmatch(piece):
        return True
    return len(_TURN.findall(piece)) >= 3
