"""What is said and drawn of the forecast: for the plan, for stock, and how its trials came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, Unit, page_table
from rfmreport.models.forecast import Total, Trial, Way
from rfmreport.report import Report
from rfmreport.sections.worth.charts import MOST_SPANS, spans_drawing
from rfmreport.sections.worth.figures import (
    What,
    basis_words,
    forecast_words,
    held_words,
    month_words,
    trials_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing

_Span = tuple[str, What, Total]


def forecast_finding(report: Report, formats: Formats, what: What = "revenue") -> str:
    """Say what the report's horizon will bring; nothing where it cannot be foretold."""
    found = report.forecast
    return forecast_words(found.ahead, what).told(formats) if found else ""


def forecast_note(report: Report, formats: Formats, what: What = "revenue") -> str:
    """Say what the forecast rests on, and how it did on the past."""
    if report.forecast is None:
        return ""
    ahead = report.forecast.ahead
    said = (basis_words(ahead, report.forecast.model), trials_words(ahead, what))
    return " ".join(one.told(formats) for one in said if one)


def _plan_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    if report.forecast is None:
        return None
    lead = month_words(report.forecast).told(formats)
    return Block(
        lead=f"{lead}{_given_back_since(report, formats)}.", note=forecast_note(report, formats)
    )


def _given_back_since(report: Report, formats: Formats) -> str:
    returns = report.department_figures.returns
    if returns is None or returns.are_netted or not returns.since:
        return ""
    return f"; {formats.money_short(returns.since)} of goods came back since, and is still in it"


def _stock_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    if report.forecast is None:
        return None
    rest = forecast_words(report.forecast.rest, "orders").told(formats)
    return Block(lead=f"{rest}.", note=forecast_note(report, formats, "orders"))


def _spans_of(what: What, key: str, title: str) -> Callable[[Report, Formats], Drawing | None]:
    """Return the drawing of what was said of past spans, and came."""

    def drawing(report: Report, formats: Formats) -> Drawing | None:
        if report.forecast is None:
            return None
        total = report.forecast.ahead
        return spans_drawing(
            _spans_caption(total, what, (key, title), formats), total, what, formats
        )

    return drawing


def _trial_fields(unit: Unit) -> tuple[Field[tuple[What, Trial]], ...]:
    """Return what would have been said of past spans, and what came, for page and file."""
    return (
        Field("of", "", lambda row: row[0]),
        Field("from", "From", lambda row: row[1].first_day, "day"),
        Field("to", "To", lambda row: row[1].last_day, "day"),
        Field("said", "Said", lambda row: getattr(row[1], row[0]).value, unit),
        Field("low", "at least", lambda row: getattr(row[1], row[0]).low, unit),
        Field("high", "at most", lambda row: getattr(row[1], row[0]).high, unit),
        Field("came", "Came", lambda row: row[1].came[row[0] == "revenue"], unit),
    )


def _spans_caption(total: Total, what: What, names: tuple[str, str], formats: Formats) -> Caption:
    key, title = names
    fields = _trial_fields("money_short" if what == "revenue" else "count")
    spoken = forecast_words(total, what).told(formats)
    note = (
        "Bars: what came in the days from that date; line across: what would have been said then, "
        "upright its 95% range. Last: what is to come."
    )
    tried = [(what, one) for one in total.trials[:MOST_SPANS]]
    table = page_table(title, fields, tried, formats)
    finding = held_words(total, what).told(formats)
    return Caption(key, title, finding, f"{finding}. {spoken}.", note, table)


revenue_spans = _spans_of("revenue", "said-and-came", "Revenue: said and came")
_order_spans = _spans_of("orders", "orders-said-and-came", "Orders: said and came")


# --- files and sections -------------------------------------------------------------------------


def _totals(report: Report) -> list[_Span] | None:
    found = report.forecast
    if found is None:
        return None
    spans = (("days ahead", found.ahead), ("rest of the month", found.rest))
    whats: tuple[What, What] = ("orders", "revenue")
    return [(name, what, total) for name, total in spans for what in whats]


def _says(way: Way) -> Callable[[_Span], float | None]:
    def says(row: _Span) -> float | None:
        answer = row[2].answer(way)
        return getattr(answer, row[1]) if answer else None

    return says


def _year_before(row: _Span) -> float | None:
    before = row[2].year_before
    return before[row[1] == "revenue"] if before else None


FORECAST = Sheet[Report, _Span](
    "forecast",
    "orders or revenue of one span of days to come",
    (
        Field("span", "", lambda row: row[0]),
        Field("of", "", lambda row: row[1]),
        Field("from", "", lambda row: row[2].first_day, "day"),
        Field("to", "", lambda row: row[2].last_day, "day"),
        Field("value", "", lambda row: getattr(row[2], row[1]).value, "number"),
        Field("low", "", lambda row: getattr(row[2], row[1]).low, "number"),
        Field("high", "", lambda row: getattr(row[2], row[1]).high, "number"),
        Field("by_pace", "", _says("pace"), "number"),
        Field("by_season", "", _says("season"), "number"),
        Field("by_model", "", _says("model"), "number"),
        Field("a_year_before", "", _year_before, "number"),
    ),
    _totals,
)
CHECKS = Sheet[Report, tuple[What, Trial]](
    "forecast_checks",
    "one past span: what would have been said of it, and what came",
    _trial_fields("number"),
    lambda report: (
        [
            (what, trial)
            for total in ((report.forecast.ahead, report.forecast.rest) if report.forecast else ())
            for what in ("orders", "revenue")
            for trial in total.trials
        ]
        or None
    ),
)

SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "projection",
        "What is to come",
        forecast_finding,
        drawings=(revenue_spans,),
        block=_plan_block,
        sheets=(FORECAST, CHECKS),
        reasons=("What is to come",),
        charts=("said-and-came",),
    ),
    Section(
        "demand",
        "Orders to come",
        lambda report, formats: forecast_finding(report, formats, "orders"),
        drawings=(_order_spans,),
        block=_stock_block,
        sheets=(FORECAST, CHECKS),
        reasons=("What is to come",),
        charts=("orders-said-and-came",),
    ),
)
"""What departments may be told of the forecast."""
