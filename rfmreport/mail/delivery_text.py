"""What became of a report's e-mails, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.mail.deliveries import TO_DECIDE, UNDELIVERED, megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.mail.deliveries import (
        Delivery,
        MailSummary,
        Outcome,
        State,
    )

_WIDEST_ADDRESS = 44
_COUNTED: dict[State, str] = {
    "to_send": "to be sent",
    "sent": "sent",
    "already_sent": "already sent",
    "already_sent_otherwise": "already sent with other content",
    "refused": "refused",
    "unsent": "not sent",
    "unknown": "perhaps delivered",
}


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
        for delivery in outcome.of((*UNDELIVERED, *TO_DECIDE))
    )


def _lines_of(mail: MailSummary, outcome: Outcome) -> Iterator[str]:
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
    reply = delivery.reply
    match delivery.state:
        case "unsent":
            # What kept everybody from the mail is told once, as the error.
            return "not sent" if reply == outcome.trouble else f"not sent: {reply}"
        case "refused":
            return f"refused: {reply}"
        case "already_sent":
            return f"already sent on {_day(delivery)}"
        case "already_sent_otherwise":
            return (
                f"already sent on {_day(delivery)} with other content; --resend sends this version"
            )
        case "unknown":
            return (
                f"may have been delivered on {_day(delivery)}: {reply}; ask the mail server for "
                f"{delivery.message_id}, or send it again with --resend"
            )
        case state:
            return _COUNTED[state]


def _day(delivery: Delivery) -> str:
    """Return the day of the ledger's note, where this machine is."""
    return f"{delivery.noted_at.astimezone():%Y-%m-%d}" if delivery.noted_at else "this day"
