"""Key products, products bought again, and those to begin with, as departments are told of them."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import checked_color
from rfmreport.kit.drawings import CutRow, Drawing, cut_rows_drawing
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import people
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.report import Report
from rfmreport.sections.products.figures import (
    EntryProduct,
    EntryProducts,
    KeyProduct,
    KeyProducts,
    RepeatedProduct,
    RepeatedProducts,
    Sells,
)
from rfmreport.sections.products.tables import (
    CALLED,
    CUSTOMERS,
    ORDERS,
    field,
    name_field,
    named,
    ratio_range,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.formats import Formats

_ROWS = {"screen": 30, "print": 6}
_ROOM = {"screen": math.inf, "print": 300.0}
"""How many pixels the name of a product may take: two lines on paper."""
_KEY_PRODUCTS = 15
_ONE_DEAL = 0.5


# --- key products -------------------------------------------------------------------------------


def _key_products_finding(report: Report, formats: Formats) -> str:
    products = report.sells.key_products if report.sells else None
    if products is None or not products.rows or not products.quantity:
        return ""
    share = sum(row.quantity for row in products.rows) / products.quantity
    steady = next((row for row in products.rows if row.largest_order_share <= _ONE_DEAL), None)
    words = (
        f"{formats.count(len(products.rows))} of {formats.count(products.product_count)} products "
        f"make {formats.share(share, 0)} of the pieces"
    )
    if steady is None:
        return words
    return f"{words}; {steady.name} leads with {formats.count(steady.per_week)} a week"


def key_products_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the products with most pieces: how many a week, and which segments take them."""
    products = report.sells.key_products if report.sells else None
    if products is None or not products.rows:
        return None
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    called = products.rows[:_KEY_PRODUCTS]
    return cut_rows_drawing(
        _key_products_caption(products, called, formats),
        [_key_row(one, formats) for one in called],
        headings=("A week", "Busiest", "Week of"),
        segments=[(shown(name, 40), colors[name]) for name in products.segments],
        name_width=262,
        formats=formats,
    )


def _key_row(one: KeyProduct, formats: Formats) -> CutRow:
    day = one.busiest_week_on
    star = "*" if one.largest_order_share > _ONE_DEAL else ""
    figures = (
        f"{formats.count(one.per_week)}{star}",
        formats.count(one.busiest_week_quantity),
        f"{day.day} {formats.month_name_short(day)}",
    )
    return CutRow(named(one.name), figures, one.segment_shares)


def _key_products_caption(
    products: KeyProducts, called: Sequence[KeyProduct], formats: Formats
) -> Caption:
    title = "Products with most pieces, and which segments take them"
    spoken = "; ".join(
        f"{named(one.name)}: {formats.count(one.per_week)} a week" for one in called[:6]
    )
    note = (
        f"Pieces of the {formats.count(products.week_count)} weeks from "
        f"{formats.day(products.first_day)} to {formats.day(products.last_day)}."
    )
    if any(one.largest_order_share > _ONE_DEAL for one in called):
        note += " * More than half of it in one order: a deal and no demand."
    return Caption("key-products", title, title, f"{title}. {spoken}.", note,
                   key_products_table(products, called, formats))  # fmt: skip


def key_products_table(
    products: KeyProducts, rows: Sequence[KeyProduct], formats: Formats
) -> Table:
    """Return the products of which most pieces went out, with the part of each segment."""
    fields = (
        name_field("Product"),
        field("quantity", "Pieces", "count"),
        field("per_week", "A week", "number"),
        field("busiest_week_quantity", "Busiest week", "count"),
        ORDERS,
        CUSTOMERS,
        field("largest_order_share", "Largest order", "percent"),
        *_segment_fields(products.segments),
    )
    return page_table("Key products by segment", fields, rows, formats)


def _segment_fields(segments: Sequence[str]) -> Iterable[Field[KeyProduct]]:
    for place, name in enumerate(segments):
        yield Field(f"share of {name}", shown(name, 40), partial(_share, place), "percent")


def _share(place: int, one: KeyProduct) -> float:
    return one.segment_shares[place]


def _key_fields(report: Report) -> tuple[Field[KeyProduct], ...]:
    """Return the columns of the file, of which each segment has one."""
    products = report.sells.key_products if report.sells else None
    return (
        *CALLED,
        field("quantity"),
        field("per_week"),
        field("orders", name="order_count"),
        field("customers", name="customer_count"),
        field("busiest_week_from", name="busiest_week_on"),
        field("busiest_week_quantity"),
        field("largest_order_share"),
        *_segment_fields(products.segments if products else ()),
    )


KEY_PRODUCTS = Sheet[Report, KeyProduct](
    "key_products",
    "One row per product of which most pieces went out lately.",
    _key_fields,
    told(lambda sells: (sells.key_products and sells.key_products.rows) or None),
)


# --- bought again -------------------------------------------------------------------------------


def _repeats_finding(report: Report, formats: Formats) -> str:
    repeated = report.sells.repeated if report.sells else None
    if repeated is None or not repeated.rows:
        return ""
    best = repeated.rows[0]
    return (
        f"{best.name} is bought again by {formats.share(best.share.value, 0)} of its "
        f"{formats.count(best.share.customer_count)} buyers within "
        f"{formats.count(repeated.watched_days)} days; the average product by "
        f"{formats.share(repeated.overall.value, 0)}"
    )


