"""Months by segment: which customers brought each month's revenue, by what they were when it began.

Today's segments would not do: who bought last month is in a good one for having bought, and those
now lost have brought nothing lately by definition.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_row, fetch_rows
from rfmreport.sections.plan.figures import MonthBySegment, MonthsBySegment
from rfmreport.vocabulary import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    FIRST_ORDER_ON,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

    from rfmreport.sections.when.figures import Month

MONTH_COUNT = 13
_MONTH, _IS_NEW, _OF_MONTH = "month", "is_new", "revenue"


def last_complete(months: Sequence[Month], count: int) -> tuple[Month, ...]:
    """Return the last complete months, oldest first, up to a gap or to so many."""
    found: list[Month] = []
    for month in reversed(months):
        if month.complete:
            found.append(month)
        if (not month.complete and found) or len(found) == count:
            break
    return tuple(reversed(found))


def split_months(
    orders: Table,
    everybody: Table,
    then: Table | None,
    months: Sequence[Month],
    names: Sequence[str],
) -> MonthsBySegment | None:
    """Return each month's revenue by segment; None where there are no months.

    Args:
        orders: As from `history.without_window`, or with the window.
        everybody: As from `history.everybody`: when each customer first ordered, ever.
        then: One row per as_of (the first days of months) and customer, with segment; None where
            no month can be carried.
        months: As from `last_complete`.
        names: All segments of the scheme, best first.
    """
    if not months:
        return None
    sums: dict[date, dict[str | None, Decimal]] = {month.first_day: {} for month in months}
    news = dict.fromkeys(sums, Decimal(0))
    for row in _sum(orders, everybody, then, months):
        if row[_IS_NEW]:
            news[row[_MONTH]] += row[_OF_MONTH]
        else:
            sums[row[_MONTH]][row[SEGMENT]] = row[_OF_MONTH]
    carried = _carried(then)
    return MonthsBySegment(
        segments=tuple(names),
        rows=tuple(
            _month(month, news[month.first_day], sums[month.first_day], names)
            if month.first_day in carried
            else MonthBySegment(
                month.first_day, month.revenue, news[month.first_day], Decimal(0), None
            )
            for month in months
        ),
    )


def _sum(
    orders: Table, everybody: Table, then: Table | None, months: Sequence[Month]
) -> list[dict[str, Any]]:
    """Return revenue by month, whether first orders made it, and the segment of the customers."""
    kept = orders.filter(orders[EXCLUSION].isnull())
    kept = kept.mutate(**{_MONTH: kept[FIRST_AT].date().truncate("M")})
    kept = kept.filter(kept[_MONTH].isin([ibis.date(month.first_day) for month in months]))
    known = kept.join(everybody, CUSTOMER_ID)
    is_new = known[FIRST_ORDER_ON] >= known[_MONTH]
    known = known.select(CUSTOMER_ID, _MONTH, AMOUNT, **{_IS_NEW: is_new})
    if then is None:
        named = known.mutate(**{SEGMENT: ibis.null("string")})
    else:
        of_month = then.select(CUSTOMER_ID, SEGMENT, **{_MONTH: then[AS_OF]})
        named = known.left_join(of_month, (CUSTOMER_ID, _MONTH))
    summed = named.group_by(_MONTH, _IS_NEW, SEGMENT).agg(**{_OF_MONTH: named[AMOUNT].sum()})
    rows: list[dict[str, Any]] = fetch_rows(summed)
    return rows


def _carried(then: Table | None) -> set[date]:
    if then is None:
        return set()
    return {row[AS_OF] for row in fetch_rows(then.select(AS_OF).distinct())}


def _month(
    month: Month, new: Decimal, sums: Mapping[str | None, Decimal], names: Sequence[str]
) -> MonthBySegment:
    return MonthBySegment(
        first_day=month.first_day,
        revenue=month.revenue,
        new=new,
        returning=sums.get(None, Decimal(0)),
        by_segment=tuple(sums.get(name, Decimal(0)) for name in names),
    )


def measure_new_share(
    orders: Table, everybody: Table, first_day: date, until: date
) -> float | None:
    """Return the part of the revenue from `first_day` to before `until` of customers new in it.

    `orders` and `everybody` as in `split_months`. None where there was no revenue.
    """
    day = orders[FIRST_AT].date()
    kept = orders.filter(orders[EXCLUSION].isnull() & (day >= first_day) & (day < until))
    known = kept.join(everybody, CUSTOMER_ID)
    summed = known.agg(
        whole=known[AMOUNT].sum(),
        new=known[AMOUNT].sum(where=known[FIRST_ORDER_ON] >= first_day),
    )
    row = fetch_row(summed)
    if not row["whole"] or row["whole"] <= 0:
        return None
    return float((row["new"] or Decimal(0)) / row["whole"])
