"""Ids in, deltas out; stop strings are seen across tokens and inside characters."""

from collections.abc import Sequence

from llmx.core.parser.families.base import PlainScanner
from llmx.core.parser.lexer import Lexer
from llmx.core.parser.output import OutputParser
from llmx.core.parser.thinking import ThinkingScanner, ThinkMarkers
from llmx.core.types import Delta, ReasoningDelta, TextDelta, TokenLogprob

PIECES = [b"Hel", b"lo", b" \xf0\x9f", b"\x99\x83", b" EN", b"D.", b" more"]
THINK = ThinkMarkers("<think>", "</think>")


def decode(ids: Sequence[int]) -> str:
    return b"".join(PIECES[one] for one in ids).decode("utf-8", "replace")


def parser_of(*stops: str) -> OutputParser:
    return OutputParser(Lexer(decode, {}, ()), PlainScanner(), stops, make_id=str)


def text(deltas: Sequence[Delta]) -> str:
    assert all(isinstance(delta, TextDelta) for delta in deltas)
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def test_text_without_a_stop_string_comes_out_whole() -> None:
    parser = parser_of()
    pieces = [text(parser.add([one])) for one in range(7)]
    assert pieces == ["Hel", "lo", " ", "🙃", " EN", "D.", " more"]
    assert parser.finish(is_cut=False) == []


def test_a_stop_string_over_two_tokens_ends_the_text_before_it() -> None:
    parser = parser_of("END")
    pieces = [text(parser.add([one])) for one in range(7)]
    assert pieces == ["Hel", "lo", " ", "🙃", " ", "", ""]
    assert (parser.matched, parser.finish(is_cut=False)) == ("END", [])


def test_a_beginning_of_a_stop_string_comes_out_at_the_end() -> None:
    parser = parser_of("ENDE", "lost")
    pieces = [text(parser.add(ids)) for ids in ([0, 1], [4], [5])]
    assert pieces == ["Hel", "lo ", "END."]
    parser = parser_of("lost")
    assert text(parser.add([0, 1])) == "Hel"
    assert (text(parser.finish(is_cut=False)), parser.matched) == ("lo", None)


def test_a_stop_string_completed_by_the_flush_is_seen() -> None:
    """An answer that ends inside a character is flushed as U+FFFD, which may be a stop string."""
    parser = parser_of("\ufffd")
    assert text(parser.add([0, 2])) == "Hel "
    assert (parser.finish(is_cut=False), parser.matched) == ([], "\ufffd")


def thinking(*pieces: str, is_open: bool = False) -> tuple[list[Delta], int]:
    """The deltas of all pieces at once, each a token; and how many of these were reasoning."""
    texts = [*pieces]
    scanner = ThinkingScanner(PlainScanner(), THINK, is_open=is_open)
    lexer = Lexer(lambda ids: "".join(texts[one] for one in ids), {}, {THINK.begin, THINK.end})
    parser = OutputParser(lexer, scanner, make_id=str)
    deltas = [delta for at in range(len(texts)) for delta in parser.add([at])]
    return deltas + parser.finish(is_cut=False), parser.reasoning_tokens


def test_reasoning_comes_apart_from_the_answer_without_its_frame() -> None:
    deltas, count = thinking("<thi", "nk>\n", "Two", "\n\n", "parts.\n", "</think>", "\n\n", "Yes.")
    assert deltas == [
        ReasoningDelta("Two"),
        ReasoningDelta("\n\nparts."),
        TextDelta("Yes."),
    ]
    assert count == 4


def test_reasoning_that_the_prompt_began_needs_no_first_marker() -> None:
    deltas, _ = thinking("So", "</think>", "Yes", is_open=True)
    assert deltas == [ReasoningDelta("So"), TextDelta("Yes")]


def test_an_answer_that_does_not_think_is_text() -> None:
    deltas, count = thinking("\n", "a <think> b")
    assert (text(deltas), count) == ("\na <think> b", 0)


def logprobs_of(ids: Sequence[int]) -> list[TokenLogprob]:
    return [TokenLogprob("", PIECES[one], -float(one)) for one in ids]


def told(deltas: Sequence[Delta]) -> list[tuple[str, list[bytes]]]:
    """Each text with the tokens that are told with it."""
    texts = [delta for delta in deltas if isinstance(delta, TextDelta)]
    return [(delta.text, [one.raw for one in delta.logprobs]) for delta in texts]


def test_logprobs_come_with_the_text_that_their_token_gave_something_to() -> None:
    parser = parser_of()
    ids = [0, 2, 3, 2]
    deltas = [told(parser.add([one], logprobs_of([one]))) for one in ids]
    halves = [PIECES[2], PIECES[3]]
    assert deltas == [
        [("Hel", [PIECES[0]])],
        [(" ", [halves[0]])],  # half a character is told with the blank before it
        [("🙃", [halves[1]])],
        [(" ", [halves[0]])],
    ]
    assert told(parser.finish(is_cut=True)) == [("\ufffd", [])]


def test_logprobs_that_no_text_came_for_are_told_at_the_end() -> None:
    empty = OutputParser(Lexer(lambda ids: "", {}, ()), PlainScanner(), (), make_id=str)
    assert empty.add([0], logprobs_of([0])) == []
    assert told(empty.finish(is_cut=False)) == [("", [PIECES[0]])]


def test_logprobs_of_a_stop_string_are_not_told() -> None:
    """The tokens that were held back as its beginning are no part of the answer."""
    parser = parser_of(" END")
    deltas = [delta for one in (0, 4, 5) for delta in parser.add([one], logprobs_of([one]))]
    deltas += parser.finish(is_cut=False)
    assert (parser.matched, told(deltas)) == (" END", [("Hel", [PIECES[0]])])


def test_logprobs_of_reasoning_stay_with_the_reasoning() -> None:
    texts = ["<think>", "So", "</think>", "Yes"]
    lexer = Lexer(lambda ids: "".join(texts[one] for one in ids), {}, {THINK.begin, THINK.end})
    parser = OutputParser(lexer, ThinkingScanner(PlainScanner(), THINK, is_open=False), make_id=str)
    ids = [*range(4)]
    deltas = parser.add(ids[:2], logprobs_of(ids[:2])) + parser.add(ids[2:], logprobs_of(ids[2:]))
    kinds = [
        (type(d), len(d.logprobs)) for d in deltas if isinstance(d, TextDelta | ReasoningDelta)
    ]
    assert kinds == [(ReasoningDelta, 2), (TextDelta, 2)]  # a marker with what follows it
