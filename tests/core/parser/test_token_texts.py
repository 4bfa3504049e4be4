"""The bytes of single tokens, for the ways in which vocabularies spell them."""

from pathlib import Path

import pytest
from mlx_lm.tokenizer_utils import TokenizerWrapper
from tokenizers import Tokenizer, decoders, models
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from llmx.core.engine.loading import ModelTokenizer
from llmx.core.parser.token_texts import TokenTexts

TEXT = "Naïve — 🙃 ab  c\n\tשמש\x00"


def texts_of(tokenizer: PreTrainedTokenizerFast) -> TokenTexts:
    return ModelTokenizer(TokenizerWrapper(tokenizer)).texts()


def test_the_bytes_of_a_texts_tokens_join_to_the_text(demo: Path) -> None:
    """Byte-level BPE: also where a token is a part of a character."""
    tokenizer = AutoTokenizer.from_pretrained(demo)
    texts = texts_of(tokenizer)
    ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    raws = [texts.raw(one) for one in ids]
    assert b"".join(raws) == TEXT.encode()
    with pytest.raises(UnicodeDecodeError):  # or this text says nothing about parts of characters
        [raw.decode() for raw in raws]
    assert texts.raw(tokenizer.convert_tokens_to_ids("<|im_start|>")) == b"<|im_start|>"
    assert texts.raw(len(tokenizer) + 7) == b""


def test_a_sentencepiece_vocabulary_has_blanks_and_bytes_of_its_own() -> None:
    vocabulary = {"<unk>": 0, "▁the": 1, "cat": 2, "<0xE2>": 3, "<0x9>": 4}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[], byte_fallback=True))
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    texts = texts_of(PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="</s>"))
    assert [texts.raw(one) for one in range(6)] == [
        b"<unk>", b" the", b"cat", b"\xe2", b"<0x9>", b"</s>"
    ]  # fmt: skip


def test_an_added_token_is_spelled_as_it_reads() -> None:
    """It may hold what no table has."""
    texts = TokenTexts({0: "Ġa", 1: "日本"}.get, {2: "Ġ▁日"}, "byte_level")
    assert [texts.raw(one) for one in range(4)] == [b" a", "日本".encode(), "Ġ▁日".encode(), b""]
