"""Probe C1: eight conversations interleaved, each with a secret of its own, asked back.

A model that cannot say a word back that it was told is no use here: tried first, on prompts that
nobody has seen. What a warm answer lacks is asked once more, cold, before anything is called wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.prompts import conversation, text_of

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


async def run(bench: Bench) -> Outcome:
    secrets = bench.rng.sample(SECRETS, CONVERSATIONS + TRIED)
    cold: list[Said] = []
    for form in FORMS:
        cold = [await _cold(bench, secret, form) for secret in secrets[:TRIED]]
        if all(_has(said, secret) for said, secret in zip(cold, secrets, strict=False)):
            return await _interleave(bench, secrets[TRIED:], form)
    said = cold[-1].text.strip() or cold[-1].error or ""
    why = "on prompts never seen the model does not say back a word that it was told"
    return C1.skipped(f"{why}, so nothing can be concluded", asked=secrets[0], said=said[:80])


async def _interleave(bench: Bench, secrets: list[str], form: _Form) -> Outcome:
    talks: list[_Talk] = []
    for secret in secrets:
        nonce = bench.nonce()
        said = await _turn(bench, nonce, form, [_tell(secret)])
        text = said.reply.text if said.reply is not None else ""
        talks.append(_Talk(nonce, secret, text.strip() or "OK."))
    rows: list[Json] = []
    found: list[Outcome] = []
    unclear = 0
    for talk in talks:
        said = await _ask_back(bench, talk, form)
        rows.append({"secret": talk.secret, "said": said.text.strip()[:80], "error": said.error})
        if _has(said, talk.secret):
            continue
        wrong = await _wrong(bench, talk, said, secrets, form)
        if wrong is None:
            unclear += 1
        else:
            found.append(wrong)
    if found:
        return found[0]
    right = len(talks) - unclear
    if unclear * 2 > len(talks):
        why = f"only {right} of {len(talks)} secrets came back, and no more on prompts never seen"
        return C1.unsure(why, conversations=rows)
    return C1.passed(
        f"{right} of {len(talks)} secrets came back, none in another conversation"
        + (f" ({unclear} were not said cold either)" if unclear else ""),
        conversations=rows,
    )


async def _wrong(
    bench: Bench, talk: _Talk, said: Said, secrets: list[str], form: _Form
) -> Outcome | None:
    """Nothing, where the same conversation under another nonce, cold, has no better answer, or
    the same one asked again is right."""
    twin = await _ask_back(bench, _Talk(bench.nonce(), talk.secret, talk.said), form)
    if not _has(twin, talk.secret):
        return None
    again = await _ask_back(bench, talk, form)
    if _has(again, talk.secret):
        others = [one for one in secrets if one != talk.secret and _has(said, one)]
        if not others:
            return None
    else:
        others = [
            one for one in secrets if one != talk.secret and (_has(said, one) or _has(again, one))
        ]
    evidence: dict[str, Json] = {
        "secret": talk.secret,
        "warm": [said.text.strip()[:80], again.text.strip()[:80]],
        "cold": twin.text.strip()[:80],
    }
    if others:
        why = f"a conversation about {talk.secret!r} was answered with {others[0]!r}, another's"
        return C1.failed(f"{why} secret", fault="STALE", **evidence)
    warm = said.text.strip()[:40] or said.error or "nothing"
    why = f"asked for {talk.secret!r} a known conversation gets {warm!r}"
    return C1.failed(
        f"{why}, and the same one never seen the right word", fault="CORRUPT", **evidence
    )


def _tell(secret: str) -> dict[str, Json]:
    return {"role": "user", "content": f"Remember this: the code word is {secret}."}


async def _cold(bench: Bench, secret: str, form: _Form) -> Said:
    return await _ask_back(bench, _Talk(bench.nonce(), secret, "OK."), form)


async def _ask_back(bench: Bench, talk: _Talk, form: _Form) -> Said:
    turns = [
        _tell(talk.secret),
        {"role": "assistant", "content": talk.said},
        {"role": "user", "content": "What is the code word?"},
    ]
    return await _turn(bench, talk.nonce, form, turns)


async def _turn(bench: Bench, nonce: str, form: _Form, turns: list[dict[str, Json]]) -> Said:
    system = f"{nonce}\n{text_of(nonce, form.words)}"
    prompt = conversation(system, turns, bench.lengths.has_system)
    return await bench.ask(prompt, max_tokens=form.tokens)


def _has(said: Said, secret: str) -> bool:
    return secret in words_of(said)


def words_of(said: Said) -> set[str]:
    """In lower case: a secret within another word is not said."""
    return set(re.findall(r"\w+", said.text.lower()))
