"""Dates and times in a text, in the ways in which clients write them."""

from __future__ import annotations

import re

_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday "
    "mon tue tues wed thu thur thurs fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lundi mardi mercredi jeudi vendredi samedi dimanche "
    "lunes martes miércoles jueves viernes sábado domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica"
)
_MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec "
    "januar jänner februar märz mai juni juli oktober dezember "
    "janvier février mars avril juin juillet août septembre octobre novembre décembre "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
)


def _any_of(words: str) -> str:
    return "(?:" + "|".join(sorted(set(words.split()), key=len, reverse=True)) + ")"


_DAY, _MONTH = _any_of(_DAYS), _any_of(_MONTHS)
_ZONE = r"(?:z\b|[+-]\d{2}:?\d{2}\b)"
_TIME = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\b\.?)?(?:\s?{_ZONE})?"

MOMENT = re.compile(
    rf"\b\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:[t _]{_TIME}|t\d{{4,6}}z?)?"
    r"|\b\d{4}([/.])\d{1,2}\1\d{1,2}\b"
    r"|\b\d{1,2}([-/.])\d{1,2}\2\d{4}\b"
    r"|\b\d{1,2}/\d{1,2}/\d{2}\b"
    r"|\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:t?\d{4}(?:\d{2})?z?)?\b"
    r"|\b\d{4}-w\d{2}(?:-\d)?\b|\b(?:week|kw)\s?\d{1,2}\b|\bq[1-4][ /-]?\d{4}\b"
    r"|\d{1,4}\s?[年月日時时点分秒]|[月火水木金土日]曜日|星期[一二三四五六日天]"
    rf"|\b{_TIME}"
    r"|\b\d{1,2}\s?[ap]\.?m\b\.?|\b\d{1,2}h\d{2}\b|\b\d{1,2}(?:[.:]\d{2})?\s?uhr\b"
    r"|\b1[4-9]\d{8}(?:\d{9}|\d{6}|\d{3}|\.\d+)?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?[ -]*(?:(?:of|de)\s)?{_MONTH}\b\.?"
    r"(?:,?[ -](?:de\s)?(?:\d{4}|'?\d{2}\b))?"
    rf"|\b{_MONTH}\b\.?[ -]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?|\b{_MONTH}\b\.?,?\s\d{{4}}\b"
    rf"|\b{_DAY}\b\.?(?: (?:morning|noon|afternoon|evening|night)\b)?,?"
    r"|\b\d+(?:\.\d+)?\s?(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?"
    r"|weeks?|months?)\s+ago\b"
    r"|\b(?:utc|gmt|cet|cest|[pmce][sd]t|bst|ist|jst)\b(?:[+-]\d{1,2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
# Parts of one date: "Nov 21, 2025 (Friday)".
_PARTS = re.compile(r"\0(?:[\s,;@-]*(?:\0|\([\s\0,;-]*\0[\s,;-]*\)))+")
_SAYS_TIME = re.compile(
    r"\b(?:date|datetime|time|today|tonight|now|clock|timestamp|uptime|elapsed|epoch|weekday|month"
    r"|year|day|as of|updated|started|generated|datum|heute|uhrzeit|zeit|fecha|hoy|hora"
    r"|aujourd'hui|heure|oggi|ora|hoje)\b|日付|時刻|日期|时间",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"\b(?:\d[\d.,:/ -]*\w{{0,2}}|{_MONTH}|{_DAY}|morning|noon|afternoon|evening|night|midnight"
    r"|seconds?|minutes?|hours?|days?|secs?|mins?|hrs?)\b",
    re.IGNORECASE,
)


def without_moments(text: str) -> str:
    """With a zero in the place of each date or time, however many parts it is written in."""
    return _PARTS.sub("\0", MOMENT.sub("\0", text))


def differs_in_time(ours: str, theirs: str) -> bool:
    """Whether two short texts say the same but for a date or a time."""
    if ours == theirs:
        return False
    if MOMENT.search(ours) and without_moments(ours) == without_moments(theirs):
        return True
    if not _SAYS_TIME.search(ours) or not _SAYS_TIME.search(theirs):
        return False
    return _COUNTED.sub("\0", ours) == _COUNTED.sub("\0", theirs)


def only_tells_time(text: str) -> bool:
    """Whether a short text is a line such as "Today is Monday.": what is put in or taken out."""
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(
        len(line) <= 100 and MOMENT.search(line) and len(_WORD.findall(without_moments(line))) <= 6
        for line in lines
    )


_WORD = re.compile(r"[^\W\d_]+")
