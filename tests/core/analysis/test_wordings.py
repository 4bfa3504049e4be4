"""Wordings of many clients, each alone: the class follows from what differs, not from a literal."""

from __future__ import annotations

import random

import pytest

from llmx.core.analysis.report import analyze
from tests.core.analysis.talks import made, next_of, parting_byte
from tests.core.analysis.test_culprits import recorded

CLOCK = [
    ("Today: Thu Mar 5 2026", "Today: Fri Mar 6 2026"),
    ("The date is March 5th, 2026.", "The date is March 6th, 2026."),
    ("It's 5 Mar 2026", "It's 17 Apr 2026"),
    ("Current date: 2026/3/5 (Thursday)", "Current date: 2026/3/6 (Friday)"),
    ("05.03.2026 14:07", "05.03.2026 14:09"),
    ("UTC now: 2026-03-05T14:07:09+00:00", "UTC now: 2026-03-05T14:08:41+00:00"),
    ("time: 1772719629", "time: 1772719700"),
    ("epoch_ms=1772719629123", "epoch_ms=1772719700456"),
    ("Nous sommes le jeudi 5 mars 2026.", "Nous sommes le vendredi 6 mars 2026."),
    ("Hoy es 5 de marzo de 2026", "Hoy es 6 de abril de 2026"),
    ("Heute ist Donnerstag, der 5. März 2026.", "Heute ist Freitag, der 6. März 2026."),
    ("Local time is 2:07 PM (CET)", "Local time is 11:45 AM (CET)"),
    ("今天是2026年3月5日 星期四", "今天是2026年3月6日 星期五"),
    ("Session uptime: 3 minutes", "Session uptime: 2 hours"),
    ("<current_date>2026-03-05</current_date>", "<current_date>2026-03-06</current_date>"),
    ('{"now": "2026-03-05 14:07:09.120394"}', '{"now": "2026-03-05 14:07:10.998101"}'),
    ("Week 10 of 2026", "Week 11 of 2026"),
    ("Knowledge as of 20260305.", "Knowledge as of 20260306."),
    ("Thursday afternoon, 5 March", "Friday morning, 6 March"),
    ("Date: Thu, 05 Mar 2026 14:07:09 GMT", "Date: Fri, 06 Mar 2026 08:00:00 GMT"),
    ("March 2026 is the current month", "April 2026 is the current month"),
    ("last edit 4 minutes ago", "last edit 15 minutes ago"),
]
RANDOM = [
    ("session=9f8b7c6d5e4f", "session=0a1b2c3d4e5f"),
    ("Request-Id: 01HV5ZJ3Y8K9QX2M4N6P7R8S9T", "Request-Id: 01HV5ZK00ABCDEF2M4N6P7R8S9"),
    ("trace_id=4bf92f3577b34da6a3ce929d0e0e4736", "trace_id=00f067aa0ba902b7a3ce929d0e0e4799"),
    ("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
     "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("Your id is {3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
     "Your id is {9B2C11AA-7A61-4C0F-8F6D-1A2B3C4D5E6F}"),
    ("nonce: 84213", "nonce: 99120"),
    ("[thread 7c9e6679f1]", "[thread 16fd2706b0]"),
    ("chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "chatcmpl-A1kZs8Qx7vOU9jLn4n570S5qMJKxY"),
    ("<conversation id=\"conv_68a1f0c2e4\">", "<conversation id=\"conv_77b2e1d3f5\">"),
    ("seed 42 run_id abcd-ef12-99", "seed 42 run_id 7777-ab34-01"),
    ("x-correlation-id 550e8400-e29b-41d4-a716-446655440000",
     "x-correlation-id 6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    ("agent instance: worker-7f9c5d8b6-x2kqp", "agent instance: worker-6b8d4c7a5-m9wzt"),
    ("token V1StGXR8_Z5jdHi6B-myT", "token k3Jx9QmP_a7LwZc2R-tYu"),
]  # fmt: skip
WORKSPACE = [
    ("Working directory: /Users/eva/app", "Working directory: /Users/eva/lib"),
    ("You are in ~/code/shop (git branch: main)", "You are in ~/code/shop (git branch: dev)"),
    ("Current working directory is /tmp/a", "Current working directory is /tmp/b"),
    ("## main...origin/main\n M app.py", "## main...origin/main\n M app.py\n?? new.py"),
    ("Status:\nM  core/a.py\nA  core/b.py", "Status:\nM  core/a.py\nA  core/b.py\nD  core/c.py"),
    ("Your branch is up to date.", "Your branch is ahead of 'origin/main' by 2 commits."),
    ("<cwd>/srv/x</cwd>", "<cwd>/srv/y</cwd>"),
    ("# Project layout\nsrc/main.rs", "# Project layout\nsrc/main.rs\nsrc/lib.rs"),
    ("Open tabs: a.ts, b.ts", "Open tabs: a.ts, c.ts"),
    ("Visible files:\nsrc/index.ts", "Visible files:\nsrc/other.ts"),
    ("Untracked files:\n  notes.txt", "Untracked files:\n  notes.txt\n  plan.txt"),
    ("└── tests\n    └── test_a.py", "└── tests\n    └── test_b.py"),
    ("Last commit: 3f2a1bc Add things", "Last commit: 9e8d7c6 Remove things"),
    ("gitStatus: as it is.\nCurrent branch: a", "gitStatus: as it is.\nCurrent branch: b"),
]  # fmt: skip
BILLING = [
    ("x-anthropic-billing-header: cc_version=2.1.81.df2; cc_entrypoint=cli; cch=00000;",
     "x-anthropic-billing-header: cc_version=2.1.81.a3b; cc_entrypoint=cli; cch=8f1e2;"),
    ("X-Billing-Info: plan=pro; req=88", "X-Billing-Info: plan=pro; req=89"),
    ("x-anthropic-billing-header: cch=1a2b3", "x-anthropic-billing-header: cch=9z8y7"),
]  # fmt: skip
UNKNOWN = [
    ("You are kind.", "You are stern."),
    ("Use at most 3 tools.", "Use at most 4 tools."),
    ("Version 1.2.3 of the rules", "Version 1.2.4 of the rules"),
    ("Answer in English.", "Answer in German."),
    ("Never run rm.", "Never run rm or mv."),
    ("max_tokens is 4000", "max_tokens is 8000"),
    ("Model: claude-sonnet-4-5", "Model: claude-opus-4-1"),
    ("Timeout: 30 s", "Timeout: 60 s"),
    ("Read the file before you edit it.", "Read the whole file before you edit it."),
]
REMINDERS = [
    "<system-reminder>Your todo list is empty.</system-reminder>",
    "<environment_details>\n# Mode\nACT\n</environment_details>",
    "<reminder>Stay in scope.</reminder>",
    "[SYSTEM NOTICE: the user is away]",
    "System reminder: commit often.",
    "<context_note kind='auto'>Less than half is left.</context_note>",
]
SUMMARIES = [
    "This session goes on from a previous conversation, which is summarized below:",
    "<conversation_summary>We fixed the parser.</conversation_summary>",
    "Previous conversation summary: we fixed the parser.",
    "[Earlier messages were removed to fit the context window] We fixed the parser.",
    "Here is a condensed recap of our discussion so far.",
]
CASES = [
    (cause, pair)
    for cause, pairs in (
        ("clock", CLOCK), ("random_id", RANDOM), ("workspace_state", WORKSPACE),
        ("billing_header", BILLING), ("unknown", UNKNOWN),
    )
    for pair in pairs
]  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "pair"), CASES, ids=[f"{cause}{n}" for n, (cause, _) in enumerate(CASES)]
)
def test_a_line_of_the_system_text(cause: str, pair: tuple[str, str]) -> None:
    for n, api in enumerate(("chat", "messages")):
        first = made(n)
        then = next_of(first, random.Random(n))
        rules = first.system
        first.system, then.system = (f"{rules}\n{line}\n\nBe brief." for line in pair)
        rows = analyze([recorded(0, first, api, "a"), recorded(1, then, api, "b")]).rows
        change = rows[1].change
        assert change is not None
        assert (change.cause, change.offset) == (cause, parting_byte(first.system, then.system))
        assert change.codes.anthropic == "system_changed"


@pytest.mark.parametrize("note", REMINDERS, ids=range(len(REMINDERS)))
@pytest.mark.parametrize("where", ["before", "behind", "alone", "gone"])
def test_a_reminder_in_the_history(note: str, where: str) -> None:
    first = made(5)
    then = next_of(first, random.Random(5))
    said = first.messages[4]["content"]
    changed = first if where == "gone" else then
    if where == "alone":
        then.messages.insert(5, {"role": "user", "content": note})
    else:
        text = f"{note}\n\n{said}" if where == "before" else f"{said}\n\n{note}"
        changed.messages[4]["content"] = text
    rows = analyze([recorded(0, first, "chat", "a"), recorded(1, then, "chat", "b")]).rows
    change = rows[1].change
    assert change is not None
    assert (change.kind, change.cause) == ("broken", "injected_reminder")


@pytest.mark.parametrize("text", SUMMARIES, ids=range(len(SUMMARIES)))
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_summary_in_the_place_of_the_history(text: str, role: str) -> None:
    first = made(6)
    then = next_of(first, random.Random(6))
    then.messages = [{"role": role, "content": text}, *then.messages[-2:]]
    rows = analyze([recorded(0, first, "messages", "a"), recorded(1, then, "messages", "b")]).rows
    change = rows[1].change
    assert change is not None
    assert (change.kind, change.cause) == ("broken", "compaction")
    assert change.codes.openai == "context_compacted"
