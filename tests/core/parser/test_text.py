"""Ids in, text out, stop strings seen across tokens and inside characters."""

from collections.abc import Sequence

from llmx.core.parser.text import TextStream

PIECES = [b"Hel", b"lo", b" \xf0\x9f", b"\x99\x83", b" EN", b"D.", b" more"]


def decode(ids: Sequence[int]) -> str:
    return b"".join(PIECES[one] for one in ids).decode("utf-8", "replace")


def test_text_without_a_stop_string_comes_out_whole() -> None:
    stream = TextStream(decode)
    pieces = [stream.add([one]) for one in range(7)]
    assert pieces == ["Hel", "lo", " ", "🙃", " EN", "D.", " more"]
    assert stream.finish() == ""


def test_a_stop_string_over_two_tokens_ends_the_text_before_it() -> None:
    stream = TextStream(decode, ("END",))
    pieces = [stream.add([one]) for one in range(7)]
    assert pieces == ["Hel", "lo", " ", "🙃", " ", "", ""]
    assert (stream.matched, stream.finish()) == ("END", "")


def test_a_beginning_of_a_stop_string_comes_out_at_the_end() -> None:
    stream = TextStream(decode, ("ENDE", "lost"))
    assert [stream.add([0, 1]), stream.add([4]), stream.add([5])] == ["Hel", "lo ", "END."]
    stream = TextStream(decode, ("lost",))
    assert (stream.add([0, 1]), stream.finish(), stream.matched) == ("Hel", "lo", None)


def test_a_stop_string_completed_by_the_flush_is_seen() -> None:
    """An answer that ends inside a character is flushed as U+FFFD, which may be a stop string."""
    stream = TextStream(decode, ("\ufffd",))
    assert (stream.add([0, 2]), stream.finish(), stream.matched) == ("Hel ", "", "\ufffd")
