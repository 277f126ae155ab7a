"""Cohorts: customers by the month of their first order, and in which months they ordered again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS, estimate_difference, estimate_share
from rfmreport.sections.loyalty.figures import (
    Cohort,
    CohortGroup,
    CohortMonth,
    Cohorts,
    PooledMonth,
)
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    months_before,
    next_month,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

_RETURN_MONTHS = 3
_RECENT = 3
_MOST_SHOWN = 13
_YEAR = 12
_NOTHING: Mapping[str, Any] = {"customer_count": 0, "order_count": 0, "revenue": Decimal(0)}
_Figures = dict[int, dict[str, Any]]


def measure_cohorts(orders: Table, first_day: date, as_of: date, covered_until: date) -> Cohorts:
    """Return every month with first orders, oldest first, followed up to `as_of`.

    `orders` as from `cleaning.group_orders`, without a window. A month is complete where the data,
    from `first_day` up to `covered_until`, cover each of its days. The revenue of all cohorts adds
    up to that of all kept orders of customers with a purchase; a return that comes before the first
    known order counts to that order's month.
    """
    counted = fetch_rows(_count_months(orders))
    by_cohort: dict[date, _Figures] = defaultdict(dict)
    for row in counted:
        by_cohort[row.pop("first_month")][row.pop("months_since")] = row
    rows = tuple(
        _cohort(first_month, by_cohort[first_month], first_day, as_of, covered_until)
        for first_month in sorted(by_cohort)
    )
    return compare_cohorts(pool_cohorts(Cohorts(first_day, rows, _shown(rows))))


def _count_months(orders: Table) -> Table:
    """Return one row per first-order month and months since it that anything happened in.

    Columns out: first_month, months_since, customer_count, order_count, revenue, returned_count
    (customers with an order in the three months after the first; only where months_since is 0).
    """
    kept = orders.filter(orders[EXCLUSION].isnull())
    month = kept[FIRST_AT].date().truncate("M")
    monthly = kept.group_by(CUSTOMER_ID, month=month).agg(
        order_count=(~kept[IS_RETURN]).sum(), revenue=kept[AMOUNT].sum()
    )
    # Months with nothing but returns come last, so the first row is that of the first purchase.
    in_order = ibis.window(
        group_by=CUSTOMER_ID, order_by=[monthly.order_count == 0, monthly["month"]]
    )
    followed = monthly.mutate(
        first_month=monthly["month"].first().over(in_order),
        first_order_count=monthly.order_count.first().over(in_order),
        second_month=monthly["month"].lead().over(in_order),
        second_order_count=monthly.order_count.lead().over(in_order),
    )
    followed = followed.filter(followed.first_order_count > 0)
    until_second = _months_between(followed.first_month, followed.second_month)
    is_purchase = followed.order_count > 0
    is_returned = (followed.second_order_count > 0) & (until_second <= _RETURN_MONTHS)
    since = _months_between(followed.first_month, followed["month"])
    return followed.group_by("first_month", months_since=ibis.greatest(since, 0)).agg(
        customer_count=is_purchase.sum(),
        order_count=followed.order_count.sum(),
        revenue=followed.revenue.sum(),
        returned_count=followed.count(where=is_purchase & (since == 0) & is_returned),
    )


def _months_between(earlier: Any, later: Any) -> Any:  # noqa: ANN401  columns of dates
    return (later.year() - earlier.year()) * _YEAR + (later.month() - earlier.month())


def _cohort(
    first_month: date, figures: _Figures, first_day: date, as_of: date, covered_until: date
) -> Cohort:
    months = []
    month, since = first_month, 0
    while month < as_of:
        row = figures.get(since, _NOTHING)
        is_complete = first_day <= first_month and next_month(month) <= covered_until
        values = {name: row[name] for name in _NOTHING}
        months.append(CohortMonth(since, complete=is_complete, **values))
        month, since = next_month(month), since + 1
    is_followed = len(months) > _RETURN_MONTHS and months[_RETURN_MONTHS].complete
    return Cohort(
        first_month=first_month,
        complete=months[0].complete,
        months=tuple(months),
        returned_count=int(figures[0]["returned_count"]) if is_followed else None,
    )


def _shown(rows: Sequence[Cohort]) -> tuple[Cohort, ...]:
    followed = [row for row in rows if row.complete and row.months[1:] and row.months[1].complete]
    shown = tuple(followed[-_MOST_SHOWN:])
    return shown if any(row.customer_count >= FEWEST_CUSTOMERS for row in shown) else ()


def pool_cohorts(cohorts: Cohorts) -> Cohorts:
    """Return the cohorts with those that are shown taken together, month by month.

    The first whole month of the data is left out where there are others.
    """
    shown = [row for row in cohorts.shown if not cohorts.looks_new(row)] or cohorts.shown
    followed = max((len(row.months) for row in shown), default=0)
    months = []
    for since in range(1, followed):
        reached = [row for row in shown if row.is_reached(since)]
        if reached:
            customers = sum(row.customer_count for row in reached)
            ordered = sum(row.months[since].customer_count for row in reached)
            months.append(PooledMonth(since, customers, ordered))
    count = sum(row.customer_count for row in shown)
    return replace(cohorts, pooled_count=count, pooled=tuple(months))


def compare_cohorts(cohorts: Cohorts) -> Cohorts:
    """Return the cohorts with the recent ones held against older ones, where both are enough.

    The first whole month of the data is left out: customers from before it look new.
    """
    begin = cohorts.first_day
    first_whole = begin if begin.day == 1 else next_month(begin)
    followed = [
        row
        for row in cohorts.rows
        if row.complete and row.returned_count is not None and row.first_month > first_whole
    ]
    recent = followed[-_RECENT:]
    older = _older(followed)
    groups = tuple(_group(rows) for rows in (followed[-_YEAR:], recent, older))
    everyone, now, before = groups
    if not (now and before):
        return replace(cohorts, everyone=everyone)
    difference = estimate_difference(
        _returned(recent), now.share.customer_count, _returned(older), before.share.customer_count
    )
    return replace(cohorts, everyone=everyone, recent=now, older=before, difference=difference)


def _older(followed: Sequence[Cohort]) -> list[Cohort]:
    """Return the recent cohorts' months of a year before: else up to nine that came before."""
    year_before = {months_before(row.first_month, _YEAR) for row in followed[-_RECENT:]}
    same_season = [row for row in followed if row.first_month in year_before]
    if len(same_season) == _RECENT:
        return same_season
    return list(followed[-_YEAR:-_RECENT])


def _group(rows: Sequence[Cohort]) -> CohortGroup | None:
    customer_count = sum(row.customer_count for row in rows)
    if customer_count < FEWEST_CUSTOMERS:
        return None
    months = tuple(row.first_month for row in rows)
    return CohortGroup(months, estimate_share(_returned(rows), customer_count))


def _returned(rows: Sequence[Cohort]) -> int:
    return sum(row.returned_count or 0 for row in rows)
