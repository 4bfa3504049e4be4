"""Probe C1: eight conversations interleaved, each with a secret of its own, asked back.

A model that cannot say a word back that it was told is no use here: tried first, on prompts that
nobody has seen. A weak model misses some anyway, so what known conversations lack counts only
beside the same ones computed anew, by exact tests. Where the model is no use, replays are looked
for without it (`c1_replays`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.case import Finding
from llmx.core.verify.probes.anew import Past, way_past
from llmx.core.verify.probes.c1_replays import replay_seen
from llmx.core.verify.prompts import conversation, text_of
from llmx.core.verify.rank import p_rarer

C1 = Subject("C1", "secrets of eight conversations")
SECRETS: tuple[str, ...] = (  # within no common word, and in no prompt but to be remembered
    "basil",
    "cedar",
    "cobalt",
    "dahlia",
    "falcon",
    "garnet",
    "harbor",
    "indigo",
    "jasmine",
    "kiwi",
    "lilac",
    "maple",
    "nectar",
    "orchid",
    "papaya",
    "quartz",
    "saffron",
    "tiger",
    "umbrella",
    "velvet",
    "walnut",
    "zebra",
)
CONVERSATIONS = 8
TRIED = 2  # cold, before anything else
ANSWER = 16  # tokens
ANEW = 2  # times each conversation is computed anew, where one of them lacks its secret
ALPHA = 0.005  # for known conversations that are right less often than those computed anew
ROUNDS = 6  # warm and past the cache: all of them apart is p 0.001,
SUSPECTS = 3  # and for so many conversations


@dataclass(frozen=True, slots=True)
class _Form:
    words: int  # before the secret: small models copy over short distances only
    tokens: int  # of an answer: some models think first


FORMS = (_Form(120, ANSWER), _Form(0, ANSWER), _Form(0, 8 * ANSWER))


@dataclass(frozen=True, slots=True)
class _Talk:
    nonce: str
    secret: str
    said: str  # by the server, when it was told


@dataclass(frozen=True, slots=True)
class _Asked:
    """One conversation asked back. An error is no wrong word: other probes judge errors."""

    talk: _Talk
    warm: Said
    again: Said | None  # warm once more, after an answer to another conversation
    cold: list[Said]

    @property
    def is_missed(self) -> bool:
        return self.warm.error is None and not _has(self.warm, self.talk.secret)

    @property
    def is_worse(self) -> bool:
        return self.is_missed and any(_has(said, self.talk.secret) for said in self.cold)


async def run(bench: Bench) -> Outcome:
    secrets = bench.rng.sample(SECRETS, CONVERSATIONS + TRIED)
    cold: list[Said] = []
    for form in FORMS:
        cold = [await _cold(bench, secret, form) for secret in secrets[:TRIED]]
        if all(_has(said, secret) for said, secret in zip(cold, secrets, strict=False)):
            return await _interleave(bench, secrets[TRIED:], form)
    said = cold[-1].text.strip() or cold[-1].error or ""
    replayed = await replay_seen(bench)
    if replayed is not None:
        return C1.failed(replayed, fault="STALE")
    why = "on prompts never seen the model does not say back a word that it was told"
    why += ", so that secrets prove nothing; no replay was seen"
    return C1.skipped(why, asked=secrets[0], said=said[:80])


async def _interleave(bench: Bench, secrets: list[str], form: _Form) -> Outcome:
    talks: list[_Talk] = []
    for secret in secrets:
        nonce = bench.nonce()
        said = await _turn(bench, nonce, form, [_tell(secret)])
        text = said.reply.text if said.reply is not None else ""
        talks.append(_Talk(nonce, secret, text.strip() or "OK."))
    warm = [await _ask_back(bench, talk, form) for talk in talks]
    rows: list[Json] = [
        {"secret": talk.secret, "said": said.text.strip()[:80], "error": said.error}
        for talk, said in zip(talks, warm, strict=True)
    ]
    right = sum(_has(said, talk.secret) for talk, said in zip(talks, warm, strict=True))
    if right == len(talks):
        why = f"{right} of {right} secrets came back, none in another conversation"
        return C1.passed(why, conversations=rows)
    past = await way_past(bench, bench.speaker)
    asked = await _beside_cold(bench, talks, warm, form, past)
    wrong = _stale(asked) or (
        _less_often(asked)
        if past is None
        else await _each_time(bench, [one for one in asked if one.is_worse], form, past)
    )
    if wrong is not None:
        return C1.failed(wrong.seen, fault=wrong.fault, conversations=rows)
    worse = sum(one.is_worse for one in asked)
    if worse or right * 2 < len(talks):
        why = f"{right} of {len(talks)} secrets came back; the others may be the model's weakness"
        return C1.unsure(why, conversations=rows)
    why = f"{right} of {len(talks)} secrets came back, none in another conversation"
    return C1.passed(f"{why} (the others were not said cold either)", conversations=rows)


async def _beside_cold(
    bench: Bench, talks: list[_Talk], warm: list[Said], form: _Form, past: Past | None
) -> list[_Asked]:
    """Each conversation computed anew; and after the one before it, each that missed its secret
    known once more: who replays the last answer says another's secret then."""
    cold: list[list[Said]] = []
    again: list[Said | None] = []
    await _anew(bench, talks[-1], form, past)
    for talk, said in zip(talks, warm, strict=True):
        again.append(None if _has(said, talk.secret) else await _ask_back(bench, talk, form))
        cold.append([await _anew(bench, talk, form, past) for _ in range(ANEW)])
    return [_Asked(*one) for one in zip(talks, warm, again, cold, strict=True)]


