"""What departments are told of this topic: checks, data quality, cuts, the ledger."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import capital
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import shown
from rfmreport.sections.method.checks import Check, check_words, checks_of
from rfmreport.sections.method.page import bridge_table, cuts_table, finding_table, ruler_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import SegmentBridge
    from rfmreport.source.audit import AuditRow

    _Step = tuple[AuditRow, tuple[float, float], str]

_TONES = {"holds": "up", "soft": "", "fails": "down"}
_SIGNS = {"holds": "✓ holds", "soft": "~ with care", "fails": "✗ fails"}
_TEAL = "#6fa9a6"
_BRIDGE_ROW, _BRIDGE_NAME = 21, 236


def _checks_finding(report: Report, formats: Formats) -> str:
    checks = checks_of(report, formats)
    return check_words(checks, formats) if checks else ""


def _quality_finding(report: Report, formats: Formats) -> str:
    if not report.findings:
        return ""
    warnings = [finding for finding in report.findings if finding.severity == "warning"]
    if not warnings:
        return "Nothing about the data needs a warning"
    words = f"{formats.count(len(warnings))} warning{'s' if len(warnings) > 1 else ''}"
    amounts = [abs(one.amount) for one in warnings if one.amount is not None]
    if not amounts:
        return f"{words} about the data"
    return f"{words} about the data; the largest is about {formats.money_short(max(amounts))}"


def _cuts_finding(report: Report, formats: Formats) -> str:
    if not report.method.cuts:
        return ""
    customers = formats.count(report.segments.total.customer_count)
    ruler = report.ruler
    if ruler and ruler.origin == "saved" and ruler.fitted_as_of:
        return f"The cuts of {formats.day(ruler.fitted_as_of)} score {customers} customers"
    if ruler and ruler.origin in {"fitted", "refitted"}:
        return f"New cuts, fitted to {customers} customers"
    return f"{customers} customers are scored by the cuts below"


def _changes_finding(report: Report, formats: Formats) -> str:
    ruler, movement = report.ruler, report.movement
    restated = (
        sum(abs(bridge.restated) for bridge in movement.bridges)
        if movement and movement.restated_from
        else None
    )
    parts = []
    if restated is not None:
        parts.append(
            f"{formats.count(restated)} customers restated since the last report"
            if restated
            else "nothing restated since the last report"
        )
    if ruler and ruler.origin == "refitted":
        parts.append(f"new cuts moved {formats.count(ruler.moved_count)} customers")
    if ruler and ruler.origin == "saved":
        parts.append("the cuts are those of the last report")
    return capital("; ".join(parts))


def _definitions_finding(report: Report, formats: Formats) -> str:
    count = len(report.method.definitions)
    return f"One meaning each: the {formats.count(count)} words of this report" if count else ""


def _ledger_finding(report: Report, formats: Formats) -> str:
    audit = report.audit
    words = (
        f"{formats.money_short(audit.kept.amount)} of the file’s "
        f"{formats.money_short(audit.read.amount)} is analysed"
    )
    largest = max(audit.told, key=lambda row: abs(row.amount), default=None)
    if largest is None:
        return f"All of the file’s {formats.money_short(audit.read.amount)} is analysed"
    if not largest.amount:
        return words
    return (
        f"{words}; the largest difference is {largest.label.lower()}, "
        f"{formats.money_short(largest.amount)}"
    )


def checks_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return every check, how it came out, and the figures that say so."""
    fields: tuple[Field[Check], ...] = (
        Field("", "Check", lambda check: check.name, limit=80),
        Field(
            "",
            "Verdict",
            lambda check: _SIGNS[check.verdict],
            numeric=True,
            tone=lambda check: _TONES[check.verdict],
        ),
        Field("", "Evidence", lambda check: capital(check.evidence), limit=320),
    )
    table = page_table(
        "What was checked, and how it came out", fields, checks_of(report, formats), formats
    )
    note = (
        "With care: not wrong, but how far it can move matters. What cannot be checked with these "
        "data is left out."
    )
    return Block(table, note=note)


def quality_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return what a reader should know about the data, warnings first."""
    return Block(finding_table(report.findings, formats))


def cuts_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return the cuts in words, and where they come from."""
    told = ruler_block(report, formats)
    notes = [f"Method: {shown(report.method.cuts_method, 200)}."]
    notes += told.notes if told else ()
    return Block(cuts_table(report, formats), note=" ".join(notes))


def changes_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return what is not the customers' doing: corrections of the past, and the ruler."""
    movement = report.movement
    told = ruler_block(report, formats)
    note = " ".join((f"{told.title}.", *told.notes)) if told else ""
    if not movement or not movement.restated_from:
        return Block(note=note) if note else None
    then = formats.day(movement.before_as_of)
    fields: tuple[Field[SegmentBridge], ...] = (
        Field("", "Segment", lambda bridge: bridge.segment),
        Field("", "Said then", lambda bridge: bridge.before_count, "count", then),
        Field("", "Restated", lambda bridge: bridge.restated, "count_change", tone=lambda _: ""),
    )
    table = page_table("What the past is said to be now", fields, movement.bridges, formats)
    said = f"Said then: by {shown(movement.restated_from, 60)}. {note}"
    return Block(table, note=said.strip())


