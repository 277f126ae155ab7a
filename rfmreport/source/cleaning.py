"""Cleaning: every line gets a verdict, none vanishes, and the bridge to the raw total ties."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from rfmreport.engine.results import fetch_row, fetch_rows, fetch_value
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import LAST_MONTH
from rfmreport.source import text_files
from rfmreport.source.audit import Audit, AuditRow
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
    SOURCE_PART,
    STATUS,
    UNIT_PRICE,
    Finding,
    months_before,
    next_month,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from ibis.expr.types import BooleanValue, Column, Table

    from rfmreport.settings import CleaningSettings, SourceSettings
    from rfmreport.source.roles import ColumnMap

Sample = Mapping[str, tuple[str, ...]]
"""What stands in the first rows, as text, by heading; empty cells are left out."""
MONEY = "decimal(18, 4)"
LINE_COLUMNS = (
    CUSTOMER_ID, ORDER_ID, ORDERED_AT, AMOUNT, QUANTITY, PRODUCT_CODE, PRODUCT_NAME, COUNTRY,
    EXCLUSION, OTHER_EXCLUSION, IS_RETURN,
)  # fmt: skip
"""What later stages ask of a line, besides the contacts that are mapped."""

MONTH_INCOMPLETE = "month_incomplete"
_ISO = "ISO"
_ISO_DATE = re.compile(r"\s*(19|20|21)\d\d-[01]\d-[0-3]\d([ T][0-2]\d:[0-5]\d|\s*$)")
_EXCEL = "Excel"
_EARLIEST, _LATEST = "1900-01-01", "2200-01-01"
_FLOAT_ENDING = ".0"
_DIGITS = "^[0-9]+$"
_STATUSES_SHOWN = 12
_CURRENCY_SIGN = re.compile("[$£€¥₹]")
_SURE_SIGNS = {"£": "GBP", "€": "EUR", "₹": "INR"}  # a dollar or a yen may be another's
_CURRENCY_CODE = re.compile("[A-Z]{3}")
_CURRENCY_HEADINGS = ("currency", "currency code", "currency_code", "devise", "währung", "moneda")
_EXCEL_DAYS = (20_000, 80_000)
_READABLE_ENOUGH = 0.5
_MISSING_WORDS = ("", "nan", "NaN", "None", "null", "NULL", "<NA>", "N/A")
_DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y",
    "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", "T%H:%M:%S")
_DECIMAL_COMMA = re.compile(r",\d{1,2}\)?\D*$|\.\d{3},")
_THOUSANDS = {".": ",", ",": "."}
# One run of digits with its marks, perhaps a currency around it: "3 @ 5.00" is no amount.
_ONE_NUMBER = r"^[^0-9]*[0-9][0-9.,'’\s\x{A0}\x{2009}\x{202F}]*[^0-9]*$"
_THOUSANDS_COMMAS = r"^\D*\d{1,3}(,\d{3})+(\.\d+)?\D*$"


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _try_strptime(text: str, formats: list[str]) -> datetime.datetime:  # type: ignore[empty-body]
    """Read a time by the first format that fits, or give null (a function of the engine)."""


@dataclass(frozen=True, slots=True)
class ValueFormats:
    """How this source writes dates and numbers.

    `date` is "ISO", "Excel" (days since 1899-12-30) or a format for the day such as "%d/%m/%Y";
    `decimal` is the decimal mark of the amounts, or None where they are plain numbers.
    """

    date: str
    decimal: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count: from `first_day` (None: from the start) up to, not including, `as_of`.

    `as_of` None means: to the end of the data.
    """

    first_day: datetime.date | None = None
    as_of: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days of the first and last kept line, None where nothing was kept.

    `first_known_day` is the first that would be kept without a window; `first_seen_day` and
    `last_seen_day` are of any line. `covered_from` to the day before `covered_until` adds the days
    around them on which the shop never sells.
    """

    first_day: datetime.date | None
    last_day: datetime.date | None
    first_known_day: datetime.date | None
    first_seen_day: datetime.date | None
    last_seen_day: datetime.date | None
    covered_from: datetime.date | None
    covered_until: datetime.date | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to leave a line out: its key in the data, its words in the bridge, its test.

    `applies` returns None where the rule has nothing to look at in this source.
    """

    key: str
    label: str
    applies: Callable[[Table, _Context], BooleanValue | None]


@dataclass(frozen=True, slots=True)
class _Context:
    """What the rules need to know beside the line itself."""

    settings: CleaningSettings
    columns: ColumnMap
    window: Window


def find_value_formats(
    sample: Sample, columns: ColumnMap, table: Table, settings: SourceSettings
) -> ValueFormats:
    """Find how dates and amounts are written, from the sample; what the user said wins.

    Raises:
        InputError: the dates cannot be read, or day and month cannot be told apart.
        SettingsError: the user's date format has a meaningless part.
    """
    if settings.date_format:
        _check_date_format(sample, columns.date, settings.date_format)
    date = settings.date_format or _find_date_format(sample, columns.date, table)
    amounts = [columns.amount] if columns.amount else [columns.unit_price, columns.quantity]
    texts = [text for name in amounts if name for text in sample[name]]
    return ValueFormats(date, settings.decimal or _find_decimal(texts))


