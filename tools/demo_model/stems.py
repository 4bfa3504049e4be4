"""What tokens have in common: the word in ` Paris`, `Paris` and `paris`."""

from __future__ import annotations

from tokenizers import Tokenizer


def stems_and_shapes(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """For each token the number of its stem and of its shape (see `network`)."""
    stems: dict[str, int] = {}
    shapes: dict[tuple[bool, str], int] = {}
    stem_of: list[int] = []
    shape_of: list[int] = []
    added = set(tokenizer.get_added_tokens_decoder())
    for token in range(tokenizer.get_vocab_size()):
        # In the alphabet of bytes, where Ġ is a space.
        text = tokenizer.id_to_token(token) or ""
        bare = text if token in added else text.removeprefix("Ġ")
        stem = text if token in added or not bare else bare.lower()
        shape = (bare != text, _capitals(bare))
        stem_of.append(stems.setdefault(stem, len(stems)))
        shape_of.append(shapes.setdefault(shape, len(shapes)))
    return stem_of, shape_of


def _capitals(text: str) -> str:
    if not text.isascii() or not text.isalpha():
        return "none"
    if text.islower():
        return "lower"
    if text[:1].isupper() and (len(text) == 1 or text[1:].islower()):
        return "title"
    return "upper" if text.isupper() else "mixed"
