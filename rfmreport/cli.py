"""The command line: each command reads its options, calls one function, reports the result.

This is the only module that prints or exits. Everything heavy is imported inside the commands.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rfmreport.errors import MissingComponentError, NothingToReportError, RfmReportError

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.pipeline import BuildResult, CleanOrders
    from rfmreport.report import Finding, Report
    from rfmreport.settings import Settings

app = typer.Typer(
    name="rfmreport",
    help="Customer segments from a shop's transactions, as a report people trust.",
    epilog=(
        "Exit codes: 0 done; 1 unexpected failure; 2 wrong option, setting or scheme; 3 the source "
        "cannot be read or mapped; 4 too little left to report on; 5 the output cannot be written; "
        "6 all written but the PDF, because Pango is not installed; 130 and 143 stopped from "
        "outside, nothing written."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing help with Rich takes longer than everything before it
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SHOW_PROGRESS_AFTER_SECONDS = 0.3
_LABEL_WIDTH = 44
_STOPPED_MESSAGE = "rfmreport: stopped; nothing was written"
_STOPPED = (128 + signal.SIGINT, 128 + signal.SIGTERM)

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE…",
        help="Transactions: CSV or TSV (plain, .gz, .zst), Parquet or XLSX; several, or a glob.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file (rfmreport.toml).")
]
MapOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="ROLE=HEADING",
        help=(
            "Which column plays a role: customer, order, date, amount, quantity, unit_price, "
            "product, product_name, country, status. Repeatable."
        ),
    ),
]
Sheets = Annotated[
    list[str] | None, typer.Option("--sheet", help="Sheet of a workbook to read. Repeatable.")
]
DateFormat = Annotated[
    str | None, typer.Option(help="How dates are written, such as '%d/%m/%Y %H:%M'.")
]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark of amounts: '.' or ','.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="First day after the data that counts, such as 2011-12-10. [default: day after the "
        "last kept order]",
    ),
]
Month = Annotated[
    str | None,
    typer.Option(
        metavar="MONTH",
        help="Report as of a month's end: 2011-11, or 'last' for the last complete one.",
    ),
]
WindowMonths = Annotated[
    int | None, typer.Option(min=1, help="Count only so many months before the as-of date.")
]
NetReturns = Annotated[
    bool | None,
    typer.Option(
        "--net-returns/--no-net-returns",
        help="Subtract cancellations and returns from what the customer bought.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print a machine-readable summary on standard output.")
]


def main() -> None:
    """Run the command line; what a person can mend is one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        app(prog_name="rfmreport")
    except RfmReportError as error:
        _fail(error)
    except SystemExit as end:
        if end.code in _STOPPED:
            print(_STOPPED_MESSAGE, file=sys.stderr)
        raise
    except RuntimeError as error:
        # What the engine makes of Ctrl-C while it works.
        if str(error) != "Query interrupted":
            raise
        print(_STOPPED_MESSAGE, file=sys.stderr)
        sys.exit(_STOPPED[0])


