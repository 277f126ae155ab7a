"""The departments' pages as HTML, for the screen and for the PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rfmreport.pages.html import Page
from rfmreport.sections.registry import DEPARTMENTS
from rfmreport.sections.summary.page import written_kpi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Chart
    from rfmreport.kit.sections import Medium
    from rfmreport.pages.html import PageSize
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import DepartmentSummary, Report

MOST_PAGES = 2
MOST_BREVITY = 3
# Rows of a table, sentences and sections, from all to what goes onto two pages in any case.
_LIMITS = {
    "screen": ((1_000, 50, 50),),
    "print": ((50, 2, 50), (8, 2, 50), (6, 1, 50), (5, 1, 3)),
}


@dataclass(frozen=True)
class DepartmentPrinter:
    """Prints the departments of one report.

    `charts` are the drawn ones of the report and of its departments; `names_customers` says whether
    the PDFs have tables of single customers.
    """

    report: Report
    charts: tuple[Chart, ...]
    template_dir: Path | None = None
    page_size: PageSize = "A4"
    names_customers: bool = True

    def screen_page(self, summary: DepartmentSummary, data_files: Sequence[str]) -> str:
        """Return one department's page, which opens from disk and asks nobody for anything.

        `data_files` are those that are written, relative to the report's folder; the page lies one
        folder below it and links to those that it needs.
        """
        page = self._page("screen", summary, data_files=tuple(data_files), names_customers=True)
        return page.rendered("departments/screen.html.j2", script=page.source("report.js"))

    def print_page(self, summary: DepartmentSummary, brevity: int = 0) -> str:
        """Return the page that becomes the department's PDF: the same sections, for paper.

        `brevity` says how much is left to the page for the screen, from 0 to `MOST_BREVITY`.
        """
        page = self._page("print", summary, brevity=brevity)
        return page.rendered("departments/print.html.j2", page_size=self.page_size)

    def start_pdf(self, summary: DepartmentSummary, workers: RenderWorkers) -> Callable[[], bytes]:
        """Begin the PDF of one department; what is returned waits for it.

        It keeps to two pages: where all does not go onto them, tables are shortened, and at last
        whole sections are left to the page for the screen, which the PDF names.
        """
        wait_for_whole = workers.start_short_pdf(self.print_page(summary), MOST_PAGES)

        def wait() -> bytes:
            pdf = wait_for_whole()
            for brevity in range(1, MOST_BREVITY):
                if pdf is None:
                    page = self.print_page(summary, brevity)
                    pdf = workers.start_short_pdf(page, MOST_PAGES)()
            return pdf or workers.start_pdf(self.print_page(summary, MOST_BREVITY))()

        return wait

    def _page(self, medium: Medium, summary: DepartmentSummary, **more: Any) -> _DepartmentPage:  # noqa: ANN401
        fields = {"data_files": (), "names_customers": self.names_customers, **more}
        return _DepartmentPage(
            medium, self.report, self.charts, template_dir=self.template_dir, summary=summary,
            **fields,
        )  # fmt: skip


@dataclass(frozen=True)
class _DepartmentPage(Page):
    """One rendering of one department's summary."""

    summary: DepartmentSummary
    names_customers: bool = True
    brevity: int = 0

    def style(self) -> str:
        """Return the report's rules, and those of departments after them."""
        return super().style() + self.source(f"departments/{self.medium}.css")

    def context(self, formats: Formats) -> dict[str, Any]:
        """Return what the department's templates print."""
        summary = self.summary
        most_rows, most_insights, most_sections = _LIMITS[self.medium][self.brevity]
        sections = tuple(self._sections(formats))
        return {
            "summary": summary,
            "most_rows": most_rows,
            "brevity": self.brevity,
            "insights": summary.insights[:most_insights],
            "kpis": [written_kpi(kpi, formats) for kpi in summary.figures],
            "rows": _side_by_side(sections[:most_sections]),
            "unnamed": self._unnamed(formats),
            "left_out": [section["topic"] for section in sections[most_sections:]],
            "files": [
                path for path in summary.files if self.medium == "print" or path in self.data_files
            ],
        }

    def _unnamed(self, formats: Formats) -> list[str]:
        """Return the sections that are nothing without the customers that this copy hides."""
        if self.names_customers:
            return []
        sections = [DEPARTMENTS[name] for name in self.summary.sections]
        blocks = [(one.topic, one.block(self.report, formats, self.medium)) for one in sections]
        return [topic for topic, block in blocks if block and block.people and not block.table]

    def _sections(self, formats: Formats) -> Iterator[dict[str, Any]]:
        """Yield what the templates print of each section, in order."""
        for name in self.summary.sections:
            section = DEPARTMENTS[name]
            block = section.block(self.report, formats, self.medium)
            if block and block.people and not self.names_customers:
                block = replace(block, people=None) if block.table else None
            if block is None:
                continue
            finding = section.finding(self.report, formats)
            # The answer stands above already.
            title = "" if finding == self.summary.answer else finding
            yield {**vars(section), "title": title, "block": block}


def _side_by_side(sections: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], ...]]:
    """Return the sections in rows: two narrow ones that follow each other share one."""
    rows: list[tuple[dict[str, Any], ...]] = []
    for section in sections:
        if section["is_narrow"] and rows and len(rows[-1]) == 1 and rows[-1][0]["is_narrow"]:
            rows[-1] = (*rows[-1], section)
        else:
            rows.append((section,))
    return rows
