"""What departments are told of this topic: days, hours and seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.cells import count_cell, row_of, share_cell, table_of
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED
from rfmreport.kit.drawings import HALF, Drawing, along, round_ticks
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.tables import Cell, Column, Table
from rfmreport.sections.when.tables import season_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report


def _hours_finding(report: Report, formats: Formats) -> str:
    demand = report.department_figures.demand
    if demand is None or not any(day.expected_orders for day in demand.weekdays):
        return ""
    best = report.trends.best_weekday if report.trends else None
    if best is None:
        mean = sum(day.orders_per_day for day in demand.weekdays) / len(demand.weekdays)
        words = f"No day of the week stands out: expect {formats.number(mean)} orders a day"
    else:
        words = (
            f"{formats.weekday(best)}s are the busiest: "
            f"expect {formats.number(demand.weekdays[best].orders_per_day, 0)} orders each"
        )
    if not demand.hours:
        return words
    band = max(demand.hours, key=lambda one: one.share)
    return (
        f"{words}; {formats.share(band.share, 0)} of all come between {band.first_hour:02}:00 and "
        f"{band.end_hour:02}:00"
    )


def _seasons_finding(report: Report, formats: Formats) -> str:
    complete = [month for month in report.months if month.complete]
    if len(complete) < 2:  # noqa: PLR2004  one month has no season
        return ""
    most = max(complete, key=lambda month: month.order_count)
    mean = sum(month.order_count for month in complete) / len(complete)
    return (
        f"{formats.month(most.first_day)} took {formats.count(most.order_count)} orders, most of "
        f"{formats.count(len(complete))} full months; the average is {formats.count(mean)}"
    )


_HIGH, _LEFT, _BASE, _TOP = 150, 34, 30, 20


_TEAL = "#6fa9a6"


_LINE = 16


def weekday_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each day of the week, and what a busy such day takes."""
    demand = report.department_figures.demand
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
    demand = report.department_figures.demand
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


def seasons_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the seasons by their complete months."""
    told = season_block(report, formats)
    return Block(told.table, note=told.note) if told else Block()


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "hours",
        "Days and hours",
        _hours_finding,
        drawings=(
            weekday_drawing,
            hour_drawing,
        ),
        files=("data/days.csv",),
        charts=(
            "expected-weekdays",
            "expected-hours",
        ),
    ),
    Section(
        "seasons",
        "Months and seasons",
        _seasons_finding,
        block=seasons_block,
        files=("data/months.csv",),
        charts=("orders-by-month",),
        look="seasons",
    ),
)
"""What departments may be told of this topic."""
