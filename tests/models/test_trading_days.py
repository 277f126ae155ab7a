"""Trading days: weekdays weigh what they trade, holidays nothing, next year as in this one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rfmreport.models.ways import TradingDays, a_year_before

FIRST = date(2022, 1, 3)  # a Monday


def days(
    count: int, closed: tuple[str, ...] = (), per_day=(10, 10, 10, 10, 10, 20, 0)
) -> list[int]:
    """Return the orders of so many days, none on those that are closed."""
    shut = {date.fromisoformat(day) for day in closed}
    every = (FIRST + timedelta(days=n) for n in range(count))
    return [0 if day in shut else per_day[day.weekday()] for day in every]


def test_a_day_weighs_what_its_weekday_has_of_the_week() -> None:
    calendar = TradingDays(FIRST, days(364))
    weights = [calendar.weigh(n, 1) for n in range(7)]
    assert weights == pytest.approx([1, 1, 1, 1, 1, 2, 0])
    assert calendar.weigh(364, 7) == pytest.approx(7)


def test_a_run_without_orders_is_closed_and_so_is_its_date_a_year_later() -> None:
    closed = tuple(f"2022-12-{day}" for day in range(24, 32))
    calendar = TradingDays(FIRST, days(400, closed))
    christmas = calendar.number_of(date(2023, 12, 24))
    assert calendar.weigh(christmas, 8) == 0
    assert calendar.weigh(christmas - 7, 7) > 6


def test_where_orders_are_few_a_day_without_one_is_chance() -> None:
    counts = [1 if n % 3 else 0 for n in range(120)]
    assert TradingDays(FIRST, counts).weigh(0, 120) == pytest.approx(120, rel=0.05)


def test_a_shop_that_has_gone_quiet_is_not_closed() -> None:
    counts = [*days(200), *[0] * 60]
    assert TradingDays(FIRST, counts).weigh(200, 60) > 50


@pytest.mark.parametrize(
    ("day", "before"),
    [("2024-02-29", "2023-02-28"), ("2024-03-01", "2023-03-01"), ("2025-02-28", "2024-02-28")],
)
def test_a_year_before_is_the_same_date(day: str, before: str) -> None:
    assert a_year_before(date.fromisoformat(day)) == date.fromisoformat(before)
