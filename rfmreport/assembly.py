"""The report put together: a draft that today's figures make, then what the past and products add.

The draft is a whole report in which all else is still empty, so that drawing it can begin early.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.customers import clusters, history, ruler
from rfmreport.formats import Formats
from rfmreport.report import Report
from rfmreport.sections.advice import opportunity
from rfmreport.sections.advice import plays as playbook
from rfmreport.sections.concentration import measure as concentration
from rfmreport.sections.loyalty import measure as loyalty
from rfmreport.sections.loyalty import second_order
from rfmreport.sections.map import distributions
from rfmreport.sections.map import measure as rfm_map
from rfmreport.sections.method import clustering
from rfmreport.sections.method import measure as method
from rfmreport.sections.segments import measure as segment_figures
from rfmreport.sections.summary import insights, summary
from rfmreport.sections.when import measure as trends
from rfmreport.sections.when import months, seasons
from rfmreport.source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ibis.expr.types import Table

    from rfmreport import look_back
    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.concentration.measure import Concentration
    from rfmreport.sections.products import measure as sells
    from rfmreport.sections.segments.measure import SegmentFigures
    from rfmreport.sections.when.figures import Month
    from rfmreport.sections.worth.figures import Opportunity
    from rfmreport.settings import Settings
    from rfmreport.source.orders import CleanOrders


@dataclass(frozen=True)
class Segmentation:
    """Customers with measures, scores and segment, and the ruler they were measured with."""

    customers: Table
    ruling: ruler.Ruling
    scheme: Scheme

    @property
    def cuts(self) -> Cuts:
        """Return the cuts that the customers were scored with."""
        return self.ruling.cuts


@dataclass(frozen=True)
class Draft:
    """What today's figures tell; in `report`, what the past and the products add is still empty."""

    report: Report
    figures: tuple[SegmentFigures, ...]
    total: SegmentFigures
    known_months: tuple[Month, ...]
    concentration: Concentration
    plays: Mapping[str, Play]
    scheme: Scheme


def draft_report(clean: CleanOrders, segmentation: Segmentation, settings: Settings) -> Draft:
    """Run the analyses that need neither an earlier date nor products."""
    coverage, as_of = clean.coverage, clean.as_of
    assert coverage.first_day and coverage.last_day and as_of  # noqa: PT018, S101  checked before
    formats = Formats(settings.report.locale, settings.report.currency)
    people, scheme, cuts = segmentation.customers, segmentation.scheme, segmentation.cuts
    figures, total = segment_figures.summarise_segments(
        people, [segment.name for segment in scheme.segments]
    )
    by_month, known_months = _months(clean, people)
    cells = rfm_map.count_cells(people)
    cuts_rows = rfm_map.describe_cuts(cells, cuts, formats)
    sources = reading.fingerprint_files(clean.source)
    measured_by = ruler.describe_ruler(segmentation.ruling, people, scheme, cuts_rows, sources)
    spreads = distributions.summarise_distributions(people, cuts)
    concentrated = concentration.measure_concentration(people)
    plays = playbook.load_playbook(settings.report.playbook or scheme.name, scheme)
    nothing = summary.Past((), None, settings.report.horizon_days)
    draft = Report(
        shop=settings.report.shop or clean.source.files[0].name.split(".")[0],
        currency=settings.report.currency,
        locale=settings.report.locale,
        first_day=coverage.first_day,
        last_day=coverage.last_day,
        as_of=as_of,
        month=clean.month,
        sections=settings.report.sections,
        headline="",
        standfirst="",
        kpis=(),
        months=by_month,
        segments=summary.segment_table(figures, total, scheme, plays, nothing),
        rfm_map=rfm_map.map_of(cells, cuts_rows, cuts.bins),
        distributions=spreads,
        insights=(),
        recommendations=(),
        playbook=(),
        audit=clean.audit,
        findings=(*clean.findings, *ruler.ruler_findings(measured_by, formats)),
        ruler=measured_by,
        tail=distributions.measure_tail(people, spreads),
        clusters=clustering.describe_clusters(people, scheme)
        if isinstance(scheme, clusters.ClusterScheme)
        else None,
        method=method.describe_method(
            settings=settings,
            sources=sources,
            column_map=clean.column_map,
            scheme=scheme,
            cuts_method=cuts.method,
            cuts_rows=cuts_rows,
        ),
    )
    draft = _with_habits(draft, clean, concentrated, settings)
    return Draft(draft, figures, total, known_months, concentrated, plays, scheme)


