"""What departments are told of this topic: tastes, first and repeated products, launches."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rfmreport.kit.bars import CutRow, cut_rows_drawing
from rfmreport.kit.cells import count_cell, name_cell, row_of, share_cell, table_of
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import WIDE, Drawing, along, fitted
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.products import files
from rfmreport.sections.products.page import NAME_ROOM, product_table, trend_note
from rfmreport.sections.products.tables import sells_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import (
        BestProduct,
        EntryProduct,
        EntryProducts,
        KeyProduct,
        KeyProducts,
        Preference,
        RepeatedProduct,
        RepeatedProducts,
    )


def _tastes_finding(report: Report, formats: Formats) -> str:
    affinity = report.sells.affinity if report.sells else None
    if affinity is None:
        return ""
    if not affinity.segments:
        return (
            f"Good customers buy what the others buy: of {formats.count(affinity.product_count)} "
            "products no segment picks any clearly more often"
        )
    top = report.segments.rows[0].name
    best = next((one for one in affinity.segments if one.group == top), affinity.segments[0])
    return (
        f"{people(best.group)} pick {best.name} {formats.number(best.lift)} times as often as "
        f"others who buy as much ({formats.number(best.low)} to {formats.number(best.high)})"
    )


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


def _entry_rows(report: Report) -> tuple[EntryProduct, ...]:
    entries = report.sells.entries if report.sells else None
    return entries.rows if entries else ()


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


def _launches_finding(report: Report, formats: Formats) -> str:
    launches = report.sells.launches if report.sells else None
    if launches is None or not launches.shown:
        return ""
    faster = [one for one in launches.shown if one.verdict == "faster"]
    words = (
        f"{formats.count(launches.launch_count)} products launched in the last "
        f"{formats.count(launches.days)} days"
    )
    if not faster:
        return f"{words}; none finds customers clearly faster than earlier ones"
    best = faster[0]
    return (
        f"{words}; {best.name} finds customers faster than three in four earlier ones: "
        f"{formats.count(best.customer_count)} in {formats.count(best.weeks)} weeks"
    )


def _favourites_finding(report: Report, formats: Formats) -> str:
    countries = report.sells.countries if report.sells else None
    told = [row.best_by_revenue for row in countries.rows if row.is_told] if countries else []
    leaders = Counter(one.name for one in told if one)
    if leaders.total() < 2:  # noqa: PLR2004  one country is no comparison
        return ""
    name, count = leaders.most_common(1)[0]
    if count == 1:
        return f"Every one of {formats.count(len(told))} countries has a best seller of its own"
    return (
        f"{name} leads in {formats.count(count)} of {formats.count(len(told))} countries; "
        f"{formats.count(len(leaders))} products lead in all"
    )


def _key_products_finding(report: Report, formats: Formats) -> str:
    products = report.sells.key_products if report.sells else None
    if products is None or not products.rows or not products.quantity:
        return ""
    share = sum(row.quantity for row in products.rows) / products.quantity
    steady = next((row for row in products.rows if row.largest_order_share <= 0.5), None)  # noqa: PLR2004
    words = (
        f"{formats.count(len(products.rows))} of {formats.count(products.product_count)} products "
        f"make {formats.share(share, 0)} of the pieces"
    )
    if steady is None:
        return words
    return f"{words}; {steady.name} leads with {formats.count(steady.per_week)} a week"


_NAME = 60


_ROWS = {"screen": 30, "print": 6}


_COUNTRIES = {"screen": 50, "print": 8}


_PER_SEGMENT, _MOST_TASTES = 3, 15


_STEP, _TOP, _BOTTOM = 18, 6, 24


_GROUP, _PRODUCT, _FIGURES = 112.0, 232.0, 96.0


_NARROW_NAME = {"screen": 10_000, "print": 300}  # two lines


_COUNTRY_NAME = {"screen": 10_000, "print": 206}


def tastes_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the best sellers where no segment prefers anything; else the chart says it all."""
    sells = report.sells
    if sells is None or sells.affinity is None:
        return None
    if sells.affinity.segments:
        return Block()
    note = (
        f"{formats.count(sells.affinity.segment_test_count)} comparisons with others who bought "
        "about as many products in the same month, corrected (Benjamini–Hochberg, 5%). "
        f"{trend_note(sells.products, formats)}"
    )
    return Block(product_table(sells.products, formats, NAME_ROOM[medium]), note=note)


