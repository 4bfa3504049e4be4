"""Where a text may be cut so that its parts tokenize to the tokens of the whole.

A tokenizer of the `tokenizers` library first splits the raw text at its added tokens, before it
normalizes or pre-tokenizes anything, and treats each piece between them by itself. So a cut
*before* such a token is exact: the second part begins with the token, as the whole goes on with it
there, and what follows is not the beginning of a text to anything that looks at that (Metaspace
with `prepend_scheme="first"`).

        …the end.<|im_end|>⏎ │ <|im_start|>user⏎hello<|im_end|>⏎
        tokens known         │ tokenized alone

It holds where

- the token is matched in the raw text (`normalized=False`: the others are matched in what a
  normalizer made of a piece), is no `single_word` (its left neighbour decides) and no `lstrip` (it
  takes blanks from the piece before it);
- the text is known for as far as the matcher looks ahead: it takes the leftmost longest token, so
  the length of the longest one and, for `single_word`, a character more;
- a piece's tokens depend on the piece only: no BPE dropout, no parts written in Python;
- nothing acts on the whole result: no truncation, no padding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tokenizers import Tokenizer as Backend


@dataclass(frozen=True, slots=True)
class Cutting:
    """The tokens before which a cut is exact, and how far the text must be known behind it."""

    contents: Mapping[int, str]  # token id -> its text; never empty
    reach: int  # characters


def cutting(backend: Backend) -> Cutting | None:
    """None where no cut can be shown to be exact."""
    if backend.truncation is not None or backend.padding is not None:
        return None
    if backend.encode_special_tokens or not _is_plain(backend):
        return None
    added = backend.get_added_tokens_decoder()
    contents = {
        id: token.content
        for id, token in added.items()
        if not (token.normalized or token.single_word or token.lstrip)
        and token.content
        and not token.content[0].isspace()
    }
    if not contents:
        return None
    return Cutting(contents, max(len(token.content) for token in added.values()) + 1)


def _is_plain(backend: Backend) -> bool:
    """Whether model, normalizer and pre-tokenizer are the library's, and deterministic."""
    if getattr(backend.model, "dropout", None):  # BPE only
        return False
    try:
        for part in (backend.normalizer, backend.pre_tokenizer):
            if part is not None:
                part.__getstate__()  # what is written in Python cannot be serialized
    except Exception:  # noqa: BLE001 - the library raises bare `Exception` here
        return False
    return True
