"""The parts of an e-mail, written out: what its HTML and its plain text both print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with the message: `about` says what it is."""

    name: str
    content: bytes
    about: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the strip; `period` and `against` only where they differ from the strip's."""

    label: str
    value: str
    period: str
    change: str
    tone: str
    against: str
    year_change: str
    year_tone: str
    year_against: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The figures; the heading tells the period and the comparison that most of them share."""

    heading: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The words of the chart, and its size in CSS pixels."""

    kicker: str
    title: str
    alternative: str
    note: str
    width: int
    height: int


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
