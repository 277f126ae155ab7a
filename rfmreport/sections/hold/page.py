"""The section on holding: tables and what is said around them, its files, the hold-out check."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.formats import Formats, rounded_to
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Table, TitledTable, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.hold.charts import (
    ends_words,
    holding_drawing,
    holding_title,
    is_held_told,
    told_rows,
    trials_title,
)
from rfmreport.sections.hold.figures import (
    Holding,
    HoldOut,
    HoldOutRow,
    SchemeTrial,
    SensitivityRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.kit.drawings import Drawing
    from rfmreport.vocabulary import Estimate

_STEADY, _ONE_POINT = Decimal("0.02"), Decimal("0.01")
_SHARE_DIGITS = 3
_LATEST_NOTE = (
    "Per customer: mean of all customers of the segment, those without an order included "
    "(bootstrap interval). Per returner: median of those who ordered. Lead: the share that came "
    "back, less that of the next segment; in order where its 95% interval lies above zero, wrong "
    "order where below, unclear where it holds zero. Nothing is said below "
    f"{FEWEST_CUSTOMERS} customers."
)
_Filed = tuple[Holding, HoldOut, HoldOutRow]


def sensitivity_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the block; None where no choice would have made a difference."""
    if len(report.sensitivity) < 2:  # noqa: PLR2004  the first row is the report itself
        return None
    return TitledTable(
        _sensitivity_title(report, formats),
        _sensitivity_table(report, formats),
        _sensitivity_note(report),
    )


def _sensitivity_title(report: Report, formats: Formats) -> str:
    top, told = shown(report.segments.rows[0].name, 40), _large(report.sensitivity)
    if len(told) < 2 or told[0] != report.sensitivity[0]:  # noqa: PLR2004
        return f"{top} under other choices: too few customers to compare"
    reported = formats.share(told[0].top_revenue_share)
    reference = compared_with(report.sensitivity)
    told = [told[0], *(row for row in told[1:] if row != reference)]
    widest = max((abs(_difference(row, reference)) for row in told[1:]), default=Decimal(0))
    if widest <= _STEADY:
        points = f"{formats.number(widest * 100)} point{'' if widest == _ONE_POINT else 's'}"
        return f"{top} holds {reported} of revenue, give or take {points} under other choices"
    shares = [row.top_revenue_share for row in told]
    low, high = (formats.share(share, 0) for share in (min(shares), max(shares)))
    return (
        f"{top} holds {low} to {high} of revenue, depending on choices that could be made otherwise"
    )


def compared_with(rows: Sequence[SensitivityRow]) -> SensitivityRow:
    """Return what choices are held against: the report, or the report under new cuts."""
    return next((row for row in rows if row.key == NEW_CUTS), rows[0])


def _large(rows: Sequence[SensitivityRow]) -> list[SensitivityRow]:
    return [row for row in rows if row.customer_count >= FEWEST_CUSTOMERS]


def _difference(row: SensitivityRow, reported: SensitivityRow) -> Decimal:
    """Return the difference of the shares as they are printed, so that the column ties out."""
    mine, theirs = (rounded_to(one.top_revenue_share, _SHARE_DIGITS) for one in (row, reported))
    return mine - theirs


def _sensitivity_table(report: Report, formats: Formats) -> Table:
    rows = report.sensitivity
    reported, told, largest = compared_with(rows), _large(rows), _largest(rows)

    def difference(row: SensitivityRow) -> Decimal | None:
        is_told = row not in (rows[0], reported) and row in told and reported in told
        return _difference(row, reported) if is_told else None

    against = "to the report" if reported == rows[0] else "to new cuts"
    fields: tuple[Field[SensitivityRow], ...] = (
        Field("", "Choice", lambda row: row.choice, limit=80),
        Field("", "Customers", lambda row: row.customer_count, "count"),
        Field("", "Revenue", lambda row: row.revenue, "money"),
        Field("", "Top segment", lambda row: row.top_customer_count, "count", "customers"),
        Field("", "%", partial(_share_told, "top_customer_share"), "share", "of customers"),
        Field("", "%", partial(_share_told, "top_revenue_share"), "share", "of revenue"),
        Field("", "Difference", difference, "points", against, tone=lambda _: ""),
    )
    return page_table(
        f"The top segment, {shown(report.segments.rows[0].name, 40)}, under each choice",
        fields,
        rows,
        formats,
        note=lambda row: "largest difference" if row == largest else "",
    )


