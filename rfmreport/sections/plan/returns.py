"""Returns: what customers gave back and what was cancelled, month by month."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.sections.plan.figures import ReturnMonth, Returns
from rfmreport.source.audit import RETURNABLE
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    FEE_CODE,
    FIRST_AT,
    IS_RETURN,
    ORDER_ID,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import BooleanValue, Table

    from rfmreport.sections.when.figures import Month

_MONTH = "month"


def measure_returns(orders: Table, months: Sequence[Month], *, are_netted: bool) -> Returns | None:
    """Return what came back in the months; None where nothing did, or there are no months.

    `orders` as from `cleaning.group_orders`: those of known customers. Money given back is a
    negative amount, of cancellations and of returns that are subtracted; a cancelled order with a
    positive one came to nothing by its status.
    """
    if not months:
        return None
    of_all_days = _judge(orders, [month.first_day for month in months])
    judged = of_all_days.filter(of_all_days.is_told)
    rows = {row[_MONTH]: row for row in _sum(judged)}
    told = tuple(_return_month(month.first_day, rows.get(month.first_day)) for month in months)
    if not any(row.returned or row.cancelled for row in told):
        return None
    largest, largest_on = _largest(judged)
    later = of_all_days.filter(of_all_days[_MONTH] > ibis.date(months[-1].first_day))
    largest_since, largest_since_on = _largest(later)
    return Returns(
        rows=told,
        total=_total(told),
        are_netted=are_netted,
        largest=largest,
        largest_on=largest_on,
        elsewhere=_given_back(of_all_days, of_all_days.is_back & ~of_all_days.is_told),
        since=_given_back(later, later.is_back),
        largest_since=largest_since,
        largest_since_on=largest_since_on,
        charges=_given_back(of_all_days, of_all_days.is_charge),
    )


def _largest(judged: Table) -> tuple[Decimal, date | None]:
    """Return the largest amount that was given back for goods, and when."""
    back = judged.filter(judged.is_back)
    largest = back.order_by(AMOUNT, FIRST_AT).limit(1).select(AMOUNT, FIRST_AT)
    first = next(iter(fetch_rows(largest)), None)
    return (-first[AMOUNT], first[FIRST_AT].date()) if first else (Decimal(0), None)


def _given_back(judged: Table, where: BooleanValue) -> Decimal:
    (row,) = fetch_rows(judged.aggregate(given_back=(-judged[AMOUNT]).sum(where=where)))
    return row["given_back"] or Decimal(0)


def _judge(orders: Table, months: Sequence[date]) -> Table:
    """Return the orders of known customers: their month, whether it is told, and their kind."""
    dated = orders.mutate(**{_MONTH: orders[FIRST_AT].date().truncate("M")})
    known = dated.filter(
        dated[CUSTOMER_ID].notnull()
        & (dated[EXCLUSION].isnull() | dated[EXCLUSION].isin(RETURNABLE))
    )
    is_kept, is_goods = known[EXCLUSION].isnull(), known[FEE_CODE].isnull()
    # Of what is left out, freight and fees are no goods; what is kept is goods.
    is_back = (is_kept & known[IS_RETURN]) | (~is_kept & is_goods)
    is_cancelled = (known[EXCLUSION] == "cancellation") & is_goods & (known[AMOUNT] > 0)
    is_charge = (known[EXCLUSION] == "cancellation") & ~is_goods
    return known.mutate(
        is_told=known[_MONTH].isin([ibis.date(month) for month in months]),
        is_charge=is_charge.fill_null(False),  # noqa: FBT003
        is_bought=is_kept & ~known[IS_RETURN],
        is_back=is_back & (known[AMOUNT] < 0),
        is_cancelled=is_cancelled.fill_null(False),  # noqa: FBT003
    )


def _sum(judged: Table) -> list[dict[str, Any]]:
    summed = judged.group_by(_MONTH).agg(
        gross=judged[AMOUNT].sum(where=judged.is_bought),
        returned=(-judged[AMOUNT]).sum(where=judged.is_back),
        return_count=judged[ORDER_ID].nunique(where=judged.is_back),
        cancelled=judged[AMOUNT].sum(where=judged.is_cancelled),
        cancelled_count=judged[ORDER_ID].nunique(where=judged.is_cancelled),
    )
    rows: list[dict[str, Any]] = fetch_rows(summed)
    return rows


def _return_month(first_day: date, row: Mapping[str, Any] | None) -> ReturnMonth:
    if row is None:
        return ReturnMonth(first_day, Decimal(0), Decimal(0), 0, Decimal(0), 0, None)
    gross, returned = (row[name] or Decimal(0) for name in ("gross", "returned"))
    return ReturnMonth(
        first_day=first_day,
        gross=gross,
        returned=returned,
        return_count=row["return_count"],
        cancelled=row["cancelled"] or Decimal(0),
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
