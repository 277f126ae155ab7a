"""Countries: how much each buys, and which product sells best there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.columns import (
    AMOUNT,
    COUNTRY,
    ORDER_COUNT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REVENUE,
)
from rfmreport.report import BestProduct, Countries, CountrySales
from rfmreport.results import fetch_rows
from rfmreport.sold import BUYER, ORDER, PLACE, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ibis.expr.types import Table

SHOWN_COUNTRIES = 12
CUSTOMER_COUNT = "customer_count"
COUNTRY_COLUMNS = (
    COUNTRY, REVENUE, "revenue_share", ORDER_COUNT, CUSTOMER_COUNT, "best_by_revenue_code",
    "best_by_revenue_name", "best_by_revenue", "best_by_revenue_lines", "best_by_quantity_code",
    "best_by_quantity_name", "best_by_quantity", "best_by_quantity_lines",
)  # fmt: skip
"""What is told of every country."""


def measure_countries(sold: Table, names: Table, places: Table) -> Table:
    """Return one row per country, with its best products; of equals the first by code and name.

    `sold`, `names` and `places` as from `sold.sold_lines`, `name_products` and `name_places`.
    Columns: place, COUNTRY_COLUMNS. A customer with orders in two countries counts in both.
    """
    placed = sold.filter(sold[PRODUCT].notnull() & sold[PLACE].notnull())
    bought = placed.group_by(PLACE, PRODUCT).agg(
        **{REVENUE: placed[AMOUNT].sum(), QUANTITY: placed[QUANTITY].sum()},
        lines=placed.count(),
    )
    bought = bought.join(names.select(PRODUCT, PRODUCT_CODE, PRODUCT_NAME), PRODUCT)
    ranked = bought.mutate(revenue_rank=_rank(REVENUE), quantity_rank=_rank(QUANTITY))
    is_best, is_most = ranked.revenue_rank == 0, ranked.quantity_rank == 0
    is_most &= ranked[QUANTITY].notnull()
    best = ranked.group_by(PLACE).agg(
        **{REVENUE: ranked[REVENUE].sum()},
        best_by_revenue_code=ranked[PRODUCT_CODE].max(where=is_best),
        best_by_revenue_name=ranked[PRODUCT_NAME].max(where=is_best),
        best_by_revenue=ranked[REVENUE].max(where=is_best),
        best_by_revenue_lines=ranked.lines.max(where=is_best),
        best_by_quantity_code=ranked[PRODUCT_CODE].max(where=is_most),
        best_by_quantity_name=ranked[PRODUCT_NAME].max(where=is_most),
        best_by_quantity=ranked[QUANTITY].max(where=is_most),
        best_by_quantity_lines=ranked.lines.max(where=is_most),
    )
    counted = placed.group_by(PLACE).agg(
        **{ORDER_COUNT: placed[ORDER].nunique(), CUSTOMER_COUNT: placed[BUYER].nunique()}
    )
    both = best.join(counted, PLACE).join(places, PLACE)
    whole = both[REVENUE].sum().over(ibis.window()).cast("float64")
    share = both[REVENUE].cast("float64") / whole
    return both.mutate(revenue_share=share).select(PLACE, *COUNTRY_COLUMNS)


def _rank(measure: str) -> Any:  # noqa: ANN401  Ibis does not name the types
    order = [ibis.desc(measure), ibis.asc(PRODUCT_CODE), ibis.asc(PRODUCT_NAME)]
    return ibis.row_number().over(ibis.window(group_by=PLACE, order_by=order))


def tell_countries(countries: Table) -> Countries | None:
    """Return the countries with most revenue, best first; None where there are not two.

    `countries` as from `measure_countries`.
    """
    counted = countries.mutate(country_count=countries.count().over(ibis.window()))
    ranked = counted.order_by(ibis.desc(REVENUE), COUNTRY).limit(SHOWN_COUNTRIES)
    rows = fetch_rows(ranked)
    if len(rows) < 2:  # noqa: PLR2004  one country has none to be held against
        return None
    told = tuple(
        CountrySales(
            country=row[COUNTRY],
            revenue=row[REVENUE],
            share=row["revenue_share"],
            order_count=row[ORDER_COUNT],
            customer_count=row[CUSTOMER_COUNT],
            best_by_revenue=_best(row, "best_by_revenue"),
            best_by_quantity=_best(row, "best_by_quantity") if row["best_by_quantity"] else None,
        )
        for row in rows
    )
    return Countries(told, rows[0]["country_count"])


def _best(row: Mapping[str, Any], key: str) -> BestProduct:
    return BestProduct(
        row[f"{key}_code"], row[f"{key}_name"], Decimal(row[key]), row[f"{key}_lines"]
    )
