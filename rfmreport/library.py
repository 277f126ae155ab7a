"""The library's door: `build_report` takes what Python holds, and gives a report to look into."""

from __future__ import annotations

import html
import tempfile
import weakref
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rfmreport import pipeline
from rfmreport.cli.options import settings_of
from rfmreport.errors import InputError
from rfmreport.folder import commit
from rfmreport.folder.data_files import customer_sheet
from rfmreport.kit.sheets import fields_of, record_of
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.pages.workers import RenderWorkers
from rfmreport.sections.registry import REPORT, report_drawings
from rfmreport.sections.segments.figures import SegmentRow
from rfmreport.settings import load_settings
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from rfmreport import report as facts
    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Chart
    from rfmreport.settings import Settings
    from rfmreport.vocabulary import Insight

_TABLE_FILE = "orders.parquet"
_EXPECTED = (
    "expected a path or several, a pandas, Polars or PyArrow frame, a DuckDB relation or an Ibis "
    "table"
)


def build_report(*sources: object, config: str | Path | None = None, **options: object) -> Report:
    """Read transactions and return their report.

    Args:
        sources: Paths or globs, or one table: a pandas, Polars or PyArrow frame, a DuckDB relation
            or an Ibis table. One row is a line of an order, or a whole order.
        config: A settings file (rfmreport.toml).
        options: What the options of `rfmreport build` say, by their names: `currency="GBP"`,
            `as_of="2011-12-10"`, `map={"customer": "Client ID"}`, `net_returns=True`.

    Raises:
        RfmReportError: the source, an option or the data cannot carry a report.
    """
    with ExitStack() as stack:
        paths = _paths_of(sources, stack)
        settings = load_settings(Path(config) if config else None, settings_of(paths, options))
        cuts = settings.scoring.cuts_file
        told = stack.enter_context(
            pipeline.told_shop(settings, Path(cuts) if cuts else None, Stopwatch())
        )
        return Report(told, stack.pop_all())


class Report:
    """A finished report: its tables, insights and charts, and the pages that print it.

    The engine that it was made with stays open for as long as the report is there.
    """

    def __init__(self, told: pipeline.Told, open_until_gone: ExitStack) -> None:
        """Hold what was told; `build_report` makes reports."""
        self._told = told
        self._end = weakref.finalize(self, open_until_gone.close)

    def __repr__(self) -> str:
        """Say whose report it is, of how much, and what it found."""
        total, formats = self.facts.segments.total, self._formats
        return (
            f"<Report of {self.facts.shop} as of {self.facts.as_of}: "
            f"{formats.count(total.customer_count)} customers, "
            f"{formats.money_short(total.revenue)}; {self.headline}>"
        )

    def _repr_html_(self) -> str:
        """Return page one, for a notebook."""
        page = html.escape(self._rendered(("summary",)))
        return f'<iframe srcdoc="{page}" style="width:100%;height:60em;border:0"></iframe>'

    @property
    def facts(self) -> facts.Report:
        """Every figure of the report, typed and frozen."""
        return self._told.report

    @property
    def headline(self) -> str:
        """The report in one sentence."""
        return self.facts.headline

    @property
    def insights(self) -> tuple[Insight, ...]:
        """What the data say: sentences with the numbers that they were made from."""
        return self.facts.insights

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row per segment, best first: customers, revenue, and what else data/ says of them."""
        import pandas as pd  # noqa: PLC0415  only frames need it

        columns = fields_of(SegmentRow, {})
        return pd.DataFrame([record_of(columns, row) for row in self.facts.segments.rows])

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer, most revenue first: measures, scores, segment, what is foretold."""
        import pandas as pd  # noqa: PLC0415  only frames need it

        engine = self._told.shop.engine
        sheet = customer_sheet(engine, self._told.people)
        return pd.DataFrame(
            list(engine.stream(sheet.query)), columns=list(sheet.columns(self.facts))
        )

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """The charts by name; a section's name stands for its first: `charts["map"]`."""
        from rfmreport.kit.charts import draw_charts  # noqa: PLC0415  a second

        drawn = {one.id: one for one in draw_charts(report_drawings(self.facts, self._formats))}
        by_section = {
            section.name: drawn[drawing.caption.id]
            for section in reversed(REPORT)
            for draw in reversed(section.drawings)
            if (drawing := draw(self.facts, self._formats)) is not None
        }
        return drawn | by_section

    def to_html(self) -> str:
        """Return the report as one page that loads nothing."""
        return self._rendered(self.facts.sections)

    def to_pdf(self) -> bytes:
        """Return the report as PDF.

        Raises:
            MissingComponentError: Pango is not installed.
        """
        from rfmreport.pages.pdf import PdfRenderer  # noqa: PLC0415  a second

        page = render_print_html(
            self.facts,
            self._drawn,
            page_size=self._settings.report.page_size,
            template_dir=self._template_dir,
        )
        return PdfRenderer().rendered(page)

    def save(self, folder: str | Path, *, pdf: bool = False, **wanted: bool) -> tuple[str, ...]:
        """Write the folder that `rfmreport build` writes, and return its files.

        Args:
            folder: Where; a report that stands there is replaced, whole or not at all.
            pdf: Write report.pdf as well.
            wanted: `parquet`, `xlsx` or `email`, as on the command line.

        Raises:
            RfmReportError: the folder cannot be written, or Pango is not installed.
        """
        outputs = pipeline.Outputs(Path(folder), pdf=pdf or wanted.get("email", False), **wanted)
        private = self._settings.report.private
        with (
            RenderWorkers(pdf=outputs.pdf) as workers,
            commit.whole_or_nothing(outputs.folder, private=private) as new,
        ):
            return pipeline.write_report(self._told, outputs, new, workers, Stopwatch()).files

    @property
    def _settings(self) -> Settings:
        return self._told.shop.settings

    @property
    def _formats(self) -> Formats:
        return self._told.shop.formats

    @property
    def _template_dir(self) -> Path | None:
        folder = self._settings.report.templates
        return Path(folder) if folder else None

    @property
    def _drawn(self) -> tuple[Chart, ...]:
        return tuple({chart.id: chart for chart in self.charts.values()}.values())

    def _rendered(self, sections: tuple[str, ...]) -> str:
        told = replace(self.facts, sections=sections)
        return render_html(told, self._drawn, data_files=(), template_dir=self._template_dir)


