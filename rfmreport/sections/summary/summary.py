"""What the front page says: the headline, the strip of figures, and the sentences below."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_to
from rfmreport.kit.sentences import people
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS, Z_95
from rfmreport.sections.summary.figures import Kpi
from rfmreport.sections.when.figures import Month, revenue_changed
from rfmreport.source.audit import REVERSED_KEPT
from rfmreport.vocabulary import Change, months_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import Past, SegmentRow, SegmentTable, Snapshot
    from rfmreport.vocabulary import Finding, Unit

    _Measure = tuple[str, str, Unit, Callable[[Month], Decimal | float]]
    """A figure's key, label and unit, and how it is taken from a month."""

_MONTHS_OF_PAST = 3
_QUIET = 1.5
_WORTH_SAYING = Decimal("0.01")


def strip_of_figures(
    report: Report, known_months: Sequence[Month], past: Past, formats: Formats
) -> tuple[Kpi, ...]:
    """Return the six figures of the first page.

    `known_months` are all that the data know, also those before a window: they hold the same month
    a year earlier.

    Five are of the last complete month against the one before it; where no month is complete they
    are of the whole period. The sixth is the top segment's share of all revenue in the period.
    """
    complete = [month for month in report.months if month.complete]
    measures: tuple[_Measure, ...] = (
        ("revenue", "Revenue", "money", lambda m: m.revenue),
        ("orders", "Orders", "count", lambda m: m.order_count),
        ("customers", "Active customers", "count", lambda m: m.customer_count),
        ("order_value", "Average order", "money", _average_order_value),
        ("repeat_rate", "Repeat rate", "share", _repeat_rate),
    )
    if complete:
        known = [month for month in known_months if month.complete]
        figures = [_month_figure(measure, complete, known, formats) for measure in measures]
    else:
        figures = _period_figures(report.segments, period_words(report, formats))
    return (*figures, _top_share(report.segments, past, formats))


def period_words(report: Report, formats: Formats) -> str:
    """Write the days that the report is of."""
    return f"from {formats.day(report.first_day)} to {formats.day(report.last_day)}"


def headline(months: Sequence[Month], table: SegmentTable, formats: Formats) -> str:
    """Return the one sentence of the report: how the last month went, and who holds the money."""
    total = table.total
    if total.customer_count < FEWEST_CUSTOMERS:
        return f"{formats.count(total.customer_count)} customers are too few for firm conclusions"
    top = next(row for row in table.rows if row.customer_count)
    held = (
        f"{formats.share(top.customer_share, 0)} of customers hold "
        f"{formats.share(top.revenue_share, 0)} of all revenue"
    )
    complete = [month for month in months if month.complete]
    if len(complete) < 2 or not can_compare(complete[-1], complete[-2]):  # noqa: PLR2004
        return held
    last, before = complete[-1], complete[-2]
    change = float((last.revenue - before.revenue) / before.revenue)
    month, earlier = formats.month(last.first_day), formats.month_name(before.first_day)
    if not revenue_changed(last, before) or not rounded_to(change, 2):
        return f"{month} is level with {earlier}, within chance; {held}"
    verb = "rose" if change > 0 else "fell"
    moved = f"Revenue {verb} {formats.share(abs(change), 0)} in {month} against {earlier}"
    return f"{moved}; {held}"


def can_compare(last: Month, before: Month) -> bool:
    """Say whether both months have enough orders to speak of, and revenue to divide by."""
    is_enough = min(last.order_count, before.order_count) >= FEWEST_ORDERS
    return is_enough and last.revenue > 0 and before.revenue > 0


def order_value_changed(last: Month, before: Month) -> bool:
    """Say whether the average order differs by more than its standard error explains."""
    difference = float(last.revenue) / last.order_count - float(before.revenue) / before.order_count
    noise = Z_95 * math.sqrt(_mean_variance(last) + _mean_variance(before))
    return abs(difference) > noise


