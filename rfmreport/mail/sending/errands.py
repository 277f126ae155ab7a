"""What is to be sent: each mail to each of its recipients, less what the ledger says was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.mail.deliveries import Delivery, megabytes
from rfmreport.mail.files import BadAddress
from rfmreport.mail.ledger import Key

if TYPE_CHECKING:
    from rfmreport.mail.files import WrittenMail
    from rfmreport.mail.ledger import Entry, Ledger
    from rfmreport.mail.recipients import MailAddress

SMALLER = "leave out sections (report.sections) or lists of customers (email.customer_lists)"
_MEGABYTE = 1_000_000
_CUT_OFF = "the run that sent it ended before it could note the server's answer"


@dataclass(frozen=True, slots=True)
class Errand:
    """One mail to be brought to one recipient; `key` is how the ledger calls it."""

    mail: WrittenMail
    recipient: MailAddress
    key: Key
    delivery: Delivery


def plan_errands(
    mails: list[WrittenMail], ledger: Ledger, largest_megabytes: float, *, resend: bool
) -> list[Errand | Delivery]:
    """Return per mail and recipient, in their order, the errand, or how it already ended.

    With `resend`, what may have been delivered, or was with other content, is an errand again.
    """
    return [
        _planned(mail, recipient, ledger, largest_megabytes, resend=resend)
        for mail in mails
        for recipient in mail.recipients
    ]


def _planned(
    mail: WrittenMail,
    recipient: MailAddress | BadAddress,
    ledger: Ledger,
    largest_megabytes: float,
    *,
    resend: bool,
) -> Errand | Delivery:
    name, message_id = mail.summary.list_name, mail.summary.message_id
    if isinstance(recipient, BadAddress):
        reply = f"not an address that mail can be sent to: {recipient.reason}"
        return Delivery(name, recipient.text, "unsent", message_id, reply)
    key = Key(mail.summary.report_id, name, recipient.key)
    delivery = Delivery(name, str(recipient), "to_send", message_id)
    delivery = _after(ledger.entry(key), delivery, resend=resend)
    delivery = _if_small_enough(delivery, mail.summary.byte_count, largest_megabytes)
    return Errand(mail, recipient, key, delivery) if delivery.state == "to_send" else delivery


def _after(entry: Entry | None, delivery: Delivery, *, resend: bool) -> Delivery:
    """Return the delivery as the ledger's entry leaves it: still to be sent, or why not."""
    if entry is None or entry.state in {"refused", "unsent"}:
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


def _if_small_enough(delivery: Delivery, byte_count: int, largest_megabytes: float) -> Delivery:
    if delivery.state != "to_send" or byte_count <= largest_megabytes * _MEGABYTE:
        return delivery
    reply = (
        f"the mail has {megabytes(byte_count)}, and email.largest_megabytes is "
        f"{largest_megabytes:g}: {SMALLER}, or raise the setting if the mail server takes more"
    )
    return replace(delivery, state="unsent", reply=reply)
