"""What the front page says: the headline, the strip of figures, and the sentences below."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from rfmreport.formats import rounded_to
from rfmreport.kit.sentences import tell
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS, Z_95
from rfmreport.sections.summary.figures import Kpi
from rfmreport.sections.when.figures import Month, count_changed, orders_changed, revenue_changed
from rfmreport.source.audit import REVERSED_KEPT
from rfmreport.vocabulary import Change, months_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.vocabulary import Finding, Unit

_MONTHS_OF_PAST, _YEAR = 3, 12
_QUIET, _GONE_QUIET = 1.5, 3.0
_WORTH_SAYING = Decimal("0.01")


class _Measure(NamedTuple):
    """A figure of a month, and whether two months differ in it by more than chance explains."""

    key: str
    label: str
    unit: Unit
    of: Callable[[Month], Decimal | int]
    changed: Callable[[Month, Month], bool]
    needs_past: bool = False


def _counts(name: str) -> Callable[[Month, Month], bool]:
    def changed(last: Month, before: Month) -> bool:
        return count_changed(last, before, getattr(last, name), getattr(before, name))

    return changed


def strip_of_figures(
    report: Report, known_months: Sequence[Month], formats: Formats
) -> tuple[Kpi, ...]:
    """Return the six figures of the first page.

    They are of the last complete month, against the one before it and the same month a year
    earlier; `known_months` are all that the data know, also those before a window. Where no month
    is complete they are of the whole period.
    """
    complete = [month for month in report.months if month.complete]
    if not complete:
        period, reason = period_words(report, formats), "no full month in the data"
        if not report.has_orders:
            period = f"As of {formats.day(report.as_of)}"
            reason = "one row per customer, which tells of no month"
        return tuple(_period_figures(report.segments, period, reason))
    known = [month for month in known_months if month.complete]
    return tuple(_month_figure(measure, complete, known, formats) for measure in _measures())


def _measures() -> tuple[_Measure, ...]:
    return (
        _Measure("revenue", "Revenue", "money", lambda m: m.revenue, revenue_changed),
        _Measure("orders", "Orders", "count", lambda m: m.order_count, orders_changed),
        _Measure(
            "order_value", "Average order", "money", _average_order_value, order_value_changed
        ),
        _Measure(
            "customers", "Customers", "count", lambda m: m.customer_count, _counts("customer_count")
        ),
        _Measure(
            "new_customers", "New customers", "count", lambda m: m.new_customer_count,
            _counts("new_customer_count"), needs_past=True,
        ),
        _Measure(
            "returning_customers", "Returning", "count", lambda m: m.returning_customer_count,
            _counts("returning_customer_count"), needs_past=True,
        ),
    )  # fmt: skip


def period_words(report: Report, formats: Formats) -> str:
    """Write the days that the report is of."""
    first_day, last_day = formats.day(report.first_day), formats.day(report.last_day)
    if not report.has_orders:
        return f"in all; the last of each customer lies between {first_day} and {last_day}"
    return f"from {first_day} to {last_day}"


def headline(months: Sequence[Month], table: SegmentTable, formats: Formats) -> str:
    """Return the one sentence of the report, of at most twelve words.

    It is the largest thing that is shown to differ of the last complete month: from the same month
    a year before where there is one, or else from the month before. Of `months` all may be known.
    """
    total = table.total
    if total.customer_count < FEWEST_CUSTOMERS:
        return f"{formats.count(total.customer_count)} customers are too few for firm conclusions"
    complete = [month for month in months if month.complete]
    if complete:
        last = complete[-1]
        year_before = months_before(last.first_day, _YEAR)
        earlier = [month for month in complete[:-1] if month.first_day == year_before]
        for before in (*earlier, *complete[-2:-1]):
            if can_compare(last, before):
                return _compared(last, before, formats)
    return held_by_top(table, formats)


def held_by_top(table: SegmentTable, formats: Formats) -> str:
    """Say which share of the customers holds which share of the revenue.

    A segment of fewer than thirty, or of less than one in a hundred, tells nothing of a shop.
    """
    top = next((row for row in table.rows if is_told(row)), table.total)
    share, held = formats.share(top.customer_share, 0), formats.share(top.revenue_share, 0)
    return f"{share} of customers hold {held} of all revenue"


def is_told(row: SegmentRow) -> bool:
    """Say whether a segment has customers enough to be held against all."""
    return row.customer_count >= FEWEST_CUSTOMERS and rounded_to(row.customer_share, 2) > 0


def _compared(last: Month, before: Month, formats: Formats) -> str:
    """Say what is shown to differ between two months: revenue and by what, or else orders."""
    same_year = last.first_day.year == before.first_day.year
    is_near = same_year or months_before(last.first_day, 1) == before.first_day
    earlier = formats.month_name(before.first_day) if is_near else formats.month(before.first_day)
    revenue = abs(float(last.revenue / before.revenue) - 1)
    orders = abs(last.order_count / before.order_count - 1)
    values = {
        "month": last.first_day,
        "before": earlier,
        "revenue": revenue,
        "orders": orders,
        "more": "rose" if last.revenue > before.revenue else "fell",
        "as_many": "rose" if last.order_count > before.order_count else "fell",
    }
    if revenue_changed(last, before) and rounded_to(revenue, 2):
        how = _by_what(last, before)
        return (
            tell("Revenue {more} {revenue:percent} in {month:month} on {before}", values, formats)
            + how
        )
    if orders_changed(last, before) and rounded_to(orders, 2):
        return tell(
            "Orders {as_many} {orders:percent} in {month:month} on {before}, revenue within chance",
            values,
            formats,
        )
    return tell("{month:month} is not shown to differ from {before}", values, formats)


def _by_what(last: Month, before: Month) -> str:
    """Say whether the number of orders or their value moved revenue, as far as that is shown."""
    words = []
    if orders_changed(last, before):
        words.append("more" if last.order_count > before.order_count else "fewer")
    if order_value_changed(last, before):
        grew = _average_order_value(last) > _average_order_value(before)
        words.append("larger" if grew else "smaller")
    return f": {', '.join(words)} orders" if words else ""


def can_compare(last: Month, before: Month) -> bool:
    """Say whether both months have enough orders to speak of, and revenue to divide by."""
    is_enough = min(last.order_count, before.order_count) >= FEWEST_ORDERS
    return is_enough and last.revenue > 0 and before.revenue > 0


def order_value_changed(last: Month, before: Month) -> bool:
    """Say whether the average order differs by more than its standard error explains."""
    if not last.order_count or not before.order_count:
        return False
    difference = float(last.revenue) / last.order_count - float(before.revenue) / before.order_count
    noise = Z_95 * math.sqrt(_mean_variance(last) + _mean_variance(before))
    return abs(difference) > noise


def standfirst(
    table: SegmentTable,
    findings: Sequence[Finding],
    period: str,
    formats: Formats,
    gap_days: float | None = None,
) -> str:
    """Return the two or three sentences below the headline; `gap_days` usually lie between orders.

    A shop that has gone quiet is told as such.
    """
    total = table.total
    text = (
        f"{formats.count(total.customer_count)} customers placed "
        f"{formats.count(total.order_count)} orders worth {formats.money_short(total.revenue)} "
        f"{period}."
    )
    silent = total.median_recency_days
    if gap_days and silent and silent > _GONE_QUIET * gap_days:
        values = {"silent": silent, "gap": gap_days}
        told = (
            " The shop has gone quiet: half of all customers have not ordered for {silent:count} "
            "days or more, where {gap:count} usually lie between two orders."
        )
        text += tell(told, values, formats)
    phantom = next((f.amount for f in findings if f.key == REVERSED_KEPT), None)
    if phantom and phantom > _WORTH_SAYING * total.revenue:
        text += (
            f" {formats.money_short(phantom)} of the whole was later reversed in full and still "
            "counts."
        )
    return text


def quiet_segment(table: SegmentTable) -> SegmentRow | None:
    """Return the segment with most revenue among those silent for half as long again as usual."""
    usual = table.total.median_recency_days
    quiet = [
        row
        for row in table.rows[1:]
        if row.customer_count >= FEWEST_CUSTOMERS
        and row.median_recency_days is not None
        and usual is not None
        and row.median_recency_days > _QUIET * usual
    ]
    return max(quiet, key=lambda row: row.revenue) if quiet else None


def _month_figure(
    measure: _Measure, complete: Sequence[Month], known: Sequence[Month], formats: Formats
) -> Kpi:
    # Who is new needs a past in the data: the first quarter would only show its beginning.
    if measure.needs_past:
        known = known[_MONTHS_OF_PAST:]
        complete = [month for month in complete if month in known] or complete[-1:]
    last = complete[-1]
    before = complete[-2] if len(complete) > 1 else None
    change = _change(measure, last, before, formats)
    a_year_ago = months_before(last.first_day, _YEAR)
    year_before = next((month for month in known if month.first_day == a_year_ago), None)
    return Kpi(
        key=measure.key,
        label=measure.label,
        value=measure.of(last),
        unit=measure.unit,
        period=formats.month(last.first_day),
        change=change,
        no_change_reason="" if change else "no earlier full month with orders",
        trend=tuple(float(measure.of(month)) for month in complete),
        year_change=_change(measure, last, year_before, formats),
    )


def _change(
    measure: _Measure, last: Month, before: Month | None, formats: Formats
) -> Change | None:
    """Return what a figure did since another month; None where that had nothing to divide by."""
    if before is None or measure.of(before) <= 0:
        return None
    difference = float(measure.of(last)) - float(measure.of(before))
    return Change(
        formats.month(before.first_day),
        relative=difference / float(measure.of(before)),
        within_chance=not measure.changed(last, before),
    )


def _period_figures(table: SegmentTable, period: str, reason: str) -> list[Kpi]:
    total = table.total
    figures: tuple[tuple[str, str, Unit, Decimal | float], ...] = (
        ("revenue", "Revenue", "money", total.revenue),
        ("orders", "Orders", "count", total.order_count),
        ("customers", "Customers", "count", total.customer_count),
        ("order_value", "Average order", "money", total.average_order_value or 0),
        ("orders_each", "Orders each", "number", total.order_count / total.customer_count),
        ("revenue_each", "Revenue each", "money", total.revenue / total.customer_count),
    )
    return [
        Kpi(key, label, value, unit, period, None, reason, ())
        for key, label, unit, value in figures
    ]


def _mean_variance(month: Month) -> float:
    """Return the variance of the month's average order."""
    mean = float(month.revenue) / month.order_count
    return max(0.0, month.square_sum / month.order_count - mean * mean) / month.order_count


def _average_order_value(month: Month) -> Decimal:
    return month.revenue / month.order_count if month.order_count else Decimal(0)
