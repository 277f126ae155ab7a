"""Intervals: against published values, and the laws that hold for any counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson, t

from rfmreport.models.intervals import (
    MOST_OF_NONE,
    T_95,
    estimate_difference,
    estimate_share,
    needed_group_size,
    newcombe_interval,
    wilson_interval,
)

COUNTS = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table II, method 10, contrasts a to h
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_interval_equals_published_values(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert newcombe_interval(*counts) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("share", "other", "expected"),
    [
        (0.50, 0.75, 58),  # R: power.prop.test(p1 = .5, p2 = .75, power = .8): n = 57.67
        (0.31, 0.24, 638),
        (0.24, 0.31, 638),
        (0.05, 0.10, 435),  # R: power.prop.test(p1 = .05, p2 = .1, power = .8): n = 434.43
        (0.3, 0.3, None),
    ],
)
def test_a_smaller_difference_needs_larger_groups_and_none_cannot_be_shown(
    share: float, other: float, expected: int | None
) -> None:
    assert needed_group_size(share, other) == expected


def test_estimates_carry_value_interval_and_size() -> None:
    share = estimate_share(81, 263)
    assert (share.value, share.customer_count) == (81 / 263, 263)
    assert (share.low, share.high) == wilson_interval(81, 263)
    difference = estimate_difference(56, 70, 48, 80)
    assert difference.value == pytest.approx(0.2)
    assert difference.customer_count == 150


@given(COUNTS)
def test_equal_groups_differ_by_nothing_and_the_interval_holds_zero(counts) -> None:
    difference = estimate_difference(*counts, *counts)
    assert difference.value == 0
    assert difference.low <= 0 <= difference.high


@given(COUNTS, COUNTS)
def test_swapping_the_groups_turns_the_sign(one, other) -> None:
    there, back = estimate_difference(*one, *other), estimate_difference(*other, *one)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@given(COUNTS, COUNTS)
def test_the_interval_holds_the_difference_and_stays_within_one(one, other) -> None:
    difference = estimate_difference(*one, *other)
    assert -1 <= difference.low <= difference.value + 1e-12
    assert difference.value - 1e-12 <= difference.high <= 1


def test_the_quantiles_are_those_of_student() -> None:
    assert pytest.approx([t.ppf(0.975, n) for n in range(1, 14)], abs=1e-6) == list(T_95)


def test_of_nobody_so_many_may_still_be_expected() -> None:
    """Where 3.69 events are expected, none comes once in 40 times: the exact Poisson bound."""
    assert poisson.pmf(0, MOST_OF_NONE) == pytest.approx(0.025)
