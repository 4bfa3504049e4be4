"""With a real tokenizer: a marker that is one token is known by its id, its letters are text."""

import json
from collections.abc import Sequence

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.syntax import Syntax
from llmx.core.types import Delta, ReasoningDelta, TextDelta, ToolCalled
from tests.call_syntax import CALLS, SYNTAX, TOOLS, said
from tests.parsing import prepared

NAMES = sorted(FAMILIES)
CORPUS = ["I look it up in the city of Paris.", '{"name": "look", "arguments": {}}'] * 4


def tokenizer_of(family: str) -> Tokenizer:
    """A byte-level BPE that has the family's markers as added tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=sorted(FAMILIES[family].markers),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(CORPUS, trainer)
    return made


def bytewise(tokenizer: Tokenizer, text: str) -> list[int]:
    """The bytes of the text as one-byte tokens: no marker is among them."""
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    vocabulary = tokenizer.get_vocab()
    return [vocabulary[byte] for piece, _ in cut.pre_tokenize_str(text) for byte in piece]


def read(family: str, tokenizer: Tokenizer, ids: Sequence[int], size: int) -> list[Delta]:
    added = tokenizer.get_added_tokens_decoder()
    syntax = Syntax(
        lambda some: tokenizer.decode(some, skip_special_tokens=False),
        {number: token.content for number, token in added.items()},
        FAMILIES[family],
    )
    parser = syntax.parser(prepared(TOOLS))
    deltas = [d for at in range(0, len(ids), size) for d in parser.add(ids[at : at + size])]
    return deltas + parser.finish(is_cut=False)


def called(deltas: Sequence[Delta]) -> list[tuple[str, object]]:
    return [(one.name, json.loads(one.arguments)) for one in deltas if isinstance(one, ToolCalled)]


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_family_is_read_from_its_tokens(family: str, size: int) -> None:
    tokenizer = tokenizer_of(family)
    ids = tokenizer.encode(said(family, "Hm 😀.\n") + SYNTAX[family](CALLS[1:])).ids
    deltas = read(family, tokenizer, ids, size)
    assert called(deltas) == list(CALLS[1:])
    assert "".join(one.text for one in deltas if isinstance(one, TextDelta)) == "Hm 😀.\n"


@pytest.mark.parametrize("family", NAMES)
def test_the_letters_of_its_markers_are_text_in_an_argument(family: str) -> None:
    tokenizer = tokenizer_of(family)
    markers = " ".join(sorted(FAMILIES[family].markers))
    answer = SYNTAX[family]([("put", {"path": "p", "content": "HERE"})])
    before, _, after = answer.partition("HERE")
    spelled = bytewise(tokenizer, markers)  # none needs an escape where strings have some
    ids = tokenizer.encode(before).ids + spelled + tokenizer.encode(after).ids
    for size in (1, 10_000):
        deltas = read(family, tokenizer, ids, size)
        assert called(deltas) == [("put", {"path": "p", "content": markers})]


@pytest.mark.parametrize("family", NAMES)
def test_the_letters_of_its_markers_are_text_in_prose(family: str) -> None:
    tokenizer = tokenizer_of(family)
    block = SYNTAX[family]([("look", {"city": "Paris"})])
    deltas = read(family, tokenizer, bytewise(tokenizer, "A call: " + block), 1)
    assert called(deltas) == []
    assert "".join(one.text for one in deltas if isinstance(one, TextDelta)) == "A call: " + block


def test_harmony_tells_channels_by_their_tokens() -> None:
    tokenizer = tokenizer_of("harmony")
    answer = (
        "<|channel|>analysis<|message|>Hm: to=functions.now?<|end|>"
        "<|start|>assistant<|channel|>final<|message|>It is "
    )
    ids = tokenizer.encode(answer).ids + bytewise(tokenizer, "<|end|> now")
    deltas = read("harmony", tokenizer, ids, 1)
    assert "".join(d.text for d in deltas if isinstance(d, ReasoningDelta)) == (
        "Hm: to=functions.now?"
    )
    assert "".join(d.text for d in deltas if isinstance(d, TextDelta)) == "It is <|end|> now"
