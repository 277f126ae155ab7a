"""Marketing's page: whom a contact is worth most, what to say, who orders anyway, who moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.findings import figures_of, points_words
from rfmreport.departments.parts import (
    Block,
    Medium,
    count_cell,
    money_cell,
    money_range,
    name_cell,
    row_of,
    segment_keys,
    share_cell,
    table_of,
)
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import (
    INK,
    MUTED,
    RULE,
    checked_color,
)
from rfmreport.kit.drawings import (
    BODY,
    HALF,
    Drawing,
    along,
    fitted,
)
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import AudienceValue, PlaybookCard
    from rfmreport.sections.movement.figures import Movement, SegmentBridge
    from rfmreport.sections.worth.figures import Respondents

_NAME, _STEP, _TOP = 116, 26, 20
_LONGEST = 60
_MESSAGES = {"screen": 50, "print": 6}


def audiences_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the segments as audiences, those that a contact could add most to first."""
    reach = figures_of(report).reach
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
    reach, keys = figures_of(report).reach, segment_keys(report)
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


def response_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who orders as things were: a bar per segment, dark for those who come soon."""
    response = report.worth.response if report.worth else None
    rows = [r for r in response.rows if r.customer_count >= FEWEST_CUSTOMERS] if response else []
    if response is None or not rows:
        return None
    caption = _response_caption(rows, response.windows, formats)
    drawing = Drawing(caption, HALF, _TOP + _STEP * len(rows) + 4)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    right = HALF - 40.0
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        soon, later = row.shares[0].value, row.shares[-1].value
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        color = colors[row.segment]
        about = f"{shown(row.segment, _LONGEST)}: {_share_words(row, response.windows, formats)}"
        ends = [along(share, (0, 1), (_NAME, right)) for share in (later, soon)]
        box = {"x": _NAME, "y": y - 8, "y2": y + 8, "color": color, "about": about}
        drawing.add("bars", [box | {"x2": right, "color": RULE}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[0]}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[1]}])
        text = formats.share(later, 0)
        drawing.texts([(right + 6, y, text)], color=INK, align="left", fontWeight=600)
    days = " and ".join(formats.count(days) for days in response.windows)
    drawing.texts([(_NAME, 8, f"Within {days} days")], align="left")
    return drawing


def _share_words(row: Respondents, windows: tuple[int, ...], formats: Formats) -> str:
    return ", ".join(
        f"{formats.share(share.value, 0)} within {formats.count(days)} days"
        for share, days in zip(row.shares, windows, strict=True)
    )


def _response_caption(
    rows: list[Respondents], windows: tuple[int, ...], formats: Formats
) -> Caption:
    columns = [Column("Segment", numeric=False), Column("Customers")]
    columns += [Column(f"Order in {formats.count(days)} days") for days in windows]
    data = table_of(
        "Share of each segment that orders as things were",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    count_cell(row.customer_count, formats),
                    *(share_cell(share.value, formats, 1) for share in row.shares),
                )
            )
            for row in rows
        ],
    )
    spoken = "; ".join(f"{shown(r.segment, 40)}: {_share_words(r, windows, formats)}" for r in rows)
    title = "Who orders as things were"
    note = (
        f"Full: within {formats.count(windows[0])} days; pale: within {formats.count(windows[-1])}."
        " They order anyway: a campaign is worth what comes on top."
    )
    return Caption("response-by-segment", title, title, f"{title}. {spoken}.", note, data)


def moves_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out what each segment gained and lost: parts to the right and left of its axis."""
    movement = report.movement
    if movement is None:
        return None
    rows = movement.bridges
    drawing = Drawing(_moves_caption(movement, formats), HALF, _TOP + _STEP * len(rows) + 4)
    gains = [sum(max(0, value) for value in _parts(row).values()) for row in rows]
    losses = [sum(max(0, -value) for value in _parts(row).values()) for row in rows]
    most_gained, most_lost = max(gains), max(losses)
    if not most_gained + most_lost:
        return None
    extent, pixels = (float(-most_lost), float(most_gained)), (float(_NAME), HALF - 84.0)
    axis = along(0, extent, pixels)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        _move_bars(drawing, row, colors[row.segment], y, extent, pixels, formats)
        change = formats.count_change(row.now_count - row.before_count)
        drawing.texts([(HALF - 40, y, change)], color=INK, align="right", fontWeight=600)
        drawing.texts([(HALF, y, formats.count(row.now_count))], align="right")
    drawing.rules([(axis, _TOP, axis, drawing.height - 4)], color=MUTED)
    drawing.texts([(HALF - 40, 8, "Change")], align="right")
    drawing.texts([(HALF, 8, "Now")], align="right")
    return drawing


_PARTS = ("bought", "aged", "new", "returning", "restated")
_PALE = 0.45


def _parts(bridge: SegmentBridge) -> dict[str, int]:
    return {part: getattr(bridge, part) for part in _PARTS}


def _move_bars(  # noqa: PLR0913, PLR0917  a row has a place and a scale
    drawing: Drawing,
    bridge: SegmentBridge,
    color: str,
    y: float,
    extent: tuple[float, float],
    pixels: tuple[float, float],
    formats: Formats,
) -> None:
    ends = {True: 0, False: 0}
    for part, value in _parts(bridge).items():
        if not value:
            continue
        start = ends[value > 0]
        ends[value > 0] = end = start + value
        left, right = sorted(along(place, extent, pixels) for place in (start, end))
        about = f"{shown(bridge.segment, _LONGEST)}: {part} {formats.count_change(value)}"
        look = color if part in {"bought", "aged"} else MUTED
        bar = {"x": left, "x2": right, "y": y - 8, "y2": y + 8, "color": look, "about": about}
        drawing.add("bars", [bar], **({"opacity": _PALE} if part == "aged" else {}))


def _moves_caption(movement: Movement, formats: Formats) -> Caption:
    told = [part for part in _PARTS if any(getattr(row, part) for row in movement.bridges)]
    columns = [Column("Segment", numeric=False), Column("Before")]
    columns += [Column(part.capitalize()) for part in told]
    columns.append(Column("Now"))
    data = table_of(
        "How each segment came to its size",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    count_cell(row.before_count, formats),
                    *(
                        Cell(formats.count_change(getattr(row, p)), str(getattr(row, p)))
                        for p in told
                    ),
                    count_cell(row.now_count, formats),
                )
            )
            for row in movement.bridges
        ],
    )
    title = f"Customers won and lost since {formats.day(movement.before_as_of)}"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.count_change(row.now_count - row.before_count)}"
        for row in movement.bridges
    )
    others = [_OTHERS[part] for part in told if part in _OTHERS]
    note = "Right: won; left: lost. Full colour: by buying; pale: by silence"
    note += f"; grey: {', '.join(others)}." if others else "."
    return Caption("segment-changes", title, title, f"{title}. {spoken}.", note, data)


_OTHERS = {"new": "first orders", "returning": "back in the window", "restated": "corrected"}
