"""The rules of hygiene: what each leaves out or moves, its switch, its count."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from llmx.core.prompt.call_ids import IdForm, numbered
from llmx.core.prompt.hygiene import RULES, Hygiene
from llmx.core.prompt.renderer import Renderer
from llmx.core.types import GenerationRequest, HygieneRule, Message, ToolCall

LINE = "x-anthropic-billing-header: cc_version=2.1.197.{}; cc_entrypoint=cli;"
SYSTEM = "You keep a garden."
ASK = Message("user", "What grows in May?")


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} | more


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


def renderer_of(tokenizer: Any, *off: HygieneRule, template: str | None = None) -> Renderer:
    return Renderer(tokenizer, template, hygiene=Hygiene(off))


def request(*messages: Message, **more: Any) -> GenerationRequest:
    return GenerationRequest(id="r", messages=messages, **more)


def system(content: str, first_part: int | None = None) -> Message:
    return Message("system", content, first_part=first_part)


# ── attribution_line ──────────────────────────────────────────────────────────────────────────

BLOCK = LINE.format("a1b")


@pytest.mark.parametrize(
    "messages",
    [
        (system(f"{BLOCK}\n{SYSTEM}"),),
        (system(f"{BLOCK}\r\n\r\n{SYSTEM}"),),
        (system(f"{BLOCK}{SYSTEM}", len(BLOCK)),),  # two parts, joined without a line end
        (system(f"{BLOCK}\n\n{SYSTEM}", len(BLOCK)),),
        (system(BLOCK), system(SYSTEM)),  # two messages
        (system(f"{BLOCK}\n{BLOCK}\n{SYSTEM}"),),
        (system(f"X-Anthropic-Billing-Header: cch=00000;\n{SYSTEM}"),),
    ],
)
def test_an_attribution_line_is_left_out(tokenizer: Any, messages: tuple[Message, ...]) -> None:
    rendered = renderer_of(tokenizer).prepare(request(*messages, ASK))
    assert rendered.rules == ("attribution_line",)
    assert rendered.tokens == renderer_of(tokenizer).render([system(SYSTEM), ASK]).tokens


@pytest.mark.parametrize(
    "messages",
    [
        (system(f"{SYSTEM}\n{BLOCK}"), ASK),  # not at the beginning
        (system(f" {BLOCK}\n{SYSTEM}"), ASK),
        (system(SYSTEM), Message("user", BLOCK)),
        (system("x-anthropic-billing"), ASK),
    ],
)
def test_the_same_words_elsewhere_are_the_clients(
    tokenizer: Any, messages: tuple[Message, ...]
) -> None:
    rendered = renderer_of(tokenizer).prepare(request(*messages))
    assert rendered.rules == ()
    assert rendered.tokens == renderer_of(tokenizer).render(messages).tokens


def test_an_attribution_that_is_all_there_is_leaves_an_empty_message(tokenizer: Any) -> None:
    rendered = renderer_of(tokenizer).prepare(request(system(BLOCK)))
    assert rendered.tokens == renderer_of(tokenizer).render([system("")]).tokens


def test_a_rule_that_is_off_changes_nothing(tokenizer: Any) -> None:
    messages = (system(f"{BLOCK}\n{SYSTEM}"), ASK)
    off = renderer_of(tokenizer, "attribution_line")
    rendered = off.prepare(request(*messages))
    assert rendered.rules == ()
    assert rendered.tokens == off.render(messages).tokens
    assert {rule.name: rule.on for rule in off.hygiene.stats()}["attribution_line"] is False


def test_rules_are_listed_counted_and_logged_once(
    tokenizer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    renderer = renderer_of(tokenizer)
    with caplog.at_level(logging.INFO, "llmx"):
        for _ in range(3):
            renderer.prepare(request(system(f"{BLOCK}\n{SYSTEM}"), ASK))
        renderer.prepare(request(ASK))
    stats = {rule.name: rule for rule in renderer.hygiene.stats()}
    assert stats["attribution_line"].applied == 3
    assert stats["call_ids"].applied == 0
    assert set(RULES) <= set(stats)
    assert all(rule.on and rule.does for rule in stats.values())
    assert [rule.switchable for rule in stats.values()] == [r in RULES for r in stats]
    assert sum("attribution_line" in record.message for record in caplog.records) == 1


# ── call_ids ──────────────────────────────────────────────────────────────────────────────────

WITH_IDS = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.name }}#{{ c.id }}#{% endfor %}"
    "{% if m.tool_call_id %}={{ m.tool_call_id }}={% endif %}{% endfor %}[assistant]"
)
NINE = "{% for m in messages %}{% for c in m.tool_calls or [] %}{% if c.id | length != 9 %}" + (
    "{{ raise_exception('nine characters') }}{% endif %}{% endfor %}{% endfor %}" + WITH_IDS
)
KIMI = "{# <|tool_call_begin|> #}{% if tools %}<|tool_call_begin|>{% endif %}" + WITH_IDS


def loop(first: str, second: str) -> tuple[Message, ...]:
    return (
        ASK,
        Message("assistant", "", (ToolCall(first, "look", "{}"), ToolCall(second, "dig", "{}"))),
        Message("tool", "peas", tool_call_id=second),
        Message("tool", "beans", tool_call_id=first),
    )


@pytest.mark.parametrize("template", [WITH_IDS, NINE, KIMI])
def test_printed_ids_are_numbers_and_still_link(tokenizer: Any, template: str) -> None:
    renderer = renderer_of(tokenizer, template=template)
    tools = (tool("look"), tool("dig"))
    one = renderer.prepare(request(*loop("call_8f2", "call_77a"), tools=tools))
    other = renderer.prepare(request(*loop("toolu_01X", "toolu_01Y"), tools=tools))
    assert one.tokens == other.tokens
    assert one.rules == ("call_ids",)
    first, second = (
        ("functions.look:0", "functions.dig:1") if template is KIMI else ("call00000", "call00001")
    )
    assert f"look#{first}#dig#{second}#[tool]peas={second}=[tool]beans={first}=" in one.text


def test_ids_that_are_not_printed_are_left_alone(tokenizer: Any) -> None:
    renderer = renderer_of(tokenizer)
    ask, calls, peas, beans = loop("a", "b")
    rendered = renderer.prepare(request(ask, calls, beans, peas))
    assert rendered.rules == ()
    ask, calls, peas, beans = loop("c", "d")
    assert rendered.tokens == renderer.prepare(request(ask, calls, beans, peas)).tokens


def test_without_ids_results_stand_in_the_order_of_their_calls(tokenizer: Any) -> None:
    """Only the order says which is whose; Claude Code sends the one first that was ready first."""
    ask, calls, peas, beans = loop("a", "b")
    renderer = renderer_of(tokenizer)
    swapped = renderer.prepare(request(ask, calls, peas, beans))
    assert swapped.rules == ("call_ids",)
    assert swapped.tokens == renderer.prepare(request(ask, calls, beans, peas)).tokens
    as_sent = renderer_of(tokenizer, "call_ids").prepare(request(ask, calls, peas, beans))
    assert as_sent.text.index("peas") < as_sent.text.index("beans")


@pytest.mark.parametrize(
    "others",
    [
        (Message("tool", "who?", tool_call_id="nobody"),),  # whose order is not known
        (Message("user", "Well?"),),  # between the results
    ],
)
def test_results_that_do_not_follow_their_calls_stay_as_they_came(
    others: tuple[Message, ...],
) -> None:
    ask, calls, peas, beans = loop("a", "b")
    messages = (ask, calls, peas, *others, beans)
    assert numbered(messages, "hidden") == messages


def test_the_same_ids_in_a_later_turn_mean_the_later_calls() -> None:
    ask, calls, peas, beans = loop("a", "b")
    turned = replace(calls, tool_calls=calls.tool_calls[::-1])
    found = numbered((ask, calls, peas, beans, turned, beans, peas), "hidden")
    assert found == (ask, calls, beans, peas, turned, peas, beans)


@pytest.mark.parametrize("form", ["nine", "kimi"])
def test_a_result_without_its_call_keeps_its_id(form: IdForm) -> None:
    orphan = Message("tool", "peas", tool_call_id="nobody")
    assert numbered([orphan], form) == (orphan,)


# ── deferred_tools ────────────────────────────────────────────────────────────────────────────

BASE = (tool("search"), tool("look"))
LATE = tool("dig", defer_loading=True)
FOUND = (
    ASK,
    Message("assistant", "", (ToolCall("s1", "search", '{"query": "dig"}'),)),
    Message("tool", "", tool_call_id="s1", references=("dig",)),
)


def test_a_deferred_tool_is_no_part_of_the_head(tokenizer: Any) -> None:
    """Wherever the client has put it among the others."""
    renderer = renderer_of(tokenizer)
    without = renderer.render([ASK], BASE)
    for tools in ((*BASE, LATE), (LATE, *BASE), (BASE[0], LATE, BASE[1])):
        rendered = renderer.prepare(request(ASK, tools=tools))
        assert rendered.tokens == without.tokens
        assert rendered.rules == ("deferred_tools",)


def test_it_is_described_where_a_result_refers_to_it(tokenizer: Any) -> None:
    renderer = renderer_of(tokenizer)
    before = renderer.prepare(request(*FOUND[:2], tools=(BASE[0], LATE, BASE[1])))
    after = renderer.prepare(request(*FOUND, tools=(BASE[0], LATE, BASE[1])))
    head = before.boundaries[-2].position
    assert after.tokens[:head] == before.tokens[:head]
    assert after.text.count('"dig", "parameters"') == 1
    assert after.text.index('"dig", "parameters"') > after.text.index("<tool_response>")
    assert "defer_loading" not in after.text


def test_what_is_described_stays_where_it_is(tokenizer: Any) -> None:
    """The next turns, and a second reference, add behind."""
    renderer = renderer_of(tokenizer)
    tools = (LATE, *BASE)
    after = renderer.prepare(request(*FOUND, tools=tools))
    later = (
        *FOUND,
        Message("assistant", "", (ToolCall("d1", "dig", "{}"),)),
        Message("tool", "done", tool_call_id="d1", references=("dig",)),
    )
    more = renderer.prepare(request(*later, tools=tools))
    assert more.text.startswith(after.text)
    assert more.text.count('"dig", "parameters"') == 1


def test_a_deferred_tool_that_was_called_unreferenced_is_described_before(tokenizer: Any) -> None:
    called = (ASK, Message("assistant", "", (ToolCall("d", "dig", "{}"),)), ASK)
    text = renderer_of(tokenizer).prepare(request(*called, tools=(*BASE, LATE))).text
    assert text.index('"dig", "parameters"') < text.index("<|im_start|>assistant")
    first = (Message("assistant", "", (ToolCall("d", "dig", "{}"),)), ASK)
    assert (
        '"dig", "parameters"'
        in renderer_of(tokenizer).prepare(request(*first, tools=(*BASE, LATE))).text
    )


@pytest.mark.parametrize("off", [True, False])
def test_tools_stay_in_the_clients_order_where_nothing_can_be_deferred(
    tokenizer: Any, off: bool
) -> None:
    """The rule is off, or all are deferred and nothing could load them; the mark never shows."""
    tools = (BASE[0], LATE, BASE[1])
    if not off:
        tools = tuple({**each, "defer_loading": True} for each in tools)
    renderer = renderer_of(tokenizer, *(("deferred_tools",) if off else ()))
    rendered = renderer.prepare(request(ASK, tools=tools))
    assert rendered.tokens == renderer.render([ASK], (BASE[0], tool("dig"), BASE[1])).tokens
    assert rendered.rules == ()


def test_an_unset_mark_is_no_part_of_the_prompt(tokenizer: Any) -> None:
    renderer = renderer_of(tokenizer)
    marked = [{**each, "defer_loading": False} for each in BASE]
    rendered = renderer.prepare(request(ASK, tools=tuple(marked)))
    assert rendered.tokens == renderer.render([ASK], BASE).tokens


# ── what never shows ──────────────────────────────────────────────────────────────────────────


def test_a_tool_choice_does_not_change_the_prompt(tokenizer: Any) -> None:
    renderer = renderer_of(tokenizer)
    asked = request(ASK, tools=BASE)
    wanted = renderer.prepare(asked).tokens
    for choice in (
        replace(asked.tool_choice, mode="none"),
        replace(asked.tool_choice, mode="required"),
        replace(asked.tool_choice, names=("look",), parallel=False),
    ):
        assert renderer.prepare(replace(asked, tool_choice=choice)).tokens == wanted
