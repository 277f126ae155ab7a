"""The layouts of what is to come and their words: by segment, said against done, past spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.sentences import people
from rfmreport.kit.sheets import Field, page_table, with_ends
from rfmreport.kit.tables import Table, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.models.forecast import Amount, Total
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.sections.worth.figures import (
        Expected,
        Outlook,
        ReliabilityGroup,
        Response,
        What,
        Worth,
    )

_INTERVAL = "95% interval, for chance and for what such a forecast is off by"
_NAME, _TOP, _BOTTOM, _STEP, _CLOSE_STEP, _MANY = 170, 4, 20, 20, 18, 7
_LEFT, _SIDE, _WIDTH, _HEIGHT = 40, 14, 280, 172
_DOT = "#0b5d5e"
_NEAR, _LABEL_HALF = 5, 6
_TEAL = "#6fa9a6"
_HIGH, _AXIS, _BASE, _WHOLE_SPAN = 140, 46, 36, 86
MOST_SPANS = 7


def worth_title(worth: Worth, formats: Formats) -> str:
    """Say how many of today's customers will order, where no sum to come is told."""
    if not worth.response.rows:
        return "The past is too short to say who will order again"
    count = sum(row.customer_count * row.shares[-1].value for row in worth.response.rows)
    days = worth.response.windows[-1]
    return f"About {formats.count(count)} customers can be expected to order within {days} days"


def outlook_caption(outlook: Outlook, formats: Formats) -> Caption:
    """Return the words of what each segment will bring."""
    most = max(outlook.rows, key=lambda row: row.share)
    share, days = formats.share(most.share, 0), formats.count(outlook.days)
    title = f"{people(shown(most.segment, 40))}: {share} of the revenue to come"
    return Caption(
        "worth-by-segment",
        f"Revenue of the next {days} days by segment",
        title,
        f"{title}. {_spoken(outlook, formats)}.",
        f"Dot: expectation; bar: {_INTERVAL}.",
        outlook_table("The next {} days by segment", outlook, {}, formats),
    )


def outlook_table(
    caption: str, outlook: Outlook, keys: Mapping[str, int], formats: Formats
) -> Table:
    """Return who will bring how much, under a caption with room for the days.

    Amounts are told only where there is one number.
    """
    fields: tuple[Field[Expected], ...] = (
        Field("", "Segment", lambda part: part.segment),
        Field("", "Customers", lambda part: part.customer_count or None, "count"),
        Field("", "Share", lambda part: part.share, "share", "of revenue", adds_up=True),
    )
    if outlook.total.revenue is not None:
        fields += (
            Field("", "Orders", lambda part: part.orders, "count", adds_up=True),
            Field("", "Range", lambda part: part.orders, "count", is_range=True),
            Field("", "Revenue", lambda part: part.revenue, "money", adds_up=True),
            Field("", "Range", lambda part: part.revenue, "money_short", is_range=True),
        )
    return page_table(
        caption.format(formats.count(outlook.days)),
        fields,
        outlook.parts,
        formats,
        total=outlook.total,
        key=lambda part: keys.get(part.segment),
    )


def _spoken(outlook: Outlook, formats: Formats) -> str:
    return ". ".join(
        f"{shown(row.segment, 60)}: {formats.money_short(row.revenue.low)} to "
        f"{formats.money_short(row.revenue.high)}"
        for row in outlook.rows
        if row.revenue
    )


def reliability_caption(response: Response, formats: Formats) -> Caption:
    """Return the words of what was said of customers, and how many came."""
    groups, days = response.groups, formats.count(response.windows[-1])
    title = _reliability_title(response, formats)
    spoken = "; ".join(
        f"expected {formats.share(group.predicted, 0)}, came "
        f"{formats.share(group.observed.value, 0)}"
        for group in groups
    )
    alike = "about the same chance" if response.model else "the same scores"
    note = (
        f"Each dot: customers with {alike}, and how many they are; bar: 95% interval. On the line "
        "as many came as expected, above it more."
    )
    return Caption(
        "reliability",
        f"Expected and come: orders within {days} days",
        title,
        f"{title}. From the least to the most likely: {spoken}.",
        note,
        _reliability_table(groups, formats),
    )


def _reliability_title(response: Response, formats: Formats) -> str:
    checked = response.checked
    if checked is None:
        return "Too few customers to compare"
    count = formats.count(checked.observed.customer_count)
    return (
        f"{formats.share(checked.predicted, 0)} of {count} customers were expected on "
        f"{formats.day(response.checked_on)}, {formats.share(checked.observed.value, 0)} came"
    )


