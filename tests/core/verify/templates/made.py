"""Templates in the manner of ChatML, each with exactly one behaviour that breaks a prefix."""

from __future__ import annotations

_TOOLS = "{% if tools %}<|im_start|>system\n{{ tools | tojson }}<|im_end|>\n{% endif %}"
_OPEN, _CLOSE = "<|im_start|>{{ m.role }}\n", "<|im_end|>\n"
_THOUGHT = "{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}"
_SAID = "{{ m.content }}"
_CALLS = (
    "{% for c in m.tool_calls or [] %}<tool_call>\n"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}'
    "\n</tool_call>{% endfor %}"
)
_ANSWER = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
LAST_USER = (
    "{% set ns = namespace(last=-1) %}{% for m in messages %}{% if m.role == 'user' %}"
    "{% set ns.last = loop.index0 %}{% endif %}{% endfor %}"
)


def template(
    *,
    before: str = "",
    tools: str = _TOOLS,
    opening: str = _OPEN,
    thought: str = _THOUGHT,
    said: str = _SAID,
    calls: str = _CALLS,
    close: str = _CLOSE,
    answer: str = _ANSWER,
    only: str = "true",
) -> str:
    turn = opening + thought + said + calls + close
    loop = "{% for m in messages %}{% if " + only + " %}" + turn + "{% endif %}{% endfor %}"
    return before + tools + loop + answer


HONEST = template()
LATE_THOUGHT = "{% if loop.index0 > ns.last %}" + _THOUGHT + "{% endif %}"
ARGUMENTS = "c.function.arguments | tojson"
RESULT = "<tool_response>\n{{ m.content }}\n</tool_response>"

BREAKING: dict[str, str] = {
    "strips_thinking": template(before=LAST_USER, thought=LATE_THOUGHT),
    "strips_whitespace": template(said="{{ m.content | trim }}"),
    "drops_empty": template(only="m.content or m.tool_calls"),
    "moves_system": template(
        before="{% for m in messages if m.role == 'system' %}{{ m.content }}\n{% endfor %}",
        only="m.role != 'system'",
    ),
    "date_line": template(before="It is {{ strftime_now('%A, %-d %B %Y') }}.\n"),
    "not_repeatable": template(before="{{ range(100000) | random }}\n"),
    "reorders_tools": template(
        tools="{% if tools %}{{ (tools | reverse | list if messages | length > 2 else tools)"
        " | tojson }}\n{% endif %}"
    ),
    "moves_tools": template(
        before=LAST_USER,
        tools="",
        opening="{% if tools and loop.index0 == ns.last %}{{ tools | tojson }}\n{% endif %}"
        + _OPEN,
    ),
    "reserialises_arguments": template(
        calls=_CALLS.replace(ARGUMENTS, "c.function.arguments | tojson(sort_keys=true)")
    ),
    "prints_call_ids": template(
        calls=_CALLS.replace('{"name"', '{"id": "{{ c.id }}", "name"'),
        said="{{ m.content }}{% if m.role == 'tool' %} ({{ m.tool_call_id }}){% endif %}",
    ),
    "generation_prompt_differs": template(
        answer="{% if add_generation_prompt %}<|im_start|>assistant\nAnswer:\n{% endif %}"
    ),
    "position_dependent": template(
        before=LAST_USER,
        said="{{ m.content }}{% if loop.index0 == ns.last %} (now){% endif %}",
    ),
    "rewrites_answer": template(
        said="{{ m.content | upper if m.role == 'assistant' else m.content }}"
    ),
    "content_form": template(
        said="{% if m.content is string %}{{ m.content }}{% else %}"
        "{% for part in m.content %}> {{ part.text }}{% endfor %}{% endif %}"
    ),
    "tokens_merge_at_seam": template(
        opening="<|im_start|>{{ m.role }}: ",
        answer="{% if add_generation_prompt %}<|im_start|>assistant: {% endif %}",
    ),
}
MERGING = template(
    opening="{% if m.role == 'tool' %}{% if messages[loop.index0 - 1].role != 'tool' %}"
    "<|im_start|>user\n{% endif %}{% else %}" + _OPEN + "{% endif %}",
    said="{% if m.role == 'tool' %}" + RESULT + "{% else %}{{ m.content }}{% endif %}",
    close="{% if m.role == 'tool' and loop.nextitem is defined and loop.nextitem.role == 'tool' %}"
    "\n{% else %}" + _CLOSE + "{% endif %}",
)
"""Results side by side are one message of the user."""
