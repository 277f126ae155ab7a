"""The section of the RFM map, and the files behind it: bins, quartiles and the wholesale tail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED
from rfmreport.kit.drawings import THIRD, Drawing, along, round_ticks, spread, text_width
from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Table, TitledTable
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.map.charts import bubble_drawing, map_caption, map_drawing
from rfmreport.sections.map.figures import Distribution, DistributionBin, TailPart, WholesaleTail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report

_FEWEST_FOR_A_PERCENT = 100

# --- the words ----------------------------------------------------------------------------------

_DISTRIBUTION_WORDS = {
    "recency_days": ("recency-distribution", "Recency", "Days since last order"),
    "order_count": ("frequency-distribution", "Frequency", "Orders"),
    "revenue": ("monetary-distribution", "Monetary value", "Spend"),
}
_DISTRIBUTION_HEIGHT = 146
_TEAL = "#6fa9a6"
_DIGIT = 8  # so far apart the digits of two scores stand at least
_HEADINGS = {
    "recency_days": "Since the last order",
    "order_count": "Orders",
    "revenue": "Spend",
}
Bin = tuple["Distribution", "DistributionBin"]


def distribution_caption(distribution: Distribution, formats: Formats) -> Caption:
    """Return the words of the distribution of one measure."""
    chart_id, kicker, heading = _DISTRIBUTION_WORDS[distribution.measure]
    title = _distribution_title(distribution, formats)
    places = range(len(distribution.bins))
    fields: tuple[Field[int], ...] = (
        Field("", heading, lambda place: bin_words(distribution, place, formats)),
        Field("", "Customers", lambda place: distribution.bins[place].customer_count, "count"),
    )
    data = page_table(f"Customers by {heading.lower()}", fields, places, formats)
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


# --- the histograms -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a histogram stands on its drawing: left of it is room for the scale."""

    left: float
    top: float = 18.0
    right: float = float(THIRD)
    bottom: float = 122.0


def distribution_drawing(place: int, report: Report, formats: Formats) -> Drawing | None:
    """Lay out a histogram of a measure, by its place, with the cuts between scores drawn in."""
    told = [one for one in report.distributions if one.bins]
    if place >= len(told):
        return None
    distribution = told[place]
    drawing = Drawing(distribution_caption(distribution, formats), THIRD, _DISTRIBUTION_HEIGHT)
    most = max(part.customer_count for part in distribution.bins) or 1
    ticks = round_ticks(most, 3)
    written = [formats.count(tick) for tick in ticks]
    plot = _Plot(left=max(text_width("Score"), *map(text_width, written)) + 8)
    heights = [along(tick, (0, most), (plot.bottom, plot.top)) for tick in ticks]
    drawing.rules([(plot.left, y, plot.right, y) for y in heights[1:]])
    scale = [(plot.left - 6, y, text) for y, text in zip(heights, written, strict=True)]
    drawing.texts(scale, align="right")
    step = (plot.right - plot.left) / len(distribution.bins)
    boxes = []
    for i, part in enumerate(distribution.bins):
        x = plot.left + i * step
        y = along(part.customer_count, (0, most), (plot.bottom, plot.top))
        words = bin_words(distribution, i, formats)
        about = f"{words}: {formats.count(part.customer_count)} customers"
        boxes.append({"x": x + 0.5, "x2": x + step - 0.5, "y": plot.bottom, "y2": y,
                      "color": _TEAL, "about": about})  # fmt: skip
    drawing.add("bars", boxes)
    drawing.rules([(plot.left, plot.bottom, plot.right, plot.bottom)], color=MUTED)
    _bin_labels(drawing, distribution, plot, step, formats)
    _cut_lines(drawing, distribution, plot)
    return drawing


def _bin_labels(
    drawing: Drawing, distribution: Distribution, plot: _Plot, step: float, formats: Formats
) -> None:
    discrete = distribution.measure == "order_count"
    texts = [_bin_text(distribution, i, formats) for i in range(len(distribution.bins))]
    widest = max(text_width(text) for text in texts) + 8
    every = max(1, math.ceil(widest / step))
    last = len(texts) - 1
    chosen = [i for i in range(len(texts)) if i % every == 0 and i + every <= last] + [last]
    for i in chosen:
        x = plot.left + (i + 0.5) * step if discrete else plot.left + i * step
        x = min(x, plot.right - text_width(texts[i]) / 2)
        drawing.texts([(max(x, plot.left), plot.bottom + 13, texts[i])], color=MUTED)


def _bin_text(distribution: Distribution, index: int, formats: Formats) -> str:
    low = distribution.bins[index].low
    if distribution.measure == "order_count":
        low = max(low, 1)
    text = formats.money_short(low) if distribution.measure == "revenue" else formats.number(low)
    return f"{text}+" if index == len(distribution.bins) - 1 else text


