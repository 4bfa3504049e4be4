"""Who may share cached state with whom: the namespace of a request, and what may be shown of it.

A namespace is a digest, so that neither a salt nor a key is kept anywhere. Only a short piece of it
is ever shown (`shown`). Equal salt and equal keys give the same namespace, after a restart too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

DEFAULT = ""  # of requests that ask for no separation
SHOWN = 12  # hexadecimal digits: 48 bits tell the namespaces of one server apart
MAX_SALT = 1024  # characters


def namespace(salt: str | None, keys: Iterable[bytes] = ()) -> str:
    """`DEFAULT` without a salt and a key, else 32 hexadecimal digits.

    `keys` are all API keys that came with the request, in any order. Who sends two keys shares with
    nobody who sends one of them.
    """
    digests = sorted({hashlib.sha256(key).digest() for key in keys})
    if salt is None and not digests:
        return DEFAULT
    state = hashlib.blake2b(digest_size=16, person=b"llmx-namespace-1")
    for part in (None if salt is None else salt.encode("utf-8"), *digests):
        # Each part is preceded by its length, so that no two lists of parts are one text.
        state.update(b"-" if part is None else b"%d:" % len(part) + part)
    return state.hexdigest()


def shown(namespace: str) -> str:
    """What people may see of a namespace."""
    return namespace[:SHOWN] if namespace else "default"
