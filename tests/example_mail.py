"""What the tests of the e-mails share: settings, a department, a picture, a message read back."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from rfmreport.mail.letters import Attachment, Letter, letters_of
from rfmreport.mail.message import compose_message
from rfmreport.report import DepartmentSummary
from rfmreport.settings import EmailSettings

if TYPE_CHECKING:
    from email.message import EmailMessage

    from rfmreport.report import Report

SETTINGS = EmailSettings(
    sender="Reports <reports@shop.example>",
    management=("Board <board@shop.example>", "cfo@shop.example"),
)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PDF = Attachment("gift-shop-2011-12-10.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 9, "the report")
FIGURE = re.compile(r"[^\s(),;:=]*\d[^\s(),;:=]*")


def department_of(report: Report, **changes: Any) -> DepartmentSummary:
    """Return what a department is told of the report; `changes` are fields of the summary."""
    told: dict[str, Any] = {
        "key": "marketing",
        "title": "Marketing",
        "question": "Whom do we talk to, and what do we say?",
        "answer": "767 At-Risk customers are worth a letter: £1.09M of past revenue",
        "sections": ("moves",),
        "insights": report.insights[3:5],
        "recommendations": report.recommendations[-1:],
        "files": ("audiences/at-risk.csv", "data/products.csv", "data/moved.csv"),
        "recipients": ("marketing@shop.example",),
        "figures": report.kpis[1:4],
    }
    return DepartmentSummary(**told | changes)


def letter_to(department: DepartmentSummary | None, report: Report, **changes: Any) -> Letter:
    """Return the letter to a department, or to the management, with a PDF."""
    settings = changes.get("settings", SETTINGS)
    letter = letters_of(report, settings)[0]
    return replace(letter, **{"told": department or letter.told, "attachments": [PDF]} | changes)


def composed(report: Report, department: DepartmentSummary | None = None, **more: Any) -> bytes:
    """Return the bytes of an e-mail with a PDF."""
    how = {name: more.pop(name) for name in ("picture", "template_dir") if name in more}
    letter = letter_to(department, report, **more)
    return compose_message(letter, **{"picture": PICTURE} | how).as_bytes()


def read_back(message: bytes) -> EmailMessage:
    """Read a message as a program does that keeps to the standards."""
    read = message_from_bytes(message, policy=default)
    assert [part.defects for part in read.walk() if part.defects] == []
    return read  # type: ignore[return-value]


def text_of(message: EmailMessage) -> str:
    """Return the plain part."""
    return message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def html_of(message: EmailMessage) -> str:
    """Return the HTML part."""
    return message.get_body(("html",)).get_content()  # type: ignore[union-attr]


class Page(HTMLParser):
    """The HTML part as a reader meets it: its elements, and its text with that of its picture."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.words.append(dict(attrs).get("alt") or "\n")
        self._hidden += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self.words.append("\n" if tag in {"p", "td", "th", "h1", "h2", "tr"} else "")
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        """Return what can be read."""
        return "".join(self.words)


def figures_in(text: str) -> set[str]:
    """Return every word with a digit in it, without the marks that end a sentence."""
    joined = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    return {word.strip('.,*%"<>') for word in FIGURE.findall(joined)}
