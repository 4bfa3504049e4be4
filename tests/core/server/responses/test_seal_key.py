"""The key beside a store: made once, the same for all, and for nobody else to read."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llmx.core.errors import ConfigError
from llmx.core.server.responses.seal_key import seal_key
from llmx.core.wire.responses.compaction import Compactor
from llmx.core.wire.responses.sealed import KEY, Seal


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    store = tmp_path / "new" / "responses.sqlite"
    key = seal_key(store)
    assert len(key) == KEY
    assert seal_key(store) == key
    assert seal_key(tmp_path / "other.sqlite") != key
    assert [path.name for path in store.parent.iterdir()] == ["responses.sqlite.key"]
    if sys.platform != "win32":
        assert stat.S_IMODE(next(store.parent.iterdir()).stat().st_mode) == 0o600


def test_servers_that_begin_at_once_get_the_same(tmp_path: Path) -> None:
    store = tmp_path / "responses.sqlite"
    with ThreadPoolExecutor(8) as pool:
        assert len({*pool.map(seal_key, [store] * 8)}) == 1


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match=r"a\.key has 5 bytes, wanted 32"):
        seal_key(tmp_path / "a")
    (tmp_path / "b.key").mkdir()
    with pytest.raises(ConfigError, match=r"b\.key"):
        seal_key(tmp_path / "b")


def test_a_compaction_is_read_after_a_restart(tmp_path: Path) -> None:
    before, after = (Compactor(Seal(seal_key(tmp_path / "a"))) for _ in range(2))
    item = before.item("Peas were sown.")
    (told,) = list(after.expand(item) or [])
    assert told["content"][0]["text"].endswith("Peas were sown.")
    assert Compactor(Seal()).expand(item) is None
    assert list(before.expand(before.item("")) or ()) == []


def test_sealed_reasoning_is_no_compaction() -> None:
    seal = Seal()
    for text in ("Hm", '"compaction"', '{"other": "x"}', '{"compaction": 5}', "[" * 5000):
        item = {"type": "compaction", "id": "cmp_1", "encrypted_content": seal.seal(text)}
        assert Compactor(seal).expand(item) is None
