"""CRM's page: who is overdue, who fell by silence and may come back, who waits to order again."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.departments.checks import overdue_words
from rfmreport.departments.findings import figures_of
from rfmreport.departments.parts import (
    Block,
    Medium,
    adding_up,
    count_cell,
    money_cell,
    name_cell,
    number_cell,
    row_of,
    segment_keys,
    share_cell,
    share_range,
    table_of,
)
from rfmreport.formats import MISSING
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import (
    ACCENT,
    INK,
    MUTED,
    PALE,
)
from rfmreport.kit.drawings import (
    HALF,
    Drawing,
    along,
    round_ticks,
    text_width,
)
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty.tables import loyalty_block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Row, Table
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import SecondOrderDay, SecondOrders
    from rfmreport.sections.loyalty.rhythm_figures import Rhythm, RhythmTrial
    from rfmreport.sections.movement.figures import Movement

    Place = Callable[[float, float], tuple[float, float]]

_OVERDUE = {"screen": 50, "print": 10}
_HIGH, _LEFT, _RIGHT, _BASE = 168, 38.0, 10.0, 34
_LINE = 1.1  # half of the line's thickness
_STEPS, _LABEL = 120, 14


def overdue_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the overdue by segment, and those of them with most to lose."""
    rhythm = figures_of(report).rhythm
    if rhythm is None:
        return None
    called = rhythm.shown[: _OVERDUE[medium]]
    keys = segment_keys(report)
    lead = ""
    if rhythm.trial:
        lead = (
            f"Does the rule tell more than the segment does? {_answer(rhythm.trial)} "
            f"{_sentence(overdue_words(rhythm.trial, formats))}"
        )
    note = (
        f"Overdue: silent for more than {formats.number(rhythm.factor)} times the own usual gap "
        "(the median of days between orders) and longer than ever before. A rhythm: orders on "
        f"{formats.count(rhythm.fewest_order_days)} days or more."
    )
    which = (
        "Listed: those with most revenue in the last twelve months, of "
        f"{formats.count(rhythm.overdue_count)} in data/overdue.csv."
    )
    rows = [
        row_of(
            (
                name_cell(one.customer_id),
                number_cell(one.usual_gap_days, formats),
                count_cell(one.silent_days, formats),
                Cell(formats.day(one.last_order_on), one.last_order_on.isoformat()),
                money_cell(one.year_revenue, formats),
            ),
            keys.get(one.segment),
        )
        for one in called
    ]
    columns = (
        Column("Customer", numeric=False),
        Column("Usual gap", hint="days"),
        Column("Silent", hint="days"),
        Column("Last order"),
        Column("Revenue", hint="12 months"),
    )
    listed = table_of("Overdue customers with most to lose", columns, rows)
    table = _rhythm_table(rhythm, keys, formats)
    return Block(table, note=note, lead=lead, people=listed, listed=which)


def _answer(trial: RhythmTrial) -> str:
    """Answer as the interval of the difference does."""
    if trial.tells_more:
        return "Yes: the overdue came back less."
    if trial.difference.low > 0:
        return "No: the overdue came back more."
    return "Not provably: the difference may be none."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _rhythm_table(rhythm: Rhythm, keys: dict[str, int], formats: Formats) -> Table:
    rows = [
        _rhythm_row(row.segment, row.customer_count, row.overdue_count, row.overdue_year_revenue,
                    formats, keys.get(row.segment))
        for row in adding_up(rhythm.rows, ("overdue_year_revenue",))
    ]  # fmt: skip
    columns = (
        Column("Segment", numeric=False),
        Column("With a", hint="rhythm"),
        Column("Overdue"),
        Column("%"),
        Column("Revenue", hint="12 months"),
    )
    total = _rhythm_row("All", rhythm.customer_count, rhythm.overdue_count,
                        rhythm.overdue_year_revenue, formats, None)  # fmt: skip
    return table_of("Overdue customers by segment", columns, rows, total)


def _rhythm_row(  # noqa: PLR0913, PLR0917  the figures of a row
    name: str, count: int, overdue: int, revenue: Decimal, formats: Formats, key: int | None
) -> Row:
    share = overdue / count if count >= FEWEST_CUSTOMERS else None
    cells = (
        name_cell(name),
        count_cell(count, formats),
        count_cell(overdue, formats),
        share_cell(share, formats),
        money_cell(revenue, formats),
    )
    return row_of(cells, key)


@dataclass(slots=True)
class _Fallen:
    """Customers who fell to one segment by silence."""

    count: int = 0
    from_top: int = 0
    revenue: Decimal = Decimal(0)


