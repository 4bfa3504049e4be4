"""URLs as people type them."""

from __future__ import annotations

import pytest

from llmx.core.client.target import parse_target
from llmx.core.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("localhost:8081/v1", "http://localhost:8081"),
        (" http://localhost:8081/v1/ ", "http://localhost:8081"),
        ("http://localhost:1234/v1/chat/completions", "http://localhost:1234"),
        ("http://localhost:1234/v1/messages", "http://localhost:1234"),
        ("http://localhost:1234/v1/responses/", "http://localhost:1234"),
        ("https://example.org/llm/v1", "https://example.org/llm"),
        ("[::1]:8081", "http://[::1]:8081"),
        ("example.org/v1beta", "http://example.org/v1beta"),
    ],
)
def test_scheme_v1_and_slashes_may_be_there_or_not(typed: str, base: str) -> None:
    target = parse_target(typed)
    assert target.base == base
    assert target.url("/v1/models") == f"{base}/v1/models"


def test_the_port_is_the_schemes_unless_named() -> None:
    assert [parse_target(url).port for url in ("a", "https://a", "a:1")] == [80, 443, 1]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "names no host"),
        ("http://", "names no host"),
        ("http:///v1", "names no host"),
        ("ftp://a", "scheme 'ftp'"),
        ("http://a:99999", "is no URL"),
        ("http://a:b", "is no URL"),
        ("http://[::1", "is no URL"),
        ("http://a b", "host"),
        ("xn--zzzz", "is no URL"),
        ("http://me:secret@a", "user"),
        ("http://a/v1?key=1", "query"),
    ],
)
def test_what_is_no_server_is_said_with_what_is_wanted(typed: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as raised:
        parse_target(typed)
    assert "wanted something like http://127.0.0.1:8081" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["localhost", "127.9.9.9:1", "[::1]:2", "0.0.0.0:8081"])
def test_this_machine_is_loopback(url: str) -> None:
    assert parse_target(url).is_loopback


@pytest.mark.parametrize("url", ["192.168.1.7:8081", "example.org", "localhost.example.org"])
def test_everything_else_may_be_another_machine(url: str) -> None:
    assert not parse_target(url).is_loopback
