"""What the section on time says of days and hours: its words, its tables, and its one entry."""

from __future__ import annotations

import math
from statistics import fmean, variance
from typing import TYPE_CHECKING

from rfmreport.formats import Formats
from rfmreport.kit.charted import Caption
from rfmreport.kit.drawings import HALF, WIDE, Drawing
from rfmreport.kit.sections import Medium, Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Table, TitledTable
from rfmreport.sections.when import month_page
from rfmreport.sections.when.charts import (
    MEAN_DAYS,
    WEEK,
    clock,
    day_drawing,
    day_of_month_drawing,
    hour_drawing,
    hour_revenue_drawing,
    weekday_drawing,
)
from rfmreport.sections.when.figures import BusyBlock, Day, Trends, Weekday, WeekHour

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from rfmreport.report import Report

_MOST_DAYS = 400  # days that are drawn; of more, the last
_FEWEST_DAYS = 14
_LISTED_DAYS = 60
_BEST_DAYS = 5
_MOST_OF_A_DAY = 0.5
_FEWEST_DAYS_OF_MONTHS = 92
_Z_OF_THIRDS = 2.4  # three parts are looked at (Bonferroni)
_THIRDS = {"Until the 10th": range(1, 11), "From the 11th to the 20th": range(11, 21),
           "From the 21st": range(21, 32)}  # fmt: skip
_ENGLISH = Formats("en_GB", None)

_DAY = Field[Day]("day", "Day", lambda one: one.day, "weekday")
_ORDERS = Field[Day]("orders", "Orders", lambda one: one.order_count, "count")
_REVENUE = Field[Day]("revenue", "Revenue", lambda one: one.revenue, "money")
_CUSTOMERS = Field[Day]("customers", "Customers", lambda one: one.customer_count, "count")
_LARGEST = Field[Day]("largest_order", "Largest", lambda one: one.largest_order, "money", "order")


def _hour_fields(order_count: int, formats: Formats) -> tuple[Field[WeekHour], ...]:
    return (
        Field("weekday", "Weekday", lambda cell: formats.weekday(cell.weekday)),
        Field("hour", "", lambda cell: cell.hour, "count"),
        Field("", "Hour", lambda cell: f"{clock(cell.hour)}–{clock(cell.hour + 1)}"),
        Field("orders", "Orders", lambda cell: cell.order_count, "count"),
        Field("", "% of orders", lambda cell: cell.order_count / order_count, "share"),
        Field("revenue", "Revenue", lambda cell: cell.revenue, "money"),
    )


def when_title(trends: Trends, formats: Formats) -> str:
    """Return the finding: the busy hours, else the best weekday, else that nothing stands out."""
    if trends.busiest:
        closed = _closed_words(trends, formats)
        return f"{block_words(trends.busiest, trends, formats)}{f', {closed}' if closed else ''}"
    if trends.best_weekday is not None:
        return _best_weekday_words(trends, formats)
    if not trends.has_enough_weeks:
        count = formats.count(len(trends.days))
        return f"{count} days are too few to tell one day of the week from another"
    what = "No weekday and no hour takes" if trends.hours else "No weekday takes"
    return f"{what} clearly more orders than the others"


def block_words(block: BusyBlock, trends: Trends, formats: Formats) -> str:
    """Write which hours take half of all orders: "56% of all orders come between …"."""
    share = formats.share(block.order_share, 0)
    how_many = "Half" if share == formats.share(0.5, 0) else share
    of_what = "all orders" if not trends.untimed_order_count else "the orders with a time of day"
    return f"{how_many} of {of_what} come {_hours(block)}{_days(block, trends, formats)}"


def _hours(block: BusyBlock) -> str:
    if (block.first_hour, block.end_hour) == (0, 24):
        return "at any hour"
    return f"between {clock(block.first_hour)} and {clock(block.end_hour)}"


