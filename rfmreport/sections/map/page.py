"""The section of the RFM map, and the files behind it: bins, quartiles and the wholesale tail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet
from rfmreport.sections.map.charts import bubble_drawing, map_caption, map_drawing
from rfmreport.sections.map.spread import distribution_drawing

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.map.figures import Distribution, DistributionBin, TailPart

Bin = tuple["Distribution", "DistributionBin"]


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
