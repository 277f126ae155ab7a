"""An e-mail of a report, read back and made a page that a browser can open."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.mail.files import FOLDER, WrittenMail, mail_paths, read_mail
from rfmreport.mail.recipients import MANAGEMENT

if TYPE_CHECKING:
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Preview:
    """One e-mail as it will look: its file's name, the mail, and its page."""

    name: str
    mail: WrittenMail
    page: str


def read_preview(report: Path, name: str | None = None) -> Preview:
    """Read the e-mail to one list; without a name, that to the management or the first one.

    Raises:
        InputError: there is no such e-mail, or none that has a page.
    """
    found = {path.stem: path for path in mail_paths(report)}
    chosen = name or (MANAGEMENT if MANAGEMENT in found else next(iter(found)))
    if chosen not in found:
        message = f"{report}: has no e-mail {chosen!r}; it has {', '.join(found)}"
        raise InputError(message)
    mail = read_mail(found[chosen])
    page = _page(mail)
    if page is None:
        message = f"{found[chosen]}: is not an e-mail with a page to show"
        raise InputError(message)
    return Preview(chosen, mail, page)


def write_preview(preview: Preview, report: Path) -> Path:
    """Write the page beside the e-mail, or where that cannot be, into a folder of its own.

    Not into a temporary one at once: browsers that are installed as snaps cannot read those.
    """
    # Mail programs learn the letters' encoding from the message, browsers from the first bytes.
    content = preview.page.encode("utf-8-sig")
    name = f"{preview.name}.html"
    try:
        path = report / FOLDER / name
        path.write_bytes(content)
    except OSError:
        path = Path(mkdtemp(prefix="rfmreport-")) / name
        path.write_bytes(content)
    return path


def _page(mail: WrittenMail) -> str | None:
    """Return the HTML part with its pictures in it."""
    message: EmailMessage = message_from_bytes(mail.content, policy=default)
    body = message.get_body(("html",))
    if body is None:
        return None
    page = str(body.get_content()).replace("\r\n", "\n")
    for part in message.walk():
        if part.get_content_maintype() == "image" and part["Content-ID"]:
            content = b64encode(part.get_content()).decode("ascii")
            address = f"data:{part.get_content_type()};base64,{content}"
            page = page.replace(f"cid:{part['Content-ID'].strip('<> ')}", address)
    return page
