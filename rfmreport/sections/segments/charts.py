"""The charts of the segments, with their words: sizes, proportions, shares, and countries."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, PAPER, checked_color, text_on
from rfmreport.kit.drawings import (
    BODY,
    HALF,
    LARGE,
    WIDE,
    CutRow,
    Drawing,
    along,
    cut_rows_drawing,
    fitted,
    spread,
    text_width,
    wrapped,
)
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import shown
from rfmreport.sections.segments.figures import (
    CountryRevenue,
    SegmentRow,
    SegmentsByCountry,
    SegmentTable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report

_NAME = 142
_RING = 66  # so far from the middle its labels begin
_ROOM_FOR_A_STUMP = 60  # a name cut shorter than this says nothing; the table has it in full


# --- the words ----------------------------------------------------------------------------------

_SEGMENT = Field[SegmentRow]("", "Segment", lambda row: row.name, limit=60)
_COUNT = Field[SegmentRow]("", "Customers", lambda row: row.customer_count, "count")
_CUSTOMERS = Field[SegmentRow](
    "", "% of customers", lambda row: row.customer_share, "share", adds_up=True
)
_REVENUE = Field[SegmentRow](
    "", "% of revenue", lambda row: row.revenue_share, "share", adds_up=True
)


def size_caption(table: SegmentTable, formats: Formats) -> Caption:
    """Return the words of customers per segment."""
    largest = max(table.rows, key=lambda row: row.customer_count)
    title = (
        f"{shown(largest.name, 32)} is the largest segment: "
        f"{formats.count(largest.customer_count)} of {formats.count(table.total.customer_count)}"
        " customers"
    )
    kicker, fields = "Customers per segment", (_SEGMENT, _COUNT, _CUSTOMERS)
    data = page_table(kicker, fields, table.rows, formats)
    spoken = "; ".join(f"{row.cells[0].text}: {row.cells[1].text}" for row in data.rows)
    return Caption("customers-per-segment", kicker, title, f"{title}. {spoken}.", "", data)


def proportion_caption(table: SegmentTable, formats: Formats) -> Caption:
    """Return the words of the proportions of the segments."""
    data = size_caption(table, formats).table
    two = sorted(table.rows, key=lambda row: row.customer_count, reverse=True)[:2]
    together = formats.share(sum(row.customer_share for row in two))
    title = (
        f"{' and '.join(shown(row.name, 32) for row in two)} make up {together} of all customers"
    )
    spoken = "; ".join(f"{row.cells[0].text}: {row.cells[2].text}" for row in data.rows)
    kicker = "Proportions of the segments"
    return Caption("segment-proportions", kicker, title, f"{title}. {spoken}.", "", data)


def share_caption(table: SegmentTable, formats: Formats) -> Caption:
    """Return the words of share of customers against share of revenue."""
    named = "Share of customers against share of revenue"
    data = page_table(named, (_SEGMENT, _CUSTOMERS, _REVENUE), table.rows, formats)
    texts = [[cell.text for cell in row.cells] for row in data.rows]
    strongest = max(
        range(len(table.rows)),
        key=lambda i: table.rows[i].revenue_share - table.rows[i].customer_share,
    )
    _, customers, revenue = texts[strongest]
    name = shown(table.rows[strongest].name, 32)
    title = f"{name}: {customers} of customers, {revenue} of revenue"
    spoken = "; ".join(f"{a}: {b} of customers and {c} of revenue" for a, b, c in texts)
    kicker = "Customers against revenue"
    return Caption("share-against-share", kicker, title, f"{title}. {spoken}.", "", data)


# --- the drawings -------------------------------------------------------------------------------


def _half_height(table: SegmentTable) -> int:
    """Return the common height of the two drawings that stand side by side."""
    return max(214, _bar_step(table) * len(table.rows) + 8)


def _bar_step(table: SegmentTable) -> int:
    """Return how far apart the bars stand: closer, the more segments there are."""
    return max(18, min(38, 230 // len(table.rows)))


def size_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out one bar per segment, name on its left, count and share on its right."""
    table = report.segments
    step = _bar_step(table)
    drawing = Drawing(size_caption(table, formats), HALF, _half_height(table))
    shares = [formats.share(row.customer_share) for row in table.rows]
    values = [formats.count(row.customer_count) for row in table.rows]
    room = max(text_width(a + b, BODY) for a, b in zip(values, shares, strict=True)) + 22
    highest = max(row.customer_count for row in table.rows) or 1
    offset = (drawing.height - step * len(table.rows)) / 2
    for i, (row, share, value) in enumerate(zip(table.rows, shares, values, strict=True)):
        middle = offset + step * (i + 0.5)
        end = along(row.customer_count, (0, highest), (_NAME, HALF - room))
        bar = _box(_NAME, middle - step * 0.34, end, middle + step * 0.34)
        about = f"{shown(row.name, 60)}: {value} customers, {share}"
        drawing.add("bars", [bar | {"color": checked_color(row.color), "about": about}])
        name = fitted(shown(row.name, 40), _NAME - 12, BODY)
        drawing.texts([(_NAME - 8, middle, name)], color=INK, align="right", fontSize=BODY)
        drawing.texts(
            [(end + 7, middle, value)], color=INK, align="left", fontSize=BODY, fontWeight=600
        )
        after = end + 7 + text_width(value, BODY) + 7
        drawing.texts([(after, middle, share)], color=MUTED, align="left")
    return drawing


