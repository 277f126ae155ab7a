"""The section on worth: its tables, the sentences around them, and what of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.kit.sections import Section
from rfmreport.kit.sentences import Sentence, dates_words, error_words
from rfmreport.kit.sheets import Field, page_table
from rfmreport.models.lifetime.choice import EXACT_TOTAL, WORST_TOTAL
from rfmreport.sections.worth.charts import (
    outlook_drawing,
    outlook_table,
    reliability_drawing,
    worth_title,
)
from rfmreport.sections.worth.figures import ForecastTrial, Outlook, SpendTrial, Worth, month_words
from rfmreport.sections.worth.forecast_page import (
    CHECKS,
    FORECAST,
    forecast_finding,
    forecast_note,
    revenue_spans,
)
from rfmreport.sections.worth.response_page import (
    FILES,
    response_note,
    response_table,
    response_title,
)
from rfmreport.sections.worth.tracking_page import TRACKING, tracking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.kit.tables import Table
    from rfmreport.report import Report

_LINKS = {
    "none": "here they hardly do ({among})",
    "weak": "here they do a little ({among}), so revenue may lean between segments",
    "strong": "here they do ({among}), so revenue by segment is rough",
}
_BY_WHOM = "What is to come in the next {} days, by who brings it"
_EXTRAPOLATED = "Extrapolated, "
_LONG = 400
_SHARED = {
    "model": "Shared out over segments as the model expects of their customers",
    "past": "Shared out as each segment’s customers did in the {days:count} days after {dates}",
}


@dataclass(frozen=True, slots=True)
class WorthBlock:
    """What the section prints around its charts; what is None or empty could not be told.

    `is_narrow`: the outlook has shares and no amounts, and so room beside it.
    """

    lead: str
    outlook: Table | None
    is_narrow: bool
    outlook_title: str
    outlook_note: str
    trials: Table | None
    trials_title: str
    trials_note: str
    refusals: str
    response_title: str
    response: Table
    response_note: str


def worth_block(report: Report, formats: Formats) -> WorthBlock | None:
    """Return the tables and sentences of the section; None where nothing can be told."""
    worth = report.worth
    if worth is None:
        return None
    keys, outlook = report.segment_keys, worth.outlook
    return WorthBlock(
        lead=_lead(report, formats),
        outlook=outlook_table(_BY_WHOM, outlook, keys, formats) if outlook else None,
        is_narrow=bool(outlook and outlook.total.revenue is None),
        outlook_title=_outlook_title(outlook, formats) if outlook and outlook.rows else "",
        outlook_note=_outlook_note(report, worth, formats),
        trials=_trials_table(worth, formats) if _has_foretold(worth) else None,
        trials_title=_trials_title(worth, formats),
        trials_note=_trials_note(worth, formats),
        refusals=_refusals(worth),
        response_title=response_title(worth.response, formats),
        response=response_table(worth.response, keys, formats),
        response_note=response_note(worth.response, report, formats),
    )


def _lead(report: Report, formats: Formats) -> str:
    if report.forecast is None:
        return "The data are too few to foretell a sum."
    return f"{month_words(report.forecast).told(formats)}. {forecast_note(report, formats)}"


def _outlook_title(outlook: Outlook, formats: Formats) -> str:
    most = max(outlook.rows, key=lambda row: row.share or 0)
    facts = {"segment": most.segment, "share": most.share or 0, "days": outlook.days}
    text = "{segment} is to bring {share:percent} of the revenue of the next {days:count} days"
    return Sentence(text, facts).told(formats)


def _outlook_note(report: Report, worth: Worth, formats: Formats) -> str:
    outlook, forecast = worth.outlook, report.forecast
    if outlook is None or forecast is None:
        return ""
    dates = dates_words(outlook.past_dates, formats) if outlook.past_dates else ""
    how = Sentence(_SHARED["past" if dates else "model"], {"days": outlook.days, "dates": dates})
    parts = [
        Sentence(
            "{how}; {share:percent} is left to customers still to be won, who brought as much of "
            "the last {days:count} days.",
            {"how": how, "share": forecast.new_revenue_share, "days": outlook.days},
        ).told(formats)
    ]
    if outlook.total.revenue:
        parts.append("Ranges do not add up: what is off here and there partly cancels out.")
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
    outlook = worth.outlook if worth else None
    if outlook is None or outlook.total.revenue is None or len(outlook.rows) <= 1:
        return None
    return outlook_drawing(outlook, report.segments, formats)


def _reliability(report: Report, formats: Formats) -> Drawing | None:
    tested = report.worth is not None and report.worth.response.is_tested
    return reliability_drawing(report.worth.response, formats) if report.worth and tested else None


def _finding(report: Report, formats: Formats) -> str:
    if report.worth is None:
        return ""
    return forecast_finding(report, formats) or worth_title(report.worth, formats)


SECTION: Section[Report] = Section(
    "worth",
    "What they will be worth",
    _finding,
    (revenue_spans, _outlook, tracking, _reliability),
    page=lambda report, formats, _: worth_block(report, formats),
    sheets=(FORECAST, CHECKS, TRACKING, *FILES),
)
"""The section of the report."""
