"""Countries: how much each buys, and which product sells best there."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.products.figures import (
    BestProduct,
    Countries,
    CountryLeader,
    CountrySales,
)
from rfmreport.source.sold import (
    BUYER,
    ORDER,
    PLACE,
    PRODUCT,
)
from rfmreport.vocabulary import (
    AMOUNT,
    COUNTRY,
    ORDER_COUNT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REVENUE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

SHOWN_COUNTRIES = 12
CUSTOMER_COUNT = "customer_count"
COUNTRY_COLUMNS = (
    COUNTRY, REVENUE, "revenue_share", ORDER_COUNT, CUSTOMER_COUNT, "best_by_revenue_code",
    "best_by_revenue_name", "best_by_revenue", "best_by_revenue_lines", "best_by_quantity_code",
    "best_by_quantity_name", "best_by_quantity", "best_by_quantity_lines",
)  # fmt: skip
"""What is told of every country."""


def measure_countries(sold: Table, baskets: Table, names: Table, places: Table) -> Table:
    """Return one row per country, with its best products; of equals the first by code and name.

    `sold`, `baskets`, `names` and `places` as from `sold.sold_lines`, `fill_baskets`,
    `name_products` and `name_places`. Columns: place, COUNTRY_COLUMNS. Purchases that name no
    country stand in a row without one; those that name no product count, and are no best product.
    A customer with orders in two countries counts in both.
    """
    counted = baskets.group_by(PLACE).agg(
        **{
            REVENUE: baskets[AMOUNT].sum(),
            ORDER_COUNT: baskets[ORDER].nunique(),
            CUSTOMER_COUNT: baskets[BUYER].nunique(),
        }
    )
    both = counted.left_join(_best_products(sold, names), PLACE).drop(f"{PLACE}_right")
    both = both.left_join(places, PLACE)
    whole = both[REVENUE].sum().over(ibis.window()).cast("float64")
    share = both[REVENUE].cast("float64") / whole
    return both.mutate(revenue_share=share).select(PLACE, *COUNTRY_COLUMNS)


def _best_products(sold: Table, names: Table) -> Table:
    """Return one row per place: the products with most revenue and most pieces there."""
    placed = sold.filter(sold[PRODUCT].notnull() & sold[PLACE].notnull())
    bought = placed.group_by(PLACE, PRODUCT).agg(
        **{REVENUE: placed[AMOUNT].sum(), QUANTITY: placed[QUANTITY].sum()},
        lines=placed.count(),
    )
    # A join with the most of each place takes a fifth of the time of ranking all products there.
    most = bought.group_by(PLACE).agg(
        most_revenue=bought[REVENUE].max(), most_pieces=bought[QUANTITY].max()
    )
    both = bought.join(most, PLACE)
    is_best, is_most = both[REVENUE] == both.most_revenue, both[QUANTITY] == both.most_pieces
    both = both.mutate(is_best=is_best, is_most=is_most.fill_null(False))  # noqa: FBT003
    found = both.filter(both.is_best | both.is_most)
    found = found.join(names.select(PRODUCT, PRODUCT_CODE, PRODUCT_NAME), PRODUCT)
    columns: dict[str, Any] = {}
    for key, is_first, amount in (
        ("best_by_revenue", found.is_best, REVENUE),
        ("best_by_quantity", found.is_most, QUANTITY),
    ):
        first = {"where": is_first, "order_by": (PRODUCT_CODE, PRODUCT_NAME)}
        columns |= {
            f"{key}_code": found[PRODUCT_CODE].first(**first),
            f"{key}_name": found[PRODUCT_NAME].first(**first),
            key: found[amount].max(where=is_first),
            f"{key}_lines": found.lines.first(**first),
        }
    return found.group_by(PLACE).agg(**columns)


def tell_countries(countries: Table) -> Countries | None:
    """Return the countries with most revenue, best first; None where there are not two.

    `countries` as from `measure_countries`.
    """
    is_named = countries[COUNTRY].notnull()
    counted = countries.mutate(
        is_named=is_named,
        country_count=is_named.sum().over(ibis.window()),
        unplaced_revenue=countries[REVENUE].sum(where=~is_named).over(ibis.window()),
    )
    ranked = counted.filter(counted.is_named).order_by(ibis.desc(REVENUE), COUNTRY)
    rows = fetch_rows(ranked.limit(SHOWN_COUNTRIES))
    if len(rows) < 2:  # noqa: PLR2004  one country has none to be held against
        return None
    told = tuple(_country_sales(row) for row in rows)
    unplaced = rows[0]["unplaced_revenue"] or Decimal(0)
    return Countries(told, rows[0]["country_count"], unplaced, find_leader(told))


def untold_countries(countries: Table) -> str:
    """Say why there are no countries to compare."""
    names = [row[COUNTRY] for row in fetch_rows(countries.select(COUNTRY)) if row[COUNTRY]]
    if names:
        return f"all purchases that name a country name the same one, {names[0]}"
    return "the source names no country"


def _country_sales(row: Mapping[str, Any]) -> CountrySales:
    return CountrySales(
        country=row[COUNTRY],
        revenue=row[REVENUE],
        share=row["revenue_share"],
        order_count=row[ORDER_COUNT],
        customer_count=row[CUSTOMER_COUNT],
        best_by_revenue=_best(row, "best_by_revenue"),
        best_by_quantity=_best(row, "best_by_quantity"),
        is_told=row[ORDER_COUNT] >= FEWEST_ORDERS,
    )


def _best(row: Mapping[str, Any], key: str) -> BestProduct | None:
    if row[key] is None:
        return None
    return BestProduct(
        row[f"{key}_code"], row[f"{key}_name"], Decimal(row[key]), row[f"{key}_lines"]
    )


def find_leader(rows: Sequence[CountrySales]) -> CountryLeader | None:
    """Return the product that is the best in most countries but the first, None below two.

    Of equals, that of the larger country. A product on one line of one order leads nowhere.
    """
    bests = [row.best_by_revenue for row in rows[1:] if row.is_told]
    leads = Counter((one.code, one.name) for one in bests if one and one.line_count > 1)
    if not leads:
        return None
    (code, name), count = leads.most_common(1)[0]
    return CountryLeader(code, name, count, len(bests)) if count > 1 else None
