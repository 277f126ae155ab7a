"""What they buy: the order of its analyses, and the products and countries that sell most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.sections.products import affinity, habits, launches
from rfmreport.sections.products.figures import (
    TOP_COUNT,
    BestProduct,
    Countries,
    CountryLeader,
    CountrySales,
    Product,
    ProductSales,
    Sells,
)
from rfmreport.source.sold import hold_sold
from rfmreport.vocabulary import Untold, months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from rfmreport.engine.ask import Engine
    from rfmreport.shop import Shop

TOPIC = "What they buy"
SHOWN_COUNTRIES = 12
_TREND_MONTHS = 3
_NO_PRODUCTS = (
    "the source names no products: a column with their codes or names is needed, such as "
    "--map product=HEADING"
)
_FEW_BUYERS = "no product was bought by as many customers as a comparison needs"
_OF_PRODUCT = (
    "code", "name", "first_sold_on", "revenue", "order_count", "customer_count", "revenue_rank",
)  # fmt: skip
_OF_ALL = (
    "product_count", "revenue", "returned", "order_count", "customer_count", "unnamed_revenue",
)  # fmt: skip
_OF_COUNTRY = ("country", "revenue", "order_count", "customer_count")
_QUERIES = read_queries(__file__)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was found, and what could not be told."""

    sells: Sells | None = None
    untold: tuple[Untold, ...] = ()


def tell_what_sells(engine: Engine, shop: Shop, *, has_departments: bool = False) -> Sold:
    """Return what the lines tell of products, countries, tastes and launches, and hold the tables.

    The `engine` is a connection of its own to the shop's. What only departments are told is asked
    where there are any.
    """
    if not shop.has_products:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    hold_sold(engine)
    trend = find_trend(shop.first_day, shop.covered[1])
    products = tell_products(engine, trend)
    if products is None:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    countries = tell_countries(engine)
    homes = count_homes(engine)
    tastes = affinity.tell_affinity(engine, _groups(shop.segment_names, homes, countries))
    sizes = {name: size for name in shop.segment_names if (size := _size(homes, name))}
    found = launches.tell_launches(engine, shop, sizes)
    reasons = {
        "countries": "" if countries else untold_countries(engine),
        "what segments prefer": "" if tastes else _FEW_BUYERS,
        "launches": found if isinstance(found, str) else "",
    }
    launched = None if isinstance(found, str) else found
    sells = Sells(products, countries, tastes, launched)
    return Sold(
        habits.with_habits(engine, shop, sells) if has_departments else sells,
        tuple(Untold(f"{TOPIC}: {what}", reason) for what, reason in reasons.items() if reason),
    )


def count_homes(engine: Engine) -> Mapping[tuple[str, str | None], int]:
    """Return how many customers of each segment live in each country (None: unknown)."""
    rows = engine.rows(_QUERIES["homes"])
    return {(row["segment"], row["country"]): row["customer_count"] for row in rows}


def _size(homes: Mapping[tuple[str, str | None], int], segment: str) -> int:
    return sum(count for (name, _), count in homes.items() if name == segment)


def _groups(
    names: Sequence[str], homes: Mapping[tuple[str, str | None], int], countries: Countries | None
) -> affinity.Groups:
    """Return the segments, and the countries, that have customers enough for a claim."""
    rows = countries.rows if countries else ()
    return affinity.Groups(
        segments=tuple(name for name in names if _size(homes, name) >= FEWEST_CUSTOMERS),
        countries=tuple(row.country for row in rows if row.customer_count >= FEWEST_CUSTOMERS),
        homes=homes,
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """The last whole months, and as many before them; both empty where the data lack them."""

    now: tuple[date, ...] = ()
    before: tuple[date, ...] = ()

    @property
    def bounds(self) -> dict[str, date | None]:
        """Return where the months before begin, where those of now do, and where these end."""
        if not self.now:
            return dict.fromkeys(("before", "now", "until"))
        return {"before": self.before[0], "now": self.now[0], "until": next_month(self.now[-1])}


def find_trend(first_day: date, covered_until: date) -> Trend:
    """Return the last three whole months and the three before, if the data cover all six.

    `covered_until` is the first day that the data do not cover.
    """
    end = covered_until.replace(day=1)
    begins = [months_before(end, count) for count in range(2 * _TREND_MONTHS, 0, -1)]
    if begins[0] < first_day:
        return Trend()
    return Trend(now=tuple(begins[_TREND_MONTHS:]), before=tuple(begins[:_TREND_MONTHS]))


def tell_products(engine: Engine, trend: Trend) -> ProductSales | None:
    """Hold `products`, one row each, and return those that sell most; None where there are none."""
    engine.hold("products", _QUERIES["products"], **trend.bounds)
    total = engine.row(_QUERIES["all_products"]) | engine.row(_QUERIES["all_baskets"])
    if not total["order_count"]:
        return None
    rows = engine.rows(_QUERIES["best_products"], top_count=TOP_COUNT, fewest=FEWEST_CUSTOMERS)
    told = [_product(row, total, trend) for row in rows]
    favourites = (one for one in told if one.customer_count >= FEWEST_CUSTOMERS)
    return ProductSales(
        top=tuple(one for one, row in zip(told, rows, strict=True) if row["is_top"]),
        favourite=next(favourites, None),
        **{name: total[name] for name in _OF_ALL},
        quantity=_number(total["quantity"]),
        months_now=trend.now,
        months_before=trend.before,
        change=_change(total),
    )


def _product(row: Mapping[str, Any], total: Mapping[str, Any], trend: Trend) -> Product:
    is_new = bool(trend.before) and row["first_sold_on"] >= next_month(trend.before[0])
    quantity = row["quantity"]
    return Product(
        **{name: row[name] for name in _OF_PRODUCT},
        revenue_share=float(row["revenue"] / total["revenue"]),
        quantity=_number(quantity),
        quantity_share=None if quantity is None else float(quantity / total["quantity"]),
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
    return float((row["revenue_now"] - row["revenue_before"]) / row["revenue_before"])


def tell_countries(engine: Engine) -> Countries | None:
    """Hold `countries`, one row each and one for lines that name none; return the largest.

    None where there are not two. A customer with orders in two countries counts in both.
    """
    engine.hold("countries", _QUERIES["countries"])
    rows = engine.rows(_QUERIES["best_countries"], most=SHOWN_COUNTRIES)
    if len(rows) < 2:  # noqa: PLR2004  one country has none to be held against
        return None
    told = tuple(_country_sales(row) for row in rows)
    return Countries(told, rows[0]["country_count"], rows[0]["unplaced_revenue"], find_leader(told))


def untold_countries(engine: Engine) -> str:
    """Say why there are no countries to compare."""
    rows = engine.rows(_QUERIES["best_countries"], most=1)
    if rows:
        return f"all purchases that name a country name the same one, {rows[0]['country']}"
    return "the source names no country"


def _country_sales(row: Mapping[str, Any]) -> CountrySales:
    return CountrySales(
        **{name: row[name] for name in _OF_COUNTRY},
        share=row["revenue_share"],
        best_by_revenue=_best(row, "best_by_revenue"),
        best_by_quantity=_best(row, "best_by_quantity"),
        is_told=row["order_count"] >= FEWEST_ORDERS,
    )


def _best(row: Mapping[str, Any], key: str) -> BestProduct | None:
    if row[key] is None:
        return None
    return BestProduct(row[f"{key}_code"], row[f"{key}_name"], row[key], row[f"{key}_lines"])


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
