"""The second-order clock: how long after the first order the second one comes, if it does.

The product-limit estimate of E. L. Kaplan and P. Meier (Journal of the American Statistical
Association 53, 1958, 457-481): a customer whose first order is recent is watched for a shorter
time, and counts for as long as that. Its variance is M. Greenwood's (The Natural Duration of
Cancer, Reports on Public Health and Medical Subjects 33, 1926), its interval K. J. Rothman's
(Journal of Chronic Diseases 31, 1978, 557-560): Wilson's, of as many customers as give a plain
share that variance. It never says that chance has nothing to do with it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_CUSTOMERS, Z_95, wilson_interval
from rfmreport.sections.loyalty.figures import (
    MARKED_DAYS,
    OneOrderGroup,
    SecondOrderDay,
    SecondOrders,
)
from rfmreport.vocabulary import Estimate, months_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FIRST_DAYS = 30
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Watched:
    """Customers watched for so many whole days: up to the second order, or, without, to the end.

    `is_early`: their first order lies in the data's first 30 days. `revenue` is all that they have
    brought: of those without a second order that of the first, less what they returned.
    """

    days: int
    has_second_order: bool
    is_early: bool
    customer_count: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Period:
    """The data's first day, the report's date, and the first day that the data do not cover."""

    first_day: date
    as_of: date
    covered_until: date

    @property
    def last_day(self) -> date:
        """Return the last day on which a second order would have been seen."""
        return min(self.as_of, self.covered_until) - timedelta(days=1)

    @property
    def early_until(self) -> date:
        """Return the end of the data's first days, in which many customers only look new."""
        return self.first_day + timedelta(days=_FIRST_DAYS)


def tell_second_orders(
    watched: Sequence[Watched], period: Period, horizon_days: int, chance_level: float
) -> SecondOrders | None:
    """Return the clock; None below thirty customers."""
    customer_count = sum(row.customer_count for row in watched)
    if customer_count < FEWEST_CUSTOMERS:
        return None
    once = [row for row in watched if not row.has_second_order]
    days = with_chances(product_limit(watched), horizon_days)
    cold_after_days = find_cold_day(days, chance_level)
    second_order_count = customer_count - sum(row.customer_count for row in once)
    until = months_before(period.as_of, -1)
    turning, cold, fresh = _by_turn(once, period, cold_after_days, until)
    return SecondOrders(
        as_of=period.as_of,
        turning_until=until,
        horizon_days=horizon_days,
        chance_level=chance_level,
        customer_count=customer_count,
        second_order_count=second_order_count,
        same_day_count=sum(r.customer_count for r in watched if r.has_second_order and not r.days),
        one_order_revenue=sum((row.revenue for row in once), Decimal(0)),
        days=days,
        cold_after_days=cold_after_days,
        turning=turning,
        cold=cold,
        fresh=fresh,
        later_share=_share_within([r for r in watched if not r.is_early], horizon_days),
        changed_day=find_changed_day(days),
    )


def product_limit(watched: Iterable[Watched]) -> tuple[SecondOrderDay, ...]:
    """Return the share without a second order day by day, for as long as thirty are at risk.

    Kaplan and Meier 1958, equation 2b: the product of 1 - d / n over the days, of n customers at
    risk d of whom order; who is watched to the end of a day is at risk on it.
    """
    second, left = _by_day(watched)
    at_risk = sum(second.values()) + sum(left.values())
    days, waiting, variance_sum = [], 1.0, 0.0
    for day in range(max([*second, *left], default=-1) + 1):
        if at_risk < FEWEST_CUSTOMERS:
            break
        ordered = second.get(day, 0)
        waiting *= 1 - ordered / at_risk
        variance_sum += _greenwood_term(at_risk, ordered)
        low, high = _interval(waiting, variance_sum, at_risk)
        ended = left.get(day, 0)
        days.append(SecondOrderDay(day, at_risk, ordered, ended, waiting, low, high))
        at_risk -= ordered + ended
    return tuple(days)


