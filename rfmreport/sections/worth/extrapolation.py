"""What customers did after earlier dates, and what today's would bring if they did the same."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    MOST_OF_NONE,
    ORDERS_AS_BEFORE,
    REVENUE_AS_BEFORE,
    Z_95,
    Doubt,
    Misses,
    bounds_of,
    miss_of,
    widened,
)
from rfmreport.sections.worth.figures import (
    EVERYBODY,
    SMALL_SEGMENTS,
    Expected,
    ForecastTrial,
    Outlook,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from rfmreport.sections.hold.figures import HoldOut

_QUERIES = read_queries(__file__)
NAME = "as the same segment did before"
_Measure = Literal["orders", "revenue"]
_MEASURES: tuple[_Measure, _Measure] = ("orders", "revenue")
_USUAL = {"orders": ORDERS_AS_BEFORE, "revenue": REVENUE_AS_BEFORE}


@dataclass(frozen=True, slots=True)
class FollowedCell:
    """Customers of one date, segment, recency score and frequency score, and what they did.

    `came_counts` are those who ordered within each window; `order_count` the orders of all within
    the days for which the date is followed, `order_square_sum` the sum of their squares over
    customers. Of today's customers nothing is known yet: all zero.
    """

    as_of: date
    segment: str
    recency_score: int
    frequency_score: int
    customer_count: int
    came_counts: tuple[int, ...]
    order_count: int
    order_square_sum: int

    @property
    def score(self) -> tuple[int, int]:
        """Return the recency and the frequency score."""
        return self.recency_score, self.frequency_score


def follow_customers(
    engine: Engine,
    today: date,
    followed_days: Mapping[date, int],
    windows: Sequence[int],
    *,
    people: str = "earlier_customers",
) -> tuple[FollowedCell, ...]:
    """Return one entry per date, segment, recency and frequency score that holds customers.

    An earlier date is followed for so many `followed_days`; an order counts on the day on which it
    began. `windows` are one or two numbers of days. `people` is the held table of the earlier
    dates' customers: by today's cuts, or by those of the day.
    """
    rows = engine.rows(
        _QUERIES["follow_customers"],
        people=people,
        today=today,
        days=list(followed_days),
        lengths=list(followed_days.values()),
        soon=windows[0],
        horizon=windows[-1],
    )
    return tuple(
        FollowedCell(came_counts=(soon, came)[-len(windows) :], **row)
        for row in rows
        for soon, came in ((row.pop("came_soon"), row.pop("came")),)
    )


@dataclass(frozen=True, slots=True)
class _Mean:
    """A mean per customer, and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class _Done:
    """What the customers of a segment did after one earlier date."""

    customer_count: int
    orders: _Mean
    revenue: _Mean


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a group can be expected to make, and the variance that chance gives it."""

    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Tried:
    """How the extrapolation did on the past, the latest date first; empty where it was not tried.

    The misses are of the same dates as the trials.
    """

    trials: tuple[ForecastTrial, ...] = ()
    orders: Misses = field(default_factory=Misses)
    revenue: Misses = field(default_factory=Misses)


@dataclass(frozen=True, slots=True)
class _Carried:
    """What was done before, ready to be carried over to today's customers."""

    done: Mapping[str, Sequence[_Done]]
    counts: Mapping[str, int]
    tried: Tried

    def expect(self, label: str, names: Sequence[str], *, is_total: bool = False) -> Expected:
        """Return what the customers of these segments would do together."""
        orders = self._estimate("orders", 1.0, names, is_total=is_total)
        worth, revenue = _order_value(self.done), None
        if worth is not None:
            revenue = self._estimate("revenue", worth, names, is_total=is_total)
        return Expected(label, sum(self.counts[name] for name in names), orders, revenue)

    def _estimate(
        self, what: _Measure, order_value: float, names: Sequence[str], *, is_total: bool
    ) -> Estimate:
        sums = [
            _carried_over(self.done[name], what, self.counts[name], order_value) for name in names
        ]
        usual, misses = _USUAL[what], getattr(self.tried, what)
        doubts = misses.doubts(usual)
        past_count = sum(one.customer_count for name in names for one in self.done[name])
        return _in_doubt(sums, doubts.total if is_total else doubts.segment, past_count)


def extrapolate(  # noqa: PLR0913, PLR0917  whom, from what, how far, and how sure
    cells: Sequence[FollowedCell],
    today: date,
    hold_outs: Sequence[HoldOut],
    days: int,
    tried: Tried,
    names: Sequence[str],
) -> Outlook | None:
    """Return what today's customers would bring in the next `days` if they did as those before.

    `cells` are cut as on their day, like the hold-outs: today's cuts know what came after these.
    Per customer of a segment: the mean over the `hold_outs` (each followed for `days`), with bounds
    of chance and of what such a forecast is off by. Segments in the order of `names`; those of few
    customers today stand together, with those that the past hardly knew, which do as all did. None
    where no segment can be told.
    """
    done = _done_by_segment(cells, hold_outs)
    counts = {name: count for name, count in _customer_counts(cells, today).items() if count}
    own = [name for name in names if name in done and counts.get(name, 0) >= FEWEST_CUSTOMERS]
    if not own:
        return None
    everybody = [one for dates in done.values() for one in dates]
    carried = _Carried({name: done.get(name, everybody) for name in counts}, counts, tried)
    few = [name for name in counts if name not in own]
    return Outlook(
        days=days,
        past_dates=tuple(hold_out.as_of for hold_out in hold_outs),
        rows=tuple(carried.expect(name, [name]) for name in own),
        others=carried.expect(SMALL_SEGMENTS, few) if few else None,
        total=carried.expect(EVERYBODY, list(counts), is_total=True),
    )


