"""Conversations as tokens, with a mark at each token that the model is to learn to say.

The text is that of the chat template which trained weights are to bring along, made here without a
template engine because training needs thousands a second. It differs from the one bundled now in
that a tool's description stands before its name: two layers can carry what was read to a name, but
not back to one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tools.demo_model.conversations import Conversation

TOOLS = """# Tools

You may call one or more of these functions to help the user. Their signatures:
<tools>
{signatures}
</tools>

To call a function, answer with a JSON object of its name and arguments inside these tags:
<tool_call>
{{"name": <function name>, "arguments": <object of arguments>}}
</tool_call>"""


BEGIN = 4.0  # of an answer: a call or text
DECISIVE = (  # what stands before the token
    (re.compile(r'\{"name": "'), 8.0),
    (re.compile(r'": (?:\["|"|\[)?'), 3.0),
    (re.compile(r'[{,] ?"'), 2.0),
)


@dataclass(frozen=True)
class Sample:
    """A conversation's tokens. `weights[i]` is how much token i counts, 0 where it is not the
    model's own. `seams` are the first tokens of messages, where a longer text may be thought in
    between."""

    tokens: NDArray[np.uint16]
    weights: NDArray[np.float32]
    seams: NDArray[np.int32]

    @property
    def said(self) -> NDArray[np.bool_]:
        return self.weights > 0


def pieces(conversation: Conversation) -> list[tuple[str, bool]]:
    """The text of the template in parts, and which parts the model says."""
    parts: list[tuple[str, bool]] = []
    declared = declare(conversation.tools) if conversation.tools else ""
    messages = conversation.messages
    if declared and (not messages or messages[0]["role"] != "system"):
        parts.append((f"<|im_start|>system\n{declared}<|im_end|>\n", False))
    for number, message in enumerate(messages):
        role, content = message["role"], message["content"]
        if role == "tool":
            text = f"<tool_response>\n{content}\n</tool_response>"
            parts.append((f"<|im_start|>user\n{text}<|im_end|>\n", False))
        elif role == "assistant":
            parts.append(("<|im_start|>assistant\n", False))
            parts.append((said(message) + "<|im_end|>", True))
            parts.append(("\n", False))
        else:
            more = f"\n\n{declared}" if declared and number == 0 and role == "system" else ""
            parts.append((f"<|im_start|>{role}\n{content}{more}<|im_end|>\n", False))
    return parts


def declare(tools: list[dict[str, Any]]) -> str:
    return TOOLS.format(signatures="\n".join(map(signature, tools)))


def signature(tool: dict[str, Any]) -> str:
    """A tool as JSON, its description before its name."""
    function = tool["function"]
    first = {key: function[key] for key in ("description", "name") if key in function}
    return json.dumps({"type": "function", "function": first | function}, ensure_ascii=False)


def said(message: dict[str, Any]) -> str:
    """What the model says in an assistant's message."""
    calls = [
        f'<tool_call>\n{{"name": {json.dumps(call["function"]["name"])}, '
        f'"arguments": {call["function"]["arguments"]}}}\n</tool_call>'
        for call in message.get("tool_calls", ())
    ]
    return "\n".join([message["content"], *calls] if message["content"] else calls)


def sample(conversation: Conversation, tokenizer: Tokenizer) -> Sample:
    parts = pieces(conversation)
    encoded = tokenizer.encode_batch([text for text, _ in parts], add_special_tokens=False)
    lengths = [len(one.ids) for one in encoded]
    tokens = np.concatenate([np.asarray(one.ids, np.uint16) for one in encoded])
    weights = [
        weigh(text, one.offsets) if is_said else np.zeros(len(one.ids), np.float32)
        for (text, is_said), one in zip(parts, encoded, strict=True)
    ]
    starts = np.cumsum([0, *lengths[:-1]])
    seams = [
        start
        for start, (text, _) in zip(starts, parts, strict=True)
        if text.startswith("<|im_start|>")
    ]
    return Sample(tokens, np.concatenate(weights), np.asarray(seams, np.int32))


def weigh(said: str, offsets: list[tuple[int, int]]) -> NDArray[np.float32]:
    """What each token of an answer counts: most of them follow from those before, and a few decide
    (whether to call, which tool, which parameter, which words of the request)."""
    decisive = {0: BEGIN}
    for pattern, weight in DECISIVE:
        for found in pattern.finditer(said):
            decisive[found.end()] = max(weight, decisive.get(found.end(), 0.0))
    return np.asarray([decisive.get(start, 1.0) for start, _ in offsets], np.float32)
