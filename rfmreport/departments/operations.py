"""Operations' page: orders to come, on which days and hours, of which products, by season."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.bars import CutRow, cut_rows_drawing, spans_drawing
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
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import (
    HALF,
    Drawing,
    along,
    round_ticks,
)
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.sections.when.tables import season_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.models.forecast import Forecast
    from rfmreport.report import Report
    from rfmreport.sections.when.demand_figures import KeyProduct, KeyProducts

_HIGH, _LEFT, _BASE, _TOP = 150, 34, 30, 20
_TEAL = "#6fa9a6"
_LINE = 16
_KEY_PRODUCTS = 15
_ONE_DEAL = 0.5


def demand_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return by which rule the orders are foretold, and how far off it was."""
    demand = figures_of(report).demand
    if demand is None:
        return None
    lead = f"Orders: {_rule_words(demand.orders, formats)}"
    if demand.pieces:
        lead += f" Pieces: {_rule_words(demand.pieces, formats)}"
        lead += _deal_words(figures_of(report).key_products, formats)
    return Block(lead=lead)


def _deal_words(products: KeyProducts | None, formats: Formats) -> str:
    """Say how much of the last pieces were deals: one order of most of a product."""
    deals = (
        [one for one in products.rows if one.largest_order_share > _ONE_DEAL] if products else []
    )
    if products is None or not deals or not products.quantity:
        return ""
    pieces = sum(one.quantity * one.largest_order_share for one in deals)
    many = "s" if len(deals) > 1 else ""
    return (
        f" Of the pieces of the {formats.count(products.week_count)} weeks to "
        f"{formats.day(products.last_day)}, {formats.count(pieces)} "
        f"({formats.share(pieces / products.quantity)}) were {formats.count(len(deals))} "
        f"deal{many}, one order of more than half of a product: they need not come again."
    )


def _rule_words(forecast: Forecast, formats: Formats) -> str:
    least = (
        f", the least of {formats.count(1 + len(forecast.others))} rules" if forecast.others else ""
    )
    return (
        f"{forecast.rule.name}, off by {formats.share(forecast.rule.error, 0)} on average over "
        f"{formats.count(len(forecast.trials))} past spans{least}."
    )


def demand_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of past spans of four weeks, and those to come."""
    demand = figures_of(report).demand
    if demand is None:
        return None
    return spans_drawing(_demand_caption(demand.orders, formats), demand.orders, formats.count,
                         formats)  # fmt: skip


def _demand_caption(forecast: Forecast, formats: Formats) -> Caption:
    columns = (
        Column("From", numeric=False),
        Column("To", numeric=False),
        Column("Said"),
        Column("Came"),
    )
    rows = [
        row_of(
            (
                Cell(formats.day(one.first_day), one.first_day.isoformat()),
                Cell(formats.day(one.last_day), one.last_day.isoformat()),
                count_cell(round(one.predicted), formats),
                count_cell(round(one.actual), formats),
            )
        )
        for one in forecast.trials
    ]
    rows.append(
        row_of(
            (
                Cell(formats.day(forecast.first_day), forecast.first_day.isoformat()),
                Cell(formats.day(forecast.last_day), forecast.last_day.isoformat()),
                count_cell(round(forecast.value), formats),
                Cell("to come"),
            )
        )
    )
    title = "Orders by four weeks, and those to come"
    spoken = (
        f"Expected {formats.count(forecast.value)}, {formats.count(forecast.low)} to "
        f"{formats.count(forecast.high)}"
    )
    note = (
        "Bars: orders that came in four weeks from that day; line across: what the rule would have "
        "said. Dashed: expected, with the 95% interval that its errors give."
    )
    return Caption("expected-orders", title, title, f"{title}. {spoken}.", note,
                   table_of("Orders that came and that the rule said", columns, rows))  # fmt: skip


def weekday_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each day of the week, and what a busy such day takes."""
    demand = figures_of(report).demand
    if demand is None or not any(day.expected_orders for day in demand.weekdays):
        return None
    bars = [
        (formats.weekday(day.weekday)[:3], day.orders_per_day, day.busy_day_orders)
        for day in demand.weekdays
    ]
    columns = (
        Column("Weekday", numeric=False),
        Column("Expected", hint="orders"),
        Column("A day"),
        Column("A busy day"),
    )
    rows = [
        row_of(
            (
                Cell(formats.weekday(day.weekday), str(day.weekday + 1)),
                count_cell(round(day.expected_orders), formats),
                Cell(formats.number(day.orders_per_day), f"{day.orders_per_day:.4f}"),
                Cell(formats.number(day.busy_day_orders), f"{day.busy_day_orders:.4f}"),
            )
        )
        for day in demand.weekdays
    ]
    title = "Expected orders a day"
    data = table_of("Expected orders by weekday", columns, rows)
    last = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: expected; line: the busiest such day of {last}."
    caption = _bars_caption("expected-weekdays", title, bars, data, note, formats)
    return _bars_drawing(caption, bars, formats)


