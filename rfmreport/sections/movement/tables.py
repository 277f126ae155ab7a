"""The tables of what moved: the bridge of each segment, who went where, and who to call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.kit.drawings import fitted
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    shown,
)
from rfmreport.sections.movement.page import (
    LEFT,
    NEW,
    RARE_PARTS,
    RETURNING,
    parts_told,
    reasons_note,
    slipped_note,
    slipped_title,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import (
        Flow,
        MovedCustomer,
        Movement,
        SegmentBridge,
    )

SHOWN_SLIPPED = {"screen": 50, "print": 10}
_SLIPPED_ON_TWO_PAGES = 15
_FEW_SEGMENTS = 6
_NAME_WIDTH = 150


@dataclass(frozen=True, slots=True)
class MovedBlock:
    """What the section prints beside its chart.

    `matrix` is None where paper has no room for it, `slipped` where nobody slipped. `is_narrow`:
    bridges and matrix fit beside each other.
    """

    bridges: Table
    reasons: str
    matrix: Table | None
    is_narrow: bool
    slipped_title: str
    slipped: Table | None
    slipped_note: str


def moved_block(
    report: Report, formats: Formats, medium: Literal["screen", "print"]
) -> MovedBlock | None:
    """Return the tables and notes of the section; None without an earlier date.

    On paper the section fills one page, or two for a large scheme.
    """
    movement = report.movement
    if movement is None:
        return None
    is_small = len(movement.bridges) <= _FEW_SEGMENTS
    is_narrow = is_small and not set(parts_told(movement)) & RARE_PARTS
    is_long = medium == "print" and not is_small
    called = movement.slipped[: _SLIPPED_ON_TWO_PAGES if is_long else SHOWN_SLIPPED[medium]]
    has_room = medium == "screen" or is_narrow or is_long
    return MovedBlock(
        bridges=bridges_table(report, movement, formats),
        reasons=reasons_note(movement, formats),
        matrix=matrix_table(movement, formats) if has_room else None,
        is_narrow=is_narrow,
        slipped_title=slipped_title(movement, formats),
        slipped=slipped_table(called, formats) if called else None,
        slipped_note=slipped_note(movement, len(called), formats),
    )


def bridges_table(report: Report, movement: Movement, formats: Formats) -> Table:
    """Return how each segment came to its size: every row and every column adds up."""
    parts = parts_told(movement)
    columns = (
        Column("Segment", numeric=False),
        Column("Before", hint=_short_day(movement.before_as_of, formats)),
        *(Column(part.capitalize()) for part in parts),
        Column("Now", hint=_short_day(report.as_of, formats)),
        Column("Change"),
    )
    rows = tuple(
        _bridge_row(shown(bridge.segment, 40), [bridge], parts, formats, key)
        for key, bridge in enumerate(movement.bridges)
    )
    total = _bridge_row("All customers", movement.bridges, parts, formats, None)
    return Table("How each segment came to its size", columns, rows, total)


def _short_day(day: date, formats: Formats) -> str:
    return f"{day.day} {formats.month_name_short(day)}"


def _bridge_row(
    name: str,
    bridges: Sequence[SegmentBridge],
    parts: Sequence[str],
    formats: Formats,
    key: int | None,
) -> Row:
    """Return the row of one segment, or of all of them together."""
    before = sum(bridge.before_count for bridge in bridges)
    now = sum(bridge.now_count for bridge in bridges)
    net = [sum(getattr(bridge, part) for bridge in bridges) for part in parts]
    cells = (
        Cell(name),
        Cell(formats.count(before), str(before)),
        *(Cell(formats.count_change(count), str(count)) for count in net),
        Cell(formats.count(now), str(now)),
        Cell(formats.count_change(now - before), str(now - before)),
    )
    return Row(cells, key)


def matrix_table(movement: Movement, formats: Formats) -> Table:
    """Return the customers by segment before (rows) and now (columns), with totals."""
    names = [bridge.segment for bridge in movement.bridges]
    counts: dict[tuple[int, int], int] = {}
    for flow in movement.flows:
        ends = _place(flow, names)
        counts[ends] = counts.get(ends, 0) + flow.customer_count
    befores, nows = (_shown_places(names, {ends[i] for ends in counts}) for i in (0, 1))
    rows = tuple(
        _matrix_row(_row_name(before, names), [before], nows, counts, formats) for before in befores
    )
    columns = (
        Column("From", numeric=False),
        *(Column(_column_name(now, names)) for now in nows),
        Column("Total"),
    )
    total = _matrix_row("Total", befores, nows, counts, formats)
    caption = "Customers by earlier segment (rows) and today’s (columns, numbered as the rows)"
    return Table(caption, columns, rows, total)


# Places after the last segment; a segment's name can be any text, so names would not do.
_OUTSIDE = (NEW, RETURNING, LEFT)


def _place(flow: Flow, names: Sequence[str]) -> tuple[int, int]:
    new, returning, left = range(len(names), len(names) + len(_OUTSIDE))
    outside = returning if flow.reason == "returning" else new
    return (
        outside if flow.before is None else names.index(flow.before),
        left if flow.now is None else names.index(flow.now),
    )


def _shown_places(names: Sequence[str], found: set[int]) -> list[int]:
    """Return every segment, and those outside of all that occur."""
    return [*range(len(names)), *sorted(place for place in found if place >= len(names))]


def _row_name(place: int, names: Sequence[str]) -> str:
    if place >= len(names):
        return _OUTSIDE[place - len(names)]
    return f"{place + 1} {shown(names[place], 40)}"


def _column_name(place: int, names: Sequence[str]) -> str:
    return _OUTSIDE[place - len(names)] if place >= len(names) else str(place + 1)


def _matrix_row(
    name: str,
    befores: Sequence[int],
    nows: Sequence[int],
    counts: Mapping[tuple[int, int], int],
    formats: Formats,
) -> Row:
    cells = [Cell(name)]
    for now in nows:
        count = sum(counts.get((before, now), 0) for before in befores)
        tone = "stayed" if list(befores) == [now] else "" if count else "nobody"
        cells.append(Cell(formats.count(count), str(count), tone))
    total = sum(int(cell.value) for cell in cells[1:])
    return Row((*cells, Cell(formats.count(total), str(total))))


def slipped_table(customers: Sequence[MovedCustomer], formats: Formats) -> Table:
    """Return those to call, most spend first."""
    rows = tuple(_slipped_row(customer, formats) for customer in customers)
    columns = (
        Column("Customer", numeric=False),
        Column("From", numeric=False),
        Column("To", numeric=False),
        Column("Days since last order"),
        Column("Orders"),
        Column("Spend"),
    )
    return Table("Customers who slipped, most spend first", columns, rows)


def _slipped_row(customer: MovedCustomer, formats: Formats) -> Row:
    ends = (fitted(shown(name, 40), _NAME_WIDTH) for name in (customer.before, customer.now))
    return Row(
        (
            Cell(shown(customer.customer_id, 40), shown(customer.customer_id, 80)),
            *map(Cell, ends),
            Cell(formats.count(customer.recency_days), str(customer.recency_days)),
            Cell(formats.count(customer.order_count), str(customer.order_count)),
            Cell(formats.money(customer.revenue), str(customer.revenue)),
        )
    )