def _box(x: float, y: float, x2: float, y2: float) -> dict[str, Any]:
    return {"x": x, "y": y, "x2": x2, "y2": y2}


def proportion_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out a ring of the segments, each with its name and share beside it."""
    table = report.segments
    drawing = Drawing(proportion_caption(table, formats), HALF, _half_height(table))
    shares = [formats.share(row.customer_share) for row in table.rows]
    arcs, labels = [], []
    start = 0.0
    for row, share in zip(table.rows, shares, strict=True):
        end = start + row.customer_share * math.tau
        if row.customer_count:
            about = f"{shown(row.name, 60)}: {share} of customers"
            color = checked_color(row.color)
            arcs.append({"start": start, "end": end, "color": color, "about": about})
            labels.append(((start + end) / 2, shown(row.name, 40), share))
        start = end
    drawing.add("arcs", arcs, innerRadius=38, outerRadius=59, stroke=PAPER, strokeWidth=1.5)
    _ring_labels(drawing, labels)
    middle, customers = drawing.height / 2, formats.count(table.total.customer_count)
    drawing.texts([(HALF / 2, middle - 7, customers)], color=INK, fontSize=LARGE, fontWeight=700)
    drawing.texts([(HALF / 2, middle + 10, "customers")], color=MUTED)
    return drawing


def _ring_labels(drawing: Drawing, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write names and shares around the ring; on each side they keep clear of one another."""
    for side, align in ((1, "left"), (-1, "right")):
        mine = [label for label in labels if (math.sin(label[0]) >= 0) == (side > 0)]
        wished = [drawing.height / 2 - 75 * math.cos(angle) for angle, _, _ in mine]
        order = sorted(range(len(mine)), key=wished.__getitem__)
        top, bottom = 20, drawing.height - 22
        gap = min(44.0, (bottom - top) / max(1, len(mine) - 1))
        places = spread([wished[i] for i in order], gap, (top, bottom))
        for i, y in zip(order, places, strict=True):
            angle, name, share = mine[i]
            # Clear of the ring: the further up or down a label stands, the nearer it may be.
            clear = max(0.0, abs(y - drawing.height / 2) - 14)
            around = math.sqrt(max(0.0, _RING**2 - clear**2))
            reach = max(abs(math.sin(angle)) * _RING, around, _RING / 2)
            x = HALF / 2 + side * reach
            room = HALF / 2 - reach
            lines = wrapped(name, room) if gap > 40 else [fitted(name, room)]  # noqa: PLR2004
            drawing.texts([(x, y - 7 * len(lines), share)], color=INK, align=align, fontSize=BODY,
                          fontWeight=600)  # fmt: skip
            below = [(x, y - 7 * len(lines) + 14 * (i + 1), line) for i, line in enumerate(lines)]
            drawing.texts(below, color=MUTED, align=align)


