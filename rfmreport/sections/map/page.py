"""What each chart says: its finding as a title, its text alternative and its data table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.map.figures import Distribution, RfmMap

_FEWEST_FOR_A_PERCENT = 100
_FEWEST_FOR_A_MEAN = 30


def map_caption(rfm_map: RfmMap, formats: Formats) -> Caption:
    """Return the words of the recency × frequency map."""
    customers = sum(cell.customer_count for cell in rfm_map.cells)
    revenue = sum(cell.revenue for cell in rfm_map.cells)
    top = max(rfm_map.cells, key=lambda cell: cell.revenue)
    title = (
        f"{formats.count(top.customer_count)} customers, "
        f"{formats.share(top.customer_count / customers)} of all, bring "
        f"{formats.share(float(top.revenue / revenue))} of revenue"
        if revenue
        else f"{formats.count(customers)} customers on the map"
    )
    data = _cell_table(rfm_map, formats)
    largest = max(rfm_map.cells, key=lambda cell: cell.customer_count)
    alternative = (
        f"{title}. The largest field holds {formats.count(largest.customer_count)} customers: "
        f"{_cell_words(rfm_map, largest.recency_score, largest.frequency_score)}, mean spend "
        f"{formats.money(largest.mean_revenue)}."
    )
    note = (
        "Large: customers. Small: their mean spend. The fuller the colour, the more customers. The "
        "strip on the left of a field has the colour of the segment that holds most of them."
    )
    return Caption("recency-frequency-map", "Recency × frequency", title, alternative, note, data)


def bubble_caption(rfm_map: RfmMap, formats: Formats) -> Caption:
    """Return the words of the recency, frequency and spend bubbles."""
    cells = sorted(rfm_map.cells, key=lambda cell: cell.mean_revenue)
    low, high = cells[0], cells[-1]
    title = (
        f"Mean spend runs from {formats.money(low.mean_revenue)} to "
        f"{formats.money(high.mean_revenue)}: it grows with orders more than with recency"
        if _orders_matter_more(rfm_map)
        else f"Mean spend runs from {formats.money(low.mean_revenue)} to "
        f"{formats.money(high.mean_revenue)} between the fields of the map"
    )
    spoken = (
        f"The highest mean spend, {formats.money(high.mean_revenue)}, belongs to "
        f"{formats.count(high.customer_count)} customers with "
        f"{formats.number(high.mean_order_count)} orders and "
        f"{formats.number(high.mean_recency_days)} days since the last one, on average"
    )
    note = (
        "One bubble per field of the map above. Area: mean spend; place: mean days since the last "
        "order and mean number of orders, on logarithmic scales; colour: the segment that holds "
        "most of them."
    )
    return Caption("rfm-bubbles", "Recency, frequency and spend", title, f"{title}. {spoken}.",
                   note, _cell_table(rfm_map, formats))  # fmt: skip


def _orders_matter_more(rfm_map: RfmMap) -> bool:
    """Say whether the best and worst frequency scores lie further apart than those of recency.

    Nothing is said where one of the four groups is too small to have a mean worth comparing.
    """

    def ratio(scores: Iterable[tuple[int, int, float]]) -> float | None:
        totals: dict[int, list[float]] = {}
        for score, count, revenue in scores:
            counted = totals.setdefault(score, [0.0, 0.0])
            counted[0] += count
            counted[1] += revenue
        groups = [counted for _, counted in sorted(totals.items()) if counted[0]]
        if not groups or min(groups[0][0], groups[-1][0]) < _FEWEST_FOR_A_MEAN:
            return None
        low, high = (spent / customers for customers, spent in (groups[0], groups[-1]))
        return high / low if low > 0 else None

    cells = rfm_map.cells
    by_orders = ratio((c.frequency_score, c.customer_count, float(c.revenue)) for c in cells)
    by_days = ratio((c.recency_score, c.customer_count, float(c.revenue)) for c in cells)
    return by_orders is not None and by_days is not None and by_orders > max(by_days, 1)


def _cell_words(rfm_map: RfmMap, recency_score: int, frequency_score: int) -> str:
    days = rfm_map.recency_labels[recency_score - 1]
    orders = rfm_map.frequency_labels[frequency_score - 1]
    return f"{shown(days, 32)} since the last order, {shown(orders, 32)}"


def _cell_table(rfm_map: RfmMap, formats: Formats) -> Table:
    cells = sorted(rfm_map.cells, key=lambda c: (-c.recency_score, -c.frequency_score))
    return _table(
        "Customers by recency and frequency",
        ("Days since last order", "Orders", "Customers", "Mean spend", "Mean days", "Mean orders"),
        (
            (
                Cell(shown(rfm_map.recency_labels[cell.recency_score - 1], 32)),
                Cell(shown(rfm_map.frequency_labels[cell.frequency_score - 1], 32)),
                Cell(formats.count(cell.customer_count), str(cell.customer_count)),
                Cell(formats.money(cell.mean_revenue), f"{cell.mean_revenue:.4f}"),
                Cell(formats.number(cell.mean_recency_days), str(cell.mean_recency_days)),
                Cell(formats.number(cell.mean_order_count), str(cell.mean_order_count)),
            )
            for cell in cells
        ),
    )


_DISTRIBUTION_WORDS = {
    "recency_days": ("recency-distribution", "Recency", "Days since last order"),
    "order_count": ("frequency-distribution", "Frequency", "Orders"),
    "revenue": ("monetary-distribution", "Monetary value", "Spend"),
}


def distribution_caption(distribution: Distribution, formats: Formats) -> Caption:
    """Return the words of the distribution of one measure."""
    chart_id, kicker, heading = _DISTRIBUTION_WORDS[distribution.measure]
    title = _distribution_title(distribution, formats)
    data = _table(
        f"Customers by {heading.lower()}",
        (heading, "Customers"),
        (
            (
                Cell(bin_words(distribution, index, formats)),
                Cell(formats.count(part.customer_count), str(part.customer_count)),
            )
            for index, part in enumerate(distribution.bins)
        ),
    )
    middle = (distribution.lower_quartile, distribution.upper_quartile)
    note = f"Middle half: {_measures_text(distribution, middle, ' to ', formats)}."
    if distribution.cuts:
        cuts = _measures_text(distribution, distribution.cuts, ", ", formats)
        note += f" Cuts between scores: {cuts}."
    return Caption(chart_id, kicker, title, f"{title}. {note}", note, data)


def _distribution_title(distribution: Distribution, formats: Formats) -> str:
    customers = sum(part.customer_count for part in distribution.bins)
    median = measure_text(distribution, distribution.median, formats)
    top = measure_text(distribution, distribution.top_percent, formats)
    tail = f"; the top 1% more than {top}" if customers >= _FEWEST_FOR_A_PERCENT else ""
    if distribution.measure == "recency_days":
        return f"Half of all customers ordered within the last {median}"
    if distribution.measure == "order_count":
        first = distribution.bins[0]
        if len(distribution.bins) > 1 and (first.low, first.high) == (1, 2):
            share = formats.share(first.customer_count / customers if customers else None)
            return f"{share} of customers ordered once{tail}"
        return f"The median customer placed {median}{tail}"
    return f"The median customer spent {median}{tail}"


def measure_text(distribution: Distribution, value: float, formats: Formats) -> str:
    """Write a value of the measure with its unit: "51 days", "1 order", "£668"."""
    if distribution.measure == "revenue":
        return formats.money(value)
    unit = "day" if distribution.measure == "recency_days" else "order"
    return f"{formats.number(value)} {unit}{'' if value == 1 else 's'}"


def _measures_text(
    distribution: Distribution, values: Sequence[float], join: str, formats: Formats
) -> str:
    """Write several values of the measure, the unit once: "15, 34, 73, 181 days"."""
    if distribution.measure == "revenue":
        return join.join(formats.money(value) for value in values)
    *first, last = values
    return join.join(
        [*(formats.number(one) for one in first), measure_text(distribution, last, formats)]
    )


def bin_words(distribution: Distribution, index: int, formats: Formats) -> str:
    """Write which values a bin holds: "1–15 days", "£250–£500", "£5,000 or more"."""
    part = distribution.bins[index]
    # Nobody has no order, but round bins of many orders begin at none.
    least = max(part.low, 1) if distribution.measure == "order_count" else part.low
    low = measure_text(distribution, least, formats)
    if index == len(distribution.bins) - 1:
        return f"{low} or more"
    if distribution.measure == "revenue":
        return f"{low} to under {formats.money(part.high)}"
    if part.high - least <= 1:
        return low
    last = measure_text(distribution, part.high - 1, formats)
    return f"{formats.number(least)} to {last}"


def _table(caption: str, headings: Sequence[str], rows: Iterable[tuple[Cell, ...]]) -> Table:
    columns = tuple(Column(label, numeric=i > 0) for i, label in enumerate(headings))
    return Table(caption, columns, tuple(Row(cells) for cells in rows))


def _spoken(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in pairs)
