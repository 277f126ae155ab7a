"""The order of the stages: from source to report, from report to files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.assembly import draft_report, finish_report
from rfmreport.customers import clusters, ruler, saved_cuts, segments
from rfmreport.departments import figures as department_figures
from rfmreport.departments import summaries
from rfmreport.engine.ask import Engine
from rfmreport.errors import SettingsError
from rfmreport.folder import audiences, commit, data_files, manifest, report_folder, workbook
from rfmreport.look_back import Given, look_back
from rfmreport.mail import recipients
from rfmreport.pages.order import Pages
from rfmreport.sections.decided import decisions
from rfmreport.sections.products.measure import Sold, tell_what_sells
from rfmreport.shop import open_shop
from rfmreport.source import coverage, orders, reading
from rfmreport.source.sold import let_go_of_lines
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rfmreport.customers.segments import Scheme
    from rfmreport.mail.message import Pictures
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import Settings
    from rfmreport.shop import Shop

_MOMENT_SECONDS = 0.05


@dataclass(frozen=True)
class Outputs:
    """What to write, and where."""

    folder: Path
    pdf: bool = False
    parquet: bool = False
    xlsx: bool = False
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


@dataclass(frozen=True)
class Told:
    """The report, and what the engine holds for its files besides."""

    shop: Shop
    report: Report

    @property
    def people(self) -> str:
        """Return the table of today's customers, with what is foretold of them."""
        return "foretold_customers" if self.report.worth else "customers"


def build_report(settings: Settings) -> Report:
    """Return the finished report without writing anything.

    Raises:
        RfmReportError: the source, the settings or the data cannot carry a report.
    """
    cuts = settings.scoring.cuts_file
    with told_shop(settings, Path(cuts) if cuts else None, Stopwatch()) as told:
        return told.report


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
    cuts_path = Path(settings.scoring.cuts_file or outputs.folder / saved_cuts.NAME)
    with commit.whole_or_nothing(outputs.folder, private=settings.report.private) as folder:
        if outputs.email:
            departments = summaries.load_departments(settings)
            recipients.check_email_settings(settings.email, departments)
        with told_shop(
            settings, cuts_path, watch, workers.start_charts, whole_month=outputs.whole_month
        ) as told:
            result = write_report(told, outputs, folder, workers, watch)
    saved = _cuts_to_save(told)
    if saved and _is_to_be_kept(cuts_path, told.shop.ruling):
        saved_cuts.write_cuts(saved, cuts_path)
    return result


@contextmanager
def told_shop(
    settings: Settings,
    cuts_path: Path | None,
    watch: Stopwatch,
    show: Callable[[Report], object] = lambda _: None,
    *,
    whole_month: bool = False,
) -> Iterator[Told]:
    """Read the source, measure its customers, tell the report; the engine stays open for its data.

    Cuts are taken from `cuts_path` where it is there and fits. What can be drawn already is shown
    meanwhile.

    Raises:
        RfmReportError: the source, the settings or the data cannot carry a report.
    """
    given = read_given(settings, cuts_path)
    departments = summaries.load_departments(settings)
    with reading.open_engine(settings.engine) as backend:
        read = orders.read_orders(backend, settings, watch)
        settings = _with_currency(settings.without_orders(), read)
        if whole_month:
            coverage.refuse_part_of_a_month(read.findings)
        shop = open_shop(Engine(backend.con), read, settings, cuts_path, watch)
        told = tell_report(shop, given, departments, watch, show)
        let_go_of_lines(shop.engine)
        yield told


def _with_currency(settings: Settings, read: orders.CleanOrders) -> Settings:
    """Return the settings with the currency that the data name, where the user named none."""
    code = settings.report.currency or read.value_formats.currency.iso_code
    return replace(settings, report=replace(settings.report, currency=code))


def write_report(
    told: Told, outputs: Outputs, folder: Path, workers: RenderWorkers, watch: Stopwatch
) -> BuildResult:
    """Write everything into a folder that will take the place of `outputs.folder`."""
    report, shop = told.report, told.shop
    settings = shop.settings
    printed = Pages(
        report,
        settings,
        workers,
        pdf=outputs.pdf,
        names_customers=settings.email.customer_lists or not outputs.email,
    )
    pictures: Pictures = {}
    if outputs.email:
        from rfmreport.mail.message import start_pictures, write_messages  # noqa: PLC0415  start-up

        pictures = start_pictures(report, settings.email, workers)
    saved = _cuts_to_save(told)
    if saved:
        saved_cuts.write_cuts(saved, folder / saved_cuts.NAME)
    written = write_data(told, folder, watch, parquet=outputs.parquet)
    if outputs.xlsx:
        with watch.stage("workbook"):
            customers = data_files.customer_sheet(shop.engine, told.people)
            workbook.write_workbook(report, shop.engine, folder / workbook.NAME, customers)
        written += (workbook.NAME,)
    pdf_problem = printed.write(folder, written, watch)
    if outputs.email and not pdf_problem:
        with watch.stage("e-mails"):
            write_messages(report, settings.email, pictures, folder, printed.template_dir)
    manifest.write_manifest(report, shop.cuts, settings.order_fingerprint(), folder)
    kept = decisions.control_group_files(settings.report.decisions)
    commit.protect_sources(outputs.folder, folder, (*shop.read.source.files, *kept))
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = tuple(path.relative_to(folder).as_posix() for path in paths)
    return BuildResult(report, files, watch.seconds, pdf_problem)


