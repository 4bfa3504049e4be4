"""Queue, cache and lane, one step at a time: everything that happens on the MLX thread.

A step: take the rows that fit from the queue, let the lane compute, hand out what came of it. It
holds the one cache lookup of the code base (`_admit`) and the one place that stores (`_store`).
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmx.core.cache.prefix_cache import PrefixCache
from llmx.core.engine.lane import Computed, Held, Lane, Row, Sampled
from llmx.core.engine.sampling import Distribution, Samplers, make_processors
from llmx.core.engine.ticket import Admitted, Message, Progress, Refused, Ticket, Tokens
from llmx.core.errors import BudgetExceeded
from llmx.core.index.tokens import pack
from llmx.core.prompt.checkpoints import part_at, plan
from llmx.core.types import CacheReport, FinishReason

log = logging.getLogger(__name__)

Outgoing = list[tuple[Ticket, Message]]


class Scheduler:
    def __init__(
        self,
        make_lane: Callable[[], Lane],
        cache: PrefixCache,
        defaults: Mapping[str, float],
        *,
        max_running: int,
        budget_bytes: int,
        stores: bool,
    ) -> None:
        self._make_lane = make_lane
        self._lane = make_lane()
        self.cache = cache
        self._defaults = defaults
        self._max_running = max_running
        self._budget = budget_bytes
        self._stores = stores
        self._samplers = Samplers()
        self._queue: deque[Ticket] = deque()
        self._running: dict[Row, Ticket] = {}  # oldest first
        self._out: Outgoing = []
        self.steps = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.finished: Counter[FinishReason] = Counter()

    @property
    def idle(self) -> bool:
        return not self._queue and not self._running

    @property
    def queued(self) -> int:
        return len(self._queue)

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def running_bytes(self) -> int:
        return self._lane.nbytes

    def submit(self, ticket: Ticket) -> None:
        self._queue.append(ticket)

    def step(self) -> None:
        """Admit what fits, compute one step, store and report what came of it."""
        self._admit_waiting()
        if not self._running:
            return
        try:
            self._keep_within_budget()
            updates = self._lane.step()
            self.steps += 1
            for update in updates:
                match update:
                    case Computed():
                        self._computed(update)
                    case Sampled():
                        self._sampled(update)
        except Exception as error:
            # One bad row must not end the engine: all rows of this step fail, the next ones run.
            log.exception("the engine failed in a step; its requests end with an error")
            self._fail_running(f"{type(error).__name__}: {error}")

    def take_out(self) -> Outgoing:
        """What was said since the last time, for the event loops."""
        out, self._out = self._out, []
        return out

    def end(self, ticket: Ticket, reason: FinishReason) -> None:
        """Stop a request wherever it is: its client left, or has what it wanted."""
        if ticket in self._queue:
            self._queue.remove(ticket)
        elif ticket.row is not None and ticket.row in self._running:
            held = self._lane.remove(ticket.row)
            del self._running[ticket.row]
            self._store_held(ticket, held)
        else:
            return  # it ended by itself while the word was on its way
        self._finish(ticket, reason)

    def end_all(self, reason: FinishReason, fault: str | None = None) -> None:
        for ticket in [*self._running.values(), *self._queue]:
            if ticket.row is not None:
                self._lane.remove(ticket.row)
            self._finish(ticket, reason, fault)
        self._running.clear()
        self._queue.clear()

    def close(self) -> None:
        self._lane.close()

    # ── admission ─────────────────────────────────────────────────────────────────────────────

    def _admit_waiting(self) -> None:
        while self._queue and len(self._running) < self._max_running:
            ticket = self._queue[0]
            try:
                if not self._admit_if_room(ticket):
                    return  # it waits until one of the running rows ends
            except Exception as error:
                # As in `step`: this request fails, and the engine goes on.
                log.exception("the engine failed to admit a request")
                self._drop(ticket)
                self._finish(ticket, "error", f"{type(error).__name__}: {error}")

    def _admit_if_room(self, ticket: Ticket) -> bool:
        """False: it would fit, but not beside what runs now."""
        row = ticket.row = ticket.row or self._new_row(ticket)
        if ticket.prepared.request.cache:
            self.cache.touch(ticket.key)  # room is made at the cost of others
        needed = self._lane.projected_bytes([row])
        if self.cache.make_room(needed):
            self._queue.popleft()
            self._admit(ticket, row)
        elif self._running:
            return False
        else:
            self._queue.popleft()
            self._say(ticket, Refused(BudgetExceeded(needed, self._budget)))
        return True

    def _drop(self, ticket: Ticket) -> None:
        """Forget a ticket wherever it is."""
        if ticket in self._queue:
            self._queue.remove(ticket)
        if ticket.row is not None and self._running.pop(ticket.row, None):
            self._lane.remove(ticket.row)

    def _new_row(self, ticket: Ticket) -> Row:
        prepared = ticket.prepared
        asked = prepared.request.sampling
        drawn = ticket.generated
        return Row(
            tokens=list(prepared.tokens),
            start=0,
            state=None,
            stops=[],
            max_tokens=prepared.max_tokens - drawn,
            sampler=self._samplers.make(Distribution.of(asked, self._defaults), asked.seed, drawn),
            processors=make_processors(asked, self._defaults, prepared.prompt_tokens),
        )

    def _admit(self, ticket: Ticket, row: Row) -> None:
        """The one cache lookup."""
        request = ticket.prepared.request
        resumed = ticket.report is not None  # it had to give way once
        key = pack(row.tokens) if resumed else ticket.key
        hit = self.cache.match(key, bypass=not request.cache)
        row.start, row.state = hit.tokens, hit.state
        if self._stores and request.cache:
            row.stops = plan(ticket.prepared.boundaries, hit.tokens, len(row.tokens))
        self._running[row] = ticket
        if not resumed:
            ticket.admitted_at = time.perf_counter()
            part = part_at(ticket.prepared.boundaries, hit.tokens)
            ticket.report = CacheReport(hit.tokens, hit.shared, hit.reason, part)
            self._say(ticket, Admitted(ticket.report))
        self._lane.add(row)

    def _keep_within_budget(self) -> None:
        """Stored spans give way first, then the youngest row goes back to the queue."""
        while not self.cache.make_room(self._lane.projected_bytes()) and len(self._running) > 1:
            row, ticket = self._running.popitem()
            self._lane.remove(row)
            again = self._new_row(ticket)
            again.tokens = row.tokens
            ticket.row = again
            self._queue.appendleft(ticket)

    # ── results ───────────────────────────────────────────────────────────────────────────────

    def _computed(self, update: Computed) -> None:
        ticket = self._running[update.row]
        if update.state is not None:
            self._store(ticket, update.row.tokens[: update.position], update.state)
        if ticket.generated == 0:
            done = update.position - update.row.start
            total = len(update.row.tokens) - update.row.start
            if done == total:
                ticket.prefilled_at = time.perf_counter()
            self._say(ticket, Progress(done, total))

    def _sampled(self, update: Sampled) -> None:
        ticket = self._running[update.row]
        now = time.perf_counter()
        if ticket.first_token_at is None:
            ticket.first_token_at = now
            ticket.prefilled_at = ticket.prefilled_at or now
        ticket.generated += 1
        if update.finish != "stop":  # the end token is counted, not shown
            self._say(ticket, Tokens((update.token,)))
        if update.finish is not None:
            del self._running[update.row]
            if update.state is not None:
                self._store(ticket, update.row.tokens, update.state)
            self._finish(ticket, update.finish)

    def _store_held(self, ticket: Ticket, held: Held | None) -> None:
        if held is not None:
            self._store(ticket, held.tokens, held.state)

    def _store(self, ticket: Ticket, tokens: Sequence[int], state: Sequence[Any]) -> None:
        """The one way in. A key is every token that the state holds: `cut` checks the rows."""
        if self._stores and ticket.prepared.request.cache:
            try:
                self.cache.make_room(self._lane.projected_bytes())
                stored = self.cache.insert(pack(tokens), state)
            except Exception:
                # Storing is for later requests: this one must not end, nor hang, because of it.
                log.exception("a span could not be stored")
            else:
                ticket.wrote(stored.start, stored.end)

    def _finish(self, ticket: Ticket, reason: FinishReason, fault: str | None = None) -> None:
        self.finished[reason] += 1
        self.prompt_tokens += ticket.prepared.prompt_tokens
        self.completion_tokens += ticket.generated
        self._say(ticket, ticket.ended(reason, fault))

    def _fail_running(self, fault: str) -> None:
        for ticket in self._running.values():
            self._finish(ticket, "error", fault)
        self._running.clear()
        self._lane.close()
        self._lane = self._make_lane()

    def _say(self, ticket: Ticket, message: Message) -> None:
        self._out.append((ticket, message))
