"""Data & BI's page: the checks and how they came out, data quality, cuts, what changed, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.checks import checks_of
from rfmreport.departments.parts import (
    Block,
    Medium,
    count_cell,
    row_of,
    table_of,
)
from rfmreport.kit.tables import (
    Cell,
    Column,
    cuts_table,
    finding_table,
    shown,
)
from rfmreport.sections.hold.tables import holding_block
from rfmreport.sections.method.ruler_tables import ruler_block

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report

_TONES = {"holds": "up", "soft": "", "fails": "down"}
_SIGNS = {"holds": "✓ holds", "soft": "~ with care", "fails": "✗ fails"}


def checks_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return every check, how it came out, and the figures that say so."""
    columns = (
        Column("Check", numeric=False),
        Column("Verdict"),
        Column("Evidence", numeric=False),
    )
    rows = [
        row_of(
            (
                Cell(check.name),
                Cell(_SIGNS[check.verdict], check.verdict, _TONES[check.verdict]),
                Cell(shown(_capital(check.evidence), 320)),
            )
        )
        for check in checks_of(report, formats)
    ]
    note = (
        "With care: not wrong, but how far it can move matters. What cannot be checked with these "
        "data is left out."
    )
    return Block(table_of("What was checked, and how it came out", columns, rows), note=note)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def quality_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return what a reader should know about the data, warnings first."""
    return Block(finding_table(report.findings, formats))


def hold_outs_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return who came back after the latest earlier date, by segment, and whether in order."""
    told = holding_block(report, formats)
    note = (
        "Lead: the share that came back, less that of the next segment; in order, if its 95% "
        "interval lies above zero, unclear, if it holds zero."
    )
    return Block(told.latest, note=note) if told else None


def cuts_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return the cuts in words, and where they come from."""
    told = ruler_block(report, formats)
    notes = [f"Method: {shown(report.method.cuts_method, 200)}."]
    notes += told.notes if told else ()
    return Block(cuts_table(report, formats), note=" ".join(notes))


def changes_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return what is not the customers' doing: corrections of the past, and the ruler."""
    rows = []
    movement = report.movement
    if movement and movement.restated_from:
        rows += [
            row_of(
                (
                    Cell(shown(bridge.segment, 40)),
                    count_cell(bridge.before_count, formats),
                    Cell(formats.count_change(bridge.restated), str(bridge.restated)),
                )
            )
            for bridge in movement.bridges
        ]
    told = ruler_block(report, formats)
    note = " ".join((f"{told.title}.", *told.notes)) if told else ""
    if not rows:
        return Block(note=note) if note else None
    assert movement  # noqa: S101  else there would be no rows
    columns = (
        Column("Segment", numeric=False),
        Column("Said then", hint=formats.day(movement.before_as_of)),
        Column("Restated"),
    )
    said = f"Said then: by {shown(movement.restated_from or '', 60)}. {note}"
    return Block(table_of("What the past is said to be now", columns, rows), note=said.strip())


def definitions_block(report: Report, _: Formats, __: Medium) -> Block:
    """Return what the words mean."""
    columns = (Column("Word", numeric=False), Column("Meaning", numeric=False))
    rows = [
        row_of((Cell(shown(term, 60)), Cell(shown(words, 300))))
        for term, words in report.method.definitions
    ]
    half = (len(rows) + 1) // 2
    first, second = (
        table_of("What the words of the report mean", columns, part)
        for part in (rows[:half], rows[half:])
    )
    return Block(first, second if second.rows else None)
