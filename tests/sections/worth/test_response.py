"""The chance to order: between a cell's own share and its neighbours', and checked on the past."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.models.intervals import SHARES, Doubt, share_bounds
from rfmreport.sections.worth.extrapolation import FollowedCell
from rfmreport.sections.worth.response import (
    Foretold,
    chances_by_score,
    group_by_chance,
    measure_response,
    respond_by_model,
    strength_of,
)

EARLY, LATE, TODAY = date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)
SCORE = st.tuples(st.integers(1, 5), st.integers(1, 5))
COUNTS = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def cell(day: date, segment: str, score: tuple[int, int], came: int, count: int) -> FollowedCell:
    return FollowedCell(day, segment, *score, count, (came // 2, came), came, came)


def foretold(rows: list[tuple[str, int, float, int]]) -> Foretold:
    """Return customers of one window: segment, number, chance and how many came."""
    segments, counts, chances, came = zip(*rows, strict=True)
    columns = (np.array(column, dtype=float)[:, None] for column in (chances, came))
    chance, came_counts = columns
    return Foretold(
        np.array(segments), np.array(counts, dtype=float), chance, 0 * chance, came_counts
    )


@given(st.dictionaries(SCORE, COUNTS, min_size=1))
def test_a_chance_lies_between_the_lowest_and_the_highest_share(counts) -> None:
    past = [cell(EARLY, "All", score, *of) for score, of in counts.items() if of[1]]
    chances = chances_by_score(past, counts, 2)
    shares = [came / count for came, count in counts.values() if count]
    total = sum(count for _, count in counts.values())
    # The share of all has half an event more, so that nothing is impossible.
    for found in chances.values():
        assert min(shares) - 0.5 / (total + 1) <= found[1].mean <= max(shares) + 0.5 / (total + 1)
        assert found[1].deviation >= 0


@given(
    st.dictionaries(
        SCORE,
        st.lists(st.integers(0, 400), min_size=3, max_size=3).map(sorted),
        min_size=1,
    )
)
def test_a_longer_window_never_has_the_smaller_chance(counts) -> None:
    past = [
        FollowedCell(EARLY, "All", *score, count, (soon, later), later, later)
        for score, (soon, later, count) in counts.items()
        if count
    ]
    for soon, later in chances_by_score(past, counts, 2).values():
        assert 0 < soon.mean <= later.mean < 1


def test_nobody_among_many_is_rare_and_not_impossible() -> None:
    past = [cell(EARLY, "Lost", (1, 1), 0, 100), cell(EARLY, "Best", (5, 5), 300, 300)]
    now = [cell(TODAY, "Lost", (1, 1), 0, 50), cell(TODAY, "Best", (5, 5), 0, 50)]
    response, _ = measure_response([*past, *now], TODAY, (EARLY,), (30, 90), ["Best", "Lost"])
    best, lost = (row.shares[1] for row in response.rows)
    assert 0 < lost.value < 0.02
    assert lost.high > 0.02
    assert 0.98 < best.value < 1
    assert best.low < 0.98


def test_many_customers_keep_their_own_share_and_few_take_their_neighbours() -> None:
    counts = {(5, 5): (9000, 10000), (5, 4): (6000, 10000), (5, 3): (3000, 10000), (5, 1): (0, 2)}
    past = [cell(EARLY, "All", score, *of) for score, of in counts.items()]
    chances = chances_by_score(past, counts, 2)
    assert chances[5, 5][1].mean == pytest.approx(0.9, abs=0.001)
    assert chances[5, 3][1].mean == pytest.approx(0.3, abs=0.001)
    assert 0.2 < chances[5, 1][1].mean < 0.6


def test_cells_that_differ_no_more_than_chance_are_pooled() -> None:
    assert strength_of([(50, 100), (51, 100), (49, 100)]) == 300
    assert strength_of([(90, 100), (10, 100)]) < 10


def test_scores_that_the_past_did_not_know_have_no_chance() -> None:
    past = [cell(EARLY, "All", (5, 5), 20, 40), cell(EARLY, "All", (1, 1), 3, 29)]
    assert set(chances_by_score(past, {(5, 5), (5, 4), (1, 1), (2, 2)}, 2)) == {(5, 5), (5, 4)}


def test_the_latest_date_is_checked_by_what_the_earlier_one_says() -> None:
    cells = [
        cell(EARLY, "Best", (5, 5), 80, 100),
        cell(EARLY, "Lost", (1, 1), 20, 100),
        cell(LATE, "Best", (5, 5), 60, 100),
        cell(LATE, "Lost", (1, 1), 10, 100),
        cell(TODAY, "Best", (5, 5), 0, 50),
        cell(TODAY, "Lost", (1, 1), 0, 200),
    ]
    response, chances = measure_response(cells, TODAY, (LATE, EARLY), (30, 90), ["Best", "Lost"])
    assert not response.is_in_sample
    assert response.checked.observed.value == pytest.approx(0.35)
    assert response.checked.predicted == pytest.approx(0.5, abs=0.02)
    assert [group.observed.value for group in response.groups] == [0.1, 0.6]
    assert [group.predicted for group in response.groups] == pytest.approx([0.2, 0.8], abs=0.02)
    # Today's chances come from both dates.
    assert chances[5, 5][1].mean == pytest.approx(0.7, abs=0.01)
    best, lost = response.rows
    assert (best.customer_count, lost.customer_count) == (50, 200)
    assert best.shares[1].low < 0.7 < best.shares[1].high
    assert best.shares[0].value < best.shares[1].value


def test_one_date_is_checked_on_itself_and_says_so() -> None:
    cells = [cell(LATE, "Best", (5, 5), 60, 100), cell(TODAY, "Best", (5, 5), 0, 50)]
    response, _ = measure_response(cells, TODAY, (LATE,), (30, 90), ["Best"])
    assert response.is_in_sample


def test_a_segment_of_unknown_scores_is_left_out() -> None:
    cells = [
        cell(LATE, "Best", (5, 5), 60, 100),
        cell(TODAY, "Best", (5, 5), 0, 50),
        cell(TODAY, "Lost", (1, 1), 0, 50),
    ]
    response, _ = measure_response(cells, TODAY, (LATE,), (30, 90), ["Best", "Lost"])
    assert [row.segment for row in response.rows] == ["Best"]


def test_a_segment_that_the_past_hardly_knew_is_left_out() -> None:
    """Of Lost, 40 of 50 have scores that somebody had before: 80 %; of Best, 45 of 50."""
    past = [cell(LATE, "Best", (5, 5), 60, 100)]
    now = [
        cell(TODAY, "Best", (5, 5), 0, 45),
        cell(TODAY, "Best", (1, 2), 0, 5),
        cell(TODAY, "Lost", (5, 1), 0, 40),
        cell(TODAY, "Lost", (1, 1), 0, 10),
    ]
    response, _ = measure_response([*past, *now], TODAY, (LATE,), (30, 90), ["Best", "Lost"])
    assert [(row.segment, row.customer_count) for row in response.rows] == [("Best", 50)]
    assert response.rows[0].shares[1].customer_count == 45


def test_a_share_that_was_off_on_the_past_has_a_wider_interval() -> None:
    """80 % was said of the later date, and 50 % came; said of a later one that came true: less."""
    dates = [(EARLY, 80), (LATE, 50)]
    cells = [cell(day, "Best", (5, 5), came, 100) for day, came in dates]
    cells.append(cell(TODAY, "Best", (5, 5), 0, 10_000))
    off, _ = measure_response(cells, TODAY, (LATE, EARLY), (30, 90), ["Best"])
    cells[1] = cell(LATE, "Best", (5, 5), 80, 100)
    true, _ = measure_response(cells, TODAY, (LATE, EARLY), (30, 90), ["Best"])
    wide, narrow = (one.rows[0].shares[1] for one in (off, true))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert wide.low < 0.5


def test_a_model_tells_each_customers_chance_and_is_checked_on_what_it_said_then() -> None:
    """40 of 100 said and 40 came: what is left is chance, and the doubt that is usual."""
    now = foretold([("Best", 60, 0.9, 0), ("Best", 40, 0.4, 0), ("Lost", 29, 0.1, 0)])
    then = foretold([("Best", 50, 0.6, 30), ("Best", 50, 0.2, 10)])
    response = respond_by_model(now, then, "MBG/NBD", LATE, (90,), ["Best", "Lost"])
    assert (response.model, response.past_dates, response.is_in_sample) == (
        *("MBG/NBD", (LATE,), False),
    )
    (row,) = response.rows  # Lost are too few
    assert row.customer_count == 100
    assert row.shares[0].value == pytest.approx(0.7)
    variance = (60 * 0.9 * 0.1 + 40 * 0.4 * 0.6) / 100**2
    exact = Doubt(SHARES * (4 / 5) ** 0.5, 5)
    assert (row.shares[0].low, row.shares[0].high) == pytest.approx(
        share_bounds(0.7, variance, exact)
    )
    assert [(g.predicted, g.observed.value) for g in response.groups] == [(0.2, 0.2), (0.6, 0.6)]
    assert (response.checked.predicted, response.checked.observed.value) == (0.4, 0.4)


def test_the_share_that_comes_anyway_is_that_of_the_longest_window() -> None:
    cells = [cell(LATE, "Best", (5, 5), 60, 100), cell(TODAY, "Best", (5, 5), 0, 50)]
    response, _ = measure_response(cells, TODAY, (LATE,), (30, 90), ["Best"])
    assert response.share_of("Best") == response.rows[0].shares[1]
    assert response.share_of("Lost") is None


@given(st.lists(st.tuples(st.integers(1, 90), st.floats(0, 1)), min_size=1, max_size=60))
def test_groups_hold_all_customers_from_the_least_likely_to_the_most(customers) -> None:
    told = foretold([("All", count, chance, count // 2) for count, chance in customers])
    groups = group_by_chance(told)
    assert sum(group.observed.customer_count for group in groups) == sum(n for n, _ in customers)
    assert len(groups) <= 11
    said = [group.predicted for group in groups]
    assert said == sorted(said)
