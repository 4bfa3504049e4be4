"""Where a prefill stops, and in which part of a prompt a position lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.prompt.checkpoints import Stops, part_at
from llmx.core.types import Boundary

BOUNDARIES = (Boundary(30, "template"), Boundary(400, "message 0"), Boundary(460, "message 1"))
ANCHORED = Stops(anchored=True)


def test_rows_can_be_cut_anywhere_and_need_no_stop() -> None:
    assert Stops(anchored=False).plan(BOUNDARIES, 0, 460) == set()


def test_a_state_is_handed_out_at_every_boundary_and_one_token_before_the_end() -> None:
    assert ANCHORED.plan(BOUNDARIES, 0, 460) == {30, 400, 459}


def test_what_is_restored_is_not_stopped_at_again() -> None:
    assert ANCHORED.plan(BOUNDARIES, 400, 460) == {459}
    assert ANCHORED.plan(BOUNDARIES, 459, 460) == set()


def test_a_long_part_is_cut_so_that_a_sixteenth_of_the_prompt_is_lost_at_most() -> None:
    for total in (5_000, 100_000):
        stops = sorted(ANCHORED.plan([Boundary(total, "message 0")], 0, total))
        gaps = [b - a for a, b in zip([0, *stops], stops, strict=False)]
        assert max(gaps) <= max(512, total // 16) + 16
        assert len(stops) <= 18


def test_on_a_grid_every_stop_is_one_of_its_points() -> None:
    stops = Stops(anchored=True, grid=256).plan(BOUNDARIES, 0, 2_000)
    assert stops
    assert all(stop % 256 == 0 for stop in stops)


@given(
    st.lists(st.integers(1, 5000), max_size=40, unique=True).map(sorted),
    st.integers(0, 4999),
    st.sampled_from([1, 64, 256, 1024]),
)
def test_stops_lie_inside_and_keep_their_distance(places: list[int], start: int, grid: int) -> None:
    start -= start % grid
    total = max([*places, start + 1])
    stops = sorted(
        Stops(anchored=True, grid=grid).plan([Boundary(p, "x") for p in places], start, total)
    )
    assert all(start < stop < total for stop in stops)
    gaps = [b - a for a, b in zip([start, *stops], stops, strict=False)]
    assert all(gap >= min(16, total - 1 - start) for gap in gaps[:-1])
    if grid == 1 and total - 1 > start:
        assert stops[-1] == total - 1, "an exact repeat would not be a full hit"


def test_what_is_decoded_is_not_stored_in_exact_mode() -> None:
    exact = Stops(anchored=False, grid=256)
    assert [exact.storable(held, 700) for held in (100, 256, 600, 900)] == [100, 256, 600, 700]
    assert Stops(anchored=False).storable(900, 700) == 900


def test_the_part_of_a_position_is_the_one_that_has_not_ended() -> None:
    assert part_at(BOUNDARIES, 0) == "template"
    assert part_at(BOUNDARIES, 30) == "message 0"
    assert part_at(BOUNDARIES, 459) == "message 1"
    assert part_at(BOUNDARIES, 460) is None