def _paths_of(sources: tuple[object, ...], stack: ExitStack) -> list[str]:
    """Return the paths to read; a table is written to a file of its own first.

    Raises:
        InputError: it is nothing that holds transactions.
    """
    if not sources:
        message = f"build_report(): nothing to read; {_EXPECTED}"
        raise InputError(message)
    listed = [one for source in sources for one in _each(source)]
    if all(isinstance(one, (str, Path)) for one in listed):
        return [str(one) for one in listed]
    if len(listed) > 1:
        kinds = ", ".join(type(one).__name__ for one in listed)
        message = f"build_report(): found {kinds}; expected several paths, or one table"
        raise InputError(message)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rfmreport-"))
    path = Path(folder) / _TABLE_FILE
    _write_table(listed[0], path)
    return [str(path)]


def _each(source: object) -> list[object]:
    return list(source) if isinstance(source, (list, tuple)) else [source]


def _write_table(table: Any, path: Path) -> None:  # noqa: ANN401  of any library
    """Write a table as Parquet, by what its library is known by."""
    writers: Mapping[str, Callable[[], object]] = {
        "pandas": lambda: table.to_parquet(path, index=False),
        "polars": lambda: getattr(table, "collect", lambda: table)().write_parquet(path),
        "duckdb": lambda: table.write_parquet(str(path)),
        "_duckdb": lambda: table.write_parquet(str(path)),
        "ibis": lambda: table.to_parquet(path),
        "pyarrow": lambda: _write_arrow(table, path),
    }
    library = type(table).__module__.partition(".")[0]
    if library not in writers or not hasattr(table, "columns"):
        message = f"build_report(): found {type(table).__name__}; {_EXPECTED}"
        if library == "rfmreport":
            message += "; settings are given by name, as in build_report(path, currency='GBP')"
        raise InputError(message)
    try:
        writers[library]()
    except Exception as error:
        reason = " ".join(str(error).split())
        message = (
            f"build_report(): the {type(table).__name__} cannot be written as a table: {reason}"
        )
        raise InputError(message) from error


def _write_arrow(table: Any, path: Path) -> None:  # noqa: ANN401  PyArrow has no types
    import pyarrow.parquet  # noqa: PLC0415  only Arrow tables need it

    pyarrow.parquet.write_table(table, path)
