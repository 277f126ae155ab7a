"""The chance to order: between a cell's own share and its neighbours', and checked on the past."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import customers_of

from rfmreport.analyses.response import (
    chances_by_score,
    group_by_chance,
    measure_response,
    strength_of,
    with_chances,
)
from rfmreport.following import FollowedCell

EARLY, LATE, TODAY = date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)
SCORE = st.tuples(st.integers(1, 5), st.integers(1, 5))
COUNTS = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def cell(day: date, segment: str, score: tuple[int, int], came: int, count: int) -> FollowedCell:
    return FollowedCell(day, segment, *score, count, (came // 2, came), came, came)


@given(st.dictionaries(SCORE, COUNTS, min_size=1))
def test_a_chance_lies_between_the_lowest_and_the_highest_share(counts) -> None:
    past = [cell(EARLY, "All", score, *of) for score, of in counts.items() if of[1]]
    chances = chances_by_score(past, counts, 2)
    shares = [came / count for came, count in counts.values() if count]
    for found in chances.values():
        assert min(shares) - 1e-9 <= found[1].mean <= max(shares) + 1e-9
        assert found[1].deviation >= 0


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


@given(st.dictionaries(SCORE, COUNTS, min_size=1))
def test_groups_hold_all_customers_from_the_least_likely_to_the_most(counts) -> None:
    past = [cell(EARLY, "All", score, *of) for score, of in counts.items() if of[1]]
    chances = chances_by_score(past, counts, 2)
    groups = group_by_chance(past, chances)
    told = sum(of[1] for score, of in counts.items() if score in chances)
    assert sum(group.observed.customer_count for group in groups) == told
    assert len(groups) <= 11
    said = [group.predicted for group in groups]
    assert said == sorted(said)


def test_each_customer_gets_the_chance_of_his_scores() -> None:
    customers = customers_of("""
customer_id | recency_score | frequency_score
a           | 5             | 5
b           | 5             | 4
c           | 1             | 1
d           | 1             | 5
""")
    past = [cell(EARLY, "All", (5, 5), 40, 50), cell(EARLY, "All", (5, 4), 10, 50)]
    chances = chances_by_score(past, {(5, 5), (5, 4), (1, 1)}, 2)
    rows = with_chances(customers, chances, (30, 90)).to_pyarrow().to_pylist()
    found = {row["customer_id"]: (row["chance_30_days"], row["chance_90_days"]) for row in rows}
    assert found == {
        "a": tuple(round(one.mean, 4) for one in chances[5, 5]),
        "b": tuple(round(one.mean, 4) for one in chances[5, 4]),
        "c": (None, None),
        "d": (None, None),
    }
