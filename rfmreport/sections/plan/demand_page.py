"""What is said of orders to come: how many, on which days, and at which hours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED
from rfmreport.kit.drawings import HALF, Drawing, along, round_ticks
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.models.forecast import Forecast, PastForecast, carried
from rfmreport.report import Report
from rfmreport.sections.plan.charts import spans_drawing
from rfmreport.sections.plan.demand_figures import HourBand, WeekdayDemand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.plan.demand_figures import Demand
    from rfmreport.sections.products.figures import KeyProducts

_Span = Forecast | PastForecast
_Check = tuple[str, Forecast, _Span]
"""What is foretold, how, and a span of it: the one to come or one of the past."""
_Bar = tuple[str, float, float]
"""A name, what is expected, and what a busy such time takes."""
_HIGH, _LEFT, _BASE, _TOP = 150, 34, 30, 20
_TEAL = "#6fa9a6"
_LINE = 16
_ONE_DEAL = 0.5


def _expected(report: Report) -> Demand | None:
    """Return what is foretold, None where nothing is or no order is expected."""
    demand = report.department_figures.demand
    return demand if demand and any(day.expected_orders for day in demand.weekdays) else None


def _hours_finding(report: Report, formats: Formats) -> str:
    demand = _expected(report)
    if demand is None:
        return ""
    best = report.trends.best_weekday if report.trends else None
    if best is None:
        mean = sum(day.orders_per_day for day in demand.weekdays) / len(demand.weekdays)
        words = f"No day of the week stands out: expect {formats.number(mean)} orders a day"
    else:
        words = (
            f"{formats.weekday(best)}s are the busiest: "
            f"expect {formats.number(demand.weekdays[best].orders_per_day, 0)} orders each"
        )
    if not demand.hours:
        return words
    band = max(demand.hours, key=lambda one: one.share)
    return f"{words}; {formats.share(band.share, 0)} of all come between {_clocks(band, ' and ')}"


def _clocks(band: HourBand, between: str) -> str:
    return f"{band.first_hour:02}:00{between}{band.end_hour:02}:00"


def weekday_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each day of the week, and what a busy such day takes."""
    demand = _expected(report)
    if demand is None:
        return None
    fields = (
        Field[WeekdayDemand]("", "Weekday", lambda day: formats.weekday(day.weekday)),
        Field[WeekdayDemand]("", "Expected", lambda day: round(day.expected_orders), "count",
                             "orders"),
        Field[WeekdayDemand]("", "A day", lambda day: day.orders_per_day, "number"),
        Field[WeekdayDemand]("", "A busy day", lambda day: day.busy_orders, "number"),
    )  # fmt: skip
    table = page_table("Expected orders by weekday", fields, demand.weekdays, formats)
    title = "Expected orders a day"
    weeks = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: expected; line: the busiest such day of {weeks}."
    bars = [
        (formats.weekday(day.weekday)[:3], day.orders_per_day, day.busy_orders)
        for day in demand.weekdays
    ]
    spoken = f"{title}. {_spoken(bars, formats)}."
    caption = Caption("expected-weekdays", title, title, spoken, note, table)
    return _bars_drawing(caption, bars, formats)


