"""The words that every layer says of a request: how it ended, what it missed, what was changed.

Names alone: whoever reads traces needs no more of `types`, and is there sooner.
"""

from __future__ import annotations

from typing import Any, Literal

Json = Any  # whatever `json.loads` gives; checked where it enters

FinishReason = Literal[
    "stop",  # the model's end token, or a stop string
    "length",  # as many tokens as were asked for
    "context",  # the context, or the memory for KV state, is full before that
    "cancelled",
    "error",
]

MissReason = Literal[
    "cold",  # nothing stored shares a token with this prompt
    "diverged",  # a stored sequence shares the tokens up to `matched`, then differs
    "evicted",  # it was stored and had to go
    "expired",  # it was stored and grew older than its time to live
    "salt",  # another namespace holds more of it; for the operator, never told to the client
    "no_boundary",  # the tokens match further than a state that can be restored
    "aligned_down",  # given up for the grid of `--exact`
    "not_stored_class",  # a layer of this model keeps a state that cannot be stored
    "not_stored_policy",  # refused: larger than the budget
    "verify_failed",  # a stored record did not have the shape it must have
    "disabled",  # the server runs without a cache
    "bypass",  # this request asked for no cache
]

HygieneRule = Literal[
    "attribution_line", "call_ids", "deferred_tools", "generated_history", "late_tools"
]
"""What may be rendered otherwise than it was sent, so that a prompt keeps its beginning."""

Seam = Literal[
    "generated",  # with the very tokens that were generated: they are in the cache
    "template",  # as the template writes it, which is something else
]
