"""Two reports side by side: what differs in data, settings, cuts and results, and what may be said.

A difference of results is a change over time only where both were measured alike and the months
that both cover say the same; else it is told together with what forbids the comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.folder.report_folder import read_report_folder
from rfmreport.settings import Settings
from rfmreport.source.audit import AuditRow
from rfmreport.vocabulary import CONTACTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rfmreport.folder.report_folder import SegmentSize, WrittenReport
    from rfmreport.sections.when.figures import Month

# Settings of these sections shape the figures, but for those that name a day, a file or a look.
_SHAPING_SECTIONS = ("cleaning", "columns", "scoring", "source")
_HARMLESS = {
    *("cleaning.as_of", "cleaning.month", "source.sheets", "source.delimiter"),
    *("scoring.scheme", "scoring.cuts_file", "scoring.refit"),
    *("columns.product_name", "columns.country"),
    *(f"columns.{name}" for name in CONTACTS),
}
_SAID_BY_SOME = ("report.shop", "report.currency")
_DEFAULTS = Settings().described()


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports."""

    folder: str
    first_day: date
    last_day: date
    as_of: date
    version: str
    scheme: str
    locale: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that the reports say differently; empty where one says nothing."""

    name: str
    older: str
    newer: str


@dataclass(frozen=True, slots=True)
class AuditChange:
    """One row of the bridge in both reports; a rule that took nothing counts zero."""

    part: str
    label: str
    older_line_count: int
    newer_line_count: int
    older_amount: Decimal
    newer_amount: Decimal


@dataclass(frozen=True, slots=True)
class MonthChange:
    """A month that is complete in both reports and of which they say different things."""

    first_day: date
    older_revenue: Decimal
    newer_revenue: Decimal
    revenue_change: Decimal
    older_order_count: int
    newer_order_count: int
    order_count_change: int


@dataclass(frozen=True, slots=True)
class History:
    """The months that both reports cover in full: how many, and which of them were restated.

    `gone` are complete in the older report and not in the newer one, though no window has dropped
    them; `added` are complete in the newer one and lie before the older one began. `is_checked` is
    False where a report does not say its months.
    """

    is_checked: bool
    shared_count: int
    restated: tuple[MonthChange, ...]
    gone: tuple[date, ...]
    added: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """One segment, or all customers, in both reports; changes are newer less older."""

    name: str
    older: SegmentSize
    newer: SegmentSize
    customer_change: int
    customer_share_change: float
    revenue_change: Decimal
    revenue_share_change: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two reports.

    `not_a_trend` says why the results must not be read as a change over time; empty where they may.
    `segments` is empty where the schemes differ. `is_reversed`: the newer one was named first.
    `altered` are files that were changed after their report was written.
    """

    older: Side
    newer: Side
    is_same: bool
    is_reversed: bool
    not_a_trend: tuple[str, ...]
    altered: tuple[str, ...]
    sources: tuple[Changed, ...]
    audit: tuple[AuditChange, ...]
    settings: tuple[Changed, ...]
    scheme: tuple[Changed, ...]
    cuts: tuple[Changed, ...]
    versions: tuple[Changed, ...]
    history: History
    segments: tuple[SegmentChange, ...]
    total: SegmentChange


def compare_folders(first: Path, second: Path) -> Comparison:
    """Compare the reports that stand in two folders, the one of the earlier date first.

    Raises:
        InputError: a folder holds no report, or one that cannot be read.
    """
    older, newer = read_report_folder(first), read_report_folder(second)
    if newer.as_of < older.as_of:
        return compare_reports(newer, older, is_reversed=True)
    return compare_reports(older, newer)


