"""Foretelling: the rules by hand, the interval by its formula, and laws for any series."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.models.foretelling import Series, again, as_a_year_before, foretell


def series_of(values, length: int = 2, year: int = 4) -> Series:
    return Series(values, lambda n: date(2024, 1, 1) + timedelta(days=n), length, year)


LAST = again("the last two again", 2, 2)
LONGER = again("the mean of four", 4, 2)


def test_a_rule_is_tried_on_the_past_that_it_could_have_known() -> None:
    """Of 1 2 | 3 4 | 5 6: from 1 2 it says 3 of 3 4, from 3 4 it says 7 of 5 6."""
    found = foretell(series_of([1, 2, 3, 4, 5, 6]), [LAST], 2)
    assert [(one.predicted, one.actual) for one in found.trials] == [(7, 11), (3, 7)]
    assert [(one.first_day, one.last_day) for one in found.trials] == [
        (date(2024, 1, 5), date(2024, 1, 6)),
        (date(2024, 1, 3), date(2024, 1, 4)),
    ]
    assert (found.value, found.first_day, found.last_day) == (
        11,
        date(2024, 1, 7),
        date(2024, 1, 8),
    )
    assert found.rule.error == pytest.approx((4 / 11 + 4 / 7) / 2)
    assert [one.error for one in found.trials] == pytest.approx([-4 / 11, -4 / 7])


def test_the_interval_comes_from_the_past_errors() -> None:
    """Student's t with two degrees of freedom is 4.303; the errors are ln 11/7 and ln 7/3."""
    found = foretell(series_of([1, 2, 3, 4, 5, 6]), [LAST], 2)
    spread = math.sqrt((math.log(11 / 7) ** 2 + math.log(7 / 3) ** 2) / 2)
    assert found.high == pytest.approx(11 * math.exp(4.302653 * spread))
    assert found.low == pytest.approx(11 * math.exp(-4.302653 * spread))


def test_the_rule_that_was_least_wrong_speaks_and_the_others_are_named() -> None:
    """A level that jumped: the last two know it sooner than the mean of four."""
    found = foretell(series_of([5, 5, 5, 5, 9, 9, 9, 9, 9, 9]), [LONGER, LAST], 2)
    assert found.rule.name == "the last two again"
    assert [other.name for other in found.others] == ["the mean of four"]
    assert found.others[0].error > found.rule.error
    assert len(found.trials) == 3  # as many as the one that needs more could be tried on


def test_a_rule_with_a_season_takes_last_year_at_the_pace_of_this_year() -> None:
    """Years of 1 1 8 8 and 2 2 16 16: the next begins as the last began, 2 x as high."""
    series = series_of([1, 1, 8, 8, 2, 2, 16, 16, 4, 4, 32, 32])
    season = as_a_year_before("a year before", series, 2)
    assert season.say(series.values) == 8 * 64 / 32
    found = foretell(series, [LAST, season], 2)
    assert (found.rule.name, found.knows_season) == ("a year before", True)
    assert found.value == 16
    assert (found.low, found.high) == (16, 16)  # it was never wrong
    assert found.year_before == 8


def test_what_cannot_be_tried_often_enough_is_not_foretold() -> None:
    assert foretell(series_of([1, 2, 3, 4, 5]), [LAST], 2) is None
    assert foretell(series_of([1, 2, 3, 4, 5, 6]), [LAST, LONGER], 2).others == ()
    assert foretell(series_of([]), [LAST], 1) is None


@pytest.mark.parametrize("values", [[1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
def test_where_nothing_came_or_was_said_there_is_no_error_and_no_forecast(values) -> None:
    assert foretell(series_of(values), [LAST], 2) is None


def test_a_year_before_is_told_only_where_the_data_reach_back() -> None:
    assert foretell(series_of([1, 2, 3, 4, 5, 6], year=6), [LAST], 2).year_before == 3
    assert foretell(series_of([1, 2, 3, 4, 5, 6], year=7), [LAST], 2).year_before is None


def test_a_forecast_that_knows_no_season_is_doubtful_where_a_year_before_was_another_time() -> None:
    steady = foretell(series_of([8] * 8, year=6), [LAST], 2)
    assert not steady.is_doubtful
    assert replace(steady, year_before=1.0).is_doubtful
    assert not replace(steady, year_before=1.0, knows_season=True).is_doubtful
    assert not replace(steady, year_before=None).is_doubtful


@given(st.lists(st.integers(1, 1000), min_size=8, max_size=60), st.integers(2, 50))
def test_a_shop_twice_the_size_is_foretold_twice_as_much(values, factor) -> None:
    series = series_of(values)
    found = foretell(series, [LAST, LONGER], 2)
    scaled = foretell(replace(series, values=[v * factor for v in values]), [LAST, LONGER], 2)
    assert scaled.rule.error == pytest.approx(found.rule.error)
    assert scaled.value == pytest.approx(found.value * factor)
    assert (scaled.low, scaled.high) == pytest.approx((found.low * factor, found.high * factor))
    assert found.low <= found.value <= found.high


@given(st.lists(st.integers(1, 1000), min_size=6, max_size=60))
def test_past_spans_follow_one_another_and_do_not_overlap(values) -> None:
    series = series_of(values)
    trials = foretell(series, [LAST], 2).trials
    assert trials[0].last_day == series.first_day_of(len(values)) - timedelta(days=1)
    for later, earlier in pairwise(trials):
        assert later.first_day - earlier.last_day == timedelta(days=1)
