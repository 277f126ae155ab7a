"""What departments are told of products besides: tastes, launches, favourites of countries."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import WIDE, Drawing, along, fitted
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import people
from rfmreport.kit.sheets import Field, Unit, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.products import habits_page, pairs_page, tables
from rfmreport.sections.products.charts import trend_note
from rfmreport.sections.products.figures import BestProduct, CountrySales, Preference
from rfmreport.sections.products.page import told_launches, told_takers
from rfmreport.sections.products.tables import (
    COUNTRY,
    NAME,
    NAME_ROOM,
    ORDERS,
    field,
    name_field,
    named,
    one_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report

_COUNTRIES = {"screen": 50, "print": 8}
_BESIDE = {"screen": math.inf, "print": 206.0}
_ONE_LINE_ROOM = 52
_PER_SEGMENT, _MOST_TASTES = 3, 15
_STEP, _TOP, _BOTTOM = 18, 6, 24
_GROUP, _PRODUCT, _FIGURES = 112.0, 232.0, 96.0
_MOST_TICKS = 7


def _tastes_finding(report: Report, formats: Formats) -> str:
    affinity = report.sells.affinity if report.sells else None
    if affinity is None:
        return ""
    tastes = affinity.segments.told
    if not tastes:
        return (
            f"Good customers buy what the others buy: of {formats.count(affinity.product_count)} "
            "products no segment picks any clearly more often"
        )
    top = report.segments.rows[0].name
    best = next((one for one in tastes if one.group == top), tastes[0])
    return (
        f"{people(best.group)} pick {best.name} {formats.number(best.lift)} times as often as "
        f"others who buy as much ({formats.number(best.low)} to {formats.number(best.high)})"
    )


def tastes_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the best sellers where no segment prefers anything; else the chart says it all."""
    sells = report.sells
    if sells is None or sells.affinity is None:
        return None
    if sells.affinity.segments.told:
        return Block()
    note = (
        f"{formats.count(sells.affinity.segments.test_count)} comparisons with others who bought "
        "about as many products in the same month, corrected (Benjamini–Hochberg, 5%). "
        f"{trend_note(sells.products, formats)}"
    )
    return Block(tables.product_table(sells.products, formats, NAME_ROOM[medium]), note=note)


def tastes_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out how many times as often each segment picks a product, with the 95 % interval."""
    affinity = report.sells.affinity if report.sells else None
    tastes = _shown_tastes(affinity.segments.told, report) if affinity else []
    if affinity is None or not tastes:
        return None
    note = (
        "Dot and bar: times as often as others who bought about as many products in the same "
        f"month, with the 95% interval. Of {formats.count(affinity.segments.test_count)} "
        f"comparisons {formats.count(affinity.segments.clear_count)} stand after correction "
        f"(Benjamini–Hochberg, 5%); up to {_PER_SEGMENT} per segment. n: customers of the segment "
        "with it."
    )
    height = _TOP + _STEP * len(tastes) + _BOTTOM
    drawing = Drawing(_tastes_caption(tastes, note, formats), WIDE, height)
    extent = (min(0.9, *(one.low for one in tastes)), max(one.high for one in tastes))

    def place(value: float) -> float:
        return along(value, extent, (_GROUP + _PRODUCT, WIDE - _FIGURES))

    _draw_scale(drawing, extent, place, formats)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    y = _TOP + _STEP / 2
    for group, of_group in groupby(tastes, key=lambda one: one.group):
        name = fitted(shown(group, 40), _GROUP - 6)
        drawing.texts([(0, y, name)], color=INK, align="left", fontWeight=600)
        for one in of_group:
            _taste_row(drawing, one, y, (colors[group], place), formats)
            y += _STEP
    return drawing


def _draw_scale(
    drawing: Drawing,
    extent: tuple[float, float],
    place: Callable[[float], float],
    formats: Formats,
) -> None:
    """Draw a line every half time or, where these would run into each other, more rarely."""
    ticks = [tick / 2 for tick in range(2, 40) if extent[0] <= tick / 2 <= extent[1]]
    while len(ticks) > _MOST_TICKS:
        ticks = ticks[::2]
    base = drawing.height - _BOTTOM
    for tick in ticks:
        x = place(tick)
        drawing.rules([(x, _TOP, x, base)], color=MUTED if tick == 1 else RULE)
        drawing.texts([(x, base + 12, f"{formats.number(tick)}×")])


def _shown_tastes(tastes: tuple[Preference, ...], report: Report) -> list[Preference]:
    """Return the clearest of each segment, segments in the scheme's order."""
    groups = ([one for one in tastes if one.group == row.name] for row in report.segments.rows)
    return [one for group in groups for one in group[:_PER_SEGMENT]][:_MOST_TASTES]