def compare_reports(
    older: WrittenReport, newer: WrittenReport, *, is_reversed: bool = False
) -> Comparison:
    """Compare two reports, the older first."""
    altered = tuple(f"{side.folder}/{name}" for side in (older, newer) for name in side.altered)
    scheme = tuple(_scheme_changes(older, newer))
    compared = Comparison(
        older=_side(older),
        newer=_side(newer),
        is_same=older == replace(newer, folder=older.folder) and not altered,
        is_reversed=is_reversed,
        not_a_trend=(),
        altered=altered,
        sources=tuple(_changes(older.sources, newer.sources)),
        audit=tuple(_audit_changes(older, newer)),
        settings=tuple(_changes(_all_settings(older), _all_settings(newer))),
        scheme=scheme,
        cuts=tuple(_changes(older.cuts, newer.cuts)),
        versions=tuple(_changes(older.versions, newer.versions)),
        history=_compare_history(older, newer),
        segments=() if scheme else tuple(_segment_changes(older, newer)),
        total=_segment_change(older.total, newer.total),
    )
    reasons = () if compared.is_same else tuple(_reasons(compared, older, newer))
    return replace(compared, not_a_trend=reasons)


def _reasons(compared: Comparison, older: WrittenReport, newer: WrittenReport) -> Iterator[str]:
    """Yield why the results must not be read as a change over time."""
    yield from (f"{name} was changed after the report was written" for name in compared.altered)
    if older.as_of == newer.as_of:
        yield f"both reports are as of {older.as_of}, so no time has passed between them"
    shaping = [change.name for change in compared.settings if _shapes_figures(change)]
    cause = "; the settings may be why" if shaping else ": it was restated"
    if not shaping and newer.settings.get("cleaning.net_returns") == str(True):
        cause += ", or goods of that time were returned since (returns are subtracted)"
    yield from _history_reasons(older, newer, compared.history, cause)
    if shaping:
        yield f"settings differ: {', '.join(shaping)}"
    if compared.scheme:
        yield "the schemes differ, so segments are not compared"
    if compared.cuts:
        yield f"cuts differ: {', '.join(change.name for change in compared.cuts)}"


def _history_reasons(
    older: WrittenReport, newer: WrittenReport, history: History, cause: str
) -> Iterator[str]:
    if not history.is_checked:
        silent = ", ".join(side.folder for side in (older, newer) if side.months is None)
        yield f"history cannot be checked: no data/months.csv in {silent}"
    elif not history.shared_count:
        yield "history cannot be checked: no month is complete in both reports"
    if history.restated:
        count = f"{len(history.restated)} of {history.shared_count} months that both cover"
        yield f"history differs in {count}{cause}"
    if history.gone:
        yield f"{_months(history.gone)} of the older report, not covered by the newer one"
    if history.added:
        yield f"{_months(history.added)} in the newer report, before the older one begins"


def _months(months: tuple[date, ...]) -> str:
    first = f"{len(months)} month{'' if len(months) == 1 else 's'}"
    return f"{first} ({months[0]:%Y-%m} to {months[-1]:%Y-%m})"


def list_shaping_settings(older: Mapping[str, str], newer: Mapping[str, str]) -> list[str]:
    """Return the names of the settings that differ and shape the figures."""
    return [change.name for change in _changes(older, newer) if _shapes_figures(change)]


def _shapes_figures(change: Changed) -> bool:
    if change.name in _SAID_BY_SOME:
        return bool(change.older and change.newer)
    is_shaping = change.name.partition(".")[0] in _SHAPING_SECTIONS
    return is_shaping and change.name not in _HARMLESS


def _side(report: WrittenReport) -> Side:
    return Side(
        folder=report.folder,
        first_day=report.first_day,
        last_day=report.last_day,
        as_of=report.as_of,
        version=report.versions["rfmreport"],
        scheme=report.scheme,
        locale=report.settings.get("report.locale", "") or _DEFAULTS["report.locale"],
        currency=report.settings.get("report.currency") or None,
    )


def _changes(older: Mapping[str, str], newer: Mapping[str, str]) -> Iterator[Changed]:
    for name in dict.fromkeys((*older, *newer)):
        # A setting that one version does not know yet is at its default there.
        default = _DEFAULTS.get(name, "")
        before, after = older.get(name, default), newer.get(name, default)
        if before != after:
            yield Changed(name, before, after)