def definitions_block(report: Report, formats: Formats, _: Medium) -> Block:
    """Return what the words mean."""
    fields: tuple[Field[tuple[str, str]], ...] = (
        Field("", "Word", lambda row: row[0], limit=60),
        Field("", "Meaning", lambda row: row[1], limit=300),
    )
    rows = report.method.definitions
    half = (len(rows) + 1) // 2
    first, second = (
        page_table("What the words of the report mean", fields, part, formats)
        for part in (rows[:half], rows[half:])
    )
    return Block(first, second if second.rows else None)


def ledger_block(report: Report, _: Formats, __: Medium) -> Block:
    """Return the words of a file of which nothing was left out; else the chart says it all."""
    return Block(note="" if report.audit.told else "No line of the file was left out.")


def ledger_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the way from the file's total to what was analysed, step by step."""
    audit = report.audit
    steps = [(row, -row.amount) for row in audit.told if row.amount or row.line_count]
    levels: list[Decimal] = [audit.read.amount]
    for _, change in steps:
        levels.append(levels[-1] + change)
    if audit.read.amount <= 0 or not steps:
        return None
    count = len(steps) + 2
    drawing = Drawing(_ledger_caption(report, formats), WIDE, _BRIDGE_ROW * count + 6)
    low, high = float(min(Decimal(0), *levels)), float(max(levels))
    changes: list[_Step] = [
        (row, (float(before), float(after)), _TEAL if change > 0 else MUTED)
        for (row, change), before, after in zip(steps, levels, levels[1:], strict=False)
    ]
    whole: _Step = (audit.read, (0.0, float(levels[0])), ACCENT)
    kept: _Step = (audit.kept, (0.0, float(audit.kept.amount)), ACCENT)
    at = partial(along, extent=(low, high), pixels=(float(_BRIDGE_NAME), WIDE - 104.0))
    for place, step in enumerate((whole, *changes, kept)):
        _step_bar(drawing, place, step, at, formats)
        if step in changes:
            x, y = at(step[1][0]), _BRIDGE_ROW * place
            drawing.rules([(x, y - 5, x, y + 5)], color=MUTED)
    return drawing


def _step_bar(
    drawing: Drawing, place: int, step: _Step, at: Callable[[float], float], formats: Formats
) -> None:
    row, (start, end), color = step
    y = _BRIDGE_ROW * (place + 0.5)
    name = fitted(shown(row.label, 60), _BRIDGE_NAME - 10, BODY)
    weight = {"fontWeight": 600} if color == ACCENT else {}
    drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY, **weight)
    left, right = sorted(map(at, (start, end)))
    right = max(right, left + 1)
    text = formats.money(end - start)
    if color == _TEAL:
        text = f"+{text}"
    about = f"{shown(row.label, 60)}: {text}, {formats.count(row.line_count)} lines"
    drawing.add("bars", [{"x": left, "x2": right, "y": y - 7, "y2": y + 7, "color": color,
                          "about": about}])  # fmt: skip
    drawing.texts([(WIDE, y, text)], color=INK, align="right", fontSize=BODY, fontWeight=600)


def _ledger_caption(report: Report, formats: Formats) -> Caption:
    audit = report.audit
    title = "From the file’s total to what was analysed"
    spoken = "; ".join(
        f"{row.label}: {formats.money(row.amount)}" for row in (audit.read, *audit.told, audit.kept)
    )
    note = (
        "Every line of the file is in one step. The ledger’s total should be the file’s; what "
        "differs from it is named here, to the cent in data/audit.csv."
    )
    return Caption("ledger", title, title, f"{title}. {spoken}.", note,
                   bridge_table(audit, formats))  # fmt: skip


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "checks",
        "Checks",
        _checks_finding,
        block=checks_block,
        files=("data/insights.json",),
        look="checks",
        is_whole=True,
    ),
    Section(
        "quality",
        "Data quality",
        _quality_finding,
        block=quality_block,
        files=("data/audit.csv",),
        look="findings",
        is_whole=True,
    ),
    Section(
        "cuts",
        "Cuts",
        _cuts_finding,
        block=cuts_block,
        files=("manifest.json",),
        look="cuts",
        is_whole=True,
    ),
    Section("changes", "Change log", _changes_finding, block=changes_block),
    Section(
        "definitions",
        "Definitions",
        _definitions_finding,
        block=definitions_block,
        files=("manifest.json",),
        look="definitions",
        is_whole=True,
        has_sides=True,
    ),
    Section(
        "ledger",
        "Bridge to the ledger",
        _ledger_finding,
        drawings=(ledger_drawing,),
        block=ledger_block,
        files=("data/audit.csv",),
        charts=("ledger",),
    ),
)
"""What departments may be told of this topic."""