def _taste_row(
    drawing: Drawing,
    one: Preference,
    y: float,
    look: tuple[str, Callable[[float], float]],
    formats: Formats,
) -> None:
    """Draw one row, in its colour and to the scale."""
    color, place = look
    drawing.texts([(_GROUP, y, named(one.name, _PRODUCT - 14))], color=INK, align="left")
    low, high, lift = place(one.low), place(one.high), place(one.lift)
    about = (
        f"{shown(one.group, NAME)}, {named(one.name)}: {formats.number(one.lift)} times as "
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
    title = "Times as often as others who buy as much"
    spoken = "; ".join(
        f"{shown(one.group, 40)}, {named(one.name)}: {formats.number(one.lift)}"
        for one in tastes[:6]
    )
    return Caption("tastes", title, title, f"{title}. {spoken}.", note,
                   times_table(tastes, formats))  # fmt: skip


def times_table(rows: Sequence[Preference], formats: Formats) -> Table:
    """Return the same as a chart shows it."""
    fields = (
        field("group", "Segment"),
        name_field("Product"),
        field("customer_count", "Customers", "count"),
        field("lift", "Times as often", "number"),
        field("low", "from", "number"),
        field("high", "to", "number"),
    )
    caption = "What each segment picks more often than others who buy as much"
    return page_table(caption, fields, rows, formats)


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


def launches_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the launches that find customers fastest, and who takes them up first."""
    launches = report.sells.launches if report.sells else None
    if launches is None or not launches.shown:
        return None
    told = told_launches(launches, formats, NAME_ROOM[medium])
    if not launches.takers:
        return Block(told.table, note=told.note)
    keys = {row.name: place for place, row in enumerate(report.segments.rows)}
    takers = told_takers(launches, keys, formats)
    return Block(told.table, takers.table, note=told.note, lead=takers.title)


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


def favourites_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the best product of each country with enough orders to say."""
    countries = report.sells.countries if report.sells else None
    if countries is None:
        return None
    told = [row for row in countries.rows if row.is_told]
    table = favourites_table(told[: _COUNTRIES[medium]], formats, medium)
    note = (
        f"Countries with {FEWEST_ORDERS} orders or more, most revenue first. One line: sold once "
        "in one order, a deal and no favourite."
    )
    return Block(table, note=note)


def favourites_table(rows: Sequence[CountrySales], formats: Formats, medium: Medium) -> Table:
    """Return the best products of countries, with how much was bought of them."""
    kinds: tuple[tuple[str, str, Unit, str], ...] = (
        ("best_by_revenue", "Best by revenue", "money", "revenue"),
        ("best_by_quantity", "Best by pieces", "count", "pieces"),
    )
    has_pieces = any(row.best_by_quantity for row in rows)
    best = (
        field
        for name, heading, unit, hint in kinds[: 1 + has_pieces]
        for field in (
            Field[CountrySales]("", heading, partial(_best_name, name, _BESIDE[medium]),
                                limit=2 * NAME),
            Field[CountrySales]("", " ", partial(_best_amount, name), unit, hint=hint),
        )
    )  # fmt: skip
    return page_table("Best product by country", (COUNTRY, ORDERS, *best), rows, formats)


def _best_name(name: str, room: float, row: CountrySales) -> str | None:
    best: BestProduct | None = getattr(row, name)
    if best is None:
        return None
    words = one_line(best)
    return named(best.name, room - _ONE_LINE_ROOM * bool(words)) + words


def _best_amount(name: str, row: CountrySales) -> Any:  # noqa: ANN401  money or pieces
    best: BestProduct | None = getattr(row, name)
    return best and best.amount


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "tastes",
        "What segments prefer",
        _tastes_finding,
        drawings=(tastes_drawing,),
        block=tastes_block,
        sheets=(tables.AFFINITY,),
        reasons=("What they buy: what segments prefer",),
        charts=("tastes",),
        look="sold",
    ),
    pairs_page.BOUGHT_TOGETHER,
    habits_page.ENTRIES,
    habits_page.REPEATS,
    Section(
        "launches",
        "Launches",
        _launches_finding,
        block=launches_block,
        sheets=(tables.LAUNCHES,),
        reasons=("What they buy: launches",),
        template="departments/launches.html.j2",
    ),
    Section(
        "favourites",
        "Best product by country",
        _favourites_finding,
        block=favourites_block,
        sheets=(tables.COUNTRIES,),
        look="favourites",
    ),
    habits_page.KEY,
)
"""What departments may be told of this topic."""
