"""The tools that a request declares, as a parser needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llmx.core.types import GenerationRequest, Json


@dataclass(frozen=True, slots=True)
class DeclaredTools:
    """JSON Schemas of the arguments, by name, in the client's order. Falsy: nothing may be called.

    `constrained`: the answer is held to a grammar from a call's beginning on, so that its JSON can
    be trusted before it is complete.
    """

    parameters: Mapping[str, Json] = field(default_factory=dict)
    parallel: bool = True
    constrained: bool = False

    def __bool__(self) -> bool:
        return bool(self.parameters)

    def __contains__(self, name: str) -> bool:
        return name in self.parameters

    @classmethod
    def of(cls, request: GenerationRequest, *, constrained: bool = False) -> DeclaredTools:
        """Those that the request lets the model call."""
        choice = request.tool_choice
        if choice.mode == "none":
            return cls()
        declared = dict(_parameters(request.tools))
        if choice.names is not None:
            declared = {name: s for name, s in declared.items() if name in choice.names}
        return cls(declared, choice.parallel, constrained)


def _parameters(tools: Iterable[Mapping[str, Json]]) -> Iterable[tuple[str, Json]]:
    for tool in tools:
        function = tool.get("function", tool)
        yield function["name"], function.get("parameters") or {}
