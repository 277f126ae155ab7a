"""Who will order and what a contact could bring: tables, sentences, and what departments see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import MISSING
from rfmreport.kit.audience_files import WOULD_ORDER_FILE
from rfmreport.kit.cells import count_cell, name_cell, row_of, share_cell, table_of
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, RULE, checked_color
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, fitted
from rfmreport.kit.sections import Section
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import Cell, Column, Row, Table, range_text, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.worth.captions import dates_words, is_tested
from rfmreport.sections.worth.files import RESPONSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.worth.figures import Opportunity, Respondents, Response
    from rfmreport.vocabulary import Estimate

_NAME, _STEP, _TOP, _LONGEST = 116, 26, 20, 60


def response_title(response: Response, formats: Formats) -> str:
    """Say of which segment most will order, and of which fewest."""
    rows = _large(response)
    days = formats.count(response.windows[-1])
    if not rows:
        return f"Who will order within {days} days"
    most, least = (of(rows, key=lambda row: row.shares[-1].value) for of in (max, min))
    high, low = (formats.share(row.shares[-1].value, 0) for row in (most, least))
    comes = f"can be expected to order within {days} days as things were"
    if most is least:
        return f"{high} of {people(shown(most.segment, 32))} {comes}"
    if high == low:
        return f"{high} of every segment {comes}"
    return (
        f"{high} of {people(shown(most.segment, 32))} {comes}, {low} of "
        f"{people(shown(least.segment, 32))}"
    )


def response_table(response: Response, keys: Mapping[str, int], formats: Formats) -> Table:
    """Return how many of each segment can be expected to order, within each window."""
    columns = [Column("Segment", numeric=False), Column("n")]
    for days in response.windows:
        columns += [Column("To order", hint=f"in {formats.count(days)} days"), Column("%")]
    columns.append(Column("95%", hint="interval"))
    rows = tuple(
        Row(
            (
                Cell(shown(row.segment, 40)),
                Cell(formats.count(row.customer_count), str(row.customer_count)),
                *(
                    cell
                    for share in row.shares
                    for cell in _share_cells(share, row.customer_count, formats)
                ),
                _interval_cell(row.shares[-1], formats),
            ),
            keys.get(row.segment),
        )
        for row in response.rows
    )
    return Table("Customers who can be expected to order again", tuple(columns), rows)


def _share_cells(share: Estimate, count: int, formats: Formats) -> tuple[Cell, Cell]:
    if count < FEWEST_CUSTOMERS:
        return Cell(MISSING), Cell(MISSING)
    expected = share.value * count
    return (
        Cell(formats.count(expected), f"{expected:.2f}"),
        Cell(formats.share(share.value, 0), f"{share.value:.6f}"),
    )


def _interval_cell(share: Estimate, formats: Formats) -> Cell:
    if share.customer_count < FEWEST_CUSTOMERS:
        return Cell(MISSING)
    return Cell(range_text(*(formats.share(end, 0) for end in (share.low, share.high))))


def response_note(response: Response, report: Report, formats: Formats) -> str:
    """Say what the chances are made of, and of whom there are none."""
    told = {row.segment for row in response.rows}
    rows = report.segments.rows
    untold = [shown(row.name, 32) for row in rows if row.customer_count and row.name not in told]
    missing = (
        f" Not told, for want of customers like theirs: {', '.join(untold)}." if untold else ""
    )
    dates = dates_words(response.past_dates, formats)
    untested = "" if is_tested(response) else " They have not been tested on another date yet."
    made = (
        f"Chances are those of customers with the same recency and frequency scores on {dates}; "
        "where those are few, similar scores count too."
    )
    if response.model:
        made = (
            f"Chances are what {response.model} says of each customer's own orders, tried on "
            f"{dates}."
        )
    return (
        "As things were, with whatever contact there was, so these orders come anyway: a campaign "
        f"is worth only what comes on top. {made} Each customer's is in data/customers.csv, and "
        f"who more likely than not orders anyway in {WOULD_ORDER_FILE}. The interval holds chance "
        f"and what such a forecast is off by.{untested}{missing}"
    )


def opportunity_title(opportunities: Sequence[Opportunity], formats: Formats) -> str:
    """Say what contacting the best segment could bring; nothing without costs."""
    paying = [one for one in opportunities if one.net_high > 0]
    if not opportunities:
        return "What contacting them would bring"
    if not paying:
        return "Contacting a whole segment pays in none of them"
    best = max(paying, key=lambda one: one.net_high)
    low, high = (formats.money_short(value) for value in (best.net_low, best.net_high))
    whom = people(shown(best.segment, 40))
    return f"Contacting all {whom} once could bring {low} to {high} after its cost"


def opportunity_table(
    opportunities: Sequence[Opportunity], keys: Mapping[str, int], formats: Formats
) -> Table | None:
    """Return what one contact each costs, needs and could bring; None without costs."""
    if not opportunities:
        return None
    rows = tuple(
        Row(
            (
                Cell(shown(one.segment, 40)),
                Cell(formats.count(one.customer_count), str(one.customer_count)),
                Cell(formats.money(one.contact_cost), str(one.contact_cost)),
                Cell(formats.share(one.return_share.value, 0), f"{one.return_share.value:.6f}"),
                Cell(formats.number(one.break_even_points, 2), f"{one.break_even_points:.6f}"),
                Cell(formats.money(one.net_low), str(one.net_low), _tone(one.net_low)),
                Cell(formats.money(one.net_high), str(one.net_high), _tone(one.net_high)),
            ),
            keys.get(one.segment),
        )
        for one in opportunities
    )
    columns = (
        Column("Segment", numeric=False),
        Column("Contacts"),
        Column("Cost"),
        Column("Back", hint="anyway"),
        Column("Break-even", hint="more in 100"),
        Column("Net, from"),
        Column("to"),
    )
    return Table("One contact of every customer of a segment", columns, rows)


def _tone(value: object) -> str:
    return "down" if str(value).startswith("-") else ""


def opportunity_note(opportunities: Sequence[Opportunity], report: Report, formats: Formats) -> str:
    """Say how break-even and range are made, or which settings they need."""
    if not opportunities:
        return (
            "Whether a contact pays can be told once the settings say what one costs "
            "(report.cost_per_contact) and what part of revenue is margin (report.margin)."
        )
    points = report.method.settings.get("report.extra_return_points", "")
    few, _, many = points.partition(", ")
    supposed = "as many more as the settings say"
    if few and many:
        few, many = (formats.number(float(text)) for text in (few, many))
        supposed = f"{few} to {many} more in 100"
    days = formats.count(opportunities[0].horizon_days)
    return (
        "Break-even: how many in 100 must order on top of those who do anyway, for the margin on "
        "what the median returner spends to pay for the contacts. Net: that margin less the cost "
        f"if {supposed} order within {days} days; a scenario, not a forecast."
    )


def _large(response: Response | None) -> list[Respondents]:
    """Return the segments with customers enough for a claim."""
    every = response.rows if response else ()
    return [row for row in every if row.customer_count >= FEWEST_CUSTOMERS]


def _response_finding(report: Report, formats: Formats) -> str:
    response = report.worth.response if report.worth else None
    rows = (
        [row for row in response.rows if row.customer_count >= FEWEST_CUSTOMERS] if response else []
    )
    if response is None or not rows:
        return ""
    expected = sum(row.customer_count * row.shares[-1].value for row in rows)
    count = sum(row.customer_count for row in rows)
    most, least = (pick(rows, key=lambda row: row.shares[-1].value) for pick in (max, min))
    ends = " and ".join(
        f"{formats.share(row.shares[-1].value, 0)} of {row.segment}" for row in (most, least)
    )
    return (
        f"{formats.count(expected)} of {formats.count(count)} customers can be expected to order "
        f"within {formats.count(response.windows[-1])} days as things were: {ends}"
    )


def response_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who orders as things were: a bar per segment, dark for those who come soon."""
    response = report.worth.response if report.worth else None
    rows = _large(response)
    if response is None or not rows:
        return None
    caption = _response_caption(rows, response.windows, formats)
    drawing = Drawing(caption, HALF, _TOP + _STEP * len(rows) + 4)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    right = HALF - 40.0
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        soon, later = row.shares[0].value, row.shares[-1].value
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        color = colors[row.segment]
        about = f"{shown(row.segment, _LONGEST)}: {_share_words(row, response.windows, formats)}"
        ends = [along(share, (0, 1), (_NAME, right)) for share in (later, soon)]
        box = {"x": _NAME, "y": y - 8, "y2": y + 8, "color": color, "about": about}
        drawing.add("bars", [box | {"x2": right, "color": RULE}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[0]}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[1]}])
        text = formats.share(later, 0)
        drawing.texts([(right + 6, y, text)], color=INK, align="left", fontWeight=600)
    days = " and ".join(formats.count(days) for days in response.windows)
    drawing.texts([(_NAME, 8, f"Within {days} days")], align="left")
    return drawing


