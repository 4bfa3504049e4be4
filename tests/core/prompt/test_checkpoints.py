"""Where a prefill stops, and in which part of a prompt a position lies."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.prompt.checkpoints import KV_SPACING, part_at, plan, segments
from llmx.core.types import Boundary

BOUNDARIES = (Boundary(3, "template"), Boundary(1000, "message 0"), Boundary(1030, "message 1"))
LONGER = (*BOUNDARIES[:2], Boundary(1400, "message 1"), Boundary(1406, "generation prompt"))


def test_it_stops_at_boundaries_and_one_token_before_the_end() -> None:
    assert plan(LONGER, 0, 1406) == [1000, 1405]


def test_no_chunk_is_cut_off_for_a_few_tokens_before_the_end() -> None:
    """As a generation prompt, or a short question: the stop before the end keeps those rows too."""
    assert plan(BOUNDARIES, 0, 1030) == [1029]


def test_what_is_restored_is_not_stopped_at_again() -> None:
    assert plan(LONGER, 1000, 1406) == [1405]
    assert plan(BOUNDARIES, 1029, 1030) == []


def test_a_state_that_is_valid_at_one_position_only_stops_at_every_boundary() -> None:
    assert plan(LONGER, 0, 1406, spacing=1) == [3, 1000, 1400, 1405]


@given(
    st.lists(st.integers(1, 5000), max_size=40, unique=True).map(sorted),
    st.integers(0, 4999),
    st.integers(1, 600),
)
def test_stops_ascend_keep_their_distance_and_cut_the_prompt_without_loss(
    places: list[int], start: int, spacing: int
) -> None:
    total = max([*places, start + 1])
    stops = plan([Boundary(place, "x") for place in places], start, total, spacing)
    assert stops == sorted(set(stops))
    assert all(start < stop < total for stop in stops)
    distances = [b - a for a, b in zip([start, *stops], stops[:-1], strict=False)]
    assert all(distance >= spacing for distance in distances)
    assert all(b - a >= spacing for a, b in pairwise(stops))
    tokens = list(range(total))
    pieces = segments(tokens, start, stops)
    assert [token for piece in pieces for token in piece] == tokens[start:]
    assert all(pieces)


def test_the_part_of_a_position_is_the_one_that_has_not_ended() -> None:
    assert part_at(BOUNDARIES, 0) == "template"
    assert part_at(BOUNDARIES, 3) == "message 0"
    assert part_at(BOUNDARIES, 1029) == "message 1"
    assert part_at(BOUNDARIES, 1030) is None


def test_spacing_for_kv_is_a_divisor_of_the_largest_chunk() -> None:
    assert 2048 % KV_SPACING == 0
