"""What is said of concentration: how few customers bring how much, who they are, whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, Sheet, Unit, fields_of, page_table
from rfmreport.kit.tables import Table, TitledTable, shown
from rfmreport.sections.concentration.charts import (
    POINT_FIELDS,
    TEN,
    concentration_title,
    pareto_drawing,
    told_pareto,
)
from rfmreport.sections.concentration.figures import Account, Accounts, Pareto, ParetoPoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rfmreport.report import Report


def concentration_block(
    report: Report, formats: Formats, _medium: Medium = "screen"
) -> TitledTable | None:
    """Return the largest hundredths, the ten largest, and those with one order, as a table."""
    pareto = report.pareto
    if pareto is None:
        return None
    title = "Nobody stands out among so few customers"
    if pareto.tops:
        _, top = pareto.tops[0]
        title = _largest_title(top, pareto, formats)
    note = f"{formats.day(report.first_day)} to {formats.day(report.last_day)}; parts overlap."
    return TitledTable(title, _largest_table(pareto, formats), note)


def _largest_title(top: ParetoPoint, pareto: Pareto, formats: Formats) -> str:
    share = formats.share(top.revenue_share)
    if top.customer_count == 1:
        everybody = formats.count(pareto.customer_count)
        return f"The largest of {everybody} customers brings {share} of revenue"
    count, part = formats.count(top.customer_count), formats.share(top.customer_share)
    return f"{count} customers, {part} of all, bring {share} of revenue"


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the customers, and what they bring together."""

    label: str
    count: int
    revenue: Decimal


def _largest_table(pareto: Pareto, formats: Formats) -> Table:
    parts = [
        _Part(f"Largest {formats.share(percent / 100, 0)}", point.customer_count, point.revenue)
        for percent, point in pareto.tops
    ]
    if pareto.customer_count > TEN:
        rest = pareto.revenue - pareto.top_ten_revenue
        parts.append(_Part("Ten largest", TEN, pareto.top_ten_revenue))
        parts.append(_Part("All but these ten", pareto.customer_count - TEN, rest))
    parts.append(_Part("With one order", pareto.one_order_count, pareto.one_order_revenue))
    total = _Part("All customers", pareto.customer_count, pareto.revenue)
    fields: tuple[Field[_Part], ...] = (
        Field("", "Customers", lambda part: part.label),
        Field("", "Number", lambda part: part.count, "count"),
        Field("", "%", lambda part: part.count / total.count, "share", "of all"),
        Field("", "Revenue", lambda part: part.revenue, "money"),
        Field("", "%", lambda part: float(part.revenue / total.revenue), "share", "of all"),
    )
    return page_table("How few customers bring how much", fields, parts, formats, total=total)


# --- what departments are told ------------------------------------------------------------------


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
        f"{formats.count(accounts.account_count)} largest are overdue by their own rhythm; they "
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
    caption = f"The largest accounts from {_span(accounts, formats)}"
    note = (
        f"{_span(accounts, formats)}. {_change_words(accounts, formats)} The colour is the "
        f"segment of today. Listed: the largest of {formats.count(accounts.account_count)}."
    )
    called = accounts.top[: _TOP_ACCOUNTS[medium]]
    listed = _accounts_table(caption, called, report, formats)
    return Block(note=note, people=listed)


def slipping_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return those of the largest accounts that are overdue by their own rhythm."""
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.slipping:
        return None
    note = (
        "Overdue: silent for longer than ever before, and for more than twice the own usual gap. "
        f"Listed: the largest of {formats.count(accounts.slipping_count)}."
    )
    called = accounts.slipping[: _SLIPPING[medium]]
    listed = _accounts_table("Large accounts to call", called, report, formats)
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


def _accounts_table(
    caption: str, accounts: Sequence[Account], report: Report, formats: Formats
) -> Table:
    known = report.department_figures.accounts
    months = formats.count(known.change_months) if known and known.change_months else ""
    fields: tuple[Field[Account], ...] = (
        Field("", "Customer", lambda one: one.customer_id),
        Field("", "Segment", _segments, limit=70),
        Field("", "Revenue", lambda one: one.revenue, "money"),
        Field("", "%", lambda one: one.revenue_share, "share", "of all"),
        Field("", "Orders", lambda one: one.order_count, "count"),
        Field("", "Last order", lambda one: one.last_order_on, "day", numeric=True),
        Field("", "Change", lambda one: one.change, "change", f"{months} months" if months else ""),
        Field("", "Overdue", lambda one: _why(one, formats), limit=60),
    )
    keys = {row.name: place for place, row in enumerate(report.segments.rows)}
    return page_table(caption, fields, accounts, formats, key=lambda one: keys.get(one.segment))


def _segments(one: Account) -> str:
    segment = shown(one.segment, 30)
    if one.segment_before and one.segment_before != one.segment:
        return f"{segment}, was {shown(one.segment_before, 30)}"
    return segment


def _why(one: Account, formats: Formats) -> str:
    if one.silent_days is None:
        return ""
    text = "silent {silent_days:count} days, usually {usual_gap_days:count}"
    return tell(text, facts(one, "silent_days", "usual_gap_days"), formats)


def concentration_told(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return how much hangs on how few."""
    told = concentration_block(report, formats)
    return Block(told.table, note=told.note) if told else None


# --- files and sections -------------------------------------------------------------------------


def _listed(report: Report) -> list[Account] | None:
    """Return the top accounts, and those slipping that are not among them."""
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.top:
        return None
    return list(dict.fromkeys((*accounts.top, *accounts.slipping)))


def _account_fields(report: Report) -> tuple[Field[Account], ...]:
    accounts = report.department_figures.accounts
    units: dict[str, Unit] = {"revenue": "money", "revenue_share": "share", "change": "change"}
    units |= {"order_count": "count", "last_order_on": "day"}
    units |= {"has_slipped": "yes", "is_overdue": "yes"}
    units |= {"silent_days": "count", "usual_gap_days": "number"}
    own = fields_of(Account, units)
    if accounts is None:
        return own
    return (
        *own,
        Field("from", "", lambda _: accounts.first_day),
        Field("to", "", lambda _: accounts.last_day),
        Field("before_as_of", "", lambda _: accounts.before_as_of),
        Field("change_months", "", lambda _: accounts.change_months),
    )


_ACCOUNTS = Sheet("accounts", "one of the largest customers", _account_fields, _listed)
_CURVE: Sheet[Report, ParetoPoint] = Sheet(
    "concentration",
    "so many of the largest customers, and what they bring together",
    POINT_FIELDS,
    lambda report: report.pareto.points if report.pareto else None,
)


def _title(report: Report, formats: Formats) -> str:
    pareto = told_pareto(report)
    return concentration_title(pareto, formats) if pareto else ""


SECTION: Section[Report] = Section(
    "concentration",
    "Concentration",
    _title,
    (pareto_drawing,),
    page=concentration_block,
    sheets=(_CURVE,),
)
"""The section of the report."""

SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "accounts",
        "Top accounts",
        _accounts_finding,
        block=accounts_block,
        sheets=(_ACCOUNTS,),
        reasons=("Top accounts",),
        names_customers=True,
        look="accounts",
    ),
    Section(
        "slipping",
        "Accounts to call",
        _slipping_finding,
        block=slipping_block,
        sheets=(_ACCOUNTS,),
        names_customers=True,
        look="slipping",
    ),
    Section(
        "concentration",
        "Concentration",
        _concentration_finding,
        block=concentration_told,
        sheets=(_CURVE,),
        reasons=("Concentration",),
        is_narrow=True,
        look="concentration",
    ),
)
"""What departments may be told of this topic."""
