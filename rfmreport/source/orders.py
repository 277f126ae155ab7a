"""From the source to the orders: the first stage, and the account of everything it read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.settings import LAST_MONTH
from rfmreport.source import cleaning, reading, roles
from rfmreport.vocabulary import months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.settings import CleaningSettings, Settings
    from rfmreport.source.audit import Audit
    from rfmreport.stopwatch import Stopwatch
    from rfmreport.vocabulary import Finding


@dataclass(frozen=True)
class CleanOrders:
    """What cleaning leaves: `orders` in the engine, and the account of everything read.

    `lines` are all lines with their verdict (`cleaning.LINE_COLUMNS`), None without products.
    """

    source: reading.Source
    column_map: roles.ColumnMap
    value_formats: cleaning.ValueFormats
    orders: Table
    lines: Table | None
    audit: Audit
    findings: tuple[Finding, ...]
    coverage: cleaning.Coverage
    as_of: date | None
    window: cleaning.Window
    month: date | None

    @property
    def covered(self) -> tuple[date, date]:
        """Return the first day that data and window cover, and the first that they do not."""
        coverage, window = self.coverage, self.window
        begins = [day for day in (coverage.covered_from, window.first_day) if day]
        ends = [day for day in (coverage.covered_until, window.as_of) if day]
        return max(begins), min(ends)


def read_orders(engine: Backend, settings: Settings, watch: Stopwatch) -> CleanOrders:
    """Read the source, give every line its verdict, and hold the orders in the engine."""
    with watch.stage("reading"):
        source = reading.open_source(engine, settings.source)
    with watch.stage("columns"):
        found = roles.map_columns(source.headings, settings.columns)
        formats = cleaning.find_value_formats(source.sample, found, source.table, settings.source)
        rules, notes = cleaning.trusted_prefixes(source.sample, found, settings.cleaning)
        notes += cleaning.kept_statuses(source.sample, found, rules)
        notes += cleaning.mixed_currencies(source.sample, found)
    with watch.stage("cleaning"):
        lines = cleaning.parse_lines(source.table, found, formats)
        if source.kind != "parquet" and _is_asked_before(settings.cleaning, source):
            lines, text_format = reading.hold(engine, source, "parsed_lines", lines)
            source = replace(source, text_format=text_format)
        if source.has_parts:
            lines = cleaning.mark_repeated(lines)
        window, month = _window(rules, lines, found)
        judged = cleaning.judge_lines(lines, found, rules, window)
        has_products = bool(found.product or found.product_name) and settings.tells("sells")
        if has_products:
            judged = judged.select(*cleaning.LINE_COLUMNS, *found.contacts)
            judged, text_format = reading.hold(engine, source, "lines", judged)
            source = replace(source, text_format=text_format)
        grouped = cleaning.group_orders(judged, rules)
        orders, text_format = reading.hold(engine, source, "orders", grouped)
        bridge = cleaning.audit(orders, text_format.rejected_line_count or 0)
        coverage = cleaning.measure_coverage(orders)
    if month:
        notes += cleaning.month_findings(month, coverage)
    findings = (*source.findings, *text_format.findings(), *notes)
    return CleanOrders(
        source=source,
        column_map=found,
        value_formats=formats,
        orders=orders,
        lines=judged if has_products else None,
        audit=bridge,
        findings=(*findings, *cleaning.data_findings(orders, bridge)),
        coverage=coverage,
        as_of=window.as_of
        or (coverage.last_day + timedelta(days=1) if coverage.last_day else None),
        window=window,
        month=month,
    )


def refuse_part_of_a_month(findings: Iterable[Finding]) -> None:
    """Stop where the data end before the month does.

    Raises:
        InputError: they do.
    """
    for finding in findings:
        if finding.key == cleaning.MONTH_INCOMPLETE:
            what_to_do = "get an export that holds all of it, or name another month with --month"
            message = f"{finding.text.rstrip('.')}; {what_to_do}"
            raise InputError(message)


def find_last_month(settings: Settings) -> date:
    """Return the first day of the last month that the source covers whole.

    Raises:
        RfmReportError: the source cannot be read, or covers no whole month.
    """
    with reading.open_engine(settings.engine) as engine:
        source = reading.open_source(engine, settings.source)
        found = roles.map_columns(source.headings, settings.columns)
        formats = cleaning.find_value_formats(source.sample, found, source.table, settings.source)
        lines = cleaning.parse_lines(source.table, found, formats)
        lines, _ = reading.hold(engine, source, "parsed_lines", lines)
        return cleaning.find_month(LAST_MONTH, lines)


def all_excluded(audit: Audit) -> str:
    """Say that nothing is left to report on, and what took most of it."""
    reasons = ", ".join(
        f"{row.label.lower()} {row.line_count}"
        for row in sorted(audit.excluded, key=lambda row: -row.line_count)[:3]
    )
    return (
        f"all {audit.read.line_count} lines were left out ({reasons}); look at the mapping and the "
        "rules with `rfmreport check`, change them with --map or in the [cleaning] settings"
    )


def _is_asked_before(rules: CleaningSettings, source: reading.Source) -> bool:
    """Say whether lines are asked something before they are judged: text would be parsed again."""
    has_open_end = rules.window_months is not None and rules.as_of is None
    return source.has_parts or rules.month == LAST_MONTH or has_open_end


def _window(
    rules: CleaningSettings, lines: Table, found: roles.ColumnMap
) -> tuple[cleaning.Window, date | None]:
    """Return the days that count, and the month that was asked for.

    A window without `as_of` ends with the last kept line.
    """
    month = cleaning.find_month(rules.month, lines) if rules.month else None
    as_of = next_month(month) if month else rules.as_of
    if rules.window_months is None:
        return cleaning.Window(None, as_of), month
    if as_of is None:
        judged = cleaning.judge_lines(lines, found, rules, cleaning.Window())
        last_day = cleaning.last_kept_day(judged)
        as_of = last_day + timedelta(days=1) if last_day else None
    first_day = months_before(as_of, rules.window_months) if as_of else None
    return cleaning.Window(first_day, as_of), month
