"""Changes that break a conversation, one for each culprit class, in many wordings.

A mutation takes the talk of one request and makes it the next one with exactly that change. It says
where the change is: the kind of the part, its name, and the byte at which it differs.
"""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.core.analysis.talks import Talk, next_of, parting_byte, prose


@dataclass
class Mutated:
    """`before` and `after` are the texts that differ; None where the class has no byte."""

    first: Talk
    then: Talk
    cause: str
    kind: str  # system, tool, message
    byte: int | None
    anthropic: str | None
    openai: str | None
    apis: tuple[str, ...] = ("chat", "messages", "responses")
    is_harmless: bool = False  # prompts render alike: nothing is broken
    model: str = "local"


Mutation = Callable[[Talk, random.Random, int], Mutated]

SYSTEM = ("system_changed", "input_changed")
TOOLS = ("tools_changed", "tools_changed")
MESSAGES = ("messages_changed", "input_changed")


def _system(
    talk: Talk, rng: random.Random, cause: str, before: str, after: str, where: int
) -> Mutated:
    """A line of the system text that changes: in front, in the middle, at the end."""
    parts = talk.system.split("\n")
    at = (0, 1, len(parts) - 1)[where % 3]
    first, then = talk.copy(), next_of(talk, rng)
    first.system = "\n".join([*parts[:at], before, *parts[at:]])
    then.system = "\n".join([*parts[:at], after, *parts[at:]])
    byte = parting_byte(first.system, then.system)
    return Mutated(first, then, cause, "system", byte, *SYSTEM)


def _question(talk: Talk, rng: random.Random, cause: str, before: str, after: str) -> Mutated:
    """A line in the first question."""
    first, then = talk.copy(), next_of(talk, rng)
    for each, line in ((first, before), (then, after)):
        text = each.messages[0]["content"]
        each.messages[0]["content"] = f"{line}\n{text}" if line else text
    byte = parting_byte(first.messages[0]["content"], then.messages[0]["content"])
    return Mutated(first, then, cause, "message", byte, *MESSAGES)


# ── 0 to 4 ────────────────────────────────────────────────────────────────────────────────────


def model_changed(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    then.model = ("local-2", "local-8bit", "other/model", "LOCAL")[n % 4]
    return Mutated(
        talk, then, "model_changed", "", None, "model_changed", "model_changed", model=then.model
    )


def billing_header(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = ("".join(rng.choices(string.hexdigits.lower()[:16], k=5)) for _ in range(2))
    form = (
        "x-anthropic-billing-header: cc_version=2.1.37.{0}; cc_entrypoint=cli; cch={0};",
        "X-Anthropic-Billing-Header: cch={0}",
        "x-anthropic-billing-header: cc_version=2.0.{0}; cc_entrypoint=sdk-py; cc_workload=x;",
        "cc_version=2.1.{0}; cch={0};",
        "x-anthropic-billing-header:cch={0};cc_version=1",
    )[n % 5]
    return _system(talk, rng, "billing_header", form.format(first), form.format(then), 0)


DATES: tuple[str, ...] = (
    "Today's date: %Y-%m-%d",
    "Today is %A, %d %B %Y.",
    "Current time: %H:%M:%S",
    "Date: %m/%d/%Y",
    "<env>Today's date: %Y/%m/%d</env>",
    "The current date and time is %Y-%m-%dT%H:%M:%S.%fZ.",
    "now=%s",
    "It is %I:%M %p on %b %d.",
    "Heute ist %d.%m.%Y, %H:%M Uhr",
    "timestamp: %Y%m%dT%H%M%SZ",
    "Last updated %d-%b-%Y %H:%M UTC",
    "current_datetime: %Y-%m-%d %H:%M:%S+02:00",
    "(%a %b %d %H:%M:%S CET %Y)",
    "日付: %Y年%m月%d日",
)


def clock(talk: Talk, rng: random.Random, n: int) -> Mutated:
    moment = datetime(2026, rng.randint(1, 12), rng.randint(1, 25), 9, 15, rng.randint(0, 50))
    later = moment + timedelta(days=1, hours=3, minutes=7, seconds=5, microseconds=137_000)
    form = DATES[n % len(DATES)].replace("%s", str(1_700_000_000 + n))
    before, after = moment.strftime(form), later.strftime(form)
    if "now=" in form:
        after = f"now={1_700_000_000 + n + 4321}"
    if n % 4 == 3:
        return _question(talk, rng, "clock", before, after)
    return _system(talk, rng, "clock", before, after, n)


def _ids(rng: random.Random, n: int) -> tuple[str, str]:
    def one() -> str:
        letters = string.ascii_letters + string.digits
        return (
            str(uuid.UUID(int=rng.getrandbits(128))),
            "req_" + "".join(rng.choices(letters, k=24)),
            f"{rng.getrandbits(128):032x}",
            "01J" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=23)),
            "".join(rng.choices(letters, k=21)) + "7aB",
            f"{rng.getrandbits(60) + (1 << 60)}",
            f"{rng.randint(100_000, 999_999)}",
        )[n % 7]

    return one(), one()


