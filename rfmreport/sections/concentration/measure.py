"""How much of the revenue hangs on few customers, and how many bought only once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_row, fetch_rows
from rfmreport.formats import rounded_to
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.concentration.figures import Pareto, ParetoPoint
from rfmreport.vocabulary import ORDER_COUNT, REVENUE, Untold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ibis.expr.types import Table

_TOP_COUNT = 10
_TOP_PERCENTS = (1, 5, 10, 20)
_MOST = Decimal("0.8")
_POINTS = 100


@dataclass(frozen=True, slots=True)
class Concentration:
    """Revenue of the ten largest customers, and what those with one and two orders have spent.

    `pareto` is None where the customers have brought nothing together.
    """

    top_ten_revenue: Decimal
    one_order_count: int
    one_order_revenue: Decimal
    one_order_median_revenue: Decimal
    two_order_count: int
    two_order_median_revenue: Decimal
    pareto: Pareto | None = None


def measure_concentration(customers: Table) -> Concentration:
    """Return the concentration; `customers` is one row per customer with the three measures."""
    once, twice = customers[ORDER_COUNT] == 1, customers[ORDER_COUNT] == 2  # noqa: PLR2004
    row = customers.agg(
        one_order_count=once.sum(),
        one_order_revenue=customers[REVENUE].sum(where=once),
        two_order_count=twice.sum(),
        one_order_median=customers[REVENUE].cast("float64").median(where=once),
        two_order_median=customers[REVENUE].cast("float64").median(where=twice),
    )
    values = {name: v or 0 for name, v in fetch_row(row).items()}
    ranks = _rank_customers(customers)
    one_order_count = int(values["one_order_count"])
    one_order_revenue = Decimal(values["one_order_revenue"])
    return Concentration(
        top_ten_revenue=_top_ten(ranks),
        one_order_count=one_order_count,
        one_order_revenue=one_order_revenue,
        one_order_median_revenue=rounded_to(values["one_order_median"], 4),
        two_order_count=int(values["two_order_count"]),
        two_order_median_revenue=rounded_to(values["two_order_median"], 4),
        pareto=_pareto(ranks, one_order_count, one_order_revenue),
    )


def untold_concentration(pareto: Pareto | None) -> tuple[Untold, ...]:
    """Say why there is nothing to say about the largest customers."""
    if pareto is None:
        return (Untold("Concentration", "All customers together have brought no revenue."),)
    if pareto.customer_count < FEWEST_CUSTOMERS:
        reason = f"Below {FEWEST_CUSTOMERS} customers, each is a large part of the revenue."
        return (Untold("Concentration", reason),)
    return ()


def _rank_customers(customers: Table) -> list[dict[str, Any]]:
    """Return one row per hundredth of the customers, the largest first.

    Columns: percent (1 to 100; customers up to that share of all, rounded down), customer_count,
    revenue, top_ten_revenue, and needed_count, how many of them it takes to reach most of it all.
    """
    revenue = customers[REVENUE]
    everyone, by_size = ibis.window(), ibis.window(order_by=ibis.desc(revenue))
    ranked = customers.select(
        REVENUE,
        rank=ibis.row_number().over(by_size) + 1,
        customer_count=customers.count().over(everyone),
        total=revenue.sum().over(everyone),
        # Rows, not values: of equal customers each adds to the sum in turn.
        running=revenue.sum().over(ibis.cumulative_window(order_by=ibis.desc(revenue))),
    )
    # Rounded up: the last customer of a hundredth is the last that lies in it as a whole.
    percent = (ranked["rank"] * _POINTS + ranked.customer_count - 1) // ranked.customer_count
    before = ranked.running - ranked[REVENUE]
    ranked = ranked.mutate(percent=percent, is_needed=before < ranked.total * _MOST)
    counted = ranked.group_by("percent").agg(
        customer_count=ranked.count(),
        revenue=ranked[REVENUE].sum(),
        top_ten_revenue=ranked[REVENUE].sum(where=ranked["rank"] <= _TOP_COUNT),
        needed_count=ranked.is_needed.sum(),
    )
    rows: list[dict[str, Any]] = fetch_rows(counted.order_by("percent"))
    return rows


def _top_ten(ranks: Sequence[dict[str, Any]]) -> Decimal:
    return sum((row["top_ten_revenue"] or Decimal(0) for row in ranks), Decimal(0))


def _pareto(
    ranks: Sequence[dict[str, Any]], one_order_count: int, one_order_revenue: Decimal
) -> Pareto | None:
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
        most_share=float(_MOST),
        most_count=sum(row["needed_count"] for row in ranks),
        top_ten_revenue=_top_ten(ranks),
        one_order_count=one_order_count,
        one_order_revenue=one_order_revenue,
    )


def _points(
    ranks: Sequence[dict[str, Any]], customer_count: int, revenue: Decimal
) -> Iterator[ParetoPoint]:
    count, money = 0, Decimal(0)
    for row in ranks:
        count += row["customer_count"]
        money += row["revenue"]
        yield ParetoPoint(count, count / customer_count, money, float(money / revenue))