def tastes_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out how many times as often each segment picks a product, with the 95 % interval."""
    affinity = report.sells.affinity if report.sells else None
    tastes = _shown_tastes(affinity.segments, report) if affinity else []
    if affinity is None or not tastes:
        return None
    note = (
        "Dot and bar: times as often as others who bought about as many products in the same "
        f"month, with the 95% interval. Of {formats.count(affinity.segment_test_count)} "
        f"comparisons {formats.count(affinity.segment_clear_count)} stand after correction "
        f"(Benjamini–Hochberg, 5%); up to {_PER_SEGMENT} per segment. n: customers of the segment "
        "with it."
    )
    drawing = Drawing(
        _tastes_caption(tastes, note, formats), WIDE, _TOP + _STEP * len(tastes) + _BOTTOM
    )
    left, right = _GROUP + _PRODUCT, WIDE - _FIGURES
    extent = (min(0.9, *(one.low for one in tastes)), max(one.high for one in tastes))
    base = drawing.height - _BOTTOM
    ticks = [tick / 2 for tick in range(2, 40) if extent[0] <= tick / 2 <= extent[1]]
    while len(ticks) > 7:  # noqa: PLR2004  more run into each other
        ticks = ticks[::2]
    for tick in ticks:
        x = along(tick, extent, (left, right))
        drawing.rules([(x, _TOP, x, base)], color=MUTED if tick == 1 else RULE)
        drawing.texts([(x, base + 12, f"{formats.number(tick)}×")])
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    before = ""
    for place, one in enumerate(tastes):
        y = _TOP + _STEP * (place + 0.5)
        if one.group != before:
            drawing.texts([(0, y, fitted(shown(one.group, 40), _GROUP - 6))], color=INK,
                          align="left", fontWeight=600)  # fmt: skip
            before = one.group
        _taste_row(drawing, one, y, colors[one.group], extent, (left, right), formats)
    return drawing


def _shown_tastes(tastes: tuple[Preference, ...], report: Report) -> list[Preference]:
    """Return the clearest of each segment, segments in the scheme's order."""
    groups = ([one for one in tastes if one.group == row.name] for row in report.segments.rows)
    return [one for group in groups for one in group[:_PER_SEGMENT]][:_MOST_TASTES]


def _taste_row(  # noqa: PLR0913, PLR0917  a row has a place, a colour and a scale
    drawing: Drawing,
    one: Preference,
    y: float,
    color: str,
    extent: tuple[float, float],
    pixels: tuple[float, float],
    formats: Formats,
) -> None:
    name = fitted(shown(one.name, _NAME), _PRODUCT - 14)
    drawing.texts([(_GROUP, y, name)], color=INK, align="left")
    low, high, lift = (along(value, extent, pixels) for value in (one.low, one.high, one.lift))
    about = (
        f"{shown(one.group, _NAME)}, {shown(one.name, _NAME)}: {formats.number(one.lift)} times as "
        f"often ({formats.number(one.low)} to {formats.number(one.high)})"
    )
    bar = {"x": low, "x2": high, "y": y - 3, "y2": y + 3, "color": color, "about": about}
    drawing.add("bars", [bar], opacity=0.45)
    dot = {"x": lift, "y": y, "size": 60, "color": color, "about": about}
    drawing.add("circles", [dot], opacity=1)
    words = f"{formats.number(one.lift)}×"
    drawing.texts([(WIDE - 48, y, words)], color=INK, align="right", fontWeight=600)
    drawing.texts([(WIDE, y, f"n {formats.count(one.customer_count)}")], align="right")


def _tastes_caption(tastes: list[Preference], note: str, formats: Formats) -> Caption:
    columns = [Column("Segment", numeric=False), Column("Product", numeric=False)]
    columns += [Column(label) for label in ("Customers", "Times as often", "from", "to")]
    data = table_of(
        "What each segment picks more often than others who buy as much",
        columns,
        [
            row_of(
                (
                    name_cell(one.group),
                    name_cell(one.name, _NAME),
                    count_cell(one.customer_count, formats),
                    *(
                        Cell(formats.number(value), f"{value:.6f}")
                        for value in (one.lift, one.low, one.high)
                    ),
                )
            )
            for one in tastes
        ],
    )
    title = "Times as often as others who buy as much"
    spoken = "; ".join(
        f"{shown(one.group, 40)}, {shown(one.name, _NAME)}: {formats.number(one.lift)}"
        for one in tastes[:6]
    )
    return Caption("tastes", title, title, f"{title}. {spoken}.", note, data)


