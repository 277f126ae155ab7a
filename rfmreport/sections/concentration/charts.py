"""The chart of concentration, with its words: revenue added up, from the largest customer on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER
from rfmreport.kit.drawings import HALF, Drawing, along, text_width
from rfmreport.kit.sheets import Field, page_table
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import Pareto, ParetoPoint

_BOX = (38.0, 10.0, HALF - 16.0, 152.0)
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LINE = 14


TEN = 10
POINT_FIELDS: tuple[Field[ParetoPoint], ...] = (
    Field("customers", "Largest customers", lambda point: point.customer_count, "count"),
    Field("customer_share", "% of customers", lambda point: point.customer_share, "share"),
    Field("revenue", "Revenue", lambda point: point.revenue, "money"),
    Field("revenue_share", "% of revenue", lambda point: point.revenue_share, "share"),
)
"""The columns of the curve, on its page and in its file."""


def told_pareto(report: Report) -> Pareto | None:
    """Return the curve where there are enough customers to speak of the largest."""
    pareto = report.pareto
    return pareto if pareto and pareto.customer_count >= FEWEST_CUSTOMERS else None


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
    caption = "Revenue of the largest customers, added up"
    table = page_table(caption, POINT_FIELDS, pareto.points, formats)
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


def pareto_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the curve, the line of equal spend, and what the largest customers bring."""
    pareto = told_pareto(report)
    if pareto is None:
        return None
    left, top, right, bottom = _BOX
    drawing = Drawing(pareto_caption(pareto, formats), HALF, 190)
    # Where customers gave back more than they bought, the curve goes above the whole.
    highest = max(1.0, *(point.revenue_share for point in pareto.points))

    def place(customer_share: float, revenue_share: float) -> tuple[float, float]:
        x = along(customer_share, (0, 1), (left, right))
        return x, along(revenue_share, (0, highest), (bottom, top))

    rows = [place(tick, tick) for tick in _TICKS]
    drawing.rules([(left, y, right, y) for _, y in rows])
    shares = [(p.customer_share, p.revenue_share) for p in pareto.points]
    curve = [place(*share) for share in ((0.0, 0.0), *shares)]
    about = pareto_caption(pareto, formats).title
    drawing.add(
        "ribbons",
        [{"x": x, "y": y, "y2": bottom, "color": PALE, "key": "curve", "about": about}
         for x, y in curve],
    )  # fmt: skip
    drawing.rules([(left, bottom, *place(1.0, 1.0))], color=MUTED, strokeDash=[3, 3])
    drawing.rules([(left, bottom, right, bottom)], color=MUTED)
    percents = [formats.share(tick, 0) for tick in _TICKS]
    drawing.texts(
        [(left - 6, y, text) for (_, y), text in zip(rows, percents, strict=True)], align="right"
    )
    drawing.texts([(x, bottom + 13, text) for (x, _), text in zip(rows, percents, strict=True)])
    drawing.texts([((left + right) / 2, bottom + 31, "Customers, the largest first")])
    _tops(drawing, pareto, [place(p.customer_share, p.revenue_share) for _, p in pareto.tops],
          formats)  # fmt: skip
    return drawing


def _tops(
    drawing: Drawing, pareto: Pareto, places: list[tuple[float, float]], formats: Formats
) -> None:
    dots = [
        {"x": x, "y": y, "size": math.pi * 16, "color": ACCENT,
         "about": f"Largest {percent}%: {formats.share(point.revenue_share)} of revenue"}
        for (percent, point), (x, y) in zip(pareto.tops, places, strict=True)
    ]  # fmt: skip
    drawing.add("circles", dots, opacity=1, stroke=PAPER, strokeWidth=1)
    drawing.texts(_labels(pareto, places, formats), color=INK, align="left", fontWeight=600)


def _labels(
    pareto: Pareto, places: list[tuple[float, float]], formats: Formats
) -> Iterator[tuple[float, float, str]]:
    """Write what each brings to its right, where there is room up to the line of equal spend."""
    left, _, right, _ = _BOX
    taken = -math.inf
    for (percent, point), (x, y) in reversed([*zip(pareto.tops, places, strict=True)]):
        text = f"{formats.share(percent / 100, 0)}: {formats.share(point.revenue_share)}"
        end = x + 8 + 1.06 * text_width(text)
        room = along(min(point.revenue_share, 1), (0, 1), (left, right)) - 4
        if y + 3 - taken >= _LINE and end <= room:
            taken = y + 3
            yield x + 8, taken, text
