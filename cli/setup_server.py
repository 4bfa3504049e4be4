"""From settings to what a client must know of the server, without starting it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from llmx.cli.setup_lines import KEY_VARIABLE, Server
from llmx.cli.start_screen import url
from llmx.core.config import ServeConfig
from llmx.core.engine.model_folder import context_of_folder
from llmx.core.engine.models_source import is_hub_id, locate
from llmx.core.errors import ConfigError, ModelError

COMFORTABLE = 32_768  # tokens; the prompts of coding agents begin at 10 to 20 thousand
AGENTS = ("claude-code", "codex", "opencode", "qwen-code")


def server_of(config: ServeConfig) -> Server:
    """Nothing is downloaded. `ModelError` and `ConfigError` as at a start."""
    if config.port == 0:
        raise ConfigError("--print-setup: port 0 takes any free one; say which with --port")
    name, context = _model(config)
    return Server(url(config.host, config.port), name, context, config.api_key is not None)


def notes(client: str, server: Server, host: str) -> Iterator[str]:
    """What to know before the lines are used, for stderr."""
    if server.has_key:
        yield f"the lines name the variable {KEY_VARIABLE}: give it the server's key for the client"
    if _is_unspecified(host):
        yield "a client on another machine needs this machine's address, not the loopback one"
    if server.context is None:
        yield f"the context of {server.model} is not known before it is downloaded: it is left out"
    elif client in AGENTS and server.context < COMFORTABLE:
        yield (
            f"{server.model} takes {server.context:,} tokens, which is little for an agent: "
            "its first prompt may be refused as too long"
        )


def _model(config: ServeConfig) -> tuple[str, int | None]:
    """How clients name the model, and its context in tokens."""
    try:
        with locate(config.model, offline=True) as located:
            return located.id, context_of_folder(located.path, config.max_context)
    except ModelError:
        if config.model is None or not is_hub_id(config.model):
            raise
        return config.model, config.max_context  # not in the hub's cache yet


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_unspecified
    except ValueError:
        return False
