"""Text to tokens, by the tokenizer's own library; what is known of a text's beginning is reused."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tokenizers import Encoding
from tokenizers import Tokenizer as Backend

from llmx.core.errors import RequestError
from llmx.core.prompt.cuts import Cutting, cutting

_INTEGER_BYTES = 4
_POINTER_BYTES = 8

# Texts on which the library must give the tokens of the whole tokenizer, and a cut those of the
# uncut text, or neither is used. `@` stands for a token at which the text may be cut.
_SAMPLES = (
    "@system\nYou are here.@\n@user\n  Hello,  world! \n@",
    "@@ a\t@  \u00e9e\u0301 \u6f22\U0001f331@ 12345@\r\n@",
    "Plain  text\n\n with 'quotes' and __init__(self):\n",
)


class Tokenizer(Protocol):
    """What is used of a Hugging Face tokenizer (`transformers.PreTrainedTokenizerBase`).

    A fast one has its library's tokenizer as `backend_tokenizer`; one without is used as it is.
    """

    is_fast: bool

    def __call__(self, text: str, **kwargs: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """The tokens of a text. Places are in characters of the text."""

    tokens: tuple[int, ...]
    packed: bytes  # the same as native 32-bit integers
    ends: array[int]  # where each token ends; empty: the tokenizer does not tell
    cut_places: array[int]  # ascending: the text may be cut before these characters,
    cut_tokens: array[int]  # which are the beginnings of these tokens (indices)
    fresh: int  # characters that had to be tokenized for it

    @property
    def nbytes(self) -> int:
        """The numbers themselves are shared between all texts, see `Encoder`."""
        integers = len(self.ends) + len(self.cut_places) + len(self.cut_tokens)
        return len(self.packed) + _POINTER_BYTES * len(self.tokens) + _INTEGER_BYTES * integers


class Encoder:
    """Thread-safe: it changes nothing of the tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._numbers: dict[int, int] = {}  # one object per token id: 8 bytes a token, not 36
        self._cutting: Cutting | None = None
        # Tokenizers written in Python have no such attribute.
        backend: Backend | None = getattr(tokenizer, "backend_tokenizer", None)
        self._backend = backend if backend is not None and self._agrees(backend) else None
        if self._backend is not None:
            self._cutting = cutting(self._backend)
            if not self._cuts_are_exact():
                self._cutting = None

    @property
    def reuses(self) -> bool:
        """Whether tokens of a known beginning can be reused with this tokenizer."""
        return self._cutting is not None

    def encode(self, text: str, known: Encoded | None = None, common: int = 0) -> Encoded:
        """The tokens of `text`, whose first `common` characters are those of `known`'s text.

        Raises `RequestError` for a text that the tokenizer does not take.
        """
        try:
            if known is not None and (longer := self._continued(text, known, common)) is not None:
                return longer
            return self._encode(text)
        except Exception as error:
            raise _unreadable(error) from error

    def cut_texts(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The texts of those of the tokens before which a cut is exact."""
        contents = {} if self._cutting is None else self._cutting.contents
        return tuple(contents[id] for id in ids if id in contents)

    def extend(self, known: Encoded, ids: tuple[int, ...], text: str, place: int) -> Encoded | None:
        """The tokens of `known`, then `ids`, whatever their text, then those of `text[place:]`.

        A cut before `place` must be exact: None where it is not. Raises as `encode`.
        """
        if self._backend is None or self._cutting is None:
            return None
        try:
            rest = self._backend.encode(text[place:], add_special_tokens=False)
        except Exception as error:
            raise _unreadable(error) from error
        if not rest.ids or rest.ids[0] not in self._cutting.contents:
            return None
        ids = self._shared(ids)
        longer = Encoded(
            known.tokens + ids,
            known.packed + array("i", ids).tobytes(),
            known.ends + array("i", [place]) * len(ids),
            known.cut_places,
            known.cut_tokens,
            fresh=0,
        )
        return self._joined(longer, len(longer.tokens), place, text, rest)

    def _encode(self, text: str) -> Encoded:
        if self._backend is not None:
            return self._joined(
                None, 0, 0, text, self._backend.encode(text, add_special_tokens=False)
            )
        fast = self._tokenizer.is_fast
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=fast)
        ends = (end for _, end in encoded["offset_mapping"]) if fast else ()
        tokens = self._shared(encoded["input_ids"])
        return Encoded(
            tokens,
            array("i", tokens).tobytes(),
            array("i", ends),
            array("i"),
            array("i"),
            len(text),
        )

    def _continued(self, text: str, known: Encoded, common: int) -> Encoded | None:
        """`text` cut at the last exact place in what is common; None where there is none."""
        if self._backend is None or self._cutting is None:
            return None
        cut = bisect_right(known.cut_places, common - self._cutting.reach) - 1
        if cut < 0:
            return None
        place, token = known.cut_places[cut], known.cut_tokens[cut]
        if token == 0:
            return None
        rest = self._backend.encode(text[place:], add_special_tokens=False)
        longer = self._joined(known, token, place, text, rest)
        # The rest begins with the token that stood there; anything else disproves the cut.
        return (
            longer if longer.tokens[token : token + 1] == known.tokens[token : token + 1] else None
        )

    def _joined(
        self, known: Encoded | None, token: int, place: int, text: str, rest: Encoding
    ) -> Encoded:
        """The first `token` tokens of `known`, then `rest`, which begins at `place` in `text`."""
        ids, offsets = self._shared(rest.ids), rest.offsets
        ends = array("i", [end + place for _, end in offsets])
        places, tokens = array("i"), array("i")
        if self._cutting is not None:
            contents = self._cutting.contents
            for index, id in enumerate(ids):
                if id in contents:
                    start = offsets[index][0] + place
                    if text.startswith(contents[id], start):
                        places.append(start)
                        tokens.append(token + index)
        packed = array("i", ids).tobytes()
        if known is not None:
            cut = bisect_right(known.cut_places, place - 1)
            ids = known.tokens[:token] + ids
            packed = known.packed[: token * _INTEGER_BYTES] + packed
            ends = known.ends[:token] + ends
            places = known.cut_places[:cut] + places
            tokens = known.cut_tokens[:cut] + tokens
        return Encoded(ids, packed, ends, places, tokens, len(text) - place)

    def _shared(self, ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(map(self._numbers.setdefault, ids, ids))

    # ── proofs by example, once ───────────────────────────────────────────────────────────────

    def _agrees(self, backend: Backend) -> bool:
        """Whether the library alone gives what the whole tokenizer gives."""
        if not self._tokenizer.is_fast:
            return False
        # The first call of the whole sets truncation and padding aside in the library's part.
        wanted = [self._tokenizer(text, add_special_tokens=False)["input_ids"] for text in _SAMPLES]
        if backend.truncation is not None or backend.padding is not None:
            return False
        return wanted == [backend.encode(text, add_special_tokens=False).ids for text in _SAMPLES]

    def _cuts_are_exact(self) -> bool:
        if self._cutting is None:
            return False
        for content in list(self._cutting.contents.values())[:8]:
            for sample in _SAMPLES:
                text = sample.replace("@", content)
                whole = self._encode(text)
                for common in range(0, len(text), 7):
                    cut = self._continued(text, whole, common)
                    if cut is not None and (cut.tokens, cut.ends) != (whole.tokens, whole.ends):
                        return False
        return True


def _unreadable(error: Exception) -> RequestError:
    return RequestError(
        f"The model's tokenizer cannot read this conversation: {type(error).__name__}: {error}",
        param="messages",
    )
