"""What today's customers would bring if they did as those of earlier dates: not modelled."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.intervals import FEWEST_CUSTOMERS
from rfmreport.lifetime.value import DAYS_PER_MONTH, discount_factors
from rfmreport.report import Estimate, Expected, ForecastTrial, Outlook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from rfmreport.following import FollowedCell
    from rfmreport.report import HoldOut

NAME = "as the same segment did before"
_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class _Done:
    """What the customers of a segment did after one earlier date, per customer."""

    customer_count: int
    orders: Estimate
    revenue: Estimate


def extrapolate(
    cells: Sequence[FollowedCell],
    today: date,
    hold_outs: Sequence[HoldOut],
    days: int,
    discount_rate: float,
) -> Outlook | None:
    """Return what today's customers would bring in the next `days` if they did as those before.

    Per customer of a segment: the mean over the `hold_outs` (each followed for `days`); the bounds
    are the lowest and the highest of the dates' own 95 % bounds, so that they hold what one period
    differed from another. The discount supposes that orders come evenly. None where no segment has
    customers enough.
    """
    done = _done_by_segment(cells, hold_outs)
    counts = _customer_counts(cells, today)
    factor = _discount(days, discount_rate)
    rows = tuple(
        _expected(segment, counts[segment], found, factor)
        for segment, found in done.items()
        if counts.get(segment)
    )
    if not rows:
        return None
    told = sum(row.customer_count for row in rows)
    return Outlook(
        days=days,
        past_dates=tuple(hold_out.as_of for hold_out in hold_outs),
        rows=rows,
        total=_total(rows, told),
        untold_count=sum(counts.values()) - told,
    )


def try_extrapolation(
    cells: Sequence[FollowedCell], hold_outs: Sequence[HoldOut], days: int
) -> ForecastTrial | None:
    """Return what the earlier dates would have said of the latest; None with one date only."""
    latest, *earlier = hold_outs
    done = _done_by_segment(cells, [latest])
    said = _done_by_segment(cells, earlier)
    both = [segment for segment in done if segment in said]
    if not both:
        return None

    def summed(of: Mapping[str, Sequence[_Done]], what: str) -> float:
        return sum(
            done[segment][0].customer_count * _pooled(of[segment], what).value for segment in both
        )

    return ForecastTrial(
        name=NAME,
        is_model=False,
        as_of=latest.as_of,
        days=days,
        predicted_orders=summed(said, "orders"),
        actual_orders=summed(done, "orders"),
        predicted_revenue=summed(said, "revenue"),
        actual_revenue=summed(done, "revenue"),
    )


def _done_by_segment(
    cells: Iterable[FollowedCell], hold_outs: Sequence[HoldOut]
) -> dict[str, list[_Done]]:
    """Return what each segment did after each date, where it had customers enough."""
    sums: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for cell in cells:
        values = (cell.customer_count, cell.order_count, cell.order_square_sum)
        for i, value in enumerate(values):
            sums[cell.as_of, cell.segment][i] += value
    found: dict[str, list[_Done]] = {}
    for hold_out in hold_outs:
        for row in hold_out.rows:
            if row.customer_count >= FEWEST_CUSTOMERS:
                orders = _mean(*sums[hold_out.as_of, row.segment])
                done = _Done(row.customer_count, orders, row.revenue_per_customer)
                found.setdefault(row.segment, []).append(done)
    return found


def _mean(count: int, total: int, square_sum: int) -> Estimate:
    mean = total / count
    variance = max(square_sum / count - mean * mean, 0.0) * count / (count - 1)
    half = _Z_95 * math.sqrt(variance / count)
    return Estimate(mean, max(0.0, mean - half), mean + half, count)


def _customer_counts(cells: Iterable[FollowedCell], day: date) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for cell in cells:
        if cell.as_of == day:
            counts[cell.segment] += cell.customer_count
    return counts


def _pooled(done: Sequence[_Done], what: str) -> Estimate:
    """Return the mean over the customers of all dates, within the outermost bounds."""
    found: list[Estimate] = [getattr(one, what) for one in done]
    count = sum(one.customer_count for one in found)
    mean = sum(one.value * one.customer_count for one in found) / count
    return Estimate(mean, min(one.low for one in found), max(one.high for one in found), count)


def _expected(segment: str, count: int, done: Sequence[_Done], factor: float) -> Expected:
    orders = _scaled(_pooled(done, "orders"), count)
    revenue = _scaled(_pooled(done, "revenue"), count)
    return Expected(segment, count, orders, revenue, _scaled(revenue, factor))


def _scaled(estimate: Estimate, by: float) -> Estimate:
    low, high = estimate.low * by, estimate.high * by
    return Estimate(estimate.value * by, low, high, estimate.customer_count)


def _total(rows: Sequence[Expected], customer_count: int) -> Expected:
    """Add up the segments and their bounds: a good season is good for all of them."""
    revenues = [row.revenue for row in rows if row.revenue]
    values = [row.value for row in rows if row.value]
    return Expected(
        "All customers",
        customer_count,
        _sum_of([row.orders for row in rows]),
        _sum_of(revenues),
        _sum_of(values),
    )


def _sum_of(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(
        sum(one.value for one in estimates),
        sum(one.low for one in estimates),
        sum(one.high for one in estimates),
        sum(one.customer_count for one in estimates),
    )


def _discount(days: int, annual_rate: float) -> float:
    """Return what a unit that comes evenly over so many days is worth today."""
    months = max(round(days / DAYS_PER_MONTH), 1)
    return float(discount_factors(months, annual_rate).mean())
