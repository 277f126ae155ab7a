"""Two reports compared, as text for a terminal: what may be said first, then what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.customers.saved_cuts import list_difference
from rfmreport.formats import MINUS, MISSING, Formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from rfmreport.folder.comparison import AuditChange, Changed, Comparison, SegmentChange, Side

_NAME_WIDTH = 22
_LABEL_WIDTH = 40
_LINE_WIDTH = 96
_LONGEST_VALUE = 60
_HASH_SHOWN = 12
_PLAIN = str.maketrans({MINUS: "-", MISSING: "-", "×": "x", "…": "..."})
_PLAIN |= {ord(blank): " " for blank in "\u00a0\u2009\u202f"}


def formats_of(comparison: Comparison) -> Formats:
    """Return how the newer report writes numbers; no currency sign where the two differ."""
    older, newer = comparison.older, comparison.newer
    currency = newer.currency if newer.currency == older.currency else None
    return Formats(newer.locale, currency)


def describe(comparison: Comparison, formats: Formats) -> str:
    """Return the comparison as lines of plain text, findings first; without a last line break."""
    if comparison.is_same:
        lines = [*_sides(comparison, formats), "", "No difference."]
    else:
        blocks = (
            _sides(comparison, formats),
            _findings(comparison, formats),
            _results(comparison, formats),
            _restated(comparison, formats),
            _data(comparison, formats),
            _listed("Settings", comparison.settings),
            _listed("Scheme", comparison.scheme),
            _listed("Cuts", comparison.cuts),
            _listed("Versions", comparison.versions),
        )
        filled = [list(block) for block in blocks]
        lines = [line for block in filled if block for line in (*block, "")][:-1]
    return "\n".join(line.rstrip() for line in lines).translate(_PLAIN)


def _sides(comparison: Comparison, formats: Formats) -> list[str]:
    sides = {"older": comparison.older, "newer": comparison.newer}
    lines = [f"{name:7}{_side(side, formats)}" for name, side in sides.items()]
    if comparison.is_reversed:
        lines.append(
            "       The newer one was named first; they are compared in the order of time."
        )
    return lines


def _side(side: Side, formats: Formats) -> str:
    period = f"{formats.day(side.first_day)} to {formats.day(side.last_day)}"
    return f"{_safe(side.folder, 40)}, as of {formats.day(side.as_of)}, orders of {period}"


def _findings(comparison: Comparison, formats: Formats) -> Iterator[str]:
    if not comparison.not_a_trend:
        count = formats.count(comparison.history.shared_count)
        yield (
            "Comparable: same scheme, cuts and rules, and no month was restated "
            f"(complete in both: {count})."
        )
    for reason in comparison.not_a_trend:
        yield f"! Not a trend: {_safe(reason, 300)}"
    if comparison.history.restated:
        changes = (month.revenue_change for month in comparison.history.restated)
        net = _signed(sum(changes), formats)
        yield f"  Revenue of these months: {net} in all; month by month below."


def _results(comparison: Comparison, formats: Formats) -> Iterator[str]:
    label = " (not a trend, see above)" if comparison.not_a_trend else ""
    yield f"Results{label}"
    yield (
        f"  {'':{_NAME_WIDTH}}{'customers':>19}{'change':>9}{'revenue':>14}{'change':>14}"
        f"{'of all':>11}"
    )
    for row in (*comparison.segments, comparison.total):
        yield _result(row, formats)
    if comparison.scheme:
        yield "  Segments are not compared: they are not those of the same scheme."


def _result(row: SegmentChange, formats: Formats) -> str:
    customers = f"{formats.count(row.older.customer_count)} -> "
    customers += formats.count(row.newer.customer_count)
    points = formats.points_change(row.revenue_share_change) if row.revenue_share_change else "="
    return (
        f"  {_safe(row.name, _NAME_WIDTH - 1):{_NAME_WIDTH}}{customers:>19}"
        f"{formats.count_change(row.customer_change):>9}{formats.money(row.newer.revenue):>14}"
        f"{_signed(row.revenue_change, formats, 0):>14}{points:>11}"
    )


def _restated(comparison: Comparison, formats: Formats) -> Iterator[str]:
    history = comparison.history
    if not history.restated:
        return
    yield "History that differs (months that are complete in both reports)"
    for month in history.restated:
        before, after = month.older_order_count, month.newer_order_count
        yield (
            f"  {formats.month(month.first_day):{_NAME_WIDTH}}"
            f"{_from_to(month.older_revenue, month.newer_revenue, formats)}, "
            f"orders {formats.count(before)} -> {formats.count(after)}"
        )


def _data(comparison: Comparison, formats: Formats) -> Iterator[str]:
    yield "Data"
    if not comparison.sources:
        yield "  Same sources."
    for source in comparison.sources:
        yield f"  {_source(source)}"
    differing = [row for row in comparison.audit if _differs(row)]
    if not differing:
        yield "  Same lines and amounts read, left out and kept."
        return
    yield f"  {'':{_LABEL_WIDTH}}{'lines':>10}{'change':>10}{'amount':>17}{'change':>17}"
    for row in differing:
        yield _audit_line(row, formats)


def _audit_line(row: AuditChange, formats: Formats) -> str:
    label = _safe(f"less {row.label}" if row.part == "excluded" else row.label, _LABEL_WIDTH - 1)
    lines = row.newer_line_count - row.older_line_count
    amount = row.newer_amount - row.older_amount
    return (
        f"  {label:{_LABEL_WIDTH}}{formats.count(row.newer_line_count):>10}"
        f"{formats.count_change(lines):>10}{formats.money(row.newer_amount, 2):>17}"
        f"{_signed(amount, formats):>17}"
    )


def _source(source: Changed) -> str:
    name = _safe(source.name, 60)
    if not source.older:
        return f"{name}: only in the newer report"
    if not source.newer:
        return f"{name}: only in the older report"
    hashes = f"{source.older[:_HASH_SHOWN]} -> {source.newer[:_HASH_SHOWN]}"
    return f"{name}: other content (SHA-256 {_safe(hashes, 60)})"


def _differs(row: AuditChange) -> bool:
    older = (row.older_line_count, row.older_amount)
    return older != (row.newer_line_count, row.newer_amount)


def _listed(title: str, changes: tuple[Changed, ...]) -> Iterator[str]:
    if not changes:
        yield f"{title}: same"
        return
    yield title
    for change in changes:
        line = f"  {_safe(change.name, 40)}: {_words(change)}"
        yield line if len(line) <= _LINE_WIDTH else line.replace(" -> ", "\n      -> ")


def _words(change: Changed) -> str:
    if max(len(change.older), len(change.newer)) > _LONGEST_VALUE and ", " in change.newer:
        return _safe(list_difference(change.older, change.newer), 200)
    older, newer = (_safe(text, _LONGEST_VALUE) or "none" for text in (change.older, change.newer))
    return f"{older} -> {newer}"


def _from_to(older: Decimal, newer: Decimal, formats: Formats) -> str:
    change = f" ({_signed(newer - older, formats)})" if newer != older else ""
    return f"{formats.money(older, 2)} -> {formats.money(newer, 2)}{change}"


def _signed(amount: Decimal | int, formats: Formats, digits: int = 2) -> str:
    return ("+" if amount > 0 else "") + formats.money(amount, digits)


def _safe(text: str, limit: int) -> str:
    """Return text from the files fit for a terminal: on one line, nothing that steers it."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 3] + "..."
