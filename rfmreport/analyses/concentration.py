"""How much of the revenue hangs on few customers, and how many bought only once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.columns import ORDER_COUNT, REVENUE
from rfmreport.formats import rounded_to

if TYPE_CHECKING:
    from ibis.expr.types import Table

_TOP_COUNT = 10


@dataclass(frozen=True, slots=True)
class Concentration:
    """Revenue of the ten largest customers, and what those with one and two orders have spent."""

    top_ten_revenue: Decimal
    one_order_count: int
    one_order_revenue: Decimal
    one_order_median_revenue: Decimal
    two_order_count: int
    two_order_median_revenue: Decimal


def measure_concentration(customers: Table) -> Concentration:
    """Return the concentration; `customers` is one row per customer with the three measures."""
    largest = customers.order_by(ibis.desc(customers[REVENUE])).limit(_TOP_COUNT)
    top_ten = largest.agg(money=largest[REVENUE].sum()).to_pyarrow().to_pylist()[0]["money"]
    once, twice = customers[ORDER_COUNT] == 1, customers[ORDER_COUNT] == 2  # noqa: PLR2004
    row = customers.agg(
        one_order_count=once.sum(),
        one_order_revenue=customers[REVENUE].sum(where=once),
        two_order_count=twice.sum(),
        one_order_median=customers[REVENUE].cast("float64").median(where=once),
        two_order_median=customers[REVENUE].cast("float64").median(where=twice),
    )
    values = {name: v or 0 for name, v in row.to_pyarrow().to_pylist()[0].items()}
    return Concentration(
        top_ten_revenue=top_ten,
        one_order_count=int(values["one_order_count"]),
        one_order_revenue=Decimal(values["one_order_revenue"]),
        one_order_median_revenue=rounded_to(values["one_order_median"], 4),
        two_order_count=int(values["two_order_count"]),
        two_order_median_revenue=rounded_to(values["two_order_median"], 4),
    )
