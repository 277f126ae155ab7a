"""The segment table: who the segments are, what they brought, and what is to be expected."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from rfmreport.formats import MISSING, Formats, rounded_that_add_up
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    raw_text,
    share_texts,
    shown,
)
from rfmreport.sections.worth.page import (
    amount_of,
    amounts_that_add_up,
    basis_of,
    is_far_off,
    miss_words,
    span_words,
    written_amount,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.sections.worth.figures import Outlook, Worth
    from rfmreport.vocabulary import Estimate


def segment_table(
    report: Report, formats: Formats, medium: Literal["screen", "print"] = "screen"
) -> Table:
    """Return the table of section 2: one row per segment and the total.

    Paper has room for who came back or for what is to come; the former has a section of its own.
    """
    rows = report.segments.rows
    customer_shares = share_texts([row.customer_count for row in rows], formats)
    revenue_shares = share_texts([row.revenue for row in rows], formats)
    revenues = rounded_that_add_up([row.revenue for row in rows])
    written = tuple(
        _segment_row(
            row,
            formats,
            i,
            customer_share=customer_shares[i],
            revenue=revenues[i],
            revenue_share=revenue_shares[i],
        )
        for i, row in enumerate(rows)
    )
    everything = formats.share(1.0)
    total = _segment_row(
        report.segments.total,
        formats,
        None,
        customer_share=everything,
        revenue=sum(revenues, Decimal(0)),
        revenue_share=everything,
    )
    table = Table(
        "Segments: customers, revenue and how their customers buy",
        _segment_columns(report, formats),
        written,
        total,
    )
    outlook = _outlook(report.worth)
    if outlook is None:
        return table
    if medium == "print":
        table = _mapped(table, lambda row: replace(row, cells=row.cells[:-1]))
        table = replace(table, columns=table.columns[:-1])
    return _with_expected(table, report, outlook, formats)


def _mapped(table: Table, change: Callable[[Row], Row]) -> Table:
    total = change(table.total) if table.total else None
    return replace(table, rows=tuple(map(change, table.rows)), total=total)


def _with_expected(table: Table, report: Report, outlook: Outlook, formats: Formats) -> Table:
    """Return the table with what customers can be expected to bring: money, or else orders."""
    values = [amount_of(part).value for part in outlook.parts]
    texts, total = amounts_that_add_up(values, formats, is_money=_is_money(outlook))
    told = {
        part.segment: Cell(text, f"{value:.2f}")
        for part, text, value in zip(outlook.parts, texts, values, strict=True)
    }
    whole = Cell(total, f"{amount_of(outlook.total).value:.2f}")
    rows = zip(table.rows, report.segments.rows, strict=True)
    return replace(
        table,
        columns=(*table.columns, Column("To come", hint=f"in {span_words(outlook.days, formats)}")),
        rows=tuple(_longer(row, told.get(one.name, Cell(MISSING))) for row, one in rows),
        total=_longer(table.total, whole) if table.total else None,
    )


def _longer(row: Row, cell: Cell) -> Row:
    return replace(row, cells=(*row.cells, cell))


def _is_money(outlook: Outlook) -> bool:
    return outlook.total.revenue is not None


def segment_note(
    report: Report, formats: Formats, medium: Literal["screen", "print"] = "screen"
) -> str:
    """Say what the columns of the segment table mean, of those that are there."""
    table, ruler = report.segments, report.measured_with
    parts = ["Days, orders and spend: of the median customer."]
    if table.previous_as_of:
        day = formats.day(table.previous_as_of)
        parts.append(f"Change: in customers since {day}, measured with the same {ruler}.")
    else:
        parts.append("No earlier date to compare with.")
    outlook = _outlook(report.worth)
    if table.hold_out_as_of and not (outlook and medium == "print"):
        day, days = formats.day(table.hold_out_as_of), formats.count(table.horizon_days)
        parts.append(
            f"Back: of the customers in the segment on {day}, the share with an order in the next "
            f"{days} days."
        )
    if _is_share_adjusted(table, formats):
        parts.append(
            "Shares are rounded so that they add up to 100%; in a sentence one may differ by 0.1."
        )
    if outlook and report.worth:
        parts.append(_expected_words(report.worth, outlook, formats))
    return " ".join(parts)


def _is_share_adjusted(table: SegmentTable, formats: Formats) -> bool:
    """Say whether a share of the table is written otherwise than it would be by itself."""
    columns = (
        ([row.customer_count for row in table.rows], [row.customer_share for row in table.rows]),
        ([row.revenue for row in table.rows], [row.revenue_share for row in table.rows]),
    )
    return any(
        share_texts(parts, formats) != [formats.share(share) for share in shares]
        for parts, shares in columns
    )


def _outlook(worth: Worth | None) -> Outlook | None:
    """Return the longest time ahead that is told; None where it is nothing to plan with."""
    if worth is None or not worth.outlooks or (not worth.model and is_far_off(basis_of(worth))):
        return None
    return worth.outlooks[-1]


def _expected_words(worth: Worth, outlook: Outlook, formats: Formats) -> str:
    what = "revenue" if outlook.total.revenue else "orders"
    whom = "today's customers"
    if outlook.untold_count:
        whom = f"{formats.count(outlook.total.customer_count)} of today's customers"
    words = f"To come: {what} expected of {whom}"
    if outlook.others:
        few = amount_of(outlook.others).value
        few_written = written_amount(few, formats, is_money=_is_money(outlook))
        words += f" ({few_written} of it of the segments without a figure, each too small)"
    if worth.model:
        return f"{words}, by model ({worth.model}); ranges under “What they will be worth”."
    trial = basis_of(worth)
    tried = f" (tried on the past: {miss_words(trial, formats)})" if trial else ""
    return f"{words} if they buy as before{tried}; ranges under “What they will be worth”."


def _segment_columns(report: Report, formats: Formats) -> tuple[Column, ...]:
    table = report.segments
    earlier = table.previous_as_of
    since = "no earlier date"
    if earlier:
        since = f"since {earlier.day} {formats.month_name_short(earlier)}"
    year_before = table.year_before_as_of
    return (
        Column("Segment", numeric=False),
        Column("Customers"),
        Column("%", hint="of all"),
        Column("Change", hint=since),
        *(
            [Column("Year", hint=f"since {formats.month_short(year_before)}")]
            if year_before
            else []
        ),
        Column("Revenue"),
        Column("%", hint="of all"),
        Column("Average", hint="order"),
        Column("Days", hint="median"),
        Column("Orders", hint="median"),
        Column("Spend", hint="median"),
        Column("Back", hint=f"in {table.horizon_days} days"),
    )


def _segment_row(  # noqa: PLR0913 - one argument per figure that only the whole table can round
    row: SegmentRow,
    formats: Formats,
    key: int | None,
    *,
    customer_share: str,
    revenue: Decimal,
    revenue_share: str,
) -> Row:
    change = _change_since(row, row.previous_customer_count)
    year_change = _change_since(row, row.year_before_customer_count)
    cells = (
        Cell(shown(row.name, 40)),
        Cell(formats.count(row.customer_count), str(row.customer_count)),
        Cell(customer_share, f"{row.customer_share:.6f}"),
        Cell(formats.count_change(change), raw_text(change), _tone(change)),
        *(
            [Cell(formats.count_change(year_change), raw_text(year_change), _tone(year_change))]
            if row.year_before_customer_count is not None
            else []
        ),
        Cell(formats.money(revenue), str(row.revenue)),
        Cell(revenue_share, f"{row.revenue_share:.6f}"),
        Cell(formats.money(row.average_order_value), raw_text(row.average_order_value)),
        Cell(formats.number(row.median_recency_days), raw_text(row.median_recency_days)),
        Cell(formats.number(row.median_order_count), raw_text(row.median_order_count)),
        Cell(formats.money(row.median_revenue), raw_text(row.median_revenue)),
        _return_cell(row.return_share, formats),
    )
    return Row(cells, key, shown(row.impact, 120))


def _change_since(row: SegmentRow, before_count: int | None) -> int | None:
    return None if before_count is None else row.customer_count - before_count


def _return_cell(share: Estimate | None, formats: Formats) -> Cell:
    if share is None:
        return Cell(MISSING)
    return Cell(formats.share(share.value, 0), f"{share.value:.6f}")


def _tone(change: float | None) -> str:
    if not change:
        return ""
    return "up" if change > 0 else "down"
