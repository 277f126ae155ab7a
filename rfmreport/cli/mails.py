"""The commands for e-mails: send what a report holds, do so every month, look at one."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from rfmreport.cli import printing
from rfmreport.cli.options import Call, takes
from rfmreport.cli.reports import Folder, write_report
from rfmreport.errors import MissingComponentError

if TYPE_CHECKING:
    from rfmreport.mail.deliveries import Outcome
    from rfmreport.mail.sending import SendOptions
    from rfmreport.settings import EmailSettings


class StoppedSending(SystemExit):
    """Stopped from outside while e-mails were being sent: something was written, and sent."""


@takes("config", "quiet", "as_json")
def send(
    folder: Folder,
    *,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Say who would get what; connect to nobody.")
    ] = False,
    resend: Annotated[
        bool,
        Option(
            "--resend", help="Send also what may have been delivered, or was with other content."
        ),
    ] = False,
    lists: Annotated[
        list[str] | None,
        Option("--list", metavar="NAME", help="Only this recipient list. Repeatable."),
    ] = None,
    call: Call,
) -> None:
    """Send the e-mails of a report, each to each recipient once.

    Example: rfmreport send report --config rfmreport.toml
    """
    from rfmreport.mail.sending import SendOptions

    options = SendOptions(tuple(lists or ()), resend=resend, dry_run=dry_run)
    outcome = _send(folder, call.settings().email, options, printing.Progress(call))
    printing.report_outcome(outcome, call, printing.outcome_facts(outcome))


def _send(
    folder: Path, email: EmailSettings, options: SendOptions, progress: printing.Progress
) -> Outcome:
    from rfmreport.folder.commit import undisturbed
    from rfmreport.mail.sending import send_report

    try:
        with undisturbed(folder):
            return send_report(folder, email, options, progress.show)
    except (KeyboardInterrupt, SystemExit) as stop:
        raise StoppedSending(getattr(stop, "code", 128 + signal.SIGINT)) from None
    finally:
        progress.clear()


@takes("quiet", "as_json")
def run(
    *,
    config: Annotated[
        Path, Option("--config", "-c", help="Settings file of the monthly run.")
    ] = Path("rfmreport.toml"),
    month: Annotated[
        str | None,
        Option(
            metavar="MONTH",
            help="Another month than the last one of the calendar: 2011-11, or 'last' for the last "
            "complete one in the data.",
        ),
    ] = None,
    rebuild: Annotated[
        bool, Option("--rebuild", help="Build the month's report although it is there.")
    ] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Build, and say who would get what; send nothing.")
    ] = False,
    call: Call,
) -> None:
    """Build the month's report, department summaries and e-mails, and send what is missing.

    Fit for cron: running it again finishes what is not done, and does nothing twice.

    Example: rfmreport run --config rfmreport.toml
    """
    start = time.perf_counter()
    settings, progress = replace(call, config=config).settings(), printing.Progress(call)
    from datetime import datetime

    from rfmreport.cli import monthly
    from rfmreport.mail.sending import SendOptions, prove_settings

    # What would keep the mail from being sent is told before the long work.
    if not dry_run:
        prove_settings(settings.email)
    monthly.check_recipients(settings)
    plan = monthly.plan_month(settings, month, datetime.now().astimezone().date())
    result = None
    if rebuild or not plan.is_built:
        if not dry_run:
            prove_settings(settings.email, with_password=True)
        wanted = {"pdf": True, "email": True, "whole_month": True}
        result = write_report(plan.settings, plan.folder, progress, **wanted)
    seconds = time.perf_counter() - start
    if not (call.quiet or call.as_json):
        printing.print_month(plan, result, seconds)
    if result and result.pdf_problem:
        message = f"no PDF, and so no e-mail, was made: {result.pdf_problem}"
        raise MissingComponentError(message)
    outcome = _send(plan.folder, settings.email, SendOptions(dry_run=dry_run), progress)
    printing.report_outcome(outcome, call, printing.month_facts(plan, result, outcome, seconds))


def preview(
    report: Folder,
    name: Annotated[
        str | None,
        Argument(metavar="NAME", help="Which e-mail: management, or a department's name."),
    ] = None,
    *,
    print_path: Annotated[
        bool, Option("--print-path", help="Write the page and print where, open nothing.")
    ] = False,
) -> None:
    """Show an e-mail of a report in the browser, as the reader will see it.

    Example: rfmreport preview report marketing
    """
    from rfmreport.folder.commit import read_whole
    from rfmreport.mail.files import read_preview, write_preview

    shown = read_whole(report, lambda folder: read_preview(folder, name))
    path = write_preview(shown, report)
    if print_path or not _has_somebody_watching():
        print(path)
        return
    import webbrowser

    print(f"Subject   {shown.mail.subject}\nTo        {', '.join(shown.mail.recipients)}")
    print(f"Attached  {', '.join(file.name for file in shown.mail.attachments)}")
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
