"""Advice: what to do about each segment, with what it could bring and how many come anyway."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.kit.audience_files import audience_files
from rfmreport.kit.sentences import people
from rfmreport.sections.advice.figures import PlaybookCard, Recommendation
from rfmreport.sections.advice.plays import fill, fill_text
from rfmreport.sections.segments.figures import comes_anyway

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.sections.worth.figures import Opportunity

_RECOMMENDED = 3


def recommend(
    table: SegmentTable,
    plays: Mapping[str, Play],
    extra_points: tuple[float, float],
    formats: Formats,
    opportunities: Sequence[Opportunity] = (),
) -> tuple[Recommendation, ...]:
    """Return the three plays that could bring most, over those who come back anyway.

    The range is customers x extra points / 100 x what the median customer who came back spent in
    the horizon; the points are a setting: a scenario, not a forecast. Where `opportunities` say
    what a contact costs and what margin is left, it is that margin, less the cost. A play that can
    bring nothing is no advice; those without a range come last, most revenue first.
    """
    rows = [row for row in table.rows if row.customer_count and row.name in plays]
    costed = [_recommendation(row, plays[row.name], table, extra_points, formats) for row in rows]
    net = {one.segment: one for one in opportunities}
    costed = [_net_of_cost(advice, net.get(advice.segment), formats) for advice in costed]
    by_worth = sorted(
        ((advice, row) for advice, row in zip(costed, rows, strict=True) if _can_pay(advice)),
        key=lambda pair: (
            pair[0].high is not None,
            pair[1].revenue if pair[0].high is None else pair[0].high,
        ),
        reverse=True,
    )
    return tuple(recommendation for recommendation, _ in by_worth[:_RECOMMENDED])


def _can_pay(advice: Recommendation) -> bool:
    return advice.high is None or advice.high > 0


def fill_playbook(
    table: SegmentTable,
    plays: Mapping[str, Play],
    formats: Formats,
    opportunities: Sequence[Opportunity] = (),
) -> tuple[PlaybookCard, ...]:
    """Return one card per segment that has a play and customers, with the figures filled in."""
    found = {one.segment: one for one in opportunities}
    return tuple(
        fill(
            plays[row.name],
            _figures(row, table, formats),
            color=row.color,
            evidence=comes_anyway(row, table).told(formats),
            contact=_contact_words(found.get(row.name), formats),
        )
        for row in table.rows
        if row.name in plays and row.customer_count
    )


def _contact_words(opportunity: Opportunity | None, formats: Formats) -> str:
    """Say from how many more orders on contacting a segment pays, and what it could bring."""
    if opportunity is None:
        return ""
    cost = formats.money(opportunity.contact_cost)
    points = formats.number(opportunity.break_even_points, 2)
    pays = f"Contacting all of them once costs {cost} and pays from {points} more orders in 100 on"
    if opportunity.net_high <= 0:
        return f"{pays}: more than is supposed, so that it does not pay."
    low, high = (formats.money_short(end) for end in (opportunity.net_low, opportunity.net_high))
    return f"{pays}; it could bring {low} to {high} after its cost."


def _recommendation(
    row: SegmentRow,
    play: Play,
    table: SegmentTable,
    extra_points: tuple[float, float],
    formats: Formats,
) -> Recommendation:
    low, high, note = _range(row, table, extra_points, formats)
    if not play.priced:
        low, high, note = None, None, "not priced: the advice is to spend less, not to win more"
    figures = _figures(row, table, formats)
    return Recommendation(
        segment=row.name,
        title=fill_text(play.recommendation, figures),
        whom=(
            f"{formats.count(row.customer_count)} {people(row.name)} "
            f"({formats.share(row.customer_share)})"
        ),
        action=fill_text(play.actions[0], figures),
        why_now=comes_anyway(row, table).told(formats),
        low=low,
        high=high,
        range_note=note,
        measure=fill_text(play.measure, figures),
        department=play.department,
        file=audience_files(one.name for one in table.rows)[row.name],
        extra_points=extra_points if low is not None else None,
    )


def _range(
    row: SegmentRow, table: SegmentTable, extra_points: tuple[float, float], formats: Formats
) -> tuple[Decimal | None, Decimal | None, str]:
    share, each = row.anyway, row.revenue_per_returner
    if share is None or each is None:
        reason = "too few of them came back" if share else "too little history or too few customers"
        return None, None, f"not priced: {reason} to know what more would bring"
    room = 1 - Decimal(str(share.value))
    extra = [min(Decimal(str(points)) / 100, room) for points in extra_points]
    low, high = (row.customer_count * part * each for part in extra)
    few, many = (formats.number(part * 100, 1) for part in extra)
    note = (
        f"if {few} to {many} more in 100 order within {table.horizon_days} days than the "
        f"{formats.share(share.value, 0)} who come anyway, at {formats.money(each)} each (median)"
    )
    return low, high, note


def _net_of_cost(
    advice: Recommendation, opportunity: Opportunity | None, formats: Formats
) -> Recommendation:
    if opportunity is None or advice.high is None:
        return advice
    cost = f"margin less {formats.money(opportunity.contact_cost)} of contact costs"
    return replace(
        advice,
        low=opportunity.net_low,
        high=opportunity.net_high,
        range_note=f"{advice.range_note}; {cost}",
    )


def _figures(row: SegmentRow, table: SegmentTable, formats: Formats) -> dict[str, str]:
    return {
        "customer_count": formats.count(row.customer_count),
        "customer_share": formats.share(row.customer_share),
        "revenue": formats.money_short(row.revenue),
        "revenue_share": formats.share(row.revenue_share),
        "average_order_value": formats.money(row.average_order_value),
        "median_recency_days": formats.number(row.median_recency_days, 0),
        "median_order_count": formats.number(row.median_order_count),
        "median_revenue": formats.money(row.median_revenue),
        "mean_revenue": formats.money(row.mean_revenue),
        "return_share": formats.share(row.anyway.value if row.anyway else None),
        "horizon_days": formats.count(table.horizon_days),
        "revenue_per_returner": formats.money(row.revenue_per_returner),
    }
