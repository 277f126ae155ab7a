"""The tables of who will order and of what a contact could bring, and their sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import MISSING
from rfmreport.kit.audience_files import WOULD_ORDER_FILE
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    range_text,
    shown,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.worth.page import dates_words, is_tested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.worth.figures import Opportunity, Response
    from rfmreport.vocabulary import Estimate


def response_title(response: Response, formats: Formats) -> str:
    """Say of which segment most will order, and of which fewest."""
    rows = [row for row in response.rows if row.customer_count >= FEWEST_CUSTOMERS]
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
