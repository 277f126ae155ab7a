"""The layout of who came back: per segment a share and a mean, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.formats import share_digits
from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.tables import shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.hold.captions import holding_caption

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.hold.figures import Holding, HoldOut, HoldOutRow
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.vocabulary import Estimate

_NAME, _COUNT = 180, 34
_SHARES = 220  # so far a phone shows the chart before it is scrolled
_TOP, _BOTTOM = 30, 24
_STEP, _CLOSE_STEP, _MANY = 29, 25, 7
_LIFT = 3  # to leave room for the dots of earlier dates
_GAP = 34
_LABEL_ROOM = 14
_FADING = (0.7, 0.5, 0.35)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One of the two measures: its heading, its place, its scale and how a value is written."""

    heading: str
    left: float
    right: float
    highest: float
    estimate_of: Callable[[HoldOutRow], Estimate]
    written: Callable[[float], str]

    def x(self, value: float) -> float:
        """Return where a value stands."""
        return along(value, (0, self.highest), (self.left, self.right))


def holding_drawing(holding: Holding, table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out one line per segment: who came back on the left, what a customer spent on the right.

    Earlier dates stand below as smaller, paler dots.
    """
    latest, *earlier = holding.hold_outs
    step = _CLOSE_STEP if len(latest.rows) >= _MANY else _STEP
    height = _TOP + step * len(latest.rows) + _BOTTOM
    drawing = Drawing(holding_caption(holding, formats), WIDE, height)
    lift = _LIFT if earlier else 0
    places = {row.segment: _TOP + step * (i + 0.5) - lift for i, row in enumerate(latest.rows)}
    colors = {row.name: checked_color(row.color) for row in table.rows}
    panels = _panels(holding, formats)
    for panel in panels:
        _axis(drawing, panel)
    _headings(drawing, latest, places, formats)
    for row in latest.rows:
        for panel in panels:
            _line(drawing, panel, row, places[row.segment], colors[row.segment])
    for hold_out, opacity in zip(earlier, _FADING, strict=False):
        dots = _earlier_dots(panels, places, hold_out, colors, formats)
        drawing.add("circles", dots, opacity=opacity)
    return drawing


def _panels(holding: Holding, formats: Formats) -> tuple[_Panel, _Panel]:
    days = f"{formats.count(holding.horizon_days)} days"
    shares = _told_estimates(holding, _share)
    start = _NAME + _SHARES + _GAP
    digits = share_digits([estimate.value for estimate in shares])
    return (
        _panel(f"Came back within {days}", (_NAME, _NAME + _SHARES), shares, _share,
               lambda value: formats.share(value, digits)),
        _panel(f"Revenue per customer in {days}", (start, WIDE),
               _told_estimates(holding, _mean), _mean, formats.money_short),
    )  # fmt: skip


def _share(row: HoldOutRow) -> Estimate:
    return row.share


def _mean(row: HoldOutRow) -> Estimate:
    return row.revenue_per_customer


def _told_estimates(holding: Holding, of: Callable[[HoldOutRow], Estimate]) -> list[Estimate]:
    return [
        of(row)
        for hold_out in holding.hold_outs
        for row in hold_out.rows
        if row.customer_count >= FEWEST_CUSTOMERS
    ]


def _panel(
    heading: str,
    ends: tuple[float, float],
    estimates: Sequence[Estimate],
    estimate_of: Callable[[HoldOutRow], Estimate],
    written: Callable[[float], str],
) -> _Panel:
    highest = max((estimate.high for estimate in estimates), default=0.0) or 1.0
    room = max((text_width(written(e.value), BODY) for e in estimates), default=0.0) + _LABEL_ROOM
    return _Panel(heading, ends[0], ends[1] - room, highest, estimate_of, written)


def _axis(drawing: Drawing, panel: _Panel) -> None:
    bottom = drawing.height - _BOTTOM
    drawing.texts([(panel.left, 8, panel.heading)], color=INK, align="left", fontWeight=600)
    ticks = round_ticks(panel.highest)
    drawing.rules([(panel.x(t), _TOP - 8, panel.x(t), bottom) for t in ticks[1:]], color=RULE)
    drawing.rules([(panel.left, _TOP - 8, panel.left, bottom)], color=MUTED)
    places = [(panel.x(tick), bottom + 12, panel.written(tick)) for tick in ticks]
    drawing.texts(places, color=MUTED)


def _headings(
    drawing: Drawing, latest: HoldOut, places: Mapping[str, float], formats: Formats
) -> None:
    right = _NAME - 12
    drawing.texts([(right, 8, "n")], color=MUTED, align="right")
    counts = {row.segment: formats.count(row.customer_count) for row in latest.rows}
    end = right - max(_COUNT, *(text_width(count) + 8 for count in counts.values()))
    for segment, y in places.items():
        name = fitted(shown(segment, 40), end, BODY)
        drawing.texts([(end, y, name)], color=INK, align="right", fontSize=BODY)
        drawing.texts([(right, y, counts[segment])], color=MUTED, align="right")


def _line(drawing: Drawing, panel: _Panel, row: HoldOutRow, y: float, color: str) -> None:
    estimate = panel.estimate_of(row)
    if row.customer_count < FEWEST_CUSTOMERS:
        drawing.texts([(panel.left + 8, y, "too few")], color=MUTED, align="left")
        return
    low, high = panel.x(estimate.low), panel.x(estimate.high)
    value, ends = panel.written(estimate.value), (estimate.low, estimate.high)
    about = (
        f"{shown(row.segment, 60)}: {value}, 95% interval "
        f"{' to '.join(panel.written(end) for end in ends)}"
    )
    bar = {"x": low, "x2": high, "y": y - 3, "y2": y + 3, "color": color, "about": about}
    drawing.add("bars", [bar], opacity=0.5)
    dot = {"x": panel.x(estimate.value), "y": y, "size": 110, "color": color, "about": about}
    drawing.add("circles", [dot], opacity=1)
    drawing.texts([(high + 8, y, value)], color=INK, align="left", fontSize=BODY, fontWeight=600)


def _earlier_dots(
    panels: Sequence[_Panel],
    places: Mapping[str, float],
    earlier: HoldOut,
    colors: Mapping[str, str],
    formats: Formats,
) -> list[dict[str, Any]]:
    """Return the dots of an earlier date, below the lines of the latest."""
    found = {row.segment: row for row in earlier.rows if row.customer_count >= FEWEST_CUSTOMERS}
    dots: list[dict[str, Any]] = []
    for segment in [name for name in places if name in found]:
        for panel in panels:
            value = panel.estimate_of(found[segment]).value
            day = formats.day(earlier.as_of)
            about = f"{shown(segment, 60)} as of {day}: {panel.written(value)}"
            place = {"x": panel.x(value), "y": places[segment] + _LIFT + 8, "size": 30}
            dots.append(place | {"color": colors[segment], "about": about})
    return dots
