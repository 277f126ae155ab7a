"""As before: what segments did is carried over to today's customers, within the dates' bounds."""

from __future__ import annotations

from datetime import date

import pytest

from rfmreport.analyses.extrapolation import extrapolate, try_extrapolation
from rfmreport.following import FollowedCell
from rfmreport.intervals import estimate_share
from rfmreport.report import Estimate, HoldOut, HoldOutRow

EARLY, LATE, TODAY = date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)


def hold_out(day: date, segment: str, count: int, mean: float) -> HoldOut:
    revenue = Estimate(mean, mean - 10, mean + 10, count)
    return HoldOut(
        day, (HoldOutRow(segment, count, count // 2, estimate_share(1, 2), revenue, None),)
    )


def cell(day: date, segment: str, count: int, orders: int) -> FollowedCell:
    """Everybody ordered equally often: no spread."""
    each = orders // count
    return FollowedCell(day, segment, 5, 5, count, (0,), orders, each * each * count)


CELLS = [
    cell(EARLY, "Best", 100, 100),
    cell(LATE, "Best", 100, 300),
    FollowedCell(TODAY, "Best", 5, 5, 50, (0,), 0, 0),
    FollowedCell(TODAY, "New", 5, 1, 7, (0,), 0, 0),
]
HOLD_OUTS = (hold_out(LATE, "Best", 100, 60), hold_out(EARLY, "Best", 100, 40))


def test_the_mean_of_the_dates_is_carried_over_and_their_bounds_enclose_it() -> None:
    """1 and 3 orders each, £40 and £60: today's 50 would make 100 orders of 50 to 150."""
    outlook = extrapolate(CELLS, TODAY, HOLD_OUTS, 90, 0.0)
    assert outlook is not None
    (row,) = outlook.rows
    assert row.orders == Estimate(100, 50, 150, 200)
    assert row.revenue == Estimate(2500, 1500, 3500, 200)
    assert row.value == row.revenue  # without a discount
    assert outlook.total.revenue == row.revenue
    assert (outlook.total.customer_count, outlook.untold_count) == (50, 7)
    assert outlook.past_dates == (LATE, EARLY)


def test_money_to_come_is_worth_less_today() -> None:
    """Spread over twelve months at 10 % a year: the mean of 1.1 ^ -(1 to 12) / 12."""
    outlook = extrapolate(CELLS, TODAY, HOLD_OUTS, 365, 0.10)
    factor = sum(1.1 ** -(month / 12) for month in range(1, 13)) / 12
    assert outlook.total.value.value == pytest.approx(2500 * factor)


def test_the_same_is_tried_on_the_latest_date() -> None:
    trial = try_extrapolation(CELLS, HOLD_OUTS, 90)
    assert (trial.as_of, trial.predicted_orders, trial.actual_orders) == (LATE, 100, 300)
    assert (trial.predicted_revenue, trial.actual_revenue) == (4000, 6000)
    assert trial.order_error == pytest.approx(-2 / 3)
    assert trial.revenue_error == pytest.approx(-1 / 3)


def test_one_date_cannot_be_tried() -> None:
    assert try_extrapolation(CELLS, HOLD_OUTS[:1], 90) is None


def test_a_segment_of_few_is_not_told() -> None:
    few = (hold_out(LATE, "Best", 29, 60),)
    cells = [cell(LATE, "Best", 29, 29), CELLS[2]]
    assert extrapolate(cells, TODAY, few, 90, 0.1) is None