def _share_told(name: str, row: SensitivityRow) -> float | None:
    return getattr(row, name) if row.customer_count >= FEWEST_CUSTOMERS else None


def _largest(rows: Sequence[SensitivityRow]) -> SensitivityRow | None:
    """Return the row furthest from the report's; None where none differs, or where n is small."""
    reported = compared_with(rows)
    told = [row for row in _large(rows) if row == reported or row != rows[0]]
    if reported not in told or len(told) < 3:  # noqa: PLR2004  of one, none is the largest
        return None
    furthest = max(told, key=lambda row: abs(_difference(row, reported)))
    return furthest if _difference(furthest, reported) else None


def _sensitivity_note(report: Report) -> str:
    few = f"Nothing is said below {FEWEST_CUSTOMERS} customers."
    if report.method.settings.get("scoring.method") == "fixed":
        return f"The fixed cuts of this report hold under each choice. {few}"
    fitted = "The cuts are fitted anew under each choice, so the segment is whoever stands out then"
    if report.ruler is not None and report.ruler.origin == "saved":
        fitted += "; the report itself re-uses saved cuts"
    return f"{fitted}. Difference: of the shares of revenue, in percentage points. {few}"


@dataclass(frozen=True, slots=True)
class HoldingBlock:
    """What the section prints around its chart; a table is None where there is none to tell."""

    lead: str
    latest: Table | None
    latest_note: str
    earlier_title: str
    earlier: Table | None
    trials_title: str
    trials: Table | None
    trials_note: str


def holding_block(report: Report, formats: Formats) -> HoldingBlock | None:
    """Return the tables and sentences of the section; None where nothing could be held out."""
    holding = report.holding
    if holding is None or not holding.hold_outs:
        return None
    latest, *earlier = holding.hold_outs
    keys = {row.name: index for index, row in enumerate(report.segments.rows)}
    return HoldingBlock(
        lead=_lead(report, holding, formats),
        latest=_latest_table(holding, keys, formats) if is_held_told(holding) else None,
        latest_note=_LATEST_NOTE,
        earlier_title=_earlier_title(earlier, holding.horizon_days, formats),
        earlier=_earlier_table(holding, keys, formats) if any(map(told_rows, earlier)) else None,
        trials_title=trials_title(holding.trials, report.method.scheme_name, formats),
        trials=_trials_table(holding, report.method.scheme_name, formats),
        trials_note=_trials_note(latest, formats),
    )


def _lead(report: Report, holding: Holding, formats: Formats) -> str:
    latest = holding.hold_outs[0]
    customers = formats.count(sum(row.customer_count for row in latest.rows))
    day, days = formats.day(latest.as_of), formats.count(holding.horizon_days)
    ruler = "the centres of this report" if report.clusters else "cuts fitted to that day"
    return (
        f"{customers} customers were put into segments by what was known on {day}, with {ruler}, "
        f"and followed for the next {days} days. Who placed "
        "a new order in that time came back. If the segments mean something, a better one comes "
        "back more."
    )


