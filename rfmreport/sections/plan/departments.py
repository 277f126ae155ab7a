"""What departments are told of this topic: the projection, months, returns and orders to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.cells import (
    adding_up,
    count_cell,
    money_cell,
    money_range,
    row_of,
    share_cell,
    short_money_cell,
    table_of,
)
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER, checked_color, text_on
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, round_ticks, text_width
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.tables import Cell, Column, Table, shown
from rfmreport.models.forecast import Forecast, carried
from rfmreport.sections.plan.charts import spans_drawing
from rfmreport.sections.plan.figures import reconciled_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.plan.figures import (
        MonthBySegment,
        MonthsBySegment,
        Projection,
        ReturnMonth,
        Returns,
    )
    from rfmreport.sections.products.figures import KeyProducts
    from rfmreport.sections.when.figures import Month


def _projection_finding(report: Report, formats: Formats) -> str:
    projection = report.department_figures.projection
    if projection is None:
        return ""
    forecast = projection.forecast
    low, high = (formats.money_short(end) for end in (forecast.low, forecast.high))
    first, last = formats.month(forecast.first_day), formats.month(forecast.last_day)
    span = f"for {first}" if projection.month_count == 1 else f"from {first} to {last}"
    return (
        f"{_expect(forecast)} {formats.money_short(forecast.value)} {span} ({low} to {high})"
        f"{_season_words(forecast, formats.money_short)}"
    )


def _expect(forecast: Forecast) -> str:
    return "Expect" if forecast.knows_season else "At the present pace expect"


def _season_words(
    forecast: Forecast, written: Callable[[float], str], when: str = "a year before"
) -> str:
    """Say what the same time brought a year before, where the rule knows no season."""
    if forecast.knows_season or forecast.year_before is None:
        return ""
    yet = "yet " if forecast.is_doubtful else ""
    only = "only " if forecast.year_before < forecast.low else ""
    return f"; {yet}{when} it was {only}{written(forecast.year_before)}"


def _months_finding(report: Report, formats: Formats) -> str:
    months = report.department_figures.months
    if months is None or not months.rows:
        return ""
    last = months.rows[-1]
    # Where no segment can be told yet, old customers look new.
    if not last.revenue or last.by_segment is None:
        return ""
    new = formats.share(float(last.new / last.revenue), 0)
    top = formats.share(float(last.by_segment[0] / last.revenue), 0)
    return (
        f"{formats.month(last.first_day)}: {top} of {formats.money_short(last.revenue)} from "
        f"customers who began it in {months.segments[0]}, {new} from new ones"
    )


def _returns_finding(report: Report, formats: Formats) -> str:
    returns = report.department_figures.returns
    if returns is None or not returns.rows:
        return ""
    total = returns.total
    if total.return_rate is None or not total.returned:
        if not total.cancelled:
            return ""
        return f"{formats.money_short(total.cancelled)} of orders were cancelled, nothing came back"
    return (
        f"{formats.share(total.return_rate)} of what was bought came back: "
        f"{formats.money_short(total.returned)} of {formats.money_short(total.gross)} in "
        f"{formats.count(len(returns.rows))} months"
    )


def _demand_finding(report: Report, formats: Formats) -> str:
    demand = report.department_figures.demand
    if demand is None:
        return ""
    orders = demand.orders
    low, high = (formats.count(end) for end in (orders.low, orders.high))
    words = f"{_expect(orders)} {formats.count(orders.value)} orders ({low} to {high})"
    if demand.pieces:
        words += f" and {formats.count(carried(demand.pieces))} pieces"
    first, last = (formats.day(day) for day in (orders.first_day, orders.last_day))
    before = orders.year_before_on
    when = f"from {formats.day(before)} on" if before else "a year before"
    return f"{words} from {first} to {last}{_season_words(orders, formats.count, when)}"


_HIGH, _LEFT, _BASE, _TOP = 164, 46, 34, 22


_TEAL = "#6fa9a6"


_PAST_MONTHS = 12


_MOST_TRIALS = 6


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
    rows = [
        row_of(
            (
                Cell(_months_words(one.first_day, one.last_day, formats)),
                short_money_cell(one.predicted, formats),
                short_money_cell(one.actual, formats),
                Cell(formats.relative_change(one.error), f"{one.error or 0:.6f}"),
            )
        )
        for one in forecast.trials[:_MOST_TRIALS]
    ]
    columns = (
        Column("Past span", numeric=False),
        Column("Said"),
        Column("Came"),
        Column("Off by"),
    )
    return table_of("What the rule would have said of the past", columns, rows)


def _months_words(first: date, last: date, formats: Formats) -> str:
    begin, end = formats.month_short(first), formats.month_short(last)
    return begin if begin == end else f"{begin} to {end}"


def projection_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the last complete months, and after them what is projected."""
    projection = report.department_figures.projection
    if projection is None:
        return None
    past = [month for month in report.months if month.complete][-_PAST_MONTHS:]
    drawing = Drawing(_projection_caption(past, projection, formats), WIDE, _HIGH)
    ahead = _months_ahead(projection)
    values = [float(month.revenue) for month in past] + [float(v) for v in projection.per_month]
    highest = max(values) * 1.12 or 1.0

    def height(value: float) -> float:
        return along(value, (0, highest), (_HIGH - _BASE, _TOP))

    _month_grid(drawing, highest, height, formats)
    step = (WIDE - _LEFT) / len(values)
    half = min(step * 0.36, 28)
    days = [*(month.first_day for month in past), *ahead]
    for place, (day, value) in enumerate(zip(days, values, strict=True)):
        middle, is_past = _LEFT + step * (place + 0.5), place < len(past)
        about = f"{formats.month(day)}: {formats.money(value)}{'' if is_past else ' projected'}"
        box = {"x": middle - half, "x2": middle + half, "y": height(0), "y2": height(value)}
        color = ACCENT if place == len(past) - 1 else _TEAL if is_past else PALE
        look = {} if is_past else {"stroke": MUTED, "strokeDash": [3, 2]}
        drawing.add("bars", [box | {"color": color, "about": about}], **look)
        text = _without_symbol(value, formats)
        drawing.texts([(middle, height(value) - 9, text)], color=INK, fontWeight=600)
        _month_name(drawing, day, middle, formats, is_first=place == 0)
    _span_above(drawing, projection, WIDE - step * len(ahead), formats)
    return drawing


