"""The section on worth: its tables, the sentences around them, and what of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rfmreport.kit.sections import Section
from rfmreport.kit.sentences import dates_words, error_words, span_words
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import Table
from rfmreport.models.lifetime.choice import EXACT_TOTAL, WORST_TOTAL
from rfmreport.sections.worth.captions import worth_title
from rfmreport.sections.worth.charts import outlook_drawing, reliability_drawing
from rfmreport.sections.worth.figures import ALL_TOLD, EVERYBODY, SMALL_SEGMENTS
from rfmreport.sections.worth.files import FILES
from rfmreport.sections.worth.response_page import (
    opportunity_note,
    opportunity_table,
    opportunity_title,
    response_note,
    response_table,
    response_title,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.kit.sheets import Unit
    from rfmreport.kit.tables import Table
    from rfmreport.report import Report
    from rfmreport.sections.worth.figures import ForecastTrial, Outlook, SpendTrial, Worth

_LINKS = {
    "none": "here they hardly do ({among})",
    "weak": "here they do a little ({among}), so revenue may lean between segments",
    "strong": "here they do ({among}), so revenue by segment is rough",
}
_EXTRAPOLATED = "Extrapolated, "
_LONG = 400


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
    trial = worth.basis
    if not worth.outlooks:
        return "No segment had customers enough on the earlier dates to say what it will bring."
    if worth.model and trial:
        return (
            f"This is the forecast of a lifetime model ({worth.model}). Fitted to what was known "
            f"on {formats.day(trial.as_of)}, it foretold {formats.count(trial.predicted_orders)} "
            f"orders for the next {formats.count(trial.days)} days; "
            f"{formats.count(trial.actual_orders)} were made "
            f"({error_words(trial.order_error, formats)}){_revenue_words(trial, formats)}. That is "
            "nearer, customer by customer, than carrying on the past. It was then fitted to all "
            "data."
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
    if trial.is_far_off:
        advice = "what follows is for the record, and no ground for plans"
    return (
        f"{first} Tried on {formats.day(trial.as_of)}, that foretold "
        f"{formats.count(trial.predicted_orders)} orders where "
        f"{formats.count(trial.actual_orders)} were made "
        f"({error_words(trial.order_error, formats)}), and revenue "
        f"{error_words(trial.revenue_error, formats)}: {advice}."
    )


def _revenue_words(trial: ForecastTrial, formats: Formats) -> str:
    if trial.revenue_error is None:
        return ""
    return f", and revenue {error_words(trial.revenue_error, formats)}"


def _outlook_table(outlooks: Sequence[Outlook], keys: Mapping[str, int], formats: Formats) -> Table:
    """Return orders and revenue of each time ahead; ranges, for want of room, of the last."""
    told = {part.segment: part for one in reversed(outlooks) for part in one.parts}
    counts = {name: told[name].customer_count for name in (*keys, SMALL_SEGMENTS) if name in told}
    everybody = ALL_TOLD if any(one.untold_count for one in outlooks) else EVERYBODY
    total = {everybody: sum(counts.values())}
    fields = [
        Field[str]("", "Segment", str),
        Field[str]("", "Customers", (counts | total).__getitem__, "count"),
        *(
            field
            for one in outlooks
            for field in _outlook_fields(one, everybody, formats, has_ranges=one is outlooks[-1])
        ),
    ]
    spans = " and ".join(span_words(outlook.days, formats) for outlook in outlooks)
    caption = f"What today's customers will bring in the next {spans}"
    return page_table(caption, fields, list(counts), formats, total=everybody, key=keys.get)


def _outlook_fields(
    outlook: Outlook, everybody: str, formats: Formats, *, has_ranges: bool
) -> list[Field[str]]:
    """Return the columns of one time ahead, of segments by name; as read, they add up."""
    parts = {part.segment: part for part in outlook.parts} | {everybody: outlook.total}
    span = span_words(outlook.days, formats)

    def column(what: str, heading: str, hint: str = span, **more: Any) -> Field[str]:  # noqa: ANN401
        unit: Unit = "count" if what == "orders" else "money_short"
        find = attrgetter(what)
        return Field(
            "", heading, lambda name: find(parts[name]) if name in parts else None, unit, hint,
            **more,
        )  # fmt: skip

    orders = column("orders", "Orders", adds_up=True)
    revenue = column("revenue", "Revenue", adds_up=True)
    if not has_ranges:
        return [orders, revenue]
    of_orders = column("orders", "Range", "", is_range=True)
    of_revenue = column("revenue", "Range", "", is_range=True)
    return [orders, of_orders, revenue, of_revenue, column("value", "Worth", "today", adds_up=True)]


def _outlook_note(worth: Worth, formats: Formats) -> str:
    if not worth.outlooks:
        return ""
    rate = formats.share(worth.discount_rate, 0)
    span = span_words(worth.outlooks[-1].days, formats)
    parts = [f"Worth today: the revenue of the next {span}, discounted at {rate} a year."]
    parts.append("Ranges do not add up: what is off here and there partly cancels out.")
    if worth.model is None and len(worth.outlooks) == 1:
        parts.append("Twelve months are not told: a year ago too few customers were known.")
    parts += [_untold_words(outlook, formats) for outlook in worth.outlooks if outlook.untold_count]
    if worth.spend:
        parts.append(_spend_words(worth.spend, formats))
    return " ".join(parts)


def _untold_words(outlook: Outlook, formats: Formats) -> str:
    count, span = formats.count(outlook.untold_count), span_words(outlook.days, formats)
    few = "customer" if outlook.untold_count == 1 else "customers"
    return f"Not in the {span}: {count} {few} of segments of which the past knew too few."


def _spend_words(spend: SpendTrial, formats: Formats) -> str:
    rank = formats.number(spend.rank_correlation, 2)
    among = f"rank correlation {rank} among {formats.count(spend.customer_count)} repeat buyers"
    if spend.refusal:
        return f"Revenue is not told: {spend.refusal}."
    supposed = (
        "The model of order values (Gamma-Gamma) supposes that they do not depend on how often"
    )
    return f"{supposed} one orders; {_LINKS[spend.link].format(among=among)}."


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
    fields: tuple[Field[ForecastTrial], ...] = (
        Field("", "Forecast", lambda trial: f"{_EXTRAPOLATED * (not trial.is_model)}{trial.name}",
              limit=_LONG),
        Field("", "Customers", lambda trial: trial.customer_count, "count"),
        Field("", "Orders", lambda trial: trial.predicted_orders, "count", "foretold"),
        Field("", "Orders", lambda trial: trial.actual_orders, "count", "made"),
        Field("", "Off by", lambda trial: _off_by(trial, formats), numeric=True),
        Field("", "Verdict", lambda trial: _verdict(trial, worth), limit=_LONG),
    )  # fmt: skip
    rows = _merged([one for one in worth.trials if one.as_of == worth.trials[0].as_of])
    return page_table("Ways to forecast, each tried on the shop's own past", fields, rows, formats)


def _off_by(trial: ForecastTrial, formats: Formats) -> str | None:
    return None if trial.order_error is None else error_words(trial.order_error, formats)


def _merged(trials: Sequence[ForecastTrial]) -> list[ForecastTrial]:
    """Put the models that were refused for one reason before they said anything on one row."""
    silent = [trial for trial in trials if trial.predicted_orders is None]
    others = [trial for trial in trials if trial.predicted_orders is not None]
    if not silent or len({trial.refusal for trial in silent}) > 1:
        return [*silent, *others]
    return [replace(silent[0], name=", ".join(trial.name for trial in silent)), *others]


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
        f"A model is used where its total is off by less than {formats.share(WORST_TOTAL, 0)} and "
        f"by no more than carrying on the past, or than {formats.share(EXACT_TOTAL, 0)}, and where "
        "it is nearer customer by customer. To it, what a customer bought on one day is one order"
        f"{_other_base(worth)}."
    )


def _other_base(worth: Worth) -> str:
    """Say what the trial counts that is no model's: its figures are not those of the others."""
    if all(trial.of_order_days for trial in worth.trials):
        return ""
    return "; the last row counts orders, of segments known on both dates"


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


def _outlook(report: Report, formats: Formats) -> Drawing | None:
    worth = report.worth
    # One line alone compares nothing: the table has it.
    if worth is None or not worth.outlooks or len(worth.outlooks[-1].rows) <= 1:
        return None
    return outlook_drawing(worth, report.segments, formats)


def _reliability(report: Report, formats: Formats) -> Drawing | None:
    tested = report.worth is not None and report.worth.response.is_tested
    return reliability_drawing(report.worth.response, formats) if report.worth and tested else None


SECTION: Section[Report] = Section(
    "worth",
    "What they will be worth",
    lambda report, formats: worth_title(report.worth, formats) if report.worth else "",
    (_outlook, _reliability),
    page=lambda report, formats, _: worth_block(report, formats),
    sheets=FILES,
)
"""The section of the report."""