def trusted_prefixes(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Switch a prefix rule off where most order ids carry it: it is the shop's numbering."""
    if columns.order is None:
        return settings, ()
    orders = sample[columns.order]
    findings = []
    for name in ("cancellation_prefix", "adjustment_prefix"):
        prefix = getattr(settings, name)
        pattern = re.compile(rf"{re.escape(prefix)}\d+$")
        if prefix and sum(map(bool, map(pattern.match, orders))) > _READABLE_ENOUGH * len(orders):
            settings = dataclasses.replace(settings, **{name: ""})  # type: ignore[arg-type]
            text = (
                f"Most order numbers begin with {prefix}, so {prefix}… was taken for the shop's "
                f"numbering, not for a {name.removesuffix('_prefix')}."
            )
            findings.append(Finding(name, "note", text))
    return settings, tuple(findings)


def kept_statuses(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[Finding, ...]:
    """Name the order statuses that count as sales, for only the shop knows what each means."""
    if columns.status is None:
        return ()
    cancelled = {word.lower() for word in settings.cancelled_statuses}
    kept = sorted({s.strip() for s in sample[columns.status] if s.strip().lower() not in cancelled})
    if not kept:
        return ()
    text = (
        f"Orders with these statuses count as sales: {', '.join(kept[:_STATUSES_SHOWN])}. Leave "
        "others out with cancelled_statuses in [cleaning]."
    )
    return (Finding("statuses", "note", text),)


def mixed_currencies(sample: Sample, columns: ColumnMap) -> tuple[Finding, ...]:
    """Warn where the first rows hold amounts in several currencies: they would be added up."""
    found = max(_currencies(sample, columns), key=len)
    if len(found) < 2:  # noqa: PLR2004  one currency is none too many
        return ()
    text = (
        f"Amounts in several currencies ({', '.join(sorted(found))}) were added up as they stand; "
        "build from one currency at a time."
    )
    return (Finding("currencies", "warning", text),)


def currency_of(sample: Sample, columns: ColumnMap) -> str | None:
    """Return the ISO code of the one currency that the first rows name; None where none is sure."""
    signs, codes = _currencies(sample, columns)
    named = {code for code in codes if _CURRENCY_CODE.fullmatch(code)} or {
        _SURE_SIGNS[sign] for sign in signs if sign in _SURE_SIGNS
    }
    return named.pop() if len(named) == 1 else None


def _currencies(sample: Sample, columns: ColumnMap) -> tuple[set[str], set[str]]:
    """Return the signs before amounts, and what a column of currencies holds."""
    amounts = sample[columns.amount or columns.unit_price or ""]
    signs = {sign for text in amounts for sign in _CURRENCY_SIGN.findall(text)}
    codes = {
        text.strip().upper()
        for heading, texts in sample.items()
        if heading.casefold() in _CURRENCY_HEADINGS
        for text in texts
    }
    return signs, codes


def parse_lines(table: Table, columns: ColumnMap, formats: ValueFormats) -> Table:
    """Return one row per source line in our own columns and types; nothing is dropped.

    Columns: customer_id, order_id (the customer and the day where the file names none),
    ordered_at, amount (decimal, null where unreadable), quantity, unit_price, product_code,
    product_name, country, status, source_part, and the contacts that are mapped.
    Wall-clock times are kept: an offset such as +0000 is dropped, because the shop's day is the
    local one.
    """
    customer = _identifier(table[columns.customer])
    ordered_at = _timestamp(table[columns.date], formats.date)
    customer_day = customer + "|" + ordered_at.date().cast("string")
    if columns.order is not None:
        order = _identifier(table[columns.order]).fill_null(customer_day)
    else:
        order = customer_day
    quantity = _optional(table, columns.quantity, lambda c: _number(c, formats.decimal), "float64")
    price = _optional(table, columns.unit_price, lambda c: _number(c, formats.decimal), "float64")
    if columns.amount is not None:
        amount = _number(table[columns.amount], formats.decimal)
    else:
        amount = quantity * price
    named = {
        CUSTOMER_ID: customer,
        ORDER_ID: order,
        ORDERED_AT: ordered_at,
        AMOUNT: amount.try_cast(MONEY),
        QUANTITY: quantity,
        UNIT_PRICE: price,
    }
    texts = (
        (PRODUCT_CODE, columns.product),
        (PRODUCT_NAME, columns.product_name),
        (COUNTRY, columns.country),
        (STATUS, columns.status),
        (SOURCE_PART, SOURCE_PART if SOURCE_PART in table.columns else None),
    )
    named |= {name: _optional(table, heading, _text, "string") for name, heading in texts}
    # As an id is read: 4420.0 is a telephone number without the fraction, "N/A" is none.
    named |= {name: _identifier(table[getattr(columns, name)]) for name in columns.contacts}
    return table.select(**named)


def judge_lines(
    lines: Table, columns: ColumnMap, settings: CleaningSettings, window: Window
) -> Table:
    """Add `exclusion` (the key of the first rule that matches, or null) and `is_return`.

    `other_exclusion` is the next rule that would have matched, told only of lines that the window
    or the missing customer took: what they would count as, were that choice made otherwise.

    With `net_returns`, a cancellation or negative line of a customer who also bought something is
    kept as a return: `exclusion` is null, `is_return` true, and its negative amount counts.
    """
    context = _Context(settings, columns, window)
    by_itself = _branches(lines, context, _RULES_OF_THE_LINE)
    judged = lines.mutate(kind=_first_match(by_itself, ibis.null("string")))
    judged = _with_verdicts(judged, context)
    if not settings.net_returns:
        return judged.drop("kind").mutate(**{IS_RETURN: ibis.literal(value=False)})
    judged = judged.mutate(**{IS_RETURN: _is_return(judged, columns, settings)})
    netted = judged[IS_RETURN].ifelse(ibis.null("string"), judged.kind)
    judged = judged.drop(EXCLUSION, OTHER_EXCLUSION).mutate(kind=netted)
    judged = _with_verdicts(judged, context).drop("kind")
    counts = judged[EXCLUSION].isnull() | (judged[EXCLUSION] == "before_window")
    return judged.mutate(**{IS_RETURN: judged[IS_RETURN] & counts.fill_null(False)})  # noqa: FBT003


def _branches(
    lines: Table, context: _Context, rules: Sequence[Rule]
) -> list[tuple[BooleanValue, str]]:
    tests = ((rule.applies(lines, context), rule.key) for rule in rules)
    return [(test, key) for test, key in tests if test is not None]


def _first_match(branches: Sequence[tuple[BooleanValue, str]], otherwise: Column) -> Column:
    return ibis.cases(*branches, else_=otherwise) if branches else otherwise


def _with_verdicts(lines: Table, context: _Context) -> Table:
    """Add both verdicts; `kind` is what a line is left out as by itself."""
    branches = _branches(lines, context, _RULES_BEFORE)
    judged = lines.mutate(**{EXCLUSION: _first_match(branches, lines.kind)})
    known = ibis.cases((judged[CUSTOMER_ID].isnull(), "missing_customer"), else_=judged.kind)
    other = ibis.cases(
        (judged[EXCLUSION] == "missing_customer", judged.kind),
        (judged[EXCLUSION] == "before_window", known),
        else_=ibis.null("string"),
    )
    return judged.mutate(**{OTHER_EXCLUSION: other})


def _is_return(judged: Table, columns: ColumnMap, settings: CleaningSettings) -> BooleanValue:
    """Say which lines give money back to a customer who bought something in the same window."""
    is_before = judged[EXCLUSION] == "before_window"
    kept = judged.filter(judged[EXCLUSION].isnull())
    kept_before = judged.filter(is_before & judged[OTHER_EXCLUSION].isnull())
    is_buyer = is_before.fill_null(False).ifelse(  # noqa: FBT003  Ibis takes the value by position
        judged[CUSTOMER_ID].isin(kept_before[CUSTOMER_ID]),
        judged[CUSTOMER_ID].isin(kept[CUSTOMER_ID]),
    )
    is_return = judged.kind.isin(RETURNABLE) & (judged[AMOUNT] < 0) & is_buyer
    if columns.product is not None and settings.non_product_codes:
        is_product = ~_is_non_product(judged, settings)
        is_return &= is_product.fill_null(True)  # noqa: FBT003  a line without a code is no fee
    came_to_nothing = _came_to_nothing(judged, columns, settings)
    if came_to_nothing is not None:
        # A discount within a cancelled order gives nothing back: the order brought nothing in.
        is_return &= ~came_to_nothing.fill_null(False)  # noqa: FBT003
    return is_return.fill_null(False)  # noqa: FBT003


def mark_repeated(lines: Table) -> Table:
    """Add `is_repeated`: the same line of the same order stands in another file or sheet as well.

    Copies are matched one to one, so an article rung up twice within a file stays twice. Contacts
    may differ: a newer export has the customer's new telephone number.
    """
    per_order = lines.group_by(ORDER_ID).agg(part_count=lines[SOURCE_PART].nunique())
    is_shared = (per_order.part_count > 1) & per_order[ORDER_ID].notnull()
    shared = per_order.filter(is_shared)[ORDER_ID]
    content = [name for name in lines.columns if name not in {SOURCE_PART, *CONTACTS}]
    candidates = lines.filter(lines[ORDER_ID].isin(shared))
    within_part = ibis.window(group_by=[*content, SOURCE_PART], order_by=SOURCE_PART)
    numbered = candidates.mutate(copy_number=ibis.row_number().over(within_part))
    across_parts = ibis.window(group_by=[*content, "copy_number"], order_by=SOURCE_PART)
    marked = numbered.mutate(is_repeated=ibis.row_number().over(across_parts) > 0)
    rest = lines.filter(lines[ORDER_ID].isnull() | lines[ORDER_ID].notin(shared))
    return marked.drop("copy_number").union(rest.mutate(is_repeated=ibis.literal(value=False)))


def group_orders(lines: Table, settings: CleaningSettings) -> Table:
    """Return one row per customer × order × verdict: what every later stage starts from.

    Columns: customer_id, order_id, exclusion, other_exclusion, is_return, fee_code (the product
    code of freight and fees, bought or given back, else null), first_at, last_at, line_count,
    amount (null where unreadable). Contacts that are mapped come along: of two in one group of
    lines, the one that is later in the alphabet.
    """
    fee_code = ibis.null("string")
    if settings.non_product_codes:
        code = lines[PRODUCT_CODE].upper()
        given_back = _is_non_product(lines, settings).ifelse(code, ibis.null("string"))
        kind = lines[OTHER_EXCLUSION].coalesce(lines[EXCLUSION])
        fee_code = ibis.cases(
            (kind == "non_product", code),
            (kind.isin(RETURNABLE), given_back),
            else_=ibis.null("string"),
        )
    keys = (CUSTOMER_ID, ORDER_ID, EXCLUSION, OTHER_EXCLUSION, IS_RETURN)
    return lines.group_by(*keys, **{FEE_CODE: fee_code}).agg(
        **{
            FIRST_AT: lines[ORDERED_AT].min(),
            LAST_AT: lines[ORDERED_AT].max(),
            LINE_COUNT: lines.count(),
            AMOUNT: lines[AMOUNT].sum(),
            **{name: lines[name].max() for name in CONTACTS if name in lines.columns},
        }
    )


def measure_coverage(orders: Table) -> Coverage:
    """Return which days the data cover, and which of them count."""
    is_kept = orders[EXCLUSION].isnull()
    is_known = is_kept | (orders[EXCLUSION] == "before_window") & orders[OTHER_EXCLUSION].isnull()
    seen = orders.filter((orders[EXCLUSION] != "unreadable_date") | is_kept)
    row = _one_row(
        seen.agg(
            first_day=seen[FIRST_AT].min(where=is_kept).date(),
            last_day=seen[LAST_AT].max(where=is_kept).date(),
            first_known_day=seen[FIRST_AT].min(where=is_known).date(),
            **_seen_days(seen[FIRST_AT], seen[LAST_AT], seen[LINE_COUNT]),
        )
    )
    covered = _covered_days(row)
    return Coverage(
        first_day=row["first_day"],
        last_day=row["last_day"],
        first_known_day=row["first_known_day"],
        first_seen_day=row["first_seen"],
        last_seen_day=row["last_seen"],
        covered_from=covered[0] if covered else None,
        covered_until=covered[1] if covered else None,
    )


def find_month(asked: str, lines: Table) -> datetime.date:
    """Return the first day of the month that was asked for: "2011-11", or "last".

    The last month is the last one that the lines cover whole.

    Raises:
        InputError: the lines cover no whole month.
    """
    if asked != LAST_MONTH:
        return datetime.date.fromisoformat(f"{asked}-01")
    is_readable = _is_plausible(lines[ORDERED_AT])
    seen = lines.filter(is_readable)[[ORDERED_AT]]
    one = ibis.literal(1)
    row = _one_row(seen.agg(**_seen_days(seen[ORDERED_AT], seen[ORDERED_AT], one)))
    covered = _covered_days(row)
    if covered is not None:
        month = months_before(covered[1].replace(day=1), 1)
        if covered[0] <= month:
            return month
    message = (
        f"the data cover no whole month (from {row['first_seen']} to {row['last_seen']}); name a "
        "month such as --month 2011-11, or leave it out"
    )
    raise InputError(message)


def month_findings(month: datetime.date, coverage: Coverage) -> tuple[Finding, ...]:
    """Warn where the data do not hold the month that was asked for from its beginning to its end.

    Raises:
        InputError: they hold nothing of it.
    """
    end, last_seen = coverage.covered_until, coverage.last_seen_day
    begin = coverage.first_seen_day
    if begin is not None and begin >= next_month(month):
        first = f"{begin.day} {begin:%B %Y}"
        message = f"{month:%B %Y} is not in the data, which begin on {first}"
        raise InputError(message)
    if begin is not None and coverage.covered_from is not None and coverage.covered_from > month:
        first = f"{begin.day} {begin:%B %Y}"
        text = f"{month:%B %Y} is not complete: the data begin on {first}."
        return (Finding(MONTH_INCOMPLETE, "warning", text),)
    if end is None or last_seen is None or end >= next_month(month):
        return ()
    last = f"{last_seen.day} {last_seen:%B %Y}"
    if end <= month:
        message = (
            f"{month:%B %Y} is not in the data, which end on {last}; --month last reports the last "
            "month that they cover"
        )
        raise InputError(message)
    text = (
        f"{month:%B %Y} is not complete: the data end on {last}, and the month's figures with them."
    )
    return (Finding(MONTH_INCOMPLETE, "warning", text),)


_WEEKDAYS = range(7)
_MOST_CLOSED_WEEKDAYS = 2
_ENOUGH_DAYS, _ENOUGH_LINES = 56, 50


def _seen_days(first_at: Column, last_at: Column, line_count: Column) -> dict[str, Column]:
    weekday = last_at.date().day_of_week.index()
    counts = {f"weekday_{day}": (weekday == day).ifelse(line_count, 0).sum() for day in _WEEKDAYS}
    return {"first_seen": first_at.min().date(), "last_seen": last_at.max().date(), **counts}


def _covered_days(row: Mapping[str, Any]) -> tuple[datetime.date, datetime.date] | None:
    """Return the first day that the data cover, and the first after them that they do not.

    Days on which the shop never sells are covered too: a shop that is closed on Sundays has seen
    all of a month that ends on one.
    """
    if row["last_seen"] is None:
        return None
    counts = [row[f"weekday_{weekday}"] or 0 for weekday in _WEEKDAYS]
    is_known = (
        counts.count(0) <= _MOST_CLOSED_WEEKDAYS
        and sum(counts) >= _ENOUGH_LINES
        and (row["last_seen"] - row["first_seen"]).days >= _ENOUGH_DAYS
    )
    closed = {weekday for weekday, count in enumerate(counts) if is_known and not count}
    return (
        _passed(row["first_seen"], closed, datetime.timedelta(days=-1)),
        _passed(row["last_seen"], closed, datetime.timedelta(days=1)) + datetime.timedelta(days=1),
    )


def _passed(day: datetime.date, closed: Container[int], step: datetime.timedelta) -> datetime.date:
    """Return the last day in this direction before the shop might have sold again."""
    while (day + step).weekday() in closed:
        day += step
    return day


def _one_row(table: Table) -> dict[str, Any]:
    row: dict[str, Any] = fetch_row(table)
    return row


def last_kept_day(lines: Table) -> datetime.date | None:
    """Return the day of the last line that was judged worth keeping, or None."""
    kept = lines.filter(lines[EXCLUSION].isnull())
    day: datetime.date | None = fetch_value(kept[ORDERED_AT].max().date())
    return day


def audit(orders: Table, rejected_line_count: int = 0) -> Audit:
    """Return the bridge from everything read to what was kept; it ties in lines, orders, money.

    An order counts as kept if any of its lines is; else under the first rule that took one.
    """
    verdict = _verdict_number(orders)
    per_order = orders.filter(orders[ORDER_ID].notnull()).group_by(ORDER_ID)
    order_counts = _counted(per_order.agg(verdict=verdict.min()).group_by("verdict"))
    rows = orders.group_by(verdict=verdict).agg(
        lines=orders[LINE_COUNT].sum(), money=orders[AMOUNT].sum()
    )
    by_verdict = {row["verdict"]: row for row in fetch_rows(rows)}
    labels: list[tuple[str | None, str]] = [(None, "Analysed")]
    labels += [(rule.key, rule.label) for rule in RULES]
    found = [
        AuditRow(
            key,
            label,
            line_count=int(by_verdict[number]["lines"]),
            order_count=order_counts.get(number, 0),
            amount=_or_nothing(by_verdict[number]["money"]),
        )
        for number, (key, label) in enumerate(labels)
        if number in by_verdict
    ]
    if rejected_line_count:
        label = "Rows that do not fit the heading"
        found.append(AuditRow("misfit", label, rejected_line_count, 0, Decimal(0)))
    excluded = tuple(row for row in found if row.exclusion)
    kept = next((r for r in found if not r.exclusion), AuditRow(None, "Analysed", 0, 0, Decimal(0)))
    return Audit(
        read=_sum_of("Read from the source", [kept, *excluded]),
        excluded=excluded,
        kept=kept,
        kept_adjustments=_netted_returns(orders),
    )


def data_findings(orders: Table, bridge: Audit) -> tuple[Finding, ...]:
    """Return what a reader should know about the lines that were left out, with its size."""
    findings = []
    fees = orders.filter((orders[EXCLUSION] == "non_product") & orders[CUSTOMER_ID].notnull())
    by_code = fees.group_by(FEE_CODE).agg(money=fees[AMOUNT].sum(), lines=fees[LINE_COUNT].sum())
    rows = fetch_rows(by_code.order_by(by_code.money.desc(), FEE_CODE))
    if rows:
        listed = ", ".join(f"{row['fee_code']} {row['money']:,.2f}" for row in rows)
        text = f"Freight, fees and manual postings are not counted as sales: {listed}."
        amount = sum((row["money"] for row in rows), Decimal(0))
        line_count = sum(int(row["lines"]) for row in rows)
        findings.append(Finding("fees", "note", text, line_count, amount))
    findings += _reversed_orders(orders)
    for key, text in _BRIDGE_FINDINGS:
        row = next((r for r in bridge.excluded if r.exclusion == key), None)
        if row:
            findings.append(Finding(key, "warning", text, row.line_count, row.amount))
    return tuple(findings)


_BRIDGE_FINDINGS = (
    ("missing_customer", "Lines without a customer are revenue that no segment can claim."),
    ("cancellation", "Cancellations are left out, not subtracted; --net-returns subtracts them."),
    ("repeated", "Lines that stand in more than one file or sheet are counted once."),
    ("unreadable_date", "Lines whose date cannot be read are left out."),
    ("unreadable_amount", "Lines whose amount cannot be read are left out, their money unknown."),
)  # fmt: skip


def _reversed_orders(orders: Table) -> list[Finding]:
    """Find kept orders whose whole amount the same customer cancelled: sales that never were."""
    kept = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    bought = kept.group_by(CUSTOMER_ID, AMOUNT).agg(orders=kept.count())
    cancelled = orders.filter((orders[EXCLUSION] == "cancellation") & (orders[AMOUNT] < 0))
    taken_back = cancelled.group_by(CUSTOMER_ID, **{AMOUNT: -cancelled[AMOUNT]}).agg(
        cancellations=cancelled.count()
    )
    both = bought.join(taken_back, [CUSTOMER_ID, AMOUNT])
    count = ibis.least(both.orders, both.cancellations)
    row = fetch_row(both.agg(orders=count.sum(), money=(count * both[AMOUNT]).sum()))
    if not row["orders"]:
        return []
    order_count = int(row["orders"])
    text = (
        f"{order_count} analysed orders were cancelled in full by the same customer for the "
        "same amount, and still count as sales; --net-returns subtracts them."
    )
    return [Finding("reversed", "warning", text, None, row["money"], order_count)]


def _or_nothing(amount: Decimal | None) -> Decimal:
    """Return an engine's sum; over nothing readable it is null."""
    return Decimal(0) if amount is None else amount


def _netted_returns(orders: Table) -> tuple[AuditRow, ...]:
    returns = orders.filter(orders[EXCLUSION].isnull() & orders[IS_RETURN])
    values = fetch_row(
        returns.agg(
            lines=returns[LINE_COUNT].sum(),
            orders=returns[ORDER_ID].nunique(),
            money=returns[AMOUNT].sum(),
        )
    )
    if not values["lines"]:
        return ()
    label = "Returns, subtracted"
    money = Decimal(values["money"])
    return (AuditRow(None, label, int(values["lines"]), int(values["orders"]), money),)


def _sum_of(label: str, rows: Iterable[AuditRow]) -> AuditRow:
    rows = list(rows)
    return AuditRow(
        None,
        label,
        line_count=sum(row.line_count for row in rows),
        order_count=sum(row.order_count for row in rows),
        amount=sum((row.amount for row in rows), Decimal(0)),
    )


def _verdict_number(orders: Table) -> Column:
    numbers = [(orders[EXCLUSION] == rule.key, n) for n, rule in enumerate(RULES, start=1)]
    return ibis.cases((orders[EXCLUSION].isnull(), 0), *numbers)


def _counted(grouped: Any) -> dict[int, int]:  # noqa: ANN401  Ibis does not name the type
    rows = fetch_rows(grouped.agg(n=lambda t: t.count()))
    return {row["verdict"]: row["n"] for row in rows}


# --- how values are written ---------------------------------------------------------------------


def _find_date_format(sample: Sample, heading: str, table: Table) -> str:
    if not table[heading].type().is_string() and not table[heading].type().is_numeric():
        return _ISO
    known = sample[heading]
    total = len(known)
    if known and all(map(_ISO_DATE.match, known)):
        return _ISO
    texts = _as_table(heading, known)
    readable = _readable_counts(texts, heading, (_ISO, _EXCEL, *_DAY_FORMATS))
    most = max(readable.values())
    best = [name for name, count in readable.items() if count == most]
    if _ISO in best:
        best = [_ISO]
    if most <= total * _READABLE_ENOUGH:
        shown = ", ".join(repr(text) for text in dict.fromkeys(known[:3]))
        message = (
            f"column {heading!r} does not hold dates that can be read: {shown}; expected such as "
            "2011-12-09 08:26; say how they are written with --date-format '%d.%m.%Y %H:%M', "
            "or which column it is with --map date=HEADING"
        )
        raise InputError(message)
    if len(best) > 1:
        best = _settled_on_all_lines(table, heading, best)
    return best[0]


def _as_table(heading: str, texts: Sequence[str]) -> Table:
    return ibis.memtable({heading: list(texts)}, schema={heading: "string"})


def _check_date_format(sample: Sample, heading: str, date_format: str) -> None:
    known = sample[heading]
    try:
        readable = _readable_counts(_as_table(heading, known), heading, [date_format])
    except duckdb.Error as error:
        message = f"date format {date_format!r}: {text_files.one_line(error)}"
        raise SettingsError(message) from error
    if not readable[date_format]:
        shown = ", ".join(repr(text) for text in dict.fromkeys(known[:3]))
        message = f"column {heading!r}: no date reads as {date_format!r}; it holds {shown}"
        raise InputError(message)


def _settled_on_all_lines(table: Table, heading: str, formats: Sequence[str]) -> list[str]:
    """Keep the format that reads most of all lines; equal ones cannot be told apart."""
    readable = _readable_counts(table, heading, formats)
    best = [name for name in formats if readable[name] == max(readable.values())]
    if len(best) > 1:
        message = (
            f"column {heading!r}: the day and the month cannot be told apart, every date reads as "
            f"{best[0]} and as {best[1]}; say which with --date-format '{best[0]}'"
        )
        raise InputError(message)
    return best


def _readable_counts(table: Table, heading: str, formats: Sequence[str]) -> dict[str, int]:
    counts = {
        f"f{i}": _is_plausible(_timestamp(table[heading].cast("string"), name)).sum()
        for i, name in enumerate(formats)
    }
    row = fetch_row(table.agg(**counts))
    return {name: row[f"f{i}"] or 0 for i, name in enumerate(formats)}


def _timestamp(column: Column, date_format: str) -> Column:
    """Read a time; what is unreadable is null."""
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return column.cast("timestamp")
    text = column.cast("string")
    if date_format == _ISO:
        read = text.try_cast("timestamp")
    elif date_format == _EXCEL:
        days = text.try_cast("float64")
        days = days.between(*_EXCEL_DAYS).ifelse(days, ibis.null("float64"))
        seconds = (days * 86_400).round().cast("int64")
        read = ibis.timestamp("1899-12-30") + seconds.as_interval("s")
    else:
        formats = [date_format] if "%H" in date_format or "%I" in date_format else None
        formats = formats or [date_format + time for time in _TIME_FORMATS]
        read = _try_strptime(text.strip(), formats)
    return read


def _is_plausible(time: Column) -> BooleanValue:
    """Say whether a time was meant: "1/2/10" reads as the year 1, a slip of the pen as 2911."""
    return (time >= ibis.timestamp(_EARLIEST)) & (time < ibis.timestamp(_LATEST))


def _find_decimal(texts: Sequence[str]) -> str | None:
    """Return None for plain numbers, else the mark before the decimals: 1.234,50 has a comma."""
    unread = [text for text in texts if text.strip() and not _is_plain_number(text)]
    if not any(character.isdigit() for text in unread for character in text):
        return None
    commas = sum(bool(_DECIMAL_COMMA.search(text)) for text in unread)
    return "," if commas * 2 > len(unread) else "."


def _is_plain_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(column: Column, decimal: str | None) -> Column:
    """Read a number as a double; null where there is none. "(12.50)" and "12.50-" are negative."""
    if column.type().is_numeric():
        return column.cast("float64")
    text = column.cast("string")
    if decimal is None:
        # The sample had plain numbers only; a thousands comma further down is no riddle.
        grouped = text.re_search(_THOUSANDS_COMMAS).ifelse(text, ibis.null("string"))
        return ibis.coalesce(text.try_cast("float64"), _number_with_marks(grouped, "."))
    return _number_with_marks(text, decimal)


def _number_with_marks(text: Column, decimal: str) -> Column:
    text = text.re_search(_ONE_NUMBER).ifelse(text, ibis.null("string"))
    is_negative = text.re_search(r"^\s*\(.*\)\s*$|-\s*\D*$|^\D*[-−]")
    digits = text.replace(_THOUSANDS[decimal], "").re_replace(rf"[^0-9{decimal}]", "")
    size = digits.replace(decimal, ".").try_cast("float64")
    return is_negative.ifelse(-size, size)


def _identifier(column: Column) -> Column:
    """Return an id as text: "17850.0" is 17850, leading zeros stay, machine words mean missing.

    One CASE over the bare column: regular expressions, long IN lists or nested expressions (which
    the engine works out again in every branch) would cost more than reading the file.
    """
    if column.type().is_floating() or column.type().is_decimal():
        number = column.try_cast("int64")
        return (number == column).ifelse(number.cast("string"), column.cast("string"))
    text = column.cast("string")
    whole = text.left(text.length() - len(_FLOAT_ENDING))
    is_float = text.endswith(_FLOAT_ENDING) & whole.re_search(_DIGITS)
    return ibis.cases(
        (_is_any_of(text, _MISSING_WORDS), ibis.null("string")),
        (is_float, whole),
        (_has_blanks_around(text), text.strip().nullif("")),
        else_=text,
    )


def _text(column: Column) -> Column:
    """Return text without blanks around it."""
    text = column.cast("string")
    return _has_blanks_around(text).ifelse(text.strip(), text)


def _has_blanks_around(text: Column) -> BooleanValue:
    endings = (text.endswith(blank) for blank in (" ", "\t", "\r", "\n"))
    return functools.reduce(operator.or_, endings, text < "!")


def _is_any_of(text: Column, words: Sequence[str]) -> BooleanValue:
    return functools.reduce(operator.or_, (text == word for word in words))


def _optional(
    table: Table, heading: str | None, read: Callable[[Column], Column], kind: str
) -> Column:
    return ibis.null(kind) if heading is None else read(table[heading])


# --- the rules ----------------------------------------------------------------------------------


def _has_no_date(lines: Table, _: _Context) -> BooleanValue:
    return lines[ORDERED_AT].isnull() | ~_is_plausible(lines[ORDERED_AT])


def _after_as_of(lines: Table, context: _Context) -> BooleanValue | None:
    as_of = context.window.as_of
    return None if as_of is None else lines[ORDERED_AT] >= ibis.timestamp(as_of.isoformat())


def _before_window(lines: Table, context: _Context) -> BooleanValue | None:
    first_day = context.window.first_day
    return None if first_day is None else lines[ORDERED_AT] < ibis.timestamp(first_day.isoformat())


def _is_repeated(lines: Table, _: _Context) -> BooleanValue | None:
    return lines["is_repeated"] if "is_repeated" in lines.columns else None


def _is_cancellation(lines: Table, context: _Context) -> BooleanValue | None:
    settings = context.settings
    by_number = _has_prefix(lines, settings.cancellation_prefix, context)
    by_status = _came_to_nothing(lines, context.columns, settings)
    if by_number is None or by_status is None:
        return by_status if by_number is None else by_number
    return by_number | by_status


def _came_to_nothing(
    lines: Table, columns: ColumnMap, settings: CleaningSettings
) -> BooleanValue | None:
    """Say which lines are of an order that its status calls cancelled; None without a status."""
    if columns.status is None or not settings.cancelled_statuses:
        return None
    has_status = lines[STATUS].lower().isin([word.lower() for word in settings.cancelled_statuses])
    if columns.order is None:
        return has_status
    # Some exports write an order's status on the first of its lines only.
    has_none = lines[STATUS].isnull() | (lines[STATUS] == "")
    cancelled_orders = lines.filter(has_status)[ORDER_ID]
    return has_status | (has_none & lines[ORDER_ID].isin(cancelled_orders))


def _is_adjustment(lines: Table, context: _Context) -> BooleanValue | None:
    return _has_prefix(lines, context.settings.adjustment_prefix, context)


def _has_prefix(lines: Table, prefix: str, context: _Context) -> BooleanValue | None:
    if not prefix or context.columns.order is None:
        return None
    number = lines[ORDER_ID].substr(len(prefix))
    return lines[ORDER_ID].startswith(prefix) & number.re_search(_DIGITS)


def _has_no_quantity(lines: Table, context: _Context) -> BooleanValue | None:
    # Where the file holds the line's amount, the quantity beside it decides nothing.
    return None if context.columns.amount is not None else lines[QUANTITY] <= 0


def _has_no_price(lines: Table, context: _Context) -> BooleanValue:
    return (lines[UNIT_PRICE] if context.columns.amount is None else lines[AMOUNT]) <= 0


def _is_non_product(lines: Table, settings: CleaningSettings) -> BooleanValue:
    codes = sorted(code.upper() for code in settings.non_product_codes)
    # Most codes begin with a digit, and one comparison tells them from those listed.
    is_possible = lines[PRODUCT_CODE] >= codes[0]
    return is_possible & _is_any_of(lines[PRODUCT_CODE].upper(), codes)


def _counts_as_no_product(lines: Table, context: _Context) -> BooleanValue | None:
    if context.columns.product is None or not context.settings.non_product_codes:
        return None
    return _is_non_product(lines, context.settings)


RULES: tuple[Rule, ...] = (
    Rule("unreadable_date", "Date missing or unreadable", _has_no_date),
    Rule("unreadable_amount", "Amount missing or unreadable", lambda t, _: t[AMOUNT].isnull()),
    Rule("after_as_of", "On or after the as-of date", _after_as_of),
    Rule("repeated", "Repeated in another file or sheet", _is_repeated),
    Rule("before_window", "Before the window", _before_window),
    Rule("missing_customer", "No customer", lambda t, _: t[CUSTOMER_ID].isnull()),
    Rule("cancellation", "Cancellations", _is_cancellation),
    Rule("adjustment", "Book-keeping adjustments (bad debt)", _is_adjustment),
    Rule("non_positive_quantity", "Quantity zero or negative", _has_no_quantity),
    Rule("non_positive_price", "Price zero or negative", _has_no_price),
    Rule("non_product", "Freight, fees and manual postings", _counts_as_no_product),
)
"""The rules in the order in which they are tried; the first that matches is the verdict."""

_KEYS = [rule.key for rule in RULES]
_RULES_BEFORE = RULES[: _KEYS.index("missing_customer") + 1]
_RULES_OF_THE_LINE = RULES[_KEYS.index("missing_customer") + 1 :]
RETURNABLE = ("cancellation", "non_positive_quantity", "non_positive_price")
"""What a line that gives money back is left out as, where returns are not subtracted."""
