"""What is said and drawn of concentration: how few bring how much, who they are, whom to call."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER
from rfmreport.kit.drawings import HALF, Drawing, along, text_width
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, Sheet, Unit, fields_of, page_table
from rfmreport.kit.tables import Table, TitledTable, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.concentration.figures import Account, Accounts, Pareto, ParetoPoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from rfmreport.report import Report

_BOX = (38.0, 10.0, HALF - 16.0, 152.0)
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LINE = 14
TEN = 10
POINT_FIELDS: tuple[Field[ParetoPoint], ...] = (
    Field("customers", "Largest customers", lambda point: point.customer_count, "count"),
    Field("customer_share", "% of customers", lambda point: point.customer_share, "share"),
    Field("revenue", "Revenue", lambda point: point.revenue, "money"),
    Field("revenue_share", "% of revenue", lambda point: point.revenue_share, "share"),
)
"""The columns of the curve, on its page and in its file."""
_TOP_ACCOUNTS = {"screen": 50, "print": 10}
_SLIPPING = {"screen": 50, "print": 8}


def told_pareto(report: Report) -> Pareto | None:
    """Return the curve where there are enough customers to speak of the largest."""
    pareto = report.pareto
    return pareto if pareto and pareto.customer_count >= FEWEST_CUSTOMERS else None


def concentration_title(pareto: Pareto, formats: Formats) -> str:
    """Return the finding: what the largest customers bring, and how many make most of it."""
    few = f"{formats.count(pareto.most_count)} of {formats.count(pareto.customer_count)}"
    most = formats.share(pareto.most_share, 0)
    if not pareto.tops:
        return f"{few} customers make {most} of revenue"
    percent, top = pareto.tops[-1]
    share = formats.share(top.revenue_share)
    largest = f"The largest {formats.share(percent / 100, 0)} of customers"
    return f"{largest} bring {share} of revenue; {few} make {most} of it"


def pareto_caption(pareto: Pareto, formats: Formats) -> Caption:
    """Return the words of the curve of revenue over customers."""
    without = pareto.revenue - pareto.top_ten_revenue
    share = formats.share(float(without / pareto.revenue))
    title = (
        f"Without its ten largest customers, revenue would be {formats.money_short(without)} "
        f"({share})"
        if pareto.customer_count > TEN
        else concentration_title(pareto, formats)
    )
    caption = "Revenue of the largest customers, added up"
    table = page_table(caption, POINT_FIELDS, pareto.points, formats)
    spoken = "; ".join(
        f"the largest {percent}% of customers: {formats.share(point.revenue_share)} of revenue"
        for percent, point in pareto.tops
    )
    note = (
        "Customers from the largest to the smallest, across; what they bring together, upwards. "
        "Dots: the largest 1, 5, 10 and 20%. Dashed: as if all spent alike."
    )
    return Caption("revenue-concentration", "Customers against revenue, added up", title,
                   f"{title}. {spoken}.", note, table)  # fmt: skip


def pareto_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the curve, the line of equal spend, and what the largest customers bring."""
    pareto = told_pareto(report)
    if pareto is None:
        return None
    left, top, right, bottom = _BOX
    drawing = Drawing(pareto_caption(pareto, formats), HALF, 190)
    # Where customers gave back more than they bought, the curve goes above the whole.
    highest = max(1.0, *(point.revenue_share for point in pareto.points))

    def place(customer_share: float, revenue_share: float) -> tuple[float, float]:
        x = along(customer_share, (0, 1), (left, right))
        return x, along(revenue_share, (0, highest), (bottom, top))

    scale = [(*place(tick, tick), formats.share(tick, 0)) for tick in _TICKS]
    drawing.rules([(left, y, right, y) for _, y, _ in scale])
    shares = [(p.customer_share, p.revenue_share) for p in pareto.points]
    curve = [place(*share) for share in ((0.0, 0.0), *shares)]
    look = {"y2": bottom, "color": PALE, "key": "curve", "about": drawing.caption.title}
    drawing.add("ribbons", [{"x": x, "y": y} | look for x, y in curve])
    drawing.rules([(left, bottom, *place(1.0, 1.0))], color=MUTED, strokeDash=[3, 3])
    drawing.rules([(left, bottom, right, bottom)], color=MUTED)
    drawing.texts([(left - 6, y, text) for _, y, text in scale], align="right")
    drawing.texts([(x, bottom + 13, text) for x, _, text in scale])
    drawing.texts([((left + right) / 2, bottom + 31, "Customers, the largest first")])
    _tops(drawing, pareto, [place(p.customer_share, p.revenue_share) for _, p in pareto.tops],
          formats)  # fmt: skip
    return drawing


