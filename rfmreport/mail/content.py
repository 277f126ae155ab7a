"""What an e-mail says about a report: selected, written out, every text fit for one line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_that_add_up
from rfmreport.kit.colors import ACCENT, INK, checked_color
from rfmreport.kit.drawings import text_width
from rfmreport.kit.tables import share_texts
from rfmreport.mail.charts import mail_drawing
from rfmreport.mail.letters import ANSWER, NAME, TEXT, TITLE, period_of, subject_of
from rfmreport.mail.recipients import MANAGEMENT, reply_address_of
from rfmreport.mail.text import one_line, whole_sentences
from rfmreport.sections.summary.page import written_kpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.mail.letters import Attachment, Letter
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.sections.segments.figures import SegmentRow
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.sections.summary.page import WrittenKpi
    from rfmreport.vocabulary import Insight

_MOST_POINTS, _MOST_ADVICE, _MOST_SEGMENTS, _MOST_FILES = 4, 3, 25, 12
_MEGABYTE = 1_000_000
_UNITS = ((0, ""), (3, "thousands"), (6, "millions"), (9, "billions"))
_WIDEST_REVENUE = 5.2  # in units of the size of the print


@dataclass(frozen=True, slots=True)
class Strip:
    """The figures; the heading tells the period and the comparison that most of them share."""

    heading: str
    figures: tuple[WrittenKpi, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The words of the chart, and its width in CSS pixels."""

    kicker: str
    title: str
    alternative: str
    note: str
    width: int


@dataclass(frozen=True, slots=True)
class Point:
    """One insight."""

    headline: str
    detail: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation; `worth` is its range, or that it has none."""

    color: str
    title: str
    action: str
    worth: str
    basis: str
    owner: str


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One row of the table of segments; `change` is empty without an earlier date."""

    name: str
    color: str
    customers: str
    change: str
    tone: str
    revenue: str
    share: str


@dataclass(frozen=True, slots=True)
class SegmentLines:
    """The table of segments; `since` is the heading of the changes, `unit` that of the revenue."""

    since: str
    unit: str
    rows: tuple[SegmentLine, ...]
    total: SegmentLine


@dataclass(frozen=True, slots=True)
class MailContent:
    """Everything that one e-mail says. What is empty or None is left out of both parts.

    `no_advice` says why there is none.
    """

    subject: str
    preheader: str
    kicker: str
    shop: str
    question: str
    headline: str
    standfirst: str
    notices: tuple[str, ...]
    strip: Strip | None
    picture: Picture
    points: tuple[Point, ...]
    advice: tuple[Advice, ...]
    segments: SegmentLines | None
    no_advice: str
    attached: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def mail_content(letter: Letter) -> MailContent:
    """Return what the e-mail says."""
    report, told, formats = letter.report, letter.told, letter.formats
    points = [_point(one, formats) for one in told.insights[:_MOST_POINTS]]
    advice = [_advice(one, report, formats) for one in told.recommendations[:_MOST_ADVICE]]
    drawing = mail_drawing(report, told.sections, formats)
    words, is_whole = drawing.caption, letter.is_to_management
    return MailContent(
        subject=subject_of(letter),
        preheader=_preheader(points, advice),
        kicker=f"{one_line(told.title, NAME)}, {period_of(report, formats)}",
        shop=one_line(report.shop, NAME),
        question=one_line(told.question),
        headline=one_line(told.answer, ANSWER),
        standfirst=whole_sentences(report.standfirst, 2 * TEXT) if is_whole else "",
        notices=tuple(whole_sentences(finding.text, 2 * TEXT) for finding in report.notices),
        strip=_strip(told.figures, formats),
        picture=Picture(
            kicker=one_line(words.kicker),
            title=one_line(words.title),
            alternative=one_line(words.alternative, 2 * TEXT),
            note=one_line(words.note),
            width=drawing.width,
        ),
        points=tuple(points),
        advice=tuple(advice),
        segments=_segments(report, formats) if is_whole else None,
        no_advice=_no_advice(report) if is_whole and not advice else "",
        attached=tuple(_attached(one, formats) for one in letter.attachments),
        notes=_notes(letter),
    )


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


