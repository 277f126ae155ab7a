"""Sending the e-mails of a report, with a note in the ledger at each step.

Each recipient gets a transaction of its own, so that a bad address keeps nobody else from the mail.
Each is noted in the ledger before the mail is handed over and after the server has taken it, so
that nothing is sent twice, and nothing is taken for sent that was not.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rfmreport.mail.deliveries import SMALLER, Delivery, Outcome, megabytes
from rfmreport.mail.files import WrittenMail, read_mails
from rfmreport.mail.ledger import Entry, Key, hold_ledger, read_ledger
from rfmreport.mail.sending.connection import Connection, HopelessError, TryLaterError
from rfmreport.mail.sending.server import logged_in, server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rfmreport.mail.deliveries import State
    from rfmreport.mail.ledger import EntryState, Ledger
    from rfmreport.mail.sending.connection import Ending
    from rfmreport.mail.sending.server import Server
    from rfmreport.settings import EmailSettings

LEDGER = "rfmreport-sent.sqlite"
_MEGABYTE = 1_000_000
_CUT_OFF = "the run that sent it ended before it could note the server's answer"
_FIRST_WAIT_SECONDS = 10.0
_WAIT_GROWTH = 4
_LONGEST_WAIT_SECONDS = 300.0
_JITTER = (0.75, 1.25)
_LOST_IN_A_ROW = 2
_NOT_DELIVERED = ("refused", "unsent")
_STATES: dict[Ending, Literal["sent", "refused", "unsent", "unknown"]] = {
    "accepted": "sent",
    "refused": "refused",
    "later": "unsent",
    "lost": "unsent",
    "unknown": "unknown",
    "not_asked": "unsent",
}


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
    path = ledger_path(folder, email)
    trouble = ""
    with (hold_ledger if server else read_ledger)(path) as ledger:
        errands = [
            Errand(mail, _planned(mail, recipient, ledger, email, resend=options.resend))
            for mail in mails
            for recipient in mail.recipients
        ]
        to_send = [errand for errand in errands if errand.delivery.state == "to_send"]
        if server and to_send:
            run = Run(logged_in(server, email), ledger, tell, sleep)
            run.bring(to_send, email.tries)
            trouble = run.trouble
    deliveries = tuple(errand.delivery for errand in errands)
    named = str(server or "")
    return Outcome(str(folder), str(path), named, tuple(mails), deliveries, trouble)


def prove_settings(email: EmailSettings, *, with_password: bool = False) -> None:
    """Prove before a long work that the settings say how to send; nothing is connected to.

    Raises:
        SettingsError: they do not, or no password is found.
    """
    server = server_of(email)
    if with_password:
        logged_in(server, email)


def ledger_path(folder: Path, email: EmailSettings) -> Path:
    """Return where the ledger lies: beside the report, for the report is replaced by each build."""
    return Path(email.ledger) if email.ledger else folder.resolve().parent / LEDGER


# --- what is to be sent -------------------------------------------------------------------------


@dataclass(slots=True)
class Errand:
    """One mail to be brought to one recipient, and how far it came."""

    mail: WrittenMail
    delivery: Delivery

    @property
    def key(self) -> Key:
        """Return how the ledger calls it: two spellings of an address are one."""
        return _key(self.mail, self.delivery.recipient)

    def conclude(self, state: State, reply: str) -> None:
        """Say how one attempt ended."""
        attempts = self.delivery.attempts + 1
        self.delivery = replace(self.delivery, state=state, reply=reply, attempts=attempts)


def _key(mail: WrittenMail, recipient: str) -> Key:
    return Key(mail.report_id, mail.list_name, recipient.casefold())


def _planned(
    mail: WrittenMail, recipient: str, ledger: Ledger, email: EmailSettings, *, resend: bool
) -> Delivery:
    """Return the delivery as it is to be sent, or as it already ended.

    With `resend`, what may have been delivered, or was with other content, is to be sent again.
    """
    delivery = Delivery(mail.list_name, recipient, "to_send", mail.message_id)
    if mail.recipients[recipient]:
        reason = f"not an address that mail can be sent to: {mail.recipients[recipient]}"
        return replace(delivery, state="unsent", reply=reason)
    delivery = _after(ledger.entry(_key(mail, recipient)), delivery, resend=resend)
    limit = email.largest_megabytes
    if delivery.state != "to_send" or mail.byte_count <= limit * _MEGABYTE:
        return delivery
    reply = (
        f"the mail has {megabytes(mail.byte_count)}, and email.largest_megabytes is {limit:g}: "
        f"{SMALLER}, or raise the setting if the mail server takes more"
    )
    return replace(delivery, state="unsent", reply=reply)


def _after(entry: Entry | None, delivery: Delivery, *, resend: bool) -> Delivery:
    """Return the delivery as the ledger's entry leaves it: still to be sent, or why not."""
    if entry is None or entry.state in _NOT_DELIVERED:
        return delivery
    noted = replace(
        delivery, message_id=entry.message_id, reply=entry.reply, noted_at=entry.noted_at
    )
    if entry.state == "sent" and entry.message_id == delivery.message_id:
        return replace(noted, state="already_sent")
    if resend:
        return delivery
    if entry.state == "sent":
        return replace(noted, state="already_sent_otherwise")
    return replace(noted, state="unknown", reply=entry.reply or _CUT_OFF)