def tell_report(
    shop: Shop,
    given: Given,
    departments: tuple[summaries.Department, ...],
    watch: Stopwatch,
    show: Callable[[Report], object] = lambda _: None,
) -> Told:
    """Ask every topic of the shop, and say it all; what can be drawn already is shown meanwhile."""
    with watch.stage("analyses"):
        report = draft_report(shop)
    show(report)
    with asked_beside(shop, watch, has_departments=bool(departments)) as wait_for_sold:
        given = _with_names(given, shop)
        with watch.stage("earlier dates"):
            report, past = look_back(shop, given, report)
        with watch.stage("what they buy"):
            sold = wait_for_sold()
    with watch.stage("insights"):
        report = finish_report(shop, report, past, sold)
    show(report)
    if not departments:
        return Told(shop, report)
    with watch.stage("departments"):
        known = department_figures.Known(report, shop)
        figures = department_figures.measure_department_figures(known)
        report = replace(report, department_figures=figures)
        report = summaries.with_departments(report, departments)
    return Told(shop, report)


@contextmanager
def asked_beside(
    shop: Shop, watch: Stopwatch, *, has_departments: bool
) -> Iterator[Callable[[], Sold]]:
    """Ask for products by a connection of its own; what is given waits for the answer.

    While the one waits for the engine, the other says what it wants to know next.
    """
    if not shop.settings.tells("sells"):
        yield Sold
        return
    with shop.engine.beside() as beside, ThreadPoolExecutor(1) as helper:
        own_watch = Stopwatch()

        def ask() -> Sold:
            with own_watch.stage("what they buy"):
                return tell_what_sells(beside, shop, has_departments=has_departments)

        asked = helper.submit(ask)
        try:
            yield asked.result
        except BaseException:
            while not asked.done():  # nobody waits for its answers any more
                beside.interrupt()
                wait([asked], timeout=_MOMENT_SECONDS)
            raise
    watch.seconds |= own_watch.seconds


def write_data(told: Told, folder: Path, watch: Stopwatch, *, parquet: bool) -> tuple[str, ...]:
    """Write the data behind every figure, and the lists of customers; return their paths."""
    shop, report = told.shop, told.report
    people = told.people
    with watch.stage("data files"):
        written = data_files.write_data(shop.engine, report, people, folder, parquet=parquet)
    with watch.stage("audiences"):
        lists = audiences.draw_up_audiences(shop.engine, report, people, shop.settings)
        return written + data_files.write_sheets(shop.engine, report, folder, lists)


def read_given(settings: Settings, cuts_path: Path | None) -> Given:
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
    return Given(
        decisions=_load_decisions(settings, segments.load_scheme(settings.scoring.scheme))
        if is_known
        else (),
        earlier_report=report_folder.read_report_folder(Path(earlier)) if earlier else None,
    )


def _with_names(given: Given, shop: Shop) -> Given:
    """Read the decisions about clusters, now that these have their names."""
    if not isinstance(shop.scheme, clusters.ClusterScheme):
        return given
    return replace(given, decisions=_load_decisions(shop.settings, shop.scheme))


def _load_decisions(
    settings: Settings, scheme: Scheme
) -> tuple[tuple[decisions.Decision, decisions.ControlGroup | None], ...]:
    path = settings.report.decisions
    return decisions.with_control_groups(
        decisions.load_decisions(Path(path), scheme) if path else ()
    )


def _cuts_to_save(told: Told) -> saved_cuts.SavedCuts | None:
    """Return what the next report should be measured with; None where cuts are not of the data."""
    ruling, report = told.shop.ruling, told.report
    if ruling.origin in {"fixed", "ranked"}:
        return None
    if ruling.origin == "saved":
        return ruling.saved
    return saved_cuts.SavedCuts(
        cuts=ruling.cuts,
        fitted_as_of=report.as_of,
        customer_count=report.segments.total.customer_count,
        score_counts=ruler.score_counts(report.method.cuts),
        scheme=report.method.scheme_name,
        basis_words=ruling.basis,
        sources=ruler.cuts_sources(report.method.sources),
    )


def _is_to_be_kept(cuts_path: Path, ruling: ruler.Ruling) -> bool:
    """Say whether the named file takes this report's cuts.

    Not one that lies in another report's folder, for it belongs to that report; nor one that other
    settings made, for a trial must not cost the ruler of all other months.
    """
    in_a_report = (
        cuts_path.name == saved_cuts.NAME and (cuts_path.parent / manifest.MANIFEST).exists()
    )
    is_foreign = ruling.origin == "refitted" and ruling.reason != ruler.ON_REQUEST
    return not in_a_report and not is_foreign
