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
from rfmreport.render.tables import Cell, Column, Row, Table, range_text, shown
from rfmreport.render.worth_captions import (
    basis_of,
    dates_words,
    error_words,
    is_far_off,
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
    refusals: str
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
        refusals=_refusals(worth),
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
    if worth.model and trial:
        return (
            f"This is the forecast of a lifetime model ({worth.model}). Fitted to what was known "
            f"on {formats.day(trial.as_of)}, it foretold {formats.count(trial.predicted_orders)} "
            f"orders for the next {formats.count(trial.days)} days; "
            f"{formats.count(trial.actual_orders)} were made "
            f"({error_words(trial.order_error, formats)}), which is nearer than carrying on the "
            "past. It was then fitted to all data."
        )
    span = span_words(worth.outlooks[0].days, formats)
    dates = dates_words(worth.outlooks[0].past_dates, formats)
    first = (
        "These figures carry on the past, without a model: each segment is expected to do in the "
        f"next {span} what the same segment did in the {span} after {dates}."
    )
    if trial is None:
        return f"{first} With one earlier date only, that could not be tested."
    advice = "plan with the ranges, not with the dots"
    if is_far_off(trial):
        advice = "what follows is for the record, and no ground for plans"
    return (
        f"{first} Tried on {formats.day(trial.as_of)}, that foretold "
        f"{formats.count(trial.predicted_orders)} orders where "
        f"{formats.count(trial.actual_orders)} were made "
        f"({error_words(trial.order_error, formats)}), and revenue "
        f"{error_words(trial.revenue_error, formats)}: {advice}."
    )


def _outlook_table(outlooks: Sequence[Outlook], keys: Mapping[str, int], formats: Formats) -> Table:
    found = [{row.segment: row for row in outlook.rows} for outlook in outlooks]
    told = [{row.segment for row in told_rows(outlook)} for outlook in outlooks]
    names = [name for name in keys if any(name in rows for rows in found)]
    columns = [Column("Segment", numeric=False), Column("Customers")]
    last = len(outlooks) - 1
    for i, outlook in enumerate(outlooks):
        span = span_words(outlook.days, formats)
        columns += [Column("Orders", hint=span)]
        columns += [Column("Range")] if i == last else []
        columns += [Column("Revenue", hint=span)]
        columns += [Column("Range")] if i == last else []
    columns.append(Column("Worth", hint="today"))
    rows = tuple(
        Row(
            (
                Cell(shown(name, 40)),
                _count_cell(next(rows[name] for rows in found if name in rows), formats),
                *(
                    cell
                    for i, (rows, enough) in enumerate(zip(found, told, strict=True))
                    for cell in _cells(
                        rows.get(name) if name in enough else None, formats, with_ranges=i == last
                    )
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
            Cell("All of these" if any(one.untold_count for one in outlooks) else "All customers"),
            _count_cell(totals[0], formats),
            *(
                cell
                for i, one in enumerate(totals)
                for cell in _cells(one, formats, with_ranges=i == last)
            ),
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


def _cells(row: Expected | None, formats: Formats, *, with_ranges: bool) -> list[Cell]:
    """Return orders and revenue, each with its range where there is room."""
    if row is None:
        return [Cell(MISSING)] * (4 if with_ranges else 2)
    orders = Cell(formats.count(row.orders.value), f"{row.orders.value:.4f}")
    revenue = _money_cell(row.revenue, formats)
    if not with_ranges:
        return [orders, revenue]
    ends = (formats.count(end) for end in (row.orders.low, row.orders.high))
    return [orders, Cell(range_text(*ends)), revenue, _money_range(row.revenue, formats)]


def _money_range(estimate: Estimate | None, formats: Formats) -> Cell:
    if estimate is None:
        return Cell(MISSING)
    return Cell(range_text(*(formats.money_short(end) for end in (estimate.low, estimate.high))))


def _money_cell(estimate: Estimate | None, formats: Formats) -> Cell:
    if estimate is None:
        return Cell(MISSING)
    return Cell(formats.money_short(estimate.value), f"{estimate.value:.2f}")


def _outlook_note(worth: Worth, formats: Formats) -> str:
    if not worth.outlooks:
        return ""
    rate = formats.share(worth.discount_rate, 0)
    span = span_words(worth.outlooks[-1].days, formats)
    parts = [f"Worth today: the revenue of the next {span}, discounted at {rate} a year."]
    if worth.model is None:
        parts.append("The range of all customers adds up those of the segments.")
        if len(worth.outlooks) == 1:
            parts.append("Twelve months are not told: no earlier date has a whole year after it.")
    untold = worth.outlooks[-1].untold_count
    if untold:
        few = "customer" if untold == 1 else "customers"
        parts.append(f"Not in it: {formats.count(untold)} {few} of segments too small to tell.")
    if worth.spend:
        parts.append(_spend_words(worth.spend, formats))
    return " ".join(parts)


def _spend_words(spend: SpendTrial, formats: Formats) -> str:
    rank = formats.number(spend.rank_correlation, 2)
    among = f"rank correlation {rank} among {formats.count(spend.customer_count)} repeat buyers"
    if spend.refusal:
        return f"Revenue is not told: {spend.refusal}."
    supposed = (
        "The model of order values (Gamma-Gamma) supposes that they do not depend on how often"
    )
    if abs(spend.rank_correlation) < _CORRELATED:
        return f"{supposed} one orders; here they hardly do ({among})."
    return f"{supposed} one orders; here they do ({among}), so revenue by segment is rough."


def _trials_title(worth: Worth, formats: Formats) -> str:
    if not worth.trials:
        return ""
    day = formats.day(worth.trials[0].as_of)
    days = formats.count(worth.trials[0].days)
    return f"Tried on the past: forecasts of {day} for the next {days} days"


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
        Column("Forecast", numeric=False),
        Column("Orders", hint="foretold"),
        Column("Orders", hint="made"),
        Column("Off by"),
        Column("Verdict", numeric=False),
    )
    return Table("Ways to forecast, each tried on the shop's own past", columns, rows)


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
        return _refusals(worth)
    return (
        "What a customer bought on one day is one order to a model. A model is used only where its "
        f"total is off by less than {formats.share(0.25, 0)} and it beats carrying on the past."
    )


def _refusals(worth: Worth) -> str:
    """Say which models were refused and why, a reason once."""
    reasons: dict[str, list[str]] = {}
    for trial in worth.trials:
        if trial.is_model and trial.refusal:
            reasons.setdefault(trial.refusal, []).append(trial.name)
    if not reasons:
        return ""
    told = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    return f"Lifetime models were tried and refused. {told}."
