"""The readers of all formats but our own, in the order in which they are asked."""

from __future__ import annotations

from llmx.core.trace.readers.anyclaude import AnyclaudeReader
from llmx.core.trace.readers.blocks import BailianReader, MooncakeReader, WekaReader
from llmx.core.trace.readers.claude_code import ClaudeCodeReader
from llmx.core.trace.readers.claude_trace import ClaudeTraceReader
from llmx.core.trace.readers.found import Reader
from llmx.core.trace.readers.har import HarReader
from llmx.core.trace.readers.litellm import LiteLLMReader
from llmx.core.trace.readers.otel import OtelReader


def readers() -> tuple[Reader, ...]:
    """New ones, for one pass."""
    return (
        HarReader(),
        OtelReader(),
        LiteLLMReader(),
        AnyclaudeReader(),
        ClaudeTraceReader(),
        MooncakeReader(),
        BailianReader(),
        WekaReader(),
        ClaudeCodeReader(),
    )
