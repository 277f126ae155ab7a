"""The pages of a report: which are made, and in what order, so that nobody waits for another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import MissingComponentError
from rfmreport.formats import Formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.kit.charted import Chart
    from rfmreport.pages.departments import DepartmentPrinter
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import Settings

FOLDER = "departments"


@dataclass(frozen=True)
class Pages:
    """The pages of one report; `names_customers` says whether its PDFs may.

    Those that travel by e-mail do not, unless the settings allow it.
    """

    report: Report
    settings: Settings
    names_customers: bool

    def start_pdfs(self, workers: RenderWorkers) -> dict[str, Callable[[], bytes]]:
        """Begin every PDF; what is returned leads from its path to what waits for it."""
        from rfmreport.pages.html import render_print_html  # noqa: PLC0415  start-up

        printed = self.report if self.names_customers else self.report.without_customers()
        size, own = self.settings.report.page_size, self.template_dir
        page = render_print_html(printed, self.charts, page_size=size, template_dir=own)
        whole = {"report.pdf": workers.start_pdf(page)}
        return whole | {
            f"{FOLDER}/{summary.key}.pdf": self._printer.start_pdf(summary, workers)
            for summary in self.report.departments
        }

    def write(self, folder: Path, data_files: tuple[str, ...]) -> None:
        """Write the pages for the screen into a folder where their data files lie already."""
        from rfmreport.pages.html import render_html  # noqa: PLC0415  start-up

        page = render_html(
            self.report, self.charts, data_files=data_files, template_dir=self.template_dir
        )
        (folder / "report.html").write_text(page, encoding="utf-8")
        if self.report.departments:
            (folder / FOLDER).mkdir()
        for summary in self.report.departments:
            page = self._printer.screen_page(summary, data_files)
            (folder / FOLDER / f"{summary.key}.html").write_text(page, encoding="utf-8")

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """Return the charts of the report."""
        from rfmreport.kit.charts import draw_charts  # noqa: PLC0415  start-up
        from rfmreport.sections.registry import report_drawings  # noqa: PLC0415  as above

        return draw_charts(report_drawings(self.report, self._formats))

    @cached_property
    def _printer(self) -> DepartmentPrinter:
        """Return the printer of the departments, with the charts that they need besides."""
        from rfmreport.kit.charts import draw_charts  # noqa: PLC0415  start-up
        from rfmreport.pages.departments import DepartmentPrinter  # noqa: PLC0415  as above
        from rfmreport.sections.registry import department_drawings  # noqa: PLC0415  as above

        return DepartmentPrinter(
            self.report,
            (*self.charts, *draw_charts(department_drawings(self.report, self._formats))),
            template_dir=self.template_dir,
            page_size=self.settings.report.page_size,
            names_customers=self.names_customers,
        )

    @property
    def template_dir(self) -> Path | None:
        """Return the folder of the user's own templates."""
        folder = self.settings.report.templates
        return Path(folder) if folder else None

    @property
    def _formats(self) -> Formats:
        return Formats(self.report.locale, self.report.currency)


def write_pdfs(printing: dict[str, Callable[[], bytes]], folder: Path) -> str | None:
    """Write the PDFs when they are ready; return why there is none, or None."""
    try:
        for path, wait in printing.items():
            (folder / path).write_bytes(wait())
    except MissingComponentError as error:
        return str(error)
    return None
