"""The charts of the report in their order: adding one is adding its layout to this list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.render.holding_layouts import holding_drawing
from rfmreport.render.map_layouts import bubble_drawing, distribution_drawing, map_drawing
from rfmreport.render.month_layouts import month_drawing
from rfmreport.render.movement_layouts import movement_drawing
from rfmreport.render.segment_layouts import (
    proportion_drawing,
    scheme_drawing,
    share_drawing,
    size_drawing,
)

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.render.drawings import Drawing
    from rfmreport.report import Report


def drawings_of(report: Report, formats: Formats) -> tuple[Drawing, ...]:
    """Return every chart of the report, laid out; a chart without data is left out."""
    drawings: list[Drawing] = []
    if report.months:
        drawings.append(month_drawing(report, formats))
    drawings += [
        size_drawing(report.segments, formats),
        proportion_drawing(report.segments, formats),
        share_drawing(report.segments, formats),
    ]
    if report.movement is not None:
        drawings.append(movement_drawing(report, report.movement, formats))
    if report.rfm_map.cells:
        drawings += [
            map_drawing(report.rfm_map, report.segments, formats),
            bubble_drawing(report.rfm_map, report.segments, formats),
        ]
    drawings += [
        distribution_drawing(distribution, formats)
        for distribution in report.distributions
        if distribution.bins
    ]
    if report.holding and report.holding.hold_outs:
        drawings.append(holding_drawing(report.holding, report.segments, formats))
    if report.method.scheme_cells:
        drawings.append(scheme_drawing(report, formats))
    return tuple(drawings)
