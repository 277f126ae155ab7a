"""The order of the stages: from source to report, from report to files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport import assembly, look_back
from rfmreport.assembly import Segmentation
from rfmreport.customers import (
    clusters,
    cuts_file,
    ruler,
    scoring,
    segments,
)
from rfmreport.customers import (
    measure as customers,
)
from rfmreport.departments import figures as department_figures
from rfmreport.departments import summaries as department_summaries
from rfmreport.engine.results import fetch_row, held_by, hold_table
from rfmreport.errors import NothingToReportError, SettingsError
from rfmreport.folder import (
    audiences,
    commit,
    data_files,
    exports,
    manifest,
    report_folder,
)
from rfmreport.mail import recipients
from rfmreport.pages import order as pages
from rfmreport.sections.decided import decisions
from rfmreport.sections.products import measure as sells
from rfmreport.source import coverage, orders, reading
from rfmreport.stopwatch import Stopwatch
from rfmreport.vocabulary import ORDER_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.customers.segments import Scheme
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import Settings
    from rfmreport.source.orders import CleanOrders

_FEWEST_CUSTOMERS = 5
_MOMENT_SECONDS = 0.05


@dataclass(frozen=True)
class Outputs:
    """What to write, and where."""

    folder: Path
    pdf: bool = False
    parquet: bool = False
    email: bool = False
    """Write the e-mails too, with the PDF that they carry."""
    whole_month: bool = False
    """Refuse a month that the data do not cover to its end."""


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
    departments = department_summaries.load_departments(settings)
    with reading.open_engine(settings.engine) as engine:
        clean = orders.read_orders(engine, settings, watch)
        segmentation = segment_customers(engine, clean, settings, watch, cuts_path)
        draft = draft_report(clean, segmentation, settings, watch)
        looked_back, sold = look_around(engine, clean, segmentation, settings, given, watch)
        report = finish_report(draft, looked_back, sold, settings, watch)
        if not departments:
            return report
        measured = measure_departments(engine, report, clean, segmentation, sold, settings)
        return tell_departments(report, measured, departments)


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
    cuts_path = Path(settings.scoring.cuts_file or outputs.folder / cuts_file.NAME)
    given = read_given(settings, cuts_path)
    departments = department_summaries.load_departments(settings)
    if outputs.email:
        recipients.check_email_settings(settings.email, departments)
    with (
        commit.whole_or_nothing(outputs.folder) as folder,
        reading.open_engine(settings.engine) as engine,
    ):
        clean = orders.read_orders(engine, settings, watch)
        if outputs.whole_month:
            coverage.refuse_part_of_a_month(clean.findings)
        segmentation = segment_customers(engine, clean, settings, watch, cuts_path)
        draft = draft_report(clean, segmentation, settings, watch)
        workers.start_charts(draft.report)  # most of them are as they will be
        looked_back, sold = look_around(engine, clean, segmentation, settings, given, watch)
        report = finish_report(draft, looked_back, sold, settings, watch)
        workers.start_charts(report)  # the departments' figures change none of them
        measured = None
        if departments:
            with watch.stage("departments"):
                measured = measure_departments(engine, report, clean, segmentation, sold, settings)
                report = tell_departments(report, measured, departments)
        drawings = pages.start_drawings(report, settings, workers, email=outputs.email)
        with watch.stage("data files"):
            written = data_files.write_data(
                engine,
                report,
                segmentation.customers,
                looked_back,
                sold,
                measured,
                folder,
                parquet=outputs.parquet,
            )
            saved = ruler.cuts_to_save(segmentation.ruling, report)
            if saved:
                cuts_file.write_cuts(saved, folder / cuts_file.NAME)
        with watch.stage("audiences"):
            people = looked_back.ahead.customers if looked_back.ahead else segmentation.customers
            known = audiences.Known(people, clean.orders, looked_back.moves)
            lists = audiences.draw_up_audiences(engine, report, known, settings)
            written += exports.write_audiences(engine, lists, folder)
        order = pages.Order(folder, written, pdf=outputs.pdf, email=outputs.email)
        pdf_problem = pages.write_pages(report, settings, drawings, order, workers, watch)
        manifest.write_manifest(report, segmentation.cuts, settings.order_fingerprint(), folder)
        kept = decisions.control_group_files(settings.report.decisions)
        commit.protect_sources(outputs.folder, folder, (*clean.source.files, *kept))
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = tuple(path.relative_to(folder).as_posix() for path in paths)
    if saved and _is_to_be_kept(cuts_path, segmentation.ruling):
        cuts_file.write_cuts(saved, cuts_path)
    return BuildResult(report, files, watch.seconds, pdf_problem)


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
        raise NothingToReportError(orders.all_excluded(clean.audit))
    with watch.stage("customers"):
        measured = customers.measure_customers(clean.orders, clean.as_of)
        measured = hold_table(engine, "measured_customers", measured)
        _check_enough(measured, clean)
    with watch.stage("scheme"):
        scheme = choose_scheme(measured)
    with watch.stage("scoring"):
        ruling = ruler.choose_cuts(measured, scheme, settings, clean.column_map, cuts_path)
        scored = scoring.score_customers(measured, ruling.cuts)
    with watch.stage("segments"):
        named = segments.assign_segments(scored, scheme)
        named = hold_table(engine, "customers", named)
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
    in_a_report = (
        cuts_path.name == cuts_file.NAME and (cuts_path.parent / manifest.MANIFEST).exists()
    )
    is_foreign = ruling.origin == "refitted" and ruling.reason != ruler.ON_REQUEST
    return not in_a_report and not is_foreign


def draft_report(
    clean: CleanOrders, segmentation: Segmentation, settings: Settings, watch: Stopwatch
) -> assembly.Draft:
    """Say what today's figures tell."""
    with watch.stage("analyses"):
        return assembly.draft_report(clean, segmentation, settings)


