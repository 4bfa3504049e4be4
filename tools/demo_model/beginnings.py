# pyright: reportMissingImports=false
"""Where the weights start: with heads that look back, heads that copy and heads that search.

What this model is for needs two circuits. *Induction* (the term is of Olsson et al., 2022): find
where the present token stood before, and say what came after it. *Search*: find the tool whose
declaration shares telling words with what the user asked. Small transformers find such circuits by
themselves, but late. Here their rough forms are built in, and then trained like everything else.

- All embeddings share a constant direction, so that a head can attend by distance alone, and have
  one whose length is how much the token tells of a tool.
- First layer: heads 0 to 2 look one, two and three tokens back and write down what they see. Head 3
  writes down the telling words among the last forty tokens or so.
- Last layer: heads 0 and 1 compare what stood before each key with the present token (head 0 also
  with the one before it) and copy the token at the key. Head 2 compares the telling words around
  each begin of a name with those around the present token, and copies the name's first token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.demo_model.batches import STAGES, plan
from tools.demo_model.conversations import Writer
from tools.demo_model.network import Network
from tools.demo_model.stems import stems_and_shapes

CONSTANT = 2.0  # length of the shared direction in an embedding, whose rest is about 6 long
TELLING = 2.5  # length of the direction of telling, for what tells all
COMMON, RARE = 0.12, 0.002  # shares of all tools that have a word: tells nothing, tells all
LOOKING = 3  # heads that look back
PEAK = 1.5  # of the attention by distance
NOTE = 0.5  # what they write, beside the embedding
MATCH = 3.2  # gain of queries and keys that compare
COPY = 2.0  # what they say, beside the embedding
WINDOW = 0.25  # how sharply the gathering head's attention ends
DRAWN = 2.0  # how much it is drawn to telling words
GATHERED = 1.25  # what it writes
SEARCH = 1.8  # gain of the comparison of telling words
START = 3.0  # and of being the begin of a name
# How much each frequency of the rotation counts, from the fastest: for telling neighbours apart,
# and for an attention that ends after some forty tokens.
_NEAR = (1.6, 1.2, 0.6, 0.3, 0.2, 0.1, 0.1, 0.1)
_AROUND = (0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0)
_AROUND_AT = 12  # tokens back: the middle


@torch.no_grad()
def begin(network: Network, tokenizer: Tokenizer) -> None:
    """Set the weights in place, from torch's random numbers."""
    shape = network.shape
    size, width, rotary = shape.hidden_size, shape.head_dim, shape.rotary_dim
    constant, tells = torch.linalg.qr(torch.randn(size, 2)).Q.T
    kept_free = torch.stack([constant, tells])
    for table in (network.stem, network.form, network.own):
        table -= (table @ kept_free.T) @ kept_free
    network.form += CONSTANT * constant
    network.own += TELLING * torch.outer(telling(tokenizer), tells)
    # What is compared is the stem alone, whatever its shape: ` Paris` with `Paris`.
    shapes = torch.linalg.qr(torch.cat([kept_free, network.form]).T).Q.T
    seen = _apart_from(shapes, width)
    notes = [_apart_from(kept_free, width) for _ in range(LOOKING)]
    gathered = _apart_from(kept_free, width)

    first = network.layers[0].self_attn
    queries, keys, values = _heads(first.qkv_proj.weight, width)
    for head in range(LOOKING):
        turn, still = _by_distance(head + 1, network.inverse, width, _NEAR)
        queries[head] = PEAK**0.5 * turn[:, None] * constant
        keys[head] = PEAK**0.5 * still[:, None] * constant
        values[head] = seen
        first.o_proj.weight[:, head * width : (head + 1) * width] = NOTE * notes[head].T
    turn, still = _by_distance(_AROUND_AT, network.inverse, width, _AROUND)
    queries[3] = WINDOW**0.5 * turn[:, None] * constant
    keys[3] = WINDOW**0.5 * still[:, None] * constant
    queries[3, rotary] = DRAWN * constant
    keys[3, rotary] = DRAWN * tells
    values[3] = seen
    first.o_proj.weight[:, 3 * width :] = GATHERED * gathered.T

    last = network.layers[-1].self_attn
    queries, keys, values = _heads(last.qkv_proj.weight, width)
    half = width // 2
    queries[0] = MATCH * torch.cat([seen[:half], notes[0][half:]])
    keys[0] = MATCH * torch.cat([notes[0][:half], notes[1][half:]])
    queries[1] = MATCH * seen
    keys[1] = MATCH * notes[0]
    queries[2] = SEARCH * gathered
    keys[2] = SEARCH * gathered
    for head in range(3):
        # The rotated part of a head stays out of it: what is compared may stand far away.
        queries[head, :rotary] = 0
        keys[head, :rotary] = 0
        copied = _apart_from(kept_free, width)
        values[head] = copied
        last.o_proj.weight[:, head * width : (head + 1) * width] = COPY * copied.T
    # A name begins where the token `name` stands three before it.
    of_name = seen @ network.embeddings()[tokenizer.token_to_id("name")]
    queries[2, rotary] = START * constant
    keys[2, rotary] = START * (of_name / of_name.norm()) @ notes[2]