def _tops(
    drawing: Drawing, pareto: Pareto, places: list[tuple[float, float]], formats: Formats
) -> None:
    dots = [
        {"x": x, "y": y, "size": math.pi * 16, "color": ACCENT,
         "about": f"Largest {percent}%: {formats.share(point.revenue_share)} of revenue"}
        for (percent, point), (x, y) in zip(pareto.tops, places, strict=True)
    ]  # fmt: skip
    drawing.add("circles", dots, opacity=1, stroke=PAPER, strokeWidth=1)
    drawing.texts(_labels(pareto, places, formats), color=INK, align="left", fontWeight=600)


def _labels(
    pareto: Pareto, places: list[tuple[float, float]], formats: Formats
) -> Iterator[tuple[float, float, str]]:
    """Write what each brings to its right, where there is room up to the line of equal spend."""
    left, _, right, _ = _BOX
    taken = -math.inf
    for (percent, point), (x, y) in reversed([*zip(pareto.tops, places, strict=True)]):
        text = f"{formats.share(percent / 100, 0)}: {formats.share(point.revenue_share)}"
        end = x + 8 + 1.06 * text_width(text)
        room = along(min(point.revenue_share, 1), (0, 1), (left, right)) - 4
        if y + 3 - taken >= _LINE and end <= room:
            taken = y + 3
            yield x + 8, taken, text


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
    note = f"{report.period(formats)}; parts overlap."
    return TitledTable(title, _largest_table(pareto, formats), note)


def _largest_title(top: ParetoPoint, pareto: Pareto, formats: Formats) -> str:
    share = formats.share(top.revenue_share)
    if top.customer_count == 1:
        everybody = formats.count(pareto.customer_count)
        return f"The largest of {everybody} customers brings {share} of revenue"
    count, part = formats.count(top.customer_count), formats.share(top.customer_share)
    return f"{count} customers, {part} of all, bring {share} of revenue"


def _largest_table(pareto: Pareto, formats: Formats) -> Table:
    everybody, whole = pareto.customer_count, pareto.revenue
    parts = [
        (f"Largest {formats.share(percent / 100, 0)}", point.customer_count, point.revenue)
        for percent, point in pareto.tops
    ]
    if everybody > TEN:
        ten = pareto.top_ten_revenue
        parts += [("Ten largest", TEN, ten), ("All but these ten", everybody - TEN, whole - ten)]
    parts.append(("With one order", pareto.one_order_count, pareto.one_order_revenue))
    total = ("All customers", everybody, whole)
    fields: tuple[Field[tuple[str, int, Decimal]], ...] = (
        Field("", "Customers", lambda part: part[0]),
        Field("", "Number", lambda part: part[1], "count"),
        Field("", "%", lambda part: part[1] / everybody, "share", "of all"),
        Field("", "Revenue", lambda part: part[2], "money"),
        Field("", "%", lambda part: float(part[2] / whole), "share", "of all"),
    )
    return page_table("How few customers bring how much", fields, parts, formats, total=total)


# --- what departments are told ------------------------------------------------------------------


def _accounts_finding(report: Report, formats: Formats) -> str:
    accounts = report.department_figures.accounts
    if accounts is None or not accounts.top:
        return ""
    # Their share is of these months, and not of all that page one tells of.
    since = f"of revenue since {formats.day(accounts.first_day)}"
    if 2 * accounts.account_count > report.segments.total.customer_count:
        first = accounts.top[0]
        money = formats.money_short(first.revenue)
        return f"The largest account brought {formats.share(first.revenue_share)} {since}: {money}"
    return (
        f"The {formats.count(accounts.account_count)} largest accounts brought "
        f"{formats.share(accounts.revenue_share, 0)} {since}: "
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


SECTION: Section[Report] = Section(
    "concentration",
    "Concentration",
    lambda report, formats: (
        concentration_title(told, formats) if (told := told_pareto(report)) else ""
    ),
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
