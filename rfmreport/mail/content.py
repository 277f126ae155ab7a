"""What an e-mail says about a report: selected, written out, every text fit for one line."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from rfmreport.formats import Formats, rounded_that_add_up, rounded_to
from rfmreport.kit.colors import ACCENT, INK, checked_color
from rfmreport.kit.drawings import text_width
from rfmreport.kit.tables import share_texts
from rfmreport.mail.charts import mail_drawing
from rfmreport.mail.parts import (
    Advice,
    Figure,
    MailContent,
    Picture,
    Point,
    SegmentLine,
    SegmentLines,
    Strip,
)
from rfmreport.mail.recipients import MANAGEMENT, reply_address_of
from rfmreport.mail.text import first_clauses, one_line, whole_sentences
from rfmreport.sections.summary.page import written_kpi
from rfmreport.sections.summary.summary import can_compare, revenue_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.mail.parts import Attachment
    from rfmreport.report import DepartmentSummary, Report
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.sections.segments.figures import SegmentRow
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.settings import EmailSettings
    from rfmreport.vocabulary import Insight

SUBJECT_LENGTH = 78  # RFC 5322, section 2.1.1: the line that every program shows
_MOST_POINTS, _MOST_ADVICE, _MOST_SEGMENTS, _MOST_FILES = 4, 3, 25, 12
_NAME, _TITLE, _TEXT = 40, 120, 320
_ANSWER = 500
_LEAST_SHOP = 20
_REPORT = "Management report"
_MEGABYTE = 1_000_000
_UNITS = ((0, ""), (3, "thousands"), (6, "millions"), (9, "billions"))
_WIDEST_REVENUE = 5.2  # in units of the size of the print
# The headline of the management's e-mail and the table of segments say it already.
_SAID_ELSEWHERE = frozenset({"top_segment"})


def mail_content(
    report: Report,
    department: DepartmentSummary | None,
    settings: EmailSettings,
    attachments: Sequence[Attachment],
    *,
    too_large: Sequence[str] = (),
) -> MailContent:
    """Return what the e-mail to the management, or to one department, says.

    `too_large` names lists that were to travel and cannot.
    """
    formats = Formats(report.locale, report.currency)
    told = department or report
    is_said = frozenset() if department else _SAID_ELSEWHERE
    points = [_point(one, formats) for one in told.insights if one.key not in is_said]
    advice = [_advice(one, report, formats) for one in told.recommendations[:_MOST_ADVICE]]
    period = period_of(report, formats)
    drawing = mail_drawing(report, department, formats)
    words = drawing.caption
    return MailContent(
        subject=subject_of(report, department, formats),
        preheader=_preheader(points, advice),
        kicker=f"{one_line(department.title, _NAME) if department else _REPORT}, {period}",
        shop=one_line(report.shop, _NAME),
        question=one_line(department.question) if department else "",
        headline=one_line(department.answer if department else report.headline, _ANSWER),
        standfirst="" if department else whole_sentences(report.standfirst, 2 * _TEXT),
        notices=tuple(whole_sentences(finding.text, 2 * _TEXT) for finding in report.notices),
        strip=_strip(department.figures if department else report.kpis, formats),
        picture=Picture(
            kicker=one_line(words.kicker),
            title=one_line(words.title),
            alternative=one_line(words.alternative, 2 * _TEXT),
            note=one_line(words.note),
            width=drawing.width,
            height=drawing.height,
        ),
        points=tuple(points[:_MOST_POINTS]),
        advice=tuple(advice),
        segments=None if department else _segments(report, formats),
        no_advice=_no_advice(report) if not department and not advice else "",
        attached=tuple(_attached(one, formats) for one in attachments),
        notes=_notes(report, department, settings, too_large, formats),
    )


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


def subject_of(report: Report, department: DepartmentSummary | None, formats: Formats) -> str:
    """Return the subject: what it is, of which period, and the one finding.

    No subject ends in the middle of a sentence: of an answer that is too long, its first clauses
    are told or else the department's first figure.
    """
    if department:
        return _department_subject(report, department, formats)
    figure = next(kpi for kpi in report.kpis if kpi.key == "revenue")
    finding = (
        f"{one_line(figure.period, _NAME).removeprefix('from ')}: "
        f"{_figure_in_subject(figure, formats)}{_change_in_subject(figure, report, formats)}"
    )
    room = SUBJECT_LENGTH - len(finding) - len(", ")
    return f"{one_line(report.shop, max(room, _LEAST_SHOP))}, {finding}"


def _department_subject(report: Report, department: DepartmentSummary, formats: Formats) -> str:
    period = period_of(report, formats)
    start = f"{one_line(department.title, _NAME)}, {period}"
    room = SUBJECT_LENGTH - len(f"{start}: ")
    told = first_clauses(one_line(department.answer, _ANSWER), room)
    for figure in department.figures[:1]:
        words = _figure_in_subject(figure, formats, period)
        change = _change_in_subject(figure, report, formats) if figure.key == "revenue" else ""
        told = told or next((one for one in (words + change, words) if len(one) <= room), "")
    return f"{start}: {told}" if told else start


def _figure_in_subject(figure: Kpi, formats: Formats, told_period: str | None = None) -> str:
    """Write a figure after the name of its period, or with its own where another is told."""
    written = written_kpi(figure, formats)
    label = one_line(written.label, _NAME)
    words = f"{label[:1].lower()}{label[1:]} {written.value}"
    if told_period is None or written.period == told_period:
        return words
    period = one_line(written.period, _TITLE)
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


def _preheader(points: Sequence[Point], advice: Sequence[Advice]) -> str:
    """Return what a list of mails shows after the subject: the first finding, and what to do."""
    parts = [point.headline for point in points[:1]]
    parts += [f"Do this next: {one.title}." for one in advice[:1]]
    return one_line(" ".join(parts))


def _strip(kpis: Sequence[Kpi], formats: Formats) -> Strip | None:
    if not kpis:
        return None
    period, against = shared = _shared(kpis)
    is_compared = any(kpi.change and kpi.change.against == against for kpi in kpis)
    heading = f"{period}, {'against ' if is_compared else ''}{against}" if period else ""
    if period and any((kpi.period, _against(kpi)) != shared for kpi in kpis):
        heading += ", unless said otherwise"
    return Strip(one_line(heading), tuple(_figure(kpi, shared, formats) for kpi in kpis))


def _shared(kpis: Sequence[Kpi]) -> tuple[str, str]:
    """Return the period and the comparison that most figures have; none where each has its own."""
    pairs = Counter((kpi.period, _against(kpi)) for kpi in kpis)
    pair, count = pairs.most_common(1)[0]
    return pair if 2 * count > len(kpis) else ("", "")


def _against(kpi: Kpi) -> str:
    """Return the comparison of a figure; one within chance says so itself, as no heading can."""
    if kpi.change is None:
        return kpi.no_change_reason
    return kpi.change.against + (", within chance" if kpi.change.within_chance else "")


def _figure(kpi: Kpi, shared: tuple[str, str], formats: Formats) -> Figure:
    """Write one figure; what the heading of the strip tells is not said again."""
    written = written_kpi(kpi, formats)
    is_told = (kpi.period, _against(kpi)) == shared
    return Figure(
        label=one_line(written.label, _NAME),
        value=written.value,
        period="" if kpi.period == shared[0] else one_line(written.period, _TITLE),
        change=written.change,
        tone=written.tone,
        against="" if is_told else one_line(written.against, _TITLE),
        year_change=written.year_change,
        year_tone=written.year_tone,
        year_against=one_line(written.year_against, _TITLE),
    )


def _point(insight: Insight, formats: Formats) -> Point:
    return Point(
        headline=whole_sentences(insight.headline, _TEXT),
        detail=whole_sentences(insight.detail, 2 * _TEXT),
        evidence=f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{formats.count(insight.sample_size)}",
    )


def _advice(advice: Recommendation, report: Report, formats: Formats) -> Advice:
    colors = {row.name: row.color for row in report.segments.rows}
    low, high = formats.money_short(advice.low), formats.money_short(advice.high)
    return Advice(
        color=checked_color(colors.get(advice.segment, ACCENT)),
        title=one_line(advice.title, _TITLE),
        action=whole_sentences(advice.action, 2 * _TEXT),
        worth="No range" if advice.low is None else f"{low} to {high}",
        basis=one_line(f"{advice.whom}; {advice.range_note}"),
        owner=one_line(f"Owner: {advice.department}. List: {advice.file}.", _TITLE),
    )


def _no_advice(report: Report) -> str:
    if report.playbook:
        return "Nothing to advise yet: the history is too short to put a figure on it."
    return (
        f"Nothing to advise: scheme {one_line(report.method.scheme_name, _NAME)} has no playbook."
    )


def _segments(report: Report, formats: Formats) -> SegmentLines:
    table = report.segments
    shares = share_texts([row.revenue for row in table.rows], formats)
    unit, (*amounts, whole) = _revenue_column([row.revenue for row in table.rows], formats)
    lines = [
        _segment_line(row, amount, share, formats)
        for row, amount, share in zip(table.rows, amounts, shares, strict=True)
    ]
    total = _segment_line(table.total, whole, formats.share(1.0), formats)
    day = table.previous_as_of
    since = f"since {day.day} {formats.month_name_short(day)}" if day else ""
    return SegmentLines(since, unit, tuple(lines[:_MOST_SEGMENTS]), total)


def _revenue_column(revenues: Sequence[Decimal], formats: Formats) -> tuple[str, list[str]]:
    """Write the revenues and their total so that they add up and fit a phone; say in what unit."""
    columns = [(unit, _in_units(revenues, power, formats)) for power, unit in _UNITS]
    fitting = (one for one in columns if text_width(one[1][-1], 1) <= _WIDEST_REVENUE)
    return next(fitting, columns[-1])


def _in_units(revenues: Sequence[Decimal], power: int, formats: Formats) -> list[str]:
    amounts = rounded_that_add_up([revenue.scaleb(-power) for revenue in revenues])
    return [formats.money(amount) for amount in (*amounts, sum(amounts, Decimal(0)))]


def _segment_line(row: SegmentRow, revenue: str, share: str, formats: Formats) -> SegmentLine:
    before = row.previous_customer_count
    change = None if before is None else row.customer_count - before
    return SegmentLine(
        name=one_line(row.name, _NAME),
        color=checked_color(row.color or INK),
        customers=formats.count(row.customer_count),
        change="" if change is None else formats.count_change(change),
        tone="" if not change else "up" if change > 0 else "down",
        revenue=revenue,
        share=share,
    )


def _attached(attachment: Attachment, formats: Formats) -> tuple[str, str]:
    size = _size(len(attachment.content), formats)
    return one_line(attachment.name, _TITLE), f"{one_line(attachment.about, _TITLE)}, {size}"


def _size(byte_count: int, formats: Formats) -> str:
    if byte_count >= _MEGABYTE:
        return f"{formats.number(byte_count / _MEGABYTE)} MB"
    return f"{formats.count(max(1, round(byte_count / 1_000)))} kB"


def _notes(
    report: Report,
    department: DepartmentSummary | None,
    settings: EmailSettings,
    too_large: Sequence[str],
    formats: Formats,
) -> tuple[str, ...]:
    """Return the small print: the data, who may see it, and why the reader gets it."""
    first, last = formats.day(report.first_day), formats.day(report.last_day)
    money = f", amounts in {report.currency}" if report.currency else ""
    day = formats.day(report.as_of)
    notes = [f"{one_line(report.shop, _NAME)}: orders from {first} to {last}, as of {day}{money}."]
    if department and department.files:
        files = ", ".join(one_line(name, _NAME) for name in department.files[:_MOST_FILES])
        notes.append(f"The data behind it: {files}.")
    notes.append("Files that are named and not attached lie in the folder of the report.")
    if too_large:
        names = ", ".join(one_line(name, _NAME) for name in too_large[:_MOST_FILES])
        notes.append(f"Too large to be attached: {names}.")
    notes.append(
        "What is attached may name customers: pass it on to nobody who may not know them."
        if settings.customer_lists
        else "Sums and shares only: neither this e-mail nor what is attached names a customer."
    )
    name = one_line(department.title if department else MANAGEMENT, _NAME)
    answers = reply_address_of(settings).addr_spec
    notes.append(f"You are on the list {name}. Answers, and requests to leave it: {answers}.")
    notes.append(f"Made by rfmreport {one_line(report.method.version, _NAME)}.")
    return tuple(notes)
