"""The largest customers of the last twelve months, what they did, and which of them slip away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.sections.concentration.figures import Account, Accounts
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    LAST_ORDER_ON,
    ORDER_COUNT,
    REVENUE,
    SEGMENT,
    months_before,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

ACCOUNT_COUNT = 100
TOP_COUNT = 15
SLIPPING_COUNT = 10
_MONTHS = 12
_HALVES = (12, 6, 3)
_FEWEST_ORDERS = 2
SEGMENT_BEFORE = f"{SEGMENT}_before"
IS_OVERDUE = "is_overdue"


@dataclass(frozen=True, slots=True)
class Span:
    """The days whose largest customers are asked for, and the months that are compared.

    The last `change_months` before `as_of` against as many before them; 0: the data lack them.
    """

    first_day: date
    as_of: date
    change_months: int

    @property
    def now_from(self) -> date:
        """Return the first day of the later months."""
        return months_before(self.as_of, self.change_months)

    @property
    def before_from(self) -> date:
        """Return the first day of the earlier months."""
        return months_before(self.as_of, 2 * self.change_months)


def choose_span(first_known_day: date, first_day: date, as_of: date) -> Span:
    """Return the last twelve months, or what of them the report's period has.

    `first_known_day` is the first of the data, `first_day` the first of the report.
    """
    carried = (n for n in _HALVES if months_before(as_of, 2 * n) >= first_known_day)
    return Span(max(first_day, months_before(as_of, _MONTHS)), as_of, next(carried, 0))


def tell_accounts(
    orders: Table,
    people: Table,
    span: Span,
    names: Sequence[str],
    before_as_of: date | None,
) -> Accounts | None:
    """Return the largest customers; None where nobody brought anything in the span.

    Args:
        orders: As from `history.without_window`.
        people: One row per customer with segment, segment_before, last_order_on and is_overdue.
        span: As from `choose_span`.
        names: All segments of the scheme, best first.
        before_as_of: The date of segment_before, None where there is none.
    """
    measured = _measure(orders, span)
    everybody = ibis.window()
    totals = {name: measured[name].sum().over(everybody) for name in (REVENUE, "now", "before")}
    summed = measured.mutate(**{f"total_{name}": total for name, total in totals.items()})
    brings = (summed[REVENUE] > 0) & (summed[f"total_{REVENUE}"] > 0)
    largest = summed.filter(brings).order_by(ibis.desc(REVENUE), CUSTOMER_ID)
    known = largest.limit(ACCOUNT_COUNT).join(people, CUSTOMER_ID)
    rows = fetch_rows(known.order_by(ibis.desc(REVENUE), CUSTOMER_ID))
    if not rows:
        return None
    ranks = {name: rank for rank, name in enumerate(names)}
    accounts = [_account(row, ranks) for row in rows]
    slipping = [one for one in accounts if one.has_slipped or one.is_overdue]
    revenue = sum((one.revenue for one in accounts), Decimal(0))
    return Accounts(
        first_day=span.first_day,
        last_day=span.as_of - timedelta(days=1),
        account_count=len(accounts),
        revenue=revenue,
        revenue_share=float(revenue / rows[0]["total_revenue"]),
        top=tuple(accounts[:TOP_COUNT]),
        slipping=tuple(slipping[:SLIPPING_COUNT]),
        slipping_count=len(slipping),
        slipping_revenue=sum((one.revenue for one in slipping), Decimal(0)),
        before_as_of=before_as_of,
        change_months=span.change_months,
        total_change=_change(rows[0]["total_now"], rows[0]["total_before"]),
    )


def _measure(orders: Table, span: Span) -> Table:
    """Return one row per customer: revenue and orders of the span, revenue now and before."""
    kept = orders.filter(orders[EXCLUSION].isnull())
    day = kept[FIRST_AT].date()
    is_in_span = day >= span.first_day
    is_now = (day >= span.now_from) & (span.change_months > 0)
    is_before = (day >= span.before_from) & (day < span.now_from)
    return kept.group_by(CUSTOMER_ID).agg(
        **{
            REVENUE: kept[AMOUNT].sum(where=is_in_span),
            ORDER_COUNT: (is_in_span & ~kept[IS_RETURN]).sum(),
        },
        now=kept[AMOUNT].sum(where=is_now),
        before=kept[AMOUNT].sum(where=is_before),
        orders_before=(is_before & ~kept[IS_RETURN]).sum(),
    )


def _account(row: Mapping[str, Any], ranks: Mapping[str, int]) -> Account:
    before = row[SEGMENT_BEFORE]
    return Account(
        customer_id=row[CUSTOMER_ID],
        segment=row[SEGMENT],
        segment_before=before,
        revenue=row[REVENUE],
        revenue_share=float(row[REVENUE] / row["total_revenue"]),
        order_count=int(row[ORDER_COUNT]),
        last_order_on=row[LAST_ORDER_ON],
        # Of one order, no trend can be told.
        change=_change(row["now"], row["before"])
        if row["orders_before"] >= _FEWEST_ORDERS
        else None,
        has_slipped=before is not None and ranks[row[SEGMENT]] > ranks[before],
        is_overdue=row[IS_OVERDUE],
    )


def _change(now: Decimal | None, before: Decimal | None) -> float | None:
    """Return what revenue did; None where there was none before."""
    if before is None or before <= 0:
        return None
    return float((now or Decimal(0)) / before - 1)
