"""The detokenizer hands out exactly the text of all ids, early, at a cost that does not grow."""

import itertools
from collections.abc import Sequence
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from llmx.core.parser.detokenize import REPLACEMENT, Detokenizer

CORPUS = ["the cat sat on the mat, naïve façade 😀😀 日本語 日本", "def f(x):\n    return x\n"] * 4


@pytest.fixture(scope="module", params=["small", "demo"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    """Byte-level BPEs: every byte is a token, some tokens end inside a character."""
    if request.param == "demo":
        file = files("llmx.fixtures").joinpath("demo-model/tokenizer.json")
        return Tokenizer.from_str(file.read_text("utf-8"))
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(CORPUS, trainer)
    return made


def play(tokenizer: Tokenizer, ids: Sequence[int], cuts: Sequence[int] = ()) -> list[str]:
    """The pieces for the ids, given one by one or cut at the given places."""
    detokenizer = Detokenizer(tokenizer.decode)
    places = [0, *sorted(cuts), len(ids)] if cuts else list(range(len(ids) + 1))
    pieces = [detokenizer.add(ids[a:b]) for a, b in itertools.pairwise(places)]
    return [*pieces, detokenizer.finish()]


@given(text=st.text(max_size=60))
def test_the_pieces_of_any_text_join_to_that_text(tokenizer: Tokenizer, text: str) -> None:
    assert "".join(play(tokenizer, tokenizer.encode(text).ids)) == text


@given(data=st.data())
def test_the_pieces_of_any_ids_in_any_cuts_join_to_their_decoding(
    tokenizer: Tokenizer, data: st.DataObject
) -> None:
    """Ids as a random model emits them: broken characters and special tokens at any place."""
    last = tokenizer.get_vocab_size() - 1
    ids = data.draw(st.lists(st.integers(0, last) | st.integers(0, 300), max_size=80))
    cuts = data.draw(st.lists(st.integers(0, len(ids)), max_size=10))
    whole = tokenizer.decode(ids)
    assert "".join(play(tokenizer, ids)) == whole
    assert "".join(play(tokenizer, ids, cuts)) == whole


def test_a_character_that_spans_tokens_comes_with_its_last_token(tokenizer: Tokenizer) -> None:
    ids = bytewise(tokenizer, "🙃")
    assert play(tokenizer, ids) == ["", "", "", "🙃", ""]


def test_text_before_an_incomplete_character_is_not_held_back(tokenizer: Tokenizer) -> None:
    ids = bytewise(tokenizer, "ab🙃")
    assert play(tokenizer, ids, cuts=[4]) == ["ab", "🙃", ""]  # 2 letters + 2 of 4 bytes, the rest


def test_an_answer_that_ends_inside_a_character_ends_with_the_replacement_mark(
    tokenizer: Tokenizer,
) -> None:
    ids = bytewise(tokenizer, "a🙃")[:-1]
    assert play(tokenizer, ids) == ["a", "", "", "", REPLACEMENT]


@pytest.mark.parametrize("text", ["the cat sat on the mat " * 200, "🙃", "\xff"])
def test_the_window_that_is_decoded_stays_short(tokenizer: Tokenizer, text: str) -> None:
    """Plain text, characters in pieces, and one broken byte for ever."""
    ids = bytewise(tokenizer, text)
    if text == "\xff":
        ids = ids[:1]
    ids = (ids * 2000)[:2000]
    longest = 0

    def decode(window: Sequence[int]) -> str:
        nonlocal longest
        longest = max(longest, len(window))
        return tokenizer.decode(window)

    detokenizer = Detokenizer(decode)
    pieces = [detokenizer.add([one]) for one in ids]
    assert "".join([*pieces, detokenizer.finish()]) == tokenizer.decode(ids)
    assert longest <= 33  # 2 * 16 tokens of a broken tail, and the new one


def test_a_decoder_that_drops_the_first_blank_loses_no_blank_in_the_middle() -> None:
    """As SentencePiece does: the same id is "to" at the start and " to" after it."""
    words = {0: "▁to", 1: "▁be", 2: ""}

    def decode(ids: Sequence[int]) -> str:
        return "".join(words[one] for one in ids).replace("▁", " ").removeprefix(" ")

    detokenizer = Detokenizer(decode)
    pieces = [detokenizer.add([one]) for one in (2, 0, 2, 1, 2, 2, 0)]
    assert pieces == ["", "to", "", " be", "", "", " to"]


def bytewise(tokenizer: Tokenizer, text: str) -> list[int]:
    """The bytes of the text as one-byte tokens."""
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    vocabulary = tokenizer.get_vocab()
    return [vocabulary[byte] for piece, _ in cut.pre_tokenize_str(text) for byte in piece]
