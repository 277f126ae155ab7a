"""What is said of goods that came back, and of orders that were cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.sections.plan.figures import ReturnMonth

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.plan.figures import Returns


def _returns_finding(report: Report, formats: Formats) -> str:
    returns = report.department_figures.returns
    if returns is None or not returns.rows:
        return ""
    total = returns.total
    if total.return_rate is None or not total.returned:
        if not total.cancelled:
            return ""
        return f"{formats.money_short(total.cancelled)} of orders were cancelled, nothing came back"
    return (
        f"{formats.share(total.return_rate)} of what was bought came back: "
        f"{formats.money_short(total.returned)} of {formats.money_short(total.gross)} in "
        f"{formats.count(len(returns.rows))} months"
    )


def returns_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return what came back by month, and in all."""
    returns = report.department_figures.returns
    if returns is None:
        return None
    fields = [
        Field[ReturnMonth]("", "Month", lambda row: _month_or_all(row, returns, formats)),
        Field[ReturnMonth]("", "Bought", lambda row: row.gross, "money", adds_up=True),
        Field[ReturnMonth]("", "Goods returned", lambda row: row.returned, "money", adds_up=True),
        Field[ReturnMonth]("", "Rate", lambda row: row.return_rate, "share"),
    ]
    if returns.total.cancelled:
        fields.append(Field("", "Cancelled", lambda row: row.cancelled, "money", adds_up=True))
    table = page_table("Returns by month", fields, returns.rows, formats, total=returns.total)
    netted = "subtracted from" if returns.are_netted else "left out of"
    note = f"By known customers, in complete months; they are {netted} the report’s revenue."
    if returns.largest and returns.largest_on:
        note += (
            f" The largest single one: {formats.money(returns.largest)} on "
            f"{formats.day(returns.largest_on)}."
        )
    return Block(table, note=note + _outside_words(report, returns, formats))


def _month_or_all(row: ReturnMonth, returns: Returns, formats: Formats) -> str:
    return "All months" if row is returns.total else formats.month_short(row.first_day)


def _outside_words(report: Report, returns: Returns, formats: Formats) -> str:
    """Say what came back besides the table's, and to which sum of the report all of it adds up."""
    words = ""
    if returns.since and returns.largest_since_on:
        words += (
            f" After these months {formats.money(returns.since)} came back, the largest single one "
            f"{formats.money(returns.largest_since)} on {formats.day(returns.largest_since_on)}."
        )
    parts = [
        f"{formats.money_short(amount)} {what}"
        for amount, what in (
            (returns.total.returned, "above"),
            (returns.elsewhere, "of goods on other days"),
            (returns.charges, "of freight, fees and postings"),
        )
        if amount
    ]
    audit = report.audit
    left_out = audit.told_as("cancellation")
    whole = returns.total.returned + returns.elsewhere + returns.charges
    if left_out is None or len(parts) < 2 or whole != -left_out.amount:  # noqa: PLR2004
        return words
    return (
        f"{words} {', '.join(parts[:-1])} and {parts[-1]} are all cancellations: "
        f"{formats.money_short(whole)}."
    )


_RETURNS: Sheet[Report, ReturnMonth] = Sheet(
    "returns",
    "what came back and was cancelled in one month",
    fields_of(
        ReturnMonth,
        {
            "first_day": "day",
            **dict.fromkeys(("gross", "returned", "cancelled"), "money"),
            **dict.fromkeys(("return_count", "cancelled_count"), "count"),
            "return_rate": "share",
        },
    ),
    lambda report: found.rows if (found := report.department_figures.returns) else None,
)
SECTION: Section[Report] = Section(
    "returns",
    "Returns",
    _returns_finding,
    block=returns_block,
    sheets=(_RETURNS,),
    reasons=("Returns",),
    is_narrow=True,
    look="returns",
)
"""What departments may be told of returns."""
