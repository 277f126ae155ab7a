"""Advice: what to do about each segment, what it is worth, and how many come anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.audience_files import audience_files
from rfmreport.kit.sentences import Sentence, facts, people
from rfmreport.sections.advice.figures import PlaybookCard, Recommendation
from rfmreport.sections.advice.plays import fill, fill_text
from rfmreport.sections.segments.figures import comes_anyway

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.advice.figures import Gain
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable

_RECOMMENDED = 3


def recommend(
    table: SegmentTable, plays: Mapping[str, Play], gains: Sequence[Gain], formats: Formats
) -> tuple[Recommendation, ...]:
    """Return the three plays most worth doing; those without a worth last, most revenue first.

    A play that can bring nothing is no advice.
    """
    rows = {row.name: row for row in table.rows if row.customer_count and row.name in plays}
    worth = {one.segment: one for one in gains if one.segment in rows and plays[one.segment].priced}
    by_revenue = sorted(rows, key=lambda name: rows[name].revenue, reverse=True)
    ranked = [
        *(name for name in worth if worth[name].high > 0),
        *(name for name in by_revenue if name not in worth),
    ]
    return tuple(
        _recommendation(rows[name], plays[name], worth.get(name), table, formats)
        for name in ranked[:_RECOMMENDED]
    )


def fill_playbook(
    table: SegmentTable, plays: Mapping[str, Play], gains: Sequence[Gain], formats: Formats
) -> tuple[PlaybookCard, ...]:
    """Return one card per segment that has a play and customers, with the figures filled in."""
    found = {one.segment: one for one in gains}
    return tuple(
        fill(
            plays[row.name],
            _figures(row, table, formats),
            color=row.color,
            gain=found.get(row.name) if plays[row.name].priced else None,
        )
        for row in table.rows
        if row.name in plays and row.customer_count
    )


def _recommendation(
    row: SegmentRow, play: Play, gain: Gain | None, table: SegmentTable, formats: Formats
) -> Recommendation:
    figures = _figures(row, table, formats)
    why_not = Sentence("not priced: too little history, or too few customers, to know who comes")
    if not play.priced:
        why_not = Sentence("not priced: the advice is to spend less, not to win more")
    return Recommendation(
        segment=row.name,
        title=fill_text(play.recommendation, figures),
        whom=(
            f"{formats.count(row.customer_count)} {people(row.name)} "
            f"({formats.share(row.customer_share)})"
        ),
        action=fill_text(play.actions[0], figures),
        why_now=comes_anyway(row, table).told(formats),
        low=gain.low if gain else None,
        high=gain.high if gain else None,
        range_note=(gain_basis(gain, table.horizon_days) if gain else why_not).told(formats),
        measure=measure_words(fill_text(play.measure, figures), gain, formats),
        department=play.department,
        file=audience_files(one.name for one in table.rows)[row.name],
    )


def gain_basis(gain: Gain, days: int) -> Sentence:
    """Say what the worth of asking a segment is made of."""
    values = {**facts(gain, *_NAMED), "days": days, "break_even": gain.break_even_points}
    margin, cost = "", ""
    if gain.margin != 1:
        margin = ", of which {margin:percent} is margin"
    if gain.cost:
        cost = "; less {cost:money} for asking all, paid for from {break_even:number} in 100 on"
    values |= {"margins": Sentence(margin, values), "costs": Sentence(cost, values)}
    values["as"] = Sentence(", as “{campaign}” won" if gain.campaign else "", values)
    if gain.lever == "basket":
        return Sentence(
            "if one order of each of the {reach:count} who come within {days:count} days is "
            "{points_low:number} to {points_high:number} in 100 larger than "
            "{order_value:money}{margins}{costs}",
            values,
        )
    return Sentence(
        "if {points_low:number} to {points_high:number} in 100 of the {reach:count} who would not "
        "come within {days:count} days order once{as}, at their average {order_value:money}"
        "{margins}{costs}",
        values,
    )


_NAMED = (
    "reach", "points_low", "points_high", "order_value", "margin", "cost", "campaign",
)  # fmt: skip


def measure_words(measure: str, gain: Gain | None, formats: Formats) -> str:
    """Say how the advice is measured: which part to leave alone, or why no test would show it."""
    split = gain.split if gain else None
    if split is None:
        return measure
    values = {
        **facts(split, "share"),
        "measure": measure.removesuffix("."),
        "shows": 100 * split.shows,
        "supposed": 100 * split.supposed,
    }
    values["what"] = "% of a basket" if gain and gain.lever == "basket" else " points"
    text = (
        "No test would show it: half left alone shows {shows:number}{what}, at most "
        "{supposed:number} are supposed."
    )
    if split.is_worth_it:
        text = "{measure}: {share:percent} at random show {shows:number}{what}."
    return Sentence(text, values).told(formats)


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
