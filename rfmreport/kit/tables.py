"""The report's tables, every cell written out, so that what stands on the page adds up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from rfmreport.formats import (
    MINUS,
    MISSING,
    Formats,
    rounded_that_add_up,
    shares_that_add_up,
)
from rfmreport.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.report import Report
    from rfmreport.source.audit import Audit, AuditRow
    from rfmreport.vocabulary import Finding

_PREFIX, _SUFFIX = re.compile(r"\D+"), re.compile(r"[^\w.,]+$")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `hint` is the small line under its label."""

    label: str
    numeric: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is read, and the value behind it (for sorting and CSV)."""

    text: str
    value: str = ""
    tone: str = ""

    @property
    def raw(self) -> str:
        """Return what a machine should read."""
        return self.value or self.text


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `key` is the index of its segment in the scheme, `note` the line under its name."""

    cells: tuple[Cell, ...]
    key: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, columns and rows; the first cell of a row is its heading.

    `parts` stand below the total: they are contained in it and add nothing to it.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    parts: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class TitledTable:
    """A finding, the table that it was found in, and how to read that."""

    title: str
    table: Table
    note: str


def shown(text: str, limit: int = 80) -> str:
    """Return text fit to be printed: no control characters, and cut at `limit` characters."""
    printable = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return printable if len(printable) <= limit else printable[: limit - 1].rstrip() + "…"


def range_text(low: str, high: str) -> str:
    """Write two written bounds as one range; a unit of both is said once: "86.2–91.5%"."""
    before, after = _PREFIX.match(low), _SUFFIX.search(low)
    if before and MINUS not in before[0]:
        high = high.removeprefix(before[0])
    if after and high.endswith(after[0]):
        low = low.removesuffix(after[0])
    return f"{low}–{high}"


def share_texts(parts: Sequence[float | Decimal], formats: Formats) -> list[str]:
    """Write the parts as percentages of their sum that add up to 100.0 on the page."""
    return [formats.share(float(share / 100)) for share in shares_that_add_up(parts)]


def raw_text(value: float | Decimal | None) -> str:
    """Return a value as a machine reads it; a missing one is empty."""
    return "" if value is None else str(value)


def changed_settings(report: Report) -> list[tuple[str, str]]:
    """Return the settings of the report that are not the defaults."""
    defaults = Settings().described()
    settings = report.method.settings.items()
    return [(name, value) for name, value in settings if value != defaults.get(name, "")]


def bridge_table(audit: Audit, formats: Formats) -> Table:
    """Return the bridge from the file to what was analysed: its rows add up, to the cent."""
    parts = (*audit.excluded, audit.kept)
    amounts = rounded_that_add_up([row.amount for row in parts], 2)
    removed = tuple(
        _bridge_row(f"less: {row.label}", row, -amount, formats, sign=-1)
        for row, amount in zip(audit.excluded, amounts[:-1], strict=True)
    )
    read = _bridge_row(audit.read.label, audit.read, sum(amounts, Decimal(0)), formats)
    kept = _bridge_row(audit.kept.label, audit.kept, amounts[-1], formats)
    contained = tuple(
        _bridge_row(f"of which: {row.label}", row, row.amount, formats)
        for row in audit.kept_adjustments
    )
    return Table(
        "From everything read to what was analysed",
        (
            Column("Step", numeric=False),
            Column("Lines"),
            Column("Orders"),
            Column("Amount"),
        ),
        (read, *removed),
        kept,
        contained,
    )


def _bridge_row(label: str, row: AuditRow, amount: Decimal, formats: Formats, sign: int = 1) -> Row:
    return Row(
        (
            Cell(shown(label)),
            Cell(formats.count(sign * row.line_count), str(sign * row.line_count)),
            Cell(formats.count(sign * row.order_count), str(sign * row.order_count)),
            Cell(formats.money(amount, 2), str(amount)),
        )
    )


def finding_table(findings: Sequence[Finding], formats: Formats) -> Table:
    """Return the data-quality findings, warnings first."""
    ordered = sorted(findings, key=lambda finding: finding.severity != "warning")
    rows = tuple(
        Row(
            (
                Cell(shown(finding.text, 240)),
                Cell(finding.severity.capitalize()),
                Cell(formats.count(finding.line_count), raw_text(finding.line_count)),
                Cell(formats.money(finding.amount), raw_text(finding.amount)),
            )
        )
        for finding in ordered
    )
    columns = (
        Column("Finding", numeric=False),
        Column("Weight", numeric=False),
        Column("Lines"),
        Column("Amount"),
    )
    return Table("What a reader should know about the data", columns, rows)


MEASURES: dict[Literal["recency_days", "order_count", "revenue"], str] = {
    "recency_days": "Recency",
    "order_count": "Frequency",
    "revenue": "Monetary value",
}


def cuts_table(report: Report, formats: Formats) -> Table:
    """Return the cuts in words: one row per score, the best first, a column pair per measure."""
    by_place = {(row.measure, row.score): row for row in report.method.cuts}
    scores = sorted({row.score for row in report.method.cuts}, reverse=True)
    measures = [name for name in MEASURES if any(row.measure == name for row in report.method.cuts)]
    rows = []
    for score in scores:
        cells = [Cell(f"Score {score}")]
        for measure in measures:
            cut = by_place.get((measure, score))
            cells.append(Cell(shown(cut.label) if cut else MISSING))
            cells.append(Cell(formats.count(cut.customer_count) if cut else MISSING))
        rows.append(Row(tuple(cells)))
    columns = [Column("Score", numeric=False)]
    for measure in measures:
        columns += [Column(MEASURES[measure]), Column("n", hint="customers")]
    return Table("The cuts that turn a value into a score", tuple(columns), tuple(rows))