def telling(tokenizer: Tokenizer, conversations: int = 600) -> Tensor:
    """(V,): from 0 to 1, how much a word tells which tool is meant.

    Much, where few tools have it in their name or description, and where it stands there at least
    as often as in what is said. Counted by stems.
    """
    stem_of, _ = stems_and_shapes(tokenizer)
    in_tools: Counter[int] = Counter()
    in_talk: Counter[int] = Counter()
    tools = 0
    rng = Random("telling")

    def stems(text: str) -> list[int]:
        return [stem_of[token] for token in tokenizer.encode(text, add_special_tokens=False).ids]

    for _ in range(conversations):
        made = Writer(plan(STAGES[2], rng), rng).write()
        for tool in made.tools:
            function = tool["function"]
            in_tools.update(set(stems(f"{function['name']} {function.get('description', '')}")))
            tools += 1
        for message in made.messages:
            if message["role"] == "user":
                in_talk.update(stems(message["content"]))
    talk = in_talk.total()
    told = in_tools.total()

    def tells(stem: int) -> float:
        share = max(in_tools[stem], 0.5) / tools
        often = (in_tools[stem] + 0.5) / told / ((in_talk[stem] + 0.5) / talk)
        return _between(log(COMMON / share) / log(COMMON / RARE)) * _between(
            1 + log(often) / log(10)
        )

    return torch.tensor([tells(stem) for stem in stem_of])


def _between(number: float) -> float:
    return min(1.0, max(0.0, number))


def _heads(weight: Tensor, width: int) -> tuple[Tensor, ...]:
    """Views (heads, width, size) of the queries', keys' and values' rows."""
    size = weight.shape[1]
    return tuple(part.view(-1, width, size) for part in weight.split(size))


def _apart_from(directions: Tensor, rows: int) -> Tensor:
    """(rows, size): orthonormal, and orthogonal to the directions (N, size), which are so too."""
    drawn = torch.randn(rows, directions.shape[1])
    drawn -= (drawn @ directions.T) @ directions
    return torch.linalg.qr(drawn.T).Q.T.contiguous()


def _by_distance(
    distance: int, frequencies: Tensor, width: int, weights: Iterable[float]
) -> tuple[Tensor, Tensor]:
    """(width,) each: a query and a key whose product is largest at a distance."""
    pairs = len(frequencies)
    query, key = torch.zeros(width), torch.zeros(width)
    weight = torch.tensor(list(weights)[:pairs]).sqrt()
    query[:pairs] = weight * torch.cos(-frequencies * distance)
    query[pairs : 2 * pairs] = weight * torch.sin(-frequencies * distance)
    key[:pairs] = weight
    return query, key
