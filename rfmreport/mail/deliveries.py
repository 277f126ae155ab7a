"""What became of each e-mail, recipient by recipient: as facts, and as text for a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from rfmreport.errors import DeliveryUnclearError, NotDeliveredError, RfmReportError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from rfmreport.mail.files import WrittenMail

State = Literal[
    "to_send", "sent", "already_sent", "already_sent_otherwise", "refused", "unsent", "unknown"
]
"""to_send: will be sent (dry run). sent: the mail server took it now. already_sent: it did before.
already_sent_otherwise: it took this report's mail before, with other content. refused: it said no
for good. unsent: not delivered, for a reason that may pass or can be mended. unknown: may have been
delivered."""
SMALLER = "leave out sections (report.sections) or lists of customers (email.customer_lists)"
_UNDELIVERED: tuple[State, ...] = ("refused", "unsent")
_TO_DECIDE: tuple[State, ...] = ("unknown", "already_sent_otherwise")
_COUNTED: dict[State, str] = {
    "to_send": "to be sent",
    "sent": "sent",
    "already_sent": "already sent",
    "already_sent_otherwise": "already sent with other content",
    "refused": "refused",
    "unsent": "not sent",
    "unknown": "perhaps delivered",
}
_LONGEST_LINE = 300
_WIDEST_ADDRESS = 44
_MEGABYTE = 1_000_000
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}


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
class Outcome:
    """All deliveries of one run, in the order of lists and recipients.

    `server` is empty in a dry run; `trouble` says why there was no connection at the end, if so.
    """

    folder: str
    ledger: str
    server: str
    mails: tuple[WrittenMail, ...]
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
    missing, unclear = len(outcome.of(_UNDELIVERED)), len(outcome.of(_TO_DECIDE))
    of_all = f"of {len(outcome.deliveries)} e-mails"
    if missing and outcome.is_dry_run:
        return NotDeliveredError(f"{missing} {of_all} cannot be sent as they are")
    if missing:
        reason = f" ({outcome.trouble})" if outcome.trouble else ""
        message = f"{missing} {of_all} not delivered{reason}; sending again tries these only"
        return NotDeliveredError(message)
    if unclear:
        message = f"{unclear} {of_all} may be there already, or in another version; "
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


# --- for a terminal -----------------------------------------------------------------------------


def describe(outcome: Outcome) -> str:
    """Return who got what, list by list, and the sum; without a last line break."""
    counts = outcome.counts()
    if set(counts) == {"already_sent"}:
        days = sorted(_day(delivery) for delivery in outcome.deliveries)
        return f"Already sent: all {len(outcome.deliveries)} e-mails, the last on {days[-1]}."
    lines = [line for mail in outcome.mails for line in _lines_of(mail, outcome)]
    total = ", ".join(f"{count} {_COUNTED[state]}" for state, count in counts.items())
    last = " Nothing was sent: this was a dry run." if outcome.is_dry_run else ""
    return "\n".join([*lines, f"{total}.{last}"])


def describe_problems(outcome: Outcome) -> str:
    """Return one line for each recipient who did not get the mail, or may have it already."""
    return "\n".join(
        f"{delivery.list_name} to {delivery.recipient}: {_became(delivery, outcome)}"
        for delivery in outcome.of((*_UNDELIVERED, *_TO_DECIDE))
    )


def _lines_of(mail: WrittenMail, outcome: Outcome) -> Iterator[str]:
    deliveries = [d for d in outcome.deliveries if d.list_name == mail.list_name]
    yield f"{mail.list_name}: {mail.subject}"
    if outcome.is_dry_run:
        files = ", ".join(
            f"{file.name} ({megabytes(file.byte_count)})" for file in mail.attachments
        )
        attached = f"with {files}" if files else "nothing attached"
        yield f"  from {mail.sender}, {megabytes(mail.byte_count)}, {attached}"
    width = min(max(len(delivery.recipient) for delivery in deliveries), _WIDEST_ADDRESS)
    for delivery in deliveries:
        yield f"  {delivery.recipient:{width}}  {_became(delivery, outcome)}"


def _became(delivery: Delivery, outcome: Outcome) -> str:
    reply, told = delivery.reply, _COUNTED[delivery.state]
    match delivery.state:
        case "unsent":
            # What kept everybody from the mail is told once, as the error.
            return told if reply == outcome.trouble else f"{told}: {reply}"
        case "refused":
            return f"{told}: {reply}"
        case "already_sent":
            return f"{told} on {_day(delivery)}"
        case "already_sent_otherwise":
            other = "with other content; --resend sends this version"
            return f"already sent on {_day(delivery)} {other}"
        case "unknown":
            return (
                f"may have been delivered on {_day(delivery)}: {reply}; ask the mail server for "
                f"{delivery.message_id}, or send it again with --resend"
            )
        case _:
            return told


def _day(delivery: Delivery) -> str:
    """Return the day of the ledger's note, where this machine is."""
    return f"{delivery.noted_at.astimezone():%Y-%m-%d}" if delivery.noted_at else "this day"