def hour_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each part of the day, and what a busy hour in it takes."""
    demand = figures_of(report).demand
    if demand is None or not demand.hours or not any(d.expected_orders for d in demand.weekdays):
        return None
    span = demand.orders.last_day - demand.orders.first_day
    open_days = (span.days + 1) / 7 * sum(day.expected_orders > 0 for day in demand.weekdays)
    bars = [
        (
            f"{band.first_hour}–{band.end_hour}",
            band.expected_orders / (open_days * (band.end_hour - band.first_hour)),
            band.busy_hour_orders,
        )
        for band in demand.hours
    ]
    columns = (
        Column("Hours", numeric=False),
        Column("Share"),
        Column("Expected", hint="orders"),
        Column("A busy hour"),
    )
    rows = [
        row_of(
            (
                Cell(f"{band.first_hour:02}:00–{band.end_hour:02}:00", str(band.first_hour)),
                share_cell(band.share, formats),
                count_cell(round(band.expected_orders), formats),
                Cell(formats.number(band.busy_hour_orders), f"{band.busy_hour_orders:.4f}"),
            )
        )
        for band in demand.hours
    ]
    title = "Expected orders an hour"
    data = table_of("Expected orders by part of the day", columns, rows)
    last = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: expected; line: what 95 of 100 such hours of {last} did not exceed."
    caption = _bars_caption("expected-hours", title, bars, data, note, formats)
    return _bars_drawing(caption, bars, formats)


def _bars_caption(  # noqa: PLR0913, PLR0917  the words of a chart
    name: str,
    title: str,
    bars: Sequence[tuple[str, float, float]],
    data: Table,
    note: str,
    formats: Formats,
) -> Caption:
    spoken = "; ".join(f"{label}: {formats.number(mean)}" for label, mean, _ in bars)
    return Caption(name, title, title, f"{title}. {spoken}.", note, data)


def _bars_drawing(
    caption: Caption, bars: Sequence[tuple[str, float, float]], formats: Formats
) -> Drawing:
    drawing = Drawing(caption, HALF, _HIGH)
    highest = max(max(mean, busy) for _, mean, busy in bars) or 1.0
    base = _HIGH - _BASE

    def height(value: float) -> float:
        return along(value, (0, highest), (base, _TOP))

    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, height(tick), HALF, height(tick)) for tick in ticks[1:]])
    drawing.texts([(_LEFT - 6, height(tick), formats.number(tick)) for tick in ticks],
                  align="right")  # fmt: skip
    step = (HALF - _LEFT) / len(bars)
    half = min(step * 0.36, 22)
    for place, (label, mean, busy) in enumerate(bars):
        middle = _LEFT + step * (place + 0.5)
        about = f"{label}: {formats.number(mean)} expected, busy {formats.number(busy)}"
        box = {"x": middle - half, "x2": middle + half, "y": base, "y2": height(mean)}
        drawing.add("bars", [box | {"color": _TEAL, "about": about}])
        if busy:
            y = height(busy)
            drawing.rules([(middle - half, y, middle + half, y)], color=INK, strokeWidth=2)
        drawing.texts([(middle, base + 12, label)])
        written = formats.count(mean) if mean >= 10 else formats.number(mean)  # noqa: PLR2004
        # Inside the bar: above it stands the line of busy days.
        y = base - 9 if base - height(mean) > _LINE else height(max(mean, busy)) - 9
        drawing.texts([(middle, y, written)], color=INK, fontWeight=600)
    drawing.rules([(_LEFT, base, HALF, base)], color=MUTED)
    return drawing


def key_products_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the products with most pieces: how many a week, and which segments take them."""
    products = figures_of(report).key_products
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


def seasons_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the seasons by their complete months."""
    told = season_block(report, formats)
    return Block(told.table, note=told.note) if told else Block()