def _months_ahead(projection: Projection) -> list[date]:
    first = projection.forecast.first_day
    months = [first.year * 12 + first.month - 1 + i for i in range(projection.month_count)]
    return [first.replace(year=month // 12, month=month % 12 + 1, day=1) for month in months]


def _without_symbol(value: float, formats: Formats) -> str:
    return type(formats)(formats.locale_name, None).money_short(value)


def _month_grid(
    drawing: Drawing, highest: float, height: Callable[[float], float], formats: Formats
) -> None:
    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    marks = [(_LEFT - 6, height(tick), _without_symbol(tick, formats)) for tick in ticks]
    drawing.texts(marks, align="right")
    drawing.rules([(_LEFT, height(0), WIDE, height(0))], color=MUTED)


def _month_name(
    drawing: Drawing, day: date, middle: float, formats: Formats, *, is_first: bool
) -> None:
    y = _HIGH - _BASE + 12
    drawing.texts([(middle, y, formats.month_name_short(day))])
    if is_first or day.month == 1:
        drawing.texts([(middle, y + 14, str(day.year))])


def _span_above(drawing: Drawing, projection: Projection, left: float, formats: Formats) -> None:
    """Write the sum and its bounds above the months that it is of."""
    forecast = projection.forecast
    words = (
        f"{formats.money_short(forecast.value)} "
        f"({money_range(forecast.low, forecast.high, formats)})"
    )
    x = min((left + WIDE) / 2, WIDE - text_width(words, BODY) * 0.53)
    drawing.texts([(x, 7, words)], color=INK, fontSize=BODY, fontWeight=600)


def _projection_caption(past: Sequence[Month], projection: Projection, formats: Formats) -> Caption:
    rows = [
        row_of((Cell(formats.month(m.first_day)), money_cell(m.revenue, formats), Cell("")))
        for m in past
    ]
    rows += [
        row_of((Cell(formats.month(day)), Cell(""), money_cell(value, formats)))
        for day, value in zip(_months_ahead(projection), projection.per_month, strict=True)
    ]
    columns = (Column("Month", numeric=False), Column("Revenue"), Column("Projected"))
    forecast = projection.forecast
    title = "Revenue by month, and what is projected"
    spoken = (
        f"Projected {formats.money_short(forecast.value)}, "
        f"{money_range(forecast.low, forecast.high, formats)}"
    )
    note = (
        "Dashed: projected; in brackets the 95% interval that the rule’s errors on the past give."
    )
    return Caption("projected-revenue", title, title, f"{title}. {spoken}.", note,
                   table_of("Revenue by month and projected", columns, rows))  # fmt: skip


def months_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out one bar per month, cut by what its customers were when the month began."""
    months = report.department_figures.months
    if months is None or not months.rows:
        return None
    drawing = Drawing(_months_caption(months, formats), WIDE, _HIGH + 20)
    highest = max(float(row.revenue) for row in months.rows) or 1.0

    def height(value: float) -> float:
        return along(value, (0, highest), (_HIGH - _BASE, _TOP - 8))

    _month_grid(drawing, highest, height, formats)
    step = (WIDE - _LEFT) / len(months.rows)
    half = min(step * 0.38, 30)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, row in enumerate(months.rows):
        middle = _LEFT + step * (place + 0.5)
        start = 0.0
        for name, amount, color in _month_parts(row, months.segments, colors):
            end = start + float(amount)
            about = f"{formats.month(row.first_day)}, {name}: {formats.money(amount)}"
            box = {"x": middle - half, "x2": middle + half, "y": height(start), "y2": height(end)}
            drawing.add("bars", [box | {"color": color, "about": about}], stroke=PAPER,
                        strokeWidth=0.75)  # fmt: skip
            share = float(amount / row.revenue) if row.revenue else 0.0
            # A line of text goes into it.
            if row.by_segment and height(start) - height(end) > 12:  # noqa: PLR2004
                place_of_text = (middle, (height(start) + height(end)) / 2, formats.share(share, 0))
                drawing.texts([place_of_text], color=text_on(color))
            start = end
        _month_name(drawing, row.first_day, middle, formats, is_first=place == 0)
    _legend(drawing, months, colors)
    return drawing


_NEW, _RETURNING, _UNKNOWN = "New customers", "Returning", "History too short to tell"


def _month_parts(
    row: MonthBySegment, segments: Sequence[str], colors: dict[str, str]
) -> list[tuple[str, Decimal, str]]:
    if row.by_segment is None:
        return [(_UNKNOWN, row.revenue, _TEAL_GREY)]
    parts = [
        (shown(name, 40), amount, colors[name])
        for name, amount in zip(segments, row.by_segment, strict=True)
    ]
    parts += [(_RETURNING, row.returning, _GREY), (_NEW, row.new, PALE)]
    return [part for part in parts if part[1] > 0]


_TEAL_GREY, _GREY = "#c9d1d4", "#e1e5e7"


def _legend(drawing: Drawing, months: MonthsBySegment, colors: dict[str, str]) -> None:
    entries = [(shown(name, 24), colors[name]) for name in months.segments]
    entries += [(_NEW, PALE)]
    if any(row.returning for row in months.rows):
        entries.append((_RETURNING, _GREY))
    if any(row.by_segment is None for row in months.rows):
        entries.append((_UNKNOWN, _TEAL_GREY))
    x, y = float(_LEFT), _HIGH + 12.0
    for name, color in entries:
        width = 16 + text_width(name) + 14
        if x + width > WIDE and x > _LEFT:
            x, y = float(_LEFT), y + 15
            drawing.height += 15
        box = {"x": x, "x2": x + 10, "y": y - 5, "y2": y + 5, "color": color, "about": name}
        drawing.add("bars", [box])
        drawing.texts([(x + 15, y, name)], color=INK, align="left")
        x += width


def _months_caption(months: MonthsBySegment, formats: Formats) -> Caption:
    columns = [Column("Month", numeric=False), Column("Revenue")]
    columns += [Column(shown(name, 40)) for name in months.segments]
    columns += [Column("Returning"), Column("New")]
    rows = [
        row_of(
            (
                Cell(formats.month(row.first_day), row.first_day.isoformat()),
                money_cell(row.revenue, formats),
                *(
                    money_cell(amount, formats)
                    for amount in (row.by_segment or (None,) * len(months.segments))
                ),
                *(
                    money_cell(amount if row.by_segment else None, formats)
                    for amount in (row.returning, row.new)
                ),
            )
        )
        for row in months.rows
    ]
    title = "Revenue by month and by what its customers were when it began"
    last = months.rows[-1]
    spoken = f"{formats.month(last.first_day)}: {formats.money(last.revenue)}"
    note = "Complete months. Segments as on the first day of the month; new: first order in it."
    return Caption("revenue-by-segment-and-month", title, title, f"{title}. {spoken}.", note,
                   table_of("Revenue by month and segment", columns, rows))  # fmt: skip


def returns_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return what came back by month, and in all."""
    returns = report.department_figures.returns
    if returns is None:
        return None
    has_cancelled = bool(returns.total.cancelled)
    columns = [
        Column("Month", numeric=False),
        Column("Bought"),
        Column("Goods returned"),
        Column("Rate"),
    ]
    columns += [Column("Cancelled")] if has_cancelled else []

    def cells(name: Cell, row: ReturnMonth) -> tuple[Cell, ...]:
        return (
            name,
            money_cell(row.gross, formats),
            money_cell(row.returned, formats),
            share_cell(row.return_rate, formats, 1),
            *((money_cell(row.cancelled, formats),) if has_cancelled else ()),
        )

    rows = [
        row_of(cells(Cell(formats.month_short(row.first_day), row.first_day.isoformat()), row))
        for row in adding_up(returns.rows, ("gross", "returned", "cancelled"))
    ]
    total = row_of(cells(Cell("All months"), returns.total))
    netted = "subtracted from" if returns.are_netted else "left out of"
    note = f"By known customers, in complete months; they are {netted} the report’s revenue."
    if returns.largest and returns.largest_on:
        note += (
            f" The largest single one: {formats.money(returns.largest)} on "
            f"{formats.day(returns.largest_on)}."
        )
    note += _outside_words(report, returns, formats)
    return Block(table_of("Returns by month", columns, rows, total), note=note)


def _outside_words(report: Report, returns: Returns, formats: Formats) -> str:
    """Say what came back besides the table's, and to which sum of the report all of it adds up."""
    words = ""
    if returns.since and returns.largest_since_on:
        words += (
            f" After these months {formats.money(returns.since)} came back, the largest single one "
            f"{formats.money(returns.largest_since)} on {formats.day(returns.largest_since_on)}."
        )
    parts = [
        f"{formats.money_short(amount)} {what}"
        for amount, what in (
            (returns.total.returned, "above"),
            (returns.elsewhere, "of goods on other days"),
            (returns.charges, "of freight, fees and postings"),
        )
        if amount
    ]
    audit = report.audit
    left_out = next((row for row in audit.excluded if row.exclusion == "cancellation"), None)
    whole = returns.total.returned + returns.elsewhere + returns.charges
    if left_out is None or len(parts) < 2 or whole != -left_out.amount:  # noqa: PLR2004
        return words
    return (
        f"{words} {', '.join(parts[:-1])} and {parts[-1]} are all cancellations: "
        f"{formats.money_short(whole)}."
    )


_ONE_DEAL = 0.5


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
    columns = (
        Column("From", numeric=False),
        Column("To", numeric=False),
        Column("Said"),
        Column("Came"),
    )
    rows = [
        row_of(
            (
                Cell(formats.day(one.first_day), one.first_day.isoformat()),
                Cell(formats.day(one.last_day), one.last_day.isoformat()),
                count_cell(round(one.predicted), formats),
                count_cell(round(one.actual), formats),
            )
        )
        for one in forecast.trials
    ]
    rows.append(
        row_of(
            (
                Cell(formats.day(forecast.first_day), forecast.first_day.isoformat()),
                Cell(formats.day(forecast.last_day), forecast.last_day.isoformat()),
                count_cell(round(forecast.value), formats),
                Cell("to come"),
            )
        )
    )
    title = "Orders by four weeks, and those to come"
    spoken = (
        f"Expected {formats.count(forecast.value)}, {formats.count(forecast.low)} to "
        f"{formats.count(forecast.high)}"
    )
    note = (
        "Bars: orders that came in four weeks from that day; line across: what the rule would have "
        "said. Dashed: expected, with the 95% interval that its errors give."
    )
    return Caption("expected-orders", title, title, f"{title}. {spoken}.", note,
                   table_of("Orders that came and that the rule said", columns, rows))  # fmt: skip


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "projection",
        "Projection",
        _projection_finding,
        drawings=(projection_drawing,),
        block=projection_block,
        files=(
            "data/projection.csv",
            "data/forecast_checks.csv",
        ),
        reasons=("Projected revenue",),
        charts=("projected-revenue",),
        has_sides=True,
    ),
    Section(
        "months",
        "Revenue by segment and month",
        _months_finding,
        drawings=(months_drawing,),
        files=("data/months_by_segment.csv",),
        reasons=("Revenue by month and segment",),
        charts=("revenue-by-segment-and-month",),
    ),
    Section(
        "returns",
        "Returns",
        _returns_finding,
        block=returns_block,
        files=("data/returns.csv",),
        reasons=("Returns",),
        is_narrow=True,
        look="returns",
    ),
    Section(
        "demand",
        "Orders to come",
        _demand_finding,
        drawings=(demand_drawing,),
        block=demand_block,
        files=(
            "data/expected_orders.csv",
            "data/forecast_checks.csv",
        ),
        reasons=("Expected orders",),
        charts=("expected-orders",),
    ),
)
"""What departments may be told of this topic."""
