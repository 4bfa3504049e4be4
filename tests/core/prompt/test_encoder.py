"""Reused tokens are those of full tokenization, whatever the tokenizer and the text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from transformers import AutoTokenizer

from llmx.core.errors import RequestError
from llmx.core.index.tokens import pack
from llmx.core.prompt.cuts import cutting
from llmx.core.prompt.encoder import Encoded, Encoder
from llmx.core.prompt.memory import common_prefix
from llmx.fixtures import demo_model
from tests.core.prompt.tokenizers_made import LITERALS, MAKERS, SPECIALS, make, wrapped

NAMES = ("demo", *MAKERS, *(f"{name}, odd tokens" for name in MAKERS))

# What borders are made of: blanks, halves of combined characters, special tokens and parts of them.
PIECES = st.one_of(
    st.sampled_from((*SPECIALS, *LITERALS, "<tool_call>", "</tool_call>", "<think>")),
    st.sampled_from(("<|im_", "end|>", "<a", "b|>", "!", "words", "word", "<|im_end|")),
    st.sampled_from((" ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2581", "")),
    st.sampled_from(
        ("e", "\u0301", "\u00e9", "\u200d", "\U0001f331", "\U0001f468\u200d", "\u1100")
    ),
    st.sampled_from(
        ("Hello", " world", "HELLO", "peas and beans", "12345", "\u6f22\u5b57", "{'a': 1}")
    ),
    st.text(max_size=8).filter(lambda text: text.isprintable() or text.isspace()),
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@cache
def tokenizer(name: str) -> Any:
    if name == "demo":
        with demo_model() as folder:
            return AutoTokenizer.from_pretrained(folder)
    kind, _, odd = name.partition(", odd")
    return make(kind, odd=bool(odd))


@cache
def encoder(name: str) -> Encoder:
    return Encoder(tokenizer(name))


def check(name: str, text: str, encoded: Encoded) -> None:
    """`encoded` is what the tokenizer itself says of the whole text."""
    whole = tokenizer(name)(text, add_special_tokens=False, return_offsets_mapping=True)
    assert list(encoded.tokens) == whole["input_ids"]
    assert encoded.packed == pack(whole["input_ids"])
    assert list(encoded.ends) == [end for _, end in whole["offset_mapping"]]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(before=TEXTS, kept=st.floats(0, 1), after=TEXTS, then=TEXTS)
def test_a_text_that_goes_on_or_turns_off_has_the_tokens_of_full_tokenization(
    name: str, before: str, kept: float, after: str, then: str
) -> None:
    """Two steps, so that the reused part was itself put together from parts."""
    text, known = before, encoder(name).encode(before)
    check(name, text, known)
    for longer in (text[: round(kept * len(text))] + after, text + after + then):
        common = common_prefix(text, longer)
        text, known = longer, encoder(name).encode(longer, known, common)
        check(name, text, known)


@pytest.mark.parametrize("name", NAMES)
def test_a_growing_conversation_is_tokenized_where_it_is_new_only(name: str) -> None:
    text = "<|im_start|>system\nYou keep a garden. caf\u00e9 <tool_call> </think>" + "peas " * 500
    known = encoder(name).encode(text)
    for turn in range(20):
        new = f"  <|im_end|>\n<|im_start|>user\n {turn} word \u0301 <|im_end|>\n<|im_start|>x\n"
        longer = text + new
        known = encoder(name).encode(longer, known, len(text))
        check(name, longer, known)
        text = longer
        if turn:
            assert known.fresh <= 2 * len(new)  # the turn, and back to the last special token


@pytest.mark.parametrize("name", NAMES)
def test_every_length_of_a_common_beginning_is_exact(name: str) -> None:
    """The other text differs right after it: the worst that can follow a cut."""
    text = (
        "a<|im_start|>b <|im_end|>! c<a<|b|>  d  <|c|>word<|im_end|>e\u0301<s> peas<s>z</s>words<s>"
    )
    known = encoder(name).encode(text)
    for common in range(len(text)):
        for follows in ("", "!", " ", "\u0301", "|>", "word", "<s>"):
            other = text[:common] + follows
            shared = common_prefix(text, other)
            check(name, other, encoder(name).encode(other, known, shared))


def test_the_same_text_costs_its_last_turn_only(demo: Path) -> None:
    text = "<|im_start|>user\n" + "Hello " * 1000 + "<|im_end|>\n<|im_start|>assistant\n"
    once = Encoder(AutoTokenizer.from_pretrained(demo))
    again = once.encode(text, once.encode(text), len(text))
    assert again.tokens == once.encode(text).tokens
    assert again.fresh < 100


def _bpe(**model: Any) -> Tokenizer:
    made = Tokenizer(BPE(vocab={"a": 0, "b": 1, "ab": 2}, merges=[("a", "b")], **model))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens([AddedToken("<s>", special=True, normalized=False)])
    return made


def test_reuse_is_off_where_a_cut_cannot_be_shown_to_be_exact() -> None:
    assert cutting(_bpe()) is not None
    assert cutting(_bpe(dropout=0.5)) is None

    shortening = _bpe()
    shortening.enable_truncation(4)
    assert cutting(shortening) is None

    padding = _bpe()
    padding.enable_padding(length=4)
    assert cutting(padding) is None

    as_text = _bpe()
    as_text.encode_special_tokens = True
    assert cutting(as_text) is None

    class OwnCode:
        def pre_tokenize(self, pretokenized: Any) -> None:
            """Leaves the text in one piece."""

    in_python = _bpe()
    in_python.pre_tokenizer = pre_tokenizers.PreTokenizer.custom(OwnCode())  # pyright: ignore
    assert cutting(in_python) is None


@pytest.mark.parametrize(
    "token",
    [
        AddedToken("<s>", normalized=True),
        AddedToken("<s>", normalized=False, lstrip=True),
        AddedToken("<s>", normalized=False, single_word=True),
        AddedToken(" <s>", normalized=False),
    ],
)
def test_no_text_is_cut_at_a_token_that_its_surroundings_change(token: AddedToken) -> None:
    made = Tokenizer(BPE(vocab={"a": 0}, merges=[]))
    made.add_tokens([token])
    assert cutting(made) is None


def test_a_tokenizer_without_a_library_is_called_as_a_whole() -> None:
    class InPython:
        is_fast = False

        def __call__(self, text: str, **kwargs: Any) -> dict[str, Any]:
            return {"input_ids": list(text.encode())}

    own = Encoder(InPython())
    encoded = own.encode("ab\u00e9", own.encode("ab"), 2)
    assert encoded.tokens == (97, 98, 195, 169)
    assert (len(encoded.ends), encoded.fresh, own.reuses) == (0, 3, False)


def test_a_tokenizer_whose_library_says_something_else_is_called_as_a_whole() -> None:
    inner = wrapped(_bpe())

    class Lowering:
        is_fast = True
        backend_tokenizer = inner.backend_tokenizer

        def __call__(self, text: str, **kwargs: Any) -> Any:
            return inner(text.lower().replace("h", "a"), **kwargs)

    own = Encoder(Lowering())
    assert not own.reuses
    assert list(own.encode("H").tokens) == [0]


def test_text_that_the_tokenizer_cannot_read_is_a_request_error() -> None:
    with pytest.raises(RequestError, match="tokenizer cannot read") as refused:
        encoder("demo").encode("a\ud800b")
    assert refused.value.param == "messages"
