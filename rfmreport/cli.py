"""The command line: each command reads its options, calls one function, reports the result.

This is the only module that prints or exits. Everything heavy is imported inside the commands.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rfmreport.errors import MissingComponentError, NothingToReportError, RfmReportError

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.mail.deliveries import Outcome
    from rfmreport.mail.sending import SendOptions
    from rfmreport.monthly import MonthPlan
    from rfmreport.pipeline import BuildResult
    from rfmreport.report import Report
    from rfmreport.settings import EmailSettings, Settings
    from rfmreport.source.orders import CleanOrders
    from rfmreport.vocabulary import Finding

app = typer.Typer(
    name="rfmreport",
    help="Customer segments from a shop's transactions, as a report people trust.",
    epilog=(
        "Exit codes: 0 done; 1 unexpected failure; 2 wrong option, setting or scheme; 3 the source "
        "cannot be read or mapped; 4 too little left to report on; 5 the output cannot be written; "
        "6 all written but the PDF, because Pango is not installed; 7 some e-mails not delivered, "
        "sending again tries them; 8 some may have been delivered already, a person decides; 130 "
        "and 143 stopped from outside, nothing written."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing help with Rich takes longer than everything before it
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SHOW_PROGRESS_AFTER_SECONDS = 0.3
_LABEL_WIDTH = 44
_STOPPED_MESSAGE = "rfmreport: stopped; nothing was written"
_STOPPED_SENDING_MESSAGE = (
    "rfmreport: stopped; the ledger knows what was sent, and sending again sends the rest"
)
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
            "product, product_name, country, status, email, phone, contact_name. Repeatable."
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
    except _StoppedSending:
        print(_STOPPED_SENDING_MESSAGE, file=sys.stderr)
        raise
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
    email: Annotated[
        bool, typer.Option("--email", help="Write the e-mails as well; they carry the PDF.")
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
    holdout: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Hold out a control group in the audiences: 10% or 0.1. [default: none]",
        ),
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
    sections: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Only these sections, such as summary,segments,sells. [default: all]",
        ),
    ] = None,
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
            "sections": sections.split(",") if sections is not None else None,
            "compare": compare,
            "previous": previous,
            "decisions": decisions,
            "departments": _names(departments),
        },
        audiences={"holdout": _share(holdout, "--holdout")},
    )
    progress = _Progress(silent=quiet or not sys.stderr.isatty())
    from rfmreport.pages.workers import RenderWorkers

    with RenderWorkers(pdf=pdf or email) as workers:
        # The workers import the drawing libraries while this process imports the engine.
        from rfmreport import pipeline

        outputs = pipeline.Outputs(output, pdf=pdf or email, parquet=parquet, email=email)
        result = pipeline.build(settings, outputs, workers, progress.show)
    progress.clear()
    seconds = time.perf_counter() - start
    if as_json:
        print(_build_json(result, output, seconds), end="")
    elif not quiet:
        _print_build(result, output, seconds)
    if result.pdf_problem:
        what = "PDF, and so no e-mail," if email else "PDF"
        message = f"no {what} was made: {result.pdf_problem}; the HTML is there"
        _fail(MissingComponentError(message))


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
    from rfmreport.source import orders, reading
    from rfmreport.stopwatch import Stopwatch

    with reading.open_engine(settings.engine) as engine:
        clean = orders.read_orders(engine, settings, Stopwatch())
        if as_json:
            print(_check_json(clean), end="")
        else:
            _print_check(clean)
        if clean.as_of is None:
            raise NothingToReportError(orders.all_excluded(clean.audit))


@app.command()
def init(
    sources: Sources = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The settings file to write.")
    ] = Path("rfmreport.toml"),
    map_options: MapOptions = None,
    sheet: Sheets = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    net_returns: NetReturns = None,
    shop: Annotated[str | None, typer.Option(help="Name on the first page.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code of the amounts: GBP.")] = None,
) -> None:
    """Write a settings file from what the data hold, with room for what only you know.

    Example: rfmreport init orders.csv --currency GBP
    """
    settings = _settings(
        None,
        source=_source_options(sources, sheet, date_format, decimal),
        columns=_mapping(map_options),
        cleaning={"net_returns": net_returns},
        report={"shop": shop, "currency": currency},
    )
    from rfmreport.source import first_settings, orders, reading
    from rfmreport.stopwatch import Stopwatch

    with reading.open_engine(settings.engine) as engine:
        clean = orders.read_orders(engine, settings, Stopwatch())
    if clean.as_of is None:
        raise NothingToReportError(orders.all_excluded(clean.audit))
    text = first_settings.describe_first_settings(clean, settings, output.name)
    first_settings.write_first_settings(text, output)
    print(f"Wrote {output}. Look it through, then: rfmreport build -c {output} --pdf")


@app.command()
def schemes(
    name: Annotated[
        str | None, typer.Argument(help="A scheme to draw, or the path of your own.")
    ] = None,
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
    from rfmreport.folder.comparison import compare_folders
    from rfmreport.folder.comparison_text import describe, formats_of

    comparison = compare_folders(older, newer)
    if as_json:
        import dataclasses

        from rfmreport.folder.manifest import to_json

        print(to_json(dataclasses.asdict(comparison)), end="")
    else:
        print(describe(comparison, formats_of(comparison)))


@app.command()
def send(
    folder: Annotated[
        Path,
        typer.Argument(metavar="REPORT", help="Folder of a report.", show_default=False),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say who would get what; connect to nobody.")
    ] = False,
    resend: Annotated[
        bool,
        typer.Option(
            "--resend",
            help="Send also what may have been delivered, or was with other content.",
        ),
    ] = False,
    lists: Annotated[
        list[str] | None,
        typer.Option("--list", metavar="NAME", help="Only this recipient list. Repeatable."),
    ] = None,
    config: Config = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Send the e-mails of a report, each to each recipient once.

    Example: rfmreport send report --config rfmreport.toml
    """
    from rfmreport.mail import sending

    options = sending.SendOptions(tuple(lists or ()), resend=resend)
    progress = _Progress(silent=quiet or not sys.stderr.isatty())
    outcome = _send(folder, _settings(config).email, options, progress, dry_run=dry_run)
    if as_json:
        print(_outcome_json(outcome), end="")
    _report_outcome(outcome, silent=quiet, printed=as_json)


