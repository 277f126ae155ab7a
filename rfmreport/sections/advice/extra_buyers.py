"""What asking adds to what comes anyway: targets by segment, and audiences by value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_to
from rfmreport.sections.advice.figures import AudienceValue, Reach, Target, Targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.sections.advice.figures import Gain
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.sections.worth.figures import Worth

_CENTS = 2


def set_targets(worth: Worth, gains: Sequence[Gain]) -> Targets | None:
    """Return the targets; None where nothing was foretold in money."""
    outlook = worth.outlook
    if outlook is None or outlook.total.revenue is None:
        return None
    by_segment = {gain.segment: gain for gain in gains}
    rows = []
    for expected in outlook.parts:
        if expected.revenue is None:
            continue
        gain, comes = by_segment.get(expected.segment), rounded_to(expected.revenue.value, _CENTS)
        rows.append(
            Target(
                segment=expected.segment,
                customer_count=expected.customer_count,
                floor=expected.revenue,
                target=comes + (gain.revenue_low if gain else 0),
                stretch=comes + (gain.revenue_high if gain else 0),
            )
        )
    total = Target(
        segment="All customers",
        customer_count=sum(row.customer_count for row in rows),
        floor=outlook.total.revenue,
        target=sum((row.target for row in rows), Decimal(0)),
        stretch=sum((row.stretch for row in rows), Decimal(0)),
    )
    return Targets(days=outlook.days, rows=tuple(rows), total=total)


def value_audiences(table: SegmentTable, worth: Worth, gains: Sequence[Gain]) -> Reach | None:
    """Return the segments as audiences, those most worth asking first; None without any.

    Chances that failed their check are not said.
    """
    if not gains:
        return None
    is_said = not worth.response.has_failed
    respondents = {row.segment: row.shares for row in worth.response.rows if is_said}
    comes = {row.segment: row.revenue for row in (worth.outlook.rows if worth.outlook else ())}
    known = [one.segment for one in gains]
    return Reach(
        days=table.horizon_days,
        windows=worth.response.windows if respondents else (),
        rows=tuple(
            AudienceValue(one, respondents.get(one.segment, ()), comes.get(one.segment))
            for one in gains
        ),
        untold=tuple(
            row.name for row in table.rows if row.customer_count and row.name not in known
        ),
    )
