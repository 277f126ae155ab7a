"""The strip of figures on the first page: written values, changes and sparklines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.kit.colors import ACCENT, MUTED
from rfmreport.kit.drawings import text_width
from rfmreport.kit.tables import shown

if TYPE_CHECKING:
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.vocabulary import Change, Unit

_WIDTH, _HEIGHT, _EDGE = 92, 22, 3
_BETTER_LOW = frozenset({"return_rate"})
_FEWEST_POINTS = 3
_FEWEST_INSIGHTS, _MOST_INSIGHTS = 3, 5
# Between the strip of figures and the chart of the first page, in points as `_height` counts them.
_INSIGHT_ROOM, _ADVICE_ROOM = 314.0, 351.0
_YEAR_LINE = 20.0
_SCREEN_LIMIT = 300
_ADVICE_LIMITS = (190, 170, 150, 130, 110, 90, 70, 50)


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


def insight_count(report: Report, medium: Literal["screen", "print"]) -> int:
    """Return how many insights are shown: on paper, three to five that keep to the first page."""
    if medium == "screen":
        return _MOST_INSIGHTS
    room, count = _INSIGHT_ROOM - _extra_height(report), 0
    for insight in report.insights[:_MOST_INSIGHTS]:
        words = f"{insight.headline} {insight.detail}"
        evidence = f"n = {insight.sample_size} · {insight.formula}"
        room -= _height(words, 8.25, 204) + _height(evidence, 7.1, 204) + 14
        if room < 0:
            break
        count += 1
    return max(count, min(_FEWEST_INSIGHTS, len(report.insights)))


def advice_limit(report: Report, medium: Literal["screen", "print"]) -> int:
    """Return after how many letters each text of an advice is cut to keep the first page one page.

    The chart of the months stands under the advice; pushed to the next page, it would leave the
    first one half empty.
    """
    if medium == "screen":
        return _SCREEN_LIMIT
    fitting = (
        limit
        for limit in _ADVICE_LIMITS
        if sum(_advice_height(advice, limit) for advice in report.recommendations[:3])
        <= _ADVICE_ROOM - _extra_height(report)
    )
    return next(fitting, _ADVICE_LIMITS[-1])


def _extra_height(report: Report) -> float:
    """Estimate what stands above the insights beyond two lines each, in points.

    The lines are those of the headline and the standfirst; the changes on a year before add theirs.
    """
    headline = _line_count(report.headline, 20, 500)
    standfirst = _line_count(report.standfirst, 10.5, 500)
    years = _YEAR_LINE if any(kpi.year_change for kpi in report.kpis) else 0
    return max(0, headline - 2) * 25.0 + max(0, standfirst - 2) * 14.7 + years


def _line_count(text: str, size: float, width: float) -> int:
    return math.ceil(text_width(text, 1) * size * 1.05 / width)


def _advice_height(advice: Recommendation, limit: int) -> float:
    action, why, measure = (
        shown(text, limit) for text in (advice.action, advice.why_now, advice.measure)
    )
    # What the range supposes is worth more room than what else is said.
    note = shown(advice.range_note, limit + 40)
    parts = (
        (f"{advice.title}. {action}", 8.25),
        (f"£100k to £100k · {advice.whom}; {note}", 8.25),
        (f"{why} Measure: {measure} {advice.department} · {advice.file}", 7.1),
    )
    return sum(_height(text, size, 266) for text, size in parts) + 12


def _height(text: str, size: float, width: float) -> float:
    """Estimate the height of a paragraph on the first page, in points."""
    return _line_count(text, size, width) * size * 1.36 + 1.5


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
