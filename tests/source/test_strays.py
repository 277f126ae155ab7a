"""Dates that stray are told with their money, and do not say when the data end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stages import cleaned

if TYPE_CHECKING:
    from pathlib import Path

END = date(2024, 12, 1)
DAYS = [date(2024, 1, 1) + timedelta(days=7 * n) for n in range(48)]


def shop(folder: Path, *more: date) -> Path:
    """Write a year of weekly orders, and some more."""
    rows = [f"C{n % 16},{day},10" for n, day in enumerate([*DAYS, *more])]
    path = folder / "shop.csv"
    path.write_text("\n".join(["customer,date,amount", *rows, ""]))
    return path


@pytest.mark.parametrize("stray", [date(2034, 11, 20), date(2026, 5, 2), date(2101, 1, 1)])
def test_one_date_far_after_the_others_does_not_move_the_end(tmp_path: Path, stray: date):
    with cleaned(shop(tmp_path, stray)) as clean:
        assert clean.as_of == DAYS[-1] + timedelta(days=1)
        (found,) = (one for one in clean.findings if one.key == "stray_dates")
        assert (found.severity, found.line_count, found.amount) == ("warning", 1, 10)
        assert "the others end on 2024-11-25" in found.text


@pytest.mark.parametrize("month", ["last", None])
def test_the_last_month_is_the_last_before_them(tmp_path: Path, month: str | None):
    window = {} if month else {"window_months": 6}
    with cleaned(shop(tmp_path, date(2034, 11, 20)), cleaning={"month": month} | window) as clean:
        assert clean.as_of == (date(2024, 11, 1) if month else date(2024, 11, 26))


def test_orders_of_tomorrow_stray_however_near(tmp_path: Path):
    tomorrow = datetime.now(tz=UTC).date() + timedelta(days=1)
    with cleaned(shop(tmp_path, *[tomorrow] * 5)) as clean:
        assert clean.as_of == DAYS[-1] + timedelta(days=1)


def test_what_the_user_says_counts(tmp_path: Path):
    path = shop(tmp_path, date(2034, 11, 20))
    with cleaned(path, cleaning={"as_of": date(2035, 1, 1)}) as clean:
        assert clean.audit.kept.line_count == 49


@pytest.mark.parametrize("more", [[date(2025, 2, 1)], [date(2025, 12, 1)] * 5])
def test_a_pause_is_no_stray(tmp_path: Path, more: list[date]):
    with cleaned(shop(tmp_path, *more)) as clean:
        assert clean.as_of == more[0] + timedelta(days=1)


def test_days_that_are_no_orders_are_told(tmp_path: Path):
    """A file of one day is perhaps of its export's; where all is to come, the clock was wrong."""
    for days, key in (
        ([date(2024, 5, 5)] * 9, "one_day"),
        ([date(2031, 5, n) for n in range(1, 9)], "future_days"),
    ):
        rows = [f"C{n % 5},{day},10" for n, day in enumerate(days)]
        path = tmp_path / f"{key}.csv"
        path.write_text("\n".join(["customer,date,amount", *rows]))
        with cleaned(path) as clean:
            found = {one.key for one in clean.findings}
            assert found & {"one_day", "future_days"} == {key}
