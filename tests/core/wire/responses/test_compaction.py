"""A compaction is read by who has the key it was sealed with, and nothing else is taken for one."""

from __future__ import annotations

from llmx.core.wire.responses.compaction import Compactor
from llmx.core.wire.responses.sealed import KEY, Seal


def test_a_compaction_is_read_with_its_key() -> None:
    before, after = (Compactor(Seal(b"k" * KEY)) for _ in range(2))
    item = before.item("Peas were sown.")
    (told,) = list(after.expand(item) or [])
    assert (told["type"], told["role"]) == ("message", "assistant")
    assert told["content"][0]["text"].endswith("Peas were sown.")
    assert Compactor(Seal()).expand(item) is None
    assert list(before.expand(before.item("")) or ()) == []  # there was nothing to say


def test_sealed_reasoning_is_no_compaction() -> None:
    seal = Seal()
    for text in ("Hm", '"compaction"', '{"other": "x"}', '{"compaction": 5}', "[" * 5000):
        item = {"type": "compaction", "id": "cmp_1", "encrypted_content": seal.seal(text)}
        assert Compactor(seal).expand(item) is None