def _by_day(watched: Iterable[Watched]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    second: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for row in watched:
        (second if row.has_second_order else left)[row.days] += row.customer_count
    return second, left


def _greenwood_term(at_risk: int, ordered: int) -> float:
    # Where everybody left ordered, nobody waits: the variance is that of a certain zero.
    return 0.0 if ordered == at_risk else ordered / (at_risk * (at_risk - ordered))


def _interval(share: float, variance_sum: float, at_risk: int) -> tuple[float, float]:
    """Return Rothman's interval; `variance_sum` is the variance of the share's logarithm.

    Where nobody has ordered yet, or everybody, it is that of those who are watched so far.
    """
    variance = share * share * variance_sum
    customers = share * (1 - share) / variance if variance and share < 1 else at_risk
    return wilson_interval(share * customers, customers)


def with_chances(days: Sequence[SecondOrderDay], horizon_days: int) -> tuple[SecondOrderDay, ...]:
    """Return the days with the chance of a second order in the `horizon_days` after each.

    One less the share waiting then over the share waiting now; Greenwood's sum over the days in
    between is the variance of that ratio's logarithm (Kaplan and Meier 1958, section 2).
    """
    sums = [0.0]
    for day in days:
        sums.append(sums[-1] + _greenwood_term(day.at_risk_count, day.second_order_count))
    told = []
    for day in days:
        after = day.days + horizon_days
        if after >= len(days) or not day.waiting:
            told.append(day)
            continue
        ratio = days[after].waiting / day.waiting
        variance_sum = sums[after + 1] - sums[day.days + 1]
        low, high = _interval(ratio, variance_sum, days[after].at_risk_count)
        still = day.at_risk_count - day.second_order_count
        told.append(replace(day, chance=Estimate(1 - ratio, 1 - high, 1 - low, still)))
    return tuple(told)


def find_cold_day(days: Sequence[SecondOrderDay], chance_level: float) -> int | None:
    """Return the first day with a chance below the level, beyond chance and for good.

    The whole interval lies below, and on no later day does it lie above again.
    """
    told = [(day.days, day.chance) for day in days if day.chance]
    last_above = max((day for day, chance in told if chance.low > chance_level), default=-1)
    cold = (day for day, chance in told if day > last_above and chance.high < chance_level)
    return next(cold, None)


def find_changed_day(days: Sequence[SecondOrderDay]) -> int | None:
    """Return the marked day whose chance differs most clearly from the first day's, if one does.

    The difference of two estimates has the interval of G. Y. Zou and A. Donner (Biometrics 64,
    2008, 693-702): the distances to their limits, added by squares. It is widened for as many days
    as are looked at (Bonferroni).
    """
    first = days[0].chance if days else None
    marked = [days[day] for day in MARKED_DAYS if day < len(days) and days[day].chance]
    if first is None or not marked:
        return None
    wider = NormalDist().inv_cdf(1 - (1 - _CONFIDENCE) / 2 / len(marked)) / Z_95

    def clearness(day: SecondOrderDay) -> float:
        assert day.chance  # noqa: S101  chosen so
        return abs(day.chance.value - first.value) / (wider * _half(day.chance, first))

    clearest = max(marked, key=clearness)
    return clearest.days if clearness(clearest) > 1 else None


def _half(one: Estimate, other: Estimate) -> float:
    """Return how far the difference of two estimates is from their being equal, at 95 %."""
    lower, upper = (one, other) if one.value < other.value else (other, one)
    return math.hypot(lower.high - lower.value, upper.value - upper.low)


def _by_turn(
    once: Iterable[Watched], period: Period, cold_after_days: int | None, until: date
) -> tuple[OneOrderGroup, OneOrderGroup, OneOrderGroup] | tuple[None, None, None]:
    """Return the one-order customers who turn cold in the month ahead, who have, and all others.

    A customer turns cold when the last of `cold_after_days` days is over: who ordered on the 1st
    and has one day, on the morning of the 3rd.
    """
    if cold_after_days is None:
        return None, None, None
    wait = timedelta(days=cold_after_days)
    turn_from = period.as_of - wait
    turn_to = min(until - wait, period.as_of) - timedelta(days=1)
    first_on = [(period.last_day - timedelta(days=row.days), row) for row in once]
    turning = [row for day, row in first_on if turn_from <= day <= turn_to]
    cold = [row for day, row in first_on if day < turn_from]
    fresh = [row for day, row in first_on if day > turn_to]
    return (
        _one_order_group(turning, turn_from, turn_to),
        _one_order_group(cold, None, turn_from - timedelta(days=1)),
        _one_order_group(fresh, turn_to + timedelta(days=1), None),
    )


def _one_order_group(
    rows: Sequence[Watched], first_from: date | None, first_to: date | None
) -> OneOrderGroup:
    return OneOrderGroup(
        first_from,
        first_to,
        sum(row.customer_count for row in rows),
        sum((row.revenue for row in rows), Decimal(0)),
    )


def _share_within(watched: Sequence[Watched], horizon_days: int) -> Estimate | None:
    """Return the share with a second order after so many days; None where too few are left."""
    days = product_limit(watched)
    if len(days) <= horizon_days:
        return None
    day = days[horizon_days]
    count = sum(row.customer_count for row in watched)
    return Estimate(1 - day.waiting, 1 - day.high, 1 - day.low, count)