def _days(block: BusyBlock, trends: Trends, formats: Formats) -> str:
    """Write the weekdays of the block; nothing where these are all that have orders."""
    numbers = [(block.first_weekday + i) % WEEK for i in range(block.weekday_count)]
    if {day.weekday for day in trends.weekdays if day.order_count} <= set(numbers):
        return ""
    if len(numbers) == 1:
        return f" on {formats.weekday(numbers[0])}s"
    return f" on {formats.weekday(numbers[0])} to {formats.weekday(numbers[-1])}"


def _closed_words(trends: Trends, formats: Formats) -> str:
    closed = [f"{formats.weekday(d.weekday)}s" for d in trends.weekdays if not d.order_count]
    return f"none on {' or '.join(closed)}" if 0 < len(closed) <= 2 else ""  # noqa: PLR2004


def _best_weekday_words(trends: Trends, formats: Formats) -> str:
    best = trends.weekdays[trends.best_weekday or 0]
    others = [day for day in trends.weekdays if day.order_count and day is not best]
    mean = sum(day.order_count for day in others) / sum(day.day_count for day in others)
    more = formats.share(best.orders_per_day / mean - 1, 0)
    return (
        f"{formats.weekday(best.weekday)}s take most orders: "
        f"{formats.number(best.orders_per_day)} a day, {more} more than the other days"
    )


def hour_caption(report: Report, trends: Trends, formats: Formats) -> Caption:
    """Return the words of the map of the week's hours."""
    title = when_title(trends, formats)
    spoken = "; ".join(
        f"{formats.weekday(day.weekday)}: {formats.count(day.order_count)} orders"
        for day in trends.weekdays
    )
    return Caption(
        "orders-by-hour",
        "Weekday × hour",
        title,
        f"{title}. {spoken}.",
        _hour_note(report, trends, formats),
        _hour_table(trends, formats),
    )


def _hour_table(trends: Trends, formats: Formats) -> Table:
    """Return orders and revenue of every hour of the week with orders."""
    fields = _hour_fields(sum(cell.order_count for cell in trends.hours), formats)
    return page_table("Orders and revenue by weekday and hour", fields, trends.hours, formats)


def _hour_note(report: Report, trends: Trends, formats: Formats) -> str:
    parts = [
        "Orders by the hour in which they began, in local time as the source writes it.",
        _period(report, trends, formats),
    ]
    block = trends.busiest
    if block:
        parts.append(
            "Framed: the fewest neighbouring hours with half of the orders, "
            f"{formats.count(block.hour_count)} of the week's "
            f"{formats.count(block.open_hour_count)} with orders; they bring "
            f"{formats.share(block.revenue_share, 0)} of revenue."
        )
    if block and trends.best_weekday is not None:
        parts.append(f"{_best_weekday_words(trends, formats)}.")
    if trends.untimed_order_count:
        count = formats.count(trends.untimed_order_count)
        parts.append(f"{count} orders have a date and no time: they are in the weekdays only.")
    return " ".join(parts)


def _period(report: Report, trends: Trends, formats: Formats) -> str:
    first_day, last_day = formats.day(report.first_day), formats.day(report.last_day)
    return f"{first_day} to {last_day}, n = {formats.count(trends.order_count)}."


def weekday_caption(report: Report, trends: Trends, formats: Formats) -> Caption:
    """Return the words of the days of the week, for a source without a time of day."""
    title = when_title(trends, formats)
    spoken = "; ".join(
        f"{formats.weekday(day.weekday)}: {formats.number(day.orders_per_day)} orders a day"
        for day in trends.weekdays
    )
    period = _period(report, trends, formats)
    note = f"Orders of the average such day with orders. {period} The source has no time of day."
    fields = (
        Field[Weekday]("", "Weekday", lambda day: formats.weekday(day.weekday)),
        Field[Weekday]("", "Trading days", lambda day: day.day_count, "count"),
        Field[Weekday]("", "Orders", lambda day: day.order_count, "count"),
        Field[Weekday]("", "% of orders", lambda day: day.order_count, "share", adds_up=True),
        Field[Weekday]("", "Orders a day", lambda day: day.orders_per_day, "number"),
        Field[Weekday]("", "Revenue", lambda day: day.revenue, "money"),
    )
    table = page_table("Orders and revenue by weekday", fields, trends.weekdays, formats)
    return Caption("orders-by-weekday", "Weekdays", title, f"{title}. {spoken}.", note, table)


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
        _hour_table(trends, formats),
    )


