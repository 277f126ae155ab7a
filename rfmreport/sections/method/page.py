"""The section on how the report was made: the account, the data, the cuts, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.customers.ruler import drift_sentence, verdict_of
from rfmreport.formats import Formats, rounded_that_add_up
from rfmreport.kit.sections import Medium, Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Cell, Column, Row, Table, share_texts, shown
from rfmreport.sections.method.charts import SHEETS, cluster_block, scheme_drawing
from rfmreport.settings import Settings
from rfmreport.source.audit import Audit, AuditRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.customers.figures import CutsRow, Ruler
    from rfmreport.report import Report
    from rfmreport.vocabulary import Finding, Insight

MEASURES: dict[Literal["recency_days", "order_count", "revenue"], str] = {
    "recency_days": "Recency",
    "order_count": "Frequency",
    "revenue": "Monetary value",
}
_Step = tuple[str, AuditRow, int, Decimal]
_CENTRES = "The centres of the clusters are the ruler, of this report alone"
ON_PAGE_ONE = 3
"""So many insights stand on the first page, which refers to their notes."""
_IN_TABLES = ("top_segment", "unattributed", "cancelled", "reversed")
_SETTLED = ("stable", "within chance", "too few customers")


@dataclass(frozen=True, slots=True)
class RulerBlock:
    """What the method section says about the cuts: the finding, sentences, and two tables.

    Where the cuts are `settled`, saved and still fitting, the sentences are enough on paper.
    """

    title: str
    notes: tuple[str, ...]
    moves: Table | None
    drift: Table | None
    settled: bool


def ruler_block(report: Report, formats: Formats) -> RulerBlock | None:
    """Return the block about the ruler; None where the report does not say where it comes from."""
    ruler = report.ruler
    if ruler is None:
        return None
    drift = drift_sentence(ruler, formats)
    notes = (_note(ruler, formats), drift or "")
    return RulerBlock(
        title=_CENTRES if report.clusters else _title(ruler, formats),
        notes=tuple(note for note in notes if note),
        moves=_moves_table(report, ruler, formats),
        drift=_drift_table(ruler, formats),
        settled=ruler.origin == "saved"
        and all(verdict_of(drift, ruler) in _SETTLED for drift in ruler.drift),
    )


def _title(ruler: Ruler, formats: Formats) -> str:
    if ruler.origin == "fixed":
        return "The cuts are fixed: they do not follow the customers"
    if ruler.origin == "ranked":
        return "Customers are ranked, ties by id: the cuts are made anew with each report"
    if ruler.origin == "saved":
        return f"Cuts {_made(ruler, formats)}, re-used"
    if ruler.origin == "fitted":
        return f"New cuts, fitted to the {_customers(ruler.customer_count, formats)} of this report"
    if not ruler.refit_moves:
        return "New cuts, although saved ones were there"
    return f"New cuts: that alone moved {_moved(ruler, formats)}"


def _made(ruler: Ruler, formats: Formats) -> str:
    day = f"of {formats.day(ruler.fitted_as_of)}" if ruler.fitted_as_of else "of this report"
    count = ruler.fitted_customer_count
    return day if count is None else f"{day}, from {_customers(count, formats)}"


def _moved(ruler: Ruler, formats: Formats) -> str:
    share = ruler.moved_count / ruler.customer_count if ruler.customer_count else 0.0
    return f"{_customers(ruler.moved_count, formats)} ({formats.share(share)})"


def _customers(count: int, formats: Formats) -> str:
    return f"{formats.count(count)} customer{'' if count == 1 else 's'}"


def _note(ruler: Ruler, formats: Formats) -> str:
    reason = shown(ruler.reason, 300)
    because = f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else ""
    if ruler.origin == "saved" and (ruler.refit_moves or ruler.drift):
        moved = _moved(ruler, formats) if ruler.refit_moves else "nobody"
        effect = f"New cuts would move {moved} to another segment, whatever the customers did."
        return f"{because} {effect}".strip()
    return because


def _moves_table(report: Report, ruler: Ruler, formats: Formats) -> Table | None:
    """Return the net effect of new cuts, a row per segment; the report holds one of the sizes."""
    if not ruler.refit_moves:
        return None
    moves, rows = ruler.refit_moves, report.segments.rows
    gained = [sum(m.customer_count for m in moves if m.refitted == row.name) for row in rows]
    lost = [sum(m.customer_count for m in moves if m.saved == row.name) for row in rows]
    now = [row.customer_count for row in rows]
    if ruler.origin == "saved":
        saved = now
    else:
        saved = [n - a + b for n, a, b in zip(now, gained, lost, strict=True)]
    fields: tuple[Field[tuple[str, int, int, int]], ...] = (
        Field("", "Segment", lambda move: move[0]),
        Field("", "Saved cuts", lambda move: move[1], "count", "customers"),
        Field("", "In", lambda move: move[2], "count_change", tone=_no_tone),
        Field("", "Out", lambda move: -move[3], "count_change", tone=_no_tone),
        Field("", "New cuts", lambda move: sum(move[1:3]) - move[3], "count", "customers"),
        Field("", "Net effect", lambda move: move[2] - move[3], "count_change", tone=_no_tone),
    )
    names = [row.name for row in rows]
    caption = (
        f"The segments of the same {_customers(sum(now), formats)}: under the saved cuts, and "
        "under new ones"
    )
    return page_table(
        caption,
        fields,
        list(zip(names, saved, gained, lost, strict=True)),
        formats,
        total=("All customers", sum(saved), sum(gained), sum(lost)),
        key=lambda move: names.index(move[0]),
    )


def _no_tone(_: object) -> str:
    """Leave a change uncoloured: what cuts do is neither good nor bad."""
    return ""


def _drift_table(ruler: Ruler, formats: Formats) -> Table | None:
    """Return shares of customers per score, then and now; index and verdict stand below."""
    if not ruler.drift:
        return None
    then = [share_texts(drift.shares_then, formats) for drift in ruler.drift]
    now = [share_texts(drift.shares_now, formats) for drift in ruler.drift]
    most = max(len(drift.shares_now) for drift in ruler.drift)
    rows = []
    for score in range(most, 0, -1):
        cells = [Cell(f"Score {score}")]
        for i, drift in enumerate(ruler.drift):
            before, after = drift.shares_then[score - 1], drift.shares_now[score - 1]
            cells += [Cell(then[i][score - 1], f"{before:.6f}")]
            cells += [Cell(now[i][score - 1], f"{after:.6f}")]
        rows.append(Row(tuple(cells)))
    columns = [Column("Score", numeric=False)]
    for drift in ruler.drift:
        columns += [Column(MEASURES[drift.measure], hint=hint) for hint in ("then", "now")]
    made = f" on {formats.day(ruler.fitted_as_of)}" if ruler.fitted_as_of else ""
    return Table(
        f"Share of customers with each score under the saved cuts: when they were made{made}, "
        "and now",
        tuple(columns),
        tuple(rows),
        _foot("Stability index", [formats.number(d.stability_index, 2) for d in ruler.drift]),
        (_foot("Verdict", [verdict_of(drift, ruler) for drift in ruler.drift]),),
    )


def _foot(label: str, texts: list[str]) -> Row:
    cells = [cell for text in texts for cell in (Cell(""), Cell(text))]
    return Row((Cell(label), *cells))


def changed_settings(report: Report) -> list[tuple[str, str]]:
    """Return the settings of the report that are not the defaults."""
    defaults = Settings().described()
    settings = report.method.settings.items()
    return [(name, value) for name, value in settings if value != defaults.get(name, "")]


def bridge_table(audit: Audit, formats: Formats) -> Table:
    """Return the bridge from the file to what was analysed: its rows add up, to the cent."""
    amounts = rounded_that_add_up([row.amount for row in (*audit.told, audit.kept)], 2)
    read: _Step = (audit.read.label, audit.read, 1, sum(amounts, Decimal(0)))
    steps: list[_Step] = [
        (f"less: {row.label}", row, -1, -amount)
        for row, amount in zip(audit.told, amounts[:-1], strict=True)
    ]
    fields: tuple[Field[_Step], ...] = (
        Field("", "Step", lambda step: step[0], limit=80),
        Field("", "Lines", lambda step: step[2] * step[1].line_count, "count"),
        Field("", "Orders", lambda step: step[2] * step[1].order_count, "count"),
        Field("", "Amount", lambda step: step[3], "cents"),
    )
    return page_table(
        "From everything read to what was analysed",
        fields,
        (read, *steps),
        formats,
        total=(audit.kept.label, audit.kept, 1, amounts[-1]),
        parts=[(f"of which: {row.label}", row, 1, row.amount) for row in audit.kept_adjustments],
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


def cuts_table(report: Report, formats: Formats, medium: Medium = "screen") -> Table:
    """Return the cuts in words: one row per score, the best first, a column pair per measure.

    On paper without the customers of each score: half a page is wide.
    """
    cuts = report.method.cuts
    measures = [name for name in MEASURES if any(row.measure == name for row in cuts)]
    fields = [Field[int]("", "Score", lambda score: f"Score {score}")]
    for measure in measures:
        of = {row.score: row for row in cuts if row.measure == measure}
        fields.append(Field("", MEASURES[measure], partial(_label, of), limit=80, numeric=True))
        if medium == "screen":
            fields.append(Field("", "n", partial(_count, of), "count", "customers"))
    scores = sorted({row.score for row in cuts}, reverse=True)
    return page_table("The cuts that turn a value into a score", fields, scores, formats)


def _label(cuts: Mapping[int, CutsRow], score: int) -> str | None:
    return cuts[score].label if score in cuts else None


def _count(cuts: Mapping[int, CutsRow], score: int) -> int | None:
    return cuts[score].customer_count if score in cuts else None


def _finding(report: Report, formats: Formats) -> str:
    audit = report.audit
    return (
        f"{formats.money_short(audit.kept.amount)} of {formats.money_short(audit.read.amount)} "
        "in the source is analysed"
    )


def _page(report: Report, formats: Formats, medium: Medium) -> dict[str, Any]:
    return {
        "bridge": bridge_table(report.audit, formats),
        "findings": finding_table(report.findings, formats),
        "cuts": cuts_table(report, formats, medium),
        "ruler": ruler_block(report, formats),
        "notes": _notes(report, medium),
        "clusters": cluster_block(report, formats),
        "settings": changed_settings(report),
    }


def _notes(report: Report, medium: Medium) -> tuple[Insight, ...]:
    """Return what the data say; on paper without what the tables around it have told already."""
    every = enumerate(report.insights)
    return tuple(
        one
        for place, one in every
        if medium == "screen" or place < ON_PAGE_ONE or one.key not in _IN_TABLES
    )


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
