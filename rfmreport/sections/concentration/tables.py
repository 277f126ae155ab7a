"""The tables of concentration: the largest customers, and the spread of the three measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    TitledTable,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.concentration.page import TEN
from rfmreport.sections.map.page import measure_text

if TYPE_CHECKING:
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import Pareto, ParetoPoint
    from rfmreport.sections.map.figures import Distribution, WholesaleTail

_FEWEST_FOR_A_PERCENT = 100


def concentration_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the largest hundredths, the ten largest, and those with one order, as a table."""
    pareto = report.pareto
    if pareto is None:
        return None
    title = "Nobody stands out among so few customers"
    if pareto.tops:
        _, top = pareto.tops[0]
        title = _largest_title(top, pareto, formats)
    note = f"{formats.day(report.first_day)} to {formats.day(report.last_day)}; parts overlap."
    return TitledTable(title, _largest_table(pareto, formats), note)


def _largest_title(top: ParetoPoint, pareto: Pareto, formats: Formats) -> str:
    share = formats.share(top.revenue_share)
    if top.customer_count == 1:
        everybody = formats.count(pareto.customer_count)
        return f"The largest of {everybody} customers brings {share} of revenue"
    count, part = formats.count(top.customer_count), formats.share(top.customer_share)
    return f"{count} customers, {part} of all, bring {share} of revenue"


def _largest_table(pareto: Pareto, formats: Formats) -> Table:

    def row(label: str, count: int, revenue: Decimal) -> Row:
        customers, money = count / pareto.customer_count, revenue / pareto.revenue
        return Row(
            (
                Cell(label),
                Cell(formats.count(count), str(count)),
                Cell(formats.share(customers), f"{customers:.6f}"),
                Cell(formats.money(revenue), str(revenue)),
                Cell(formats.share(float(money)), f"{money:.6f}"),
            )
        )

    rows = [
        row(f"Largest {formats.share(percent / 100, 0)}", point.customer_count, point.revenue)
        for percent, point in pareto.tops
    ]
    if pareto.customer_count > TEN:
        without = pareto.customer_count - TEN
        rows.append(row("Ten largest", TEN, pareto.top_ten_revenue))
        rows.append(row("All but these ten", without, pareto.revenue - pareto.top_ten_revenue))
    rows.append(row("With one order", pareto.one_order_count, pareto.one_order_revenue))
    columns = (
        Column("Customers", numeric=False),
        Column("Number"),
        Column("%", hint="of all"),
        Column("Revenue"),
        Column("%", hint="of all"),
    )
    total = row("All customers", pareto.customer_count, pareto.revenue)
    return Table("How few customers bring how much", columns, tuple(rows), total)


def spread_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the spread of the three measures and the wholesale tail; None for a few customers."""
    customers = report.segments.total.customer_count
    if not report.distributions or customers < FEWEST_CUSTOMERS:
        return None
    return TitledTable(
        _spread_title(report.tail, formats),
        _spread_table(report.distributions, customers, formats),
        _tail_note(report.tail, formats),
    )


def _spread_title(tail: WholesaleTail | None, formats: Formats) -> str:
    told = tail.told if tail else None
    if told is None:
        return "No customers of wholesale size: the largest lie within the spread of all"
    count, share = told.customer_count, formats.share(told.revenue_share)
    if count == 1:
        return f"One customer of wholesale size brings {share} of revenue"
    return f"{formats.count(count)} customers of wholesale size bring {share} of revenue"


def _spread_table(
    distributions: tuple[Distribution, ...], customer_count: int, formats: Formats
) -> Table:
    has_percent = customer_count >= _FEWEST_FOR_A_PERCENT
    columns = (
        Column("Per customer", numeric=False),
        Column("Lower quartile"),
        Column("Median"),
        Column("Upper quartile"),
        *([Column("Top 1%", hint="from")] if has_percent else []),
        Column("Largest"),
    )
    rows = []
    for one in distributions:
        values = [one.lower_quartile, one.median, one.upper_quartile]
        values += [one.top_percent] if has_percent else []
        values += [one.largest] if one.largest is not None else []
        cells = (Cell(measure_text(one, value, formats), str(value)) for value in values)
        rows.append(Row((Cell(_HEADINGS[one.measure]), *cells)))
    return Table("The spread of the three measures over customers", columns, tuple(rows))


_HEADINGS = {
    "recency_days": "Since the last order",
    "order_count": "Orders",
    "revenue": "Spend",
}


def _tail_note(tail: WholesaleTail | None, formats: Formats) -> str:
    if tail is None:
        return (
            "Quartiles: a quarter of the customers lies below the lower, a quarter above the upper."
        )
    outside, far_out = tail.outside, tail.far_out
    expected = formats.number(tail.expected_count, 0 if tail.expected_count >= 1 else 1)
    count = outside.customer_count
    there = f"{formats.count(count)} lie{'s' if count == 1 else ''}" if count else "Nobody lies"
    words = (
        f"Wholesale size: spend above {formats.money(outside.fence)}, the upper quartile plus 1.5 "
        f"interquartile ranges of its logarithm (Tukey's fence). {there} "
        f"there; of log-normal spend it would be {expected} of "
        f"{formats.count(tail.customer_count)} customers."
    )
    if not far_out.customer_count:
        return words
    return (
        f"{words} Beyond 3 ranges ({formats.money(far_out.fence)}): "
        f"{formats.count(far_out.customer_count)}, {formats.share(far_out.revenue_share)} of "
        "revenue."
    )