def _latest_table(holding: Holding, keys: Mapping[str, int], formats: Formats) -> Table:
    latest = holding.hold_outs[0]
    pairs = {pair.better: pair for pair in holding.neighbours}

    def verdict(row: HoldOutRow) -> str:
        return pairs[row.segment].verdict if row.segment in pairs else ""

    def lead(row: HoldOutRow) -> float | str | None:
        if row.segment not in pairs:
            return ""
        return None if verdict(row) == "too few" else pairs[row.segment].difference.value

    fields: tuple[Field[HoldOutRow], ...] = (
        Field("", "Segment", lambda row: row.segment),
        Field("", "Customers", lambda row: row.customer_count, "count"),
        Field("", "Came back", lambda row: _told(row.share), "share"),
        Field("", "95% interval", lambda row: _told(row.share), "share", is_range=True),
        Field("", "Revenue", _per_customer, "money", "per customer"),
        Field("", "95% interval", _per_customer, "money", is_range=True),
        Field("", "Revenue", _per_returner, "money", "per returner"),
        Field("", "Lead", lead, "points", "on the next",
              tone=lambda row: "down" if verdict(row) == "wrong order" else ""),
        Field("", "Order", verdict),
    )  # fmt: skip
    caption = (
        f"Customers as of {formats.day(latest.as_of)} and their orders of the next "
        f"{formats.count(holding.horizon_days)} days"
    )
    return page_table(caption, fields, latest.rows, formats, key=lambda row: keys.get(row.segment))


def _told(estimate: Estimate | None) -> Estimate | None:
    return estimate if estimate and estimate.customer_count >= FEWEST_CUSTOMERS else None


def _per_customer(row: HoldOutRow) -> Estimate | None:
    return _told(row.revenue_per_customer)


def _per_returner(row: HoldOutRow) -> Decimal | None:
    return row.revenue_per_returner if row.returned_count >= FEWEST_CUSTOMERS else None


def _earlier_title(earlier: Sequence[HoldOut], horizon_days: int, formats: Formats) -> str:
    told = next((hold_out for hold_out in earlier if len(told_rows(hold_out)) > 1), None)
    if told is None:
        return "Earlier dates had too few customers"
    return f"Earlier, as of {formats.day(told.as_of)}: {ends_words(told, horizon_days, formats)}"


def _earlier_table(holding: Holding, keys: Mapping[str, int], formats: Formats) -> Table:
    earlier = holding.hold_outs[1:]
    known = {row.segment for hold_out in earlier for row in hold_out.rows}
    on_dates = (field for hold_out in earlier for field in _fields_on(hold_out, formats))
    days = formats.count(holding.horizon_days)
    return page_table(
        f"The same segments on earlier dates, each followed for {days} days",
        (Field("", "Segment", lambda name: name), *on_dates),
        [name for name in keys if name in known],
        formats,
        key=keys.get,
    )


def _fields_on(hold_out: HoldOut, formats: Formats) -> tuple[Field[str], ...]:
    """Return what a segment, by its name, did after one date."""
    rows, day = {row.segment: row for row in hold_out.rows}, formats.day(hold_out.as_of)

    def share(name: str) -> Estimate | None:
        return _told(rows[name].share) if name in rows else None

    def mean(name: str) -> Estimate | None:
        return _per_customer(rows[name]) if name in rows else None

    def count(name: str) -> int:
        return rows[name].customer_count if name in rows else 0

    return (
        Field("", "Customers", count, "count", day),
        Field("", "Came back", share, "share", day),
        Field("", "Per customer", mean, "money", day),
    )


def _trials_table(holding: Holding, own_scheme: str, formats: Formats) -> Table | None:
    known = sum(row.customer_count for row in holding.hold_outs[0].rows)
    if not holding.trials or known < FEWEST_CUSTOMERS:
        return None

    def in_order(one: SchemeTrial) -> str:
        return f"{formats.count(one.pairs_in_order)} of {formats.count(one.pair_count)}"

    fields: tuple[Field[SchemeTrial], ...] = (
        Field("", "Scheme", lambda one: one.title, limit=60),
        Field("", "Top segment", lambda one: one.top_segment),
        Field("", "Customers", lambda one: one.top_customer_count, "count", "in it"),
        Field("", "%", lambda one: one.top_customer_share, "share", "of all"),
        Field("", "Came back", lambda one: _told(one.top_return_share), "share"),
        Field("", "95% interval", lambda one: _told(one.top_return_share), "share", is_range=True),
        Field("", "Pairs", in_order, hint="in order", numeric=True),
        Field("", "Pairs", lambda one: one.pairs_wrong, "count", "wrong"),
        Field("", "Rank", lambda one: one.rank_quality, "share", "quality"),
    )
    return page_table(
        f"Other schemes on the same customers as of {formats.day(holding.hold_outs[0].as_of)}",
        fields,
        holding.trials,
        formats,
        note=lambda one: "this report" if one.scheme == own_scheme else "",
    )


