"""What departments are told of this topic: what to say to whom, and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.cells import (
    adding_up,
    count_cell,
    money_cell,
    money_range,
    name_cell,
    reconciled_words,
    row_of,
    segment_keys,
    share_cell,
    short_money_cell,
    table_of,
)
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import Cell, Column, shown

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import AudienceValue, PlaybookCard, Reach
    from rfmreport.sections.concentration.figures import Target, Targets


def _audiences_finding(report: Report, formats: Formats) -> str:
    reach = report.department_figures.reach
    if reach is None or not reach.rows:
        return ""
    best = reach.rows[0]
    title = next((one.title for one in report.recommendations if one.segment == best.segment), "")
    count = formats.count(best.contact_count)
    few, many = (formats.number(points) for points in reach.extra_points)
    return (
        f"{title or f'Talk to {people(best.segment)} first'}: {few} to {many} more in 100 of these "
        f"{count} would add {formats.money_short(best.extra_low)} to "
        f"{formats.money_short(best.extra_high)} within {formats.count(reach.days)} days"
    )


def points_words(reach: Reach, formats: Formats) -> str:
    """Say what is supposed of a contact: "1 to 5 more buyers in 100"."""
    few, many = (formats.number(points) for points in reach.extra_points)
    return f"{few} to {many} more buyers in 100"


def _messages_finding(report: Report, formats: Formats) -> str:
    if not report.playbook:
        return ""
    first = report.recommendations[0].title if report.recommendations else ""
    count = formats.count(len(report.playbook))
    return f"{count} segments, {count} messages; first: {first}" if first else ""


def _targets_finding(report: Report, formats: Formats) -> str:
    targets = report.department_figures.targets
    if targets is None or not targets.rows:
        return ""
    total, top = targets.total, max(report.segments.rows, key=lambda row: row.revenue)
    floor = total.floor
    low, high = (formats.money_short(end) for end in (floor.low, floor.high))
    return (
        f"{formats.share(top.revenue_share, 0)} of the money comes from {top.name}; a fair target "
        f"for {formats.count(targets.days)} days is {formats.money_short(total.target)}, "
        f"{formats.money_short(floor.value)} of it as things go ({low} to {high})"
    )


_MESSAGES = {"screen": 50, "print": 6}


def audiences_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the segments as audiences, those that a contact could add most to first."""
    reach = report.department_figures.reach
    if reach is None:
        return None
    keys = segment_keys(report)
    soon, later = (formats.count(days) for days in (reach.windows[0], reach.windows[-1]))
    columns = [
        Column("Audience", numeric=False),
        Column("Contacts"),
        Column("Order anyway", hint=f"in {soon} days"),
        Column("Order anyway", hint=f"in {later} days"),
        Column("Spend", hint="of a buyer"),
        Column("Extra buyers"),
        Column("Extra revenue"),
        Column("Per contact"),
    ]
    rows = [row_of(_audience_cells(one, formats), keys.get(one.segment)) for one in reach.rows]
    untold = ", ".join(shown(name, 32) for name in reach.untold)
    missing = f" Too few like them were known before to say of {untold}." if untold else ""
    note = (
        f"Extra: if {points_words(reach, formats)} order within {formats.count(reach.days)} days "
        "than do anyway, at what the median customer of the segment who came back spent; a "
        f"supposition of the settings, not a forecast. Per contact: the middle of the two.{missing}"
    )
    return Block(table_of("Segments as audiences, most to add first", columns, rows), note=note)


def _audience_cells(one: AudienceValue, formats: Formats) -> tuple[Cell, ...]:
    few, many = (formats.count(round(buyers)) for buyers in one.extra_buyers)
    return (
        name_cell(one.segment),
        count_cell(one.contact_count, formats),
        share_cell(one.shares[0].value, formats),
        share_cell(one.shares[-1].value, formats),
        money_cell(one.revenue_per_buyer, formats),
        Cell(f"{few}–{many}", f"{one.extra_buyers[1]:.2f}"),
        Cell(money_range(one.extra_low, one.extra_high, formats), f"{one.extra_high:.2f}"),
        Cell(formats.money(one.extra_per_contact, 2), f"{one.extra_per_contact:.4f}"),
    )


