"""The commands that make reports, and those that show what would be made or what differs."""

from __future__ import annotations

import dataclasses
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from rfmreport.cli import printing
from rfmreport.cli.options import Call, takes
from rfmreport.errors import MissingComponentError, NothingToReportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.pipeline import BuildResult
    from rfmreport.settings import Settings
    from rfmreport.source.orders import CleanOrders

Folder = Annotated[Path, Argument(metavar="REPORT", help="Folder of a report.", show_default=False)]


@takes(
    *("source", "columns", "cleaning", "scoring", "report", "audiences"),
    *("config", "quiet", "as_json"),
)
def build(
    *,
    output: Annotated[Path, Option("--output", "-o", help="Folder for the report.")] = Path(
        "report"
    ),
    pdf: Annotated[bool, Option("--pdf", help="Write report.pdf as well.")] = False,
    parquet: Annotated[
        bool, Option("--parquet", help="Write data/customers.parquet as well.")
    ] = False,
    xlsx: Annotated[bool, Option("--xlsx", help="Write the workbook report.xlsx as well.")] = False,
    email: Annotated[
        bool, Option("--email", help="Write the e-mails as well; they carry the PDF.")
    ] = False,
    call: Call,
) -> None:
    """Read transactions and write the report, its data and a manifest.

    Example: rfmreport build orders.csv --pdf --currency GBP
    """
    start = time.perf_counter()
    wanted = {"pdf": pdf or email, "parquet": parquet, "xlsx": xlsx, "email": email}
    result = write_report(call.settings(), output, printing.Progress(call), **wanted)
    seconds = time.perf_counter() - start
    if call.as_json:
        print(printing.to_json(printing.build_facts(result, output, seconds)), end="")
    elif not call.quiet:
        printing.print_build(result, output, seconds)
    if result.pdf_problem:
        what = "PDF, and so no e-mail," if email else "PDF"
        message = f"no {what} was made: {result.pdf_problem}; the HTML is there"
        raise MissingComponentError(message)


def write_report(
    settings: Settings, folder: Path, progress: printing.Progress, **wanted: bool
) -> BuildResult:
    """Build the report with what is `wanted` of it; see `pipeline.Outputs`."""
    from rfmreport.pages.workers import RenderWorkers

    with RenderWorkers(pdf=wanted["pdf"]) as workers:
        # The workers import the drawing libraries while this process imports the engine.
        from rfmreport import pipeline

        outputs = pipeline.Outputs(folder, **wanted)
        result = pipeline.build(settings, outputs, workers, progress.show)
    progress.clear()
    return result


@takes("config", "source", "columns", "cleaning", "as_json")
def check(*, call: Call) -> None:
    """Show what would be read, mapped and left out; write nothing."""
    settings = call.settings()
    paths = settings.source.paths
    with _orders_of(settings) as clean:
        if call.as_json:
            print(printing.to_json(printing.check_facts(clean, paths)), end="")
        else:
            printing.print_check(clean, paths)
        _refuse_nothing(clean)


@takes("source", "columns", "net_returns", "shop", "currency")
def init(
    *,
    output: Annotated[Path, Option("--output", "-o", help="The settings file to write.")] = Path(
        "rfmreport.toml"
    ),
    call: Call,
) -> None:
    """Write a settings file from what the data hold, with room for what only you know.

    Example: rfmreport init orders.csv --currency GBP
    """
    settings = call.settings()
    with _orders_of(settings) as clean:
        _refuse_nothing(clean)
    from rfmreport.source import first_settings

    text = first_settings.describe_first_settings(clean, settings, output.name)
    first_settings.write_first_settings(text, output)
    print(f"Wrote {output}. Look it through, then: rfmreport build -c {output} --pdf")


@contextmanager
def _orders_of(settings: Settings) -> Iterator[CleanOrders]:
    from rfmreport.source import orders, reading
    from rfmreport.stopwatch import Stopwatch

    with reading.open_engine(settings.engine) as engine:
        yield orders.read_orders(engine, settings, Stopwatch())


def _refuse_nothing(clean: CleanOrders) -> None:
    from rfmreport.source import orders

    if clean.as_of is None:
        raise NothingToReportError(orders.all_excluded(clean.audit))


def schemes(
    name: Annotated[str | None, Argument(help="A scheme to draw, or the path of your own.")] = None,
) -> None:
    """List the segment schemes, or draw the grid of one."""
    from rfmreport.customers import clusters
    from rfmreport.customers.segments import draw_grid, load_scheme, scheme_names

    if name == clusters.NAME:
        print(f"{clusters.TITLE}\n{clusters.SOURCE}\n\n{clusters.HOW_TO}")
        return
    if name:
        print(draw_grid(load_scheme(name)))
        return
    for shipped in scheme_names():
        scheme = load_scheme(shipped)
        names = ", ".join(segment.name for segment in scheme.segments)
        print(f"{shipped:10}{scheme.title}: {names}")
    print(f"{clusters.NAME:10}{clusters.TITLE}: named by what the data hold")
    print("\nDraw one with: rfmreport schemes five")


@takes("as_json")
def diff(
    older: Annotated[
        Path, Argument(metavar="OLDER", help="Folder of a report.", show_default=False)
    ],
    newer: Annotated[
        Path, Argument(metavar="NEWER", help="Folder of a later one.", show_default=False)
    ],
    *,
    call: Call,
) -> None:
    """Say what differs between two reports: data, settings, cuts, history and results.

    Example: rfmreport diff report-2011-10 report-2011-11
    """
    from rfmreport.folder.comparison import compare_folders
    from rfmreport.folder.comparison_text import describe, formats_of

    comparison = compare_folders(older, newer)
    if call.as_json:
        print(printing.to_json(dataclasses.asdict(comparison)), end="")
    else:
        print(describe(comparison, formats_of(comparison)))


def export_sql(
    report: Folder,
    *,
    dialect: Annotated[
        str, Option(help="duckdb, postgres, bigquery, snowflake or spark.", show_default=True)
    ] = "duckdb",
    table: Annotated[str, Option(help="The table of orders in your engine.")] = "orders",
    as_of: Annotated[
        datetime | None,
        Option(formats=["%Y-%m-%d"], help="Count days to this date. [default: the query's day]"),
    ] = None,
) -> None:
    """Print the report's cuts and segments as one query, for a warehouse that makes them daily.

    Example: rfmreport export-sql report --dialect postgres --table shop.orders
    """
    from rfmreport.customers.segment_sql import segment_query
    from rfmreport.folder.report_folder import read_ruler

    day = as_of.date() if as_of else None
    print(segment_query(read_ruler(report), dialect, table, day), end="")