def _stale(asked: list[_Asked]) -> Finding | None:
    """A model that says words that nobody told it in this conversation, though it is computed
    anew, says another's by chance."""
    cold = [(one.talk.secret, said) for one in asked for said in one.cold if said.error is None]
    if any((words_of(said) & set(SECRETS)) - {own} for own, said in cold):
        return None
    if sum(_has(said, own) for own, said in cold) * 2 < max(1, len(cold)):
        return None
    told = {one.talk.secret for one in asked}
    for one in asked:
        wrong = [s for s in (one.warm, one.again) if s is not None and not _has(s, one.talk.secret)]
        others = sorted({other for said in wrong for other in words_of(said) & told})
        if others:
            why = f"a conversation about {one.talk.secret!r} was answered with {others[0]!r}"
            return Finding("STALE", f"{why}, another's secret")
    return None


def _less_often(asked: list[_Asked]) -> Finding | None:
    """All known conversations against the same ones under other nonces: other filler may be
    easier, so single ones tell nothing."""
    warm = [_has(one.warm, one.talk.secret) for one in asked if one.warm.error is None]
    cold = [_has(said, one.talk.secret) for one in asked for said in one.cold if not said.error]
    if p_rarer(sum(warm), len(warm), sum(cold), len(cold)) > ALPHA:
        return None
    shown = f"{sum(warm)} of {len(warm)} known conversations"
    why = f"{shown} got the right word, and {sum(cold)} of {len(cold)} of the same form never seen"
    return Finding("CORRUPT", why)


async def _each_time(bench: Bench, worse: list[_Asked], form: _Form, past: Past) -> Finding | None:
    """The very same prompt, warm and past the cache by turns: wrong each time, right each time."""
    for one in worse[:SUSPECTS]:
        if await _is_apart(bench, one.talk, form, past):
            got = one.warm.text.strip()[:40] or "nothing"
            why = f"asked for {one.talk.secret!r} a known conversation gets {got!r}, wrong each of"
            return Finding("CORRUPT", f"{why} {ROUNDS} times, and right past the cache each time")
    return None


async def _is_apart(bench: Bench, talk: _Talk, form: _Form, past: Past) -> bool:
    for _ in range(ROUNDS):
        warm = await _ask_back(bench, talk, form)
        cold = await _anew(bench, talk, form, past)
        if warm.error is not None or _has(warm, talk.secret) or not _has(cold, talk.secret):
            return False
    return True


async def _anew(bench: Bench, talk: _Talk, form: _Form, past: Past | None) -> Said:
    """The same conversation computed anew: past the cache, or where that cannot be asked for,
    under another nonce."""
    if past is not None:
        return await _ask_back(bench, talk, form, past.fields())
    return await _ask_back(bench, _Talk(bench.nonce(), talk.secret, talk.said), form)


def _tell(secret: str) -> dict[str, Json]:
    return {"role": "user", "content": f"Remember this: the code word is {secret}."}


async def _cold(bench: Bench, secret: str, form: _Form) -> Said:
    return await _ask_back(bench, _Talk(bench.nonce(), secret, "OK."), form)


async def _ask_back(
    bench: Bench, talk: _Talk, form: _Form, extra: Mapping[str, Json] | None = None
) -> Said:
    turns = [
        _tell(talk.secret),
        {"role": "assistant", "content": talk.said},
        {"role": "user", "content": "What is the code word?"},
    ]
    return await _turn(bench, talk.nonce, form, turns, extra)


async def _turn(
    bench: Bench,
    nonce: str,
    form: _Form,
    turns: list[dict[str, Json]],
    extra: Mapping[str, Json] | None = None,
) -> Said:
    system = f"{nonce}\n{text_of(nonce, form.words)}"
    prompt = conversation(system, turns, bench.lengths.has_system)
    return await bench.ask(prompt, max_tokens=form.tokens, extra=extra)


def _has(said: Said, secret: str) -> bool:
    return secret in words_of(said)


def words_of(said: Said) -> set[str]:
    """In lower case: a secret within another word is not said."""
    return set(re.findall(r"\w+", said.text.lower()))
