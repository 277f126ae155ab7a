"""The report put together: every topic asked in its turn, and all of it said.

`draft_report` asks what today's customers tell, so that drawing can begin early; `finish_report`
adds what earlier dates and products tell; nothing is computed after that.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rfmreport.customers import ruler
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.report import Report
from rfmreport.sections.advice import opportunity, plays, recommendations
from rfmreport.sections.bridge import measure as revenue
from rfmreport.sections.concentration import measure as concentration
from rfmreport.sections.loyalty import measure as loyalty
from rfmreport.sections.map import distributions
from rfmreport.sections.map import measure as rfm_map
from rfmreport.sections.method import measure as method
from rfmreport.sections.segments import measure as segments
from rfmreport.sections.summary import insights, summary
from rfmreport.sections.when import measure as trends
from rfmreport.sections.when import seasons
from rfmreport.source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.look_back import LookBack
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.concentration.figures import Pareto
    from rfmreport.sections.products.measure import Sold
    from rfmreport.sections.segments.figures import Past
    from rfmreport.sections.when.figures import Month
    from rfmreport.shop import Shop


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that says what today tells, and what only its sentences need besides."""

    report: Report
    known_months: tuple[Month, ...]
    plays: Mapping[str, Play] = field(repr=False)


def draft_report(shop: Shop) -> Draft:
    """Ask the topics that need neither an earlier date nor products."""
    settings, scheme = shop.settings.report, shop.scheme
    by_month = trends.measure_months(shop)
    known_months = trends.measure_known_months(shop, by_month)
    cells = rfm_map.count_cells(shop.engine)
    cuts_rows = rfm_map.describe_cuts(cells, shop.cuts, shop.formats)
    sources = reading.fingerprint_files(shop.read.source)
    measured_by = ruler.describe_ruler(shop.engine, shop.ruling, scheme, cuts_rows, sources)
    spreads = distributions.summarise_distributions(shop.engine, shop.cuts)
    few, pareto = concentration.measure_concentration(shop.engine)
    playbook = plays.load_playbook(settings.playbook or scheme.name, scheme)
    impacts = {name: play.impact for name, play in playbook.items()}
    report = Report(
        shop=settings.shop or shop.read.source.files[0].name.split(".")[0],
        currency=settings.currency,
        locale=settings.locale,
        first_day=shop.first_day,
        last_day=shop.last_day,
        as_of=shop.as_of,
        month=shop.read.month,
        sections=settings.sections,
        months=by_month,
        segments=segments.measure_segments(shop, impacts),
        rfm_map=rfm_map.map_of(cells, cuts_rows, shop.cuts.bins),
        distributions=spreads,
        audit=shop.read.audit,
        findings=(*shop.read.findings, *ruler.ruler_findings(measured_by, shop.formats)),
        ruler=measured_by,
        concentration=few,
        tail=distributions.measure_tail(shop.engine, spreads),
        clusters=method.describe_clusters(shop.engine, scheme)
        if isinstance(scheme, ClusterScheme)
        else None,
        method=method.describe_method(shop, sources, cuts_rows),
    )
    return Draft(_with_habits(report, shop, pareto), known_months, playbook)


def _with_habits(report: Report, shop: Shop, pareto: Pareto | None) -> Report:
    """Add when customers buy, whether they come back, and how much hangs on few."""
    untold = report.untold
    if shop.settings.tells("loyalty"):
        loyal = loyalty.measure_loyalty(shop)
        untold += loyalty.untold_loyalty(loyal)
        report = replace(report, loyalty=loyal)
    if shop.settings.tells("when"):
        when = trends.summarise_trends(shop)
        chosen = seasons.chosen_seasons(shop.settings.report)
        by_season = seasons.compare_seasons(report.months, chosen)
        untold += (*trends.untold_trends(when), *seasons.untold_seasons(by_season))
        report = replace(report, trends=when, seasons=by_season)
    if shop.settings.tells("concentration"):
        untold += concentration.untold_concentration(pareto)
        report = replace(report, pareto=pareto)
    return replace(report, untold=untold)


def finish_report(shop: Shop, draft: Draft, looked_back: LookBack, sold: Sold) -> Report:
    """Add what earlier dates and products tell, and say it all."""
    report, past, worth = draft.report, looked_back.past, looked_back.worth
    response = worth.response if worth else None
    table = segments.with_past(report.segments, past, response)
    settings = shop.settings.report
    chances = opportunity.measure_opportunities(
        table, settings.extra_return_points, settings.cost_per_contact, settings.margin
    )
    bridges = revenue.measure_bridges(shop, draft.known_months)
    told_after = (*looked_back.untold, *sold.untold, *revenue.untold_bridges(bridges))
    report = replace(
        report,
        bridges=bridges,
        segments=table,
        findings=(*report.findings, *looked_back.findings),
        movement=looked_back.movement,
        holding=looked_back.holding,
        sensitivity=looked_back.sensitivity,
        decisions=looked_back.decisions,
        untold=(*told_after, *report.untold),
        sells=sold.sells,
        worth=replace(worth, opportunities=chances) if worth else None,
    )
    return replace(report, **_words(shop, draft, report, past))


def _words(shop: Shop, draft: Draft, report: Report, past: Past) -> dict[str, Any]:
    """Return what is said of the figures: headline, insights, advice."""
    table, plays_by_name, formats = report.segments, draft.plays, shop.formats
    chances = report.worth.opportunities if report.worth else ()
    points = shop.settings.report.extra_return_points
    period = summary.period_words(report, formats)
    return {
        "headline": summary.headline(report.months, table, formats),
        "standfirst": summary.standfirst(table, report.findings, period, formats),
        "kpis": summary.strip_of_figures(report, draft.known_months, past, formats),
        "insights": insights.find_insights(report, formats),
        "recommendations": recommendations.recommend(
            table, plays_by_name, points, formats, chances
        ),
        "playbook": recommendations.fill_playbook(table, plays_by_name, formats, chances),
    }