def _figure(kpi: Kpi, shared: tuple[str, str], formats: Formats) -> WrittenKpi:
    """Write one figure; what the heading of the strip tells is not said again."""
    written = written_kpi(kpi, formats)
    is_told = (kpi.period, _against(kpi)) == shared
    return replace(
        written,
        label=one_line(written.label, NAME),
        period="" if kpi.period == shared[0] else one_line(written.period, TITLE),
        against="" if is_told else one_line(written.against, TITLE),
        year_against=one_line(written.year_against, TITLE),
    )


def _point(insight: Insight, formats: Formats) -> Point:
    return Point(
        headline=whole_sentences(insight.headline, TEXT),
        detail=whole_sentences(insight.detail, 2 * TEXT),
        evidence=f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{formats.count(insight.sample_size)}",
    )


def _advice(advice: Recommendation, report: Report, formats: Formats) -> Advice:
    colors = {row.name: row.color for row in report.segments.rows}
    low, high = formats.money_short(advice.low), formats.money_short(advice.high)
    return Advice(
        color=checked_color(colors.get(advice.segment, ACCENT)),
        title=one_line(advice.title, TITLE),
        action=whole_sentences(advice.action, 2 * TEXT),
        worth="No range" if advice.low is None else f"{low} to {high}",
        basis=one_line(f"{advice.whom}; {advice.range_note}"),
        owner=one_line(f"Owner: {advice.department}. List: {advice.file}.", TITLE),
    )


def _no_advice(report: Report) -> str:
    if report.no_advice:
        return whole_sentences(report.no_advice, 3 * TEXT)
    if report.playbook:
        return "Nothing to advise yet: the history is too short to put a figure on it."
    return f"Nothing to advise: scheme {one_line(report.method.scheme_name, NAME)} has no playbook."


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
        name=one_line(row.name, NAME),
        color=checked_color(row.color or INK),
        customers=formats.count(row.customer_count),
        change="" if change is None else formats.count_change(change),
        tone="" if not change else "up" if change > 0 else "down",
        revenue=revenue,
        share=share,
    )


def _attached(attachment: Attachment, formats: Formats) -> tuple[str, str]:
    size = _size(len(attachment.content), formats)
    return one_line(attachment.name, TITLE), f"{one_line(attachment.about, TITLE)}, {size}"


def _size(byte_count: int, formats: Formats) -> str:
    if byte_count >= _MEGABYTE:
        return f"{formats.number(byte_count / _MEGABYTE)} MB"
    return f"{formats.count(max(1, round(byte_count / 1_000)))} kB"


def _notes(letter: Letter) -> tuple[str, ...]:
    """Return the small print: the data, who may see it, and why the reader gets it."""
    report, told, settings, formats = letter.report, letter.told, letter.settings, letter.formats
    period, day = report.period(formats), formats.day(report.as_of)
    money = f", amounts in {report.currency}" if report.currency else ""
    what = "orders from " if report.has_orders else ""
    notes = [f"{one_line(report.shop, NAME)}: {what}{period}, as of {day}{money}."]
    if told.files:
        notes.append(f"The data behind it: {_listed(told.files)}.")
    notes.append("Files that are named and not attached lie in the folder of the report.")
    if letter.too_large:
        notes.append(f"Too large to be attached: {_listed(letter.too_large)}.")
    notes.append(
        "What is attached may name customers: pass it on to nobody who may not know them."
        if settings.customer_lists
        else "Sums and shares only: neither this e-mail nor what is attached names a customer."
    )
    name = one_line(MANAGEMENT if letter.is_to_management else told.title, NAME)
    answers = reply_address_of(settings).addr_spec
    notes.append(f"You are on the list {name}. Answers, and requests to leave it: {answers}.")
    notes.append(f"Made by rfmreport {one_line(report.method.version, NAME)}.")
    return tuple(notes)


def _listed(files: Sequence[str]) -> str:
    return ", ".join(one_line(name, NAME) for name in files[:_MOST_FILES])
