"""What a request demands of its answer, as a grammar of the whole of it. Imports no engine.

answer     = [reasoning] (calls | value)      a call is demanded, or a JSON value
from call  = calls, without its first marker  nothing is demanded until the model begins a call
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmx.core.errors import RequestError
from llmx.core.parser.grammar.forms import CallForm, ToolRule, form_of
from llmx.core.parser.grammar.lark import Lark, either
from llmx.core.parser.grammar.schema import ANY_OBJECT, enforceable
from llmx.core.parser.grammar.styles import Harmony, Plain
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.parser.tools import DeclaredTools
from llmx.core.types import GenerationRequest, Json


@dataclass(frozen=True, slots=True)
class Model:
    """What of a model its grammars depend on."""

    family: str | None
    thinking: ThinkMarkers | None
    specials: Mapping[str, int]  # the special tokens that a grammar may name, by their texts
    is_silent: bool = False  # the server was told to read no calls

    @property
    def form(self) -> CallForm | None:
        if self.family is None or self.is_silent:
            return None
        return form_of(self.family, self.specials)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request demands, with schemas that can be enforced."""

    tools: tuple[ToolRule, ...] = ()  # those that may be called
    needs_call: bool = False
    parallel: bool = True
    output: Json = None  # the schema of the text; None: free text
    is_thinking: bool = False  # the prompt has begun the reasoning
    may_think: bool = True
    is_bare: bool = False  # the answer goes on with a text: nothing frames it

    @property
    def is_none(self) -> bool:
        return not self.tools and self.output is None


@dataclass(frozen=True, slots=True)
class AnswerGrammar:
    """`trigger`: what follows each of these tokens is held to the grammar until it is complete."""

    text: str
    trigger: int | None = None


def demand_of(request: GenerationRequest, model: Model, *, is_thinking: bool) -> Demand:
    """Raises `RequestError` where this model's family cannot be held to what is demanded."""
    output = None
    if request.output is not None:
        schema = ANY_OBJECT if request.output.schema is None else request.output.schema
        lenient = not request.output.strict
        output = enforceable(schema, lenient=lenient, param="response_format")
    needs_call = request.tool_choice.mode == "required"
    tools = _tools(request)
    if needs_call and not tools:
        message = "A call is demanded, but there is no tool that may be called."
        raise RequestError(message, param="tool_choice")
    if model.form is None and tools:
        if needs_call:
            raise _unenforceable("tool_choice", "A demanded call", model)
        strict = next((tool for tool in tools if tool.strict), None)
        if strict is not None:
            raise _unenforceable("tools", f"The `strict` of tool {strict.name!r}", model)
        tools = ()
    return Demand(
        tools=tools,
        needs_call=needs_call,
        parallel=request.tool_choice.parallel,
        output=output,
        is_thinking=is_thinking,
        may_think=request.thinking.enabled is not False,
        is_bare=request.continues or request.prompt is not None,
    )


def answer_grammar(demand: Demand, model: Model) -> AnswerGrammar:
    """Raises `Unenforceable` where a form cannot write a strict tool's schema."""
    lark = Lark(model.specials)
    style = _style(demand, model)
    value = "" if demand.output is None else style.value(lark, lark.json(demand.output))
    form = model.form
    if not demand.tools or form is None:
        return _whole(lark, value, style, demand)
    if lark.is_token(form.begin) and not demand.needs_call and not value:
        block = form.calls(lark, demand.tools, parallel=demand.parallel and form.once)
        return AnswerGrammar(lark.grammar(block), model.specials[form.begin])
    calls = form.calls(lark, demand.tools, parallel=demand.parallel)
    begun = " ".join(filter(None, (lark.text(form.begin), calls)))
    if demand.needs_call:
        return _whole(lark, begun, style, demand)
    if value:
        return _whole(lark, either((begun, value)), style, demand)
    return _whole(lark, style.free(lark, form.begin, calls), style, demand)


def _style(demand: Demand, model: Model) -> Plain | Harmony:
    if demand.is_bare:
        return Plain(None)
    return Harmony() if model.family == "harmony" else Plain(model.thinking)


def _whole(lark: Lark, answer: str, style: Plain | Harmony, demand: Demand) -> AnswerGrammar:
    whole = style.after_reasoning(
        lark, answer, is_open=demand.is_thinking, may_think=demand.may_think
    )
    return AnswerGrammar(lark.grammar(whole))


def relaxed(demand: Demand, tools: Sequence[str]) -> Demand:
    """The same, with any object as the arguments of these tools."""
    schema = enforceable(ANY_OBJECT, lenient=True)
    return replace(
        demand,
        tools=tuple(
            replace(tool, schema=schema) if tool.name in tools else tool for tool in demand.tools
        ),
    )


def _tools(request: GenerationRequest) -> tuple[ToolRule, ...]:
    strict = {
        function["name"]: True in (tool.get("strict"), function.get("strict"))
        for tool, function in ((tool, tool.get("function", tool)) for tool in request.tools)
    }
    places = {name: index for index, name in enumerate(strict)}
    return tuple(
        ToolRule(
            name,
            enforceable(
                _arguments(schema), lenient=not strict[name], param=f"tools[{places[name]}]"
            ),
            strict[name],
            f"tools[{places[name]}]",
        )
        for name, schema in DeclaredTools.of(request).parameters.items()
    )


def _arguments(schema: Json) -> Json:
    """Arguments are an object, whatever else; a tool without a schema takes none."""
    if not schema:
        return {"type": "object", "properties": {}}
    return {"type": "object", **schema} if isinstance(schema, dict) else schema


def _unenforceable(param: str, what: str, model: Model) -> RequestError:
    if model.family is None or model.is_silent:
        why = "this server does not know how this model writes calls"
    else:
        why = f"no grammar is known for calls as family {model.family!r} writes them"
    message = f"{what} cannot be enforced: {why}."
    return RequestError(message, param=param, code="unsupported_value")