def _all_settings(report: WrittenReport) -> dict[str, str]:
    """Return settings and columns; what was found in the headings counts as if it were chosen."""
    chosen = {n: words for n, words in report.settings.items() if not n.startswith("columns.")}
    return chosen | {f"columns.{role}": heading for role, heading in report.columns.items()}


def _scheme_changes(older: WrittenReport, newer: WrittenReport) -> Iterator[Changed]:
    """Yield what tells the schemes apart: their cells, or else their names and segments."""
    hashes = (older.scheme_cells_sha256, newer.scheme_cells_sha256)
    has_same_cells = None not in hashes and hashes[0] == hashes[1]
    before, after = ([one.name for one in side.segments] for side in (older, newer))
    if older.scheme != newer.scheme and not has_same_cells:
        yield Changed("scheme", older.scheme, newer.scheme)
    elif before != after:
        yield Changed("segments", ", ".join(before), ", ".join(after))
    elif None not in hashes and not has_same_cells:
        yield Changed("cells", *map(str, hashes))


def _audit_changes(older: WrittenReport, newer: WrittenReport) -> Iterator[AuditChange]:
    nothing = AuditRow(None, "", 0, 0, Decimal(0))
    for key in dict.fromkeys((*older.audit, *newer.audit)):
        before, after = older.audit.get(key, nothing), newer.audit.get(key, nothing)
        yield AuditChange(
            part=key[0],
            label=after.label or before.label,
            older_line_count=before.line_count,
            newer_line_count=after.line_count,
            older_amount=before.amount,
            newer_amount=after.amount,
        )


def _compare_history(older: WrittenReport, newer: WrittenReport) -> History:
    if older.months is None or newer.months is None:
        return History(is_checked=False, shared_count=0, restated=(), gone=(), added=())
    before, after = _complete(older.months), _complete(newer.months)
    shared = [day for day in before if day in after]
    windows = {side.settings.get("cleaning.window_months", "") for side in (older, newer)}
    # A window that moves on leaves its first months behind.
    first_expected = newer.first_day if len(windows) == 1 and windows != {""} else date.min
    return History(
        is_checked=True,
        shared_count=len(shared),
        restated=tuple(
            _month_change(before[day], after[day])
            for day in shared
            if (before[day].revenue, before[day].order_count)
            != (after[day].revenue, after[day].order_count)
        ),
        gone=tuple(day for day in before if day not in after and day >= first_expected),
        added=tuple(day for day in after if day not in before and day < older.first_day),
    )


def _complete(months: tuple[Month, ...]) -> dict[date, Month]:
    return {month.first_day: month for month in months if month.complete}


def _month_change(older: Month, newer: Month) -> MonthChange:
    return MonthChange(
        first_day=newer.first_day,
        older_revenue=older.revenue,
        newer_revenue=newer.revenue,
        revenue_change=newer.revenue - older.revenue,
        older_order_count=older.order_count,
        newer_order_count=newer.order_count,
        order_count_change=newer.order_count - older.order_count,
    )


def _segment_changes(older: WrittenReport, newer: WrittenReport) -> Iterator[SegmentChange]:
    """Yield a change per segment; both have the same ones, for their schemes are the same."""
    before = {segment.name: segment for segment in older.segments}
    for segment in newer.segments:
        yield _segment_change(before[segment.name], segment)


def _segment_change(older: SegmentSize, newer: SegmentSize) -> SegmentChange:
    return SegmentChange(
        name=newer.name,
        older=older,
        newer=newer,
        customer_change=newer.customer_count - older.customer_count,
        customer_share_change=newer.customer_share - older.customer_share,
        revenue_change=newer.revenue - older.revenue,
        revenue_share_change=newer.revenue_share - older.revenue_share,
    )
