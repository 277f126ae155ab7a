"""The report put together: every topic asked in its turn, and all of it said.

`draft_report` asks what today's customers tell, so that drawing can begin early; `finish_report`
adds what earlier dates and products tell; nothing is computed after that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rfmreport.customers import ruler
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.report import Report
from rfmreport.sections.advice import conditions, gains, plays, recommendations
from rfmreport.sections.bridge import base
from rfmreport.sections.bridge import measure as revenue
from rfmreport.sections.concentration import measure as concentration
from rfmreport.sections.hold.figures import verdict_told, what_tells
from rfmreport.sections.loyalty import measure as loyalty
from rfmreport.sections.map import measure
from rfmreport.sections.map import measure as rfm_map
from rfmreport.sections.method import measure as method
from rfmreport.sections.segments import measure as segments
from rfmreport.sections.summary import insights, summary
from rfmreport.sections.when import measure as trends
from rfmreport.sections.worth.measure import measure_forecast, share_out, untold_forecast
from rfmreport.source import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.concentration.figures import Pareto
    from rfmreport.sections.products.measure import Sold
    from rfmreport.sections.segments.figures import Past, SegmentTable
    from rfmreport.shop import Shop
    from rfmreport.vocabulary import Untold


def draft_report(shop: Shop) -> Report:
    """Ask the topics that need neither an earlier date nor products."""
    settings, scheme = shop.settings.report, shop.scheme
    cells = rfm_map.count_cells(shop.engine)
    cuts_rows = rfm_map.describe_cuts(cells, shop.cuts, shop.formats)
    sources = reading.fingerprint_files(shop.read.source)
    measured_by = ruler.describe_ruler(shop.engine, shop.ruling, scheme, cuts_rows, sources)
    spreads = measure.summarise_distributions(shop.engine, shop.cuts)
    few, pareto = concentration.measure_concentration(shop.engine)
    report = Report(
        shop=settings.shop or shop.read.source.files[0].name.split(".")[0],
        currency=settings.currency,
        locale=settings.locale,
        first_day=shop.first_day,
        last_day=shop.last_day,
        as_of=shop.as_of,
        month=shop.read.month,
        sections=settings.sections,
        has_orders=shop.has_orders,
        months=trends.measure_months(shop),
        segments=segments.measure_segments(shop),
        rfm_map=rfm_map.map_of(cells, cuts_rows, shop.cuts.bins),
        distributions=spreads,
        audit=shop.read.audit,
        findings=(*shop.read.findings, *ruler.ruler_findings(measured_by, shop.formats)),
        ruler=measured_by,
        concentration=few,
        tail=measure.measure_tail(shop.engine, spreads),
        clusters=method.describe_clusters(shop.engine, scheme)
        if isinstance(scheme, ClusterScheme)
        else None,
        method=method.describe_method(shop, sources, cuts_rows),
    )
    return _with_habits(report, shop, pareto)


def _with_habits(report: Report, shop: Shop, pareto: Pareto | None) -> Report:
    """Add when customers buy, whether they come back, and how much hangs on few."""
    tells = shop.settings.tells
    if tells("loyalty"):
        report = replace(report, loyalty=loyalty.measure_loyalty(shop))
    if tells("when"):
        chosen = trends.chosen_seasons(shop.settings.report)
        by_season = trends.compare_seasons(report.months, chosen)
        report = replace(report, trends=trends.summarise_trends(shop), seasons=by_season)
    return replace(report, pareto=pareto) if tells("concentration") else report


def _untold_habits(report: Report, shop: Shop) -> Iterator[Untold]:
    """Yield what could not be told of today's customers, of what was asked for."""
    tells = shop.settings.tells
    if report.loyalty:
        yield from loyalty.untold_loyalty(report.loyalty)
    if tells("when"):
        yield from trends.untold_trends(report.trends)
        yield from trends.untold_seasons(report.seasons)
    if tells("concentration"):
        yield from concentration.untold_concentration(report.pareto)


def finish_report(shop: Shop, report: Report, past: Past, sold: Sold) -> Report:
    """Add what is known when earlier dates and products are told, and say it all."""
    worth = report.worth
    forecast = measure_forecast(shop, worth)
    response = worth.response if worth and not worth.response.has_failed else None
    table, playbook = _fitted(shop, segments.with_past(report.segments, past, response))
    known_months = trends.measure_known_months(shop, report.months)
    bridges = revenue.measure_bridges(shop, known_months)
    untold = (*report.untold, *sold.untold)
    if shop.has_orders:
        untold += (*untold_forecast(forecast, shop), *revenue.untold_bridges(bridges))
    report = replace(
        report,
        bridges=bridges,
        base=base.measure_base(shop, report.months),
        segments=table,
        untold=(*untold, *_untold_habits(report, shop)),
        sells=sold.sells,
        forecast=forecast,
        worth=replace(worth, outlook=share_out(worth.outlook, forecast)) if worth else None,
    )
    kpis = summary.strip_of_figures(report, known_months, shop.formats)
    headline = summary.headline(known_months, table, shop.formats)
    return replace(report, kpis=kpis, headline=headline, **_words(shop, report, playbook))


def _fitted(shop: Shop, table: SegmentTable) -> tuple[SegmentTable, Mapping[str, Play]]:
    """Return the plays whose texts fit the segments, and the table with what these are for."""
    scheme = shop.scheme
    loaded = plays.load_playbook(shop.settings.report.playbook or scheme.name, scheme)
    fitted = plays.fit(loaded, conditions.measure_conditions(shop.engine, table))
    rows = (
        replace(row, impact=fitted[row.name].impact) if row.name in fitted else row
        for row in table.rows
    )
    return replace(table, rows=tuple(rows)), fitted


def _words(shop: Shop, report: Report, playbook: Mapping[str, Play]) -> dict[str, Any]:
    """Return what is said of the figures: headline, insights, advice."""
    table, formats = report.segments, shop.formats
    period = summary.period_words(report, formats)
    return {
        "standfirst": summary.standfirst(
            table, report.findings, period, formats, conditions.typical_gap(shop.engine)
        ),
        "insights": insights.find_insights(report, formats),
        **_advice(shop, report, playbook),
    }


def _advice(shop: Shop, report: Report, playbook: Mapping[str, Play]) -> dict[str, Any]:
    """Return what is advised by segment; nothing where the segments did not hold."""
    table, formats, settings = report.segments, shop.formats, shop.settings.report
    holding = report.holding
    if holding and holding.verdict == "did not hold":
        words = (verdict_told(holding), what_tells(holding))
        told = " ".join(one.told(formats) for one in words)
        return {"no_advice": f"No advice is given by segment. {told}"}
    worth = gains.measure_gains(table, playbook, report.decisions, settings)
    return {
        "gains": worth,
        "recommendations": recommendations.recommend(table, playbook, worth, formats),
        "playbook": recommendations.fill_playbook(table, playbook, worth, formats),
    }
