"""What became of each e-mail, recipient by recipient."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from rfmreport.errors import DeliveryUnclearError, NotDeliveredError, RfmReportError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

State = Literal[
    "to_send", "sent", "already_sent", "already_sent_otherwise", "refused", "unsent", "unknown"
]
"""to_send: will be sent (dry run). sent: the mail server took it now. already_sent: it did before.
already_sent_otherwise: it took this report's mail before, with other content. refused: it said no
for good. unsent: not delivered, for a reason that may pass or can be mended. unknown: may have been
delivered."""
_LONGEST_LINE = 300
_MEGABYTE = 1_000_000
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}
UNDELIVERED: tuple[State, ...] = ("refused", "unsent")
TO_DECIDE: tuple[State, ...] = ("unknown", "already_sent_otherwise")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient of one list.

    `reply` is what the mail server said, or why it was not asked; `attempts` counts those of this
    run; `noted_at` is when the ledger last noted something about an earlier one.
    """

    list_name: str
    recipient: str
    state: State
    message_id: str
    reply: str = ""
    attempts: int = 0
    noted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail."""

    name: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class MailSummary:
    """One list's mail, as a person would describe it."""

    list_name: str
    report_id: str
    message_id: str
    subject: str
    sender: str
    byte_count: int
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All deliveries of one run, in the order of lists and recipients.

    `server` is empty in a dry run; `trouble` says why there was no connection at the end, if so.
    """

    folder: str
    ledger: str
    server: str
    mails: tuple[MailSummary, ...]
    deliveries: tuple[Delivery, ...]
    trouble: str = ""

    def counts(self) -> Mapping[State, int]:
        """Return the number of deliveries by state, those that occur."""
        states = [delivery.state for delivery in self.deliveries]
        return {state: states.count(state) for state in dict.fromkeys(states)}

    @property
    def is_dry_run(self) -> bool:
        """Say whether nothing was sent because nothing should be."""
        return not self.server

    def of(self, states: tuple[State, ...]) -> list[Delivery]:
        """Return the deliveries that ended in one of these states."""
        return [delivery for delivery in self.deliveries if delivery.state in states]


def problem_of(outcome: Outcome) -> RfmReportError | None:
    """Return what a program that sent must end with; nothing where all got their mail.

    What surely was not delivered comes first: sending again may mend it, and then the rest is told.
    """
    all_of_them = len(outcome.deliveries)
    missing = len(outcome.of(UNDELIVERED))
    if missing and outcome.is_dry_run:
        return NotDeliveredError(f"{missing} of {all_of_them} e-mails cannot be sent as they are")
    if missing:
        reason = f" ({outcome.trouble})" if outcome.trouble else ""
        message = f"{missing} of {all_of_them} e-mails not delivered{reason}; "
        return NotDeliveredError(f"{message}sending again tries these only")
    unclear = len(outcome.of(TO_DECIDE))
    if unclear:
        message = (
            f"{unclear} of {all_of_them} e-mails may be there already, or in another version; "
        )
        return DeliveryUnclearError(f"{message}nothing sends them again but --resend")
    return None


def one_line(text: str, longest: int = _LONGEST_LINE) -> str:
    """Return foreign text fit for one line of a terminal or a log: no control characters."""
    visible = (" " if unicodedata.category(letter) in _INVISIBLE else letter for letter in text)
    line = " ".join("".join(visible).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def megabytes(byte_count: int) -> str:
    """Write a size: 1234567 bytes are "1.2 MB"."""
    if byte_count < _MEGABYTE:
        return f"{ceil(byte_count / 1_000)} KB"
    return f"{byte_count / _MEGABYTE:.1f} MB"