def _reliability_table(groups: Sequence[ReliabilityGroup], formats: Formats) -> Table:
    fields: tuple[Field[ReliabilityGroup], ...] = (
        Field("", "Expected", lambda group: group.predicted, "share"),
        *with_ends("Came", lambda group: group.observed, "share"),
        Field("", "Customers", lambda group: group.observed.customer_count, "count"),
    )
    return page_table("Chance as it was expected, and share that came", fields, groups, formats)


def outlook_drawing(outlook: Outlook, table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out one line per segment: what it will bring, with its interval."""
    rows = [(row.segment, row.revenue) for row in outlook.rows if row.revenue]
    step = _CLOSE_STEP if len(rows) >= _MANY else _STEP
    caption = outlook_caption(outlook, formats)
    drawing = Drawing(caption, WIDE, _TOP + step * len(rows) + _BOTTOM)
    highest = max((amount.high for _, amount in rows), default=0.0) or 1.0
    labels = [formats.money_short(amount.value) for _, amount in rows]
    label_room = 16 + max((text_width(label, BODY) for label in labels), default=0.0)
    extent, pixels = (0.0, highest), (float(_NAME), WIDE - label_room)
    bottom = drawing.height - _BOTTOM
    ticks = round_ticks(highest)
    drawing.rules(
        [(x, _TOP, x, bottom) for x in (along(tick, extent, pixels) for tick in ticks[1:])]
    )
    drawing.rules([(_NAME, _TOP, _NAME, bottom)], color=MUTED)
    drawing.texts([(along(t, extent, pixels), bottom + 12, formats.money_short(t)) for t in ticks])
    colors = {row.name: checked_color(row.color) for row in table.rows}
    for i, ((segment, amount), label) in enumerate(zip(rows, labels, strict=True)):
        y = _TOP + step * (i + 0.5)
        low, high, value = (
            along(v, extent, pixels) for v in (amount.low, amount.high, amount.value)
        )
        ends = (formats.money_short(v) for v in (amount.low, amount.high))
        about = f"{shown(segment, 60)}: {label}, {' to '.join(ends)}"
        color = colors[segment]
        name = fitted(shown(segment, 40), _NAME - 12, BODY)
        drawing.texts([(_NAME - 12, y, name)], color=INK, align="right", fontSize=BODY)
        bar = {"x": low, "x2": high, "y": y - 4, "y2": y + 4, "color": color, "about": about}
        drawing.add("bars", [bar], opacity=0.5)
        dot = {"x": value, "y": y, "size": 110, "color": color, "about": about}
        drawing.add("circles", [dot], opacity=1)
        drawing.texts([(high + 10, y, label)], color=INK, align="left", fontSize=BODY)
    return drawing


def reliability_drawing(response: Response, formats: Formats) -> Drawing:
    """Lay out what was expected across, and what came upwards; they meet on the line."""
    drawing = Drawing(reliability_caption(response, formats), _WIDTH, _HEIGHT)
    groups = response.groups
    highest = max(0.1, *(max(g.predicted, g.observed.high) for g in groups))
    ticks = round_ticks(highest)
    extent = (0.0, highest)
    across, down = (float(_LEFT), _WIDTH - 2.0 * _SIDE), (_HEIGHT - 38.0, 20.0)

    def place(said: float, came: float) -> tuple[float, float]:
        return along(said, extent, across), along(came, extent, down)

    for tick in ticks:
        x, y = place(tick, tick)
        drawing.rules([(across[0], y, across[1], y)], color=RULE)
        drawing.texts([(across[0] - 6, y, formats.share(tick, 0))], align="right")
        drawing.texts([(x, down[0] + 12, formats.share(tick, 0))])
    drawing.rules([(across[0], down[0], across[1], down[0])], color=MUTED)
    drawing.rules([(*place(0, 0), *place(highest, highest))], color=MUTED, strokeDash=[4, 3])
    drawing.texts([(0, 8, "Came")], color=INK, align="left", fontWeight=600)
    drawing.texts([(across[1], _HEIGHT - 8, "Expected")], color=INK, align="right", fontWeight=600)
    places = [place(group.predicted, group.observed.value) for group in groups]
    ends = [(place(0, g.observed.low)[1], place(0, g.observed.high)[1]) for g in groups]
    for group, (x, y), (low, high) in zip(groups, places, ends, strict=True):
        drawing.add("circles", [_dot(group, x, y, formats)], opacity=1)
        drawing.rules([(x, low, x, high)], color=_DOT, strokeWidth=2)
    _count_labels(drawing, groups, places, ends, formats)
    return drawing


def _dot(group: ReliabilityGroup, x: float, y: float, formats: Formats) -> dict[str, Any]:
    about = (
        f"expected {formats.share(group.predicted, 0)}, came "
        f"{formats.share(group.observed.value, 0)}, "
        f"{formats.count(group.observed.customer_count)} customers"
    )
    return {"x": x, "y": y, "size": 70, "color": _DOT, "about": about}


def _count_labels(
    drawing: Drawing,
    groups: Sequence[ReliabilityGroup],
    places: Sequence[tuple[float, float]],
    ends: Sequence[tuple[float, float]],
    formats: Formats,
) -> None:
    """Write how many each dot stands for, where no other dot or number is in the way."""
    marks = [
        _Box(x - _NEAR, x + _NEAR, min(y - _NEAR, high), max(y + _NEAR, low))
        for (x, y), (low, high) in zip(places, ends, strict=True)
    ]
    taken = list(marks)
    for group, mark, (x, y) in zip(groups, marks, places, strict=True):
        text = formats.count(group.observed.customer_count)
        # Above the line there is room on the left, below it on the right, but for the edge.
        width = text_width(text)
        is_above = group.observed.value >= group.predicted or x + 8 + width > drawing.width
        left = x - 8 - width if is_above else x + 8
        box = _Box(left, left + width, y - _LABEL_HALF, y + _LABEL_HALF)
        if left >= 0 and not any(box.meets(other) for other in taken if other is not mark):
            drawing.texts([(left, y, text)], align="left")
            taken.append(box)


@dataclass(frozen=True, slots=True)
class _Box:
    """What a mark or a text takes up."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Say whether they overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """A span of days: what was said of it, and what came, None where it is still to come."""

    first_day: date
    last_day: date
    said: Amount
    came: float | None


def spans_drawing(caption: Caption, total: Total, what: What, formats: Formats) -> Drawing:
    """Lay out past spans as bars, oldest first, with what was said of each, and the one to come.

    A line across is the value said, the upright one its range.
    """
    drawing = Drawing(caption, WIDE, _HIGH)
    written = formats.count if what == "orders" else formats.money_short
    spans = _spans(total, what)
    highest = max(max(span.said.high, span.came or 0.0) for span in spans) or 1.0
    base = _HIGH - _BASE

    def height(value: float) -> float:
        return along(value, (0, highest), (base, 22))

    ticks = round_ticks(highest, 3)
    drawing.rules([(_AXIS, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    drawing.texts([(_AXIS - 6, height(tick), written(tick)) for tick in ticks], align="right")
    step = (WIDE - _AXIS) / len(spans)
    half = min(step * 0.3, 38)
    for place, span in enumerate(spans):
        middle = _AXIS + step * (place + 0.5)
        days = [f"{day.day} {formats.month_name_short(day)}" for day in
                (span.first_day, span.last_day)]  # fmt: skip
        drawing.texts([(middle, base + 13, "–".join(days) if step > _WHOLE_SPAN else days[0])])
        if span.came is not None:
            _came(drawing, span, (middle, half, base, height(span.came)), written)
        _said(drawing, span.said, middle, half, height)
    low, high = spans[-1].said.low, spans[-1].said.high
    words = f"{written(low)}–{written(high)}"
    drawing.texts([(WIDE, height(high) - 10, words)], color=INK, fontWeight=600, fontSize=BODY,
                  align="right")  # fmt: skip
    drawing.rules([(_AXIS, base, WIDE, base)], color=MUTED)
    return drawing


def _spans(total: Total, what: What) -> list[_Span]:
    past = [
        _Span(one.first_day, one.last_day, getattr(one, what), one.came[what == "revenue"])
        for one in total.trials[:MOST_SPANS]
    ]
    return [*past[::-1], _Span(total.first_day, total.last_day, getattr(total, what), None)]


def _came(
    drawing: Drawing,
    span: _Span,
    bar: tuple[float, float, float, float],
    written: Callable[[float], str],
) -> None:
    """Draw what came; `bar` is its middle, its half width, its foot and its top."""
    middle, half, base, top = bar
    said, came = span.said, written(span.came or 0.0)
    about = f"came {came}, said {written(said.low)} to {written(said.high)}"
    box = {"x": middle - half, "x2": middle + half, "y": base, "y2": top}
    drawing.add("bars", [box | {"color": _TEAL, "about": about}])
    drawing.texts([(middle, base + 27, came)], color=INK, fontWeight=600)


def _said(
    drawing: Drawing, amount: Amount, middle: float, half: float, height: Callable[[float], float]
) -> None:
    """Draw a range upright, and across it the value, where there is one."""
    low, high = height(amount.low), height(amount.high)
    drawing.rules([(middle, low, middle, high)], color=INK, strokeWidth=1.5)
    ends = [(middle - 5, y, middle + 5, y) for y in (low, high)]
    drawing.rules(ends, color=INK, strokeWidth=1.5)
    if amount.value is not None:
        y = height(amount.value)
        drawing.rules([(middle - half - 5, y, middle + half + 5, y)], color=INK, strokeWidth=2)