def messages_block(report: Report, _: Formats, medium: Medium) -> Block | None:
    """Return what to say to each segment, in the order of the audiences."""
    if not report.playbook:
        return None
    reach, keys = report.department_figures.reach, segment_keys(report)
    order = [row.segment for row in reach.rows] if reach else []
    cards = sorted(
        report.playbook,
        key=lambda card: order.index(card.segment) if card.segment in order else len(order),
    )
    room = 170 if medium == "screen" else 120
    shown_cards = cards[: _MESSAGES[medium]]
    note = ""
    if len(shown_cards) < len(cards):
        note = (
            f"The {len(shown_cards)} with most to add, of {len(cards)}; all of them are in the "
            "report’s playbook."
        )
    columns = (
        Column("To", numeric=False),
        Column("Do", numeric=False),
        Column("Offer", numeric=False),
        Column("Channel", numeric=False),
        Column("When", numeric=False),
    )
    rows = [row_of(_message_cells(card, room), keys.get(card.segment)) for card in shown_cards]
    return Block(table_of("What to say to each segment", columns, rows), note=note)


def _message_cells(card: PlaybookCard, room: int) -> tuple[Cell, ...]:
    texts = (card.actions[0] if card.actions else "", card.offer, card.channel, card.timing)
    return (name_cell(card.segment), *(Cell(shown(text, room)) for text in texts))


_NAME, _STEP, _TOP, _BOTTOM = 150, 22, 6, 24


def targets_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the targets by segment; rows and total add up."""
    targets = report.department_figures.targets
    if targets is None:
        return None
    keys = segment_keys(report)
    few, many = (formats.number(points) for points in targets.extra_points)
    columns = (
        Column("Segment", numeric=False),
        Column("Customers"),
        Column("Comes anyway", hint="likely"),
        Column("", hint="low–high"),
        Column("A buyer", hint="spends"),
        Column("More buyers", hint=f"{few} in 100"),
        Column("Target"),
        Column("More buyers", hint=f"{many} in 100"),
        Column("Stretch"),
    )
    rounded = adding_up(targets.rows, ("target_buyers", "target", "stretch_buyers", "stretch"))
    rows = [row_of(_target_cells(one, formats), keys.get(one.segment)) for one in rounded]
    total = row_of(_target_cells(targets.total, formats))
    days = formats.count(targets.days)
    table = table_of(f"Targets of the next {days} days by segment", columns, rows, total)
    return Block(table, note=_targets_note(targets, formats), lead=_plan_words(report, formats))


def _plan_words(report: Report, formats: Formats) -> str:
    """Warn where the floor of the targets does not agree with Finance's projection."""
    projection = report.department_figures.projection
    found = projection.reconciliation if projection else None
    if projection is None or found is None or found.agrees:
        return ""
    return f"Finance’s projection says otherwise. {reconciled_words(projection, formats)}"


def _target_cells(one: Target, formats: Formats) -> tuple[Cell, ...]:
    return (
        name_cell(one.segment),
        count_cell(one.customer_count, formats),
        short_money_cell(one.floor.value, formats),
        Cell(money_range(one.floor.low, one.floor.high, formats), f"{one.floor.low:.2f}"),
        money_cell(one.revenue_per_buyer, formats),
        count_cell(one.target_buyers, formats),
        money_cell(one.target, formats),
        count_cell(one.stretch_buyers, formats),
        money_cell(one.stretch, formats),
    )


def _targets_note(targets: Targets, formats: Formats) -> str:
    meaning = (
        "Comes anyway: what today’s customers bring by themselves, with its bounds. More buyers: "
        "customers in 100 who would else not come, at what the median one who came back spent. "
        "Customers still to be won are in none of it."
    )
    parts = [meaning]
    if targets.floor_error is not None:
        error = formats.share(abs(targets.floor_error), 0)
        way = "low" if targets.floor_error < 0 else "high"
        parts.append(f"Said of the past, the floor was {error} too {way}: hold it as a range.")
    if targets.untold_count:
        count = formats.count(targets.untold_count)
        parts.append(f"{count} customers of segments too small to say are left out.")
    return " ".join(parts)


