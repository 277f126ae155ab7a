"""What is said of the revenue bridge: the finding, the steps as a picture and as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED
from rfmreport.kit.drawings import HALF, Drawing, along
from rfmreport.kit.sections import Medium, Section
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import TitledTable
from rfmreport.sections.bridge.base_page import BASE, base_block
from rfmreport.sections.bridge.measure import TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.report import Report
    from rfmreport.sections.bridge.figures import BridgeStep, Cause, RevenueBridge

_NAMES: dict[Cause, str] = {
    "new": "New customers",
    "returned": "Came back",
    "away": "Stayed away",
    "frequency": "Number of orders",
    "basket": "Pieces per order",
    "price": "Price and mix",
    "value": "Value of an order",
    "gave_back": "Only gave back",
}
_WHY: dict[Cause, tuple[str, str]] = {
    "new": ("new customers", ""),
    "returned": ("customers who came back", ""),
    "away": ("", "customers who stayed away"),
    "frequency": ("more orders of those who stayed", "fewer orders of those who stayed"),
    "basket": ("larger baskets", "smaller baskets"),
    "price": ("price and mix", "price and mix"),
    "value": ("larger orders", "smaller orders"),
    "gave_back": ("fewer returns", "returns of those who ordered nothing"),
}
"""What each cause is called where it added to the revenue, and where it took from it."""
_NOTE = (
    "New: first order since the earlier month. Came back: ordered before it, not in it. Of those "
    "who ordered in both: how many orders, pieces in each, revenue a piece. The steps add up."
)
_CAPTION = "Why revenue changed"
_GAIN, _LOSS = "#0b5d5e", "#b3431f"
_ROW, _NAME, _AMOUNT, _HALF_BAR = 22, 112.0, 66.0, 7
_Line = tuple[str, Decimal, int | None]
"""A step as it is read: its name, what it added, the customers behind it."""
_FIELDS = (
    Field[_Line]("", "Cause", lambda line: line[0]),
    Field[_Line]("", "Revenue", lambda line: line[1], "money_change", adds_up=True),
    Field[_Line]("", "Customers", lambda line: line[2], "count"),
)


def bridge_finding(report: Report, formats: Formats) -> str:
    """Return what the last month brought more or less, and the largest cause of it."""
    return _finding(report.bridges[0], formats) if report.bridges else ""


def _finding(bridge: RevenueBridge, formats: Formats) -> str:
    grew = bridge.change > 0
    step = max(bridge.steps, key=lambda step: step.amount if grew else -step.amount)
    values: dict[str, Any] = {
        **facts(bridge, "month", "before"),
        "size": abs(bridge.change),
        "cause": _WHY[step.cause][0 if grew else 1],
        "amount": abs(step.amount),
    }
    if not bridge.change:
        return tell("{month:month} brought what {before:month} did", values, formats)
    if grew:
        return tell(
            "{month:month} brought {size:money_short} more than {before:month}: the largest gain "
            "is {cause}, {amount:money_short}",
            values,
            formats,
        )
    return tell(
        "{month:month} brought {size:money_short} less than {before:month}: the largest loss is "
        "{cause}, {amount:money_short}",
        values,
        formats,
    )


def bridge_blocks(report: Report, formats: Formats) -> tuple[TitledTable, ...]:
    """Return the steps from each month that the last one is compared with, as tables."""
    return tuple(
        TitledTable(_compared(bridge, formats), _table(bridge, formats), _NOTE)
        for bridge in report.bridges
    )


def _compared(bridge: RevenueBridge, formats: Formats) -> str:
    values = facts(bridge, "month", "before", "revenue", "revenue_before")
    return tell(
        "{month:month}: {revenue:money}, after {revenue_before:money} in {before:month}",
        values,
        formats,
    )


def _table(bridge: RevenueBridge, formats: Formats) -> Table:
    lines = [(_NAMES[s.cause], s.amount, s.customer_count) for s in bridge.steps]
    total = ("Change", bridge.change, None)
    return page_table(_CAPTION, _FIELDS, lines, formats, total=total)


def bridge_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the way from the earlier revenue to the later one, a bar for each step."""
    if not report.bridges:
        return None
    bridge = report.bridges[0]
    bars = [*_bars(bridge, formats)]
    drawing = Drawing(_words(bridge, formats), HALF, _ROW * len(bars) + 4)
    ends = [float(end) for _, start, end, _ in bars for end in (start, end)]
    extent, pixels = (min(ends), max(ends)), (_NAME, HALF - _AMOUNT)
    for place, (name, start, end, text) in enumerate(bars):
        y = _ROW * (place + 0.5)
        left, right = sorted(along(float(one), extent, pixels) for one in (start, end))
        is_whole = place in {0, len(bars) - 1}
        color = MUTED if is_whole else _GAIN if end >= start else _LOSS
        bar = {"x": left, "x2": max(right, left + 1), "color": color, "about": f"{name}: {text}"}
        drawing.add("bars", [bar | {"y": y - _HALF_BAR, "y2": y + _HALF_BAR}])
        weight = 600 if is_whole else 400
        drawing.texts([(0, y, name)], color=INK, align="left", fontWeight=weight)
        drawing.texts([(HALF, y, text)], color=INK, align="right", fontWeight=weight)
    return drawing


def _bars(bridge: RevenueBridge, formats: Formats) -> Iterator[tuple[str, Decimal, Decimal, str]]:
    """Yield name, beginning, end and figure of each bar: the months whole, the steps between."""
    nothing, reached = Decimal(0), bridge.revenue_before
    before, now = (formats.month(day) for day in (bridge.before, bridge.month))
    yield before, nothing, reached, formats.money_short(reached)
    for step in bridge.steps:
        change = formats.money_change(step.amount)
        yield _NAMES[step.cause], reached, reached + step.amount, change
        reached += step.amount
    yield now, nothing, reached, formats.money_short(reached)


def _words(bridge: RevenueBridge, formats: Formats) -> Caption:
    title = _compared(bridge, formats)
    spoken = "; ".join(
        f"{_NAMES[step.cause]} {formats.money_change(step.amount)}" for step in bridge.steps
    )
    kicker = "From one month's revenue to another's"
    return Caption(
        "revenue-bridge", kicker, title, f"{title}. {spoken}.", "", _table(bridge, formats)
    )


def _page(report: Report, formats: Formats, _: Medium) -> dict[str, Any]:
    return {"bridges": bridge_blocks(report, formats), "base": base_block(report, formats)}


_FILE: Sheet[Report, tuple[RevenueBridge, BridgeStep]] = Sheet(
    "revenue_bridge",
    "what one cause added to the revenue of a month, from that of an earlier one",
    (
        Field("before", "", lambda row: row[0].before, "day"),
        Field("month", "", lambda row: row[0].month, "day"),
        Field("cause", "", lambda row: row[1].cause),
        Field("amount", "", lambda row: row[1].amount, "money"),
        Field("customers", "", lambda row: row[1].customer_count, "count"),
    ),
    lambda report: [(one, step) for one in report.bridges for step in one.steps] or None,
)
SECTION: Section[Report] = Section(
    "bridge",
    TOPIC,
    bridge_finding,
    (bridge_drawing,),
    page=_page,
    sheets=(_FILE, BASE),
)
"""The section of the report."""