def _product_cell(name: str, code: str, medium: Medium) -> Cell:
    return Cell(fitted(shown(name, _NAME), _NARROW_NAME[medium]), shown(f"{name} · {code}", 120))


def entries_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the products with which later top customers began."""
    entries = report.sells.entries if report.sells else None
    if entries is None:
        return None
    note = _entries_note(entries, formats)
    if not entries.rows:
        return Block(note=note)
    columns = (
        Column("In the first order", numeric=False),
        Column("Buyers"),
        Column("Top", hint="now"),
        Column("Times", hint="as often"),
        Column("95%", hint="interval"),
    )
    rows = [row_of(_entry_cells(one, formats, medium)) for one in entries.rows[: _ROWS[medium]]]
    return Block(table_of("Products of first orders of later top customers", columns, rows),
                 note=note)  # fmt: skip


def _entry_cells(one: EntryProduct, formats: Formats, medium: Medium) -> tuple[Cell, ...]:
    return (
        _product_cell(one.name, one.code, medium),
        count_cell(one.buyer_count, formats),
        count_cell(one.top_count, formats),
        Cell(formats.number(one.ratio), f"{one.ratio:.6f}"),
        Cell(f"{formats.number(one.low)}–{formats.number(one.high)}", f"{one.low:.6f}"),
    )


def _entries_note(entries: EntryProducts, formats: Formats) -> str:
    return (
        f"Of {formats.count(entries.customer_count)} customers who began from "
        f"{formats.day(entries.first_from)} to {formats.day(entries.first_to)}, "
        f"{formats.count(entries.top_count)} are in {shown(entries.top_segment, 40)} now. Held "
        "against others who began in the same month with about as many products; "
        f"{formats.count(entries.product_count)} products tested, corrected for it."
    )


def repeats_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the products whose buyers come back for them."""
    repeated = report.sells.repeated if report.sells else None
    if repeated is None:
        return None
    columns = (
        Column("Product", numeric=False),
        Column("Buyers"),
        Column("Again"),
        Column("95%", hint="interval"),
        Column("After", hint="days"),
    )
    rows = [row_of(_repeat_cells(one, formats, medium)) for one in repeated.rows[: _ROWS[medium]]]
    table = table_of("Products that are bought again on another day", columns, rows)
    return Block(table, note=_repeats_note(repeated, formats))


def _repeat_cells(one: RepeatedProduct, formats: Formats, medium: Medium) -> tuple[Cell, ...]:
    low, high = (formats.share(end, 0) for end in (one.share.low, one.share.high))
    return (
        _product_cell(one.name, one.code, medium),
        count_cell(one.share.customer_count, formats),
        share_cell(one.share.value, formats),
        Cell(f"{low}–{high}", f"{one.share.low:.6f}"),
        Cell(formats.count(one.median_gap_days), f"{one.median_gap_days:g}"),
    )


def _repeats_note(repeated: RepeatedProducts, formats: Formats) -> str:
    return (
        "Again: buyers who bought it on another day too, within "
        f"{formats.count(repeated.watched_days)} days of the first; after so many days in the "
        f"median. Of {formats.count(repeated.product_count)} products with 30 buyers or more who "
        "could be watched for so long; all of them together: "
        f"{formats.share(repeated.overall.value, 0)}."
    )


def launches_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the launches that find customers fastest, and who takes them up first."""
    told = sells_block(report, formats, medium)
    if told is None or told.launches is None:
        return None
    return Block(told.launches, told.takers, note=told.launches_note, lead=told.takers_title)


def favourites_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the best product of each country with enough orders to say."""
    countries = report.sells.countries if report.sells else None
    if countries is None:
        return None
    told = [row for row in countries.rows if row.is_told]
    has_pieces = any(row.best_by_quantity for row in told)
    columns = [
        Column("Country", numeric=False),
        Column("Orders"),
        Column("Best by revenue", numeric=False),
        Column("", hint="revenue"),
    ]
    columns += [Column("Best by pieces", numeric=False), Column("", hint="pieces")] * has_pieces
    rows = [
        row_of(
            (
                name_cell(row.country),
                count_cell(row.order_count, formats),
                *_best_cells(row.best_by_revenue, formats, medium, is_money=True),
                *(
                    _best_cells(row.best_by_quantity, formats, medium, is_money=False)
                    if has_pieces
                    else ()
                ),
            )
        )
        for row in told[: _COUNTRIES[medium]]
    ]
    note = (
        f"Countries with {FEWEST_ORDERS} orders or more, most revenue first. One line: sold once "
        "in one order, a deal and no favourite."
    )
    return Block(table_of("Best product by country", columns, rows), note=note)


