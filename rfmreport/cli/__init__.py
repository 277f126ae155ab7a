"""The command line: each command reads its options, calls one function, reports the result.

This is the only room that prints or exits. Everything heavy is imported inside the commands.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, NoReturn

import typer

from rfmreport import stopping
from rfmreport.cli.mails import StoppedSending, preview, run, send
from rfmreport.cli.printing import fail
from rfmreport.cli.reports import build, check, diff, export_sql, init, schemes
from rfmreport.errors import RfmReportError

app = typer.Typer(
    name="rfmreport",
    help="Customer segments from a shop's transactions, as a report people trust.",
    epilog=(
        "Exit codes: 0 done; 1 unexpected failure; 2 wrong option, setting or scheme; 3 the source "
        "cannot be read or mapped; 4 too little left to report on; 5 the output cannot be written; "
        "6 all written but the PDF, because Pango is not installed; 7 some e-mails not delivered, "
        "sending again tries them; 8 some may have been delivered already, a person decides; 129, "
        "130 and 143 stopped from outside, nothing written."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing help with Rich takes longer than everything before it
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (build, check, init, schemes, diff, export_sql, send, run, preview):
    app.command()(command)

_STOPPED_MESSAGE = "rfmreport: stopped; nothing was written"
_STOPPED_SENDING_MESSAGE = (
    "rfmreport: stopped; the ledger knows what was sent, and sending again sends the rest"
)


def main() -> None:
    """Run the command line; what a person can mend is one line on stderr and an exit code."""
    # A command makes a million objects that live to its end: looking for garbage among them takes a
    # tenth of the time of all imports, and finds none.
    gc.set_threshold(1_000_000)
    with stopping.heard(_end) as heard:
        try:
            app(prog_name="rfmreport")
        except BaseException as error:
            if heard.number:  # the engine, too, says in words of its own that it was stopped
                is_sending = isinstance(error, StoppedSending)
                _end(heard.number, _STOPPED_SENDING_MESSAGE if is_sending else _STOPPED_MESSAGE)
            if isinstance(error, RfmReportError):
                fail(error)
            raise


def _end(number: int, message: str = "rfmreport: stopped") -> NoReturn:
    """End a stopped command at once: libraries take a second to be taken down, or never end."""
    print(message, file=sys.stderr, flush=True)
    os._exit(128 + number)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        from rfmreport import __version__

        print(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