def _send(
    folder: Path,
    email: EmailSettings,
    options: SendOptions,
    progress: _Progress,
    *,
    dry_run: bool,
) -> Outcome:
    from rfmreport.mail import sending

    try:
        if dry_run:
            return sending.preview_sending(folder, email, options)
        return sending.send_report(folder, email, options, progress.show)
    except (KeyboardInterrupt, SystemExit) as stop:
        raise _StoppedSending(getattr(stop, "code", _STOPPED[0])) from None
    finally:
        progress.clear()


def _report_outcome(outcome: Outcome, *, silent: bool, printed: bool) -> None:
    """Say what became of the e-mails, and end with the exit code that it calls for."""
    from rfmreport.mail.deliveries import problem_of
    from rfmreport.mail.delivery_text import describe, describe_problems

    problem = problem_of(outcome)
    if silent and problem and not printed:
        print(describe_problems(outcome), file=sys.stderr)
    elif not (silent or printed):
        print(describe(outcome))
    if problem:
        raise problem


@app.command()
def run(
    *,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="Settings file of the monthly run.")
    ] = Path("rfmreport.toml"),
    month: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH",
            help="Another month than the last one of the calendar: 2011-11, or 'last' for the last "
            "complete one in the data.",
        ),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the month's report although it is there.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Build, and say who would get what; send nothing.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Build the month's report, department summaries and e-mails, and send what is missing.

    Fit for cron: running it again finishes what is not done, and does nothing twice.

    Example: rfmreport run --config rfmreport.toml
    """
    start = time.perf_counter()
    settings = _settings(config)
    from datetime import datetime

    from rfmreport import monthly
    from rfmreport.mail import sending

    if not dry_run:
        sending.check_server(settings.email)
    monthly.check_recipients(settings)
    today = datetime.now().astimezone().date()
    plan = monthly.plan_month(settings, month, today)
    progress = _Progress(silent=quiet or not sys.stderr.isatty())
    result = None
    if rebuild or not plan.is_built:
        if not dry_run:
            sending.check_login(settings.email)
        result = _build_month(plan, progress)
    seconds = time.perf_counter() - start
    if not (quiet or as_json):
        _print_month(plan, result, seconds)
    if result and result.pdf_problem:
        _fail(MissingComponentError(f"no PDF, and so no e-mail, was made: {result.pdf_problem}"))
    outcome = _send(plan.folder, settings.email, sending.SendOptions(), progress, dry_run=dry_run)
    if as_json:
        print(_month_json(plan, result, outcome, seconds), end="")
    _report_outcome(outcome, silent=quiet, printed=as_json)


def _build_month(plan: MonthPlan, progress: _Progress) -> BuildResult:
    from rfmreport.pages.workers import RenderWorkers

    with RenderWorkers(pdf=True) as workers:
        from rfmreport import pipeline

        outputs = pipeline.Outputs(plan.folder, pdf=True, email=True, whole_month=True)
        result = pipeline.build(plan.settings, outputs, workers, progress.show)
    progress.clear()
    return result


def _print_month(plan: MonthPlan, result: BuildResult | None, seconds: float) -> None:
    if result:
        _print_build(result, plan.folder, seconds)
    else:
        print(f"The report of {plan.month:%B %Y} is in {plan.folder}; --rebuild makes it again.")


def _month_json(
    plan: MonthPlan, result: BuildResult | None, outcome: Outcome, seconds: float
) -> str:
    import json

    content = {
        "month": f"{plan.month:%Y-%m}",
        "folder": str(plan.folder),
        "build": json.loads(_build_json(result, plan.folder, seconds)) if result else None,
        "delivery": json.loads(_outcome_json(outcome)),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


class _StoppedSending(SystemExit):
    """Stopped from outside while e-mails were being sent: something was written, and sent."""


@app.command()
def preview(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="Folder of a report.", show_default=False)
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Which e-mail: management, or a department's name."),
    ] = None,
    *,
    print_path: Annotated[
        bool, typer.Option("--print-path", help="Write the page and print where, open nothing.")
    ] = False,
) -> None:
    """Show an e-mail of a report in the browser, as the reader will see it.

    Example: rfmreport preview report marketing
    """
    from rfmreport.mail.preview import read_preview, write_preview

    shown = read_preview(report, name)
    path = write_preview(shown, report)
    if print_path or not _has_somebody_watching():
        print(path)
        return
    import webbrowser

    print(f"Subject   {shown.subject}\nTo        {shown.recipients}")
    print(f"Attached  {', '.join(shown.attached)}")
    is_open = webbrowser.open(path.resolve().as_uri())
    print(f"Opened {path}." if is_open else f"No browser was found to open {path}.")


def _has_somebody_watching() -> bool:
    """Say whether this is a terminal with a display: a script opens no windows."""
    has_display = sys.platform in {"win32", "darwin"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return _is_terminal() and has_display


def _is_terminal() -> bool:
    return sys.stdout.isatty()


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


def _share(text: str | None, option: str) -> float | None:
    """Read a share of one: "10%" or "0.1"."""
    if text is None:
        return None
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = math.nan
    if rest or not 0 <= share < 1:
        message = f"'{text}' is not a share from 0 to below 1, such as 10% or 0.1"
        raise typer.BadParameter(message, param_hint=option)
    return share


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
    from rfmreport.folder.audience_files import FOLDER
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
    shown = [name for name in result.files if "/" not in name]
    parts = {"data": "data files", FOLDER: "audiences", "departments": "department pages",
             "email": "e-mails"}  # fmt: skip
    counts = {
        what: sum(name.startswith(f"{folder}/") for name in result.files)
        for folder, what in parts.items()
    }
    *some, last = [*shown, *(f"{count} {what}" for what, count in counts.items() if count)]
    print(f"Wrote {output}/: {', '.join(some)} and {last}, in {seconds:.1f} s.")


def _notices(report: Report, formats: Formats) -> list[str]:
    """Return what somebody who compares months must know before opening the report."""
    lines = []
    if report.ruler and report.ruler.origin == "saved" and report.ruler.fitted_as_of:
        lines.append(f"Measured with the cuts of {formats.day(report.ruler.fitted_as_of)}.")
    return [*lines, *(f"! {finding.text}{_size_of(finding)}" for finding in report.notices)]


def _build_json(result: BuildResult, output: Path, seconds: float) -> str:
    from rfmreport.folder.manifest import to_json

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
    from rfmreport.folder.manifest import to_json

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


def _outcome_json(outcome: Outcome) -> str:
    import dataclasses
    import json

    content = dataclasses.asdict(outcome)
    for delivery in content["deliveries"]:
        noted_at = delivery["noted_at"]
        delivery["noted_at"] = noted_at.isoformat() if noted_at else None
    content |= {"is_dry_run": outcome.is_dry_run, "counts": outcome.counts()}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _fail(error: RfmReportError) -> NoReturn:
    print(f"rfmreport: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
