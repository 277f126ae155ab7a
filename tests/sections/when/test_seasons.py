"""Seasons: complete months only, one ruler for short and long ones, no season out of chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rfmreport.sections.when.figures import Month, SeasonTable
from rfmreport.sections.when.measure import chosen_seasons, compare_seasons, untold_seasons
from rfmreport.settings import ReportSettings

HALVES = {"First": (1, 2, 3, 4, 5, 6), "Second": (7, 8, 9, 10, 11, 12)}


def month_of(text: str, revenue: int, orders: int = 100, *, complete: bool = True) -> Month:
    """Return a month of orders that are all alike."""
    square_sum = revenue * revenue / orders if orders else 0.0
    first_day = date.fromisoformat(f"{text}-01")
    return Month(first_day, complete, Decimal(revenue), orders, orders, 0, square_sum)


def year_of(year: int, *revenues: int) -> list[Month]:
    return [month_of(f"{year}-{i:02}", revenue) for i, revenue in enumerate(revenues, start=1)]


def seasons_of(months: list[Month], seasons: dict[str, tuple[int, ...]]) -> SeasonTable:
    found = compare_seasons(months, seasons)
    assert found
    return found


def test_a_season_is_the_mean_of_its_complete_months() -> None:
    months = [
        month_of("2023-05", 999, complete=False),
        month_of("2023-06", 600, 30),
        month_of("2023-07", 200, 10),
        month_of("2023-08", 400, 50),
        month_of("2023-09", 999, complete=False),
    ]
    first, second = seasons_of(months, HALVES).seasons
    assert first.complete_month_count == 1
    assert first.revenue_per_month == 600
    assert first.incomplete_months == (date(2023, 5, 1),)
    assert (second.revenue_per_month, second.order_count_per_month) == (300, 30)
    assert second.incomplete_months == (date(2023, 9, 1),)
    # of the average month, 400
    assert first.against_average == pytest.approx(0.5)
    assert second.against_average == pytest.approx(-0.25)


def test_only_a_season_that_was_seen_as_a_whole_stands_out() -> None:
    months = year_of(2023, 100, 100, 100, 100, 100, 100, 900, 900, 900, 900, 900)
    assert seasons_of(months, HALVES).standout is None  # December is missing
    whole = seasons_of([*months, month_of("2023-12", 900)], HALVES)
    assert (whole.standout, whole.standout_year_count) == ("Second", 1)


def test_a_difference_that_chance_makes_is_no_season() -> None:
    close = year_of(2023, *[100] * 6, *[104] * 6)
    assert seasons_of(close, HALVES).standout is None


def test_a_season_has_to_lead_in_each_year() -> None:
    same = [month for year in range(2020, 2024) for month in year_of(year, *[100] * 6, *[200] * 6)]
    found = seasons_of(same, HALVES)
    assert (found.standout, found.standout_year_count) == ("Second", 3)
    first, second = found.seasons
    assert (first.against_trend, second.against_trend) == pytest.approx((-1 / 3, 1 / 3), abs=0.02)
    late = [*same[:36], *year_of(2023, *[900] * 6, *[200] * 6), *year_of(2024, *[900] * 6)]
    assert seasons_of(late, HALVES).standout is None


def test_growth_is_no_season() -> None:
    """Four years of 2% more a month: the end of every year is its best season, by growth alone."""
    starts = [(year, n) for year in range(2019, 2023) for n in range(1, 13)]
    growth = [
        month_of(f"{year}-{n:02}", round(100_000 * 1.02**i)) for i, (year, n) in enumerate(starts)
    ]
    found = seasons_of(growth, HALVES)
    assert found.is_against_trend
    assert found.standout is None
    assert [one.against_trend for one in found.seasons] == pytest.approx([0, 0], abs=0.005)
    assert found.seasons[1].against_average > 0.05
    seasonal = [
        replace(month, revenue=month.revenue * (2 if month.first_day.month > 6 else 1))
        for month in growth
    ]
    assert seasons_of(seasonal, HALVES).standout == "Second"


def test_below_two_years_growth_and_season_look_the_same() -> None:
    found = seasons_of([*year_of(2022, *[100] * 6, *[200] * 6), month_of("2023-01", 100)], HALVES)
    assert (found.standout, found.standout_year_count) == ("Second", 1)
    assert not found.is_against_trend
    assert [one.against_trend for one in found.seasons] == [None, None]


def test_a_short_season_seen_twice_is_compared_in_one_year_only() -> None:
    """Christmas is there twice in fourteen months, all other months once."""
    seasons = {"Christmas": (11, 12), "Rest": tuple(range(1, 11))}
    months = [month_of("2022-11", 900), month_of("2022-12", 900),
              *year_of(2023, *[100] * 10, 900, 900)]  # fmt: skip
    found = seasons_of(months, seasons)
    assert (found.standout, found.standout_year_count) == ("Christmas", 1)


def test_growth_compares_months_a_year_apart_that_are_both_complete() -> None:
    months = [
        *year_of(2022, 100, 100, 100),
        *(month_of(f"2022-{n:02}", 50) for n in range(4, 13)),
        month_of("2023-01", 150),
        month_of("2023-02", 180),
        month_of("2023-03", 70, complete=False),
    ]
    first, second = seasons_of(months, HALVES).seasons
    assert first.year_change == pytest.approx(330 / 200 - 1)
    assert first.year_month_count == 2
    assert (second.year_change, second.year_month_count) == (None, 0)


def test_one_season_alone_is_compared_with_nothing() -> None:
    assert compare_seasons(year_of(2023, 1, 2, 3), HALVES) is None
    assert compare_seasons([], HALVES) is None
    assert [one.topic for one in untold_seasons(None)] == ["Seasons"]
    assert untold_seasons(seasons_of(year_of(2023, *[1] * 12), HALVES)) == ()


def test_south_of_the_equator_january_is_summer() -> None:
    assert chosen_seasons(ReportSettings())["Winter"] == (12, 1, 2)
    assert chosen_seasons(ReportSettings(hemisphere="south"))["Summer"] == (12, 1, 2)
    own = {"Christmas": (11, 12), "Rest": tuple(range(1, 11))}
    assert chosen_seasons(ReportSettings(seasons=own)) == own


def test_months_without_revenue_have_no_change() -> None:
    found = seasons_of(year_of(2023, *[0] * 12), HALVES)
    assert found.standout is None
    assert [season.against_average for season in found.seasons] == [None, None]