def targets_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the floor of each segment as a range, with marks for target and stretch."""
    targets = report.department_figures.targets
    if targets is None or not targets.rows:
        return None
    caption = _targets_caption(targets, formats)
    drawing = Drawing(caption, WIDE, _TOP + _STEP * len(targets.rows) + _BOTTOM)
    highest = max(max(row.floor.high, float(row.stretch)) for row in targets.rows) or 1.0
    texts = [formats.money_short(row.target) for row in targets.rows]
    room = 16 + max(text_width(text, BODY) for text in texts) * 1.06
    extent, pixels, base = (0.0, highest), (float(_NAME), WIDE - room), drawing.height - _BOTTOM
    ticks = round_ticks(highest)
    places = [along(tick, extent, pixels) for tick in ticks]
    drawing.rules([(x, _TOP, x, base) for x in places[1:]])
    drawing.rules([(_NAME, _TOP, _NAME, base)], color=MUTED)
    marks = [(x, base + 12, formats.money_short(t)) for x, t in zip(places, ticks, strict=True)]
    drawing.texts(marks)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, (row, text) in enumerate(zip(targets.rows, texts, strict=True)):
        y = _TOP + _STEP * (place + 0.5)
        _target_row(drawing, row, y, colors[row.segment], extent, pixels, formats)
        right = along(row.floor.high, extent, pixels) + 10
        right = max(right, along(float(row.stretch), extent, pixels) + 10)
        drawing.texts([(right, y, text)], color=INK, align="left", fontSize=BODY, fontWeight=600)
    return drawing


def _target_row(  # noqa: PLR0913, PLR0917  a row has a place, a colour and a scale
    drawing: Drawing,
    row: Target,
    y: float,
    color: str,
    extent: tuple[float, float],
    pixels: tuple[float, float],
    formats: Formats,
) -> None:
    name = fitted(shown(row.segment, 40), _NAME - 12, BODY)
    drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
    low, high, likely, target, stretch = (
        along(float(value), extent, pixels)
        for value in (row.floor.low, row.floor.high, row.floor.value, row.target, row.stretch)
    )
    about = (
        f"{shown(row.segment, 60)}: comes anyway {formats.money_short(row.floor.value)} "
        f"({money_range(row.floor.low, row.floor.high, formats)}), target "
        f"{formats.money_short(row.target)}, stretch {formats.money_short(row.stretch)}"
    )
    bar = {"x": low, "x2": high, "y": y - 5, "y2": y + 5, "color": color, "about": about}
    drawing.add("bars", [bar], opacity=0.45)
    drawing.add("circles", [{"x": likely, "y": y, "size": 70, "color": color, "about": about}],
                opacity=1)  # fmt: skip
    drawing.rules([(x, y - 9, x, y + 9) for x in (target, stretch)], color=INK, strokeWidth=1.5)


def _targets_caption(targets: Targets, formats: Formats) -> Caption:
    columns = [Column("Segment", numeric=False)]
    labels = ("Comes anyway", "from", "to", "Target", "Stretch")
    columns += [Column(label) for label in labels]
    data = table_of(
        "What each segment brings anyway, its target and stretch",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    *(
                        money_cell(value, formats)
                        for value in (row.floor.value, row.floor.low, row.floor.high)
                    ),
                    money_cell(row.target, formats),
                    money_cell(row.stretch, formats),
                )
            )
            for row in targets.rows
        ],
    )
    title = f"Target of the next {formats.count(targets.days)} days"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.money_short(row.target)}" for row in targets.rows
    )
    note = "Bar and dot: what comes anyway, with its bounds. Lines: target and stretch."
    return Caption("targets", title, title, f"{title}. {spoken}.", note, data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "audiences",
        "Whom to talk to",
        _audiences_finding,
        block=audiences_block,
        files=("data/audiences_by_value.csv",),
        reasons=("Audiences by value",),
        look="audiences",
    ),
    Section("messages", "What to say", _messages_finding, block=messages_block, look="messages"),
    Section(
        "targets",
        "Targets",
        _targets_finding,
        drawings=(targets_drawing,),
        block=targets_block,
        files=("data/targets.csv",),
        reasons=("Targets by segment",),
        charts=("targets",),
        look="targets",
    ),
)
"""What departments may be told of this topic."""
