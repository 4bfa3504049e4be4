"""Reasoning as a text that only this server can read, for clients that keep no plain one.

`encrypted_content` is a synthetic tag and the text encrypted under it: the tag is a keyed digest of
the text, the key stream a digest of key and tag, so that equal texts are sealed alike and nothing
of a damaged or foreign one is ever used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

_NAME = "llmx1."
_TAG = 16  # bytes
KEY = 32  # bytes


class Seal:
    """Without a key of its own it makes one, and what it sealed is read until the process ends."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or os.urandom(KEY)

    def seal(self, text: str) -> str:
        plain = text.encode("utf-8", "replace")
        tag = self._tag(plain)
        hidden = base64.urlsafe_b64encode(tag + self._mixed(plain, tag))
        return _NAME + hidden.decode("ascii")

    def unseal(self, sealed: str) -> str | None:
        """The text; None: it was not sealed here, or not with this key, or was changed since."""
        if not sealed.startswith(_NAME):
            return None
        try:
            raw = base64.b64decode(sealed.removeprefix(_NAME), altchars=b"-_", validate=True)
        except ValueError:
            return None
        tag, plain = raw[:_TAG], self._mixed(raw[_TAG:], raw[:_TAG])
        if not hmac.compare_digest(tag, self._tag(plain)):
            return None
        return plain.decode("utf-8")

    def _tag(self, plain: bytes) -> bytes:
        person = b"llmx-reasoning-1"
        return hashlib.blake2b(plain, digest_size=_TAG, key=self._key, person=person).digest()

    def _mixed(self, text: bytes, tag: bytes) -> bytes:
        stream = hashlib.shake_256(b"llmx" + self._key + tag).digest(len(text))
        mixed = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
        return mixed.to_bytes(len(text), "big")
