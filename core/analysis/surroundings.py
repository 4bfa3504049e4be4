"""Texts that clients put around what users say: states of workspaces, reminders, summaries."""

from __future__ import annotations

import re

from llmx.core.analysis.hunk import LONGEST, Hunk
from llmx.core.analysis.lineage import common_prefix

_ENTRY = re.compile(  # a whole line as git, a tree or a listing writes it
    r"\s*(?:[-*]\s+)?(?:"
    r"[ MADRCUT?!]{1,2}\s+[\w./~@+-]+(?: -> \S+)?"
    r"|(?:modified|deleted|renamed|new file|both modified|added|copied|typechange)\s*:\s*\S.*"
    r"|[0-9a-f]{7,40}\s+\S.*"
    r"|[│├└|`+\\ ]+[─-]*\s*[\w.@+-]+/?"
    r"|(?:\.{0,2}/|~/|[A-Za-z]:\\)?(?:[\w.@+ -]+[/\\])+[\w.@+-]*(?:\s+\(.*\))?"
    r"|[\w@+-]+\.[a-z]{1,5}(?:\s+\(.*\))?|[\w.@+-]+/"
    r"|[d-][rwx-]{9}\s.*"
    r")\s*",
)
_GIT = re.compile(  # what only git says, anywhere on a line
    r"\bgit[ _-]?(?:status|branch|log|diff|root|repo)|\bon branch \S|\bnothing to commit\b"
    r"|\byour branch is\b|(?-i:\bHEAD\b)|\buntracked files\b"
    r"|\bchanges (?:not )?(?:staged|to be commit)"
    r"|\b\d+ (?:commits?|files?) (?:ahead|behind|staged|unstaged|modified|changed|untracked)"
    r"|\bworking tree\b",
    re.IGNORECASE,
)
_PORCELAIN = re.compile(
    r"(?:[MADRCUT?!]{2}|[ MADRCUT][MADRCUT]|[MADRCUT] ) [\w./~@+-]+(?: -> \S+)?"
)
_NOTHING = re.compile(r"\W*(?:clean|empty|none|nothing|no (?:\w+ )?changes)\W*", re.IGNORECASE)
_PLACE_NAME = (
    r"(?:git\w*|branch|commits?|revision|working[ _-]?(?:directory|dir|tree|copy|folder)|cwd|pwd"
    r"|work(?:ing)?dir|director(?:y|ies)|folders?|files?|(?:un)?tracked|(?:un)?staged|uncommitted"
    r"|workspace|repo(?:sitory)?|project|worktree|tabs?|editors?|documents?|listing|tree|path"
    r"|arbeitsverzeichnis|verzeichnis|dateien|répertoire|fichiers|directorio|archivos)"
)
_LABELLED = re.compile(
    rf"\W*(?:[\w'-]+[ _-]){{0,3}}?{_PLACE_NAME}\b[\w ()_-]{{0,30}}?(?:[:=>]|\bis\b\s+\S*[/\\~])",
    re.IGNORECASE,
)
_SAYS_PLACE = re.compile(rf"\b{_PLACE_NAME}\b|{_PLACE_NAME}[>_]", re.IGNORECASE)  # of a heading
_HEADING = re.compile(r"\s*(?:#{1,6}\s.*|<\w[\w:-]*[^<>]*>|.{1,80}:)\s*")
_REMINDER_WORD = re.compile(
    r"remind|system|notice|\bnote|hint|context|environment|instruct|attach|important|memory|todo"
    r"|injected|meta|policy|guidance",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"\s*<([\w:-]+)(?:\s[^<>]*)?>.*(?:</\1>|<\1/>)\s*", re.DOTALL)
_BLOCK = re.compile(rb"<([\w:-]{1,60})(?:\s[^<>]{0,200})?>.*?</\1>\s*", re.DOTALL)
_MARKED = re.compile(
    r"\s*(?:[\[(*#<!-]*\s*)(?:system|automated|automatic|client|developer|internal)?[ _-]*"
    r"(?:reminder|notice|note|message|hint|info(?:rmation)?|instruction|context)\b[^\n]{0,40}?"
    r"[:\])*>-]",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"summar(?:y|i[sz])|\bcontinued from\b|\bcompact(?:ed|ion)\b|\bcondensed\b|\brecap\b"
    r"|\b(?:conversation|discussion|work|session) so far\b|\bran out of context\b"
    r"|\b(?:previous|earlier|prior|past) (?:conversation|context|messages?|turns?|history|session)"
    r"|\bhistory (?:was|has been)\b|\b(?:messages?|turns?) (?:were|have been|was) "
    r"(?:removed|dropped|omitted|cut|truncated)"
    r"|zusammenfassung|bisherige|résumé|resumen|riassunto",
    re.IGNORECASE,
)
_THINK = re.compile(
    r"\s*<(think(?:ing)?|thought|reasoning|reflection|scratchpad)>.*?</\1>\s*"
    r"|\s*\[think\].*?\[/think\]\s*|\s*<\|channel\|>analysis.*?<\|end\|>\s*",
    re.IGNORECASE | re.DOTALL,
)


