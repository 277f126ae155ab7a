"""Products: what each brought, how that changed, and which sell most."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_row, fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.sections.products.figures import TOP_COUNT, Product, ProductSales
from rfmreport.source.sold import (
    BUYER,
    FIRST_SOLD_ON,
    ORDER,
    PRODUCT,
    SOLD_ON,
)
from rfmreport.vocabulary import (
    AMOUNT,
    ORDER_COUNT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REVENUE,
    months_before,
    next_month,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Column, Table

CUSTOMER_COUNT = "customer_count"
PRODUCT_COLUMNS = (
    PRODUCT_CODE, PRODUCT_NAME, REVENUE, QUANTITY, ORDER_COUNT, CUSTOMER_COUNT, FIRST_SOLD_ON,
)  # fmt: skip
"""What is told of every product."""
_TREND_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Trend:
    """The last whole months, and as many before them; both empty where the data lack them."""

    now: tuple[date, ...] = ()
    before: tuple[date, ...] = ()


def find_trend(first_day: date, covered_until: date) -> Trend:
    """Return the last three whole months and the three before, if the data cover all six.

    `covered_until` is the first day that the data do not cover.
    """
    end = covered_until.replace(day=1)
    begins = [months_before(end, count) for count in range(2 * _TREND_MONTHS, 0, -1)]
    if begins[0] < first_day:
        return Trend()
    return Trend(now=tuple(begins[_TREND_MONTHS:]), before=tuple(begins[:_TREND_MONTHS]))


def measure_products(sold: Table, names: Table, trend: Trend) -> Table:
    """Return one row per product.

    `sold` as from `sold.sold_lines`, `names` as from `sold.name_products`. Columns: product,
    PRODUCT_COLUMNS, is_relabelled, revenue and lines now and before, revenue_rank, quantity_rank.
    """
    named = sold.filter(sold[PRODUCT].notnull())
    is_now, is_before = (_is_in(named[SOLD_ON], months) for months in (trend.now, trend.before))
    measured = named.group_by(PRODUCT).agg(
        **{
            REVENUE: named[AMOUNT].sum(),
            QUANTITY: named[QUANTITY].sum(),
            ORDER_COUNT: named[ORDER].nunique(),
            CUSTOMER_COUNT: named[BUYER].nunique(),
        },
        revenue_now=named[AMOUNT].sum(where=is_now),
        revenue_before=named[AMOUNT].sum(where=is_before),
        lines_now=is_now.sum(),
        lines_before=is_before.sum(),
    )
    told = measured.join(names, PRODUCT)
    ties = (ibis.asc(PRODUCT_CODE), ibis.asc(PRODUCT_NAME))
    return told.mutate(
        revenue_rank=_rank(ibis.desc(REVENUE), *ties),
        quantity_rank=_rank(ibis.desc(QUANTITY), *ties),
    )


def _is_in(day: Column, months: Sequence[date]) -> Column:
    """Say whether a day lies in the months, which follow one another."""
    if not months:
        return day.isnull()  # no day is: a column of false
    return (day >= months[0]) & (day < next_month(months[-1]))


def _rank(*order_by: Any) -> Any:  # noqa: ANN401  Ibis does not name the types
    return ibis.row_number().over(ibis.window(order_by=order_by)) + 1


def tell_products(
    baskets: Table, products: Table, trend: Trend, *, net_returns: bool = False
) -> ProductSales | None:
    """Return the products that sell most, by revenue or by quantity; None where there are none.

    `products` as from `measure_products`, `baskets` as from `sold.fill_baskets`, of the same lines.
    """
    total = _totals(baskets, products)
    if not total[ORDER_COUNT]:
        return None
    rows = fetch_rows(_best(products).order_by("revenue_rank"))
    told = [_product(row, total, trend) for row in rows]
    favourites = (one for one in told if one.customer_count >= FEWEST_CUSTOMERS)
    return ProductSales(
        top=tuple(one for one, row in zip(told, rows, strict=True) if row["is_top"]),
        favourite=next(favourites, None),
        product_count=total["product_count"],
        revenue=total[REVENUE],
        quantity=_number(total[QUANTITY]),
        order_count=total[ORDER_COUNT],
        customer_count=total[CUSTOMER_COUNT],
        unnamed_revenue=total["unnamed"] or Decimal(0),
        months_now=trend.now,
        months_before=trend.before,
        change=_change(total),
        net_returns=net_returns,
    )


def _best(products: Table) -> Table:
    """Return the products with most revenue or pieces, and the first that enough have bought."""
    is_top = products.revenue_rank <= TOP_COUNT
    is_top |= products[QUANTITY].notnull() & (products.quantity_rank <= TOP_COUNT)
    enough = products[CUSTOMER_COUNT] >= FEWEST_CUSTOMERS
    first = products.revenue_rank.min(where=enough).over(ibis.window())
    marked = products.mutate(is_top=is_top, is_favourite=products.revenue_rank == first)
    return marked.filter(marked.is_top | marked.is_favourite)


def _totals(baskets: Table, products: Table) -> Mapping[str, Any]:
    """Return what all products brought, and how many orders and customers have any."""
    sums = (REVENUE, QUANTITY, "revenue_now", "revenue_before", "lines_now", "lines_before")
    is_named = baskets.named_count > 0
    in_all = products.agg(
        **{name: products[name].sum() for name in sums}, product_count=products.count()
    )
    counted = baskets.agg(
        **{
            ORDER_COUNT: baskets[ORDER].nunique(where=is_named),
            CUSTOMER_COUNT: baskets[BUYER].nunique(where=is_named),
        },
        unnamed=(baskets[AMOUNT] - baskets.named_amount.fill_null(0)).sum(),
    )
    found: Mapping[str, Any] = fetch_row(in_all.cross_join(counted))
    return found


def _product(row: Mapping[str, Any], total: Mapping[str, Any], trend: Trend) -> Product:
    is_new = bool(trend.before) and row[FIRST_SOLD_ON] >= next_month(trend.before[0])
    quantity = row[QUANTITY]
    return Product(
        code=row[PRODUCT_CODE],
        name=row[PRODUCT_NAME],
        first_sold_on=row[FIRST_SOLD_ON],
        revenue=row[REVENUE],
        revenue_share=float(row[REVENUE] / total[REVENUE]),
        quantity=_number(quantity),
        quantity_share=None if quantity is None else float(quantity / total[QUANTITY]),
        order_count=row[ORDER_COUNT],
        customer_count=row[CUSTOMER_COUNT],
        revenue_rank=row["revenue_rank"],
        quantity_rank=None if quantity is None else row["quantity_rank"],
        change=None if is_new else _change(row),
        is_new=is_new,
    )


def _number(quantity: Decimal | None) -> float | None:
    return None if quantity is None else float(quantity)


def _change(row: Mapping[str, Any]) -> float | None:
    """Return what revenue did, where both stretches hold enough lines to say."""
    if not row["revenue_before"] or min(row["lines_now"], row["lines_before"]) < FEWEST_ORDERS:
        return None
    change = (row["revenue_now"] - row["revenue_before"]) / row["revenue_before"]
    return float(change)
