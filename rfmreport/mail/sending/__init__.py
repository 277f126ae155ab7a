"""Sending the e-mails of a report.

Each recipient gets a transaction of its own, so that a bad address keeps nobody else from the mail.
Each is noted in the ledger before the mail is handed over and after the server has taken it, so
that nothing is sent twice, and nothing is taken for sent that was not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.mail.deliveries import Outcome
from rfmreport.mail.files import read_mails
from rfmreport.mail.ledger import hold_ledger, read_ledger
from rfmreport.mail.passwords import find_password
from rfmreport.mail.sending.errands import Errand, plan_errands
from rfmreport.mail.sending.run import Run
from rfmreport.mail.sending.server import Login, server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfmreport.mail.deliveries import Delivery
    from rfmreport.mail.ledger import Key
    from rfmreport.settings import EmailSettings

LEDGER = "rfmreport-sent.sqlite"


@dataclass(frozen=True, slots=True)
class SendOptions:
    """Which of a report's mails are meant."""

    lists: tuple[str, ...] = ()
    """Names of recipient lists; default: all."""
    resend: bool = False
    """Send also what may have been delivered, or was with other content; what was delivered just
    so is never sent again."""
    dry_run: bool = False
    """Say only what would be done; nothing is connected to, and nothing is written."""


def send_report(
    folder: Path,
    email: EmailSettings,
    options: SendOptions,
    tell: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Send what is missing of a report's mails; `tell` is told what is being done.

    Raises:
        InputError: there are no mails, or one is not as rfmreport writes it.
        SettingsError: the settings do not say how to send, or no password is found.
        OutputError: the ledger cannot be used.
    """
    mails = read_mails(folder, options.lists)
    server = None if options.dry_run else server_of(email)
    ledger_file = ledger_path(folder, email)
    results: Mapping[Key, Delivery] = {}
    trouble = ""
    with (hold_ledger if server else read_ledger)(ledger_file) as ledger:
        plan = plan_errands(mails, ledger, email.largest_megabytes, resend=options.resend)
        errands = [errand for errand in plan if isinstance(errand, Errand)]
        if server and errands and email.user:
            password = find_password(server.host, email.user, email.password_variable)
            server = replace(server, login=Login(email.user, password))
        if server:
            run = Run(server, ledger, tell, sleep)
            run.bring(errands, email.tries)
            results, trouble = run.results, run.trouble
    return Outcome(
        folder=str(folder),
        ledger=str(ledger_file),
        server=str(server or ""),
        mails=tuple(mail.summary for mail in mails),
        deliveries=tuple(
            results.get(planned.key, planned.delivery) if isinstance(planned, Errand) else planned
            for planned in plan
        ),
        trouble=trouble,
    )


def check_server(email: EmailSettings) -> None:
    """Prove before a long work that the settings say how to send; nothing is connected to.

    Raises:
        SettingsError: they do not.
    """
    server_of(email)


def check_login(email: EmailSettings) -> None:
    """Prove before a long work that there is a password, where one is needed.

    Raises:
        SettingsError: none is found.
    """
    if email.user:
        find_password(server_of(email).host, email.user, email.password_variable)


def ledger_path(folder: Path, email: EmailSettings) -> Path:
    """Return where the ledger lies: beside the report, for the report is replaced by each build."""
    return Path(email.ledger) if email.ledger else folder.resolve().parent / LEDGER
