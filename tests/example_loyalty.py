"""Whether customers of a made-up shop come back: literal figures for the tests of the renderers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import example_report

from rfmreport.sections.loyalty.figures import (
    Cohort,
    CohortMonth,
    Cohorts,
    Loyalty,
    OneOrderGroup,
    SecondOrders,
)
from rfmreport.sections.loyalty.measure import compare_cohorts, pool_cohorts
from rfmreport.sections.loyalty.second_order_measure import (
    Watched,
    find_changed_day,
    find_cold_day,
    product_limit,
    with_chances,
)
from rfmreport.vocabulary import Estimate, months_before

if TYPE_CHECKING:
    from rfmreport.report import Report

FIRST_DAY = date(2010, 12, 1)
# customers of the month, and how many of a hundred order in each month after
_COHORTS = (
    (884, (37, 32, 38, 36, 40, 36, 35, 35, 39, 37, 50)),
    (416, (22, 27, 23, 32, 29, 25, 24, 30, 33, 37)),
    (380, (19, 19, 29, 27, 24, 26, 27, 25, 31)),
    (452, (15, 25, 20, 22, 17, 27, 23, 28)),
    (300, (21, 20, 21, 20, 23, 22, 26)),
    (284, (19, 17, 17, 21, 23, 26)),
    (242, (17, 16, 26, 23, 33)),
    (187, (18, 20, 22, 27)),
    (169, (20, 24, 24)),
    (29, (23, 30)),
    (357, (24,)),
    (324, ()),
)


def _cohort(index: int, customers: int, shares: tuple[int, ...], returned: float) -> Cohort:
    ordered = (customers, *(customers * share // 100 for share in shares))
    months = [CohortMonth(i, True, n, n, Decimal(300) * n) for i, n in enumerate(ordered)]
    months.append(CohortMonth(len(ordered), False, 1, 1, Decimal(300)))
    count = int(customers * returned) if len(shares) > 2 else None
    return Cohort(months_before(FIRST_DAY, -index), True, tuple(months), count)


def example_cohorts(recent: float = 0.43) -> Cohorts:
    """Return cohorts of which 44 % came back in three months, and of the last three `recent`."""
    rows = tuple(
        _cohort(i, customers, shares, recent if i > 5 else 0.44)
        for i, (customers, shares) in enumerate(_COHORTS)
    )
    return compare_cohorts(pool_cohorts(Cohorts(FIRST_DAY, rows, rows[:-1])))


def example_clock(chance_level: float = 0.1, watched_days: int = 300) -> SecondOrders:
    """Return a clock of a thousand customers who order again the less, the longer they wait."""
    waiting, watched = 1000, []
    for day in range(1, watched_days):
        ordered = round(waiting / (60 + 2 * day))
        watched.append(Watched(day, True, False, ordered, Decimal(100)))
        waiting -= ordered
    watched.append(Watched(watched_days, False, False, waiting, Decimal(100)))
    days = with_chances(product_limit(watched), 90)
    cold = find_cold_day(days, chance_level)
    groups = (
        OneOrderGroup(date(2011, 8, 1), date(2011, 8, 31), 31, Decimal("9300.40")),
        OneOrderGroup(None, date(2011, 7, 31), 100, Decimal("31000.40")),
        OneOrderGroup(date(2011, 9, 1), None, waiting - 131, Decimal("40000.40")),
    )
    turning, gone, fresh = groups if cold is not None else (None, None, None)
    return SecondOrders(
        as_of=date(2011, 12, 10),
        turning_until=date(2012, 1, 10),
        horizon_days=90,
        chance_level=chance_level,
        customer_count=1000,
        second_order_count=1000 - waiting,
        same_day_count=0,
        one_order_revenue=Decimal("80301.20"),
        days=days,
        cold_after_days=cold,
        turning=turning,
        cold=gone,
        fresh=fresh,
        later_share=Estimate(0.446, 0.42, 0.47, 900) if watched_days > 90 else None,
        changed_day=find_changed_day(days),
    )


def example_loyalty(clock: SecondOrders | None = None, cohorts: Cohorts | None = None) -> Loyalty:
    """Return both, or one of them changed."""
    return Loyalty(FIRST_DAY, cohorts or example_cohorts(), clock or example_clock())


def loyalty_report(loyalty: Loyalty | None = None) -> Report:
    """Return the report of the reference shop, with whether its customers come back."""
    return replace(example_report(), loyalty=loyalty or example_loyalty())