def random_id(talk: Talk, rng: random.Random, n: int) -> Mutated:
    before, after = _ids(rng, n)
    forms = ["Session ID: {}", "trace={} is yours.", "conversation_id: {}", "<run id='{}'/>"]
    if n % 7 < 5:
        forms += ["You work under {} from here on.", '{{"requestId": "{}"}}']
    form = forms[n % len(forms)]
    pair = (form.format(before), form.format(after))
    if n % 4 == 2:
        return _question(talk, rng, "random_id", *pair)
    return _system(talk, rng, "random_id", *pair, n)


PLACES: tuple[tuple[str, str], ...] = (
    ("Working directory: /home/ann/shop", "Working directory: /home/ann/shop/api"),
    ("Current branch: main", "Current branch: fix-parser"),
    ("gitStatus: clean", "gitStatus: M src/app.py"),
    ("Git status:\n M src/a.py\n?? notes.md", "Git status:\n M src/a.py\n M src/b.py\n?? notes.md"),
    ("# Files\n- src/\n  - app.py", "# Files\n- src/\n  - app.py\n  - late.py"),
    ("cwd=/srv/one", "cwd=/srv/two"),
    ("Recent commits:\n1a2b3c4 Parse", "Recent commits:\n9f8e7d6 Mend it\n1a2b3c4 Parse"),
    ("On branch main\nnothing to commit, tree clean", "On branch main\nmodified:   core/x.py"),
    ("<open_files>\nsrc/a.py\n</open_files>", "<open_files>\nsrc/a.py\nsrc/zz.py\n</open_files>"),
    ("Directory structure:\n├── api\n└── docs", "Directory structure:\n├── api\n├── cli\n└── docs"),
    ("HEAD: 1a2b3c4d5e (2 files staged)", "HEAD: 99aa88bb77 (3 files staged)"),
    ("Workspace root is C:\\work\\one", "Workspace root is C:\\work\\two"),
)  # fmt: skip


def workspace_state(talk: Talk, rng: random.Random, n: int) -> Mutated:
    pair = PLACES[n % len(PLACES)]
    if n % 5 == 4:
        return _question(talk, rng, "workspace_state", *pair)
    return _system(talk, rng, "workspace_state", *pair, 1 + n % 2)


# ── 5 to 10 ───────────────────────────────────────────────────────────────────────────────────


