"""From the source to the orders: the first stage, and the account of everything it read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine
from rfmreport.settings import LAST_MONTH
from rfmreport.source import reading, reversals
from rfmreport.source.audit import RETURNABLE, Audit
from rfmreport.source.bridge import TAKEN_OFF, bridge_warnings, data_findings, draw_bridge
from rfmreport.source.columns.meaning import NUMBERED, find_meaning
from rfmreport.source.columns.untold import copies, unused_money
from rfmreport.source.coverage import (
    Coverage,
    day_findings,
    find_month,
    measure_coverage,
    month_findings,
)
from rfmreport.source.customer_level import AS_THEY_STAND, judge_customers, told_of_customers
from rfmreport.source.expressions import ask_row, hold, keep
from rfmreport.source.files.misfits import refuse_many_misfits
from rfmreport.source.files.parts import VIEW
from rfmreport.source.formats.strays import end_before_strays, stray_finding
from rfmreport.source.lines import IS_CONTRARY, mark_repeated, parse_lines
from rfmreport.source.verdicts import Window, is_non_product, judge_lines
from rfmreport.vocabulary import (
    AMOUNT,
    CONTACTS,
    COUNTRY,
    CUSTOMER_ID,
    EXCLUSION,
    FEE_CODE,
    FIRST_AT,
    IS_RETURN,
    LAST_AT,
    LINE_COUNT,
    ORDER_ID,
    ORDERED_AT,
    OTHER_EXCLUSION,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REFUND,
    ROW_TYPE,
    STATUS,
    Finding,
    months_before,
    next_month,
)

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.settings import CleaningSettings, Settings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.evidence import Decision
    from rfmreport.source.formats.value_formats import ValueFormats
    from rfmreport.source.reading import Source
    from rfmreport.stopwatch import Stopwatch

LINE_COLUMNS = (
    CUSTOMER_ID, ORDER_ID, ORDERED_AT, AMOUNT, QUANTITY, PRODUCT_CODE, PRODUCT_NAME, COUNTRY,
    EXCLUSION, OTHER_EXCLUSION, IS_RETURN, IS_CONTRARY,
)  # fmt: skip
"""What later stages ask of a line, besides the contacts that are mapped."""
CONTRARY_COUNT = "contrary_count"
_EXAMPLES = 3
_ONE_DAY = timedelta(days=1)
_SMALL_BYTES = 4 << 20


@dataclass(frozen=True)
class CleanOrders:
    """What cleaning leaves: `orders` in the engine, and the account of everything read.

    `lines` are all lines with their verdict (`LINE_COLUMNS`), None without products.
    """

    source: Source
    column_map: ColumnMap
    value_formats: ValueFormats
    orders: Table
    lines: Table | None
    audit: Audit
    findings: tuple[Finding, ...]
    decisions: tuple[Decision, ...]
    coverage: Coverage
    as_of: date | None
    window: Window
    month: date | None

    @property
    def examples(self) -> dict[str, tuple[str, ...]]:
        """Return the first values of each role's column; a contact is nobody's to see."""
        used = ((role, heading) for role, heading in self.column_map.used() if role not in CONTACTS)
        sample = self.source.sample
        first = {role: dict.fromkeys(sample.get(heading, ())) for role, heading in used}
        return {role: tuple(texts)[:_EXAMPLES] for role, texts in first.items()}

    @property
    def covered(self) -> tuple[date, date]:
        """Return the first day that data and window cover, and the first that they do not."""
        coverage, window = self.coverage, self.window
        begins = [day for day in (coverage.covered_from, window.first_day) if day]
        ends = [day for day in (coverage.covered_until, window.as_of) if day]
        return max(begins), min(ends)


def read_orders(backend: Backend, settings: Settings, watch: Stopwatch) -> CleanOrders:
    """Read the source, give every line its verdict, and hold the orders in the engine."""
    with watch.stage("reading"):
        engine = Engine(backend.con)
        source = reading.open_source(engine, settings.source, settings.columns)
    if settings.source.customer_level:
        return _clean_customers(backend, source, settings, watch)
    return _clean(backend, source, settings, watch)


def _clean(
    backend: Backend,
    source: Source,
    settings: Settings,
    watch: Stopwatch,
    *,
    from_all_lines: bool = False,
) -> CleanOrders:
    """Do all but open; once more where the lines speak against what the first rows say."""
    engine = Engine(backend.con)
    with watch.stage("columns"):
        find = partial(find_meaning, backend.table(VIEW), settings, from_all_lines=from_all_lines)
        _, meaning = reading.read_through(engine, source, find)
        source, columns, rules = meaning.source, meaning.columns, meaning.rules
        findings = meaning.findings
    with watch.stage("cleaning"):
        lines = parse_lines(meaning.table, columns, meaning.formats)
        if _is_asked_before(rules, source):
            source, lines = keep(source, "parsed_lines", lines)
        if source.has_parts:
            lines = mark_repeated(lines)
        window, month = _find_window(lines, columns, rules)
        lines = judge_lines(lines, columns, rules, window)
        taken_off = (*columns.deductions, *((REFUND,) if columns.refund else ()))
        told = (name for name in (STATUS, ROW_TYPE) if getattr(columns, name.removeprefix("row_")))
        lines = lines.select(*LINE_COLUMNS, *taken_off, *told, *columns.contacts)
        has_products = bool(columns.product or columns.product_name) and settings.tells("sells")
        if has_products:
            # Lines that are judged by other lines are worked out once.
            are_bound = rules.net_returns or source.has_parts or columns.status
            hold_lines = hold if are_bound else keep
            source, lines = hold_lines(source, "judged_lines", lines)
        source, orders = hold(source, "orders", group_orders(lines, rules))
        if _speaks_against(engine, meaning.formats):
            return _clean(backend, source, settings, watch, from_all_lines=True)
        end = _stray_end(engine, rules)
        if end:
            cleaning = replace(settings.cleaning, as_of=end)
            settings = replace(settings, cleaning=cleaning)
            clean = _clean(backend, source, settings, watch, from_all_lines=from_all_lines)
            return replace(clean, findings=(*stray_finding(clean.audit, end), *clean.findings))
        reversals.leave_out_undone(engine, rules)
        if has_products:
            engine.define("lines", reversals.judged_sql("judged_lines"))
        findings += tuple(unused_money(meaning))
        if not rules.drop_copies:
            findings += tuple(copies(meaning, lines if has_products else None))
        if source.kind != "typed":
            engine.drop("parsed_lines", NUMBERED)  # as long as the source, and judged by now
        if not rules.net_returns:
            taken_off = columns.deductions
        bridge = draw_bridge(engine, source.misfit_count, taken_off)
        refuse_many_misfits(engine, source.parts, source.misfit_count, bridge.read.line_count)
        coverage = measure_coverage(engine)
        findings += month_findings(month, coverage)
        findings += day_findings(coverage, datetime.now(tz=UTC).date())
        findings = (*source.findings, *meaning.formats.findings, *findings)
    end_of_data = coverage.last_day + _ONE_DAY if coverage.last_day else None
    return CleanOrders(
        source=source,
        column_map=columns,
        value_formats=meaning.formats,
        orders=orders,
        lines=backend.table("lines") if has_products else None,
        audit=bridge,
        findings=(*findings, *data_findings(engine, bridge, columns, rules)),
        decisions=(*source.decisions, *meaning.formats.decisions, *meaning.decisions),
        coverage=coverage,
        as_of=window.as_of or end_of_data,
        window=window,
        month=month,
    )


def _clean_customers(
    backend: Backend, source: Source, settings: Settings, watch: Stopwatch
) -> CleanOrders:
    """Clean a table with one row per customer; no `orders` are left, for it has none."""
    engine, rules = Engine(backend.con), settings.cleaning
    with watch.stage("cleaning"):
        judge = partial(judge_customers, backend.table(VIEW), settings=settings)
        source, found = reading.read_through(engine, source, judge)
        source, orders = hold(source, "orders", group_orders(found.lines, rules))
        bridge = told_of_customers(engine, draw_bridge(engine, source.misfit_count))
        refuse_many_misfits(engine, source.parts, source.misfit_count, bridge.read.line_count)
        coverage = measure_coverage(engine)
        findings = (AS_THEY_STAND, *day_findings(coverage, datetime.now(tz=UTC).date()))
        findings += stray_finding(bridge, found.strayed) if found.strayed else ()
        findings += tuple(bridge_warnings(bridge, rules))
        engine.hold("orders", "SELECT * FROM orders LIMIT 0")
    return CleanOrders(
        source=source,
        column_map=found.columns,
        value_formats=found.formats,
        orders=orders,
        lines=None,
        audit=bridge,
        findings=(*source.findings, *found.formats.findings, *findings),
        decisions=(*source.decisions, *found.formats.decisions, *found.decisions),
        coverage=coverage,
        as_of=found.window.as_of or (coverage.last_day + _ONE_DAY if coverage.last_day else None),
        window=found.window,
        month=None,
    )


def find_last_month(settings: Settings) -> date:
    """Return the first day of the last month that the source covers whole.

    Raises:
        RfmReportError: the source cannot be read, or covers no whole month.
    """
    with reading.open_engine(settings.engine) as backend:
        source = reading.open_source(Engine(backend.con), settings.source, settings.columns)
        find = partial(find_meaning, backend.table(VIEW), settings)
        _, meaning = reading.read_through(Engine(backend.con), source, find)
        lines = parse_lines(meaning.table, meaning.columns, meaning.formats)
        keep(meaning.source, "parsed_lines", lines)
        return find_month(LAST_MONTH, Engine(backend.con))


def group_orders(lines: Table, settings: CleaningSettings) -> Table:
    """Return one row per customer × order × verdict: what every later stage starts from.

    Columns: customer_id, order_id, exclusion, other_exclusion, is_return, fee_code (the product
    code of freight and fees, bought or given back, else null), first_at, last_at, line_count,
    amount (null where unreadable), contrary_count (lines written otherwise than the first rows).
    Contacts that are mapped come along: of two in one group of
    lines, the one that is later in the alphabet.
    """
    nothing = fee_code = ibis.null("string")
    is_fee = is_non_product(lines, settings)
    if is_fee is not None:
        code = lines[PRODUCT_CODE].upper()
        kind = lines[OTHER_EXCLUSION].coalesce(lines[EXCLUSION])
        given_back = is_fee.ifelse(code, nothing)
        fee_code = ibis.cases(
            (kind.isnull(), nothing),
            (kind == "non_product", code),
            (kind.isin(RETURNABLE), given_back),
            else_=nothing,
        )
    keys = (CUSTOMER_ID, ORDER_ID, EXCLUSION, OTHER_EXCLUSION, IS_RETURN)
    return lines.group_by(*keys, **{FEE_CODE: fee_code}).agg(
        **{
            FIRST_AT: lines[ORDERED_AT].min(),
            LAST_AT: lines[ORDERED_AT].max(),
            LINE_COUNT: lines.count(),
            AMOUNT: lines[AMOUNT].sum(),
            CONTRARY_COUNT: lines[IS_CONTRARY].sum(),
            **{name: lines[name].max() for name in CONTACTS if name in lines.columns},
            **{name: lines[name].sum() for name in TAKEN_OFF if name in lines.columns},
            **{name: lines[name].max() for name in (STATUS, ROW_TYPE) if name in lines.columns},
        }
    )


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


def _speaks_against(engine: Engine, formats: ValueFormats) -> bool:
    """Say whether lines are written otherwise than the first rows, where only those were asked."""
    query = f"SELECT sum({CONTRARY_COUNT}) FROM orders"  # noqa: S608  our own
    return bool(formats.presumed and engine.value(query))


def _stray_end(engine: Engine, rules: CleaningSettings) -> date | None:
    """Return the day after the last that does not stray, where nobody said when the data end."""
    return end_before_strays(engine) if rules.as_of is None and not rules.month else None


def _is_asked_before(rules: CleaningSettings, source: Source) -> bool:
    """Say whether lines are asked something before they are judged: text would be parsed again.

    Of a small source, planning one query for both takes longer than reading it.
    """
    has_open_end = rules.window_months is not None and rules.as_of is None
    is_small = sum(path.stat().st_size for path in source.files) < _SMALL_BYTES
    return source.has_parts or rules.month == LAST_MONTH or has_open_end or is_small


def _find_window(
    lines: Table, columns: ColumnMap, rules: CleaningSettings
) -> tuple[Window, date | None]:
    """Return the days that count, and the month that was asked for.

    A window without `as_of` ends with the last kept line.
    """
    month = find_month(rules.month, Engine(lines.get_backend().con)) if rules.month else None
    as_of = next_month(month) if month else rules.as_of
    if rules.window_months is None:
        return Window(None, as_of), month
    if as_of is None:
        judged = judge_lines(lines, columns, rules, Window())
        kept = judged.filter(judged[EXCLUSION].isnull())
        last_at = ask_row(kept.agg(last_at=kept[ORDERED_AT].max()))["last_at"]
        as_of = last_at.date() + _ONE_DAY if last_at else None
    first_day = months_before(as_of, rules.window_months) if as_of else None
    return Window(first_day, as_of), month
