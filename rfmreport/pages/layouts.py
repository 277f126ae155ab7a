"""The charts of the report in their order: adding one is adding its layout to this list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.sections.concentration.charts import pareto_drawing
from rfmreport.sections.concentration.page import is_concentration_told
from rfmreport.sections.hold.charts import holding_drawing
from rfmreport.sections.hold.page import is_held_told
from rfmreport.sections.loyalty.charts import clock_drawing, cohort_drawing
from rfmreport.sections.map.charts import bubble_drawing, distribution_drawing, map_drawing
from rfmreport.sections.movement.charts import movement_drawing
from rfmreport.sections.products.charts import top_drawing, uptake_drawing
from rfmreport.sections.segments.charts import (
    proportion_drawing,
    scheme_drawing,
    share_drawing,
    size_drawing,
)
from rfmreport.sections.when.charts import hour_drawing, weekday_drawing
from rfmreport.sections.when.day_captions import FEWEST_DAYS
from rfmreport.sections.when.day_charts import day_drawing, hour_revenue_drawing
from rfmreport.sections.when.month_charts import month_drawing, order_month_drawing
from rfmreport.sections.worth.charts import outlook_drawing, reliability_drawing
from rfmreport.sections.worth.page import is_tested

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
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
    if report.pareto and is_concentration_told(report):
        drawings.append(pareto_drawing(report.pareto, formats))
    drawings += _trend_drawings(report, formats)
    drawings += _loyalty_drawings(report, formats)
    drawings += _sells_drawings(report, formats)
    drawings += _worth_drawings(report, formats)
    if report.holding and is_held_told(report.holding):
        drawings.append(holding_drawing(report.holding, report.segments, formats))
    if report.method.scheme_cells:
        drawings.append(scheme_drawing(report, formats))
    return tuple(drawings)


def _trend_drawings(report: Report, formats: Formats) -> list[Drawing]:
    trends = report.trends
    if trends is None:
        return []
    draw = hour_drawing if trends.hours else weekday_drawing
    drawings = [draw(report, trends, formats)]
    if trends.hours:
        drawings.append(hour_revenue_drawing(trends, formats))
    if len(trends.days) >= FEWEST_DAYS:
        drawings.append(day_drawing(trends, formats))
    if len(report.months) > 1:
        drawings.append(order_month_drawing(report, formats))
    return drawings


def _loyalty_drawings(report: Report, formats: Formats) -> list[Drawing]:
    loyalty = report.loyalty
    if loyalty is None:
        return []
    drawings: list[Drawing] = []
    clock = loyalty.second_orders
    if clock and clock.is_told:
        drawings.append(clock_drawing(loyalty, clock, formats))
    if loyalty.cohorts.shown:
        drawings.append(cohort_drawing(loyalty.cohorts, formats))
    return drawings


def _sells_drawings(report: Report, formats: Formats) -> list[Drawing]:
    sells = report.sells
    if sells is None:
        return []
    drawings = [top_drawing(sells.products, formats)]
    if sells.launches and sells.launches.shown:
        drawings.append(uptake_drawing(sells.launches, formats))
    return drawings


def _worth_drawings(report: Report, formats: Formats) -> list[Drawing]:
    worth = report.worth
    if worth is None:
        return []
    drawings: list[Drawing] = []
    # One line alone compares nothing: the table has it.
    if worth.outlooks and len(worth.outlooks[-1].rows) > 1:
        drawings.append(outlook_drawing(worth, report.segments, formats))
    if is_tested(worth.response):
        drawings.append(reliability_drawing(worth.response, formats))
    return drawings
