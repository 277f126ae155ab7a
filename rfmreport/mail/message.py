"""The monthly e-mails: each a complete message of two parts that say the same, its chart, its PDF.

The second home of the templates. Nothing here opens a connection.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, time
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

import css_inline
from markupsafe import Markup

from rfmreport.errors import OutputError
from rfmreport.formats import Formats
from rfmreport.kit.colors import on_dark_page
from rfmreport.mail.charts import mail_drawing
from rfmreport.mail.content import mail_content
from rfmreport.mail.files import FOLDER, LIST_HEADER, REPORT_HEADER
from rfmreport.mail.letters import Attachment, Letter, file_name, letters_of, report_id
from rfmreport.mail.recipients import addresses_of, reply_address_of, sender_of
from rfmreport.mail.text import PLAIN_FILTERS
from rfmreport.pages.html import environment, slips_are_told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from email.headerregistry import Address
    from pathlib import Path

    from jinja2 import Environment

    from rfmreport.mail.content import MailContent
    from rfmreport.pages.workers import RenderWorkers
    from rfmreport.report import Report
    from rfmreport.settings import EmailSettings

    Pictures = Mapping[str, Callable[[], bytes]]

MOST_HTML_BYTES = 95_000  # from about 102,000 on, mail programs show a part of it only
_MEGABYTE = 1_000_000
_ENCODED = 1.37  # base64 with its line breaks, against what it encodes
_TEXT_BYTES = 300_000
_CUSTOMER_FILES = (
    *("audiences/", "data/customers.csv", "data/moved.csv"),
    *("data/accounts.csv", "data/overdue.csv"),
)


def start_pictures(report: Report, settings: EmailSettings, workers: RenderWorkers) -> Pictures:
    """Begin to draw the chart of every e-mail; what each list's name leads to waits for it."""
    drawn: dict[str, Callable[[], bytes]] = {}  # lists that see the same chart share its picture
    pictures = {}
    for letter in letters_of(report, settings):
        drawing = mail_drawing(report, letter.told.sections, letter.formats)
        if drawing.caption.id not in drawn:
            drawn[drawing.caption.id] = workers.start_png(drawing)
        pictures[letter.told.key] = drawn[drawing.caption.id]
    return pictures


def write_messages(
    report: Report,
    settings: EmailSettings,
    pictures: Pictures,
    folder: Path,
    template_dir: Path | None = None,
) -> tuple[str, ...]:
    """Write email/NAME.eml into the folder of the report, one for every list with recipients.

    The PDFs that are attached must lie in the folder already. The messages have the date of the
    report, so that the same report is the same files; sending sets the day it is sent. Returns
    their paths, relative to the folder.
    """
    (folder / FOLDER).mkdir()
    paths = []
    for letter in letters_of(report, settings):
        picture = pictures[letter.told.key]()
        message = compose_message(with_attachments(letter, folder), picture, template_dir)
        paths.append(f"{FOLDER}/{letter.told.key}.eml")
        (folder / paths[-1]).write_bytes(message.as_bytes())
    return tuple(paths)


def compose_message(
    letter: Letter, picture: bytes, template_dir: Path | None = None
) -> EmailMessage:
    """Return the e-mail; the same letter gives the same bytes.

    The Message-ID is made from report, list, subject, both texts and what is attached.

    Args:
        letter: What is told, and to whom.
        picture: The drawing of `mail_drawing`, as PNG.
        template_dir: The user's templates, searched before those that ship.
    """
    name, report_key = letter.told.key, report_id(letter.report)
    content, domain = mail_content(letter), sender_of(letter.settings).domain
    picture_id = f"chart.{_hash([report_key, name])[:16]}@{domain}"
    html, text = _parts(content, picture_id, template_dir)
    _check_size(html, name)
    attached = [one.content for one in letter.attachments]
    identity = _hash([report_key, name, content.subject, text, html, *attached])
    message = EmailMessage(policy=SMTP)
    _set_headers(message, letter, content.subject, f"<rfm.{identity[:40]}@{domain}>")
    _add_parts(message, (text, html), picture, picture_id)
    for attachment in letter.attachments:
        _attach(message, attachment)
    _set_boundaries(message, identity)
    return message


# --- the two parts ------------------------------------------------------------------------------


def _parts(content: MailContent, picture_id: str, template_dir: Path | None) -> tuple[str, str]:
    """Return the HTML part, its styles written into the elements, and the plain one."""
    page, plain = _environments(template_dir)
    with slips_are_told(template_dir):
        html = page.get_template("mail/mail.html.j2").render(
            content=content,
            picture_id=picture_id,
            style=_source(page, "mail/mail.css"),
            kept_style=_source(page, "mail/kept.css"),
            dark_colors=_dark_colors(content),
        )
        text = plain.get_template("mail/mail.txt.j2").render(content=content)
    inliner = css_inline.CSSInliner(
        keep_style_tags=False, load_remote_stylesheets=False, minify_css=True
    )
    return inliner.inline(html), text


@cache
def _environments(template_dir: Path | None) -> tuple[Environment, Environment]:
    """Return where the templates of the two parts come from; each is compiled once."""
    page = environment(template_dir, Formats())
    plain = page.overlay(autoescape=False)
    plain.filters = plain.filters | PLAIN_FILTERS
    return page, plain


def _source(page: Environment, name: str) -> Markup:
    """Return a style sheet as it stands in the user's folder, or else in ours."""
    assert page.loader  # noqa: S101  `environment` has given it one
    return Markup(page.loader.get_source(page, name)[0])  # noqa: S704  no text from the data


