"""What is said of months gone by: revenue by what customers were when the month began."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, PALE, PAPER, checked_color, text_on
from rfmreport.kit.drawings import WIDE, Drawing, along, text_width
from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import shown
from rfmreport.sections.plan.charts import BASE, HIGH, LEFT, TOP, month_grid, month_name
from rfmreport.sections.plan.figures import MonthBySegment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.plan.figures import MonthsBySegment

_TEAL_GREY, _GREY = "#c9d1d4", "#e1e5e7"
_NEW, _RETURNING, _UNKNOWN = "New customers", "Returning", "History too short to tell"


def _months_finding(report: Report, formats: Formats) -> str:
    months = report.department_figures.months
    if months is None or not months.rows:
        return ""
    last = months.rows[-1]
    # Where no segment can be told yet, old customers look new.
    if not last.revenue or last.by_segment is None:
        return ""
    new = formats.share(float(last.new / last.revenue), 0)
    top = formats.share(float(last.by_segment[0] / last.revenue), 0)
    return (
        f"{formats.month(last.first_day)}: {top} of {formats.money_short(last.revenue)} from "
        f"customers who began it in {months.segments[0]}, {new} from new ones"
    )


def months_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out one bar per month, cut by what its customers were when the month began."""
    months = report.department_figures.months
    if months is None or not months.rows:
        return None
    drawing = Drawing(_months_caption(months, formats), WIDE, HIGH + 20)
    highest = max(float(row.revenue) for row in months.rows) or 1.0

    def height(value: float) -> float:
        return along(value, (0, highest), (HIGH - BASE, TOP - 8))

    month_grid(drawing, highest, height, formats)
    step = (WIDE - LEFT) / len(months.rows)
    half = min(step * 0.38, 30)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, row in enumerate(months.rows):
        middle = LEFT + step * (place + 0.5)
        start = 0.0
        for name, amount, color in _month_parts(row, months.segments, colors):
            end = start + float(amount)
            about = f"{formats.month(row.first_day)}, {name}: {formats.money(amount)}"
            box = {"x": middle - half, "x2": middle + half, "y": height(start), "y2": height(end)}
            drawing.add("bars", [box | {"color": color, "about": about}], stroke=PAPER,
                        strokeWidth=0.75)  # fmt: skip
            share = float(amount / row.revenue) if row.revenue else 0.0
            # A line of text goes into it.
            if row.by_segment and height(start) - height(end) > 12:  # noqa: PLR2004
                place_of_text = (middle, (height(start) + height(end)) / 2, formats.share(share, 0))
                drawing.texts([place_of_text], color=text_on(color))
            start = end
        month_name(drawing, row.first_day, middle, formats, is_first=place == 0)
    _legend(drawing, months, colors)
    return drawing


_NEW, _RETURNING, _UNKNOWN = "New customers", "Returning", "History too short to tell"


def _month_parts(
    row: MonthBySegment, segments: Sequence[str], colors: dict[str, str]
) -> list[tuple[str, Decimal, str]]:
    if row.by_segment is None:
        return [(_UNKNOWN, row.revenue, _TEAL_GREY)]
    parts = [
        (shown(name, 40), amount, colors[name])
        for name, amount in zip(segments, row.by_segment, strict=True)
    ]
    parts += [(_RETURNING, row.returning, _GREY), (_NEW, row.new, PALE)]
    return [part for part in parts if part[1] > 0]


_TEAL_GREY, _GREY = "#c9d1d4", "#e1e5e7"


def _legend(drawing: Drawing, months: MonthsBySegment, colors: dict[str, str]) -> None:
    entries = [(shown(name, 24), colors[name]) for name in months.segments]
    entries += [(_NEW, PALE)]
    if any(row.returning for row in months.rows):
        entries.append((_RETURNING, _GREY))
    if any(row.by_segment is None for row in months.rows):
        entries.append((_UNKNOWN, _TEAL_GREY))
    x, y = float(LEFT), HIGH + 12.0
    for name, color in entries:
        width = 16 + text_width(name) + 14
        if x + width > WIDE and x > LEFT:
            x, y = float(LEFT), y + 15
            drawing.height += 15
        box = {"x": x, "x2": x + 10, "y": y - 5, "y2": y + 5, "color": color, "about": name}
        drawing.add("bars", [box])
        drawing.texts([(x + 15, y, name)], color=INK, align="left")
        x += width


def _segment_fields(months: MonthsBySegment | None) -> list[Field[MonthBySegment]]:
    """Return a column per segment, empty in months that know none."""
    return [
        Field(f"revenue of {name}", shown(name), partial(_of_segment, place), "money")
        for place, name in enumerate(months.segments if months else ())
    ]


def _of_segment(place: int, row: MonthBySegment) -> Decimal | None:
    return row.by_segment[place] if row.by_segment else None


_REVENUE = Field[MonthBySegment]("revenue", "Revenue", lambda row: row.revenue, "money")
_BACK = Field[MonthBySegment](
    "from_before_the_window",
    "From before",
    lambda row: row.returning if row.by_segment else None,
    "money",
)


def _months_caption(months: MonthsBySegment, formats: Formats) -> Caption:
    fields = (
        Field[MonthBySegment]("", "Month", lambda row: row.first_day, "month", numeric=False),
        _REVENUE,
        *_segment_fields(months),
        *((_BACK,) if any(row.returning for row in months.rows) else ()),
        Field[MonthBySegment]("", "New", lambda row: row.new if row.by_segment else None, "money"),
    )
    title = "Revenue by month and by what its customers were when it began"
    last = months.rows[-1]
    spoken = f"{formats.month(last.first_day)}: {formats.money(last.revenue)}"
    note = "Complete months. Segments as on the first day of the month; new: first order in it."
    table = page_table("Revenue by month and segment", fields, months.rows, formats)
    return Caption("revenue-by-segment-and-month", title, title, f"{title}. {spoken}.", note, table)


_MONTHS: Sheet[Report, MonthBySegment] = Sheet(
    "months_by_segment",
    "the revenue of one month, and whose it was",
    lambda report: (
        Field("month", "", lambda row: f"{row.first_day:%Y-%m}"),
        _REVENUE,
        Field("new_customers", "", lambda row: row.new, "money"),
        _BACK,
        *_segment_fields(report.department_figures.months),
    ),
    lambda report: months.rows if (months := report.department_figures.months) else None,
)
SECTION: Section[Report] = Section(
    "months",
    "Revenue by segment and month",
    _months_finding,
    drawings=(months_drawing,),
    sheets=(_MONTHS,),
    reasons=("Revenue by month and segment",),
    charts=("revenue-by-segment-and-month",),
)
"""What departments may be told of months by segment."""