def _cut_lines(drawing: Drawing, distribution: Distribution, plot: _Plot) -> None:
    """Draw the cuts, and above the columns the scores between them.

    A cut is the last value of the worse score. Counted upwards that is the first day of its
    recency, but the last order of its frequency: the line stands before the next whole order.
    """
    if not distribution.cuts:
        return
    whole = 1 if distribution.measure == "order_count" else 0
    places = [_place(distribution, cut + whole, plot) for cut in sorted(distribution.cuts)]
    lines = [(x, plot.top - 4, x, plot.bottom) for x in places]
    drawing.rules(lines, color=INK, strokeDash=[3, 2])
    middles = [(start + end) / 2 for start, end in pairwise([plot.left, *places, plot.right])]
    bins = len(middles)
    is_recency = distribution.measure == "recency_days"
    scores = range(bins, 0, -1) if is_recency else range(1, bins + 1)
    above = zip(spread(middles, _DIGIT, (plot.left, plot.right - 4)), scores, strict=True)
    drawing.texts([(x, 7, str(score)) for x, score in above], color=ACCENT, fontWeight=600)
    drawing.texts([(plot.left - 6, 7, "Score")], color=MUTED, align="right")


def _place(distribution: Distribution, value: float, plot: _Plot) -> float:
    """Return where a value lies among the bins, which are drawn equally wide."""
    bins = distribution.bins
    for i, part in enumerate(bins):
        if value < part.high or i == len(bins) - 1:
            inside = min(max((value - part.low) / ((part.high - part.low) or 1), 0), 1)
            return along(i + inside, (0, len(bins)), (plot.left, plot.right))
    return plot.right


# --- the table ----------------------------------------------------------------------------------


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
    def column(heading: str, name: str, hint: str = "") -> Field[Distribution]:
        def written(one: Distribution) -> str:
            return measure_text(one, getattr(one, name), formats)

        return Field("", heading, written, hint=hint, numeric=True)

    fields = [
        Field[Distribution]("", "Per customer", lambda one: _HEADINGS[one.measure]),
        column("Lower quartile", "lower_quartile"),
        column("Median", "median"),
        column("Upper quartile", "upper_quartile"),
        column("Top 1%", "top_percent", "from"),
        column("Largest", "largest"),
    ]
    if customer_count < _FEWEST_FOR_A_PERCENT:
        del fields[4]
    caption = "The spread of the three measures over customers"
    return page_table(caption, fields, distributions, formats)


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


def _bins(report: Report) -> list[Bin] | None:
    return [(one, part) for one in report.distributions for part in one.bins] or None


def _end(row: Bin) -> float | None:
    """Return where a bin ends; the last of a measure has no upper end."""
    spread, part = row
    return None if part is spread.bins[-1] else part.high


def _tails(report: Report) -> list[tuple[str, TailPart]] | None:
    tail = report.tail
    return [("outside", tail.outside), ("far out", tail.far_out)] if tail else None


_BINS: Sheet[Report, Bin] = Sheet(
    "distributions",
    "one bin of one measure",
    (
        Field("measure", "", lambda row: row[0].measure),
        Field("from", "", lambda row: row[1].low, "number"),
        Field("to", "", _end, "number"),
        Field("customers", "", lambda row: row[1].customer_count, "count"),
    ),
    _bins,
)
_SPREAD: Sheet[Report, Distribution] = Sheet(
    "spread",
    "one measure",
    (
        Field("measure", "", lambda one: one.measure),
        Field("lower_quartile", "", lambda one: one.lower_quartile, "number"),
        Field("median", "", lambda one: one.median, "number"),
        Field("upper_quartile", "", lambda one: one.upper_quartile, "number"),
        Field("top_percent_from", "", lambda one: one.top_percent, "number"),
        Field("largest", "", lambda one: one.largest, "number"),
    ),
    lambda report: report.distributions or None,
)
_WHOLESALE: Sheet[Report, tuple[str, TailPart]] = Sheet(
    "wholesale",
    "the customers beyond one fence",
    (
        Field("part", "", lambda row: row[0]),
        Field("fence", "", lambda row: row[1].fence, "money"),
        Field("customer_count", "", lambda row: row[1].customer_count, "count"),
        Field("revenue", "", lambda row: row[1].revenue, "money"),
        Field("revenue_share", "", lambda row: row[1].revenue_share, "share"),
    ),
    _tails,
)
SECTION: Section[Report] = Section(
    "map",
    "The RFM map",
    lambda report, formats: map_caption(report.rfm_map, formats).title,
    (map_drawing, bubble_drawing, *(partial(distribution_drawing, place) for place in range(3))),
    sheets=(_BINS, _SPREAD, _WHOLESALE),
)
"""The section of the report."""
