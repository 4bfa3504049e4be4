"""What a request demands of its answer, as a grammar. Imports no engine.

answer     = [reasoning] (calls | value)      a call is demanded, or a JSON value
from call  = calls, without their begin       nothing is demanded until the model begins one
"""

from __future__ import annotations

from dataclasses import dataclass

from llmx.core.parser.grammar.demand import Demand, Model
from llmx.core.parser.grammar.lark import Lark, either
from llmx.core.parser.grammar.styles import Harmony, Plain


@dataclass(frozen=True, slots=True)
class AnswerGrammar:
    """`trigger`: what follows each of these tokens is held to the grammar until it is complete."""

    text: str
    trigger: int | None = None


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
