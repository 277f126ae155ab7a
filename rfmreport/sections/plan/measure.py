"""What is asked of the past to plan by: months by segment, returns, busy hours.

Today's segments would not do for months gone by: who bought last month is in a good one for having
bought, and those now lost have brought nothing lately by definition.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.sections.plan.demand import WEEK_COUNT, HourCount
from rfmreport.sections.plan.figures import MonthBySegment, MonthsBySegment, ReturnMonth, Returns
from rfmreport.source.audit import RETURNABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.when.figures import Month

_QUERIES = read_queries(__file__)
MONTH_COUNT = 13


def last_complete(months: Sequence[Month], count: int) -> tuple[Month, ...]:
    """Return the last complete months, oldest first, up to a gap or to so many."""
    found: list[Month] = []
    for month in reversed(months):
        if month.complete:
            found.append(month)
        if (not month.complete and found) or len(found) == count:
            break
    return tuple(reversed(found))


def hold_nobody_then(engine: Engine) -> None:
    """Hold `customers_then` without anybody, where no earlier date can be carried."""
    engine.hold("customers_then", _QUERIES["nobody_then"])


def split_months(
    engine: Engine, months: Sequence[Month], carried: Sequence[date], names: Sequence[str]
) -> MonthsBySegment | None:
    """Return each month's revenue by segment; None where there are no months.

    `months` as from `last_complete`; of those `carried`, the engine's `customers_then` says what
    customers were on the first day. `names` are all segments of the scheme, best first.
    """
    if not months:
        return None
    sums: dict[date, dict[str | None, Decimal]] = {month.first_day: {} for month in months}
    news = dict.fromkeys(sums, Decimal(0))
    asked = {"months": list(sums), "carried": list(carried)}
    for row in engine.rows(_QUERIES["months"], **asked):
        if row["is_new"]:
            news[row["month"]] += row["revenue"]
        else:
            sums[row["month"]][row["segment"]] = row["revenue"]
    known = {row["as_of"] for row in engine.rows(_QUERIES["carried"], **asked)}
    rows = (
        _month(month, news[month.first_day], sums[month.first_day], names)
        if month.first_day in known
        else MonthBySegment(month.first_day, month.revenue, news[month.first_day], Decimal(0), None)
        for month in months
    )
    return MonthsBySegment(segments=tuple(names), rows=tuple(rows))


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


def measure_returns(engine: Engine, months: Sequence[Month], *, are_netted: bool) -> Returns | None:
    """Return what came back in the months; None where nothing did, or there are no months."""
    if not months:
        return None
    rows = engine.rows(_QUERIES["returns"], returnable=list(RETURNABLE))
    days = {month.first_day for month in months}
    inside = [row for row in rows if row["month"] in days]
    later = [row for row in rows if row["month"] > months[-1].first_day]
    by_month = {row["month"]: row for row in inside}
    told = tuple(_return_month(month.first_day, by_month.get(month.first_day)) for month in months)
    if not any(row.returned or row.cancelled for row in told):
        return None
    largest, largest_on = _largest(inside)
    largest_since, largest_since_on = _largest(later)
    return Returns(
        rows=told,
        total=_total(told),
        are_netted=are_netted,
        largest=largest,
        largest_on=largest_on,
        elsewhere=_sum("returned", [row for row in rows if row["month"] not in days]),
        since=_sum("returned", later),
        largest_since=largest_since,
        largest_since_on=largest_since_on,
        charges=_sum("charges", rows),
    )


def _sum(name: str, rows: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((row[name] for row in rows), Decimal(0))


def _largest(rows: Sequence[Mapping[str, Any]]) -> tuple[Decimal, date | None]:
    """Return the largest amount that was given back for goods, and when: of equals, the first."""
    found = min((row["largest"] for row in rows if row["largest"]), default=None)
    return (-found[0], found[1].date()) if found else (Decimal(0), None)


def _return_month(first_day: date, row: Mapping[str, Any] | None) -> ReturnMonth:
    if row is None:
        return ReturnMonth(first_day, Decimal(0), Decimal(0), 0, Decimal(0), 0, None)
    gross, returned = row["gross"], row["returned"]
    return ReturnMonth(
        first_day=first_day,
        gross=gross,
        returned=returned,
        return_count=row["return_count"],
        cancelled=row["cancelled"],
        cancelled_count=row["cancelled_count"],
        return_rate=float(returned / gross) if gross > 0 else None,
    )


def _total(rows: Sequence[ReturnMonth]) -> ReturnMonth:
    gross = sum((row.gross for row in rows), Decimal(0))
    returned = sum((row.returned for row in rows), Decimal(0))
    return replace(
        rows[0],
        gross=gross,
        returned=returned,
        return_count=sum(row.return_count for row in rows),
        cancelled=sum((row.cancelled for row in rows), Decimal(0)),
        cancelled_count=sum(row.cancelled_count for row in rows),
        return_rate=float(returned / gross) if gross > 0 else None,
    )


def count_hours(
    engine: Engine, until: date, *, has_times: bool, has_untimed: bool
) -> list[HourCount]:
    """Return the orders of each hour in the last weeks before `until`, hours without any left out.

    An order counts when it began. Without times all of a day's orders have the hour None; with
    `has_untimed`, those at midnight have.
    """
    rows = engine.rows(
        _QUERIES["hours"],
        first_day=until - timedelta(weeks=WEEK_COUNT),
        until=until,
        has_times=has_times,
        has_untimed=has_untimed,
    )
    return [HourCount(**row) for row in rows]
