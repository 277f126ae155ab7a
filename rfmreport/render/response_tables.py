"""The tables of who will order and of what a contact could bring, and their sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.audience_files import WOULD_ORDER_FILE
from rfmreport.formats import MISSING
from rfmreport.intervals import FEWEST_CUSTOMERS
from rfmreport.render.tables import Cell, Column, Row, Table, shown
from rfmreport.render.worth_captions import dates_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Estimate, Opportunity, Report, Response


def response_title(response: Response, formats: Formats) -> str:
    """Say of which segment most will order, and of which fewest."""
    rows = [row for row in response.rows if row.customer_count >= FEWEST_CUSTOMERS]
    days = formats.count(response.windows[-1])
    if not rows:
        return f"Who will order within {days} days"
    most, least = (
        f"{formats.share(row.shares[-1].value, 0)} of {shown(row.segment, 32)}"
        for row in (
            max(rows, key=lambda row: row.shares[-1].value),
            min(rows, key=lambda row: row.shares[-1].value),
        )
    )
    return f"Within {days} days {most} will order unasked, {least}"


def response_table(response: Response, keys: Mapping[str, int], formats: Formats) -> Table:
    """Return how many of each segment can be expected to order, within each window."""
    columns = [Column("Segment", numeric=False), Column("n")]
    for days in response.windows:
        columns += [Column("Will order", hint=f"in {formats.count(days)} days"), Column("%")]
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
    return Cell("–".join(formats.share(end, 0) for end in (share.low, share.high)))


def response_note(response: Response, report: Report, formats: Formats) -> str:
    """Say what the chances are made of, and of whom there are none."""
    told = {row.segment for row in response.rows}
    rows = report.segments.rows
    untold = [shown(row.name, 32) for row in rows if row.customer_count and row.name not in told]
    missing = f" Too few like those of {', '.join(untold)} were known then." if untold else ""
    dates = dates_words(response.past_dates, formats)
    return (
        "They order without being asked: a campaign is worth what comes on top. Chances are those "
        f"of customers with the same recency and frequency scores on {dates}, cells of few "
        f"customers drawn towards their neighbours; each customer's stands in data/customers.csv, "
        f"and who more likely than not orders anyway in {WOULD_ORDER_FILE}.{missing}"
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
    return f"One contact each: {shown(best.segment, 40)} could bring {low} to {high} after its cost"


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
            "From which response on a contact pays is not told: give report.cost_per_contact (what "
            "reaching one customer costs) and report.margin (the part of revenue left after the "
            "goods) in the settings."
        )
    points = report.method.settings.get("report.extra_return_points", "")
    few, _, many = points.partition(", ")
    supposed = (
        f"{few} to {many} more in 100" if few and many else "as many more as the settings say"
    )
    days = formats.count(opportunities[0].horizon_days)
    return (
        "Break-even: cost per contact / (margin x what the median returner spends), in customers "
        "in 100 who must order on top of those who do anyway. Net: if "
        f"{supposed} order within {days} days, the margin on it less the cost; a scenario, not a "
        "forecast."
    )
