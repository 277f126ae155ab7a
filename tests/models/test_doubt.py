"""Doubt: little is learnt from few dates, much from many, and bounds only ever widen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.models.intervals import (
    MOST_OF_NONE,
    T_95,
    Z_95,
    Doubt,
    Miss,
    Misses,
    Usual,
    bounds_of,
    doubt_of,
    miss_of,
    miss_of_share,
    share_bounds,
    widened,
)

amounts = st.floats(1e-3, 1e9)
doubts = st.builds(Doubt, st.floats(0, 2), st.integers(3, 40))


def test_without_a_trial_doubt_is_what_is_usual() -> None:
    assert doubt_of([], 0.2) == Doubt(pytest.approx(0.2), 4)
    assert doubt_of([], 0.2).half_width == pytest.approx(T_95[3] * 0.2)


def test_the_usual_counts_as_four_dates() -> None:
    """(4 x 0.1² + 0.5²) / 5 and no chance in it."""
    found = doubt_of([[Miss(0.5, 0.0)]], 0.1)
    assert found.degrees == 5
    assert found.deviation == pytest.approx(math.sqrt((4 * 0.01 + 0.25) / 5))


def test_groups_of_one_date_count_as_one_date() -> None:
    """They share its season: the mean of their squares is one more square."""
    found = doubt_of([[Miss(0.3, 0.0), Miss(-0.1, 0.0)]], 0.1)
    assert found.degrees == 5
    assert found.deviation == pytest.approx(math.sqrt((4 * 0.01 + 0.05) / 5))


def test_what_chance_explains_is_no_reason_for_doubt() -> None:
    assert doubt_of([[Miss(0.5, 0.25)]], 0.1).deviation == pytest.approx(math.sqrt(0.04 / 5))
    assert doubt_of([[Miss(0.1, 0.25)]], 0.1).deviation == pytest.approx(math.sqrt(0.04 / 5))


def test_how_periods_differ_adds_to_the_doubt_about_the_total_alone() -> None:
    misses = Misses((Miss(0.0, 0.0),), ((Miss(0.0, 0.0),),))
    calm = misses.doubts(Usual(0.1, 0.2))
    restless = misses.doubts(Usual(0.1, 0.2), [Miss(0.6, 0.0)])
    assert restless.total.deviation > 2 * calm.total.deviation
    assert restless.segment == calm.segment


def test_a_miss_is_the_logarithm_of_what_came_over_what_was_said() -> None:
    assert miss_of(100, 150, 25.0, 225.0) == Miss(math.log(1.5), 0.0025 + 0.01)
    assert miss_of(0, 150, 0, 0) is None
    assert miss_of(100, 0, 0, 0) is None


def test_a_share_of_nobody_is_half_a_customer() -> None:
    assert miss_of_share(0.5, 0, 50, 0.0).error == pytest.approx(math.log(0.5 / 49.5))
    assert miss_of_share(0.5, 50, 50, 0.0).error == pytest.approx(math.log(49.5 / 0.5))
    assert miss_of_share(0.5, 25, 50, 0.0) == Miss(0.0, 4 / 50)


@given(amounts, st.floats(0, 3), doubts)
def test_an_amount_lies_within_bounds_that_doubt_widens(value, relative, doubt) -> None:
    low, high = bounds_of(value, (relative * value) ** 2)
    wide_low, wide_high = widened(value, low, high, doubt)
    assert 0 <= wide_low <= low * (1 + 1e-9)
    assert wide_high >= high * (1 - 1e-9)
    assert low <= value * (1 + 1e-9)
    assert high >= value * (1 - 1e-9)


def test_where_chance_is_large_bounds_do_not_run_away() -> None:
    """One order, of a sum whose standard deviation is three."""
    low, high = bounds_of(1.0, 9.0)
    assert high == pytest.approx(math.exp(Z_95 * math.sqrt(math.log(10))))
    assert high < 20
    assert low == pytest.approx(1 / high)
    assert share_bounds(0.0001, 0.001**2, Doubt(0.0, 3))[1] < 0.01


def test_chance_and_doubt_add_up_by_their_squares() -> None:
    low, high = widened(100, 100 / math.exp(0.3), 100 * math.exp(0.4), Doubt(0.4 / T_95[2], 3))
    assert math.log(100 / low) == pytest.approx(0.5)
    assert math.log(high / 100) == pytest.approx(math.hypot(0.4, 0.4))


def test_nothing_at_all_keeps_its_upper_bound() -> None:
    low, high = widened(0.0, 0.0, MOST_OF_NONE, Doubt(0.1, 3))
    assert (low, high) == (0.0, pytest.approx(MOST_OF_NONE * math.exp(0.1 * T_95[2])))
    assert widened(-5.0, -8.0, -2.0, Doubt(0.1, 3)) == (-8.0, 0.0)


@given(st.floats(0, 1), st.floats(0, 0.25), doubts)
def test_bounds_of_a_share_stay_within_nobody_and_everybody(share, variance, doubt) -> None:
    low, high = share_bounds(share, variance, doubt)
    assert 0 <= low <= share + 1e-5
    assert share - 1e-5 <= high <= 1


def test_without_doubt_a_share_of_many_has_the_bounds_of_chance() -> None:
    low, high = share_bounds(0.4, 0.4 * 0.6 / 10_000, Doubt(0.0, 3))
    half = Z_95 * math.sqrt(0.4 * 0.6 / 10_000)
    assert (low, high) == (pytest.approx(0.4 - half, abs=1e-4), pytest.approx(0.4 + half, abs=1e-4))


@pytest.mark.parametrize("dates", [0, 1, 3])
def test_nineteen_ranges_of_twenty_hold_the_next_period(dates) -> None:
    """Errors spread as usual, and the range learns from so many of them."""
    random = np.random.default_rng(dates)
    errors = 0.2 * random.standard_normal((4000, dates + 1))
    held = [
        abs(row[0]) <= doubt_of([[Miss(error, 0.0)] for error in row[1:]], 0.2).half_width
        for row in errors
    ]
    assert 0.95 <= np.mean(held) <= 1
