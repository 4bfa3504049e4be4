"""A client that leaves stops its generation, wherever that stands."""

import pytest

from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.types import Prefilled
from tests.core.server.support import CHAT, house, read_until
from tests.serving import eventually


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("place", ["in prefill", "between tokens"])
def test_leaving_cancels_a_running_request(stream: bool, place: str) -> None:
    gate = Gate()
    script = [Prefilled(1, 3), gate, "a"] if place == "in prefill" else ["a", gate, "b"]
    with house(script) as server:
        connection = server.open(stream=stream)
        eventually(gate.reached.is_set)
        if stream and place == "between tokens":
            read_until(connection, b'"content":"a"')
        assert server.engine.cancelled == []
        connection.close()
        eventually(lambda: server.engine.cancelled)
        assert server.engine.cancelled == [server.engine.requests[0].id]
        assert server.engine.stats().running == 0
        record = server.records.one()
    assert (record.finish, record.stream) == ("cancelled", stream)
    assert record.status == (200 if stream else None)  # nothing was sent of a whole answer
    texts = {"in prefill": "", "between tokens": "a"}
    assert record.res.text == (texts[place] if stream else None)
    assert (record.usage.prompt, record.usage.cached, record.usage.out) == (3, 0, None)


@pytest.mark.parametrize("stream", [False, True])
def test_leaving_the_queue_frees_the_place(stream: bool) -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "first"], ["third"], slots=1)
    with house(engine=engine) as server, server.open():
        eventually(gate.reached.is_set)
        waiting = server.open(stream=stream)
        eventually(lambda: engine.stats().queued == 1)
        waiting.close()
        eventually(lambda: engine.stats().queued == 0)
        assert engine.cancelled == [engine.requests[1].id]
        record = server.records.one()
        gate.open()
    assert record.finish == "cancelled"
    assert (record.usage.prompt, record.res.text) == (None, None)  # it never began


def test_a_reader_that_leaves_while_nothing_fits_into_its_socket_is_seen() -> None:
    gate = Gate()
    with house(["word " * 2_000_000, gate, "x"]) as server:
        connection = server.open(stream=True)
        eventually(gate.reached.is_set)
        connection.close()
        eventually(lambda: server.engine.cancelled)


def test_leaving_while_the_body_is_still_sent_leaves_a_record() -> None:
    with house(["x"]) as server:
        with server.open() as connection:
            connection.sendall(
                f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{{".encode()
            )
            server.records.wait(1)  # the request that `open` sends
        record = server.records.wait(2)[1]
    assert (record.status, record.finish, record.req.body) == (None, "cancelled", None)
    assert len(server.engine.requests) == 1


def test_a_client_that_stays_is_not_cancelled() -> None:
    with house(["a", "b"]) as server:
        assert server.post(stream=True).status_code == 200
        assert server.records.one().finish == "stop"
    assert server.engine.cancelled == []


def test_a_server_that_ends_cancels_what_still_runs() -> None:
    gate = Gate()
    with house(["a", gate, "b"]) as server:
        connection = server.open(stream=True)
        eventually(gate.reached.is_set)
    with connection:
        assert len(server.engine.cancelled) == 1
        assert server.records.one().finish == "cancelled"