def leaving_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return to where customers fell by silence, and how many of such come anyway."""
    movement = report.movement
    fallen = _fallen(movement) if movement else {}
    if movement is None or not fallen:
        return None
    response = report.worth.response if report.worth else None
    chances = {row.segment: row.shares[-1] for row in response.rows} if response else {}
    days = formats.count(response.windows[-1]) if response else ""
    keys = segment_keys(report)
    rows = []
    for name in (name for name in keys if name in fallen):
        one, chance = fallen[name], chances.get(name)
        enough = chance is not None and chance.customer_count >= FEWEST_CUSTOMERS
        cells = [
            name_cell(name),
            count_cell(one.count, formats),
            count_cell(one.from_top, formats),
            money_cell(one.revenue, formats),
        ]
        if chances:
            cells.append(
                share_cell(chance.value if chance and enough else None, formats)
                if enough
                else Cell(MISSING)
            )
        rows.append(row_of(cells, keys[name]))
    columns = [
        Column("Fell to", numeric=False),
        Column("Customers"),
        Column("From", hint="the top"),
        Column("Past spend"),
    ]
    columns += [Column("Order anyway", hint=f"in {days} days")] if chances else []
    top = " and ".join(shown(name, 30) for name in movement.top_segments)
    note = f"By silence since {formats.day(movement.before_as_of)}. The top: {top}."
    if chances:
        note += (
            " Order anyway: of all customers in the segment, those who come as things were; "
            "the others are whom a call can win."
        )
    caption = "Customers who fell to a lower segment by silence"
    return Block(table_of(caption, columns, rows), note=note)


def _fallen(movement: Movement) -> dict[str, _Fallen]:
    found: dict[str, _Fallen] = {}
    for flow in movement.flows:
        if flow.reason == "aged" and flow.before and flow.now:
            one = found.setdefault(flow.now, _Fallen())
            one.count += flow.customer_count
            one.from_top += flow.customer_count if flow.before in movement.top_segments else 0
            one.revenue += flow.revenue
    return found


def second_order_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the one-order customers by how far they have come, where some go cold."""
    told = loyalty_block(report, formats)
    if told is None or told.groups is None:
        return Block() if told else None
    return Block(told.groups, note=told.groups_note)


def chance_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the chance of a second order by the days that one has waited."""
    clock = report.loyalty.second_orders if report.loyalty else None
    days = [day for day in clock.days if day.chance] if clock and clock.is_told else []
    if clock is None or len(days) < 2:  # noqa: PLR2004  a line needs two points
        return None
    drawing = Drawing(_chance_caption(clock, days, formats), HALF, _HIGH)
    last, highest = days[-1].days, max(day.chance.high for day in days if day.chance)
    highest = max(highest, clock.chance_level)
    base = _HIGH - _BASE

    def place(day: float, share: float) -> tuple[float, float]:
        return (
            along(day, (0, last), (_LEFT, HALF - _RIGHT)),
            along(share, (0, highest), (base, 18)),
        )

    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, place(0, t)[1], HALF - _RIGHT, place(0, t)[1]) for t in ticks[1:]])
    drawing.texts([(_LEFT - 6, place(0, t)[1], formats.share(t, 0)) for t in ticks], align="right")
    drawing.rules([(_LEFT, base, HALF - _RIGHT, base)], color=MUTED)
    step = next(step for step in (30, 60, 90, 365, last) if last / step <= 7)  # noqa: PLR2004
    drawing.texts([(place(d, 0)[0], base + 12, formats.count(d)) for d in range(0, last + 1, step)])
    drawing.texts([(HALF - _RIGHT, base + 27, "days without a second order")], align="right")
    _chance_curve(drawing, days[:: max(1, len(days) // _STEPS)], place, formats)
    _level(drawing, clock, place, formats)
    return drawing


def _chance_curve(
    drawing: Drawing, days: Sequence[SecondOrderDay], place: Place, formats: Formats
) -> None:
    band, line = [], []
    for day in days:
        if day.chance is None:
            continue
        (x, y), high, low = (
            place(day.days, day.chance.value),
            place(0, day.chance.high)[1],
            place(0, day.chance.low)[1],
        )
        about = f"After {formats.count(day.days)} days: {formats.share(day.chance.value, 0)}"
        band.append({"x": x, "y": high, "y2": low, "color": PALE, "key": "band", "about": about})
        line.append({"x": x, "y": y - _LINE, "y2": y + _LINE, "color": ACCENT, "key": "line",
                     "about": about})  # fmt: skip
    drawing.add("ribbons", band)
    drawing.add("ribbons", line)
    lowest = min(days, key=lambda day: day.chance.value if day.chance else 1.0)
    for day, align, shift in ((days[0], "left", 2), (lowest, "center", 0)):
        if day.chance and (day is days[0] or lowest is not days[0]):
            x = min(place(day.days, 0)[0] + shift, HALF - _RIGHT - _LABEL)
            y = place(0, day.chance.high)[1] - 8
            drawing.texts([(x, y, formats.share(day.chance.value, 0))], color=INK, align=align,
                          fontWeight=600)  # fmt: skip


def _level(drawing: Drawing, clock: SecondOrders, place: Place, formats: Formats) -> None:
    """Draw the level below which a customer counts as cold, and its name where there is room."""
    y = place(0, clock.chance_level)[1]
    drawing.rules([(_LEFT, y, HALF - _RIGHT, y)], color=MUTED, strokeDash=[3, 2])
    words = f"cold below {formats.share(clock.chance_level, 0)}"
    if _LEFT + text_width(words) < HALF:
        drawing.texts([(_LEFT + 4, y + 9, words)], align="left")


def _chance_caption(
    clock: SecondOrders, days: Sequence[SecondOrderDay], formats: Formats
) -> Caption:
    horizon = formats.count(clock.horizon_days)
    columns = (
        Column("Days waited", numeric=False),
        Column("Waiting"),
        Column(f"Chance in {horizon} days"),
        Column("95% interval"),
    )
    rows = [
        row_of(
            (
                count_cell(day.days, formats),
                count_cell(day.at_risk_count, formats),
                share_cell(day.chance.value if day.chance else None, formats, 1),
                share_range(day.chance, formats),
            )
        )
        for day in days[::10]
    ]
    title = f"Chance of a second order in the next {horizon} days, by days waited"
    spoken = "; ".join(
        f"after {day.days} days {formats.share(day.chance.value, 0)}"
        for day in (days[0], days[len(days) // 2], days[-1])
        if day.chance
    )
    data = table_of("Chance of a second order by days waited", columns, rows)
    return Caption("second-order-chance", title, title, f"{title}. {spoken}.", "", data)