def _best_cells(
    best: BestProduct | None, formats: Formats, medium: Medium, *, is_money: bool
) -> tuple[Cell, Cell]:
    if best is None:
        return Cell(formats.count(None)), Cell(formats.count(None))
    name = fitted(shown(best.name, _NAME), _COUNTRY_NAME[medium])
    if best.line_count == 1:
        name = f"{fitted(shown(best.name, _NAME), _COUNTRY_NAME[medium] - 52)} (one line)"
    amount = formats.money(best.amount) if is_money else formats.count(float(best.amount))
    return Cell(name, shown(best.name, 120)), Cell(amount, str(best.amount))


_KEY_PRODUCTS = 15


_ONE_DEAL = 0.5


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
    return CutRow(shown(one.name, 60), figures, one.segment_shares)


def _key_products_caption(
    products: KeyProducts, called: Sequence[KeyProduct], formats: Formats
) -> Caption:
    columns = [Column("Product", numeric=False)]
    labels = ("Pieces", "A week", "Busiest week", "Orders", "Customers", "Largest order")
    columns += [Column(label) for label in labels]
    columns += [Column(shown(name, 40)) for name in products.segments]
    rows = [
        row_of(
            (
                name_cell(one.name, 60),
                count_cell(one.quantity, formats),
                Cell(formats.number(one.per_week), f"{one.per_week:.4f}"),
                count_cell(one.busiest_week_quantity, formats),
                count_cell(one.order_count, formats),
                count_cell(one.customer_count, formats),
                share_cell(one.largest_order_share, formats),
                *(share_cell(share, formats) for share in one.segment_shares),
            )
        )
        for one in called
    ]
    title = "Products with most pieces, and which segments take them"
    spoken = "; ".join(
        f"{shown(one.name, 60)}: {formats.count(one.per_week)} a week" for one in called[:6]
    )
    note = (
        f"Pieces of the {formats.count(products.week_count)} weeks from "
        f"{formats.day(products.first_day)} to {formats.day(products.last_day)}."
    )
    if any(one.largest_order_share > _ONE_DEAL for one in called):
        note += " * More than half of it in one order: a deal and no demand."
    return Caption("key-products", title, title, f"{title}. {spoken}.", note,
                   table_of("Key products by segment", columns, rows))  # fmt: skip


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "tastes",
        "What segments prefer",
        _tastes_finding,
        drawings=(tastes_drawing,),
        block=tastes_block,
        sheets=(files.AFFINITY,),
        reasons=("What they buy: what segments prefer",),
        charts=("tastes",),
        look="sold",
    ),
    Section(
        "entries",
        "How good customers began",
        _entries_finding,
        block=entries_block,
        sheets=(files.ENTRY_PRODUCTS,),
        reasons=("Products to begin with",),
        is_narrow=True,
        has_rows=lambda report: bool(_entry_rows(report)),
        look="entries",
    ),
    Section(
        "repeats",
        "Bought again",
        _repeats_finding,
        block=repeats_block,
        sheets=(files.REPEAT_PRODUCTS,),
        reasons=("Products bought again",),
        is_narrow=True,
        look="repeats",
    ),
    Section(
        "launches",
        "Launches",
        _launches_finding,
        block=launches_block,
        sheets=(files.LAUNCHES,),
        reasons=("What they buy: launches",),
        template="departments/launches.html.j2",
    ),
    Section(
        "favourites",
        "Best product by country",
        _favourites_finding,
        block=favourites_block,
        sheets=(files.COUNTRIES,),
        look="favourites",
    ),
    Section(
        "key_products",
        "Key products",
        _key_products_finding,
        drawings=(key_products_drawing,),
        sheets=(files.KEY_PRODUCTS,),
        reasons=("Key products",),
        charts=("key-products",),
        has_key=True,
    ),
)
"""What departments may be told of this topic."""
