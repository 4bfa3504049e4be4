"""The file of `llmx serve --warm`: a chat body, a JSON array of them, or one on each line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from pydantic_core import from_json

from llmx.core.errors import ConfigError, RequestError
from llmx.core.types import Json
from llmx.core.wire.body import describe
from llmx.core.wire.warm_body import parse_warm, parse_warm_chat

WANTED = "wanted a chat body (a JSON object with `messages`), an array of them, or one on each line"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class WarmPrompt:
    line: int  # of the file, from 1, at which it begins
    body: bytes  # a chat body, checked


def read_warm_file(path: Path) -> list[WarmPrompt]:
    """Raises `ConfigError` that names file, line, what is wrong and what is wanted."""
    try:
        data = path.read_bytes().removeprefix(BOM)
    except OSError as error:
        raise ConfigError(f"--warm: cannot read {path}: {error.strerror}") from error
    prompts = list(_prompts(path, data))
    if not prompts:
        raise ConfigError(f"--warm: {path} holds no prompt, {WANTED}")
    for prompt in prompts:
        try:
            parse_warm_chat(prompt.body, request_id="warm")
        except RequestError as error:
            raise _wrong(path, prompt.line, str(error)) from error
    return prompts


def _prompts(path: Path, data: bytes) -> Iterator[WarmPrompt]:
    try:
        document = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        lines = [(n, line) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
        if not lines:
            return
        if not _is_json(lines[0][1]):
            raise ConfigError(f"--warm: {path} is not JSON: {error}; {WANTED}") from error
        yield from _lines(path, lines)
    else:
        yield from _pieces(path, data, document)


def _pieces(path: Path, data: bytes, document: Json) -> Iterator[WarmPrompt]:
    """Of one document."""
    match document:
        case list():
            pieces = [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
        case dict():
            try:
                pieces = list(parse_warm(data).bodies)
            except RequestError as error:
                raise _wrong(path, 1, str(error)) from error
        case _:
            raise _wrong(path, 1, f"is {describe(document)}.")
    at = 0
    for piece in pieces:
        at = data.index(piece, at)
        yield WarmPrompt(data.count(b"\n", 0, at) + 1, piece)
        at += len(piece)


def _lines(path: Path, lines: list[tuple[int, bytes]]) -> Iterator[WarmPrompt]:
    for number, line in lines:
        if not _is_json(line):
            raise _wrong(path, number, "is not JSON.")
        yield WarmPrompt(number, line)


def _is_json(text: bytes) -> bool:
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def _wrong(path: Path, line: int, what: str) -> ConfigError:
    return ConfigError(f"--warm: {path}, line {line}: {what.rstrip('.')}; {WANTED}")
