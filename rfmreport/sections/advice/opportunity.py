"""Opportunity: what contacting a segment could bring after its cost, and where it breaks even."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.sections.worth.figures import Opportunity

if TYPE_CHECKING:
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable


def measure_opportunities(
    table: SegmentTable,
    extra_points: tuple[float, float],
    cost_per_contact: float | None,
    margin: float | None,
) -> tuple[Opportunity, ...]:
    """Return what one contact of every customer could bring, per segment in the table's order.

    Empty without a cost and a margin. A segment is left out where it is not known who comes anyway,
    or where too few came back to say what a returner spends. The points are a setting: a scenario,
    not a forecast.
    """
    if cost_per_contact is None or margin is None:
        return ()
    cost, part = Decimal(str(cost_per_contact)), Decimal(str(margin))
    found = (_opportunity(row, table.horizon_days, extra_points, cost, part) for row in table.rows)
    return tuple(one for one in found if one is not None)


def _opportunity(
    row: SegmentRow,
    horizon_days: int,
    extra_points: tuple[float, float],
    cost: Decimal,
    margin: Decimal,
) -> Opportunity | None:
    share, each = row.anyway, row.revenue_per_returner
    if not row.customer_count or share is None or each is None or each <= 0:
        return None
    # No more can come than do not come anyway.
    room = 1 - Decimal(str(share.value))
    low, high = (min(Decimal(str(points)) / 100, room) for points in extra_points)
    contact_cost = row.customer_count * cost
    return Opportunity(
        segment=row.name,
        customer_count=row.customer_count,
        horizon_days=horizon_days,
        return_share=share,
        revenue_per_returner=each,
        contact_cost=contact_cost,
        break_even_points=float(cost / (margin * each) * 100),
        net_low=row.customer_count * low * each * margin - contact_cost,
        net_high=row.customer_count * high * each * margin - contact_cost,
    )
