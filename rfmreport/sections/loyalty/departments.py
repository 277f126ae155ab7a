"""What departments are told of this topic: who is overdue, second orders and cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.checks import overdue_words
from rfmreport.kit.cells import (
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
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE
from rfmreport.kit.drawings import HALF, Drawing, along, round_ticks, text_width
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.tables import Cell, Column, Row, Table
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty.tables import loyalty_block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import SecondOrderDay, SecondOrders
    from rfmreport.sections.loyalty.rhythm_figures import Rhythm, RhythmTrial

    Place = Callable[[float, float], tuple[float, float]]

_HEADLINE_DAYS = (30, 60, 90)


def _overdue_finding(report: Report, formats: Formats) -> str:
    rhythm = report.department_figures.rhythm
    if rhythm is None or not rhythm.rows:
        return ""
    words = (
        f"{formats.count(rhythm.overdue_count)} of {formats.count(rhythm.customer_count)} "
        "customers with a rhythm are overdue"
    )
    revenue = f"{formats.money_short(rhythm.overdue_year_revenue)} of twelve months’ revenue"
    trial = rhythm.trial
    if trial is None:
        return f"{words}, with {revenue}"
    if trial.tells_more:
        return f"{words}: {revenue} may leave"
    return (
        f"{words}, with {revenue}; of such customers {formats.share(trial.overdue.value, 0)} "
        f"ordered again within {formats.count(trial.days)} days"
    )


def _second_order_finding(report: Report, formats: Formats) -> str:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None or not clock.is_told:
        return ""
    day = max(day for day in _HEADLINE_DAYS if day < len(clock.days))
    share = formats.share(1 - clock.days[day].waiting, 0)
    return f"{share} of new customers order again within {day} days; {_waiting(clock, formats)}"


def _waiting(clock: SecondOrders, formats: Formats) -> str:
    if clock.turning and clock.cold_after_days:
        turning, waiting = clock.turning.customer_count, clock.one_order_count
        return (
            f"{formats.count(turning)} of {formats.count(waiting)} one-order customers go cold by "
            f"{formats.day(clock.turning_until)}"
        )
    chances = {day.days: day.chance for day in clock.days if day.chance}
    whom = formats.count(clock.one_order_count)
    if not chances:
        return f"{whom} still have one order"
    lowest = min(chances, key=lambda day: chances[day].value)
    first, last = chances[min(chances)], chances[lowest]
    if last.high >= first.low:
        return f"for the {whom} who wait, the chance hardly depends on how long they have"
    return (
        f"for the {whom} who wait, the chance falls from {formats.share(first.value, 0)} to "
        f"{formats.share(last.value, 0)} after {formats.count(lowest)} days"
    )


def _cohorts_finding(report: Report, formats: Formats) -> str:
    cohorts = report.loyalty.cohorts if report.loyalty else None
    if cohorts is None or not cohorts.shown:
        return ""
    group = cohorts.everyone
    if group is None:
        return f"{formats.count(len(cohorts.shown))} months of new customers, followed since"
    first, last = (formats.month(group.first_months[i]) for i in (0, -1))
    return (
        f"{formats.share(group.share.value, 0)} of {formats.count(group.share.customer_count)} "
        f"customers won from {first} to {last} ordered in one of the three months after"
    )


_OVERDUE = {"screen": 50, "print": 10}


_HIGH, _LEFT, _RIGHT, _BASE = 168, 38.0, 10.0, 34


_LINE = 1.1  # half of the line's thickness


_STEPS, _LABEL = 120, 14


def overdue_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the overdue by segment, and those of them with most to lose."""
    rhythm = report.department_figures.rhythm
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


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "overdue",
        "Overdue",
        _overdue_finding,
        block=overdue_block,
        files=("data/overdue.csv",),
        reasons=("Overdue customers",),
        names_customers=True,
        has_sides=True,
    ),
    Section(
        "second_order",
        "The second order",
        _second_order_finding,
        drawings=(chance_drawing,),
        block=second_order_block,
        files=("data/second_order.csv",),
        reasons=("The second-order clock",),
        is_narrow=True,
        charts=("second-order-chance",),
        look="one-order",
    ),
    Section(
        "cohorts",
        "Cohorts",
        _cohorts_finding,
        files=("data/cohorts.csv",),
        reasons=("Retention by first-order month",),
        charts=("cohorts",),
    ),
)
"""What departments may be told of this topic."""
