"""Foretelling: steady shops, seasons, closed days, two answers, and what trials say of ranges."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfmreport.models.forecast import FEWEST_DAYS, ModelAnswer, Record, foretell
from rfmreport.models.tracking import follow_calendar
from rfmreport.models.ways import Ahead, Daily

FIRST = date(2022, 1, 3)


def daily(orders: list[float], value: float = 50.0) -> Daily:
    """Return days with so many orders, each worth the same."""
    return Daily(FIRST, orders, [n * value for n in orders], [n * value * value for n in orders])


def seasonal(day_count: int, growth: float = 1.0) -> list[float]:
    """Return orders that treble in November and December, and grow once a year."""
    days = (FIRST + timedelta(days=n) for n in range(day_count))
    return [
        20 * (3 if day.month in {11, 12} else 1) * growth ** (day.year - FIRST.year) for day in days
    ]


def chance_of(means: list[float]) -> list[float]:
    """Return counts about these means, always the same."""
    dice = random.Random(20111210)  # noqa: S311  no secret
    return [float(max(round(dice.gauss(mean, math.sqrt(mean))), 0)) for mean in means]


def test_a_steady_shop_goes_on_at_its_pace() -> None:
    total = foretell(daily([10.0] * 200), 30)
    assert (total.first_day, total.days) == (FIRST + timedelta(days=200), 30)
    assert (total.orders.value, total.revenue.value) == pytest.approx((300, 15_000))
    assert total.orders.low < 300 < total.orders.high
    assert [one.way for one in total.answers] == ["pace"]
    assert (total.year_before, total.disagree) == (None, False)


def test_too_few_days_and_none_of_late_say_nothing() -> None:
    assert foretell(daily([10.0] * (FEWEST_DAYS - 1)), 30) is None
    assert foretell(daily([10.0] * 100 + [0.0] * 100), 30) is None


def test_two_years_tell_the_season_and_the_growth() -> None:
    """On 1 January 2024, after a Christmas trade: 90 days of 20 x 1.2 x 1.2 a day."""
    until = (date(2024, 1, 1) - FIRST).days
    total = foretell(daily(seasonal(until, 1.2)), 90)
    assert total.orders.value == pytest.approx(90 * 20 * 1.44, rel=0.03)
    season = total.answer("season")
    assert season.growth == pytest.approx(1.2, rel=1e-3)
    assert total.year_before[0] == 89 * 24  # 30 March 2024 is the 90th day, and was the 89th


def test_one_year_and_a_calendar_unlike_the_past_give_a_range_and_no_value() -> None:
    until = (date(2023, 1, 3) - FIRST).days
    total = foretell(daily(seasonal(until)), 90)
    assert total.disagree
    assert total.orders.value is None
    assert [one.way for one in total.answers] == ["pace", "season"]
    pace, season = (one.orders for one in total.answers)
    assert pace > 1.5 * season
    assert total.orders.low < season
    assert total.orders.high > pace
    assert total.orders.holds(total.year_before[0])


def test_what_looked_like_a_season_and_failed_is_not_asked() -> None:
    """Four months of new customers, and never again: a year later nothing of it comes."""
    orders = [100.0 if n < 120 else 20.0 for n in range(540)]
    total = foretell(daily(chance_of(orders)), 90)
    assert total.answer("season") is None
    assert total.orders.value == pytest.approx(1800, rel=0.1)


def test_closed_days_ahead_are_reckoned_with() -> None:
    """Closed from 24 December to 2 January: on 10 December a third less than on open days."""
    until = (date(2023, 12, 10) - FIRST).days
    days = [FIRST + timedelta(days=n) for n in range(until)]
    shut = {(12, day) for day in range(24, 32)} | {(1, 1), (1, 2)}
    total = foretell(daily([0.0 if (d.month, d.day) in shut else 30.0 for d in days]), 30)
    assert total.orders.value == pytest.approx(20 * 30, rel=0.02)


def test_a_model_that_passed_its_trials_takes_the_place_of_the_pace() -> None:
    model = ModelAnswer(orders=800.0, error=0.05, tried_days=90)
    total = foretell(daily(chance_of([10.0] * 300)), 90, model)
    assert [one.way for one in total.answers] == ["model"]
    assert total.orders.value == pytest.approx(800)
    (trial,) = total.trials
    assert trial.orders.value == pytest.approx(trial.came[0] * math.exp(-0.05))
    assert total.orders_record == Record(1, 1, 0.05)


def test_a_season_that_was_hardly_tried_does_not_speak_beside_a_model() -> None:
    until = (date(2023, 1, 3) - FIRST).days
    model = ModelAnswer(orders=5000.0, error=0.0, tried_days=90, order_value=60.0)
    total = foretell(daily(seasonal(until)), 90, model)
    assert [one.way for one in total.answers] == ["model"]
    assert total.revenue.value == pytest.approx(5000 * 60)


def test_past_spans_do_not_overlap_and_are_of_what_was_known_then() -> None:
    total = foretell(daily(chance_of([10.0] * 400)), 30)
    for later, earlier in zip(total.trials, total.trials[1:], strict=False):
        assert earlier.last_day < later.first_day
    record = total.orders_record
    assert record.tried_count > len(total.trials) > 5
    assert record.held_count >= 0.85 * record.tried_count
    known = foretell(daily(chance_of([10.0] * 400)[:370]), 30)
    assert known.orders.value == pytest.approx(total.trials[0].orders.value, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=FEWEST_DAYS, max_size=500), st.integers(1, 120))
def test_values_lie_within_their_ranges(orders: list[int], length: int) -> None:
    total = foretell(daily([float(n) for n in orders]), length)
    if total is None:
        return
    for amount in (total.orders, total.revenue):
        assert 0 < amount.low <= amount.high < math.inf
        assert amount.value is None or amount.low < amount.value < amount.high
        for answer in total.answers:
            assert amount is total.revenue or total.orders.holds(answer.orders)


def test_the_latest_trial_is_followed_week_by_week() -> None:
    """Said of 30 days at 10 orders a day; then 12 a day came."""
    total = foretell(daily([10.0] * 70 + [12.0] * 30), 30)
    assert [(week.days, round(week.said), week.came) for week in total.weeks] == [
        (7, 70, 84), (14, 140, 168), (21, 210, 252), (28, 280, 336), (30, 300, 360),
    ]  # fmt: skip


def test_a_season_is_spread_over_its_weeks_as_a_year_before() -> None:
    """A year before, the first week of the span had twice the orders of the second."""
    busy = Ahead(daily([20.0] * 7 + [10.0] * 7 + [15.0] * 351), 14)
    weeks = follow_calendar(busy, ("season",), 90.0, [0.0] * 14)
    assert [round(week.said) for week in weeks] == [60, 90]
