"""What the section on time says: the busy hours, the weekdays, the months by orders, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    share_texts,
)
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.map.page import month_a_year_before, shown_months
from rfmreport.sections.summary.summary import orders_changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.when.figures import (
        BusyBlock,
        Month,
        Trends,
        Weekday,
    )

_WEEK = 7


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


def clock(hour: int) -> str:
    """Write a full hour: "09:00"."""
    return f"{hour:02}:00"


def _days(block: BusyBlock, trends: Trends, formats: Formats) -> str:
    """Write the weekdays of the block; nothing where these are all that have orders."""
    numbers = [(block.first_weekday + i) % _WEEK for i in range(block.weekday_count)]
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
        hour_table(trends, formats),
    )


def hour_table(trends: Trends, formats: Formats) -> Table:
    """Return orders and revenue of every hour of the week with orders."""
    total = sum(cell.order_count for cell in trends.hours)
    return _table(
        "Orders and revenue by weekday and hour",
        ("Weekday", "Hour", "Orders", "% of orders", "Revenue"),
        (
            (
                Cell(formats.weekday(cell.weekday), f"{cell.weekday + 1}"),
                Cell(f"{clock(cell.hour)}–{clock(cell.hour + 1)}", f"{cell.hour}"),
                Cell(formats.count(cell.order_count), str(cell.order_count)),
                Cell(formats.share(cell.order_count / total), f"{cell.order_count / total:.6f}"),
                Cell(formats.money(cell.revenue), str(cell.revenue)),
            )
            for cell in trends.hours
        ),
    )


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
    note = f"Orders of the average such day. {period} The source has no time of day."
    return Caption("orders-by-weekday", "Weekdays", title, f"{title}. {spoken}.", note,
                   _weekday_table(trends.weekdays, formats))  # fmt: skip


def _weekday_table(weekdays: Sequence[Weekday], formats: Formats) -> Table:
    shares = share_texts([day.order_count for day in weekdays], formats)
    return _table(
        "Orders and revenue by weekday",
        ("Weekday", "Days", "Orders", "% of orders", "Orders a day", "Revenue"),
        (
            (
                Cell(formats.weekday(day.weekday), f"{day.weekday + 1}"),
                Cell(formats.count(day.day_count), str(day.day_count)),
                Cell(formats.count(day.order_count), str(day.order_count)),
                Cell(share),
                Cell(formats.number(day.orders_per_day), f"{day.orders_per_day:.6f}"),
                Cell(formats.money(day.revenue), str(day.revenue)),
            )
            for day, share in zip(weekdays, shares, strict=True)
        ),
    )


def order_month_caption(report: Report, formats: Formats) -> Caption:
    """Return the words of orders by month, with the year before where both months are complete."""
    complete = [month for month in report.months if month.complete]
    title = _order_month_title(complete, report.months, formats)
    drawn = shown_months(report.months)
    spoken = "; ".join(
        f"{formats.month(month.first_day)}: {formats.count(month.order_count)}" for month in drawn
    )
    return Caption(
        "orders-by-month",
        "Orders by month",
        title,
        f"{title}. {spoken}.",
        _order_month_note(drawn, report.months, formats),
        _order_month_table(report.months, formats),
    )


def _order_month_title(complete: Sequence[Month], months: Sequence[Month], formats: Formats) -> str:
    if not complete:
        return "No month is complete yet"
    last = complete[-1]
    words = f"{formats.month(last.first_day)}: {formats.count(last.order_count)} orders"
    before = month_a_year_before(last, months)
    if before and min(last.order_count, before.order_count) >= FEWEST_ORDERS:
        earlier = formats.month(before.first_day)
        if not orders_changed(last, before):
            return f"{words}, level with {earlier} within chance"
        change = formats.relative_change(last.order_count / before.order_count - 1)
        return f"{words}, {change} on {earlier}"
    most = max(complete, key=lambda month: month.order_count)
    if most is last and len(complete) > 1:
        return f"{words}, most of {len(complete)} full months"
    if most is last:
        return f"{words}, the only full month so far"
    return (
        f"{words}; most of {len(complete)} full months came in "
        f"{formats.month(most.first_day)}, {formats.count(most.order_count)}"
    )


def _order_month_note(drawn: Sequence[Month], months: Sequence[Month], formats: Formats) -> str:
    unfinished = [formats.month(month.first_day) for month in drawn if not month.complete]
    parts = [f"Not complete and not compared: {', '.join(unfinished)}."] if unfinished else []
    if any(month_a_year_before(month, months) for month in drawn):
        parts.append("Pale bars: the same month a year before; the figures are of the later one.")
    else:
        parts.append("No full month has a full one a year before it.")
    return " ".join(parts)


def _order_month_table(months: Sequence[Month], formats: Formats) -> Table:
    before = {month: month_a_year_before(month, months) for month in months}
    has_years = any(before.values())
    headings = ["Month", "Orders", "Revenue", "Full month"]
    if has_years:
        headings[3:3] = ["Orders, year before", "Change", "Revenue, year before", "Change"]
    return _table(
        "Orders and revenue by month",
        headings,
        (
            (
                Cell(formats.month(month.first_day), month.first_day.isoformat()),
                Cell(formats.count(month.order_count), str(month.order_count)),
                Cell(formats.money(month.revenue), str(month.revenue)),
                *(_year_cells(month, before[month], formats) if has_years else ()),
                Cell("yes" if month.complete else "no"),
            )
            for month in months
        ),
    )


def _year_cells(month: Month, before: Month | None, formats: Formats) -> tuple[Cell, ...]:
    orders = revenue = None
    if before and before.order_count:
        orders = month.order_count / before.order_count - 1
    if before and before.revenue > 0:
        revenue = float(month.revenue / before.revenue) - 1
    return (
        Cell(formats.count(before.order_count if before else None)),
        Cell(formats.relative_change(orders)),
        Cell(formats.money(before.revenue if before else None)),
        Cell(formats.relative_change(revenue)),
    )


def _table(caption: str, headings: Sequence[str], rows: Iterable[tuple[Cell, ...]]) -> Table:
    columns = tuple(Column(label, numeric=i > 0) for i, label in enumerate(headings))
    return Table(caption, columns, tuple(Row(cells) for cells in rows))
