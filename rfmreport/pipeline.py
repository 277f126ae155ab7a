"""The order of the stages: from source to report, from report to files."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport import (
    audiences,
    cleaning,
    clusters,
    columns,
    customers,
    cuts_file,
    decisions,
    exports,
    history,
    insights,
    look_back,
    loyalty,
    method,
    playbook,
    reading,
    report_folder,
    ruler,
    scoring,
    segments,
    sells,
    summary,
)
from rfmreport.analyses import (
    clustering,
    concentration,
    distributions,
    months,
    opportunity,
    rfm_map,
    seasons,
    second_order,
    segment_figures,
    trends,
)
from rfmreport.calendar_months import months_before, next_month
from rfmreport.errors import MissingComponentError, NothingToReportError, SettingsError
from rfmreport.formats import Formats
from rfmreport.report import Finding, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.render.captions import Chart
    from rfmreport.render.workers import RenderWorkers
    from rfmreport.report import Audit, Month
    from rfmreport.scoring import Cuts
    from rfmreport.segments import Scheme
    from rfmreport.settings import CleaningSettings, Settings

_FEWEST_CUSTOMERS = 5
CUTS_FILE = "cuts.toml"


@dataclass
class Stopwatch:
    """Tells the listener which stage begins, and keeps how many seconds each took."""

    listener: Callable[[str], None] = lambda _: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage; a stage entered twice adds up."""
        self.listener(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True)
class CleanOrders:
    """What cleaning leaves: `orders` in the engine, and the account of everything read.

    `lines` are all lines with their verdict (`cleaning.LINE_COLUMNS`), None without products.
    """

    source: reading.Source
    column_map: columns.ColumnMap
    value_formats: cleaning.ValueFormats
    orders: Table
    lines: Table | None
    audit: Audit
    findings: tuple[Finding, ...]
    coverage: cleaning.Coverage
    as_of: date | None
    window: cleaning.Window
    month: date | None

    @property
    def covered(self) -> tuple[date, date]:
        """Return the first day that data and window cover, and the first that they do not."""
        coverage, window = self.coverage, self.window
        begins = [day for day in (coverage.covered_from, window.first_day) if day]
        ends = [day for day in (coverage.covered_until, window.as_of) if day]
        return max(begins), min(ends)


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
class Outputs:
    """What to write, and where."""

    folder: Path
    pdf: bool = False
    parquet: bool = False


@dataclass(frozen=True)
class BuildResult:
    """What a build did: the report, the files, the seconds, and what could not be made."""

    report: Report
    files: tuple[str, ...]
    seconds: Mapping[str, float]
    pdf_problem: str | None = None


def build_report(settings: Settings) -> Report:
    """Return the finished report without writing anything.

    Raises:
        RfmReportError: the source, the settings or the data cannot carry a report.
    """
    watch = Stopwatch()
    cuts_path = Path(settings.scoring.cuts_file) if settings.scoring.cuts_file else None
    given = read_given(settings, cuts_path)
    with reading.open_engine(settings.engine) as engine:
        clean = clean_orders(engine, settings, watch)
        segmentation = segment_customers(engine, clean, settings, watch, cuts_path)
        looked_back = compare(engine, clean, segmentation, settings, given, watch)
        sold = ask_what_sells(engine, clean, segmentation, settings, watch)
        return assemble_report(clean, segmentation, looked_back, sold, settings, watch)


def build(
    settings: Settings,
    outputs: Outputs,
    workers: RenderWorkers,
    listener: Callable[[str], None] = lambda _: None,
) -> BuildResult:
    """Build the report and write it with its data; all files appear together or none does.

    The `workers` warm up from the moment they are entered: enter them before importing this
    module. A PDF that cannot be made for want of Pango is told in the result; all else is written.

    Raises:
        RfmReportError: the source, the settings, the data or the folder cannot carry a report.
    """
    watch = Stopwatch(listener)
    cuts_path = Path(settings.scoring.cuts_file or outputs.folder / CUTS_FILE)
    given = read_given(settings, cuts_path)
    with (
        exports.whole_or_nothing(outputs.folder) as folder,
        reading.open_engine(settings.engine) as engine,
    ):
        clean = clean_orders(engine, settings, watch)
        segmentation = segment_customers(engine, clean, settings, watch, cuts_path)
        looked_back = compare(engine, clean, segmentation, settings, given, watch)
        sold = ask_what_sells(engine, clean, segmentation, settings, watch)
        report = assemble_report(clean, segmentation, looked_back, sold, settings, watch)
        charts = workers.start_charts(report)
        with watch.stage("data files"):
            data_files = write_data(
                engine, report, segmentation, looked_back, sold, folder, outputs
            )
            saved = ruler.cuts_to_save(segmentation.ruling, report)
            if saved:
                cuts_file.write_cuts(saved, folder / CUTS_FILE)
        with watch.stage("audiences"):
            people = looked_back.ahead.customers if looked_back.ahead else segmentation.customers
            known = audiences.Known(people, clean.orders, looked_back.moves)
            lists = audiences.draw_up_audiences(engine, report, known, settings)
            data_files += exports.write_audiences(engine, lists, folder)
        pdf_problem = render(report, charts, data_files, settings, outputs, workers, folder, watch)
        exports.write_manifest(report, segmentation.cuts, folder)
        kept = decisions.control_group_files(settings.report.decisions)
        exports.protect_sources(outputs.folder, folder, (*clean.source.files, *kept))
        written = sorted(path for path in folder.rglob("*") if path.is_file())
        files = tuple(path.relative_to(folder).as_posix() for path in written)
    if saved and _is_to_be_kept(cuts_path, segmentation.ruling):
        cuts_file.write_cuts(saved, cuts_path)
    return BuildResult(report, files, watch.seconds, pdf_problem)


