"""The section on holding: tables and what is said around them, its files, the hold-out check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.formats import MISSING
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, fields_of
from rfmreport.kit.tables import Cell, Column, Row, Table, range_text, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.hold.charts import (
    ends_words,
    holding_drawing,
    holding_title,
    is_held_told,
    told_rows,
    trials_title,
)
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.sections.hold.sensitivity_tables import sensitivity_block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.report import Report
    from rfmreport.sections.hold.figures import (
        Holding,
        HoldOut,
        HoldOutRow,
        Neighbours,
        SchemeTrial,
    )
    from rfmreport.vocabulary import Estimate


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


_LATEST_NOTE = (
    "Per customer: mean of all customers of the segment, those without an order included "
    "(bootstrap interval). Per returner: median of those who ordered. Lead: the share that came "
    "back, less that of the next segment; in order where its 95% interval lies above zero, wrong "
    "order where below, unclear where it holds zero. Nothing is said below "
    f"{FEWEST_CUSTOMERS} customers."
)


def _latest_table(holding: Holding, keys: Mapping[str, int], formats: Formats) -> Table:
    latest = holding.hold_outs[0]
    pairs = {pair.better: pair for pair in holding.neighbours}
    rows = tuple(
        Row(
            (
                Cell(shown(row.segment, 40)),
                Cell(formats.count(row.customer_count), str(row.customer_count)),
                *_share_cells(_told(row.share), formats),
                *_money_cells(_told(row.revenue_per_customer), formats),
                _returner_cell(row, formats),
                *_verdict_cells(pairs.get(row.segment), formats),
            ),
            keys.get(row.segment),
        )
        for row in latest.rows
    )
    columns = (
        Column("Segment", numeric=False),
        Column("Customers"),
        Column("Came back"),
        Column("95% interval"),
        Column("Revenue", hint="per customer"),
        Column("95% interval"),
        Column("Revenue", hint="per returner"),
        Column("Lead", hint="on the next"),
        Column("Order", numeric=False),
    )
    caption = (
        f"Customers as of {formats.day(latest.as_of)} and their orders of the next "
        f"{formats.count(holding.horizon_days)} days"
    )
    return Table(caption, columns, rows)


def _told(estimate: Estimate) -> Estimate | None:
    return estimate if estimate.customer_count >= FEWEST_CUSTOMERS else None


def _share_cells(share: Estimate | None, formats: Formats) -> tuple[Cell, Cell]:
    if share is None:
        return Cell(MISSING), Cell(MISSING)
    interval = range_text(*(formats.share(value) for value in (share.low, share.high)))
    return Cell(formats.share(share.value), f"{share.value:.6f}"), Cell(interval)


def _money_cells(mean: Estimate | None, formats: Formats) -> tuple[Cell, Cell]:
    if mean is None:
        return Cell(MISSING), Cell(MISSING)
    interval = range_text(*(formats.money(value) for value in (mean.low, mean.high)))
    return Cell(formats.money(mean.value), f"{mean.value:.2f}"), Cell(interval)


def _returner_cell(row: HoldOutRow, formats: Formats) -> Cell:
    median: Decimal | None = row.revenue_per_returner
    if median is None or row.returned_count < FEWEST_CUSTOMERS:
        return Cell(MISSING)
    return Cell(formats.money(median), str(median))


def _verdict_cells(pair: Neighbours | None, formats: Formats) -> tuple[Cell, Cell]:
    if pair is None:
        return Cell(""), Cell("")
    if pair.verdict == "too few":
        return Cell(MISSING), Cell(pair.verdict)
    lead = pair.difference.value
    tone = "down" if pair.verdict == "wrong order" else ""
    return Cell(formats.points_change(lead), f"{lead:.6f}", tone), Cell(pair.verdict)


def _earlier_title(earlier: Sequence[HoldOut], horizon_days: int, formats: Formats) -> str:
    told = next((hold_out for hold_out in earlier if len(told_rows(hold_out)) > 1), None)
    if told is None:
        return "Earlier dates had too few customers"
    return f"Earlier, as of {formats.day(told.as_of)}: {ends_words(told, horizon_days, formats)}"


def _earlier_table(holding: Holding, keys: Mapping[str, int], formats: Formats) -> Table:
    earlier = holding.hold_outs[1:]
    found = [{row.segment: row for row in hold_out.rows} for hold_out in earlier]
    names = [name for name in keys if any(name in rows for rows in found)]
    columns = [Column("Segment", numeric=False)]
    for hold_out in earlier:
        day = formats.day(hold_out.as_of)
        labels = ("Customers", "Came back", "Per customer")
        columns += [Column(label, hint=day) for label in labels]
    rows = tuple(
        Row(
            (
                Cell(shown(name, 40)),
                *(cell for rows in found for cell in _earlier_cells(rows.get(name), formats)),
            ),
            keys[name],
        )
        for name in names
    )
    days = formats.count(holding.horizon_days)
    caption = f"The same segments on earlier dates, each followed for {days} days"
    return Table(caption, tuple(columns), rows)


def _earlier_cells(row: HoldOutRow | None, formats: Formats) -> tuple[Cell, Cell, Cell]:
    if row is None:
        return Cell("0"), Cell(MISSING), Cell(MISSING)
    share, _ = _share_cells(_told(row.share), formats)
    mean, _ = _money_cells(_told(row.revenue_per_customer), formats)
    return Cell(formats.count(row.customer_count), str(row.customer_count)), share, mean


def _trials_table(holding: Holding, own_scheme: str, formats: Formats) -> Table | None:
    known = sum(row.customer_count for row in holding.hold_outs[0].rows)
    if not holding.trials or known < FEWEST_CUSTOMERS:
        return None
    rows = tuple(
        _trial_row(trial, formats, is_own=trial.scheme == own_scheme) for trial in holding.trials
    )
    columns = (
        Column("Scheme", numeric=False),
        Column("Top segment", numeric=False),
        Column("Customers", hint="in it"),
        Column("%", hint="of all"),
        Column("Came back"),
        Column("95% interval"),
        Column("Pairs", hint="in order"),
        Column("Pairs", hint="wrong"),
        Column("Rank", hint="quality"),
    )
    day = formats.day(holding.hold_outs[0].as_of)
    return Table(f"Other schemes on the same customers as of {day}", columns, rows)


def _trial_row(trial: SchemeTrial, formats: Formats, *, is_own: bool) -> Row:
    share = trial.top_return_share
    quality = trial.rank_quality
    return Row(
        (
            Cell(shown(trial.title, 60)),
            Cell(shown(trial.top_segment, 40)),
            Cell(formats.count(trial.top_customer_count), str(trial.top_customer_count)),
            Cell(formats.share(trial.top_customer_share), f"{trial.top_customer_share:.6f}"),
            *_share_cells(_told(share) if share else None, formats),
            Cell(f"{formats.count(trial.pairs_in_order)} of {formats.count(trial.pair_count)}"),
            Cell(formats.count(trial.pairs_wrong), str(trial.pairs_wrong)),
            Cell(formats.share(quality), "" if quality is None else f"{quality:.6f}"),
        ),
        note="this report" if is_own else "",
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
    told = (
        [row for row in holding.hold_outs[0].rows if _is_enough(row.customer_count)]
        if holding and holding.hold_outs
        else []
    )
    if holding is None or len(told) < 2:  # noqa: PLR2004  an order needs two
        return ""
    ordered = sum(pair.verdict == "in order" for pair in holding.neighbours)
    best, worst = (f"{_percent(row, formats)} of {row.segment}" for row in (told[0], told[-1]))
    return (
        f"{best} came back within {formats.count(holding.horizon_days)} days, {worst}; "
        f"{formats.count(ordered)} of {formats.count(len(holding.neighbours))} neighbours in order"
    )


def _percent(row: HoldOutRow, formats: Formats) -> str:
    return formats.share(row.share.value, 0)


def _is_enough(count: int) -> bool:
    return count >= FEWEST_CUSTOMERS


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


_Filed = tuple["Holding", "HoldOut", "HoldOutRow"]
_HOLD_OUTS = Sheet[Any, Any](
    "hold_outs",
    "One row per earlier date and segment: who came back, what they spent, intervals.",
    (
        Field[_Filed]("as_of", "", lambda row: row[1].as_of, "day"),
        Field[_Filed]("horizon_days", "", lambda row: row[0].horizon_days, "count"),
        Field[_Filed]("segment", "", lambda row: row[2].segment),
        Field[_Filed]("customers", "", lambda row: row[2].customer_count, "count"),
        Field[_Filed]("returned", "", lambda row: row[2].returned_count, "count"),
        Field[_Filed]("return_share", "", lambda row: row[2].share, "share", has_interval=True),
        Field[_Filed](
            "revenue_per_customer",
            "",
            lambda row: row[2].revenue_per_customer,
            "money",
            has_interval=True,
        ),
        Field[_Filed](
            "median_revenue_per_returner", "", lambda row: row[2].revenue_per_returner, "money"
        ),
    ),
    lambda report: (
        [(report.holding, one, row) for one in report.holding.hold_outs for row in one.rows]
        if report.holding
        else None
    ),
)
_SENSITIVITY = Sheet[Any, Any](
    "sensitivity",
    "One row per choice, the report's own first: customers, revenue, the top segment's.",
    fields_of(
        SensitivityRow,
        {
            "customer_count": "count",
            "revenue": "money",
            "top_customer_count": "count",
            "top_customer_share": "share",
            "top_revenue": "money",
            "top_revenue_share": "share",
        },
    ),
    lambda report: report.sensitivity or None,
)
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
