"""The pages of a report and the e-mails that carry them: which are made, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import MissingComponentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.kit.charted import Chart
    from rfmreport.mail.message import Pictures
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import Settings
    from rfmreport.stopwatch import Stopwatch

    WaitForCharts = Callable[[], tuple[Chart, ...]]

DEPARTMENTS = "departments"


@dataclass(frozen=True, slots=True)
class Order:
    """What to write, and where: `data_files` lie in the folder already."""

    folder: Path
    data_files: tuple[str, ...]
    pdf: bool
    email: bool


@dataclass(frozen=True, slots=True)
class Drawings:
    """What the worker is drawing: charts of the report, of its departments, and of the e-mails."""

    charts: WaitForCharts
    department_charts: WaitForCharts
    pictures: Pictures


def start_drawings(
    report: Report, settings: Settings, workers: RenderWorkers, *, email: bool
) -> Drawings:
    """Begin to draw, in the order in which the drawings are needed."""
    charts = workers.start_charts(report)
    department_charts = workers.start_department_charts(report) if report.departments else tuple
    pictures: Pictures = {}
    if email:
        from rfmreport.mail import message as mail  # noqa: PLC0415  start-up

        pictures = mail.start_pictures(report, settings.email, workers)
    return Drawings(charts, department_charts, pictures)


def write_pages(  # noqa: PLR0913, PLR0917  the last stage needs what all before it made
    report: Report,
    settings: Settings,
    drawings: Drawings,
    order: Order,
    workers: RenderWorkers,
    watch: Stopwatch,
) -> str | None:
    """Write the pages, and the e-mails where wanted; return why there is no PDF, or None.

    A PDF that travels by e-mail names no customer unless the settings allow it. While the worker
    prints, this process writes the pages for the screen.
    """
    from rfmreport.mail.message import without_customers  # noqa: PLC0415  as above
    from rfmreport.pages.html import render_html, render_print_html  # noqa: PLC0415  start-up

    template_dir = _template_dir(settings)
    names_customers = settings.email.customer_lists or not order.email
    with watch.stage("charts"):
        charts = drawings.charts()
    printing: dict[str, Callable[[], bytes]] = {}
    if order.pdf:
        printed = report if names_customers else without_customers(report)
        page_size = settings.report.page_size
        page = render_print_html(printed, charts, page_size=page_size, template_dir=template_dir)
        printing["report.pdf"] = workers.start_pdf(page)
    with watch.stage("html"):
        page = render_html(report, charts, data_files=order.data_files, template_dir=template_dir)
        (order.folder / "report.html").write_text(page, encoding="utf-8")
        charts = (*charts, *drawings.department_charts())
        printing |= _departments(
            report, settings, charts, order, workers, names_customers=names_customers
        )
    with watch.stage("pdf"):
        try:
            for name, wait in printing.items():
                (order.folder / name).write_bytes(wait())
        except MissingComponentError as error:
            return str(error)
    if order.email:
        with watch.stage("e-mails"):
            from rfmreport.mail import message as mail  # noqa: PLC0415  start-up

            mail.write_messages(
                report, settings.email, drawings.pictures, order.folder, template_dir=template_dir
            )
    return None


def _departments(  # noqa: PLR0913  what is printed, how, and by whom
    report: Report,
    settings: Settings,
    charts: tuple[Chart, ...],
    order: Order,
    workers: RenderWorkers,
    *,
    names_customers: bool,
) -> dict[str, Callable[[], bytes]]:
    """Write the departments' pages for the screen, and begin those for paper."""
    if not report.departments:
        return {}
    from rfmreport.departments.pages import render_department_html, start_department_pdf  # noqa: PLC0415

    template_dir = _template_dir(settings)
    (order.folder / DEPARTMENTS).mkdir()
    printing = {}
    for summary in report.departments:
        name = f"{DEPARTMENTS}/{summary.key}"
        if order.pdf:
            printing[f"{name}.pdf"] = start_department_pdf(
                workers,
                report,
                summary,
                charts,
                page_size=settings.report.page_size,
                template_dir=template_dir,
                names_customers=names_customers,
            )
        page = render_department_html(
            report, summary, charts, data_files=order.data_files, template_dir=template_dir
        )
        (order.folder / f"{name}.html").write_text(page, encoding="utf-8")
    return printing


def _template_dir(settings: Settings) -> Path | None:
    return Path(settings.report.templates) if settings.report.templates else None
