"""How much of the revenue hangs on few customers, and how many bought only once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.formats import rounded_to
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.concentration.figures import Concentration, Pareto, ParetoPoint
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
_TOP_PERCENTS = (1, 5, 10, 20)
_MOST = 0.8  # as in the query


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
