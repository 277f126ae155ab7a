"""Report folders with e-mails for the tests of sending, made with the standard library alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

REPORT_ID = "2011-11-1a2b3c4d"
SENDER = Address("Reports", "reports", "shop.example")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
PDF = b"%PDF-1.7\n.\n..two dots\r\n" + bytes(range(256)) * 40


def make_mail(
    list_name: str,
    recipients: Sequence[str | Address],
    subject: str = "The shop in November 2011",
    text: str = "512 customers ordered.\n.\n..and the dots stay.\n",
    files: Mapping[str, bytes] | None = None,
) -> EmailMessage:
    """Return a complete message for one recipient list, as a report has it."""
    files = {"report.pdf": PDF} if files is None else files
    content = sha256(repr((REPORT_ID, list_name, recipients, subject, text, files)).encode())
    mail = EmailMessage(policy=SMTP)
    mail["From"] = SENDER
    mail["To"] = ", ".join(map(str, recipients))
    mail["Reply-To"] = "office@shop.example"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime(2011, 12, 1, 6, tzinfo=UTC))
    mail["Message-ID"] = f"<rfm.{content.hexdigest()[:40]}@shop.example>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Rfmreport-Report"] = REPORT_ID
    mail["X-Rfmreport-List"] = list_name
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p><img src='cid:chart'>", subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<chart>")
    for name, data in files.items():
        mail.add_attachment(data, "application", "pdf", filename=name)
    return mail


def write_mail(folder: Path, list_name: str, recipients: Sequence[str | Address], **given) -> bytes:
    """Write a list's mail into a report folder; return its bytes."""
    content = make_mail(list_name, recipients, **given).as_bytes()
    path = folder / "email" / f"{list_name}.eml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content