def share_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out two stacked bars, joined by ribbons that show who brings more than its part."""
    table = report.segments
    drawing = Drawing(share_caption(table, formats), WIDE, 178)
    rows = [row for row in table.rows if row.customer_count]
    tops = _stack([row.customer_share for row in rows])
    bottoms = _stack([row.revenue_share for row in rows])
    first, second, height = 34, 124, 38
    for i, row in enumerate(rows):
        color = checked_color(row.color)
        ribbon = [
            {"x": tops[i][0], "x2": tops[i][1], "y": first + height},
            {"x": bottoms[i][0], "x2": bottoms[i][1], "y": second},
        ]
        points = [point | {"color": color, "key": i} for point in ribbon]
        drawing.add("areas", points, opacity=0.22)
    customers = [formats.share(row.customer_share) for row in rows]
    revenue = [formats.share(row.revenue_share) for row in rows]
    above, below = (
        zip(rows, ends, shares, strict=True)
        for ends, shares in ((tops, customers), (bottoms, revenue))
    )
    _stacked_bar(drawing, above, top=first, words="of customers")
    _stacked_bar(drawing, below, top=second, words="of revenue")
    for y, words in ((first + height / 2, "Customers"), (second + height / 2, "Revenue")):
        drawing.texts([(_STACK[0] - 10, y, words)], color=INK, align="right", fontSize=BODY)
    _stack_names(drawing, rows, tops, first - 6)
    return drawing


_STACK = (78, WIDE)


def _stack(shares: Sequence[float]) -> list[tuple[float, float]]:
    ends, start = [], 0.0
    for share in shares:
        ends.append((along(start, (0, 1), _STACK), along(start + share, (0, 1), _STACK)))
        start += share
    return ends


def _stacked_bar(
    drawing: Drawing,
    parts: Iterable[tuple[SegmentRow, tuple[float, float], str]],
    *,
    top: float,
    words: str,
) -> None:
    """Draw parts between their ends, each with its share."""
    for row, (start, end), share in parts:
        color = checked_color(row.color)
        about = f"{shown(row.name, 60)}: {share} {words}"
        box = _box(start, top, end, top + 38)
        drawing.add("bars", [box | {"color": color, "about": about}], stroke=PAPER, strokeWidth=1.5)
        if text_width(share, BODY) + 10 < end - start:
            drawing.texts([(start + 8, top + 19, share)], color=text_on(color), align="left",
                          fontSize=BODY, fontWeight=600)  # fmt: skip


def _stack_names(
    drawing: Drawing, rows: Sequence[SegmentRow], ends: Sequence[tuple[float, float]], y: float
) -> None:
    for row, (start, end) in zip(rows, ends, strict=True):
        lines = wrapped(shown(row.name, 40), end - start - 4)
        whole = not any(line.endswith("…") for line in lines)
        if whole or end - start > _ROOM_FOR_A_STUMP:
            below = enumerate(reversed(lines))
            places = [(start + 1, y - 6 - 13 * i, line) for i, line in below]
            drawing.texts(places, color=INK, align="left")


def countries_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the revenue of each country, cut into segments."""
    countries = report.department_figures.countries
    if countries is None or not countries.rows:
        return None
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    return cut_rows_drawing(
        countries_caption(countries, formats),
        [_country_row(name, row, formats) for name, row in _told(countries, formats)],
        headings=("Revenue", "of all", "Customers"),
        segments=[(shown(name, 40), colors[name]) for name in countries.segments],
        name_width=126,
        formats=formats,
    )


def _told(countries: SegmentsByCountry, formats: Formats) -> list[tuple[str, CountryRevenue]]:
    rows = [(shown(row.country, 40), row) for row in countries.rows]
    if countries.rest:
        rows.append((f"{formats.count(countries.rest_count)} others", countries.rest))
    if countries.unnamed:
        rows.append(("No country", countries.unnamed))
    return [(name, row) for name, row in rows if row.revenue > 0]


def _country_row(name: str, row: CountryRevenue, formats: Formats) -> CutRow:
    revenue, share = formats.money_short(row.revenue), formats.share(row.revenue_share)
    figures = (revenue, share, formats.count(row.customer_count))
    return CutRow(name, figures, tuple(float(part / row.revenue) for part in row.by_segment))


def _of_segment(place: int, named: tuple[str, CountryRevenue]) -> Decimal:
    return named[1].by_segment[place]


def countries_caption(countries: SegmentsByCountry, formats: Formats) -> Caption:
    """Return the words of revenue by country."""
    rows = [*_told(countries, formats), ("All countries", countries.total)]
    fields: list[Field[tuple[str, CountryRevenue]]] = [
        Field("", "Country", lambda named: named[0]),
        Field("", "Customers", lambda named: named[1].customer_count, "count"),
        Field("", "Revenue", lambda named: named[1].revenue, "money"),
    ]
    fields += [
        Field("", shown(name, 40), partial(_of_segment, place), "money")
        for place, name in enumerate(countries.segments)
    ]
    data = page_table("Revenue by country and segment", fields, rows, formats)
    title = "Revenue by country, cut into segments"
    spoken = "; ".join(f"{name}: {formats.money_short(row.revenue)}" for name, row in rows[:6])
    note = "Segments of today; a customer who bought in two countries counts in both."
    return Caption("segments-by-country", title, title, f"{title}. {spoken}.", note, data)
