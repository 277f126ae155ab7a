"""How much of the revenue hangs on few customers, and how many bought only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.formats import rounded_to
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.concentration.figures import (
    Account,
    Accounts,
    Concentration,
    Pareto,
    ParetoPoint,
)
from rfmreport.vocabulary import Untold, months_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ACCOUNT_COUNT = 100
TOP_COUNT = 15
SLIPPING_COUNT = 10
_MONTHS = 12
_HALVES = (12, 6, 3)
_FEWEST_ORDERS = 2
_QUERIES = read_queries(__file__)
_TOP_PERCENTS = (1, 5, 10, 20)
_MOST = 0.8  # as in the query


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
    engine: Engine, span: Span, names: Sequence[str], before_as_of: date | None
) -> Accounts | None:
    """Return the largest customers; None where nobody brought anything in the span.

    Args:
        engine: It holds `all_orders`, `customers`, `earlier_customers` and `overdue_customers`.
        span: As from `choose_span`.
        names: All segments of the scheme, best first.
        before_as_of: The date to compare segments with, None where there is none.
    """
    rows = engine.rows(
        _QUERIES["largest"],
        first_day=span.first_day,
        now_from=span.now_from,
        before_from=span.before_from,
        has_change=span.change_months > 0,
        before_as_of=before_as_of,
        most=ACCOUNT_COUNT,
    )
    if not rows:
        return None
    ranks = {name: rank for rank, name in enumerate(names)}
    accounts = [_account(row, ranks) for row in rows]
    # A lower segment is often the ruler; a call is for those whom their own rhythm expects.
    slipping = [one for one in accounts if one.is_overdue]
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


def _account(row: Mapping[str, Any], ranks: Mapping[str, int]) -> Account:
    before = row["segment_before"]
    known = (
        "customer_id", "segment", "revenue", "order_count", "last_order_on", "is_overdue",
        "silent_days", "usual_gap_days",
    )  # fmt: skip
    return Account(
        **{name: row[name] for name in known},
        segment_before=before,
        revenue_share=float(row["revenue"] / row["total_revenue"]),
        # Of one order, no trend can be told.
        change=_change(row["now"], row["before"])
        if row["orders_before"] >= _FEWEST_ORDERS
        else None,
        has_slipped=before is not None and ranks[row["segment"]] > ranks[before],
    )


def _change(now: Decimal | None, before: Decimal | None) -> float | None:
    """Return what revenue did; None where there was none before."""
    if before is None or before <= 0:
        return None
    return float((now or Decimal(0)) / before - 1)


def measure_concentration(engine: Engine) -> tuple[Concentration, Pareto | None]:
    """Return how much hangs on few; no curve where the customers have brought nothing together."""
    row = engine.row(_QUERIES["orders_each"])
    ranks = engine.rows(_QUERIES["ranks"])
    few = Concentration(
        top_ten_revenue=sum((rank["top_ten_revenue"] for rank in ranks), Decimal(0)),
        one_order_count=row["one_order_count"],
        one_order_revenue=row["one_order_revenue"],
        one_order_median_revenue=rounded_to(row["one_order_median"], 4),
        two_order_count=row["two_order_count"],
        two_order_median_revenue=rounded_to(row["two_order_median"], 4),
    )
    return few, _pareto(ranks, few)


def untold_concentration(pareto: Pareto | None) -> tuple[Untold, ...]:
    """Say why there is nothing to say about the largest customers."""
    if pareto is None:
        return (Untold("Concentration", "All customers together have brought no revenue."),)
    if pareto.customer_count < FEWEST_CUSTOMERS:
        reason = f"Below {FEWEST_CUSTOMERS} customers, each is a large part of the revenue."
        return (Untold("Concentration", reason),)
    return ()


def _pareto(ranks: Sequence[dict[str, Any]], few: Concentration) -> Pareto | None:
    customer_count = sum(row["customer_count"] for row in ranks)
    revenue = sum((row["revenue"] for row in ranks), Decimal(0))
    if revenue <= 0:
        return None
    points = tuple(_points(ranks, customer_count, revenue))
    tops = {
        percent: next(
            (p for p in reversed(points) if p.customer_count * 100 <= customer_count * percent),
            None,
        )
        for percent in _TOP_PERCENTS
    }
    return Pareto(
        points=points,
        tops=tuple((percent, point) for percent, point in tops.items() if point),
        customer_count=customer_count,
        revenue=revenue,
        most_share=_MOST,
        most_count=sum(row["needed_count"] for row in ranks),
        top_ten_revenue=few.top_ten_revenue,
        one_order_count=few.one_order_count,
        one_order_revenue=few.one_order_revenue,
    )


def _points(
    ranks: Sequence[dict[str, Any]], customer_count: int, revenue: Decimal
) -> Iterator[ParetoPoint]:
    count, money = 0, Decimal(0)
    for row in ranks:
        count += row["customer_count"]
        money += row["revenue"]
        yield ParetoPoint(count, count / customer_count, money, float(money / revenue))