def is_workspace(hunk: Hunk) -> bool:
    """Whether what differs is what git, a listing, or a line about the place of work says."""
    lines = [line for line in (hunk.ours + "\n" + hunk.theirs).split("\n") if line.strip()]
    if not lines:
        return False
    told = sum(_GIT.search(line) is not None or _LABELLED.match(line) is not None for line in lines)
    entries = sum(_ENTRY.fullmatch(line) is not None for line in lines)
    if told == len(lines) or (entries == len(lines) > 1) or all(map(_PORCELAIN.fullmatch, lines)):
        return True
    if _is_emptied(hunk.ours, hunk.theirs) or _is_emptied(hunk.theirs, hunk.ours):
        return True
    is_under = told > 0 or _SAYS_PLACE.search(_above(hunk)) is not None
    return is_under and (entries + told) * 2 > len(lines)


def _is_emptied(one: str, other: str) -> bool:
    """A list of changed files on the one side, and a word such as "(clean)" on the other."""
    lines = [line for line in one.split("\n") if line.strip()]
    return (
        bool(lines)
        and all(map(_PORCELAIN.fullmatch, lines))
        and _NOTHING.fullmatch(other) is not None
    )


def _above(hunk: Hunk) -> str:
    """The heading under which the change stands, and the tag."""
    for line in reversed(hunk.above.split("\n")[-60:]):
        if _HEADING.fullmatch(line) and not line.lstrip().startswith("</"):
            return line
    return ""


def is_reminder(hunk: Hunk) -> bool:
    """Whether a block of the client's was put in or taken out, or differs inside."""
    if hunk.is_insertion or hunk.is_removal:
        block = hunk.ours if hunk.is_insertion else hunk.theirs
        if _WRAPPED.fullmatch(block) or _MARKED.match(block):
            return True
    ours, theirs = hunk.ours, hunk.theirs
    if ours and theirs:  # on one line with what was said
        longer, shorter = max(ours, theirs, key=len), min(ours, theirs, key=len)
        extra = _inserted(longer, shorter)
        if extra and (_WRAPPED.fullmatch(extra) or _MARKED.match(extra)):
            return True
        if _MARKED.match(ours) and _MARKED.match(theirs):
            return True
        if _is_block(ours) and _is_block(theirs):
            return True
    return _REMINDER_WORD.search(_inside(hunk)) is not None


def _is_block(text: str) -> bool:
    match = _WRAPPED.fullmatch(text)
    return match is not None and _REMINDER_WORD.search(match.group(1)) is not None


def _inserted(longer: str, shorter: str) -> str:
    """What the longer text has more, where the rest is the shorter one; else empty."""
    at, more = 0, len(longer) - len(shorter)
    while at < len(shorter) and longer[at] == shorter[at]:
        at += 1
    first = ""
    for start in range(at, max(-1, at - 200), -1):  # a block may begin as what follows it does
        if longer[:start] + longer[start + more :] != shorter:
            break
        extra = longer[start : start + more]
        if _WRAPPED.fullmatch(extra) or _MARKED.match(extra):
            return extra
        first = first or extra
    return first


def _inside(hunk: Hunk) -> str:
    """The name of the tag that is open where the change begins; empty: none is."""
    opened: list[str] = []
    ours, theirs = hunk.ours.encode("utf-8"), hunk.theirs.encode("utf-8")
    line = ours[: common_prefix(ours, theirs)].decode("utf-8", "ignore")
    for match in re.finditer(r"</?([\w:-]+)(?:\s[^<>]*)?>", hunk.above + line):
        name = match.group(1)
        if match.group().startswith("</"):
            if name in opened:
                del opened[len(opened) - 1 - opened[::-1].index(name) :]
        else:
            opened.append(name)
    return opened[-1] if opened else ""


def says_reminder(text: str) -> bool:
    """Whether a whole message is a block of the client's, or several of them."""
    if not text.lstrip().startswith("<"):
        return _MARKED.match(text) is not None
    if _is_block(text):
        return True
    names = [match.group(1) for match in _BLOCK.finditer(text.encode("utf-8", "replace")[:LONGEST])]
    is_told = any(_REMINDER_WORD.search(name.decode("utf-8", "replace")) for name in names)
    return is_told and not without_blocks(text.encode("utf-8", "replace")).strip()


def without_blocks(data: bytes) -> bytes:
    """A message without the blocks that a client put around what was said."""
    return data if len(data) > LONGEST else _BLOCK.sub(b"", data)


def says_summary(text: str) -> bool:
    return _SUMMARY.search(text) is not None


def without_thinking(text: str) -> str:
    return _THINK.sub("", text)