def _dark_colors(content: MailContent) -> Markup:
    """Return the rules that lighten the colours of segments on a dark page."""
    colors = {one.color for one in content.advice}
    colors |= {row.color for row in content.segments.rows} if content.segments else set()
    rules = "".join(
        f".mark-{color[1:]}{{color:{on_dark_page(color)}!important}}"
        f".edge-{color[1:]}{{background-color:{on_dark_page(color)}!important}}"
        for color in sorted(colors)
    )
    return Markup(f"@media (prefers-color-scheme:dark){{{rules}}}")  # noqa: S704  checked colours


def _check_size(html: str, name: str) -> None:
    size = len(html.encode("utf-8"))
    if size > MOST_HTML_BYTES:
        message = (
            f"the HTML of e-mail {name!r} has {size:,} bytes, more than mail programs show "
            f"({MOST_HTML_BYTES:,}); shorten templates/mail/mail.html.j2"
        )
        raise OutputError(message)


# --- the message --------------------------------------------------------------------------------


def _set_headers(message: EmailMessage, letter: Letter, subject: str, message_id: str) -> None:
    """Say from whom to whom, which report it is, and that no machine need answer."""
    name, answers = letter.told.key, reply_address_of(letter.settings)
    _set_person(message, "From", sender_of(letter.settings))
    # Without names: Python 3.11 encodes the comma beside a foreign name where it folds a header
    # (python/cpython#100884), and makes two addresses into none.
    recipients = addresses_of(letter.told.recipients, name)
    message["To"] = ", ".join(address.addr_spec for address in recipients)
    _set_person(message, "Reply-To", answers)
    _set_text(message, "Subject", subject)
    message["Date"] = format_datetime(datetime.combine(letter.report.as_of, time(), UTC))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    leaving = f"<mailto:{answers.addr_spec}?subject=unsubscribe%20{quote(name)}>"
    message["List-Unsubscribe"] = leaving
    message[REPORT_HEADER] = report_id(letter.report)
    _set_text(message, LIST_HEADER, name)


def _set_person(message: EmailMessage, header: str, person: Address) -> None:
    """Set a header to one address, and a name of any script."""
    if _is_plain(person.display_name):
        message[header] = person
    else:
        message.set_raw(header, f"{_encoded(person.display_name, header)} <{person.addr_spec}>")


def _set_text(message: EmailMessage, header: str, text: str) -> None:
    """Set a header to text of any script."""
    if _is_plain(text):
        message[header] = text
    else:
        message.set_raw(header, _encoded(text, header))


def _is_plain(text: str) -> bool:
    """Say whether a header may hold the text as it is.

    Python decodes what looks like an encoded word, and a line break in one begins a new header.
    """
    return text.isascii() and "=?" not in text


def _encoded(text: str, header: str) -> str:
    """Encode a text as a whole: Python folds a mixture into one with spaces lost and doubled."""
    return Header(text, "utf-8", header_name=header).encode(linesep="\n")


def _add_parts(
    message: EmailMessage, parts: tuple[str, str], picture: bytes, picture_id: str
) -> None:
    text, html = parts
    # Lines of any length and letters of any script, through servers that know neither.
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    related = message.get_payload(1)
    assert isinstance(related, EmailMessage)  # noqa: S101  it was just added
    related.add_related(
        picture, "image", "png", cid=f"<{picture_id}>", filename="chart.png", disposition="inline"
    )
    related.set_param("type", "text/html")  # RFC 2387, section 3.1


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """Attach a file under its own name, and under one in ASCII for programs that know no other."""
    kind = ("text", "csv") if attachment.name.endswith(".csv") else ("application", "pdf")
    message.add_attachment(
        attachment.content,
        *kind,
        filename=attachment.name,
        params={"name": _in_ascii(attachment.name)},
    )


def _set_boundaries(message: EmailMessage, identity: str) -> None:
    """Set boundaries that are the same every time, and that no encoded content can hold."""
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_rfm_{number}_{identity[:24]}")


def _hash(parts: Sequence[str | bytes]) -> str:
    digest = sha256()
    for part in parts:
        data = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


# --- what travels with it -----------------------------------------------------------------------


def with_attachments(letter: Letter, folder: Path) -> Letter:
    """Return the letter with what travels with it, and the lists that are too large for that.

    The PDF travels in any case: of one that is too large, sending says so.
    """
    report, told, settings = letter.report, letter.told, letter.settings
    if letter.is_to_management:
        path, about, ending = "report.pdf", "the whole report", ".pdf"
    else:
        path, about = f"departments/{told.key}.pdf", f"the summary for {told.title}"
        ending = f"-{told.key}.pdf"
    pdf = Attachment(file_name(report, ending), (folder / path).read_bytes(), about)
    attachments, too_large = [pdf], []
    room = settings.largest_megabytes * _MEGABYTE / _ENCODED - _TEXT_BYTES - len(pdf.content)
    lists = told.files if settings.customer_lists else ()
    for file in (one for one in lists if one.startswith(_CUSTOMER_FILES)):
        size = (folder / file).stat().st_size
        if size > room:
            too_large.append(file)
            continue
        room -= size
        name = file.replace("/", "-")
        attachments.append(Attachment(name, (folder / file).read_bytes(), "a list of customers"))
    return replace(letter, attachments=attachments, too_large=too_large)


def _in_ascii(name: str) -> str:
    """Return the name without accents, and without letters of other scripts."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return plain.lstrip("-") if plain[:1].isalpha() else f"report-{plain.lstrip('-')}"
