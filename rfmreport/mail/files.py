"""E-mails that were written: a report's .eml files, read back to be sent, or shown as a page."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.policy import SMTP, default
from email.utils import format_datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from rfmreport.errors import InputError, SettingsError
from rfmreport.mail.deliveries import one_line
from rfmreport.mail.recipients import MANAGEMENT, read_address, split_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from email.message import EmailMessage

FOLDER = "email"
REPORT_HEADER = "X-Rfmreport-Report"
LIST_HEADER = "X-Rfmreport-List"
_NEEDED_ONCE = ("From", "To", "Subject", "Date", "Message-ID", REPORT_HEADER, LIST_HEADER)
_AT_MOST_ONCE = ("Reply-To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version")
# Headers that address further people, or stand for a sender: none is written by rfmreport.
_FOREIGN = re.compile(r"(?:b?cc|sender|return-path|resent-.*|.*-(?:receipt|notification)-to)")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_REPORT_ID = re.compile(r"[!-~]{1,100}")
_DATE_HEADER = re.compile(rb"^Date:.*\r\n(?:[ \t].*\r\n)*", re.MULTILINE | re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that travels with a mail."""

    name: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """One list's mail; `content` are its bytes, with CRLF at the end of each line.

    `recipients` says of each entry of the To header why it is no address; nothing where it is one.
    """

    list_name: str
    report_id: str
    message_id: str
    subject: str
    sender: str
    byte_count: int
    attachments: tuple[AttachedFile, ...]
    recipients: Mapping[str, str] = field(compare=False)
    content: bytes = field(repr=False, compare=False)

    @property
    def has_utf8_headers(self) -> bool:
        """Say whether only a server with SMTPUTF8 may be given the message."""
        return not self.content.partition(b"\r\n\r\n")[0].isascii()

    def dated(self, moment: datetime) -> bytes:
        """Return the content with the moment of sending as its Date."""
        headers, blank, body = self.content.partition(b"\r\n\r\n")
        date = f"Date: {format_datetime(moment)}\r\n".encode()
        return _DATE_HEADER.sub(date, headers + b"\r\n", count=1) + blank[2:] + body


def in_7bit(content: bytes) -> bytes:
    """Return the message with every part encoded in ASCII, for servers without 8BITMIME."""
    policy = SMTP.clone(cte_type="7bit")
    return message_from_bytes(content, policy=policy).as_bytes(policy=policy)


def mail_paths(folder: Path) -> list[Path]:
    """Return the files of a report's mails, in the order of their names.

    Raises:
        InputError: there are none.
    """
    paths = sorted((folder / FOLDER).glob("*.eml"))
    if not paths:
        message = (
            f"{folder}: no e-mails in it (expected {folder / FOLDER}/NAME.eml); write them with "
            "rfmreport build … --email"
        )
        raise InputError(message)
    return paths


def read_mails(folder: Path, lists: Iterable[str] = ()) -> list[WrittenMail]:
    """Read the mails of a report folder, all or those of some lists, in the order of their names.

    Raises:
        InputError: there are none, or one is not as rfmreport writes it.
        SettingsError: a list that was asked for is not there.
    """
    mails = {}
    for path in mail_paths(folder):
        mail = read_mail(path)
        name = mail.list_name
        if name in mails:
            message = f"{path}: a second mail for the list {name!r}; take one of them away"
            raise InputError(message)
        mails[name] = mail
    unknown = [name for name in lists if name not in mails]
    if unknown:
        message = f"--list {unknown[0]}: no such list in {folder}; there are {', '.join(mails)}"
        raise SettingsError(message)
    return [mail for name, mail in mails.items() if not lists or name in lists]


