"""The first page in words: the strip of figures, what to do next, and how sure all of it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.kit.colors import ACCENT, MUTED, RULE
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.tables import range_text
from rfmreport.sections.hold.figures import verdict_told
from rfmreport.source.audit import REVERSED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.vocabulary import Change, Unit

_WIDTH, _HEIGHT, _EDGE = 92, 22, 3
_BETTER_LOW = frozenset({"return_rate"})
_FEWEST_POINTS = 3
_STEPS = 3
_BAR, _BAR_HEIGHT = 84, 9


@dataclass(frozen=True, slots=True)
class WrittenKpi:
    """One figure as it is read: `change` holds "+13.6%", `against` the rest of the line.

    `year_change` and `year_against` say the same of a year earlier; both empty without one.
    """

    label: str
    value: str
    period: str
    change: str
    tone: str
    against: str
    sparkline: str
    history: str
    year_change: str = ""
    year_tone: str = ""
    year_against: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """One row of "Do this next": whom, what, what it could bring, who does it, with which list.

    `bar` draws the worth, low to high, on the scale that all rows share.
    """

    key: int
    whom: str
    what: str
    worth: str
    bar: str
    department: str
    file: str


def next_steps(report: Report, formats: Formats) -> tuple[NextStep, ...]:
    """Return what to do next, most worth first."""
    advised = report.recommendations[:_STEPS]
    most = max((float(one.high) for one in advised if one.high is not None), default=0.0)
    return tuple(
        _next_step(one, report.segment_keys[one.segment], most, formats) for one in advised
    )


def _next_step(advice: Recommendation, key: int, most: float, formats: Formats) -> NextStep:
    worth, bar = "no range", ""
    if advice.low is not None and advice.high is not None:
        worth = range_text(formats.money_short(advice.low), formats.money_short(advice.high))
        bar = _range_bar(advice.low, advice.high, most)
    return NextStep(key, advice.whom, advice.title, worth, bar, advice.department, advice.file)


def supposed(report: Report, formats: Formats) -> str:
    """Say what the ranges of the next steps suppose, or why there is none."""
    if not report.has_orders:
        return "No range: the orders tell who comes anyway, and one row per customer has none."
    gain = next((one for one in report.gains if not one.campaign), None)
    if gain is None:
        return report.recommendations[0].range_note if report.recommendations else ""
    values = {**facts(gain, "points_low", "points_high"), "days": report.segments.horizon_days}
    return tell(
        "If {points_low:number} to {points_high:number} in 100 of those who would not come within "
        "{days:count} days order once, or baskets grow so much: supposed, not foretold.",
        values,
        formats,
    )


def _range_bar(low: Decimal, high: Decimal, most: float) -> str:
    left, right = (_EDGE + float(end) / most * (_BAR - 2 * _EDGE) for end in (low, high))
    middle = _BAR_HEIGHT / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="range" aria-hidden="true" '
        f'width="{_BAR}" height="{_BAR_HEIGHT}" viewBox="0 0 {_BAR} {_BAR_HEIGHT}">'
        f'<path d="M{_EDGE},{middle}H{_BAR - _EDGE}" stroke="{RULE}" stroke-width="1"/>'
        f'<path d="M{left:.1f},{middle}H{max(right, left + 1):.1f}" stroke="{ACCENT}" '
        'stroke-width="5"/></svg>'
    )


def strip_heading(kpis: Sequence[Kpi]) -> str:
    """Return what all figures of the strip share: their period, and what they are held against."""
    first = kpis[0]
    against = [change.against for change in (first.change, first.year_change) if change]
    if not against:
        return f"{first.period}; {first.no_change_reason}"
    return f"{first.period}, against {' and '.join(against)}"


def how_sure(report: Report, formats: Formats) -> tuple[str, ...]:
    """Say what the report rests on, good or bad, in a sentence each."""
    told = [verdict_told(report.holding, has_orders=report.has_orders).told(formats)]
    unknown, undone = (report.audit.told_as(key) for key in ("missing_customer", REVERSED))
    if unknown and unknown.amount > 0:
        values = {"share": float(unknown.amount / report.audit.amount_in_time)}
        told.append(tell("{share:share} of the money read has no customer.", values, formats))
    if undone:
        text = "{order_count:count} orders of {amount:money_short} were reversed: no sales."
        told.append(tell(text, facts(undone, "order_count", "amount"), formats))
    return tuple(told)


def written_kpi(kpi: Kpi, formats: Formats) -> WrittenKpi:
    """Write one figure of the strip."""
    change, year_change = kpi.change, kpi.year_change
    return WrittenKpi(
        label=kpi.label,
        value=value_text(kpi.value, kpi.unit, formats),
        period=kpi.period,
        change=change_text(change, formats) if change else "",
        tone=_tone(change, kpi.key) if change else "",
        against=_against(change) if change else kpi.no_change_reason,
        sparkline=sparkline(kpi.trend),
        history=f"{kpi.label}: the last {len(kpi.trend)} values, {kpi.period}",
        year_change=change_text(year_change, formats) if year_change else "",
        year_tone=_tone(year_change, kpi.key) if year_change else "",
        year_against=_against(year_change) if year_change else "",
    )


def value_text(value: Decimal | float, unit: Unit, formats: Formats) -> str:
    """Write a value the way its unit is read in a headline figure."""
    match unit:
        case "money":
            return formats.money_short(value)
        case "share":
            return formats.share(float(value))
        case "count":
            return formats.count(float(value))
        case "days":
            return f"{formats.number(value)} days"
        case "number":
            return formats.number(value)


def change_text(change: Change, formats: Formats) -> str:
    """Write a change: relative for amounts, in points for shares."""
    if change.points is not None:
        return formats.points_change(change.points)
    return formats.relative_change(change.relative)


def _against(change: Change) -> str:
    return f"on {change.against}{', within chance' if change.within_chance else ''}"


def _tone(change: Change, key: str) -> str:
    """Return the colour of a change: that of a rise where it is for the better."""
    size = change.points if change.points is not None else change.relative
    if not size or change.within_chance:
        return "flat"
    size = -size if key in _BETTER_LOW else size
    return "up" if size > 0 else "down"


def sparkline(values: tuple[float, ...]) -> str:
    """Draw the history of a figure as a small line ending in a dot; nothing for a short history."""
    if len(values) < _FEWEST_POINTS:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    points = [
        (_EDGE + i * step, _HEIGHT - _EDGE - (value - low) / span * (_HEIGHT - 2 * _EDGE))
        for i, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sparkline" aria-hidden="true" '
        f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<polyline points="{line}" fill="none" stroke="{MUTED}" stroke-width="1.25"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ACCENT}"/></svg>'
    )
