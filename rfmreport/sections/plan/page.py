"""What is said of months gone by and to come: revenue projected, and revenue by segment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, text_width
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import money_range
from rfmreport.models.forecast import Forecast, PastForecast
from rfmreport.sections.plan import demand_page, months_page, returns_page
from rfmreport.sections.plan.charts import (
    BASE,
    HIGH,
    LEFT,
    TOP,
    month_grid,
    month_name,
    without_symbol,
)
from rfmreport.sections.plan.demand_page import FORECAST_CHECKS, expect, season_words
from rfmreport.sections.plan.figures import reconciled_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.report import Report
    from rfmreport.sections.plan.figures import Projection
    from rfmreport.sections.when.figures import Month

_PastOrAhead = tuple[date, Decimal | str, Decimal | str]
"""A month, and what it brought or is to bring; the other is empty."""
_Figure = tuple[Forecast, str, object]
"""A projection, one of its figures by name, and its value or interval."""
_TEAL = "#6fa9a6"
_PAST_MONTHS = 12
_MOST_TRIALS = 6


# --- the projection -----------------------------------------------------------------------------


def _projection_finding(report: Report, formats: Formats) -> str:
    projection = report.department_figures.projection
    if projection is None:
        return ""
    forecast = projection.forecast
    low, high = (formats.money_short(end) for end in (forecast.low, forecast.high))
    first, last = formats.month(forecast.first_day), formats.month(forecast.last_day)
    span = f"for {first}" if projection.month_count == 1 else f"from {first} to {last}"
    return (
        f"{expect(forecast)} {formats.money_short(forecast.value)} {span} ({low} to {high})"
        f"{season_words(forecast, formats.money_short)}"
    )


def projection_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return how the rule did on the past, and whether the customers' own past agrees."""
    projection = report.department_figures.projection
    if projection is None:
        return None
    forecast = projection.forecast
    lead = _rule_words(projection, formats)
    if projection.so_far:
        lead += (
            f" {formats.money_short(projection.so_far)} of {formats.month(forecast.first_day)} is "
            f"in already{_given_back_since(report, formats)}."
        )
    note = reconciled_words(projection, formats)
    if note:
        note += " (By month, the chart below counts as new only who first ordered in that month.)"
    return Block(_trials_table(forecast, formats), note=note, lead=lead)


def _given_back_since(report: Report, formats: Formats) -> str:
    returns = report.department_figures.returns
    if returns is None or returns.are_netted or not returns.since:
        return ""
    return f"; {formats.money_short(returns.since)} of goods came back since, and is still in it"


def _rule_words(projection: Projection, formats: Formats) -> str:
    """Say by which rule it is foretold, how far off that was, and whether it knows the season."""
    forecast = projection.forecast
    tried = (
        f"{formats.count(len(forecast.trials))} past spans of "
        f"{formats.count(projection.month_count)} months"
    )
    error = f"off by {formats.share(forecast.rule.error, 0)} on average over {tried}"
    others = (
        f"the least of {formats.count(1 + len(forecast.others))} rules"
        if forecast.others
        else "no other could be tried as often"
    )
    season = "" if forecast.knows_season else " It knows no season."
    return f"Rule: {forecast.rule.name}, {error}; {others}.{season}"


def _trials_table(forecast: Forecast, formats: Formats) -> Table:
    fields = (
        Field[PastForecast](
            "", "Past span", lambda one: _months_words(one.first_day, one.last_day, formats)
        ),
        Field[PastForecast]("", "Said", lambda one: one.predicted, "money_short"),
        Field[PastForecast]("", "Came", lambda one: one.actual, "money_short"),
        Field[PastForecast]("", "Off by", lambda one: one.error, "deviation"),
    )
    caption = "What the rule would have said of the past"
    return page_table(caption, fields, forecast.trials[:_MOST_TRIALS], formats)


def _months_words(first: date, last: date, formats: Formats) -> str:
    begin, end = formats.month_short(first), formats.month_short(last)
    return begin if begin == end else f"{begin} to {end}"


