"""What a request was answered, kept while it is told: for when a client sends it back."""

from __future__ import annotations

from llmx.core.types import (
    Event,
    Finished,
    Message,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    ToolCalled,
)


class Answered:
    """Of the only choice of a request. Lives on the event loop."""

    def __init__(self) -> None:
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[ToolCall] = []

    def told(self, event: Event) -> Message | None:
        """At the end, the answer as a client would send it back, if it saw all that was drawn."""
        match event:
            case TextDelta(text):
                self._content.append(text)
            case ReasoningDelta(text):
                self._reasoning.append(text)
            case ToolCalled(_, id, name, arguments):
                self._calls.append(ToolCall(id, name, arguments))
            case Finished("stop" | "length" | "context", stop=None):
                return Message(
                    "assistant",
                    "".join(self._content),
                    tuple(self._calls),
                    reasoning="".join(self._reasoning) or None,
                )
            case _:
                pass
        return None