def repeats_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the products whose buyers come back for them."""
    repeated = report.sells.repeated if report.sells else None
    if repeated is None:
        return None
    rows = repeated.rows[: _ROWS[medium]]
    table = repeats_table(rows, formats, _ROOM[medium])
    return Block(table, note=_repeats_note(repeated, formats))


def _repeats_note(repeated: RepeatedProducts, formats: Formats) -> str:
    return (
        "Again: buyers who bought it on another day too, within "
        f"{formats.count(repeated.watched_days)} days of the first; after so many days in the "
        f"median. Of {formats.count(repeated.product_count)} products with 30 buyers or more who "
        "could be watched for so long; all of them together: "
        f"{formats.share(repeated.overall.value, 0)}."
    )


def repeats_table(rows: Sequence[RepeatedProduct], formats: Formats, room: float) -> Table:
    """Return the products that are bought again, surest first."""
    fields = (
        name_field("Product", room),
        field("buyers", "Buyers", "count", "share.customer_count"),
        field("share", "Again", "percent"),
        field("", "95%", "percent", "share", hint="interval", is_range=True),
        field("median_gap_days", "After", "count", hint="days"),
    )
    return page_table("Products that are bought again on another day", fields, rows, formats)


def _repeated_rows(sells: Sells) -> Sequence[tuple[RepeatedProduct, int]] | None:
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
    told(_repeated_rows),
)


# --- to begin with ------------------------------------------------------------------------------


def _entries_finding(report: Report, formats: Formats) -> str:
    entries = report.sells.entries if report.sells else None
    if entries is None:
        return ""
    if not entries.rows:
        return (
            f"No product of a first order foretells {people(entries.top_segment)}: none of "
            f"{formats.count(entries.product_count)} stands out"
        )
    best = entries.rows[0]
    return (
        f"Who began with {best.name} is in {entries.top_segment} {formats.number(best.ratio)} "
        f"times as often: {formats.count(best.top_count)} of {formats.count(best.buyer_count)}"
    )


def entries_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the products with which later top customers began."""
    entries = report.sells.entries if report.sells else None
    if entries is None:
        return None
    rows = entries.rows[: _ROWS[medium]]
    table = entries_table(rows, formats, _ROOM[medium]) if rows else None
    return Block(table, note=_entries_note(entries, formats))


def _entries_note(entries: EntryProducts, formats: Formats) -> str:
    return (
        f"Of {formats.count(entries.customer_count)} customers who began from "
        f"{formats.day(entries.first_from)} to {formats.day(entries.first_to)}, "
        f"{formats.count(entries.top_count)} are in {shown(entries.top_segment, 40)} now. Held "
        "against others who began in the same month with about as many products; "
        f"{formats.count(entries.product_count)} products tested, corrected for it."
    )


def entries_table(rows: Sequence[EntryProduct], formats: Formats, room: float) -> Table:
    """Return the products with which later top customers began."""
    fields = (
        name_field("In the first order", room),
        field("buyer_count", "Buyers", "count"),
        field("top_count", "Top", "count", hint="now"),
        field("ratio", "Times", "number", hint="as often"),
        ratio_range(),
    )
    return page_table("Products of first orders of later top customers", fields, rows, formats)


def _entry_rows(sells: Sells) -> Sequence[tuple[EntryProduct, bool]] | None:
    """Return the products that stand out, and the most common ones."""
    found = sells.entries
    if found is None or not (found.rows or found.common):
        return None
    common = ((one, False) for one in found.common if one not in found.rows)
    return [*((one, True) for one in found.rows), *common]


def _of_first(field: Field[EntryProduct]) -> Field[tuple[EntryProduct, bool]]:
    return Field(field.key, "", lambda row: field.value(row[0]))


ENTRY_PRODUCTS = Sheet[Report, tuple[EntryProduct, bool]](
    "entry_products",
    "One row per product of first orders: those that stand out, and the most common ones.",
    (
        *map(_of_first, (*CALLED, *fields_of(EntryProduct, {})[2:])),
        Field("stands_out", "", lambda row: row[1]),
    ),
    told(_entry_rows),
)

KEY: Section[Report] = Section(
    "key_products",
    "Key products",
    _key_products_finding,
    drawings=(key_products_drawing,),
    sheets=(KEY_PRODUCTS,),
    reasons=("Key products",),
    charts=("key-products",),
    has_key=True,
)
REPEATS: Section[Report] = Section(
    "repeats",
    "Bought again",
    _repeats_finding,
    block=repeats_block,
    sheets=(REPEAT_PRODUCTS,),
    reasons=("Products bought again",),
    is_narrow=True,
    look="repeats",
)
ENTRIES: Section[Report] = Section(
    "entries",
    "How good customers began",
    _entries_finding,
    block=entries_block,
    sheets=(ENTRY_PRODUCTS,),
    reasons=("Products to begin with",),
    is_narrow=True,
    look="entries",
)