def hour_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of each part of the day, and what a busy hour in it takes."""
    demand = _expected(report)
    if demand is None or not demand.hours:
        return None
    fields = (
        Field[HourBand]("", "Hours", lambda band: _clocks(band, "–")),
        Field[HourBand]("", "Share", lambda band: band.share, "percent"),
        Field[HourBand](
            "", "Expected", lambda band: round(band.expected_orders), "count", "orders"
        ),
        Field[HourBand]("", "A busy hour", lambda band: band.busy_orders, "number"),
    )  # fmt: skip
    table = page_table("Expected orders by part of the day", fields, demand.hours, formats)
    title = "Expected orders an hour"
    weeks = f"the last {formats.count(demand.week_count)} weeks"
    note = f"Bar: expected; line: what 95 of 100 such hours of {weeks} did not exceed."
    bars = _hour_bars(demand)
    spoken = f"{title}. {_spoken(bars, formats)}."
    caption = Caption("expected-hours", title, title, spoken, note, table)
    return _bars_drawing(caption, bars, formats)


def _hour_bars(demand: Demand) -> list[_Bar]:
    span = demand.orders.last_day - demand.orders.first_day
    open_days = (span.days + 1) / 7 * sum(day.expected_orders > 0 for day in demand.weekdays)
    return [
        (
            f"{band.first_hour}–{band.end_hour}",
            band.expected_orders / (open_days * (band.end_hour - band.first_hour)),
            band.busy_orders,
        )
        for band in demand.hours
    ]


def _spoken(bars: Sequence[_Bar], formats: Formats) -> str:
    return "; ".join(f"{label}: {formats.number(mean)}" for label, mean, _ in bars)


def _bars_drawing(caption: Caption, bars: Sequence[_Bar], formats: Formats) -> Drawing:
    drawing = Drawing(caption, HALF, _HIGH)
    highest = max(max(mean, busy) for _, mean, busy in bars) or 1.0
    base = _HIGH - _BASE

    def height(value: float) -> float:
        return along(value, (0, highest), (base, _TOP))

    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, height(tick), HALF, height(tick)) for tick in ticks[1:]])
    drawing.texts([(_LEFT - 6, height(tick), formats.number(tick)) for tick in ticks],
                  align="right")  # fmt: skip
    step = (HALF - _LEFT) / len(bars)
    half = min(step * 0.36, 22)
    for place, (label, mean, busy) in enumerate(bars):
        middle = _LEFT + step * (place + 0.5)
        about = f"{label}: {formats.number(mean)} expected, busy {formats.number(busy)}"
        box = {"x": middle - half, "x2": middle + half, "y": base, "y2": height(mean)}
        drawing.add("bars", [box | {"color": _TEAL, "about": about}])
        if busy:
            y = height(busy)
            drawing.rules([(middle - half, y, middle + half, y)], color=INK, strokeWidth=2)
        drawing.texts([(middle, base + 12, label)])
        written = formats.count(mean) if mean >= 10 else formats.number(mean)  # noqa: PLR2004
        # Inside the bar: above it stands the line of busy days.
        y = base - 9 if base - height(mean) > _LINE else height(max(mean, busy)) - 9
        drawing.texts([(middle, y, written)], color=INK, fontWeight=600)
    drawing.rules([(_LEFT, base, HALF, base)], color=MUTED)
    return drawing


# --- how many to come ---------------------------------------------------------------------------


def expect(forecast: Forecast) -> str:
    """Begin a sentence that foretells; without a season it says at which pace."""
    return "Expect" if forecast.knows_season else "At the present pace expect"


def season_words(
    forecast: Forecast, written: Callable[[float], str], when: str = "a year before"
) -> str:
    """Say what the same time brought a year before, where the rule knows no season."""
    if forecast.knows_season or forecast.year_before is None:
        return ""
    yet = "yet " if forecast.is_doubtful else ""
    only = "only " if forecast.year_before < forecast.low else ""
    return f"; {yet}{when} it was {only}{written(forecast.year_before)}"


def _demand_finding(report: Report, formats: Formats) -> str:
    demand = report.department_figures.demand
    if demand is None:
        return ""
    orders = demand.orders
    low, high = (formats.count(end) for end in (orders.low, orders.high))
    words = f"{expect(orders)} {formats.count(orders.value)} orders ({low} to {high})"
    if demand.pieces:
        words += f" and {formats.count(carried(demand.pieces))} pieces"
    first, last = (formats.day(day) for day in (orders.first_day, orders.last_day))
    before = orders.year_before_on
    when = f"from {formats.day(before)} on" if before else "a year before"
    return f"{words} from {first} to {last}{season_words(orders, formats.count, when)}"


def demand_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return by which rule the orders are foretold, and how far off it was."""
    demand = report.department_figures.demand
    if demand is None:
        return None
    lead = f"Orders: {_trial_words(demand.orders, formats)}"
    if demand.pieces:
        lead += f" Pieces: {_trial_words(demand.pieces, formats)}"
        lead += _deal_words(report.sells.key_products if report.sells else None, formats)
    return Block(lead=lead)


def _deal_words(products: KeyProducts | None, formats: Formats) -> str:
    """Say how much of the last pieces were deals: one order of most of a product."""
    deals = (
        [one for one in products.rows if one.largest_order_share > _ONE_DEAL] if products else []
    )
    if products is None or not deals or not products.quantity:
        return ""
    pieces = sum(one.quantity * one.largest_order_share for one in deals)
    many = "s" if len(deals) > 1 else ""
    return (
        f" Of the pieces of the {formats.count(products.week_count)} weeks to "
        f"{formats.day(products.last_day)}, {formats.count(pieces)} "
        f"({formats.share(pieces / products.quantity)}) were {formats.count(len(deals))} "
        f"deal{many}, one order of more than half of a product: they need not come again."
    )


