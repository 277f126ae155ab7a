"""Projection: three months from plain rules, their parts, and the outlook beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from evidence import month_of
from example_worth import example_worth
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.sections.plan.figures import Reconciliation
from rfmreport.sections.plan.projection import FEWEST_MONTHS, project_revenue, reconcile
from rfmreport.vocabulary import Estimate, months_before

FIRST = date(2023, 1, 1)


def months_of(revenues) -> list:
    firsts = (months_before(FIRST, -n) for n in range(len(revenues)))
    return [
        month_of(f"{first:%Y-%m}", str(of), 9) for first, of in zip(firsts, revenues, strict=True)
    ]


def test_a_steady_shop_goes_on() -> None:
    months = months_of([100] * 12)
    found = project_revenue(months, months)
    assert (found.forecast.value, found.forecast.low, found.forecast.high) == (300, 300, 300)
    assert (found.forecast.first_day, found.forecast.last_day) == (
        date(2024, 1, 1),
        date(2024, 3, 31),
    )
    assert found.per_month == (100, 100, 100)
    assert len(found.forecast.trials) == 3
    assert found.so_far == 0
    assert found.forecast.year_before == 300


def test_below_twelve_complete_months_nothing_is_projected() -> None:
    months = months_of([100] * (FEWEST_MONTHS - 1))
    assert FEWEST_MONTHS == 12
    assert project_revenue(months, months) is None
    assert project_revenue([], []) is None


def test_what_came_in_a_month_that_has_begun_is_told() -> None:
    months = months_of([100] * 12)
    begun = month_of("2024-01", "17.50", 2, complete=False)
    assert project_revenue(months, [*months, begun]).so_far == Decimal("17.50")


def test_after_two_years_the_season_is_known_and_shared_out_as_a_year_before() -> None:
    """Januaries bring 10, Februaries 20, Marches 30, other months 90: and all doubles each year."""
    year = [10, 20, 30, *[90] * 9]
    months = months_of([n * 2**k for k in range(3) for n in year])
    found = project_revenue(months, months)
    assert found.forecast.knows_season
    assert found.forecast.rule.name == "the same months a year before, at this year's pace"
    assert found.forecast.value == pytest.approx(60 * 8)
    assert found.per_month == (80, 160, 240)
    assert found.forecast.year_before == 60 * 4


@given(st.lists(st.integers(1, 10**7), min_size=12, max_size=48))
def test_the_months_add_up_to_the_projection(revenues) -> None:
    months = months_of(revenues)
    found = project_revenue(months, months)
    assert sum(found.per_month) == round(Decimal(str(found.forecast.value)), 2)
    assert len(found.per_month) == found.month_count


def test_the_projection_less_new_customers_stands_beside_the_outlook() -> None:
    """300 in 91 days, a fifth from new customers; the outlook is brought from 90 to 91 days."""
    months = months_of([100, 101] * 6)
    projection = project_revenue(months, months)
    outlook = example_worth().outlooks[0]
    found = reconcile(projection, outlook, 0.2)
    days = (projection.forecast.last_day - projection.forecast.first_day + timedelta(days=1)).days
    assert days == 91
    assert found.expected_of_known.value == pytest.approx(projection.forecast.value * 0.8)
    assert found.expected_of_known.low == pytest.approx(projection.forecast.low * 0.8)
    assert found.outlook.value == pytest.approx(outlook.total.revenue.value * 91 / 90)
    assert not found.agrees
    assert found.past_error == projection.forecast.rule.error


def reconciled(outlook: Estimate, past_error: float = 0.24) -> Reconciliation:
    return Reconciliation(0.18, Estimate(253, 99, 648, 0), 90, outlook, past_error)


def test_two_estimates_agree_only_within_each_others_bounds_and_the_rules_usual_error() -> None:
    close = reconciled(Estimate(280, 200, 400, 10))
    assert close.agrees
    far_off = reconciled(Estimate(368, 240, 515, 10))  # within the wide bounds, 45% above
    assert far_off.difference == pytest.approx(368 / 253 - 1)
    assert (far_off.agrees, far_off.overlaps) == (False, True)
    assert reconciled(Estimate(368, 240, 515, 10), past_error=0.5).agrees
    surely_above = reconciled(Estimate(280, 270, 290, 10))
    assert (surely_above.agrees, surely_above.overlaps) == (False, True)
    assert not reconciled(Estimate(900, 700, 999, 10)).overlaps


def test_without_an_outlook_or_a_past_there_is_nothing_to_reconcile() -> None:
    months = months_of([100] * 12)
    projection = project_revenue(months, months)
    assert reconcile(projection, None, 0.2) is None
    assert reconcile(projection, example_worth().outlooks[0], None) is None