def read_mail(path: Path) -> WrittenMail:
    """Read one mail.

    Raises:
        InputError: it is not as rfmreport writes it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise InputError(message) from error
    # An editor may have saved it with other line ends; SMTP knows one.
    content = _LINE_END.sub(b"\r\n", content)
    if not content.endswith(b"\r\n"):  # or the dot that ends a mail would stand in its last line
        content += b"\r\n"
    try:
        return _checked(message_from_bytes(content, policy=SMTP), content)
    except (ValueError, LookupError, MessageError) as error:
        message = f"{path}: not an e-mail as rfmreport writes it: {error}; build the report again"
        raise InputError(message) from error


def _checked(message: EmailMessage, content: bytes) -> WrittenMail:
    """Return the mail, or raise a ValueError that says what is wrong with it."""
    headers = _headers(message)
    _check_headers(headers)
    defects = [defect for part in message.walk() for defect in part.defects]
    if defects:
        reason = f"it is damaged ({type(defects[0]).__name__})"
        raise ValueError(reason)
    return WrittenMail(
        list_name=_readable(message[LIST_HEADER]),
        report_id=_matching(_REPORT_ID, headers[REPORT_HEADER.lower()][0], REPORT_HEADER),
        message_id=_matching(_MESSAGE_ID, headers["message-id"][0], "Message-ID"),
        subject=_readable(message["Subject"]),
        sender=_sender(headers["from"][0]),
        byte_count=len(content),
        attachments=tuple(_attachments(message)),
        recipients=_recipients(headers["to"][0]),
        content=content,
    )


def _headers(message: EmailMessage) -> dict[str, list[str]]:
    """Return the top headers as they stand, in lines joined again, by name in small letters."""
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        headers.setdefault(name.lower(), []).append(re.sub(r"[\r\n]+", "", text).strip())
    return headers


def _check_headers(headers: dict[str, list[str]]) -> None:
    for name in _NEEDED_ONCE:
        if len(headers.get(name.lower(), ())) != 1:
            reason = f"expected one {name} header, found {len(headers.get(name.lower(), ()))}"
            raise ValueError(reason)
    for name in _AT_MOST_ONCE:
        if len(headers.get(name.lower(), ())) > 1:
            reason = f"expected one {name} header at most"
            raise ValueError(reason)
    for name in headers:
        if _FOREIGN.fullmatch(name):
            reason = f"it has a header {name!r}, which rfmreport never writes"
            raise ValueError(reason)


def _sender(text: str) -> str:
    senders = split_addresses(text)
    if len(senders) != 1:
        reason = f"expected one address in From, found {len(senders)}"
        raise ValueError(reason)
    try:
        return read_address(senders[0])
    except ValueError as error:
        reason = f"its From is no address that can be sent from ({error})"
        raise ValueError(reason) from error


def _recipients(text: str) -> Mapping[str, str]:
    """Return each recipient once; what is no address keeps nobody else from the mail."""
    found: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for entry in split_addresses(text):
        try:
            address, reason = read_address(entry), ""
        except ValueError as error:
            address, reason = entry, str(error)
        reasons.setdefault(found.setdefault(address.casefold(), address), reason)
    if not reasons:
        reason = "nobody stands in its To"
        raise ValueError(reason)
    return reasons


def _attachments(message: EmailMessage) -> Iterable[AttachedFile]:
    for part in message.walk():
        if part.get_content_disposition() == "attachment":
            data = part.get_payload(decode=True)
            name = one_line(part.get_filename() or part.get_content_type())
            yield AttachedFile(name, len(data) if isinstance(data, bytes) else 0)


def _readable(text: str) -> str:
    line = one_line(str(text))
    if not line:
        reason = "a header is empty"
        raise ValueError(reason)
    return line


def _matching(pattern: re.Pattern[str], text: str, name: str) -> str:
    if not pattern.fullmatch(text):
        reason = f"its {name} is {text!r}"
        raise ValueError(reason)
    return text


# --- one shown ----------------------------------------------------------------------------------


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

    Like the e-mail, it is there for nobody else to read.

    Not into a temporary one at once: browsers that are installed as snaps cannot read those.
    """
    # Mail programs learn the letters' encoding from the message, browsers from the first bytes.
    content = preview.page.encode("utf-8-sig")
    name = f"{preview.name}.html"
    try:
        path = report / FOLDER / name
        path.touch(mode=0o600)
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
