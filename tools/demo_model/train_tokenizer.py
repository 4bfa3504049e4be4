"""Trains the demo model's byte-level BPE tokenizer on this project's own text.

    python tools/demo_model/train_tokenizer.py

Reads the documents and the agent workload, writes `fixtures/demo-model/tokenizer.json`.
The result is in git: the documents move on, the tokenizer stays until the model is trained anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

ROOT = Path(__file__).parents[2]
VOCABULARY = 4096
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKERS = [
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
]  # fmt: skip
# Words with the space before them, digits one by one, runs of marks, line ends, spaces.
WORDS = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def corpus() -> Iterator[str]:
    for pattern in ("*.md", "docs/*.md", "fixtures/agent/*"):
        for path in sorted(ROOT.glob(pattern)):
            yield path.read_text("utf-8")


def train(texts: Iterator[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKERS),
        min_frequency=1,  # the corpus is small
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(MARKERS)  # not special: a tool call stays visible as text
    return tokenizer


if __name__ == "__main__":
    target = ROOT / "fixtures" / "demo-model" / "tokenizer.json"
    tokenizer = train(corpus())
    tokenizer.save(str(target))
    print(f"{target.relative_to(ROOT)}: {tokenizer.get_vocab_size()} tokens")