def _trials_note(latest: HoldOut, formats: Formats) -> str:
    return (
        "Rank quality: how often, of one customer who came back and one who did not, the first "
        f"stood in the better segment; {formats.share(0.5, 0)} is a coin's toss, "
        f"{formats.share(1.0, 0)} never wrong. Pairs: neighbouring segments, in order or wrong "
        "beyond chance; the others cannot be told apart. All schemes sort the same "
        f"{formats.count(sum(row.customer_count for row in latest.rows))} customers."
    )


def _hold_outs_finding(report: Report, formats: Formats) -> str:
    holding = report.holding
    if holding is None or not is_held_told(holding):
        return ""
    told = told_rows(holding.hold_outs[0])
    ordered = sum(pair.verdict == "in order" for pair in holding.neighbours)
    best, worst = (
        f"{formats.share(row.share.value, 0)} of {row.segment}" for row in (told[0], told[-1])
    )
    return (
        f"{best} came back within {formats.count(holding.horizon_days)} days, {worst}; "
        f"{formats.count(ordered)} of {formats.count(len(holding.neighbours))} neighbours in order"
    )


def hold_outs_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return who came back after the latest earlier date, by segment, and whether in order."""
    told = holding_block(report, formats)
    note = (
        "Lead: the share that came back, less that of the next segment; in order, if its 95% "
        "interval lies above zero, unclear, if it holds zero."
    )
    return Block(told.latest, note=note) if told else None


def _held(report: Report, formats: Formats) -> Drawing | None:
    holding = report.holding
    told = holding is not None and is_held_told(holding)
    return holding_drawing(holding, report.segments, formats) if holding and told else None


def _finding(report: Report, formats: Formats) -> str:
    holding = report.holding
    return holding_title(holding, formats) if holding and holding.hold_outs else ""


_HOLD_OUTS = Sheet[Report, _Filed](
    "hold_outs",
    "One row per earlier date and segment: who came back, what they spent, intervals.",
    (
        Field("as_of", "", lambda row: row[1].as_of, "day"),
        Field("horizon_days", "", lambda row: row[0].horizon_days, "count"),
        Field("segment", "", lambda row: row[2].segment),
        Field("customers", "", lambda row: row[2].customer_count, "count"),
        Field("returned", "", lambda row: row[2].returned_count, "count"),
        Field("return_share", "", lambda row: row[2].share, "share", has_interval=True),
        Field("revenue_per_customer", "", lambda row: row[2].revenue_per_customer, "money",
              has_interval=True),
        Field("median_revenue_per_returner", "", lambda row: row[2].revenue_per_returner, "money"),
    ),
    lambda report: (
        [(report.holding, one, row) for one in report.holding.hold_outs for row in one.rows]
        if report.holding
        else None
    ),
)  # fmt: skip
_SENSITIVITY = Sheet[Report, SensitivityRow](
    "sensitivity",
    "One row per choice, the report's own first: customers, revenue, the top segment's.",
    fields_of(SensitivityRow, {
        "customer_count": "count", "top_customer_count": "count", "revenue": "money",
        "top_revenue": "money", "top_customer_share": "share", "top_revenue_share": "share",
    }),
    lambda report: report.sensitivity or None,
)  # fmt: skip
SECTION: Section[Report] = Section(
    "hold",
    "Do these segments hold?",
    _finding,
    (_held,),
    page=lambda report, formats, _: {
        "holding": holding_block(report, formats),
        "sensitivity": sensitivity_block(report, formats),
    },
    sheets=(_HOLD_OUTS, _SENSITIVITY),
)
SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "hold_outs",
        "Hold-out check",
        _hold_outs_finding,
        block=hold_outs_block,
        files=("data/hold_outs.csv",),
        reasons=("Do these segments hold?",),
        look="hold",
    ),
)