def day_caption(trends: Trends, formats: Formats) -> Caption:
    """Return the words of revenue by day: on how few days half of it came."""
    opened = sum(1 for day in trends.days if day.order_count)
    title = (
        f"Half of the revenue came on {formats.count(trends.half_day_count)} of "
        f"{formats.count(opened)} days with orders"
    )
    note = f"Line: mean of {MEAN_DAYS} days. All days are in data/days.csv."
    if len(trends.days) > _MOST_DAYS:
        note = f"The last {formats.count(_MOST_DAYS)} days. {note}"
    listed = trends.days[-_LISTED_DAYS:]
    heading = f"The last {formats.count(len(listed))} days"
    table = page_table(heading, (_DAY, _ORDERS, _REVENUE), listed, formats)
    return Caption("revenue-by-day", "Revenue by day", title, f"{title}.", note, table)


def day_of_month_caption(trends: Trends, formats: Formats) -> Caption:
    """Return the words of orders by day of the month: whether its begin or end takes more."""
    name, mean, others = busiest_third(trends.days)
    title = "No part of the month takes clearly more orders than the others"
    if name:
        more = formats.share(mean / others - 1, 0)
        title = f"{name} more orders come: {formats.number(mean)} a day, {more} more than otherwise"
    rows = list(days_of_month(trends.days).items())
    table = page_table("Orders by day of the month", _OF_MONTH, rows, formats)
    note = "Orders of the average such day, open or closed. Line: the mean of all days."
    kicker = "Orders by day of the month"
    return Caption("orders-by-day-of-month", kicker, title, f"{title}.", note, table)


def days_of_month(days: Iterable[Day]) -> dict[int, list[Day]]:
    """Return the days by their number in the month."""
    found: dict[int, list[Day]] = {number: [] for number in range(1, 32)}
    for day in days:
        found[day.day.day].append(day)
    return {number: same for number, same in found.items() if same}


_OF_MONTH: tuple[Field[tuple[int, list[Day]]], ...] = (
    Field("day_of_month", "", lambda one: one[0], "count"),
    Field("", "Day", lambda one: f"{one[0]}."),
    Field("days", "Days", lambda one: len(one[1]), "count"),
    Field("orders", "Orders", lambda one: _orders_of(one[1]), "count"),
    Field("orders_a_day", "Orders a day", lambda one: _orders_of(one[1]) / len(one[1]), "number"),
)


def _orders_of(days: Iterable[Day]) -> int:
    return sum(day.order_count for day in days)


def busiest_third(days: Sequence[Day]) -> tuple[str, float, float]:
    """Return the third of the month with most orders a day, its mean, and that of the others.

    Its name is empty where the two differ by no more than days vary.
    """
    inside = {
        name: [one.order_count for one in days if one.day.day in numbers]
        for name, numbers in _THIRDS.items()
    }
    best = max(inside, key=lambda name: fmean(inside[name]))
    mine = inside[best]
    others = [count for name, counts in inside.items() if name != best for count in counts]
    noise = math.sqrt(variance(mine) / len(mine) + variance(others) / len(others))
    is_clear = fmean(mine) - fmean(others) > _Z_OF_THIRDS * noise
    return best if is_clear else "", fmean(mine), fmean(others)