def _with_habits(
    draft: Report, clean: CleanOrders, concentrated: Concentration, settings: Settings
) -> Report:
    """Add when customers buy, whether they come back, and how much hangs on few."""
    coverage = clean.coverage
    assert coverage.first_day and coverage.last_day  # noqa: PT018, S101  checked before
    if settings.tells("loyalty"):
        first_day = coverage.first_known_day or coverage.first_day
        watched = second_order.Period(first_day, draft.as_of, clean.covered[1])
        loyal = loyalty.measure_loyalty(clean.orders, watched, settings)
        untold = loyalty.untold_loyalty(loyal)
        draft = replace(draft, loyalty=loyal, untold=(*draft.untold, *untold))
    if settings.tells("when"):
        when = trends.summarise_trends(clean.orders, coverage.first_day, coverage.last_day)
        by_season = seasons.compare_seasons(draft.months, seasons.chosen_seasons(settings.report))
        untold = (*trends.untold_trends(when), *seasons.untold_seasons(by_season))
        draft = replace(draft, trends=when, seasons=by_season, untold=(*draft.untold, *untold))
    if settings.tells("concentration"):
        pareto = concentrated.pareto
        untold = concentration.untold_concentration(pareto)
        draft = replace(draft, pareto=pareto, untold=(*draft.untold, *untold))
    return draft


def finish_report(
    draft: Draft, looked_back: look_back.LookBack, sold: sells.Sold, settings: Settings
) -> Report:
    """Add what earlier dates and products tell, and say it all; nothing is computed after this."""
    report, past = draft.report, looked_back.past
    ahead = looked_back.ahead
    response = ahead.worth.response if ahead else None
    table = summary.segment_table(
        draft.figures, draft.total, draft.scheme, draft.plays, past, response
    )
    chances = opportunity.measure_opportunities(
        table,
        settings.report.extra_return_points,
        settings.report.cost_per_contact,
        settings.report.margin,
    )
    report = replace(
        report,
        segments=table,
        findings=(*report.findings, *looked_back.findings),
        movement=looked_back.movement,
        holding=looked_back.holding,
        sensitivity=looked_back.sensitivity,
        decisions=looked_back.decisions,
        untold=(*looked_back.untold, *sold.untold, *report.untold),
        sells=sold.sells,
        worth=replace(ahead.worth, opportunities=chances) if ahead else None,
    )
    return _put_into_words(report, draft, past, chances, settings)


def _put_into_words(
    report: Report,
    draft: Draft,
    past: summary.Past,
    chances: tuple[Opportunity, ...],
    settings: Settings,
) -> Report:
    """Add what is said of the figures: headline, insights, advice."""
    formats = Formats(report.locale, report.currency)
    table, plays, months = report.segments, draft.plays, report.months
    period = f"from {formats.day(report.first_day)} to {formats.day(report.last_day)}"
    evidence = insights.Evidence(
        table=table,
        months=months,
        concentration=draft.concentration,
        audit=report.audit,
        findings=report.findings,
        formats=formats,
        movement=report.movement,
        sensitivity=report.sensitivity,
        second_orders=report.loyalty.second_orders if report.loyalty else None,
        sells=report.sells,
        worth=report.worth,
    )
    return replace(
        report,
        headline=summary.headline(months, table, formats),
        standfirst=summary.standfirst(table, report.findings, period, formats),
        kpis=summary.strip_of_figures(months, draft.known_months, table, past, period, formats),
        insights=insights.find_insights(evidence),
        recommendations=insights.recommend(
            table, plays, settings.report.extra_return_points, formats, chances
        ),
        playbook=insights.fill_playbook(table, plays, formats, chances),
    )


def _months(clean: CleanOrders, people: Table) -> tuple[tuple[Month, ...], tuple[Month, ...]]:
    """Return the months of the report, and all that the data know, also those before a window."""
    coverage, as_of = clean.coverage, clean.as_of
    assert coverage.first_day and coverage.first_known_day and as_of  # noqa: PT018, S101
    if clean.window.first_day is None:
        found = months.summarise_months(
            clean.orders, people, coverage.first_day, as_of, clean.covered
        )
        return found, found
    orders = history.without_window(clean.orders)
    people = history.with_first_orders(people, orders)
    covered_from = coverage.covered_from or coverage.first_known_day
    return (
        months.summarise_months(clean.orders, people, coverage.first_day, as_of, clean.covered),
        months.summarise_months(
            orders,
            history.everybody(orders),
            coverage.first_known_day,
            as_of,
            (covered_from, clean.covered[1]),
        ),
    )
