"""What departments are told of this topic: accounts, and how much hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.cells import (
    change_cell,
    count_cell,
    money_cell,
    name_cell,
    row_of,
    segment_keys,
    share_cell,
    table_of,
)
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.tables import Cell, Column, Row, shown
from rfmreport.sections.concentration.tables import concentration_block as largest_block

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import Account, Accounts


def _accounts_finding(report: Report, formats: Formats) -> str:
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.top:
        return ""
    if 2 * accounts.account_count > report.segments.total.customer_count:
        first = accounts.top[0]
        return (
            f"The largest of {formats.count(report.segments.total.customer_count)} accounts brings "
            f"{formats.share(first.revenue_share)} of revenue: {formats.money_short(first.revenue)}"
        )
    return (
        f"The {formats.count(accounts.account_count)} largest of "
        f"{formats.count(report.segments.total.customer_count)} accounts bring "
        f"{formats.share(accounts.revenue_share, 0)} of revenue: "
        f"{formats.money_short(accounts.revenue)}"
    )


def _slipping_finding(report: Report, formats: Formats) -> str:
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.slipping:
        return ""
    return (
        f"{formats.count(accounts.slipping_count)} of the "
        f"{formats.count(accounts.account_count)} largest have slipped or are overdue; they "
        f"brought {formats.money_short(accounts.slipping_revenue)} since "
        f"{formats.day(accounts.first_day)}{_growing_words(accounts, formats)}"
    )


def _growing_words(accounts: Accounts, formats: Formats) -> str:
    """Say how many of them grew all the same, where all of them are known by name."""
    grew = sum(one.change is not None and one.change > 0 for one in accounts.slipping)
    if not grew or accounts.slipping_count > len(accounts.slipping):
        return ""
    months = formats.count(accounts.change_months)
    return f", and {formats.count(grew)} of them grew in the last {months} months"


def _concentration_finding(report: Report, formats: Formats) -> str:
    pareto = report.pareto
    if pareto is None or pareto.customer_count <= 10 or not pareto.revenue:  # noqa: PLR2004
        return ""
    share = formats.share(float(pareto.top_ten_revenue / pareto.revenue), 0)
    return (
        f"Without its ten largest customers the period closes {share} lower, at "
        f"{formats.money_short(pareto.revenue - pareto.top_ten_revenue)}"
    )


_TOP_ACCOUNTS = {"screen": 50, "print": 10}


_SLIPPING = {"screen": 50, "print": 8}


def accounts_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the largest accounts with what they did lately."""
    accounts = report.department_figures.accounts
    if accounts is None:
        return None
    called = accounts.top[: _TOP_ACCOUNTS[medium]]
    keys = segment_keys(report)
    rows = [_account_row(one, keys, formats) for one in called]
    caption = f"The largest accounts from {_span(accounts, formats)}"
    note = (
        f"{_span(accounts, formats)}. {_change_words(accounts, formats)} The colour is the "
        f"segment of today. Listed: the largest of {formats.count(accounts.account_count)}."
    )
    listed = table_of(caption, _account_columns(accounts, formats), rows)
    return Block(note=note, people=listed)


def slipping_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return those of the largest accounts that have slipped or are overdue."""
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.slipping:
        return None
    called = accounts.slipping[: _SLIPPING[medium]]
    keys = segment_keys(report)
    rows = [_account_row(one, keys, formats) for one in called]
    since = f" than on {formats.day(accounts.before_as_of)}" if accounts.before_as_of else ""
    note = (
        f"Slipped: in a lower segment{since}. Overdue: silent for longer than its own rhythm "
        f"allows. Listed: the largest of {formats.count(accounts.slipping_count)}."
    )
    listed = table_of("Large accounts to call", _account_columns(accounts, formats), rows)
    return Block(note=note, people=listed)


def _span(accounts: Accounts, formats: Formats) -> str:
    return f"{formats.day(accounts.first_day)} to {formats.day(accounts.last_day)}"


def _change_words(accounts: Accounts, formats: Formats) -> str:
    if not accounts.change_months:
        return f"No change ({MISSING}): the data do not hold two equal stretches."
    months = formats.count(accounts.change_months)
    all_of_them = ""
    if accounts.total_change is not None:
        all_of_them = f"; all customers {formats.relative_change(accounts.total_change)}"
    return f"Change: the last {months} months against as many before{all_of_them}."


def _account_columns(accounts: Accounts, formats: Formats) -> tuple[Column, ...]:
    months = accounts.change_months
    return (
        Column("Customer", numeric=False),
        Column("Segment", numeric=False),
        Column("Revenue"),
        Column("%", hint="of all"),
        Column("Orders"),
        Column("Last order"),
        Column("Change", hint=f"{formats.count(months)} months" if months else ""),
        Column("", numeric=False),
    )


def _account_row(one: Account, keys: dict[str, int], formats: Formats) -> Row:
    segment = shown(one.segment, 30)
    if one.segment_before and one.segment_before != one.segment:
        segment = f"{segment}, was {shown(one.segment_before, 30)}"
    state = ", ".join(
        word for word, is_so in (("slipped", one.has_slipped), ("overdue", one.is_overdue)) if is_so
    )
    cells = (
        name_cell(one.customer_id),
        Cell(segment),
        money_cell(one.revenue, formats),
        share_cell(one.revenue_share, formats, 1),
        count_cell(one.order_count, formats),
        Cell(formats.day(one.last_order_on), one.last_order_on.isoformat()),
        change_cell(one.change, formats),
        Cell(state),
    )
    return row_of(cells, keys.get(one.segment))


def concentration_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return how much hangs on how few."""
    told = largest_block(report, formats)
    return Block(told.table, note=told.note) if told else None


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "accounts",
        "Top accounts",
        _accounts_finding,
        block=accounts_block,
        files=("data/accounts.csv",),
        reasons=("Top accounts",),
        names_customers=True,
        look="accounts",
    ),
    Section(
        "slipping",
        "Accounts to call",
        _slipping_finding,
        block=slipping_block,
        files=("data/accounts.csv",),
        names_customers=True,
        look="slipping",
    ),
    Section(
        "concentration",
        "Concentration",
        _concentration_finding,
        block=concentration_block,
        files=("data/concentration.csv",),
        reasons=("Concentration",),
        is_narrow=True,
        look="concentration",
    ),
)
"""What departments may be told of this topic."""