def look_around(  # noqa: PLR0913, PLR0917  two questions, and what each needs
    engine: Backend,
    clean: CleanOrders,
    segmentation: Segmentation,
    settings: Settings,
    given: look_back.Given,
    watch: Stopwatch,
) -> tuple[look_back.LookBack, sells.Sold]:
    """Ask earlier dates and products side by side, each by a connection of its own.

    While the one waits for the engine, the other says what it wants to know next.
    """
    with reading.connect_beside(engine) as beside, ThreadPoolExecutor(1) as helper:
        own_watch = Stopwatch()
        asked = helper.submit(ask_what_sells, beside, clean, segmentation, settings, own_watch)
        try:
            looked_back = compare(engine, clean, segmentation, settings, given, watch)
            with watch.stage("what they buy"):
                sold = asked.result()
        except BaseException:
            while not asked.done():  # nobody waits for its answers any more
                beside.con.interrupt()
                wait([asked], timeout=_MOMENT_SECONDS)
            raise
    watch.seconds |= own_watch.seconds
    return looked_back, sells.seen_by(engine, sold)


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
    cuts_record = manifest.cuts_record(segmentation.cuts)
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
    if not settings.tells("sells"):
        return sells.Sold()
    coverage = clean.coverage
    assert coverage.first_day and coverage.first_known_day  # noqa: PT018, S101  checked before
    assert clean.as_of  # noqa: S101  checked before
    known = sells.Known(
        lines=held_by(engine, clean.lines),
        orders=held_by(engine, clean.orders),
        customers=held_by(engine, segmentation.customers),
        segment_names=tuple(segment.name for segment in segmentation.scheme.segments),
        first_known_day=coverage.first_known_day,
        first_day=coverage.first_day,
        covered_until=clean.covered[1],
        as_of=clean.as_of,
    )
    with watch.stage("what they buy"):
        return sells.tell_what_sells(engine, known, settings)


def finish_report(
    draft: assembly.Draft,
    looked_back: look_back.LookBack,
    sold: sells.Sold,
    settings: Settings,
    watch: Stopwatch,
) -> Report:
    """Put everything together and into words."""
    with watch.stage("insights"):
        return assembly.finish_report(draft, looked_back, sold, settings)


def measure_departments(  # noqa: PLR0913, PLR0917  all that was found before
    engine: Backend,
    report: Report,
    clean: CleanOrders,
    segmentation: Segmentation,
    sold: sells.Sold,
    settings: Settings,
) -> department_figures.Measured:
    """Work out what departments need beyond the report."""
    coverage = clean.coverage
    first_known_day = coverage.first_known_day
    assert first_known_day  # noqa: S101  checked before
    known = department_figures.Known(
        report=report,
        orders=clean.orders,
        lines=clean.lines,
        products=sold.products,
        namesakes=sold.namesakes,
        customers=segmentation.customers,
        cuts=segmentation.cuts,
        scheme=segmentation.scheme,
        first_known_day=first_known_day,
        covered=(coverage.covered_from or first_known_day, clean.covered[1]),
    )
    return department_figures.measure_department_figures(engine, known, settings)


def tell_departments(
    report: Report,
    measured: department_figures.Measured,
    departments: tuple[department_summaries.Department, ...],
) -> Report:
    """Give the report its departments' figures, and each department what it is told."""
    with_figures = replace(report, department_figures=measured.figures)
    return department_summaries.with_departments(with_figures, departments)


def _check_enough(measured: Table, clean: CleanOrders) -> None:
    row = measured.agg(n=measured.count(), most=measured[ORDER_COUNT].max())
    values = fetch_row(row)
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