def try_extrapolation(
    cells: Sequence[FollowedCell], hold_outs: Sequence[HoldOut], days: int
) -> Tried:
    """Return what earlier dates would have said of each later one, of segments that both knew."""
    trials, orders, revenue = [], [], []
    for i, latest in enumerate(hold_outs[:-1]):
        came = _done_by_segment(cells, [latest])
        said = _done_by_segment(cells, hold_outs[i + 1 :])
        both = {name: (said[name], came[name]) for name in came if name in said}
        if both:
            trials.append(_trial(both, latest.as_of, days))
            orders.append(_pairs(both, "orders"))
            revenue.append(_pairs(both, "revenue"))
    return Tried(tuple(trials), _misses(orders), _misses(revenue))


_Both = dict[str, tuple[list[_Done], list[_Done]]]
"""Segment → what was done before a date, and what after it."""


def _trial(both: _Both, as_of: date, days: int) -> ForecastTrial:
    orders, revenue = (_pairs(both, what)[-1] for what in _MEASURES)
    return ForecastTrial(
        name=NAME,
        is_model=False,
        as_of=as_of,
        days=days,
        customer_count=sum(came[0].customer_count for _, came in both.values()),
        predicted_orders=orders[0].value,
        actual_orders=orders[1].value,
        predicted_revenue=revenue[0].value,
        actual_revenue=revenue[1].value,
    )


def _pairs(both: _Both, what: _Measure) -> list[tuple[_Sum, _Sum]]:
    """Return what was said and what came, for each segment and, last, for all of them."""
    pairs = []
    for said, came in both.values():
        count = came[0].customer_count
        # What was said holds the chance of the new customers: what came is taken as it is.
        pairs.append((_carried_over(said, what, count), _carried_over(came, what, count)))
    return [*pairs, (_added(said for said, _ in pairs), _added(came for _, came in pairs))]


def _misses(dates: Iterable[Sequence[tuple[_Sum, _Sum]]]) -> Misses:
    missed = [
        [miss_of(said.value, came.value, said.variance, 0.0) for said, came in pairs]
        for pairs in dates
    ]
    return Misses(
        total=tuple(one[-1] for one in missed if one[-1]),
        segments=tuple(tuple(miss for miss in one[:-1] if miss) for one in missed),
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
            # Both are cut as on their day: what a segment's customers ordered, they spent.
            followed = sums[hold_out.as_of, row.segment]
            if followed[0] >= FEWEST_CUSTOMERS:
                orders = _mean(*followed)
                spent = row.revenue_per_customer
                revenue = _Mean(spent.value, (spent.high - spent.low) / (2 * Z_95))
                found.setdefault(row.segment, []).append(_Done(row.customer_count, orders, revenue))
    return found


def _mean(count: int, total: int, square_sum: int) -> _Mean:
    mean = total / count
    variance = max(square_sum / count - mean * mean, 0.0) * count / (count - 1)
    return _Mean(mean, math.sqrt(variance / count))


def _customer_counts(cells: Iterable[FollowedCell], day: date) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for cell in cells:
        if cell.as_of == day:
            counts[cell.segment] += cell.customer_count
    return counts


def _order_value(done: Mapping[str, Sequence[_Done]]) -> float | None:
    """Return what an order was worth, on all dates and in all segments; None without any order."""
    every = [one for dates in done.values() for one in dates]
    orders = sum(one.customer_count * one.orders.value for one in every)
    revenue = sum(one.customer_count * one.revenue.value for one in every)
    return max(revenue / orders, 0.0) if orders else None


def _carried_over(
    done: Sequence[_Done], what: _Measure, count: int, order_value: float = 1.0
) -> _Sum:
    """Return what `count` customers would make, at the mean over the customers of all dates.

    Two chances vary it: that of those who did it before, mostly the same people on every date, and
    that of the new ones. Where nobody did anything, so much may still come as chance explains.
    """
    past_count = sum(one.customer_count for one in done)
    means: list[tuple[int, _Mean]] = [(one.customer_count, getattr(one, what)) for one in done]
    mean = sum(number * one.value for number, one in means) / past_count
    if not mean:
        most = MOST_OF_NONE / past_count * order_value * count
        return _Sum(0.0, (most / Z_95) ** 2)
    error = sum(number * one.error for number, one in means) / past_count
    spread = sum((number * one.error) ** 2 for number, one in means) / past_count
    return _Sum(count * mean, (count * error) ** 2 + count * spread)


def _added(sums: Iterable[_Sum]) -> _Sum:
    every = list(sums)
    return _Sum(sum(one.value for one in every), sum(one.variance for one in every))


def _in_doubt(sums: Sequence[_Sum], doubt: Doubt, past_count: int) -> Estimate:
    """Add up, with the bounds of chance and of doubt."""
    total = _added(sums)
    if total.value > 0:
        low, high = bounds_of(total.value, total.variance)
    else:
        half = Z_95 * math.sqrt(total.variance)
        low, high = total.value - (half if total.value else 0.0), total.value + half
    return Estimate(total.value, *widened(total.value, low, high, doubt), past_count)