def clean_orders(engine: Backend, settings: Settings, watch: Stopwatch) -> CleanOrders:
    """Read the source, give every line its verdict, and hold the orders in the engine."""
    with watch.stage("reading"):
        source = reading.open_source(engine, settings.source)
    with watch.stage("columns"):
        found = columns.map_columns(source.headings, settings.columns)
        formats = cleaning.find_value_formats(source.sample, found, source.table, settings.source)
        rules, notes = cleaning.trusted_prefixes(source.sample, found, settings.cleaning)
        notes += cleaning.kept_statuses(source.sample, found, rules)
        notes += cleaning.mixed_currencies(source.sample, found)
    with watch.stage("cleaning"):
        lines = cleaning.parse_lines(source.table, found, formats)
        if source.has_parts:
            if source.kind != "parquet":  # text would be parsed again for every look at it
                lines, text_format = reading.hold(engine, source, "parsed_lines", lines)
                source = replace(source, text_format=text_format)
            lines = cleaning.mark_repeated(lines)
        window, month = _window(rules, lines, found)
        judged = cleaning.judge_lines(lines, found, rules, window)
        if found.product or found.product_name:
            judged = judged.select(*cleaning.LINE_COLUMNS, *found.contacts)
            judged, text_format = reading.hold(engine, source, "lines", judged)
            source = replace(source, text_format=text_format)
        grouped = cleaning.group_orders(judged, rules)
        orders, text_format = reading.hold(engine, source, "orders", grouped)
        bridge = cleaning.audit(orders, text_format.rejected_line_count or 0)
        coverage = cleaning.measure_coverage(orders)
    if month:
        notes += cleaning.month_findings(month, coverage)
    findings = (*source.findings, *text_format.findings(), *notes)
    return CleanOrders(
        source=source,
        column_map=found,
        value_formats=formats,
        orders=orders,
        lines=judged if found.product or found.product_name else None,
        audit=bridge,
        findings=(*findings, *cleaning.data_findings(orders, bridge)),
        coverage=coverage,
        as_of=window.as_of
        or (coverage.last_day + timedelta(days=1) if coverage.last_day else None),
        window=window,
        month=month,
    )


def segment_customers(
    engine: Backend,
    clean: CleanOrders,
    settings: Settings,
    watch: Stopwatch,
    cuts_path: Path | None,
) -> Segmentation:
    """Measure, score and name every customer as of the report's date.

    Cuts are taken from `cuts_path` where it is there and fits, and else fitted.
    """
    choose_scheme = clusters.scheme_chooser(settings.scoring.scheme)
    if clean.as_of is None:
        raise NothingToReportError(all_excluded(clean.audit))
    with watch.stage("customers"):
        measured = customers.measure_customers(clean.orders, clean.as_of)
        measured = engine.create_table("measured_customers", measured, temp=True)
        _check_enough(measured, clean)
    with watch.stage("scheme"):
        scheme = choose_scheme(measured)
    with watch.stage("scoring"):
        ruling = ruler.choose_cuts(measured, scheme, settings, clean.column_map, cuts_path)
        scored = scoring.score_customers(measured, ruling.cuts)
    with watch.stage("segments"):
        named = segments.assign_segments(scored, scheme)
        named = engine.create_table("customers", named, temp=True)
    return Segmentation(named, ruling, scheme)