def _trial_words(forecast: Forecast, formats: Formats) -> str:
    least = (
        f", the least of {formats.count(1 + len(forecast.others))} rules" if forecast.others else ""
    )
    return (
        f"{forecast.rule.name}, off by {formats.share(forecast.rule.error, 0)} on average over "
        f"{formats.count(len(forecast.trials))} past spans{least}."
    )


def demand_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the orders of past spans of four weeks, and those to come."""
    demand = report.department_figures.demand
    if demand is None:
        return None
    return spans_drawing(_demand_caption(demand.orders, formats), demand.orders, formats.count,
                         formats)  # fmt: skip


def _demand_caption(forecast: Forecast, formats: Formats) -> Caption:
    fields = (
        Field[_Span]("", "From", lambda span: span.first_day, "day", numeric=False),
        Field[_Span]("", "To", lambda span: span.last_day, "day", numeric=False),
        Field[_Span]("", "Said", lambda span: round(_said(span)), "count"),
        Field[_Span](
            "",
            "Came",
            lambda span: "to come" if span is forecast else round(getattr(span, "actual", 0)),
            "count",
        ),
    )
    rows: tuple[_Span, ...] = (*forecast.trials, forecast)
    title = "Orders by four weeks, and those to come"
    spoken = (
        f"Expected {formats.count(forecast.value)}, {formats.count(forecast.low)} to "
        f"{formats.count(forecast.high)}"
    )
    note = (
        "Bars: orders that came in four weeks from that day; line across: what the rule would have "
        "said. Dashed: expected, with the 95% interval that its errors give."
    )
    table = page_table("Orders that came and that the rule said", fields, rows, formats)
    return Caption("expected-orders", title, title, f"{title}. {spoken}.", note, table)


# --- files and sections -------------------------------------------------------------------------


def _spans(forecast: Forecast) -> tuple[_Span, ...]:
    return (forecast, *forecast.trials)


def _said(span: _Span) -> float:
    return span.predicted if isinstance(span, PastForecast) else span.value


def _of_span(name: str, row: _Check) -> Any:  # noqa: ANN401  a number, or nothing
    """Return what only spans to come, or only past ones, have."""
    return getattr(row[2], name, None)


def _checks(report: Report) -> list[_Check] | None:
    """Return each forecast, and what its rule would have said of the past."""
    demand, projection = report.department_figures.demand, report.department_figures.projection
    forecasts = {
        "orders": demand.orders if demand else None,
        "pieces": demand.pieces if demand else None,
        "revenue": projection.forecast if projection else None,
    }
    return [
        (what, forecast, span)
        for what, forecast in forecasts.items()
        if forecast
        for span in _spans(forecast)
    ] or None


FORECAST_CHECKS = Sheet[Report, _Check](
    "forecast_checks",
    "a span of days: what a rule says of it, and what came",
    (
        Field("of", "", lambda row: row[0]),
        Field("rule", "", lambda row: row[1].rule.name),
        Field("from", "", lambda row: row[2].first_day, "day"),
        Field("to", "", lambda row: row[2].last_day, "day"),
        Field("predicted", "", lambda row: _said(row[2]), "number"),
        *(
            Field[_Check](name, "", partial(_of_span, name), "number")
            for name in ("low", "high", "actual", "error")
        ),
    ),
    _checks,
)
"""What was foretold of revenue, orders and pieces: two sections tell of it."""
_EXPECTED = Sheet[Report, WeekdayDemand | HourBand](
    "expected_orders",
    "the orders expected on a day of the week, or in some hours of the day",
    (
        Field("when", "", lambda row: row.name),
        Field("expected_orders", "", lambda row: row.expected_orders, "number"),
        Field("orders_per_day", "", lambda row: getattr(row, "orders_per_day", None), "number"),
        Field("busy_orders", "", lambda row: row.busy_orders, "count"),
    ),
    lambda report: (
        (*report.department_figures.demand.weekdays, *report.department_figures.demand.hours)
        if report.department_figures.demand
        else None
    ),
)
SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "demand",
        "Orders to come",
        _demand_finding,
        drawings=(demand_drawing,),
        block=demand_block,
        sheets=(_EXPECTED, FORECAST_CHECKS),
        reasons=("Expected orders",),
        charts=("expected-orders",),
    ),
    Section(
        "hours",
        "Days and hours",
        _hours_finding,
        drawings=(weekday_drawing, hour_drawing),
        files=("data/days.csv",),
        charts=("expected-weekdays", "expected-hours"),
    ),
)
"""What departments may be told of orders to come."""
