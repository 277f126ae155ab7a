"""Product's page: what segments prefer, how good customers began, what is bought again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.findings import figures_of
from rfmreport.departments.parts import (
    Block,
    Medium,
    count_cell,
    name_cell,
    row_of,
    share_cell,
    table_of,
)
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import (
    INK,
    MUTED,
    RULE,
    checked_color,
)
from rfmreport.kit.drawings import (
    WIDE,
    Drawing,
    along,
    fitted,
)
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.products.page import NAME_ROOM, product_table, trend_note
from rfmreport.sections.products.tables import sells_block

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import BestProduct, Preference
    from rfmreport.sections.products.habits import (
        EntryProduct,
        EntryProducts,
        RepeatedProduct,
        RepeatedProducts,
    )

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
    entries = figures_of(report).entries
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
    repeated = figures_of(report).repeated
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