def read_given(settings: Settings, cuts_path: Path | None) -> look_back.Given:
    """Read the small files that a user names, before the long work begins.

    Raises:
        RfmReportError: one of them cannot be read, or the cuts could not be written.
    """
    if cuts_path is not None and settings.scoring.cuts_file and not cuts_path.parent.is_dir():
        message = f"{cuts_path}: there is no folder {cuts_path.parent} to keep the cuts in"
        raise SettingsError(message)
    # Clusters have their names only when they are found.
    is_known = settings.scoring.scheme != clusters.NAME
    earlier = settings.report.previous
    return look_back.Given(
        decisions=_load_decisions(settings, segments.load_scheme(settings.scoring.scheme))
        if is_known
        else (),
        earlier_report=report_folder.read_report_folder(Path(earlier)) if earlier else None,
    )


def _load_decisions(
    settings: Settings, scheme: Scheme
) -> tuple[tuple[decisions.Decision, decisions.ControlGroup | None], ...]:
    path = settings.report.decisions
    return decisions.with_control_groups(
        decisions.load_decisions(Path(path), scheme) if path else ()
    )


def _is_to_be_kept(cuts_path: Path, ruling: ruler.Ruling) -> bool:
    """Say whether the named file takes this report's cuts.

    Not one that lies in another report's folder, for it belongs to that report; nor one that other
    settings made, for a trial must not cost the ruler of all other months.
    """
    in_a_report = cuts_path.name == CUTS_FILE and (cuts_path.parent / exports.MANIFEST).exists()
    is_foreign = ruling.origin == "refitted" and ruling.reason != ruler.ON_REQUEST
    return not in_a_report and not is_foreign


def compare(  # noqa: PLR0913, PLR0917  two dates, and what the user names
    engine: Backend,
    clean: CleanOrders,
    segmentation: Segmentation,
    settings: Settings,
    given: look_back.Given,
    watch: Stopwatch,
) -> look_back.LookBack:
    """Tell what earlier dates tell: what moved, whether segments hold, what decisions did."""
    assert clean.coverage.first_known_day and clean.as_of  # noqa: PT018, S101  checked before
    today = look_back.Today(
        orders=clean.orders,
        customers=segmentation.customers,
        cuts=segmentation.cuts,
        scheme=segmentation.scheme,
        first_day=clean.coverage.first_known_day,
        as_of=clean.as_of,
    )
    if isinstance(segmentation.scheme, clusters.ClusterScheme):
        given = replace(given, decisions=_load_decisions(settings, segmentation.scheme))
    cuts_record = exports.cuts_record(segmentation.cuts)
    with watch.stage("earlier dates"):
        return look_back.look_back(engine, today, settings, given, cuts_record)


def ask_what_sells(
    engine: Backend,
    clean: CleanOrders,
    segmentation: Segmentation,
    settings: Settings,
    watch: Stopwatch,
) -> sells.Sold:
    """Tell what is bought: products, countries, tastes of segments, launches."""
    coverage = clean.coverage
    assert coverage.first_day and coverage.first_known_day  # noqa: PT018, S101  checked before
    assert clean.as_of  # noqa: S101  checked before
    known = sells.Known(
        lines=clean.lines,
        orders=clean.orders,
        customers=segmentation.customers,
        segment_names=tuple(segment.name for segment in segmentation.scheme.segments),
        first_known_day=coverage.first_known_day,
        first_day=coverage.first_day,
        covered_until=clean.covered[1],
        as_of=clean.as_of,
    )
    with watch.stage("what they buy"):
        return sells.tell_what_sells(engine, known, settings)


