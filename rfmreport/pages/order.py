"""The pages of a report: which are made, and in what order, so that nobody waits for another."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import MissingComponentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rfmreport.kit.charted import Chart
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import Settings
    from rfmreport.stopwatch import Stopwatch

FOLDER = "departments"


@dataclass(frozen=True)
class _Awaited:
    """Charts that are waited for when they are looked at."""

    wait: Callable[[], tuple[Chart, ...]]

    def __iter__(self) -> Iterator[Chart]:
        return iter(self.wait())


@dataclass(frozen=True)
class Pages:
    """The pages of one report, written into a folder where its data files lie already.

    The charts are being drawn from the moment that this exists. `names_customers` says whether the
    PDFs may: those that travel by e-mail do not, unless the settings allow it.
    """

    report: Report
    settings: Settings
    workers: RenderWorkers
    pdf: bool
    names_customers: bool
    _charts: list[Callable[[], tuple[Chart, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin to draw, in the order in which the drawings are needed."""
        of_departments = self.workers.start_department_charts if self.report.departments else None
        charts = [self.workers.start_charts(self.report)]
        charts += [of_departments(self.report)] if of_departments else []
        object.__setattr__(self, "_charts", charts)

    def write(self, folder: Path, data_files: tuple[str, ...], watch: Stopwatch) -> str | None:
        """Write the pages; return why there is no PDF, or None.

        While the worker prints, this process writes the pages for the screen.
        """
        from rfmreport.pages.html import render_html, render_print_html  # noqa: PLC0415  start-up

        self.workers.end_charts()
        charts = _Awaited(self._charts[0])
        printing: dict[str, Callable[[], bytes]] = {}
        with watch.stage("html"):
            if self.pdf:
                printed = self.report if self.names_customers else self.report.without_customers()
                size, own = self.settings.report.page_size, self.template_dir
                page = render_print_html(printed, charts, page_size=size, template_dir=own)
                printing["report.pdf"] = self.workers.start_pdf(page)
            page = render_html(
                self.report, charts, data_files=data_files, template_dir=self.template_dir
            )
            (folder / "report.html").write_text(page, encoding="utf-8")
            if self.report.departments:
                printing |= self._write_departments(folder, data_files, charts)
        with watch.stage("pdf"):
            try:
                for name, wait in printing.items():
                    (folder / name).write_bytes(wait())
            except MissingComponentError as error:
                return str(error)
        return None

    def _write_departments(
        self, folder: Path, data_files: tuple[str, ...], charts: Iterable[Chart]
    ) -> dict[str, Callable[[], bytes]]:
        """Write the departments' pages for the screen, and begin those for paper."""
        from rfmreport.pages.departments import DepartmentPrinter  # noqa: PLC0415  start-up

        printer = DepartmentPrinter(
            self.report,
            (*charts, *self._charts[1]()),
            template_dir=self.template_dir,
            page_size=self.settings.report.page_size,
            names_customers=self.names_customers,
        )
        (folder / FOLDER).mkdir()
        printing = {}
        for summary in self.report.departments:
            if self.pdf:
                name = f"{FOLDER}/{summary.key}.pdf"
                printing[name] = printer.start_pdf(summary, self.workers)
            page = printer.screen_page(summary, data_files)
            (folder / FOLDER / f"{summary.key}.html").write_text(page, encoding="utf-8")
        return printing

    @property
    def template_dir(self) -> Path | None:
        """Return the folder of the user's own templates."""
        folder = self.settings.report.templates
        return Path(folder) if folder else None
