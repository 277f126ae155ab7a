"""What is said of when orders come: on which days, and at which hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED
from rfmreport.kit.drawings import HALF, Drawing, along, round_ticks
from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.report import Report
from rfmreport.sections.plan.demand_figures import HourBand, WeekdayDemand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.plan.demand_figures import Demand

_Bar = tuple[str, float, float]
"""A name, the mean of the last weeks, and what a busy such time takes."""
_HIGH, _LEFT, _BASE, _TOP = 150, 34, 30, 20
_TEAL = "#6fa9a6"
_LINE = 16


def _hours_finding(report: Report, formats: Formats) -> str:
    demand = report.department_figures.demand
    if demand is None:
        return ""
    best = report.trends.best_weekday if report.trends else None
    if best is None:
        mean = sum(day.orders_per_day for day in demand.weekdays) / len(demand.weekdays)
        words = f"No day of the week stands out: {formats.number(mean)} orders a day"
    else:
        words = (
            f"{formats.weekday(best)}s are the busiest: "
            f"{formats.number(demand.weekdays[best].orders_per_day, 0)} orders each"
        )
    if not demand.hours:
        return words
    band = max(demand.hours, key=lambda one: one.share)
    return f"{words}; {formats.share(band.share, 0)} of all come between {_clocks(band, ' and ')}"


def _clocks(band: HourBand, between: str) -> str:
    return f"{band.first_hour:02}:00{between}{band.end_hour:02}:00"


def weekday_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each day of the week, and what a busy such day takes."""
    demand = report.department_figures.demand
    if demand is None:
        return None
    fields = (
        Field[WeekdayDemand]("", "Weekday", lambda day: formats.weekday(day.weekday)),
        Field[WeekdayDemand]("", "A day", lambda day: day.orders_per_day, "number"),
        Field[WeekdayDemand]("", "A busy day", lambda day: day.busy_orders, "number"),
    )  # fmt: skip
    table = page_table("Orders by weekday", fields, demand.weekdays, formats)
    title = "Orders a day"
    weeks = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: mean of {weeks}; line: the busiest such day."
    bars = [
        (formats.weekday(day.weekday)[:3], day.orders_per_day, day.busy_orders)
        for day in demand.weekdays
    ]
    spoken = f"{title}. {_spoken(bars, formats)}."
    caption = Caption("orders-by-weekday", title, title, spoken, note, table)
    return _bars_drawing(caption, bars, formats)


def hour_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each part of the day, and what a busy hour in it takes."""
    demand = report.department_figures.demand
    if demand is None or not demand.hours:
        return None
    fields = (
        Field[HourBand]("", "Hours", lambda band: _clocks(band, "–")),
        Field[HourBand]("", "Share", lambda band: band.share, "percent"),
        Field[HourBand]("", "An hour", lambda band: band.orders_per_hour, "number"),
        Field[HourBand]("", "A busy hour", lambda band: band.busy_orders, "number"),
    )  # fmt: skip
    table = page_table("Orders by part of the day", fields, demand.hours, formats)
    title = "Orders an hour"
    weeks = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: mean of {weeks}; line: what 95 of 100 such hours did not exceed."
    bars = _hour_bars(demand)
    spoken = f"{title}. {_spoken(bars, formats)}."
    caption = Caption("orders-by-hours", title, title, spoken, note, table)
    return _bars_drawing(caption, bars, formats)


def _hour_bars(demand: Demand) -> list[_Bar]:
    return [
        (f"{band.first_hour}–{band.end_hour}", band.orders_per_hour, band.busy_orders)
        for band in demand.hours
    ]


def _spoken(bars: Sequence[_Bar], formats: Formats) -> str:
    return "; ".join(f"{label}: {formats.number(mean)}" for label, mean, _ in bars)


def _bars_drawing(caption: Caption, bars: Sequence[_Bar], formats: Formats) -> Drawing:
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
        about = f"{label}: {formats.number(mean)} on average, busy {formats.number(busy)}"
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


def _mean(row: WeekdayDemand | HourBand) -> float:
    return row.orders_per_day if isinstance(row, WeekdayDemand) else row.orders_per_hour


_BY_TIME = Sheet[Report, WeekdayDemand | HourBand](
    "orders_by_time",
    "the orders of the last weeks on a day of the week, or in an hour of a part of the day",
    (
        Field("when", "", lambda row: row.name),
        Field("mean_orders", "", _mean, "number"),
        Field("busy_orders", "", lambda row: row.busy_orders, "count"),
    ),
    lambda report: (
        (*report.department_figures.demand.weekdays, *report.department_figures.demand.hours)
        if report.department_figures.demand
        else None
    ),
)
SECTION: Section[Report] = Section(
    "hours",
    "Days and hours",
    _hours_finding,
    drawings=(weekday_drawing, hour_drawing),
    files=("data/days.csv",),
    sheets=(_BY_TIME,),
    reasons=("Days and hours",),
    charts=("orders-by-weekday", "orders-by-hours"),
)
"""What departments may be told of when orders come."""
