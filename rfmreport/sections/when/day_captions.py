"""What revenue by hour and by day says, beside the map of the week's orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
)
from rfmreport.sections.when.page import clock, hour_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.when.figures import Day, Trends

MOST_DAYS = 400
"""Days that are drawn; of more, the last."""
MEAN_DAYS = 7
FEWEST_DAYS = 14
_LISTED_DAYS = 60


def hour_revenue_caption(trends: Trends, formats: Formats) -> Caption:
    """Return the words of revenue by weekday and hour: how much comes when most orders do."""
    block = trends.busiest
    if block:
        title = (
            f"The framed hours, with {formats.share(block.order_share, 0)} of orders, bring "
            f"{formats.share(block.revenue_share, 0)} of revenue"
        )
    else:
        best = max(trends.hours, key=lambda cell: cell.revenue)
        title = (
            f"{formats.weekday(best.weekday)}s from {clock(best.hour)} to {clock(best.hour + 1)} "
            f"brought most: {formats.money_short(best.revenue)}"
        )
    note = "The darker, the more revenue."
    if trends.untimed_order_count:
        note += " Orders without a time are left out."
    return Caption(
        "revenue-by-hour",
        "Revenue by weekday × hour",
        title,
        f"{title}.",
        note,
        hour_table(trends, formats),
    )


def day_caption(trends: Trends, formats: Formats) -> Caption:
    """Return the words of revenue by day: on how few days half of it came."""
    opened = sum(1 for day in trends.days if day.order_count)
    title = (
        f"Half of the revenue came on {formats.count(trends.half_day_count)} of "
        f"{formats.count(opened)} days with orders"
    )
    drawn = shown_days(trends)
    note = f"Line: mean of {MEAN_DAYS} days. All days are in data/days.csv."
    if len(drawn) < len(trends.days):
        note = f"The last {formats.count(len(drawn))} days. {note}"
    return Caption(
        "revenue-by-day", "Revenue by day", title, f"{title}.", note, _day_table(trends, formats)
    )


def shown_days(trends: Trends) -> Sequence[Day]:
    """Return the days that are drawn."""
    return trends.days[-MOST_DAYS:]


def _day_table(trends: Trends, formats: Formats) -> Table:
    columns = (Column("Day", numeric=False), Column("Orders"), Column("Revenue"))
    listed = trends.days[-_LISTED_DAYS:]
    rows = tuple(
        Row(
            (
                Cell(formats.day_of_week(day.day), day.day.isoformat()),
                Cell(formats.count(day.order_count), str(day.order_count)),
                Cell(formats.money(day.revenue), str(day.revenue)),
            )
        )
        for day in listed
    )
    return Table(f"The last {formats.count(len(listed))} days", columns, rows)
