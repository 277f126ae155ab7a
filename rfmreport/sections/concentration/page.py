"""What the section on concentration says: how few customers bring how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import Pareto, ParetoPoint

TEN = 10


def is_concentration_told(report: Report) -> bool:
    """Say whether there are enough customers to speak of the largest."""
    return report.pareto is not None and report.pareto.customer_count >= FEWEST_CUSTOMERS


def concentration_title(pareto: Pareto, formats: Formats) -> str:
    """Return the finding: what the largest customers bring, and how many make most of it."""
    few = f"{formats.count(pareto.most_count)} of {formats.count(pareto.customer_count)}"
    most = formats.share(pareto.most_share, 0)
    if not pareto.tops:
        return f"{few} customers make {most} of revenue"
    percent, top = pareto.tops[-1]
    share = formats.share(top.revenue_share)
    largest = f"The largest {formats.share(percent / 100, 0)} of customers"
    return f"{largest} bring {share} of revenue; {few} make {most} of it"


def pareto_caption(pareto: Pareto, formats: Formats) -> Caption:
    """Return the words of the curve of revenue over customers."""
    without = pareto.revenue - pareto.top_ten_revenue
    share = formats.share(float(without / pareto.revenue))
    title = (
        f"Without its ten largest customers, revenue would be {formats.money_short(without)} "
        f"({share})"
        if pareto.customer_count > TEN
        else concentration_title(pareto, formats)
    )
    points = pareto.points
    table = Table(
        "Revenue of the largest customers, added up",
        (Column("Largest customers", numeric=False), Column("% of customers"), Column("Revenue"),
         Column("% of revenue")),
        tuple(Row((Cell(formats.count(p.customer_count), str(p.customer_count)),
                   *_point_cells(p, formats))) for p in points),
    )  # fmt: skip
    spoken = "; ".join(
        f"the largest {percent}% of customers: {formats.share(point.revenue_share)} of revenue"
        for percent, point in pareto.tops
    )
    note = (
        "Customers from the largest to the smallest, across; what they bring together, upwards. "
        "Dots: the largest 1, 5, 10 and 20%. Dashed: as if all spent alike."
    )
    return Caption("revenue-concentration", "Customers against revenue, added up", title,
                   f"{title}. {spoken}.", note, table)  # fmt: skip


def _point_cells(point: ParetoPoint, formats: Formats) -> tuple[Cell, ...]:
    return (
        Cell(formats.share(point.customer_share), f"{point.customer_share:.6f}"),
        Cell(formats.money(point.revenue), str(point.revenue)),
        Cell(formats.share(point.revenue_share), f"{point.revenue_share:.6f}"),
    )