def _share_words(row: Respondents, windows: tuple[int, ...], formats: Formats) -> str:
    return ", ".join(
        f"{formats.share(share.value, 0)} within {formats.count(days)} days"
        for share, days in zip(row.shares, windows, strict=True)
    )


def _response_caption(
    rows: list[Respondents], windows: tuple[int, ...], formats: Formats
) -> Caption:
    columns = [Column("Segment", numeric=False), Column("Customers")]
    columns += [Column(f"Order in {formats.count(days)} days") for days in windows]
    data = table_of(
        "Share of each segment that orders as things were",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    count_cell(row.customer_count, formats),
                    *(share_cell(share.value, formats, 1) for share in row.shares),
                )
            )
            for row in rows
        ],
    )
    spoken = "; ".join(f"{shown(r.segment, 40)}: {_share_words(r, windows, formats)}" for r in rows)
    title = "Who orders as things were"
    note = (
        f"Full: within {formats.count(windows[0])} days; pale: within {formats.count(windows[-1])}."
        " They order anyway: a campaign is worth what comes on top."
    )
    return Caption("response-by-segment", title, title, f"{title}. {spoken}.", note, data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "response",
        "Who comes anyway",
        _response_finding,
        drawings=(response_drawing,),
        sheets=(RESPONSE,),
        reasons=("What they will be worth",),
        is_narrow=True,
        charts=("response-by-segment",),
    ),
)
"""What departments may be told of this topic."""
