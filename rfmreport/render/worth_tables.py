"""The tables of the section on worth, and the sentences around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING
from rfmreport.render.response_tables import (
    opportunity_note,
    opportunity_table,
    opportunity_title,
    response_note,
    response_table,
    response_title,
)
from rfmreport.render.tables import Cell, Column, Row, Table, shown
from rfmreport.render.worth_captions import (
    basis_of,
    dates_words,
    error_words,
    span_words,
    told_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import (
        Estimate,
        Expected,
        ForecastTrial,
        Outlook,
        Report,
        SpendTrial,
        Worth,
    )

# From this rank correlation on, how often somebody orders tells what an order of his is worth.
_CORRELATED = 0.3


@dataclass(frozen=True, slots=True)
class WorthBlock:
    """What the section prints around its charts; what is None or empty could not be told."""

    lead: str
    outlook: Table | None
    outlook_note: str
    trials: Table | None
    trials_title: str
    trials_note: str
    response_title: str
    response: Table
    response_note: str
    opportunities: Table | None
    opportunity_title: str
    opportunity_note: str


def worth_block(report: Report, formats: Formats) -> WorthBlock | None:
    """Return the tables and sentences of the section; None where nothing can be told."""
    worth = report.worth
    if worth is None:
        return None
    keys = {row.name: index for index, row in enumerate(report.segments.rows)}
    return WorthBlock(
        lead=_lead(worth, formats),
        outlook=_outlook_table(worth.outlooks, keys, formats) if worth.outlooks else None,
        outlook_note=_outlook_note(worth, formats),
        trials=_trials_table(worth, formats) if _has_foretold(worth) else None,
        trials_title=_trials_title(worth, formats),
        trials_note=_trials_note(worth, formats),
        response_title=response_title(worth.response, formats),
        response=response_table(worth.response, keys, formats),
        response_note=response_note(worth.response, report, formats),
        opportunities=opportunity_table(worth.opportunities, keys, formats),
        opportunity_title=opportunity_title(worth.opportunities, formats),
        opportunity_note=opportunity_note(worth.opportunities, report, formats),
    )


def _lead(worth: Worth, formats: Formats) -> str:
    trial = basis_of(worth)
    if not worth.outlooks:
        return "No segment had customers enough on the earlier dates to say what it will bring."
    days = formats.count(worth.outlooks[0].days)
    if worth.model and trial:
        return (
            f"{worth.model} was fitted to what was known on {formats.day(trial.as_of)} and asked "
            f"for the {formats.count(trial.days)} days after it: it foretold "
            f"{formats.count(trial.predicted_orders)} orders, {formats.count(trial.actual_orders)} "
            f"were made ({error_words(trial.order_error, formats)}), nearer than carrying on the "
            "past. It was then fitted to all data."
        )
    dates = dates_words(worth.outlooks[0].past_dates, formats)
    first = (
        f"No model of how customers come back may be used here. These figures suppose that today's "
        f"customers of a segment do in the next {days} days what those of the same segment did in "
        f"the {days} days after {dates}."
    )
    if trial is None:
        return f"{first} With one earlier date only, that could not be tested."
    return (
        f"{first} The same, said on {formats.day(trial.as_of)}, was "
        f"{error_words(trial.order_error, formats)} for orders "
        f"({formats.count(trial.predicted_orders)} said, {formats.count(trial.actual_orders)} made)"
        f" and {error_words(trial.revenue_error, formats)} for revenue: read the ranges, not the "
        "means."
    )


def _outlook_table(outlooks: Sequence[Outlook], keys: Mapping[str, int], formats: Formats) -> Table:
    found = [{row.segment: row for row in outlook.rows} for outlook in outlooks]
    told = [{row.segment for row in told_rows(outlook)} for outlook in outlooks]
    names = [name for name in keys if any(name in rows for rows in found)]
    columns = [Column("Segment", numeric=False), Column("Customers")]
    for outlook in outlooks:
        span = span_words(outlook.days, formats)
        columns += [Column("Orders", hint=span)]
        columns += [Column("Range")] if len(outlooks) == 1 else []
        columns += [Column("Revenue", hint=span), Column("Range")]
    columns.append(Column("Worth", hint="today"))
    wide = len(outlooks) == 1
    rows = tuple(
        Row(
            (
                Cell(shown(name, 40)),
                _count_cell(next(rows[name] for rows in found if name in rows), formats),
                *(
                    cell
                    for rows, enough in zip(found, told, strict=True)
                    for cell in _cells(rows.get(name) if name in enough else None, formats, wide)
                ),
                _money_cell(_value_of(found[-1].get(name), told[-1]), formats),
            ),
            keys[name],
        )
        for name in names
    )
    totals = [outlook.total for outlook in outlooks]
    total = Row(
        (
            Cell("All customers"),
            _count_cell(totals[0], formats),
            *(cell for one in totals for cell in _cells(one, formats, wide)),
            _money_cell(totals[-1].value, formats),
        )
    )
    spans = " and ".join(span_words(outlook.days, formats) for outlook in outlooks)
    return Table(
        f"What today's customers will bring in the next {spans}", tuple(columns), rows, total
    )


def _count_cell(row: Expected, formats: Formats) -> Cell:
    return Cell(formats.count(row.customer_count), str(row.customer_count))


def _value_of(row: Expected | None, told: set[str]) -> Estimate | None:
    return row.value if row and row.segment in told else None


def _cells(row: Expected | None, formats: Formats, wide: bool) -> list[Cell]:  # noqa: FBT001
    """Return orders, revenue and their ranges; that of orders where there is room."""
    if row is None:
        return [Cell(MISSING)] * (4 if wide else 3)
    orders = [Cell(formats.count(row.orders.value), f"{row.orders.value:.4f}")]
    if wide:
        ends = (formats.count(end) for end in (row.orders.low, row.orders.high))
        orders.append(Cell("–".join(ends)))
    return [*orders, *_money_cells(row.revenue, formats)]


def _money_cells(estimate: Estimate | None, formats: Formats) -> tuple[Cell, Cell]:
    if estimate is None:
        return Cell(MISSING), Cell(MISSING)
    ends = (formats.money_short(end) for end in (estimate.low, estimate.high))
    return _money_cell(estimate, formats), Cell("–".join(ends))


def _money_cell(estimate: Estimate | None, formats: Formats) -> Cell:
    if estimate is None:
        return Cell(MISSING)
    return Cell(formats.money_short(estimate.value), f"{estimate.value:.2f}")


def _outlook_note(worth: Worth, formats: Formats) -> str:
    if not worth.outlooks:
        return ""
    rate = formats.share(worth.discount_rate, 0)
    span = span_words(worth.outlooks[-1].days, formats)
    parts = [f"Worth today: the revenue of the {span}, discounted at {rate} a year."]
    if worth.model is None:
        parts.append("The bounds of all customers are the sums of the segments' bounds.")
        if len(worth.outlooks) == 1:
            parts.append("Twelve months are not told: the history holds no whole year to go by.")
    untold = worth.outlooks[0].untold_count
    if untold:
        parts.append(f"{formats.count(untold)} customers of segments too small are not in it.")
    if worth.spend:
        parts.append(_spend_words(worth.spend, formats))
    return " ".join(parts)


def _spend_words(spend: SpendTrial, formats: Formats) -> str:
    rank = formats.number(spend.rank_correlation, 2)
    among = f"rank correlation {rank} among {formats.count(spend.customer_count)} repeat buyers"
    if spend.refusal:
        return f"Revenue is not told: {spend.refusal}."
    supposed = "Order values (Gamma-Gamma) suppose that they do not depend on how often one orders"
    if abs(spend.rank_correlation) < _CORRELATED:
        return f"{supposed}: here they hardly do ({among})."
    return f"{supposed}: here they do ({among}), so that revenue by segment is rough."


def _trials_title(worth: Worth, formats: Formats) -> str:
    if not worth.trials:
        return ""
    day = formats.day(worth.trials[0].as_of)
    days = formats.count(worth.trials[0].days)
    return f"Tried on the past: said on {day} of the next {days} days"


def _has_foretold(worth: Worth) -> bool:
    """Say whether any model foretold something; else a sentence says it all."""
    return any(trial.is_model and trial.predicted_orders is not None for trial in worth.trials)


def _trials_table(worth: Worth, formats: Formats) -> Table:
    rows = tuple(
        Row(
            (
                Cell(f"{'' if trial.is_model else 'Extrapolated, '}{trial.name}"),
                Cell(formats.count(trial.predicted_orders), _raw(trial.predicted_orders)),
                Cell(formats.count(trial.actual_orders), _raw(trial.actual_orders)),
                Cell(
                    MISSING
                    if trial.order_error is None
                    else error_words(trial.order_error, formats)
                ),
                Cell(_verdict(trial, worth)),
            )
        )
        for trial in _merged(worth.trials)
    )
    columns = (
        Column("Way to foretell", numeric=False),
        Column("Orders said"),
        Column("Made"),
        Column("Off by"),
        Column("", numeric=False),
    )
    return Table("Ways to foretell, each tried on the shop's own past", columns, rows)


def _merged(trials: Sequence[ForecastTrial]) -> list[ForecastTrial]:
    """Put the models that were refused for one reason before they said anything on one row."""
    silent = [trial for trial in trials if trial.predicted_orders is None]
    others = [trial for trial in trials if trial.predicted_orders is not None]
    if not silent or len({trial.refusal for trial in silent}) > 1:
        return [*silent, *others]
    return [replace(silent[0], name=", ".join(trial.name for trial in silent)), *others]


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _verdict(trial: ForecastTrial, worth: Worth) -> str:
    if trial.refusal:
        return f"refused: {trial.refusal}"
    return "used" if trial.is_basis_of(worth) else ""


def _trials_note(worth: Worth, formats: Formats) -> str:
    if worth.untried:
        return f"No model was tried: {worth.untried}."
    if not _has_foretold(worth):
        refused = [trial for trial in worth.trials if trial.refusal]
        names = ", ".join(trial.name for trial in refused)
        reasons = "; ".join(sorted({trial.refusal for trial in refused if trial.refusal}))
        return (
            f"Models tried and refused: {names}: {reasons}. Such a model would promise every "
            "customer for ever."
        )
    return (
        "What a customer bought on one day is one order to a model. A model is used only where its "
        f"total is off by less than {formats.share(0.25, 0)} and it beats the extrapolations."
    )