# --- one run ------------------------------------------------------------------------------------


class Run:
    """Brings errands, round by round, and notes in the ledger what becomes of each."""

    def __init__(
        self,
        server: Server,
        ledger: Ledger,
        tell: Callable[[str], None],
        sleep: Callable[[float], None],
    ) -> None:
        """Use that server and ledger; `tell` is told what is done, `sleep` waits between rounds."""
        self.trouble = ""
        self._server = server
        self._ledger = ledger
        self._tell = tell
        self._sleep = sleep

    def bring(self, errands: Sequence[Errand], tries: int) -> None:
        """Try each errand until it comes to an end, at most so many times."""
        for number in range(tries):
            if errands and number:
                self._wait(number, errands[0].delivery.reply)
            errands = self._round(errands) if errands else []

    def _wait(self, number: int, reason: str) -> None:
        seconds = min(_FIRST_WAIT_SECONDS * _WAIT_GROWTH ** (number - 1), _LONGEST_WAIT_SECONDS)
        seconds *= random.uniform(*_JITTER)  # noqa: S311  spreads the load, keeps no secret
        self._tell(f"trying again in {seconds:.0f} s ({reason})")
        self._sleep(seconds)

    def _round(self, errands: Iterable[Errand]) -> list[Errand]:
        """Try each errand once; return those to try again, what cost a connection last."""
        queue = deque(errands)
        later: list[Errand] = []
        lost: list[Errand] = []
        connection: Connection | None = None
        lost_in_a_row = 0
        try:
            while queue:
                connection = connection or self._connect()
                errand = queue.popleft()
                ending = self._bring_one(connection, errand)
                if ending in {"later", "lost"}:
                    (later if ending == "later" else lost).append(errand)
                lost_in_a_row = lost_in_a_row + 1 if ending in {"lost", "unknown"} else 0
                if lost_in_a_row == _LOST_IN_A_ROW:
                    self._not_reached(queue, errand.delivery.reply)
                    break
                connection = connection if connection.is_open else None
            if connection:
                connection.leave()
        except TryLaterError as error:
            self._not_reached(queue, str(error))
        except HopelessError as error:
            self._not_reached([*queue, *later, *lost], str(error))
            return []
        finally:
            if connection:
                connection.close()
        return [*queue, *later, *lost]

    def _connect(self) -> Connection:
        self._tell(f"connecting to {self._server}")
        connection = Connection(self._server)
        self.trouble = ""
        return connection

    def _not_reached(self, errands: Sequence[Errand], reason: str) -> None:
        self.trouble = reason if errands else self.trouble
        for errand in errands:
            errand.conclude("unsent", reason)

    def _bring_one(self, connection: Connection, errand: Errand) -> Ending:
        """Run one transaction, with a note on either side of the handing over."""
        recipient = errand.delivery.recipient
        self._tell(f"sending {errand.mail.list_name} to {recipient}")
        before = self._ledger.entry(errand.key)
        answer = connection.transact(
            errand.mail, recipient, lambda: self._note(errand, "pending", "")
        )
        state = _STATES[answer.ending]
        if answer.ending != "not_asked":
            self._settle(errand, before, state, answer.words)
        errand.conclude(state, answer.words)
        return answer.ending

    def _settle(self, errand: Errand, before: Entry | None, state: EntryState, reply: str) -> None:
        """Note how it ended; what may have been delivered before stays so if nothing came of it."""
        if state in _NOT_DELIVERED and before and before.state not in _NOT_DELIVERED:
            self._ledger.note(before)
        else:
            self._note(errand, state, reply)

    def _note(self, errand: Errand, state: EntryState, reply: str) -> None:
        now = datetime.now(UTC)
        self._ledger.note(Entry(errand.key, state, errand.mail.message_id, reply, now))
