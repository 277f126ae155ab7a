"""An e-mail of a report, read back and made a page that a browser can open."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import mkdtemp

from rfmreport.errors import InputError
from rfmreport.mail.files import FOLDER
from rfmreport.mail.recipients import MANAGEMENT


@dataclass(frozen=True, slots=True)
class Preview:
    """One e-mail as it will look: the page, and what stands around it."""

    name: str
    subject: str
    recipients: str
    attached: tuple[str, ...]
    page: str


def read_preview(report: Path, name: str | None = None) -> Preview:
    """Read the e-mail to one list; without a name, that to the management or the first one.

    Raises:
        InputError: there is no such e-mail, or none that has a page.
    """
    found = {path.stem: path for path in sorted((report / FOLDER).glob("*.eml"))}
    if not found:
        message = f"{report}: holds no e-mails; rfmreport build --email writes them"
        raise InputError(message)
    chosen = name or (MANAGEMENT if MANAGEMENT in found else next(iter(found)))
    if chosen not in found:
        message = f"{report}: has no e-mail {chosen!r}; it has {', '.join(found)}"
        raise InputError(message)
    return _preview(chosen, found[chosen])


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


def _preview(name: str, path: Path) -> Preview:
    try:
        message = message_from_bytes(path.read_bytes(), policy=default)
    except OSError as error:
        reason = f"{path}: cannot be read ({error.strerror})"
        raise InputError(reason) from error
    assert isinstance(message, EmailMessage)  # noqa: S101  of this policy they are
    body = message.get_body(("html",))
    if body is None:
        reason = f"{path}: is not an e-mail with a page to show"
        raise InputError(reason)
    page = str(body.get_content()).replace("\r\n", "\n")
    for part in message.walk():
        if part.get_content_maintype() == "image" and part["Content-ID"]:
            address = f"cid:{part['Content-ID'].strip('<> ')}"
            page = page.replace(address, _image_address(part))
    return Preview(
        name=name,
        subject=str(
            message["Subject"]
        ).strip(),  # one that just does not fit is folded at its start
        recipients=str(message["To"]),
        attached=tuple(filter(None, (part.get_filename() for part in message.iter_attachments()))),
        page=page,
    )


def _image_address(part: EmailMessage) -> str:
    content = b64encode(part.get_content()).decode("ascii")
    return f"data:{part.get_content_type()};base64,{content}"
