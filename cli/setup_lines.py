"""What to copy so that a client uses this server: `llmx serve --print-setup`, docs/agents.md.

Pure text: from what a client must know of a server to the lines of one client. A key is never
among them; they name the variable `LLMX_API_KEY` that holds it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmx.core.errors import ConfigError

KEY_VARIABLE = "LLMX_API_KEY"
ANY_KEY = "llmx"  # clients insist on a key, and a server without one takes any


@dataclass(frozen=True, slots=True)
class Server:
    """What a client must know."""

    base: str  # "http://127.0.0.1:8081", without /v1
    model: str
    context: int | None  # tokens of prompt and answer; None: not known before the model is here
    has_key: bool

    @property
    def v1(self) -> str:
        return f"{self.base}/v1"


def lines(client: str, server: Server) -> str:
    """The lines of one client, without a newline at the end. `ConfigError` for an unknown one."""
    make = CLIENTS.get(client)
    if make is None:
        raise ConfigError(f"--print-setup: no client {client!r} is known, but {', '.join(CLIENTS)}")
    return make(server)


# ── shell ─────────────────────────────────────────────────────────────────────────────────────


def _claude_code(server: Server) -> str:
    variables = {
        "ANTHROPIC_BASE_URL": server.base,
        "ANTHROPIC_AUTH_TOKEN": _key(server),
        "ANTHROPIC_MODEL": shlex.quote(server.model),
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": shlex.quote(server.model),
        "ANTHROPIC_SMALL_FAST_MODEL": shlex.quote(server.model),
        "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",
    }
    if server.context is not None:
        variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] = str(server.context)
    return _exports(variables, "claude")


def _aider(server: Server) -> str:
    variables = {"OPENAI_API_BASE": server.v1, "OPENAI_API_KEY": _key(server)}
    return _exports(variables, f"aider --model {shlex.quote(f'openai/{server.model}')}")


def _openai(server: Server) -> str:
    variables = {"OPENAI_BASE_URL": server.v1, "OPENAI_API_KEY": _key(server)}
    return _exports(
        variables, _comment(f"openai.OpenAI() reads these; model={_text(server.model)}")
    )


def _anthropic(server: Server) -> str:
    variables = {"ANTHROPIC_BASE_URL": server.base, "ANTHROPIC_API_KEY": _key(server)}
    return _exports(
        variables, _comment(f"anthropic.Anthropic() reads these; model={_text(server.model)}")
    )


def _exports(variables: Mapping[str, str], last: str) -> str:
    """Values as the shell shall see them, quoted where they need it."""
    return "\n".join([*(f"export {name}={value}" for name, value in variables.items()), last])


def _key(server: Server) -> str:
    return f'"${KEY_VARIABLE}"' if server.has_key else ANY_KEY


def _comment(text: str) -> str:
    return f"# {text}"


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def _codex(server: Server) -> str:
    rows = [
        "# ~/.codex/config.toml",
        f"model = {_text(server.model)}",
        'model_provider = "llmx"',
    ]
    if server.context is not None:
        rows.append(f"model_context_window = {server.context}")
    rows += [
        "",
        "[model_providers.llmx]",
        'name = "llmx"',
        f"base_url = {_text(server.v1)}",
        'wire_api = "responses"',
    ]
    if server.has_key:
        rows.append(f"env_key = {_text(KEY_VARIABLE)}")
    return "\n".join(rows)


def _opencode(server: Server) -> str:
    model: dict[str, object] = {"name": server.model}
    if server.context is not None:
        # It wants both; what it asks for beyond the room that is left is clamped by the server.
        model["limit"] = {"context": server.context, "output": max(1, server.context // 4)}
    return _document(
        {
            "$schema": "https://opencode.ai/config.json",
            "model": f"llmx/{server.model}",
            "provider": {
                "llmx": {
                    "npm": "@ai-sdk/openai-compatible",
                    "name": "llmx",
                    "options": {
                        "baseURL": server.v1,
                        "apiKey": f"{{env:{KEY_VARIABLE}}}" if server.has_key else ANY_KEY,
                    },
                    "models": {server.model: model},
                }
            },
        }
    )


def _qwen_code(server: Server) -> str:
    model: dict[str, object] = {
        "id": server.model,
        "name": server.model,
        "baseUrl": server.v1,
        "envKey": KEY_VARIABLE,
    }
    if server.context is not None:
        model["generationConfig"] = {"contextWindowSize": server.context}
    settings: dict[str, object] = {
        "modelProviders": {"openai": [model]},
        "security": {"auth": {"selectedType": "openai"}},
        "model": {"name": server.model},
    }
    if not server.has_key:
        settings["env"] = {KEY_VARIABLE: ANY_KEY}
    return _document(settings)


def _document(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _text(value: str) -> str:
    """A string of JSON, which is one of TOML and of Python as well."""
    return json.dumps(value, ensure_ascii=False)


CLIENTS: Mapping[str, Callable[[Server], str]] = {
    "claude-code": _claude_code,
    "codex": _codex,
    "opencode": _opencode,
    "qwen-code": _qwen_code,
    "aider": _aider,
    "openai": _openai,
    "anthropic": _anthropic,
}
