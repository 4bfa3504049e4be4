"""Trains the demo model's byte-level BPE tokenizer on this project's own text.

    python -m tools.demo_model.train_tokenizer

Reads synthetic conversations, the documents and the agent workload, and writes
`fixtures/demo-model/tokenizer.json`. It is to be run once, for the weights that are trained with
it: the one in git is of an earlier text and belongs to the seeded noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from tools.demo_model.batches import STAGES, plan
from tools.demo_model.conversations import Writer
from tools.demo_model.rendering import pieces

ROOT = Path(__file__).parents[2]
VOCABULARY = 4096
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKERS = [
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
]  # fmt: skip
CONVERSATIONS = 6_000
AGENT = 60  # times that the agent's prompt counts: it is to leave room in 16,384 tokens
# Words with the space before them (camelCase is several), two digits, runs of marks, line ends,
# spaces.
WORDS = (
    r" ?\p{Lu}?\p{Ll}+| ?\p{Lu}+(?!\p{Ll})| ?\p{L}+|\p{N}{1,2}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def corpus() -> Iterator[str]:
    for pattern, times in (("*.md", 1), ("docs/*.md", 1), ("fixtures/agent/*", AGENT)):
        for path in sorted(ROOT.glob(pattern)):
            yield from [path.read_text("utf-8")] * times
    rng = Random(0)
    for _ in range(CONVERSATIONS):
        conversation = Writer(plan(STAGES[2], rng), rng).write()
        yield "".join(text for text, _ in pieces(conversation))


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
