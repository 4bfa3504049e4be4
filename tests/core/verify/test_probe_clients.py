"""I1 of keys and fields: told where nothing is promised, a fault where it is."""

from __future__ import annotations

from typing import Any

import pytest

from llmx.core.verify.result import Probe, Result
from tests.core.verify.fakes import Fake
from tests.core.verify.test_session import SLOW_S, verify


def asked(**traits: Any) -> tuple[Result, Probe]:
    result = verify(Fake(prefill_s=SLOW_S, **traits), only=("I1",))
    return result, result.probes[-1]


def clients(probe: Probe) -> object:
    return probe.evidence["clients"]


def test_keys_that_our_server_keeps_apart_pass() -> None:
    _, probe = asked(bypass=True, separates=("cache_salt", "key"))
    assert probe.status == "pass", probe
    assert clients(probe) == {"prompt_cache_key": True, "user": True, "API keys": False}
    assert probe.why.endswith("shared across user; kept apart by API keys")


def test_keys_that_it_does_not_keep_apart_are_a_leak() -> None:
    result, probe = asked(bypass=True, separates=("cache_salt",))
    assert (probe.status, result.verdict) == ("fail", "LEAK"), probe
    assert "across two API keys" in probe.why


@pytest.mark.parametrize("separates", [(), ("key",), ("user", "prompt_cache_key")])
def test_of_others_it_is_told_and_no_fault(separates: tuple[str, ...]) -> None:
    """A server that promises nothing; that it takes a salt and ignores it is asked of it here."""
    _, probe = asked(separates=("cache_salt", *separates))
    assert probe.status == "pass", probe
    told = {"prompt_cache_key": True, "user": True, "API keys": True}
    names = ["API keys" if one == "key" else one for one in separates]
    assert clients(probe) == {**told, **dict.fromkeys(names, False)}


def test_a_server_that_lets_no_made_up_key_in_is_not_asked_further() -> None:
    result, probe = asked(separates=("cache_salt",), api_key="right")
    assert (probe.status, result.basis.died) == ("pass", None), probe
    assert probe.why.endswith("not known across API keys")
