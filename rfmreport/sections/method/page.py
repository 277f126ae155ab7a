"""The section on how the report was made: the account, the data, the cuts, and the settings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.formats import MISSING, Formats, rounded_that_add_up
from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Cell, Column, Row, Table, shown
from rfmreport.sections.method.charts import scheme_drawing
from rfmreport.sections.method.cluster_tables import SHEETS, cluster_block
from rfmreport.sections.method.ruler_tables import MEASURES, ruler_block
from rfmreport.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.kit.sections import Medium
    from rfmreport.report import Report
    from rfmreport.source.audit import Audit, AuditRow
    from rfmreport.vocabulary import Finding


def changed_settings(report: Report) -> list[tuple[str, str]]:
    """Return the settings of the report that are not the defaults."""
    defaults = Settings().described()
    settings = report.method.settings.items()
    return [(name, value) for name, value in settings if value != defaults.get(name, "")]


def bridge_table(audit: Audit, formats: Formats) -> Table:
    """Return the bridge from the file to what was analysed: its rows add up, to the cent."""
    parts = (*audit.told, audit.kept)
    amounts = rounded_that_add_up([row.amount for row in parts], 2)
    removed = tuple(
        _bridge_row(f"less: {row.label}", row, -amount, formats, sign=-1)
        for row, amount in zip(audit.told, amounts[:-1], strict=True)
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
    fields: tuple[Field[Finding], ...] = (
        Field("", "Finding", lambda finding: finding.text, limit=240),
        Field("", "Weight", lambda finding: finding.severity.capitalize()),
        Field("", "Lines", lambda finding: finding.line_count, "count"),
        Field("", "Amount", lambda finding: finding.amount, "money"),
    )
    return page_table("What a reader should know about the data", fields, ordered, formats)


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


def _finding(report: Report, formats: Formats) -> str:
    audit = report.audit
    return (
        f"{formats.money_short(audit.kept.amount)} of {formats.money_short(audit.read.amount)} "
        "in the source is analysed"
    )


def _page(report: Report, formats: Formats, _: Medium) -> dict[str, Any]:
    return {
        "bridge": bridge_table(report.audit, formats),
        "findings": finding_table(report.findings, formats),
        "cuts": cuts_table(report, formats),
        "ruler": ruler_block(report, formats),
        "clusters": cluster_block(report, formats),
        "settings": changed_settings(report),
    }


def _bridge(report: Report) -> list[tuple[str, AuditRow]]:
    """Return the bridge: what was read, each exclusion, what was kept and what is part of it."""
    audit = report.audit
    parts = [("read", audit.read), *(("excluded", row) for row in audit.told)]
    return [
        *parts,
        ("kept", audit.kept),
        *(("of which kept", row) for row in audit.kept_adjustments),
    ]


AUDIT: Sheet[Report, tuple[str, AuditRow]] = Sheet(
    "audit",
    "One row per verdict: what was read, what each rule left out, what was kept; money is exact.",
    (
        Field("part", "", lambda row: row[0]),
        Field("exclusion", "", lambda row: row[1].exclusion or ""),
        Field("label", "", lambda row: row[1].label),
        Field("lines", "", lambda row: row[1].line_count, "count"),
        Field("orders", "", lambda row: row[1].order_count, "count"),
        Field("amount", "", lambda row: row[1].amount, "cents"),
    ),
    _bridge,
)
SECTION: Section[Report] = Section(
    "method", "How it was made", _finding, (scheme_drawing,), _page, sheets=(AUDIT, *SHEETS)
)
