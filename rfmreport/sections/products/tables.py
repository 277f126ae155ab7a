"""The tables of what they buy: each column once, for pages, captions and files of data."""

from __future__ import annotations

import math
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from rfmreport.kit.drawings import fitted
from rfmreport.kit.sheets import EngineSheet, Field, Sheet, Unit, fields_of, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.report import Report
from rfmreport.sections.products.figures import (
    BestProduct,
    CountrySales,
    FirstTakers,
    Launch,
    Launches,
    Preference,
    Product,
    ProductSales,
    Sells,
    UptakeWeek,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.formats import Formats

T = TypeVar("T")
NAME = 60
NAME_ROOM = {"screen": math.inf, "print": 230.0}
"""How many pixels the name of a product may take in a table: one line on paper."""
_TOO_FEW = "too few orders to say"


def named(name: str, room: float = math.inf) -> str:
    """Return the name of a product as it is printed where there is so much room."""
    return fitted(shown(name, NAME), room)


def field(
    key: str,
    heading: str = "",
    unit: Unit = "text",
    name: str = "",
    **more: Any,  # noqa: ANN401  as `Field` has them
) -> Field[Any]:
    """Return a column that shows the fact of its key, or of `name`."""
    return Field(key, heading, attrgetter(name or key), unit, **more)


def name_field(heading: str, room: float = math.inf) -> Field[Any]:
    """Return the column of a product's name."""
    return Field("product_name", heading, lambda one: named(one.name, room), limit=NAME)


def ratio_range(heading: str = "95%") -> Field[Any]:
    """Return the column of an interval of a ratio."""
    ends = attrgetter("low", "high")
    return Field("", heading, lambda one: Estimate(0.0, *ends(one), 0), "number", hint="interval",
                 is_range=True)  # fmt: skip


def told(find: Callable[[Sells], T | None]) -> Callable[[Report], T | None]:
    """Return what a report says of products, None where the source names none."""
    return lambda report: find(report.sells) if report.sells else None


CALLED = (field("product_code", name="code"), field("product_name", name="name"))


# --- products -----------------------------------------------------------------------------------


def product_table(sales: ProductSales, formats: Formats, room: float = math.inf) -> Table:
    """Return the best products by revenue or by pieces, and all products together."""
    pieces = (
        Field[Product]("", "Rank", lambda one: _rank(one.quantity_rank), "count"),
        field("quantity", "Pieces", "count"),
        field("quantity_share", "%", "share", hint="of all"),
    )
    fields = (
        Field[Product]("", "Product", lambda one: _called(one, room), limit=2 * NAME),
        Field[Product]("", "Rank", lambda one: _rank(one.revenue_rank), "count"),
        field("revenue", "Revenue", "money"),
        field("revenue_share", "%", "share", hint="of all"),
        *(pieces if sales.by_quantity else ()),
        field("customer_count", "Customers", "count"),
        field("order_count", "Orders", "count"),
        Field[Product]("", "Revenue", partial(_change, formats), "change",
                       hint="change"),
    )  # fmt: skip
    caption = "The best ten by revenue and by pieces"
    return page_table(caption, fields, sales.top, formats, total=_all_products(sales))


def _all_products(sales: ProductSales) -> Product:
    """Return all products together, as one without a rank."""
    return Product(
        code="",
        name="All products",
        first_sold_on=min(one.first_sold_on for one in sales.top),
        revenue=sales.revenue,
        revenue_share=1.0,
        quantity=sales.quantity,
        quantity_share=1.0,
        order_count=sales.order_count,
        customer_count=sales.customer_count,
        revenue_rank=0,
        quantity_rank=0,
        change=sales.change,
        is_new=False,
    )


def _change(formats: Formats, one: Product) -> float | str | None:
    """Return the change in its colour; of all products together without."""
    if one.revenue_rank == 0:
        return formats.relative_change(one.change)
    return "new" if one.is_new else one.change


def _rank(rank: int | None) -> int | str | None:
    return "" if rank == 0 else rank


def _called(one: Product, room: float) -> str:
    """Return the name and, where there is room, the code."""
    has_code = room == math.inf and one.code not in {"", one.name}
    return named(one.name, room) + (f" · {shown(one.code, 40)}" if has_code else "")


PRODUCTS = EngineSheet[Report](
    "products",
    "One row per product, those with most revenue first.",
    "SELECT * REPLACE (CAST(quantity AS DOUBLE) AS quantity)"
    " FROM products ORDER BY revenue DESC, product_code, product_name",
    {
        "product_code": "text", "product_name": "text", "revenue": "money", "quantity": "number",
        "order_count": "count", "customer_count": "count", "first_sold_on": "day",
    },
    lambda report: report.sells is not None,
)  # fmt: skip

# --- countries ----------------------------------------------------------------------------------

COUNTRY = field("country", "Country")
ORDERS = field("order_count", "Orders", "count")
CUSTOMERS = field("customer_count", "Customers", "count")


def countries_table(rows: Sequence[CountrySales], formats: Formats, room: float) -> Table:
    """Return the best product of each country."""
    fields = (
        COUNTRY,
        field("revenue", "Revenue", "money"),
        field("share", "%", "share", hint="of all"),
        ORDERS,
        CUSTOMERS,
        Field[CountrySales](
            "", "Best by revenue", partial(_best_words, "best_by_revenue", room), limit=2 * NAME
        ),
        Field[CountrySales](
            "", "Best by pieces", partial(_best_words, "best_by_quantity", room), limit=2 * NAME
        ),
    )
    told = fields if any(row.best_by_quantity for row in rows) else fields[:-1]
    return page_table("Best product by country", told, rows, formats)


def _best_words(name: str, room: float, row: CountrySales) -> str | None:
    """Name the best product, or say why none is called so; what is best by both is named once."""
    best, first = getattr(row, name), row.best_by_revenue
    if not row.is_told or best is None:
        return None if row.is_told else _TOO_FEW
    if name != "best_by_revenue" and first and (best.code, best.name) == (first.code, first.name):
        return "the same"
    return named(best.name, room) + one_line(best)


def one_line(best: BestProduct) -> str:
    """Say that a product was bought on a single line, which makes no favourite."""
    return " (one line)" if best.line_count == 1 else ""


_BEST: Mapping[str, Unit] = {"_code": "text", "_name": "text", "": "money", "_lines": "count"}
COUNTRIES = EngineSheet[Report](
    "countries",
    "One row per country with its best products, those with most revenue first.",
    "FROM countries ORDER BY revenue DESC, country",
    {
        "country": "text",
        "revenue": "money",
        "revenue_share": "share",
        "order_count": "count",
        "customer_count": "count",
        **{f"best_by_revenue{end}": unit for end, unit in _BEST.items()},
        **{f"best_by_quantity{end}": unit for end, unit in _BEST.items()},
    },
    lambda report: bool(report.sells and report.sells.countries),
)

# --- tastes -------------------------------------------------------------------------------------

_LIFT = field("lift", "Times", "times", hint="as often")


def tastes_table(
    rows: Sequence[Preference], keys: Mapping[str, int], formats: Formats, room: float
) -> Table:
    """Return the clearest tastes of each segment."""
    fields = (
        field("group", "Segment"),
        name_field("Buys more", room),
        field("customer_count", "Customers", "count", hint="of the segment"),
        field("buyer_count", "Buyers", "count", hint="in all"),
        field("pick_count", "Picks", "count"),
        field("expected_count", "Expected", "count", hint="as others"),
        _LIFT,
        ratio_range(),
    )
    caption = "What each segment buys more than the others do"
    return page_table(caption, fields, rows, formats, key=lambda one: keys.get(one.group))


AFFINITY = Sheet[Report, Preference](
    "affinity",
    "One row per product that a segment or country buys more of than all others do.",
    (
        *fields_of(Preference, {})[:2],
        *CALLED,
        *fields_of(Preference, {})[4:],
    ),
    told(
        lambda sells: (
            (*sells.affinity.segments.told, *sells.affinity.countries.told)
            if sells.affinity
            else None
        )
    ),
)
HOMES = Sheet[Report, Preference](
    "segment_countries",
    "One row per country of which a segment has more customers than the others have.",
    (
        field("segment", name="group"),
        field("country", name="name"),
        field("customers", name="customer_count"),
        field("country_customers", name="buyer_count"),
        field("expected_customers", name="expected_count"),
        *fields_of(Preference, {})[-4:],
    ),
    told(
        lambda sells: (
            sells.affinity.homes.told
            if sells.affinity and sells.affinity.homes.test_count
            else None
        )
    ),
)

# --- launches -----------------------------------------------------------------------------------


def launches_table(launches: Launches, formats: Formats, room: float) -> Table:
    """Return the launches that find customers fastest, against earlier ones at the same age."""

    def numbered(one: Launch) -> str:
        return f"{launches.shown.index(one) + 1} {named(one.name, room)}"

    def earlier(one: Launch) -> str | None:
        return one.earlier_pace and " · ".join(formats.number(pace) for pace in one.earlier_pace)

    fields = (
        Field[Launch]("", "Launch", numbered, limit=2 * NAME),
        field("first_sold_on", "Since", "day", numeric=True),
        field("weeks", "Weeks", "count"),
        CUSTOMERS,
        field("revenue", "Revenue", "money"),
        field("pace", "Pace", "number"),
        Field[Launch]("", "Earlier", earlier, "number", hint="quartiles"),
        field("verdict", "Against earlier"),
    )
    caption = "The launches with most customers for the orders of their time"
    return page_table(caption, fields, launches.shown, formats)


def uptake_table(launches: Launches, formats: Formats) -> Table:
    """Return the customers of each launch so far, week by week."""
    rows = [
        (one, week, count)
        for one in launches.shown
        for week, count in enumerate(one.customers_by_week, start=1)
    ]
    fields = (
        Field[tuple[Launch, int, int]]("", "Launch", lambda row: named(row[0].name), limit=NAME),
        Field[tuple[Launch, int, int]]("", "Week", lambda row: str(row[1]), "count"),
        Field[tuple[Launch, int, int]]("", "Customers so far", lambda row: row[2], "count"),
    )
    return page_table("Customers so far by week since the launch", fields, rows, formats)


def takers_table(launches: Launches, keys: Mapping[str, int], formats: Formats) -> Table:
    """Return the part of each segment in the first buyers, in all purchases and in customers."""
    fields = (
        field("segment", "Segment"),
        field("customer_share", "Customers", "share", adds_up=True),
        field("pick_share", "Purchases", "share", adds_up=True),
        field("taker_share", "First", "share", hint="buyers", adds_up=True),
        field("taker_count", "n", "count"),
    )
    return page_table(
        "Who took up launches first",
        fields,
        launches.takers,
        formats,
        total=FirstTakers("All", 1.0, 1.0, launches.taker_count, 1.0),
        key=lambda one: keys.get(one.segment),
    )


LAUNCHES = EngineSheet[Report](
    "launches",
    "One row per launch and whole week on sale.",
    "FROM followed_launches ORDER BY first_sold_on, product_code, product_name, week",
    {
        "product_code": "text", "product_name": "text", "first_sold_on": "day", "week": "count",
        "customer_count": "count", "revenue": "money", "shop_orders": "count", "pace": "number",
    },
    lambda report: bool(report.sells and report.sells.launches),
)  # fmt: skip
EARLIER_LAUNCHES = Sheet[Report, UptakeWeek](
    "earlier_launches",
    "One row per week on sale: the customers of earlier launches up to it.",
    fields_of(UptakeWeek, {}),
    told(lambda sells: (sells.launches and sells.launches.earlier) or None),
)
FIRST_BUYERS = Sheet[Report, FirstTakers](
    "first_buyers",
    "One row per segment: its part of those who bought launches first.",
    fields_of(FirstTakers, {}),
    told(lambda sells: (sells.launches and sells.launches.takers) or None),
)

REPORT_FILES = (
    PRODUCTS, COUNTRIES, AFFINITY, HOMES, LAUNCHES, EARLIER_LAUNCHES, FIRST_BUYERS,
)  # fmt: skip
"""Those that the report has with or without departments."""
