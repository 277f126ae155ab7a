"""What the sections of the departments' pages are made of: a table, a note, and common cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from rfmreport.formats import MISSING, rounded_that_add_up
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Target
    from rfmreport.sections.loyalty.figures import OverdueSegment
    from rfmreport.sections.plan.figures import Projection, Reconciliation, ReturnMonth
    from rfmreport.vocabulary import Estimate

Medium = Literal["screen", "print"]
_Row = TypeVar("_Row", "Target", "OverdueSegment", "ReturnMonth")
NAME = 60


@dataclass(frozen=True, slots=True)
class Block:
    """What a section prints besides its charts: a table, another beside it, and a note.

    `lead` is the sentence above them; `people` is a table of single customers, apart from the
    others because not everybody may see it, and `listed` says, with it alone, which ones it has.
    """

    table: Table | None = None
    beside: Table | None = None
    note: str = ""
    lead: str = ""
    people: Table | None = None
    listed: str = ""


def segment_keys(report: Report) -> dict[str, int]:
    """Return the place of each segment in the scheme, by which templates know its colour."""
    return {row.name: place for place, row in enumerate(report.segments.rows)}


def name_cell(name: str, limit: int = 40) -> Cell:
    """Return a name fit to be printed, with more of it for a machine."""
    return Cell(shown(name, limit), shown(name, 2 * limit))


def count_cell(value: float | None, formats: Formats) -> Cell:
    """Return a whole number."""
    return Cell(formats.count(value), "" if value is None else f"{value:g}")


def number_cell(value: float | None, formats: Formats) -> Cell:
    """Return a number with at most one decimal."""
    return Cell(formats.number(value), "" if value is None else f"{value:.6f}")


def share_cell(value: float | None, formats: Formats, digits: int = 0) -> Cell:
    """Return a share as a percentage."""
    return Cell(formats.share(value, digits), "" if value is None else f"{value:.6f}")


def money_cell(value: Decimal | float | None, formats: Formats) -> Cell:
    """Return an amount in full."""
    return Cell(formats.money(value), "" if value is None else f"{value:.2f}")


def short_money_cell(value: Decimal | float | None, formats: Formats) -> Cell:
    """Return an amount to three figures."""
    return Cell(formats.money_short(value), "" if value is None else f"{value:.2f}")


def change_cell(value: float | None, formats: Formats) -> Cell:
    """Return a relative change, coloured by its direction."""
    tone = "" if not value else "up" if value > 0 else "down"
    return Cell(formats.relative_change(value), "" if value is None else f"{value:.6f}", tone)


def money_range(low: Decimal | float, high: Decimal | float, formats: Formats) -> str:
    """Write two bounds of money: "£4,466–£22.3k"."""
    return f"{formats.money_short(low)}–{formats.money_short(high)}"


def share_range(estimate: Estimate | None, formats: Formats) -> Cell:
    """Return the bounds of a share: "36%–39%"."""
    if estimate is None:
        return Cell(MISSING)
    bounds = (formats.share(end, 0) for end in (estimate.low, estimate.high))
    return Cell("–".join(bounds), f"{estimate.low:.6f}")


def adding_up(rows: Sequence[_Row], names: Sequence[str]) -> list[_Row]:
    """Return the rows with these figures rounded so that each sums to its rounded total."""
    columns = {
        name: rounded_that_add_up([Decimal(str(getattr(row, name))) for row in rows])
        for name in names
    }
    changes: list[dict[str, Any]] = [
        {name: column[place] for name, column in columns.items()} for place in range(len(rows))
    ]
    return [replace(row, **of_row) for row, of_row in zip(rows, changes, strict=True)]


def table_of(
    caption: str,
    columns: Iterable[Column],
    rows: Iterable[Row],
    total: Row | None = None,
) -> Table:
    """Return a table of any columns and rows."""
    return Table(caption, tuple(columns), tuple(rows), total)


def row_of(cells: Sequence[Cell], key: int | None = None, note: str = "") -> Row:
    """Return one row; `key` gives it the colour of a segment."""
    return Row(tuple(cells), key, note)


def reconciled_words(projection: Projection, formats: Formats) -> str:
    """Say whether today's customers, by their own past, bring what the projection leaves them."""
    found, whole = projection.reconciliation, projection.forecast
    if found is None:
        return ""
    left, outlook = found.expected_of_known, found.outlook
    months = formats.count(projection.month_count)
    return (
        f"Of the {formats.money_short(whole.value)} projected "
        f"({money_range(whole.low, whole.high, formats)}), "
        f"{formats.money_short(left.value)} ({money_range(left.low, left.high, formats)}) would "
        "come from customers known today: in the last "
        f"{months} months {formats.share(found.new_share, 0)} of revenue came from customers whose "
        "first order lay in them. By their own past those known today bring "
        f"{formats.money_short(outlook.value)} ({money_range(outlook.low, outlook.high, formats)}):"
        f" {_verdict_words(found, formats)}."
    )


def _verdict_words(found: Reconciliation, formats: Formats) -> str:
    if found.agrees:
        return "the two agree"
    by = formats.share(abs(found.difference), 0)
    way = "more" if found.difference > 0 else "less"
    if not found.overlaps:
        return f"{by} {way}, beyond the ranges of both. The two do not agree: trust neither alone"
    return (
        f"{by} {way}, while the rule was off by {formats.share(found.past_error, 0)} on the past. "
        "The ranges overlap, so neither can be excluded: plan with the wider one"
    )
