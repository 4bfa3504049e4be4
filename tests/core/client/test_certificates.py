"""A server that signed its own certificate can be asked, and who cannot ask it is told how."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import reason_of
from llmx.core.errors import ConfigError

OURS = "https://127.0.0.1:9"


def test_a_certificate_that_nobody_knows_is_named_with_the_way_to_trust_it() -> None:
    cause = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] x")
    cause.verify_message = "self-signed certificate"
    wrapped = httpx.ConnectError("x")
    wrapped.__cause__ = cause
    said = reason_of(wrapped)
    assert said.startswith("TLS: its certificate: self-signed certificate")
    assert "SSL_CERT_FILE" in said


@pytest.mark.parametrize("holds", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_a_wrong_setting(
    holds: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On this machine it was not looked at before, and elsewhere it was a traceback."""
    file = tmp_path / "cert.pem"
    if holds is not None:
        file.write_text(holds, "utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigError, match="SSL_CERT_FILE cannot be read"):
        ChatClient(OURS)
    ChatClient("http://127.0.0.1:9")  # needs none
