"""Projection: the revenue of the next three months, beside what today's customers will bring."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_to
from rfmreport.models.foretelling import Series, again, as_a_year_before, foretell
from rfmreport.sections.plan.figures import Projection, Reconciliation
from rfmreport.vocabulary import Estimate, months_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.models.forecast import Forecast
    from rfmreport.sections.when.figures import Month
    from rfmreport.sections.worth.figures import Outlook

MONTH_COUNT = 3
FEWEST_TRIALS = 3
FEWEST_MONTHS = MONTH_COUNT * (FEWEST_TRIALS + 1)
"""So many complete months it takes for one rule to be tried as often as needed."""
_YEAR = 12


def project_revenue(complete: Sequence[Month], months: Sequence[Month]) -> Projection | None:
    """Return what the next three months will bring; None where no rule could be tried enough.

    `complete` are the complete months without a gap, oldest first; `months` all that are known.
    The months follow the last complete one, so the first of them may have begun.
    """
    if not complete:
        return None
    first = complete[0].first_day
    series = Series(
        values=[float(month.revenue) for month in complete],
        first_day_of=lambda n: months_before(first, -n),
        length=MONTH_COUNT,
        year=_YEAR,
    )
    rules = (
        again("the last 3 months again", 3, MONTH_COUNT),
        again("the mean of the last 6 months", 6, MONTH_COUNT),
        again("the mean of the last 12 months", 12, MONTH_COUNT),
        as_a_year_before("the same months a year before, at this year's pace", series, 3),
    )
    forecast = foretell(series, rules, FEWEST_TRIALS)
    if forecast is None:
        return None
    return Projection(
        month_count=MONTH_COUNT,
        forecast=forecast,
        per_month=_per_month(series, forecast),
        so_far=sum(
            (month.revenue for month in months if month.first_day >= forecast.first_day),
            Decimal(0),
        ),
    )


def _per_month(series: Series, forecast: Forecast) -> tuple[Decimal, ...]:
    """Share out the sum over its months: as a year before where the rule does so, else evenly."""
    start = len(series.values) - _YEAR
    same = series.values[start : start + MONTH_COUNT] if forecast.knows_season else [1.0] * 3
    whole = rounded_to(forecast.value, 2)
    parts = [rounded_to(forecast.value * one / sum(same), 2) for one in same[:-1]]
    return (*parts, whole - sum(parts, Decimal(0)))


def reconcile(
    projection: Projection, outlook: Outlook | None, new_share: float | None
) -> Reconciliation | None:
    """Return the projection beside what today's customers bring; None where either is missing.

    `new_share` is the part of as many past months' revenue that customers brought who were new in
    them. The outlook is stretched to the days of the projection, as if orders came evenly.
    """
    if outlook is None or outlook.total.revenue is None or new_share is None:
        return None
    forecast, count = projection.forecast, outlook.total.customer_count
    days = (forecast.last_day - forecast.first_day + timedelta(days=1)).days
    whole = Estimate(forecast.value, forecast.low, forecast.high, count)
    expected = _scaled(whole, 1 - new_share)
    stretched = _scaled(outlook.total.revenue, days / outlook.days)
    return Reconciliation(
        new_share=new_share,
        expected_of_known=expected,
        outlook_days=outlook.days,
        outlook=stretched,
        past_error=forecast.rule.error,
    )


def _scaled(estimate: Estimate, by: float) -> Estimate:
    low, high = estimate.low * by, estimate.high * by
    return Estimate(estimate.value * by, low, high, estimate.customer_count)
