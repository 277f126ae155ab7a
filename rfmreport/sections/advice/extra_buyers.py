"""What extra buyers would add to what comes anyway: targets by segment, and audiences by value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_to
from rfmreport.sections.advice.figures import AudienceValue, Reach, Target, Targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.sections.worth.figures import Expected, Outlook, Respondents, Worth
    from rfmreport.vocabulary import Estimate

_CENTS = 2


def set_targets(
    table: SegmentTable, worth: Worth, extra_points: tuple[float, float]
) -> Targets | None:
    """Return the targets for the table's horizon; None where nothing was foretold for it in money.

    `extra_points` are customers in a hundred, for target and stretch: the report's setting.
    """
    outlook = worth.outlook
    if outlook is None or outlook.total.revenue is None:
        return None
    segments = {row.name: row for row in table.rows}
    rows = tuple(
        _target(expected, expected.revenue, segments, extra_points)
        for expected in outlook.parts
        if expected.revenue is not None
    )
    return Targets(
        days=outlook.days,
        extra_points=extra_points,
        rows=rows,
        total=_total(rows, outlook.total.revenue),
    )


def _target(
    expected: Expected,
    floor: Estimate,
    segments: Mapping[str, SegmentRow],
    extra_points: tuple[float, float],
) -> Target:
    # Of small segments together nobody says what a buyer spends: they keep their floor.
    row = segments.get(expected.segment)
    few, many = extra_buyers(row, extra_points) if row else (Decimal(0), Decimal(0))
    each = row.revenue_per_returner if row else None
    comes = rounded_to(floor.value, _CENTS)
    return Target(
        segment=expected.segment,
        customer_count=expected.customer_count,
        floor=floor,
        revenue_per_buyer=each,
        target_buyers=float(few),
        target=comes + few * (each or 0),
        stretch_buyers=float(many),
        stretch=comes + many * (each or 0),
    )


def _total(rows: Sequence[Target], floor: Estimate) -> Target:
    return Target(
        segment="All customers",
        customer_count=sum(row.customer_count for row in rows),
        floor=floor,
        revenue_per_buyer=None,
        target_buyers=sum(row.target_buyers for row in rows),
        target=sum((row.target for row in rows), Decimal(0)),
        stretch_buyers=sum(row.stretch_buyers for row in rows),
        stretch=sum((row.stretch for row in rows), Decimal(0)),
    )


def value_audiences(
    table: SegmentTable, worth: Worth, extra_points: tuple[float, float]
) -> Reach | None:
    """Return the segments as audiences, those with most to add first; None where none can be told.

    `extra_points` as in `set_targets`: the same range that the recommendations give.
    """
    respondents = {row.segment: row for row in worth.response.rows}
    rows, untold = [], []
    for row in table.rows:
        few, many = extra_buyers(row, extra_points)
        if row.name in respondents and many:
            anyway = _revenue_of(worth.outlook, row.name)
            rows.append(_audience(row, respondents[row.name], anyway, (few, many)))
        elif row.customer_count:
            untold.append(row.name)
    if not rows:
        return None
    rows.sort(key=lambda one: (-one.extra_high, -one.extra_low))
    return Reach(
        days=table.horizon_days,
        windows=worth.response.windows,
        extra_points=extra_points,
        rows=tuple(rows),
        untold=tuple(untold),
    )


def _audience(
    row: SegmentRow,
    respondents: Respondents,
    anyway: Estimate | None,
    extra: tuple[Decimal, Decimal],
) -> AudienceValue:
    each = row.revenue_per_returner or Decimal(0)
    low, high = (buyers * each for buyers in extra)
    return AudienceValue(
        segment=row.name,
        contact_count=row.customer_count,
        shares=respondents.shares,
        responders=tuple(share.value * row.customer_count for share in respondents.shares),
        revenue_per_buyer=each,
        revenue_anyway=anyway,
        extra_buyers=(float(extra[0]), float(extra[1])),
        extra_low=low,
        extra_high=high,
        extra_per_contact=(low + high) / 2 / row.customer_count,
    )


def extra_buyers(row: SegmentRow, extra_points: tuple[float, float]) -> tuple[Decimal, Decimal]:
    """Return how many more of a segment the points are: no more than do not come anyway.

    None at all where too few came back to say what they spend. So are the recommendations' ranges.
    """
    if row.anyway is None or not row.revenue_per_returner or row.revenue_per_returner <= 0:
        return Decimal(0), Decimal(0)
    room = 1 - Decimal(str(row.anyway.value))
    few, many = (min(Decimal(str(points)) / 100, room) for points in extra_points)
    return row.customer_count * few, row.customer_count * many


def _revenue_of(outlook: Outlook | None, segment: str) -> Estimate | None:
    rows = outlook.rows if outlook else ()
    return next((row.revenue for row in rows if row.segment == segment), None)
