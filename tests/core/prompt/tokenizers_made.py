"""Small tokenizers of every family, and chat templates that treat contents in different ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram, WordPiece
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordPieceTrainer
from transformers import PreTrainedTokenizerFast

SPECIALS = ("<|im_start|>", "<|im_end|>", "<s>", "</s>")
ODD = (  # added tokens that other models have, and that a cut must not be fooled by
    AddedToken("<|im_end|>!", special=True, normalized=False),  # longer than one of the above
    AddedToken("peas<s>!", special=True, normalized=False),  # holds one, and begins before it
    AddedToken("<a<", special=True, normalized=False),  # overlaps the next
    AddedToken("<|b|>", special=True, normalized=False, rstrip=True),
    AddedToken("<|c|>", special=True, normalized=False, lstrip=True),
    AddedToken("word", special=False, normalized=False, single_word=True),
    AddedToken("<tool_call>", special=False, normalized=True),
)
LITERALS = (*SPECIALS, *(token.content for token in ODD))

_TEXTS = [
    "The garden in May grows peas and beans, and in June the first tomatoes.",
    "def look(where: str) -> None:\n    return {'where': where}\n",
    "user assistant system tool Hello hello HELLO  world\n\n12345",
    "caf\u00e9 cafe\u0301 \u6f22\u5b57",
] * 20


def _byte_level(add_prefix_space: bool) -> Tokenizer:
    made = Tokenizer(BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(_TEXTS, BpeTrainer(vocab_size=500, initial_alphabet=alphabet))
    return made


def _split_like_gpt() -> Tokenizer:
    made = Tokenizer(BPE())
    pattern = Regex(r" ?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(_TEXTS, BpeTrainer(vocab_size=500, initial_alphabet=alphabet))
    return made


def _metaspace(scheme: str) -> Tokenizer:
    made = Tokenizer(BPE(unk_token="<unk>", fuse_unk=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    made.train_from_iterator(_TEXTS, BpeTrainer(vocab_size=300, special_tokens=["<unk>"]))
    return made


def _prepending() -> Tokenizer:
    """As Llama 2: the normalizer puts a blank before each piece and no pre-tokenizer follows."""
    made = Tokenizer(BPE(unk_token="<unk>", fuse_unk=True))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    made.train_from_iterator(_TEXTS, BpeTrainer(vocab_size=300, special_tokens=["<unk>"]))
    return made


def _word_piece() -> Tokenizer:
    made = Tokenizer(WordPiece(unk_token="<unk>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Lowercase(), normalizers.Strip()]
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(_TEXTS, WordPieceTrainer(vocab_size=300, special_tokens=["<unk>"]))
    return made


def _unigram() -> Tokenizer:
    made = Tokenizer(Unigram())
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    trainer = UnigramTrainer(vocab_size=200, special_tokens=["<unk>"], unk_token="<unk>")
    made.train_from_iterator(_TEXTS, trainer)
    return made


MAKERS: dict[str, Callable[[], Tokenizer]] = {
    "byte-level": lambda: _byte_level(False),
    "byte-level with prefix space": lambda: _byte_level(True),
    "split by a pattern, NFC": _split_like_gpt,
    "metaspace first": lambda: _metaspace("first"),
    "metaspace always": lambda: _metaspace("always"),
    "metaspace never": lambda: _metaspace("never"),
    "prepending normalizer": _prepending,
    "word piece, lower case, strip": _word_piece,
    "unigram": _unigram,
}


def make(name: str, *, odd: bool = False) -> Any:
    """A fast tokenizer with the special tokens of a chat, and the odd ones if asked for."""
    backend = MAKERS[name]()
    backend.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIALS])
    if odd:
        backend.add_tokens([token for token in ODD if not token.special])
        backend.add_special_tokens([token for token in ODD if token.special])
    return wrapped(backend)


def wrapped(backend: Tokenizer) -> Any:
    made = PreTrainedTokenizerFast(tokenizer_object=backend, clean_up_tokenization_spaces=False)
    made.chat_template = TEMPLATES["chat"]
    return made


_TURN = (
    "<|im_start|>{{ m.role }}\n%s"
    "{%% if m.tool_calls %%}{%% for c in m.tool_calls %%}\n%s{%% endfor %%}{%% endif %%}"
    "<|im_end|>\n"
)
_CALL = "{{ c.function.name }}({{ c.function.arguments | tojson }})"
_LOOP = "{%% for m in messages %%}%s{%% endfor %%}<|im_start|>assistant\n"
_TOOLS = "{% if tools %}{% for t in tools %}{{ t | tojson }}\n{% endfor %}{% endif %}"
_THINKING = (
    "{%- set ns = namespace(last=0) -%}"
    "{%- for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}"
    "{% endfor -%}"
)

TEMPLATES = {
    "chat": _TOOLS + _LOOP % (_TURN % ("{{ m.content }}", _CALL)),
    "trimming": _TOOLS + _LOOP % (_TURN % ("{{ m.content | trim }}", _CALL)),
    "tools after the system prompt": _LOOP
    % (_TURN % ("{{ m.content }}{% if loop.first %}" + _TOOLS + "{% endif %}", _CALL)),
    "thinking is dropped from old turns": _THINKING
    + _LOOP
    % (
        _TURN
        % (
            "{% if m.role == 'assistant' and loop.index0 < ns.last %}"
            "{{ m.content.split('</think>')[-1] | trim }}{% else %}{{ m.content }}{% endif %}",
            _CALL,
        )
    ),
    "roles alternate": "{% for m in messages %}"
    "{% if m.role == 'system' and not loop.first %}{{ raise_exception('system first') }}{% endif %}"
    "{% if not loop.first and m.role == 'user' and messages[loop.index0 - 1].role == 'user' %}"
    "{{ raise_exception('alternate') }}{% endif %}"
    + _TURN % ("{{ m.content }}", _CALL)
    + "{% endfor %}<|im_start|>assistant\n",
    "counts": "{{ messages | length }} messages, {{ tools | length if tools else 0 }} tools\n"
    + _LOOP % (_TURN % ("{{ loop.index }}: {{ m.content }}", _CALL)),
    "newest first": "{% for m in messages | reverse %}"
    + _TURN % ("{{ m.content }}", _CALL)
    + "{% endfor %}",
    "names of calls are looked at": _LOOP
    % (_TURN % ("{{ m.content }}", "{{ c.function.name | length }} " + _CALL)),
}
