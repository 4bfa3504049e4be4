"""Responses that go on when their request is over: their steps, their ends, who ends them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import BadRequestError, OpenAI
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine
from llmx.core.server.app import create_app, settle
from llmx.core.server.responses.sqlite_store import SqliteStore
from llmx.core.server.responses.store import MemoryStore
from llmx.core.types import Event, Prepared
from llmx.core.wire.check.responses import check_responses
from llmx.core.wire.responses.record import Record
from tests.core.server.responses.asking import (
    PATH,
    background,
    cancel,
    created,
    events_of,
    get,
    over,
    post,
    refusal,
    texts,
    told,
)
from tests.core.server.support import House, Records, house
from tests.serving import eventually, running

HELLO: list[Item] = ["Hel", "lo"]


def client(server: House) -> OpenAI:
    return server.openai(_strict_response_validation=True)


@dataclass
class Watched(MemoryStore):
    """Notes what each response was stored as."""

    steps: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def put(self, record: Record) -> None:
        self.steps.append((record.id, record.state.status))
        await super().put(record)


# ── from queued to its end ────────────────────────────────────────────────────────────────────


def test_each_step_is_told_and_stored() -> None:
    """L4. Defect: queued, then completed, and nothing of it is kept in between."""
    first, second, third = Gate(), Gate(), Gate()
    store = Watched()
    engine = ScriptedEngine([first, "a"], ["Hel", second, "lo", third], slots=1)
    with house(engine=engine, store=store) as server:
        before = background(server, first)
        id = created(server, background=True)["id"]
        assert get(server, id).json()["status"] == "queued"
        assert store.steps[-1] == (id, "queued")
        first.open()
        assert second.reached.wait(20)
        assert get(server, id).json()["status"] == "in_progress"
        eventually(lambda: (id, "in_progress") in store.steps)
        second.open()
        third.open()
        body = over(server, id)
        over(server, before)
        events = told(server, id)
    assert [status for one, status in store.steps if one == id] == [
        "queued", "in_progress", "completed"
    ]  # fmt: skip
    assert (body["status"], body["background"], texts(body["output"])) == (
        "completed", True, ["Hello"]
    )  # fmt: skip
    kinds = [event["type"].removeprefix("response.") for event in events]
    assert kinds[:3] == ["created", "queued", "in_progress"]
    assert kinds[-1] == "completed"
    states = [event["response"]["status"] for event in events if "response" in event]
    assert states == ["queued", "queued", "in_progress", "completed"]


def test_the_answer_comes_at_once_and_the_official_client_polls() -> None:
    gate = Gate()
    with house([gate, *HELLO]) as server, client(server) as official:
        answer = official.responses.create(model="scripted", input="Hi", background=True)
        assert (answer.status, answer.background, answer.output) in [
            ("queued", True, []), ("in_progress", True, [])
        ]  # fmt: skip
        assert gate.reached.wait(20)
        assert official.responses.retrieve(answer.id).status == "in_progress"
        gate.open()
        eventually(lambda: official.responses.retrieve(answer.id).status == "completed")
        assert official.responses.retrieve(answer.id).output_text == "Hello"


def test_the_client_that_asked_may_leave() -> None:
    """A3: in the background nothing is aborted."""
    gate = Gate()
    with house([gate, *HELLO]) as server:
        body = {"input": "Hi", "background": True, "stream": True}
        with httpx.stream("POST", server.url + PATH, json=body, timeout=60) as stream:
            next(stream.iter_lines())
            assert gate.reached.wait(20)
            id = server.engine.requests[0].id
        gate.open()
        assert texts(over(server, id)["output"]) == ["Hello"]
        assert server.engine.cancelled == []
        record = server.records.one()
    assert (record.finish, record.res.text, record.usage.out) == ("stop", "Hello", 2)


def test_without_a_store_there_is_no_background() -> None:
    """L3. Defect: a record that stays queued for ever."""
    store = MemoryStore()
    with house(HELLO, store=store) as server:
        assert refusal(post(server, background=True, store=False))[:2] == (400, "background")
        assert server.engine.requests == []
    assert store.stats().responses == 0


def test_the_queue_is_bounded() -> None:
    """L4. Defect: a task for each, without a limit."""
    gate = Gate()
    store = MemoryStore()
    engine = ScriptedEngine([gate, "a"], slots=1, queue=1)
    with house(engine=engine, store=store) as server:
        taken = [background(server, gate), created(server, background=True)["id"]]
        eventually(lambda: engine.stats().queued == 1)
        answer = post(server, background=True)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "queue_full")
        assert answer.headers["retry-after"]
        gate.open()
        assert [over(server, id)["status"] for id in taken] == ["completed", "completed"]
        server.records.wait(3)
    assert store.stats().responses == 2


# ── failures ──────────────────────────────────────────────────────────────────────────────────


def test_a_failure_has_its_error_and_its_events() -> None:
    """L5. Defect: a status and nothing else."""
    with house(["Hel", ValueError("the disk is on fire")]) as server, client(server) as official:
        id = created(server, background=True)["id"]
        body = over(server, id)
        assert body["status"] == "failed"
        assert body["error"]["code"] == "server_error"
        assert "on fire" in body["error"]["message"]
        assert (texts(body["output"]), body["output"][0]["status"]) == (["Hel"], "incomplete")
        assert body["usage"]["input_tokens"] == 3
        events = told(server, id)
        assert [event["type"] for event in events[-2:]] == ["error", "response.failed"]
        assert events[-1]["response"] == body
        whole = official.responses.retrieve(id)
        assert whole.error is not None
        assert whole.error.code == "server_error"


class Silent(ScriptedEngine):
    """Its generations end without a `Finished`."""

    async def generate(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        async for event in super().generate(prepared):
            if type(event).__name__ == "Finished":
                return
            yield event


class Broken(ScriptedEngine):
    """Its generations break off by a failure that no engine should have."""

    async def generate(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        seen: list[Event] = []
        async for event in super().generate(prepared):
            seen.append(event)
            yield event
            if len(seen) == 2:
                raise RuntimeError("gone")


@pytest.mark.parametrize("engine", [Silent, Broken])
@pytest.mark.parametrize("is_background", [True, False])
def test_a_producer_that_dies_ends_its_readers(
    engine: Any, is_background: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """L6. Defect: readers end on completed only, and any other end hangs them."""
    with house(engine=engine(HELLO)) as server:
        answer = post(server, background=is_background, stream=True)
        events = events_of(answer.text)
        assert check_responses(answer.content).violations == []
        assert [event["type"] for event in events[-2:]] == ["error", "response.failed"]
        last = events[-1]["response"]
        assert last["error"]["code"] == "server_error"
        assert told(server, last["id"]) == events
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("script", "body", "last"),
    [
        (HELLO, {}, "completed"),
        (HELLO, {"max_output_tokens": 16}, "completed"),
        (["x"] * 20, {"max_output_tokens": 16}, "incomplete"),
        (["x", ValueError("broken")], {}, "failed"),
    ],
)
def test_readers_end_on_every_end(script: Any, body: dict[str, Any], last: str) -> None:
    """L6."""
    with house(script) as server:
        answer = post(server, background=True, stream=True, **body)
        events = events_of(answer.text)
        assert check_responses(answer.content).violations == []
        assert events[-1]["type"] == f"response.{last}"
        assert events[-1]["response"]["status"] == last
        assert told(server, events[-1]["response"]["id"]) == events


def test_a_full_answer_says_why_it_ended() -> None:
    """L11. Defect: always completed; L13: no limit unless one was asked."""
    with house(["x"] * 20) as server:
        cut = over(server, created(server, background=True, max_output_tokens=16)["id"])
        assert (cut["status"], cut["completed_at"]) == ("incomplete", None)
        assert cut["incomplete_details"] == {"reason": "max_output_tokens"}
        assert cut["output"][-1]["status"] == "incomplete"
        whole = over(server, created(server, background=True)["id"])
        assert (whole["status"], whole["incomplete_details"]) == ("completed", None)
        assert whole["completed_at"] >= whole["created_at"]
        assert [one.sampling.max_tokens for one in server.engine.requests] == [16, None]


def test_a_conversation_is_refused() -> None:
    """L12."""
    with house(HELLO) as server:
        first = created(server)
        answer = post(server, conversation="conv_1", previous_response_id=first["id"])
        assert refusal(answer) == (400, "conversation", "mutually_exclusive_parameters")
        assert refusal(post(server, conversation="conv_1"))[:2] == (400, "conversation")


# ── cancelling ────────────────────────────────────────────────────────────────────────────────


def test_cancelling_keeps_what_was_said_and_frees_the_engine() -> None:
    """L9. Defects: partial output is dropped, readers are not woken, the engine goes on."""
    gate = Gate()
    with house(["Hel", gate, "lo"]) as server, client(server) as official:
        id = background(server, gate)
        with httpx.stream("GET", f"{server.url}{PATH}/{id}?stream=true", timeout=60) as reader:
            lines = reader.iter_lines()
            first = next(lines)
            answer = official.responses.cancel(id)
            events = events_of("\n".join([first, *lines, ""]))
        assert answer.status == "cancelled"
        assert answer.output_text == "Hel"
        assert answer.output[0].status == "incomplete"  # pyright: ignore
        assert answer.usage is not None
        assert answer.usage.output_tokens == 3  # a byte a token
        assert server.engine.cancelled == [id]
        assert server.engine.stats().running == 0
        assert events[-1]["response"]["status"] == "cancelled"
        assert get(server, id).json() == events[-1]["response"]
        assert told(server, id) == events
        assert server.records.one().finish == "cancelled"


def test_cancelling_in_the_queue() -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "a"], slots=1)
    with house(engine=engine) as server:
        first = background(server, gate)
        waiting = created(server, background=True)["id"]
        body = cancel(server, waiting).json()
        assert (body["status"], body["output"]) == ("cancelled", [])
        assert engine.stats().queued == 0
        kinds = [event["type"] for event in told(server, waiting)]
        assert kinds == ["response.created", "response.queued", "response.incomplete"]
        gate.open()
        assert over(server, first)["status"] == "completed"


def test_cancelling_again_or_too_late_changes_nothing() -> None:
    """L9. Defect: a finished one is told that it was synchronous."""
    gate = Gate()
    with house(["Hel", gate, "lo"], HELLO) as server:
        id = background(server, gate)
        once, twice = cancel(server, id), cancel(server, id)
        assert once.status_code == twice.status_code == 200
        assert once.json() == twice.json() == get(server, id).json()
        done = over(server, created(server, background=True)["id"])
        late = cancel(server, done["id"])
        assert (late.status_code, late.json()) == (200, done)


def test_only_the_background_can_be_cancelled() -> None:
    gate = Gate()
    with house(HELLO, ["Hel", gate, "lo"]) as server, client(server) as official:
        done = created(server)["id"]
        code = "not_cancellable"
        assert refusal(cancel(server, done)) == (400, "response_id", code)
        body = {"input": "Hi", "stream": True}
        with httpx.stream("POST", server.url + PATH, json=body, timeout=60) as stream:
            assert gate.reached.wait(20)
            id = server.engine.requests[1].id
            assert refusal(cancel(server, id)) == (400, "response_id", code)
            gate.open()
            assert events_of(stream.read().decode())[-1]["response"]["status"] == "completed"
        with pytest.raises(BadRequestError):
            official.responses.cancel(done)
        missing = (404, "response_id", "response_not_found")
        assert refusal(cancel(server, "resp_no")) == missing


def test_of_many_that_cancel_at_once_all_see_the_same_end() -> None:
    gate = Gate()
    with house(["Hel", gate, "lo"]) as server:
        id = background(server, gate)

        async def all_at_once() -> list[httpx.Response]:
            async with httpx.AsyncClient(timeout=60) as caller:
                url = f"{server.url}{PATH}/{id}/cancel"
                return await asyncio.gather(*(caller.post(url) for _ in range(8)))

        bodies = [answer.json() for answer in asyncio.run(all_at_once())]
        assert all(body == bodies[0] for body in bodies)
        assert bodies[0]["status"] == "cancelled"
        assert server.engine.cancelled == [id]


@pytest.mark.parametrize("place", range(4))
def test_cancelling_at_every_place_ends_once(place: int) -> None:
    gates = [Gate() for _ in range(4)]
    script: list[Item] = [item for gate in gates for item in (gate, "a")]
    with house(script) as server:
        id = created(server, background=True)["id"]
        for gate in gates[:place]:
            gate.open()
        assert gates[place].reached.wait(20)
        assert cancel(server, id).json()["status"] == "cancelled"
        events = told(server, id)
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        assert texts(events[-1]["response"]["output"]) == (["a" * place] if place else [])


# ── the end of the server ─────────────────────────────────────────────────────────────────────


@contextmanager
def restartable(path: Path, *scripts: Any) -> Iterator[House]:
    """A server over a file, which at its end does as `llmx serve` does."""
    engine, records = ScriptedEngine(*scripts), Records()
    store = SqliteStore(path)
    app = create_app(engine, recorder=records, store=store)
    with running(app) as url:
        yield House(url, engine, records)
    store.close()


END = "/end"


def ending(app: Starlette, grace_s: int) -> ASGIApp:
    """The application, with a path at which it does what comes before its end."""

    async def with_an_end(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != END:
            return await app(scope, receive, send)
        await settle(app, grace_s)
        await Response()(scope, receive, send)

    return with_an_end


def test_chaining_and_all_else_goes_on_after_a_restart(tmp_path: Path) -> None:
    """H9."""
    path = tmp_path / "responses.sqlite"
    with restartable(path, HELLO) as server:
        first = created(server, input="One", instructions="Be brief.", metadata={"a": "b"})
        events = told(server, first["id"])
        second = created(server, input="Two", previous_response_id=first["id"])
        prompt = server.engine.requests[-1].messages
    with restartable(path, HELLO) as server:
        assert get(server, first["id"]).json() == first
        assert told(server, first["id"]) == events
        for number in range(len(events)):
            assert told(server, first["id"], starting_after=number) == events[number + 1 :]
        again = created(server, input="Two", previous_response_id=first["id"])
        assert server.engine.requests[-1].messages == prompt
        third = created(server, input="Three", previous_response_id=second["id"])
        url = f"{server.url}{PATH}/{third['id']}/input_items?order=asc"
        assert texts(httpx.get(url).json()["data"]) == ["One", "Hello", "Two", "Hello", "Three"]
        assert again["usage"] == second["usage"]
        refer = [{"type": "item_reference", "id": first["output"][0]["id"]}]
        created(server, input=[*refer, {"role": "user", "content": "Go on."}])
        contents = [message.content for message in server.engine.requests[-1].messages]
        assert contents == ["Hello", "Go on."]


def test_a_server_that_ends_lets_the_background_end_first() -> None:
    gate = Gate()
    engine, store = ScriptedEngine([gate, *HELLO]), MemoryStore()
    app = create_app(engine, store=store, recorder=Records())

    with running(ending(app, 20)) as url:
        server = House(url, engine, Records())
        id = background(server, gate)
        settling = threading.Thread(target=lambda: httpx.post(url + END, timeout=60))
        settling.start()
        gate.open()
        settling.join(60)
        assert get(server, id).json()["status"] == "completed"


@pytest.mark.parametrize("is_background", [True, False])
def test_an_end_is_told_when_it_is_kept(is_background: bool) -> None:
    """What a client has seen to be completed is there, whenever the server is killed."""
    told_before: list[bool] = []

    class Spying(MemoryStore):
        async def put(self, record: Record) -> None:
            if record.state.is_over:
                log = app.state.responses.lives[record.id].log
                told_before.append(any(event.is_last for event in log))
            await super().put(record)

    engine = ScriptedEngine(HELLO)
    app = create_app(engine, store=Spying(), recorder=Records())
    with running(app) as url:
        answer = post(House(url, engine, Records()), stream=True, background=is_background)
        assert events_of(answer.text)[-1]["type"] == "response.completed"
    assert told_before == [False]


def test_what_does_not_end_in_time_is_failed_and_kept(tmp_path: Path) -> None:
    gate = Gate()
    path = tmp_path / "responses.sqlite"
    store = SqliteStore(path)
    engine = ScriptedEngine(["Hel", gate, "lo"])
    app = create_app(engine, store=store, recorder=Records())
    with running(ending(app, 0)) as url:
        server = House(url, engine, Records())
        id = background(server, gate)
        httpx.post(url + END, timeout=60)
        assert get(server, id).json()["status"] == "failed"
    store.close()
    with restartable(path, HELLO) as server:
        body = get(server, id).json()
        assert (body["status"], body["error"]["code"]) == ("failed", "server_error")
        assert texts(body["output"]) == ["Hel"]
        assert told(server, id)[-1]["response"] == body


def test_what_another_server_computes_is_shown_but_not_touched(tmp_path: Path) -> None:
    gate = Gate()
    path = tmp_path / "responses.sqlite"
    with restartable(path, ["Hel", gate, "lo"]) as one, restartable(path, HELLO) as other:
        id = background(one, gate)
        eventually(lambda: get(other, id).json()["status"] == "in_progress")
        code = "response_elsewhere"
        assert refusal(cancel(other, id)) == (400, "response_id", code)
        assert refusal(get(other, id, stream="true")) == (400, "response_id", code)
        answer = httpx.delete(f"{other.url}{PATH}/{id}")
        assert refusal(answer) == (400, "response_id", code)
        refused = post(other, previous_response_id=id)
        assert refusal(refused)[:2] == (400, "previous_response_id")
        gate.open()
        assert over(other, id)["status"] == "completed"
        assert told(other, id) == told(one, id)
