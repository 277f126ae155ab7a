"""The files of data behind what they buy: the same facts as on the pages, all of them, exact."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from rfmreport.kit.sheets import EngineSheet, Field, Sheet, fields_of
from rfmreport.report import Report
from rfmreport.sections.products.figures import (
    EntryProduct,
    FirstTakers,
    KeyProduct,
    Preference,
    RepeatedProduct,
    UptakeWeek,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rfmreport.kit.sheets import Unit
    from rfmreport.sections.products.figures import Sells

T = TypeVar("T")
_CALLED = (
    Field[Any]("product_code", "", attrgetter("code")),
    Field[Any]("product_name", "", attrgetter("name")),
)


def _told(find: Callable[[Sells], T | None]) -> Callable[[Report], T | None]:
    """Return what a report says of products, None where the source names none."""
    return lambda report: find(report.sells) if report.sells else None


def _plain(kind: type[Any], *names: str) -> tuple[Field[Any], ...]:
    """Return columns by the names of facts."""
    return tuple(one for one in fields_of(kind, {}) if not names or one.key in names)


PRODUCTS = EngineSheet[Report](
    "products",
    "One row per product, those with most revenue first.",
    "SELECT * REPLACE (CAST(quantity AS DOUBLE) AS quantity)"
    " FROM products ORDER BY revenue DESC, product_code, product_name",
    {
        "product_code": "text",
        "product_name": "text",
        "revenue": "money",
        "quantity": "number",
        "order_count": "count",
        "customer_count": "count",
        "first_sold_on": "day",
    },
    lambda report: report.sells is not None,
)
_BEST: dict[str, Unit] = {"_code": "text", "_name": "text", "": "money", "_lines": "count"}
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
LAUNCHES = EngineSheet[Report](
    "launches",
    "One row per launch and whole week on sale.",
    "FROM followed_launches ORDER BY first_sold_on, product_code, product_name, week",
    {
        "product_code": "text",
        "product_name": "text",
        "first_sold_on": "day",
        "week": "count",
        "customer_count": "count",
        "revenue": "money",
        "shop_orders": "count",
        "pace": "number",
    },
    lambda report: bool(report.sells and report.sells.launches),
)
AFFINITY = Sheet[Report, Preference](
    "affinity",
    "One row per product that a segment or country buys more of than all others do.",
    (
        *_plain(Preference, "kind", "group"),
        *_CALLED,
        *_plain(
            Preference, "customer_count", "buyer_count", "pick_count", "expected_count", "lift",
            "low", "high", "p_value",
        ),
    ),
    _told(
        lambda sells: (*sells.affinity.segments, *sells.affinity.countries)
        if sells.affinity
        else None
    ),
)  # fmt: skip
HOMES = Sheet[Report, Preference](
    "segment_countries",
    "One row per country of which a segment has more customers than the others have.",
    tuple(
        Field(heading, "", attrgetter(name))
        for heading, name in (
            ("segment", "group"),
            ("country", "name"),
            ("customers", "customer_count"),
            ("country_customers", "buyer_count"),
            ("expected_customers", "expected_count"),
            *((name, name) for name in ("lift", "low", "high", "p_value")),
        )
    ),
    _told(
        lambda sells: (
            sells.affinity.homes if sells.affinity and sells.affinity.home_test_count else None
        )
    ),
)
EARLIER_LAUNCHES = Sheet[Report, UptakeWeek](
    "earlier_launches",
    "One row per week on sale: the customers of earlier launches up to it.",
    fields_of(UptakeWeek, {}),
    _told(lambda sells: (sells.launches and sells.launches.earlier) or None),
)
FIRST_BUYERS = Sheet[Report, FirstTakers](
    "first_buyers",
    "One row per segment: its part of those who bought launches first.",
    fields_of(FirstTakers, {}),
    _told(lambda sells: (sells.launches and sells.launches.takers) or None),
)


def _key_fields(report: Report) -> tuple[Field[KeyProduct], ...]:
    """Return the columns of key products, of which each segment has one."""
    products = report.sells.key_products if report.sells else None
    return (
        *_CALLED,
        *(
            Field[KeyProduct](heading, "", attrgetter(name))
            for heading, name in (
                ("quantity", "quantity"),
                ("per_week", "per_week"),
                ("orders", "order_count"),
                ("customers", "customer_count"),
                ("busiest_week_from", "busiest_week_on"),
                ("busiest_week_quantity", "busiest_week_quantity"),
                ("largest_order_share", "largest_order_share"),
            )
        ),
        *(
            Field[KeyProduct](f"share of {name}", "", _share_of(place))
            for place, name in enumerate(products.segments if products else ())
        ),
    )


def _share_of(place: int) -> Callable[[KeyProduct], float]:
    return lambda one: one.segment_shares[place]


KEY_PRODUCTS = Sheet[Report, KeyProduct](
    "key_products",
    "One row per product of which most pieces went out lately.",
    _key_fields,
    _told(lambda sells: (sells.key_products and sells.key_products.rows) or None),
)


def _repeat_rows(sells: Sells) -> Sequence[tuple[RepeatedProduct, int]] | None:
    found = sells.repeated
    return [(one, found.watched_days) for one in found.rows] if found and found.rows else None


REPEAT_PRODUCTS = Sheet[Report, tuple[RepeatedProduct, int]](
    "repeat_products",
    "One row per product whose buyers come back for it.",
    (
        Field("product_code", "", lambda row: row[0].code),
        Field("product_name", "", lambda row: row[0].name),
        Field("within_days", "", lambda row: row[1]),
        Field("bought_again", "", lambda row: row[0].again_count),
        Field("share", "", lambda row: row[0].share, has_interval=True),
        Field("median_gap_days", "", lambda row: row[0].median_gap_days),
    ),
    _told(_repeat_rows),
)


def _entry_rows(sells: Sells) -> Iterable[tuple[EntryProduct, bool]] | None:
    """Return the products that stand out, and the most common ones."""
    found = sells.entries
    if found is None or not (found.rows or found.common):
        return None
    common = ((one, False) for one in found.common if one not in found.rows)
    return [*((one, True) for one in found.rows), *common]


def _of_entry(field: Field[EntryProduct]) -> Field[tuple[EntryProduct, bool]]:
    return Field(field.key, "", lambda row: field.value(row[0]))


ENTRY_PRODUCTS = Sheet[Report, tuple[EntryProduct, bool]](
    "entry_products",
    "One row per product of first orders: those that stand out, and the most common ones.",
    (
        *(_of_entry(one) for one in (*_CALLED, *_plain(EntryProduct)[2:])),
        Field("stands_out", "", lambda row: row[1]),
    ),
    _told(_entry_rows),
)
DEPARTMENT_FILES = (KEY_PRODUCTS, REPEAT_PRODUCTS, ENTRY_PRODUCTS)
REPORT_FILES = (
    PRODUCTS, COUNTRIES, AFFINITY, HOMES, LAUNCHES, EARLIER_LAUNCHES, FIRST_BUYERS,
)  # fmt: skip
"""Those that the report has with or without departments."""