def best_day_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the days with most revenue; None where there are too few days to choose from."""
    days = report.trends.days if report.trends else ()
    opened = [day for day in days if day.order_count]
    if len(opened) <= 2 * _BEST_DAYS:
        return None
    best = sorted(opened, key=lambda day: (-day.revenue, day.day))[:_BEST_DAYS]
    total = sum(day.revenue for day in days)
    fields = (_DAY, _ORDERS, _CUSTOMERS, _REVENUE, _LARGEST)
    table = page_table("The days with most revenue", fields, best, formats)
    note = f"Of {formats.count(len(opened))} days with orders; all of them are in data/days.csv."
    return TitledTable(_best_day_title(best[0], total, formats), table, note)


def _best_day_title(first: Day, total: Decimal | int, formats: Formats) -> str:
    words = f"The best day, {formats.day(first.day)}, brought {formats.money_short(first.revenue)}"
    part = float(first.largest_order / first.revenue) if first.revenue > 0 else 0.0
    if part > _MOST_OF_A_DAY and first.order_count > 1:
        return f"{words}, {formats.share(part, 0)} of it in one order"
    return f"{words}, {formats.share(float(first.revenue / total))} of all" if total > 0 else words


def week_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw the map of the week's orders, or where no hour is known its days."""
    trends = report.trends
    if trends is None:
        return None
    if trends.hours:
        return hour_drawing(hour_caption(report, trends, formats), trends, formats)
    return weekday_drawing(weekday_caption(report, trends, formats), trends, formats)


def hour_revenue_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw the map of the week's revenue."""
    trends = report.trends
    if trends is None or not trends.hours:
        return None
    return hour_revenue_drawing(hour_revenue_caption(trends, formats), trends, formats)


def day_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw revenue by day, where there are enough of them."""
    trends = report.trends
    if trends is None or len(trends.days) < _FEWEST_DAYS:
        return None
    width = HALF if trends.hours else WIDE
    return day_drawing(day_caption(trends, formats), trends.days[-_MOST_DAYS:], width, formats)


def day_of_month_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw orders by day of the month, where each day was seen three times."""
    trends = report.trends
    if trends is None or len(trends.days) < _FEWEST_DAYS_OF_MONTHS:
        return None
    means = {
        number: _orders_of(same) / len(same) for number, same in days_of_month(trends.days).items()
    }
    mean = trends.order_count / len(trends.days)
    busiest = _THIRDS.get(busiest_third(trends.days)[0], range(0))
    caption = day_of_month_caption(trends, formats)
    return day_of_month_drawing(caption, means, mean, busiest, formats)


def _blocks(report: Report, formats: Formats, _: Medium) -> dict[str, TitledTable | None]:
    return {
        "seasons": month_page.season_block(report, formats),
        "best_days": best_day_block(report, formats),
    }


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "when",
        "When they buy",
        lambda report, formats: when_title(report.trends, formats) if report.trends else "",
        drawings=(
            week_chart,
            hour_revenue_chart,
            day_chart,
            day_of_month_chart,
            month_page.month_chart,
            month_page.order_month_chart,
        ),
        page=_blocks,
        sheets=(
            Sheet(
                "days",
                "One row per day of the period, also those without an order.",
                (_DAY, _ORDERS, _REVENUE, _CUSTOMERS, _LARGEST),
                lambda report: report.trends.days if report.trends else None,
            ),
            Sheet(
                "day_of_month",
                "One row per day of the month, the 1st to the 31st: all such days together.",
                _OF_MONTH,
                lambda report: days_of_month(report.trends.days).items() if report.trends else None,
            ),
            Sheet(
                "hours",
                "One row per hour of the week with orders, Monday first, in local time.",
                _hour_fields(1, _ENGLISH),
                lambda report: (report.trends.hours if report.trends else ()) or None,
            ),
            month_page.MONTHS,
            month_page.SEASONS,
        ),
    ),
    month_page.SEASON_SECTION,
)
"""When they buy, for the report and for departments."""