def _stop(number: int, _: object) -> NoReturn:
    """End as Ctrl-C does: what was begun is cleaned up, and no rendering process stays behind."""
    sys.exit(128 + number)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        from importlib.metadata import version

        print(version("rfmreport"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def build(
    sources: Sources = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")] = Path(
        "report"
    ),
    pdf: Annotated[bool, typer.Option("--pdf", help="Write report.pdf as well.")] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write data/customers.parquet as well.")
    ] = False,
    config: Config = None,
    map_options: MapOptions = None,
    sheet: Sheets = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    as_of: AsOf = None,
    month: Month = None,
    window_months: WindowMonths = None,
    net_returns: NetReturns = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            help="five, ten, eleven, six, clusters, or the path of your own. [default: five]"
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="Scoring: quantile, rank-first or fixed. [default: quantile]"),
    ] = None,
    cuts: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Where cuts are kept from report to report. [default: cuts.toml in the folder]",
        ),
    ] = None,
    refit: Annotated[
        bool | None,
        typer.Option("--refit", help="Fit new cuts although saved ones are there."),
    ] = None,
    compare: Annotated[
        bool | None,
        typer.Option(
            "--compare/--no-compare",
            help="Compare with earlier dates. [default: compare]",
            show_default=False,
        ),
    ] = None,
    previous: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Last month's report, to tell what was restated."),
    ] = None,
    decisions: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What was decided, to tell what became of it."),
    ] = None,
    departments: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Write summaries for departments: all, or some, as in marketing,finance.",
        ),
    ] = None,
    shop: Annotated[str | None, typer.Option(help="Name on the first page.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code of the amounts: GBP.")] = None,
    locale: Annotated[
        str | None, typer.Option(help="How numbers are written. [default: en_GB]")
    ] = None,
    page_size: Annotated[str | None, typer.Option(help="A4 or Letter. [default: A4]")] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Read transactions and write the report, its data and a manifest.

    Example: rfmreport build orders.csv --pdf --currency GBP
    """
    start = time.perf_counter()
    settings = _settings(
        config,
        source=_source_options(sources, sheet, date_format, decimal),
        columns=_mapping(map_options),
        cleaning=_cleaning_options(as_of, month, window_months, net_returns),
        scoring={"scheme": scheme, "method": method, "cuts_file": cuts, "refit": refit},
        report={
            "shop": shop,
            "currency": currency,
            "locale": locale,
            "page_size": page_size,
            "compare": compare,
            "previous": previous,
            "decisions": decisions,
            "departments": _names(departments),
        },
    )
    progress = _Progress(silent=quiet or not sys.stderr.isatty())
    from rfmreport.render.workers import RenderWorkers

    with RenderWorkers(pdf=pdf) as workers:
        # The workers import the drawing libraries while this process imports the engine.
        from rfmreport import pipeline

        outputs = pipeline.Outputs(output, pdf=pdf, parquet=parquet)
        result = pipeline.build(settings, outputs, workers, progress.show)
    progress.clear()
    seconds = time.perf_counter() - start
    if as_json:
        print(_build_json(result, output, seconds), end="")
    elif not quiet:
        _print_build(result, output, seconds)
    if result.pdf_problem:
        _fail(MissingComponentError(f"no PDF was made: {result.pdf_problem}; the HTML is there"))


@app.command()
def check(
    sources: Sources = None,
    *,
    config: Config = None,
    map_options: MapOptions = None,
    sheet: Sheets = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    as_of: AsOf = None,
    month: Month = None,
    window_months: WindowMonths = None,
    net_returns: NetReturns = None,
    as_json: Json = False,
) -> None:
    """Show what would be read, mapped and left out; write nothing."""
    settings = _settings(
        config,
        source=_source_options(sources, sheet, date_format, decimal),
        columns=_mapping(map_options),
        cleaning=_cleaning_options(as_of, month, window_months, net_returns),
    )
    from rfmreport import pipeline, reading

    with reading.open_engine(settings.engine) as engine:
        clean = pipeline.clean_orders(engine, settings, pipeline.Stopwatch())
        if as_json:
            print(_check_json(clean), end="")
        else:
            _print_check(clean)
        if clean.as_of is None:
            raise NothingToReportError(pipeline.all_excluded(clean.audit))


@app.command()
def schemes(
    name: Annotated[
        str | None, typer.Argument(help="A scheme to draw, or the path of your own.")
    ] = None,
) -> None:
    """List the segment schemes, or draw the grid of one."""
    from rfmreport import clusters
    from rfmreport.segments import draw_grid, load_scheme, scheme_names

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


@app.command()
def diff(
    older: Annotated[
        Path, typer.Argument(metavar="OLDER", help="Folder of a report.", show_default=False)
    ],
    newer: Annotated[
        Path, typer.Argument(metavar="NEWER", help="Folder of a later one.", show_default=False)
    ],
    *,
    as_json: Json = False,
) -> None:
    """Say what differs between two reports: data, settings, cuts, history and results.

    Example: rfmreport diff report-2011-10 report-2011-11
    """
    from rfmreport.comparison import compare_folders
    from rfmreport.render.comparison_text import describe, formats_of

    comparison = compare_folders(older, newer)
    if as_json:
        import dataclasses

        from rfmreport.exports import to_json

        print(to_json(dataclasses.asdict(comparison)), end="")
    else:
        print(describe(comparison, formats_of(comparison)))


class _Progress:
    """One line on stderr that says which stage is running, once a build takes a moment."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._start = time.perf_counter()

    def show(self, stage: str) -> None:
        elapsed = time.perf_counter() - self._start
        if not self._silent and elapsed > _SHOW_PROGRESS_AFTER_SECONDS:
            print(f"\r\033[K{elapsed:5.1f} s  {stage} …", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if not self._silent:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _settings(config: Path | None, **given: dict[str, object]) -> Settings:
    from rfmreport.settings import load_settings

    return load_settings(config, given)


def _names(listed: str | None) -> list[str] | None:
    """Return the names of a list such as "marketing,finance"; None where none was given."""
    if listed is None:
        return None
    return [name.strip() for name in listed.split(",") if name.strip()]


def _source_options(
    sources: list[str] | None,
    sheets: list[str] | None,
    date_format: str | None,
    decimal: str | None,
) -> dict[str, object]:
    return {
        "paths": sources or None,
        "sheets": sheets or None,
        "date_format": date_format,
        "decimal": decimal,
    }


def _cleaning_options(
    as_of: str | None, month: str | None, window_months: int | None, net_returns: bool | None
) -> dict[str, object]:
    return {
        "as_of": as_of,
        "month": month,
        "window_months": window_months,
        "net_returns": net_returns,
    }


def _mapping(options: list[str] | None) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for option in options or []:
        role, separator, heading = option.partition("=")
        if not separator or not heading:
            message = f"'{option}' is not ROLE=HEADING, such as customer='Client ID'"
            raise typer.BadParameter(message, param_hint="--map")
        mapping[role.strip()] = heading.strip()
    return mapping


def _print_check(clean: CleanOrders) -> None:
    print("Read as")
    for role, heading in clean.column_map.used():
        print(f"  {role:14}{heading}")
    print(f"  {'dates':14}{clean.value_formats.date}")
    print()
    _print_bridge(clean)
    days = clean.coverage
    if days.first_day and days.last_day and clean.as_of:
        print(f"\nOrders from {days.first_day} to {days.last_day}, as of {clean.as_of}.")
    for finding in clean.findings:
        mark = "!" if finding.severity == "warning" else "·"
        print(f"{mark} {finding.text}{_size_of(finding)}")


def _size_of(finding: Finding) -> str:
    sizes = []
    if finding.line_count is not None:
        sizes.append(f"{finding.line_count:,} lines")
    if finding.amount is not None:
        sizes.append(f"{finding.amount:,.2f}")
    return f" ({', '.join(sizes)})" if sizes else ""


def _print_bridge(clean: CleanOrders) -> None:
    bridge = clean.audit
    print(f"{'':{_LABEL_WIDTH}}{'lines':>12}{'orders':>10}{'amount':>18}")
    rows = [("", bridge.read), *(("− ", row) for row in bridge.excluded), ("= ", bridge.kept)]
    rows += [("  ", row) for row in bridge.kept_adjustments]
    for sign, row in rows:
        label = f"{sign}{row.label}"
        print(
            f"{label:{_LABEL_WIDTH}}{row.line_count:>12,}{row.order_count:>10,}{row.amount:>18,.2f}"
        )


def _print_build(result: BuildResult, output: Path, seconds: float) -> None:
    from rfmreport.formats import Formats

    report = result.report
    formats = Formats(report.locale, report.currency)
    read, kept = report.audit.read, report.audit.kept
    print(
        f"Read {formats.count(read.line_count)} lines, analysed {formats.count(kept.line_count)}: "
        f"{formats.count(report.segments.total.customer_count)} customers, "
        f"{formats.count(report.segments.total.order_count)} orders, "
        f"{formats.money(report.segments.total.revenue, 2)} "
        f"({formats.day(report.first_day)} to {formats.day(report.last_day)})."
    )
    if report.audit.excluded:
        left_out = ", ".join(
            f"{row.label.lower()} {formats.count(row.line_count)}" for row in report.audit.excluded
        )
        print(f"Left out: {left_out}.")
    print(f"{report.headline}.")
    for row in report.segments.rows:
        print(
            f"  {row.name:24}{formats.count(row.customer_count):>9}"
            f"{formats.share(row.customer_share):>8}{formats.money(row.revenue):>16}"
            f"{formats.share(row.revenue_share):>8}"
        )
    for line in _notices(report, formats):
        print(line)
    shown = [name for name in result.files if not name.startswith("data/")]
    data_count = len(result.files) - len(shown)
    print(f"Wrote {output}/: {', '.join(shown)} and {data_count} data files, in {seconds:.1f} s.")


_TOLD_AT_ONCE = ("month_incomplete", "new_cuts", "refit", "previous", "restated")


def _notices(report: Report, formats: Formats) -> list[str]:
    """Return what somebody who compares months must know before opening the report."""
    lines = []
    if report.ruler and report.ruler.origin == "saved" and report.ruler.fitted_as_of:
        lines.append(f"Measured with the cuts of {formats.day(report.ruler.fitted_as_of)}.")
    told = (finding for finding in report.findings if finding.key in _TOLD_AT_ONCE)
    return [*lines, *(f"! {finding.text}{_size_of(finding)}" for finding in told)]


def _build_json(result: BuildResult, output: Path, seconds: float) -> str:
    from rfmreport.exports import to_json

    report = result.report
    return to_json(
        {
            "output": str(output),
            "files": result.files,
            "pdf_problem": result.pdf_problem,
            "period": [report.first_day, report.last_day],
            "as_of": report.as_of,
            "headline": report.headline,
            "lines": {
                "read": report.audit.read.line_count,
                "kept": report.audit.kept.line_count,
                **{str(row.exclusion): row.line_count for row in report.audit.excluded},
            },
            "customers": report.segments.total.customer_count,
            "orders": report.segments.total.order_count,
            "revenue": report.segments.total.revenue,
            "segments": [
                {
                    "segment": row.name,
                    "customers": row.customer_count,
                    "revenue": row.revenue,
                    "revenue_share": row.revenue_share,
                }
                for row in report.segments.rows
            ],
            "findings": [
                {"key": f.key, "severity": f.severity, "text": f.text, "amount": f.amount}
                for f in report.findings
            ],
            "seconds": seconds,
            "timings": dict(result.seconds),
        }
    )


def _check_json(clean: CleanOrders) -> str:
    from rfmreport.exports import to_json

    rows = [("read", clean.audit.read), ("kept", clean.audit.kept)]
    rows += [(str(row.exclusion), row) for row in clean.audit.excluded]
    return to_json(
        {
            "columns": dict(clean.column_map.used()),
            "dates": clean.value_formats.date,
            "audit": {
                key: {"lines": row.line_count, "orders": row.order_count, "amount": row.amount}
                for key, row in rows
            },
            "period": [clean.coverage.first_day, clean.coverage.last_day],
            "as_of": clean.as_of,
            "findings": [
                {"key": f.key, "severity": f.severity, "text": f.text, "amount": f.amount}
                for f in clean.findings
            ],
        }
    )


def _fail(error: RfmReportError) -> NoReturn:
    print(f"rfmreport: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
