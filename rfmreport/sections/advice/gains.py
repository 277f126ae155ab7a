"""What asking a segment is worth: the one measure by which all advice is ranked and priced."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt
from typing import TYPE_CHECKING

from rfmreport.models.intervals import visible_difference
from rfmreport.sections.advice.figures import Gain, Split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.sections.advice.figures import Lever
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.decided.figures import Decided
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.settings import ReportSettings

_SPLITS = (0.1, 0.2, 0.3, 0.5)
_Campaign = tuple[float, float, str]


def measure_gains(
    table: SegmentTable,
    plays: Mapping[str, Play],
    decisions: Sequence[Decided],
    settings: ReportSettings,
) -> tuple[Gain, ...]:
    """Return what asking each segment is worth, most first.

    A segment is left out where it is not known who comes anyway, or who buys for nothing. What the
    shop's last measured campaign won of a segment goes before what the settings suppose.
    """
    campaigns = {one.segment: _won(one) for one in decisions if one.lift}
    supposed = (*settings.extra_return_points, "")
    found = (
        _gain(row, plays.get(row.name), campaigns.get(row.name, supposed), settings)
        for row in table.rows
    )
    return tuple(sorted(filter(None, found), key=lambda one: (-one.high, -one.low)))


def _won(decided: Decided) -> _Campaign:
    """Return how many in a hundred of those who would not have come a campaign brought."""
    assert decided.lift is not None  # noqa: S101  asked of those that were measured
    away = 1 - decided.lift.control.value
    ends = (decided.lift.difference.low, decided.lift.difference.high)
    low, high = (min(100.0, max(0.0, 100 * end / away)) if away else 0.0 for end in ends)
    return low, high, decided.action


def _gain(
    row: SegmentRow, play: Play | None, campaign: _Campaign, settings: ReportSettings
) -> Gain | None:
    value = row.average_order_value
    if not row.customer_count or row.anyway is None or value is None or value <= 0:
        return None
    lever = play.lever if play else "order"
    # What a campaign won are orders: of baskets it says nothing.
    *points, name = (*settings.extra_return_points, "") if lever == "basket" else campaign
    comes = Decimal(str(row.anyway.value))
    reach = row.customer_count * (comes if lever == "basket" else 1 - comes)
    cost = row.customer_count * Decimal(str(settings.cost_per_contact or 0))
    margin = Decimal(str(1 if settings.margin is None else settings.margin))
    low, high = (reach * Decimal(str(part)) / 100 * value for part in points)
    return Gain(
        segment=row.name,
        lever=lever,
        customer_count=row.customer_count,
        reach=reach,
        points_low=points[0],
        points_high=points[1],
        order_value=value,
        margin=margin,
        cost=cost,
        revenue_low=low,
        revenue_high=high,
        low=low * margin - cost,
        high=high * margin - cost,
        campaign=name,
        split=_split(row, lever, points[1]),
    )


def _split(row: SegmentRow, lever: Lever, points: float) -> Split | None:
    """Return the smallest part to leave alone that shows the most that is supposed, or half.

    Of baskets, who comes is compared by one order each; None where their spread is not known.
    """
    assert row.anyway is not None  # noqa: S101  asked before
    comes, count, supposed = row.anyway.value, float(row.customer_count), points / 100
    if lever == "order":
        spread, supposed = sqrt(comes * (1 - comes)), supposed * (1 - comes)
    elif row.order_value_deviation and row.average_order_value and comes:
        spread = row.order_value_deviation / float(row.average_order_value)
        count *= comes
    else:
        return None
    shows = {part: visible_difference(spread, count * (1 - part), count * part) for part in _SPLITS}
    part = next((part for part in _SPLITS if shows[part] <= supposed), _SPLITS[-1])
    return Split(part, shows[part], supposed, is_worth_it=shows[part] <= supposed)