def tool_order(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    at = n % (len(then.tools) - 1)
    if n % 3 == 2:
        then.tools = then.tools[at + 1 :] + then.tools[: at + 1]
    else:
        then.tools[at], then.tools[at + 1] = then.tools[at + 1], then.tools[at]
    return Mutated(talk, then, "tool_order", "tool", 0, *TOOLS)


def tool_set(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    if n % 4 == 0:
        del then.tools[n % len(then.tools)]
    elif n % 4 == 1:
        new = {"name": f"mcp__late__{n}", "description": prose(rng, 2), "input_schema": {}}
        then.tools.insert(n % 5, new)
    elif n % 4 == 2:
        then.tools[n % 5] = {"name": "Replaced", "description": prose(rng, 2), "input_schema": {}}
    else:
        new = {"name": "Later", "description": prose(rng, 2), "input_schema": {"type": "object"}}
        then.tools.append(new)
    return Mutated(talk, then, "tool_set", "tool", 0 if n % 4 != 0 else None, *TOOLS)


def tool_schema(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    tool = then.tools[n % 5]
    if n % 3 == 0:
        tool["description"] += " It is calm about errors."
    elif n % 3 == 1:
        tool["input_schema"]["properties"]["strict"] = {"type": "boolean"}
    else:
        tool["input_schema"]["required"] = ["path", "limit"]
    return Mutated(talk, then, "tool_schema", "tool", None, *TOOLS)


def json_form(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    schema = then.tools[n % 5]["input_schema"]
    if n % 2:
        then.tools[n % 5]["input_schema"] = dict(reversed(schema.items()))
    else:
        schema["properties"] = dict(reversed(schema["properties"].items()))
    return Mutated(talk, then, "json_form", "tool", None, *TOOLS)


def cache_control_moved(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = talk.copy(), next_of(talk, rng)
    mark = {"type": "ephemeral"}
    first.tools[n % 5]["cache_control"] = mark
    then.tools[(n + 1) % 5]["cache_control"] = mark
    return Mutated(
        first, then, "cache_control_moved", "tool", None, None, None, ("messages",), True
    )


def content_form(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = talk.copy(), next_of(talk, rng)
    at = (0, 4, 8)[n % 3]
    text = talk.messages[at]["content"]
    parts = [{"type": "text", "text": text}]
    if n % 2:
        parts = [{"type": "text", "text": text[:20]}, {"type": "text", "text": text[20:]}]
    (first if n % 3 == 1 else then).messages[at]["content"] = parts
    return Mutated(first, then, "content_form", "message", None, *MESSAGES, is_harmless=True)


# ── 11 to 17 ──────────────────────────────────────────────────────────────────────────────────


def thinking_stripped(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    if n % 3 == 2:  # inline
        first = talk.copy()
        text = first.messages[3]["content"]
        first.messages[3]["content"] = f"<think>\n{prose(rng, 2)}\n</think>\n\n{text}"
        return Mutated(first, then, "thinking_stripped", "message", 0, *MESSAGES)
    blocks = then.messages[1 + 4 * (n % 2)]["content"]
    del blocks[0]
    return Mutated(talk, then, "thinking_stripped", "message", 0, *MESSAGES)


def assistant_altered(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = talk.copy(), next_of(talk, rng)
    at = (3, 7)[n % 2]
    text = first.messages[at]["content"]
    if n % 3 == 0:
        first.messages[at]["content"] = text + "  \n"
    elif n % 3 == 1:
        then.messages[at]["content"] = text.replace("the", "THE", 3)
    else:
        then.messages[at]["content"] = text[: len(text) // 2] + text[len(text) // 2 + 9 :]
    byte = parting_byte(first.messages[at]["content"], then.messages[at]["content"])
    return Mutated(first, then, "assistant_altered", "message", byte, *MESSAGES)


def tool_args_form(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    block = then.messages[1 + 4 * (n % 3)]["content"][2]
    block["input"] = dict(reversed(block["input"].items()))
    return Mutated(talk, then, "tool_args_form", "message", None, *MESSAGES)


CLEARED = (
    "[Old tool result content cleared]",
    "[truncated]",
    "",
    "(output removed to save space)",
)


def tool_result_edited(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    block = then.messages[2 + 4 * (n % 3)]["content"][0]
    before = block["content"]
    block["content"] = CLEARED[n // 2 % 4] if n % 2 else before[: len(before) // 3] + " …"
    byte = parting_byte(before, block["content"])
    return Mutated(talk, then, "tool_result_edited", "message", byte, *MESSAGES)


SUMMARIES = (
    "This session is being continued from a previous conversation that ran out of context.\n",
    "<summary>\nSummary of the work so far:\n",
    "Context was compacted. ",
    "Zusammenfassung des bisherigen Gesprächs: ",
)


def compaction(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    codes = ("messages_changed", "context_compacted")
    if n % 3 == 0:  # summarised
        text = SUMMARIES[n // 3 % 4] + prose(rng, 4)
        then.messages = [{"role": "user", "content": text}]
    elif n % 3 == 1:  # the oldest are gone
        then.messages = then.messages[4:]
    else:  # the first stays, a summary stands for what followed, the newest stay
        said = {"role": "user", "content": SUMMARIES[n // 3 % 4] + prose(rng, 3)}
        then.messages = [then.messages[0], said, *then.messages[9:]]
    return Mutated(talk, then, "compaction", "message", None, *codes)


REMINDERS = (
    "<system-reminder>\nThe list is empty now. Do not speak of it.\n</system-reminder>",
    "<system_reminder>Be brief.</system_reminder>",
    "[System note: answer in one line]",
    "<important_instructions>Never push.</important_instructions>",
    "Reminder: keep the tests green.",
)


def injected_reminder(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = talk.copy(), next_of(talk, rng)
    note = REMINDERS[n % 5]
    at = (0, 4)[n % 2]
    if n % 3 == 0:  # as a message of its own
        role = "system" if n % 2 else "user"
        then.messages.insert(at + 1, {"role": role, "content": note})
        return Mutated(first, then, "injected_reminder", "message", 0, *MESSAGES)
    each = first if n % 3 == 1 else then
    text = each.messages[at]["content"]
    each.messages[at]["content"] = f"{text}\n{note}" if n % 2 else f"{note}\n{text}"
    byte = parting_byte(first.messages[at]["content"], then.messages[at]["content"])
    return Mutated(first, then, "injected_reminder", "message", byte, *MESSAGES)


def image_form(talk: Talk, rng: random.Random, n: int) -> Mutated:
    first, then = talk.copy(), next_of(talk, rng)
    for each in (first, then):
        data = base64.b64encode(rng.randbytes(300)).decode()
        source = {"type": "base64", "media_type": "image/png", "data": data}
        text = {"type": "text", "text": each.messages[4]["content"]}
        each.messages[4]["content"] = [text, {"type": "image", "source": source}]
    return Mutated(first, then, "image_form", "message", None, *MESSAGES)


# ── 18 to 20 ──────────────────────────────────────────────────────────────────────────────────

ASKED: tuple[tuple[str, object, object, str, tuple[str, ...]], ...] = (
    ("reasoning_effort", "low", "high", "reasoning_effort_changed", ("chat",)),
    ("verbosity", "low", "high", "verbosity_changed", ("chat",)),
    ("service_tier", "auto", "flex", "service_tier_changed", ("chat", "messages", "responses")),
    ("reasoning", {"effort": "low"}, {"effort": "high"}, "reasoning_effort_changed",
     ("responses",)),
    ("text", {"format": {"type": "text"}}, {"format": {"type": "json_object"}},
     "text_format_changed", ("responses",)),
    ("prompt_cache_key", "a", "b", "prompt_cache_key_changed", ("chat",)),
    ("response_format", None, {"type": "json_object"}, "text_format_changed", ("chat",)),
    ("thinking", {"type": "disabled"}, {"type": "enabled", "budget_tokens": 4000},
     "reasoning_effort_changed", ("messages",)),
    ("tool_choice", {"type": "auto"}, {"type": "any"}, "unavailable", ("messages",)),
)  # fmt: skip


def parameters(talk: Talk, rng: random.Random, n: int) -> Mutated:
    name, before, after, code, apis = ASKED[n % len(ASKED)]
    first, then = talk.copy(), next_of(talk, rng)
    if before is not None:
        first.more[name] = before
    then.more[name] = after
    return Mutated(first, then, "parameters", "", None, "unavailable", code, apis, is_harmless=True)


def side_query(talk: Talk, rng: random.Random, n: int) -> Mutated:
    """The agent asks for a title, with its first words in common."""
    system = talk.system[: 20 + n] + " Name this conversation in three words."
    asked = talk.messages[0] if n % 2 else {"role": "user", "content": prose(rng, 1)}
    then = Talk(system, [], [asked], session=talk.session)
    return Mutated(talk, then, "side_query", "", None, None, None, is_harmless=True)


def unknown(talk: Talk, rng: random.Random, n: int) -> Mutated:
    then = next_of(talk, rng)
    if n % 2:
        then.system = talk.system.replace("# Rules\n", "# Rules\nBe kinder than you were. ")
        byte = parting_byte(talk.system, then.system)
        return Mutated(talk, then, "unknown", "system", byte, *SYSTEM)
    text = talk.messages[4]["content"]
    then.messages[4]["content"] = text.replace("the", "our", 1)
    byte = parting_byte(text, then.messages[4]["content"])
    return Mutated(talk, then, "unknown", "message", byte, *MESSAGES)


MUTATIONS: tuple[Mutation, ...] = (
    model_changed, billing_header, clock, random_id, workspace_state, tool_order, tool_set,
    tool_schema, json_form, cache_control_moved, content_form, thinking_stripped,
    assistant_altered, tool_args_form, tool_result_edited, compaction, injected_reminder,
    image_form, parameters, side_query, unknown,
)  # fmt: skip


def escaped(body: bytes) -> bytes:
    """The same values, spelled otherwise: blanks and escapes."""
    return json.dumps(json.loads(body), ensure_ascii=True, separators=(",", ":")).encode()
