"""Letters: whom an e-mail is written to, what it tells of which report, and how it is called."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from rfmreport.formats import Formats, rounded_to
from rfmreport.mail.recipients import MANAGEMENT
from rfmreport.mail.text import first_clauses, one_line
from rfmreport.report import DepartmentSummary
from rfmreport.sections.summary.page import written_kpi
from rfmreport.sections.summary.summary import can_compare
from rfmreport.sections.when.figures import revenue_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.report import Report
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.settings import EmailSettings

SUBJECT_LENGTH = 78  # RFC 5322, section 2.1.1: the line that every program shows
NAME, TITLE, TEXT, ANSWER = 40, 120, 320, 500
"""How many letters of a name, a title, a text and an answer are told."""
_LEAST_SHOP = 20
# The headline of the management's e-mail and the table of segments say it already.
_SAID_ELSEWHERE = frozenset({"top_segment"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with the message: `about` says what it is."""

    name: str
    content: bytes
    about: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail that is to be written: what of which report it tells, and what travels with it.

    `too_large` names lists that were to travel and cannot.
    """

    report: Report
    told: DepartmentSummary
    settings: EmailSettings
    attachments: Sequence[Attachment] = ()
    too_large: Sequence[str] = ()

    @property
    def formats(self) -> Formats:
        """Return how its numbers are written."""
        return Formats(self.report.locale, self.report.currency)

    @property
    def is_to_management(self) -> bool:
        """Say whether it tells the whole report, and not what a department is told."""
        return self.told.key == MANAGEMENT


def letters_of(report: Report, settings: EmailSettings) -> list[Letter]:
    """Return what is to be written, to the management and to departments that have recipients."""
    management = DepartmentSummary(
        key=MANAGEMENT,
        title="Management report",
        question="",
        answer=report.headline,
        sections=("months",),  # of revenue by month the headline speaks
        insights=tuple(one for one in report.insights if one.key not in _SAID_ELSEWHERE),
        recommendations=report.recommendations,
        files=(),
        recipients=settings.management,
        figures=report.kpis,
    )
    everybody = (management, *report.departments)
    return [Letter(report, one, settings) for one in everybody if one.recipients]


def period_of(report: Report, formats: Formats) -> str:
    """Name the month that was asked for, or the day that the report is of."""
    return formats.month(report.month) if report.month else f"as of {formats.day(report.as_of)}"


def report_id(report: Report) -> str:
    """Return which report this is, of which shop, in ASCII: "2011-11-1a2b3c4d"."""
    shop = sha256(report.shop.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{period_id(report)}-{shop}"


def period_id(report: Report) -> str:
    """Return the month that was asked for as "2011-11", or else the report's date."""
    return f"{report.month:%Y-%m}" if report.month else report.as_of.isoformat()


def subject_of(letter: Letter) -> str:
    """Return the subject: what it is, of which period, and the one finding.

    No subject ends in the middle of a sentence: of an answer that is too long, its first clauses
    are told or else the department's first figure.
    """
    report, told, formats = letter.report, letter.told, letter.formats
    if letter.is_to_management:
        figure = next(kpi for kpi in report.kpis if kpi.key == "revenue")
        finding = (
            f"{one_line(figure.period, NAME).removeprefix('from ')}: "
            f"{_figure_in_subject(figure, formats)}{_change_in_subject(figure, report, formats)}"
        )
        room = SUBJECT_LENGTH - len(finding) - len(", ")
        return f"{one_line(report.shop, max(room, _LEAST_SHOP))}, {finding}"
    period = period_of(report, formats)
    start = f"{one_line(told.title, NAME)}, {period}"
    room = SUBJECT_LENGTH - len(f"{start}: ")
    finding = first_clauses(one_line(told.answer, ANSWER), room)
    for figure in told.figures[:1]:
        words = _figure_in_subject(figure, formats, period)
        change = _change_in_subject(figure, report, formats) if figure.key == "revenue" else ""
        finding = finding or next((s for s in (words + change, words) if len(s) <= room), "")
    return f"{start}: {finding}" if finding else start


def _figure_in_subject(figure: Kpi, formats: Formats, told_period: str | None = None) -> str:
    """Write a figure after the name of its period, or with its own where another is told."""
    written = written_kpi(figure, formats)
    label = one_line(written.label, NAME)
    words = f"{label[:1].lower()}{label[1:]} {written.value}"
    if told_period is None or written.period == told_period:
        return words
    period = one_line(written.period, TITLE)
    return f"{words} {period}" if period.startswith("of ") else f"{words} ({period})"


def _change_in_subject(figure: Kpi, report: Report, formats: Formats) -> str:
    """Tell the change on the month before, where it is one."""
    complete = [month for month in report.months if month.complete]
    change = figure.change.relative if figure.change else None
    if change is None or len(complete) < 2 or not can_compare(complete[-1], complete[-2]):  # noqa: PLR2004
        return ""
    last, before = complete[-1], complete[-2]
    name = formats.month_name(before.first_day)
    if not revenue_changed(last, before) or not rounded_to(change, 2):
        return f", level with {name}"
    return f", {'+' if change > 0 else ''}{formats.share(change, 0)} on {name}"


def file_name(report: Report, ending: str) -> str:
    """Return the name of an attached file: "online-retail-2011-11.pdf", in the shop's script."""
    letters = unicodedata.normalize("NFC", report.shop.casefold())
    shop = "".join(letter if _is_of_a_word(letter) else " " for letter in letters)
    return "-".join([*shop[:NAME].split(), period_id(report)]) + ending


def _is_of_a_word(letter: str) -> bool:
    """Say whether it is a letter or digit, or a mark on one, without which Hindi is no Hindi."""
    return unicodedata.category(letter)[0] in "LNM"