def projection_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the last complete months, and after them what is projected."""
    projection = report.department_figures.projection
    if projection is None:
        return None
    past = [month for month in report.months if month.complete][-_PAST_MONTHS:]
    drawing = Drawing(_projection_caption(past, projection, formats), WIDE, HIGH)
    ahead = _months_ahead(projection)
    values = [float(month.revenue) for month in past] + [float(v) for v in projection.per_month]
    highest = max(values) * 1.12 or 1.0

    def height(value: float) -> float:
        return along(value, (0, highest), (HIGH - BASE, TOP))

    month_grid(drawing, highest, height, formats)
    step = (WIDE - LEFT) / len(values)
    half = min(step * 0.36, 28)
    days = [*(month.first_day for month in past), *ahead]
    for place, (day, value) in enumerate(zip(days, values, strict=True)):
        middle, is_past = LEFT + step * (place + 0.5), place < len(past)
        about = f"{formats.month(day)}: {formats.money(value)}{'' if is_past else ' projected'}"
        box = {"x": middle - half, "x2": middle + half, "y": height(0), "y2": height(value)}
        color = ACCENT if place == len(past) - 1 else _TEAL if is_past else PALE
        look = {} if is_past else {"stroke": MUTED, "strokeDash": [3, 2]}
        drawing.add("bars", [box | {"color": color, "about": about}], **look)
        text = without_symbol(value, formats)
        drawing.texts([(middle, height(value) - 9, text)], color=INK, fontWeight=600)
        month_name(drawing, day, middle, formats, is_first=place == 0)
    _span_above(drawing, projection, WIDE - step * len(ahead), formats)
    return drawing


def _months_ahead(projection: Projection) -> list[date]:
    first = projection.forecast.first_day
    months = [first.year * 12 + first.month - 1 + i for i in range(projection.month_count)]
    return [first.replace(year=month // 12, month=month % 12 + 1, day=1) for month in months]


def _span_above(drawing: Drawing, projection: Projection, left: float, formats: Formats) -> None:
    """Write the sum and its bounds above the months that it is of."""
    forecast = projection.forecast
    words = f"{formats.money_short(forecast.value)} ({money_range(forecast, formats)})"
    x = min((left + WIDE) / 2, WIDE - text_width(words, BODY) * 0.53)
    drawing.texts([(x, 7, words)], color=INK, fontSize=BODY, fontWeight=600)


def _projection_caption(past: Sequence[Month], projection: Projection, formats: Formats) -> Caption:
    ahead = zip(_months_ahead(projection), projection.per_month, strict=True)
    rows: list[_PastOrAhead] = [(month.first_day, month.revenue, "") for month in past]
    rows += [(day, "", value) for day, value in ahead]
    fields = (
        Field[_PastOrAhead]("", "Month", lambda row: formats.month(row[0])),
        Field[_PastOrAhead]("", "Revenue", lambda row: row[1], "money"),
        Field[_PastOrAhead]("", "Projected", lambda row: row[2], "money"),
    )
    forecast = projection.forecast
    title = "Revenue by month, and what is projected"
    spoken = f"Projected {formats.money_short(forecast.value)}, {money_range(forecast, formats)}"
    note = (
        "Dashed: projected; in brackets the 95% interval that the rule’s errors on the past give."
    )
    table = page_table("Revenue by month and projected", fields, rows, formats)
    return Caption("projected-revenue", title, title, f"{title}. {spoken}.", note, table)


def _projection_rows(report: Report) -> list[_Figure] | None:
    """Return the projection, and what stands beside it, a line each."""
    found = report.department_figures.projection
    if found is None:
        return None
    forecast = found.forecast
    rows: list[_Figure] = [
        (forecast, "projected revenue", forecast),
        (forecast, "so far in these months", found.so_far),
        (forecast, "the same months a year before", forecast.year_before),
    ]
    beside = found.reconciliation
    if beside:
        rows += [
            (forecast, "share of new customers in as many months before", beside.new_share),
            (forecast, "projected for customers known today", beside.expected_of_known),
            (forecast, "outlook of customers known today", beside.outlook),
        ]
    return rows


def _part(name: str, row: _Figure) -> Any:  # noqa: ANN401  money or a share
    """Return a figure, or an end of its interval, which not all have."""
    return getattr(row[2], name, row[2] if name == "value" else None)


_PROJECTION: Sheet[Report, _Figure] = Sheet(
    "projection",
    "one figure of the months that are projected",
    (
        Field("from", "", lambda row: row[0].first_day, "day"),
        Field("to", "", lambda row: row[0].last_day, "day"),
        Field("figure", "", lambda row: row[1]),
        *(Field(name, "", partial(_part, name), "money") for name in ("value", "low", "high")),
    ),
    _projection_rows,
)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "projection",
        "Projection",
        _projection_finding,
        drawings=(projection_drawing,),
        block=projection_block,
        sheets=(_PROJECTION, FORECAST_CHECKS),
        reasons=("Projected revenue",),
        charts=("projected-revenue",),
        has_sides=True,
    ),
    months_page.SECTION,
    returns_page.SECTION,
    *demand_page.SECTIONS,
)
"""What departments may be told of this topic."""
