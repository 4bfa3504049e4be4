"""The rule `late_tools`: a tool that appears in a later turn is described in that turn.

        turn n       tools A C      system  user  answer of ours
        turn n + 1   tools A B C    system  user  answer of ours  result
        rendered     tools A C      system  user  answer of ours  result + signature of B

Agents add tools while they work (a search for tools, another mode), mostly in the middle of their
list, which would shift all that follows. Nothing marks such a tool, but the answer does: it was
generated here, for a prompt without it. So this holds for as long as that answer is remembered
(`history`), and what is rendered is used only where it begins with that very prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmx.core.prompt.deferred import Tool, with_description
from llmx.core.types import Message


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where the tools of a prompt stand: in its head, and behind what messages say, by number."""

    head: tuple[Tool, ...] = ()
    later: tuple[tuple[int, tuple[Tool, ...]], ...] = ()

    def described(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The conversation with the descriptions of those that are not in the head."""
        told = list(messages)
        for index, tools in self.later:
            told[index] = with_description(told[index], tools)
        return tuple(told)


def arranged(
    before: Arrangement, answer: int, messages: Sequence[Message], tools: Sequence[Tool]
) -> Arrangement | None:
    """The tools as they stood before the answer, which is message `answer`, and the new ones in
    the first message behind it that can take them.

    None: they are to stand as the client has them. Nothing is new, or a tool has gone, changed or
    moved, or nobody has spoken since.
    """
    now = {_name(tool): tool for tool in tools}
    head = {_name(tool): tool for tool in before.head}
    known = head | {_name(tool): tool for _, added in before.later for tool in added}
    if not head or any(now.get(name) != tool for name, tool in known.items()):
        return None
    if [name for name in now if name in head] != list(head):
        return None
    later = before.later
    if new := tuple(tool for name, tool in now.items() if name not in known):
        behind = range(answer + 1, len(messages))
        place = next((at for at in behind if messages[at].role in ("user", "tool")), None)
        if place is None:
            return None
        later = (*later, (place, new))
    return Arrangement(before.head, later) if later else None


def _name(tool: Tool) -> str:
    return tool["function"]["name"]