def assemble_report(  # noqa: PLR0913, PLR0917  every stage before adds its figures
    clean: CleanOrders,
    segmentation: Segmentation,
    looked_back: look_back.LookBack,
    sold: sells.Sold,
    settings: Settings,
    watch: Stopwatch,
) -> Report:
    """Run the analyses and put the report together; nothing is computed after this."""
    coverage, as_of = clean.coverage, clean.as_of
    assert coverage.first_day and coverage.last_day and as_of  # noqa: PT018, S101  checked before
    formats = Formats(settings.report.locale, settings.report.currency)
    people, scheme, cuts = segmentation.customers, segmentation.scheme, segmentation.cuts
    past = looked_back.past
    with watch.stage("analyses"):
        figures, total = segment_figures.summarise_segments(
            people, [segment.name for segment in scheme.segments]
        )
        by_month, known_months = _months(clean, people)
        cells = rfm_map.count_cells(people)
        cuts_rows = rfm_map.describe_cuts(cells, cuts, formats)
        sources = reading.fingerprint_files(clean.source)
        measured_by = ruler.describe_ruler(segmentation.ruling, people, scheme, cuts_rows, sources)
        first_day = coverage.first_known_day or coverage.first_day
        watched = second_order.Period(first_day, as_of, clean.covered[1])
        loyal = loyalty.measure_loyalty(clean.orders, watched, settings)
        when = trends.summarise_trends(clean.orders, coverage.first_day, coverage.last_day)
        spreads = distributions.summarise_distributions(people, cuts)
        concentrated = concentration.measure_concentration(people)
        plays = playbook.load_playbook(settings.report.playbook or scheme.name, scheme)
        table = summary.segment_table(figures, total, scheme, plays, past)
        findings = (
            *clean.findings,
            *ruler.ruler_findings(measured_by, formats),
            *looked_back.findings,
        )
        evidence = insights.Evidence(
            table=table,
            months=by_month,
            concentration=concentrated,
            audit=clean.audit,
            findings=findings,
            formats=formats,
            movement=looked_back.movement,
            sensitivity=looked_back.sensitivity,
            second_orders=loyal.second_orders,
            sells=sold.sells,
            worth=looked_back.ahead.worth if looked_back.ahead else None,
        )
        chances = opportunity.measure_opportunities(
            table,
            settings.report.extra_return_points,
            settings.report.cost_per_contact,
            settings.report.margin,
        )
        period = f"from {formats.day(coverage.first_day)} to {formats.day(coverage.last_day)}"
        return Report(
            shop=settings.report.shop or clean.source.files[0].name.split(".")[0],
            currency=settings.report.currency,
            locale=settings.report.locale,
            first_day=coverage.first_day,
            last_day=coverage.last_day,
            as_of=as_of,
            month=clean.month,
            headline=summary.headline(by_month, table, formats),
            standfirst=summary.standfirst(table, findings, period, formats),
            kpis=summary.strip_of_figures(by_month, known_months, table, past, period, formats),
            months=by_month,
            segments=table,
            rfm_map=rfm_map.map_of(cells, cuts_rows, cuts.bins),
            distributions=spreads,
            insights=insights.find_insights(evidence),
            recommendations=insights.recommend(
                table, plays, settings.report.extra_return_points, formats, chances
            ),
            playbook=insights.fill_playbook(table, plays, formats),
            audit=clean.audit,
            findings=findings,
            ruler=measured_by,
            movement=looked_back.movement,
            holding=looked_back.holding,
            sensitivity=looked_back.sensitivity,
            decisions=looked_back.decisions,
            untold=(
                *looked_back.untold,
                *sold.untold,
                *loyalty.untold_loyalty(loyal),
                *trends.untold_trends(when),
                *concentration.untold_concentration(concentrated.pareto),
            ),
            loyalty=loyal,
            trends=when,
            seasons=seasons.compare_seasons(by_month, seasons.chosen_seasons(settings.report)),
            pareto=concentrated.pareto,
            tail=distributions.measure_tail(people, spreads),
            sells=sold.sells,
            worth=replace(looked_back.ahead.worth, opportunities=chances)
            if looked_back.ahead
            else None,
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


def render(  # noqa: PLR0913, PLR0917  the last stage needs what all before it made
    report: Report,
    wait_for_charts: Callable[[], tuple[Chart, ...]],
    data_files: tuple[str, ...],
    settings: Settings,
    outputs: Outputs,
    workers: RenderWorkers,
    folder: Path,
    watch: Stopwatch,
) -> str | None:
    """Write report.html and, if wanted, report.pdf; return why there is no PDF, or None."""
    from rfmreport.render.html import render_html, render_print_html  # noqa: PLC0415  start-up

    template_dir = Path(settings.report.templates) if settings.report.templates else None
    with watch.stage("charts"):
        charts = wait_for_charts()
    if outputs.pdf:
        page_size = settings.report.page_size
        page = render_print_html(report, charts, page_size=page_size, template_dir=template_dir)
        wait_for_pdf = workers.start_pdf(page)
    with watch.stage("html"):
        page = render_html(report, charts, data_files=data_files, template_dir=template_dir)
        (folder / "report.html").write_text(page, encoding="utf-8")
    if outputs.pdf:
        with watch.stage("pdf"):
            try:
                (folder / "report.pdf").write_bytes(wait_for_pdf())
            except MissingComponentError as error:
                return str(error)
    return None


def write_data(  # noqa: PLR0913, PLR0917  every stage before leaves data behind its figures
    engine: Backend,
    report: Report,
    segmentation: Segmentation,
    looked_back: look_back.LookBack,
    sold: sells.Sold,
    folder: Path,
    outputs: Outputs,
) -> tuple[str, ...]:
    """Write the data behind every figure below `folder`/data and return the relative paths."""
    data = folder / "data"
    data.mkdir()
    ahead = looked_back.ahead
    exports.write_customers(
        engine,
        ahead.customers if ahead else segmentation.customers,
        data,
        parquet=outputs.parquet,
        more_columns=ahead.columns if ahead else (),
    )
    exports.write_segments(report, data / "segments.csv")
    exports.write_months(report, data / "months.csv")
    exports.write_audit(report.audit, data / "audit.csv")
    exports.write_insights(report, data / "insights.json")
    if looked_back.movement and looked_back.moves is not None:
        exports.write_moved(engine, looked_back.moves, data)
        exports.write_movement(looked_back.movement, data / "movement.csv")
        exports.write_bridges(looked_back.movement, data / "bridges.csv")
    exports.write_what_sells(engine, sold, data)
    _write_times(report, data)
    _write_judgements(report, data)
    return tuple(sorted(f"data/{path.name}" for path in data.iterdir()))


def _write_times(report: Report, data: Path) -> None:
    """Write when customers buy and come back, how much hangs on few, and what is to come."""
    if report.trends:
        exports.write_days(report.trends, data / "days.csv")
        if report.trends.hours:
            exports.write_hours(report.trends, data / "hours.csv")
    if report.pareto:
        exports.write_concentration(report.pareto, data / "concentration.csv")
    if report.loyalty:
        exports.write_cohorts(report.loyalty.cohorts, data / "cohorts.csv")
        if report.loyalty.second_orders:
            exports.write_second_orders(report.loyalty.second_orders, data / "second_order.csv")
    if report.worth:
        if report.worth.outlooks:
            exports.write_worth(report.worth, data / "worth.csv")
        exports.write_response(report.worth.response, data)
        if report.worth.opportunities:
            exports.write_opportunities(report.worth.opportunities, data / "opportunities.csv")


def _write_judgements(report: Report, data: Path) -> None:
    """Write how far the report can be trusted, and what became of decisions."""
    if report.holding:
        exports.write_hold_outs(report.holding, data / "hold_outs.csv")
    if report.sensitivity:
        exports.write_sensitivity(report.sensitivity, data / "sensitivity.csv")
    if report.clusters:
        exports.write_clusters(report, data)
    if report.decisions:
        exports.write_decisions(report.decisions, data / "decisions.csv")


def _window(
    rules: CleaningSettings, lines: Table, found: columns.ColumnMap
) -> tuple[cleaning.Window, date | None]:
    """Return the days that count, and the month that was asked for.

    A window without `as_of` ends with the last kept line.
    """
    month = cleaning.find_month(rules.month, lines) if rules.month else None
    as_of = next_month(month) if month else rules.as_of
    if rules.window_months is None:
        return cleaning.Window(None, as_of), month
    if as_of is None:
        judged = cleaning.judge_lines(lines, found, rules, cleaning.Window())
        last_day = cleaning.last_kept_day(judged)
        as_of = last_day + timedelta(days=1) if last_day else None
    first_day = months_before(as_of, rules.window_months) if as_of else None
    return cleaning.Window(first_day, as_of), month


def _check_enough(measured: Table, clean: CleanOrders) -> None:
    row = measured.agg(n=measured.count(), most=measured[columns.ORDER_COUNT].max())
    values = row.to_pyarrow().to_pylist()[0]
    if values["n"] < _FEWEST_CUSTOMERS:
        message = (
            f"only {values['n']} customer(s) left after cleaning, at least {_FEWEST_CUSTOMERS} are "
            f"needed for scores; read {clean.audit.read.line_count} lines, kept "
            f"{clean.audit.kept.line_count}; `rfmreport check` shows why the others were left out"
        )
        raise NothingToReportError(message)
    if values["most"] <= 1:
        message = (
            f"each of the {values['n']} customers has exactly one order, so there is no frequency "
            f"to score; if {clean.column_map.customer!r} is new with every order, name the column "
            "that stays the same with --map customer=HEADING"
        )
        raise NothingToReportError(message)


def all_excluded(audit: Audit) -> str:
    """Say that nothing is left to report on, and what took most of it."""
    reasons = ", ".join(
        f"{row.label.lower()} {row.line_count}"
        for row in sorted(audit.excluded, key=lambda row: -row.line_count)[:3]
    )
    return (
        f"all {audit.read.line_count} lines were left out ({reasons}); look at the mapping and the "
        "rules with `rfmreport check`, change them with --map or in the [cleaning] settings"
    )