def standfirst(
    table: SegmentTable, findings: Sequence[Finding], period: str, formats: Formats
) -> str:
    """Return the two or three sentences below the headline."""
    total = table.total
    text = (
        f"{formats.count(total.customer_count)} customers placed "
        f"{formats.count(total.order_count)} orders worth {formats.money_short(total.revenue)} "
        f"{period}."
    )
    quiet = quiet_segment(table)
    if quiet is not None:
        text += (
            f" {formats.money_short(quiet.revenue)} of that came from "
            f"{formats.count(quiet.customer_count)} {people(quiet.name)}, who have now been silent "
            f"for {formats.number(quiet.median_recency_days, 0)} days (median)."
        )
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
    key, label, unit, of = measure
    # A repeat needs a past in the data: the first quarter would only show its beginning.
    if key == "repeat_rate":
        known = known[_MONTHS_OF_PAST:]
        complete = [month for month in complete if month in known] or complete[-1:]
    counted = complete
    values = [of(month) for month in counted]
    last = counted[-1]
    before = counted[-2] if len(counted) > 1 else None
    change = _change(measure, last, before, formats)
    a_year_ago = months_before(last.first_day, 12)
    year_before = next((month for month in known if month.first_day == a_year_ago), None)
    return Kpi(
        key=key,
        label=label,
        value=values[-1],
        unit=unit,
        period=formats.month(last.first_day),
        change=change,
        no_change_reason="" if change else "no earlier full month with orders",
        trend=tuple(float(value) for value in values),
        year_change=_change(measure, last, year_before, formats),
    )


def _change(
    measure: _Measure, last: Month, before: Month | None, formats: Formats
) -> Change | None:
    """Return what a figure did since another month; None where that had nothing to divide by."""
    key, _, unit, of = measure
    if before is None or of(before) <= 0:
        return None
    against = formats.month(before.first_day)
    difference = float(of(last) - of(before))  # type: ignore[operator]
    if unit == "share":
        return Change(against, points=difference)
    is_chance = key == "revenue" and not revenue_changed(last, before)
    return Change(against, relative=difference / float(of(before)), within_chance=is_chance)


def _period_figures(table: SegmentTable, period: str) -> list[Kpi]:
    total = table.total
    reason = "no full month in the data"
    figures: tuple[tuple[str, str, Unit, Decimal | float], ...] = (
        ("revenue", "Revenue", "money", total.revenue),
        ("orders", "Orders", "count", total.order_count),
        ("customers", "Customers", "count", total.customer_count),
        ("order_value", "Average order", "money", total.average_order_value or 0),
        ("orders_each", "Orders each", "number", total.order_count / total.customer_count),
    )
    return [
        Kpi(key, label, value, unit, period, None, reason, ())
        for key, label, unit, value in figures
    ]


def _top_share(table: SegmentTable, past: Past, formats: Formats) -> Kpi:
    top = table.rows[0]
    shares = [snapshot.share_of(top.name) for snapshot in past.snapshots]

    def since(snapshot: Snapshot | None) -> Change | None:
        if snapshot is None:
            return None
        points = top.revenue_share - snapshot.share_of(top.name)
        return Change(formats.day(snapshot.as_of), points=points)

    change = since(past.previous)
    return Kpi(
        key="top_share",
        label=f"Held by {top.name}",
        value=top.revenue_share,
        unit="share",
        period="of all revenue",
        change=change,
        no_change_reason="" if change else "not enough history to compare",
        trend=(*shares, top.revenue_share) if shares else (),
        year_change=since(past.year_before),
    )


def _mean_variance(month: Month) -> float:
    """Return the variance of the month's average order."""
    mean = float(month.revenue) / month.order_count
    return max(0.0, month.square_sum / month.order_count - mean * mean) / month.order_count


def _average_order_value(month: Month) -> Decimal:
    return month.revenue / month.order_count if month.order_count else Decimal(0)


def _repeat_rate(month: Month) -> float:
    return month.returning_customer_count / month.customer_count if month.customer_count else 0.0
