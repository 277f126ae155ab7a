"""The drawings of whether segments hold, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.formats import Formats, share_digits
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.sheets import Field, page_table, with_ends
from rfmreport.kit.tables import Table, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.sections.hold.figures import (
        Holding,
        HoldOut,
        HoldOutRow,
        Neighbours,
        SchemeTrial,
    )
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.vocabulary import Estimate

_LONGEST = 32
_NAME, _COUNT = 180, 34
_SHARES = 220  # so far a phone shows the chart before it is scrolled
_TOP, _BOTTOM = 30, 24
_STEP, _CLOSE_STEP, _MANY = 29, 25, 7
_LIFT = 3  # to leave room for the dots of earlier dates
_GAP = 34
_LABEL_ROOM = 14
_FADING = (0.7, 0.5, 0.35)


def holding_title(holding: Holding, formats: Formats) -> str:
    """Say whether a better segment came back more, and where it did not."""
    latest = holding.hold_outs[0]
    wrong, unclear, in_order = (
        [pair for pair in holding.neighbours if pair.verdict == verdict]
        for verdict in ("wrong order", "unclear", "in order")
    )
    if wrong:
        return _wrong_title(wrong, latest, formats)
    day = formats.day(latest.as_of)
    if not unclear and not in_order:
        return f"Too few customers on {day} to say whether the order holds"
    ends = ends_words(latest, holding.horizon_days, formats)
    if not unclear and len(in_order) < len(holding.neighbours):
        pairs = f"{len(in_order)} of {len(holding.neighbours)} neighbouring segments"
        return f"As far as it can be tested ({pairs}), the order held on {day}: {ends}"
    if not unclear:
        return f"The order held on {day}: {ends}"
    if not in_order:
        return f"No two neighbouring segments can be told apart: {ends}"
    return f"{ends}; {_unclear_words(unclear, holding.neighbours, formats)}"


def told_rows(hold_out: HoldOut) -> list[HoldOutRow]:
    """Return the segments with enough customers for a claim."""
    return [row for row in hold_out.rows if row.customer_count >= FEWEST_CUSTOMERS]


def is_held_told(holding: Holding) -> bool:
    """Say whether segments had customers enough to be compared."""
    return bool(holding.hold_outs) and len(told_rows(holding.hold_outs[0])) > 1


def ends_words(hold_out: HoldOut, horizon_days: int, formats: Formats) -> str:
    """Say how many came back of the best and of the worst segment: "90% of A …, 35% of B"."""
    told = told_rows(hold_out)
    best, worst = (f"{_share(row.share, formats)} of {_named(row)}" for row in (told[0], told[-1]))
    return f"{best} came back within {formats.count(horizon_days)} days, {worst}"


def _wrong_title(wrong: Sequence[Neighbours], latest: HoldOut, formats: Formats) -> str:
    worst = min(wrong, key=lambda pair: pair.difference.value)
    rows = {row.segment: row for row in latest.rows}
    better, worse = rows[worst.better], rows[worst.worse]
    title = (
        f"The order does not hold: {_named(better)} came back less "
        f"({_share(better.share, formats)}) than {_named(worse)} "
        f"({_share(worse.share, formats)}), which stands below"
    )
    more = len(wrong) - 1
    return f"{title}; so did {formats.count(more)} more" if more else title


def _unclear_words(
    unclear: Sequence[Neighbours], neighbours: Sequence[Neighbours], formats: Formats
) -> str:
    if len(unclear) > 1:
        count, total = formats.count(len(unclear)), formats.count(len(neighbours))
        return f"{count} of {total} neighbouring pairs cannot be told apart"
    pair = unclear[0]
    return f"{shown(pair.better, _LONGEST)} and {shown(pair.worse, _LONGEST)} cannot be told apart"


def _named(row: HoldOutRow) -> str:
    return shown(row.segment, _LONGEST)


def _share(share: Estimate, formats: Formats) -> str:
    return formats.share(share.value, share_digits([share.value]))


def holding_caption(holding: Holding, formats: Formats) -> Caption:
    """Return the words of the chart of who came back and what a customer spent."""
    latest, *earlier = holding.hold_outs
    told = told_rows(latest)
    days = formats.count(holding.horizon_days)
    title = f"No segment had {FEWEST_CUSTOMERS} customers yet"
    if told:
        best, worst = told[0], told[-1]
        title = (
            f"{_named(best)} brought {formats.money(best.revenue_per_customer.value)} per customer "
            f"in the next {days} days"
        )
        if worst is not best:
            title += f", {_named(worst)} {formats.money(worst.revenue_per_customer.value)}"
    spoken = "; ".join(_spoken(row, formats) for row in told)
    return Caption(
        "came-back",
        f"As of {formats.day(latest.as_of)}, and the {days} days that followed",
        title,
        f"{title}. Share that came back and revenue per customer: {spoken}.",
        _chart_note(earlier, formats),
        _data_table(holding, formats),
    )


def _spoken(row: HoldOutRow, formats: Formats) -> str:
    spent = formats.money(row.revenue_per_customer.value)
    return f"{_named(row)}: {_share(row.share, formats)}, {spent}"


def _chart_note(earlier: Sequence[HoldOut], formats: Formats) -> str:
    note = (
        "Large dot: the share or the mean, with its 95% interval. Revenue per customer counts "
        "those who did not order as nothing."
    )
    if earlier:
        days = ", ".join(formats.day(hold_out.as_of) for hold_out in earlier)
        order = " (the paler, the earlier)" if len(earlier) > 1 else ""
        note += f" Small dots: the same segments as of {days}{order}."
    return note


def _data_table(holding: Holding, formats: Formats) -> Table:
    fields: tuple[Field[tuple[HoldOut, HoldOutRow]], ...] = (
        Field("", "As of", lambda row: row[0].as_of, "day", numeric=False),
        Field("", "Segment", lambda row: shown(row[1].segment, 60), limit=60),
        Field("", "Customers", lambda row: row[1].customer_count, "count"),
        Field("", "Came back", lambda row: row[1].returned_count, "count"),
        *with_ends("% came back", lambda row: row[1].share, "share"),
        *with_ends("Revenue per customer", lambda row: row[1].revenue_per_customer, "money"),
        Field("", "Median per returner", lambda row: row[1].revenue_per_returner, "money"),
    )
    rows = [(one, row) for one in holding.hold_outs for row in one.rows]
    caption = "Who came back and what they spent, by date and segment"
    return page_table(caption, fields, rows, formats)


def trials_title(trials: Sequence[SchemeTrial], own_scheme: str, formats: Formats) -> str:
    """Say how well the report's scheme ranks the customers, and how well the best other one does.

    How much of a difference is chance is not known, so no scheme is called better.
    """
    ranks = {trial.scheme: trial.rank_quality for trial in trials if trial.rank_quality is not None}
    own = ranks.pop(own_scheme, None)
    if own is None:
        return "Nobody, or everybody, came back: no scheme can be told from another"
    if not ranks:
        return f"Rank quality: {formats.share(own)}"
    best = formats.share(max(ranks.values()))
    return f"Rank quality: {formats.share(own)} for this report's scheme, {best} for the best other"


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
    shares = _told_estimates(holding, _share_of)
    start = _NAME + _SHARES + _GAP
    digits = share_digits([estimate.value for estimate in shares])
    return (
        _panel(f"Came back within {days}", (_NAME, _NAME + _SHARES), shares, _share_of,
               lambda value: formats.share(value, digits)),
        _panel(f"Revenue per customer in {days}", (start, WIDE),
               _told_estimates(holding, _mean), _mean, formats.money_short),
    )  # fmt: skip


def _share_of(row: HoldOutRow) -> Estimate:
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
