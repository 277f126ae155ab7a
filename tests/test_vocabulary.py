"""The words everything speaks: of them, the months before and after."""

from __future__ import annotations

from datetime import date

import pytest

from rfmreport.vocabulary import months_before, next_month


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2024, 1, 31), date(2024, 2, 1)),
        (date(2024, 12, 1), date(2025, 1, 1)),
        (date(2023, 11, 15), date(2023, 12, 1)),
    ],
)
def test_the_next_month_begins_on_its_first_day(day: date, following: date) -> None:
    assert next_month(day) == following


@pytest.mark.parametrize(
    ("day", "count", "earlier"),
    [
        (date(2024, 3, 15), 1, date(2024, 2, 15)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),  # February has no 31st
        (date(2024, 1, 1), 12, date(2023, 1, 1)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 1, 15), 25, date(2021, 12, 15)),
    ],
)
def test_months_before_a_day_keep_its_day_where_there_is_one(
    day: date, count: int, earlier: date
) -> None:
    assert months_before(day, count) == earlier
