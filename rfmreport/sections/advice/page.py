"""What is said of advice: whom to talk to, what to say to whom, and what to aim for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_that_add_up
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import people
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import money_range, shown
from rfmreport.sections.advice.charts import targets_drawing
from rfmreport.sections.advice.figures import PlaybookCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import AudienceValue, Reach, Target, Targets

_MESSAGES = {"screen": 50, "print": 6}


def _audiences_finding(report: Report, formats: Formats) -> str:
    reach = report.department_figures.reach
    if reach is None or not reach.rows:
        return ""
    best = reach.rows[0]
    title = next((one.title for one in report.recommendations if one.segment == best.segment), "")
    count = formats.count(best.contact_count)
    few, many = (formats.number(points) for points in reach.extra_points)
    return (
        f"{title or f'Talk to {people(best.segment)} first'}: {few} to {many} more in 100 of these "
        f"{count} would add {formats.money_short(best.extra_low)} to "
        f"{formats.money_short(best.extra_high)} within {formats.count(reach.days)} days"
    )


def points_words(reach: Reach, formats: Formats) -> str:
    """Say what is supposed of a contact: "1 to 5 more buyers in 100"."""
    few, many = (formats.number(points) for points in reach.extra_points)
    return f"{few} to {many} more buyers in 100"


def _messages_finding(report: Report, formats: Formats) -> str:
    if not report.playbook:
        return ""
    first = report.recommendations[0].title if report.recommendations else ""
    count = formats.count(len(report.playbook))
    return f"{count} segments, {count} messages; first: {first}" if first else ""


def _targets_finding(report: Report, formats: Formats) -> str:
    targets = report.department_figures.targets
    if targets is None or not targets.rows:
        return ""
    total, top = targets.total, max(report.segments.rows, key=lambda row: row.revenue)
    floor = total.floor
    low, high = (formats.money_short(end) for end in (floor.low, floor.high))
    return (
        f"{formats.share(top.revenue_share, 0)} of the money comes from {top.name}; a fair target "
        f"for {formats.count(targets.days)} days is {formats.money_short(total.target)}, "
        f"{formats.money_short(floor.value)} of it as things go ({low} to {high})"
    )


def audiences_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the segments as audiences, those that a contact could add most to first."""
    reach = report.department_figures.reach
    if reach is None:
        return None
    soon, later = (formats.count(days) for days in (reach.windows[0], reach.windows[-1]))

    def buyers(one: AudienceValue) -> str:
        return "–".join(formats.count(round(end)) for end in one.extra_buyers)

    def revenue(one: AudienceValue) -> str:
        ends = (one.extra_low, one.extra_high)
        return "–".join(formats.money_short(end) for end in ends)

    fields: tuple[Field[AudienceValue], ...] = (
        Field("", "Audience", lambda one: one.segment),
        Field("", "Contacts", lambda one: one.contact_count, "count"),
        Field("", "Order anyway", lambda one: one.shares[0], "percent", f"in {soon} days"),
        Field("", "Order anyway", lambda one: one.shares[-1], "percent", f"in {later} days"),
        Field("", "Spend", lambda one: one.revenue_per_buyer, "money", "of a buyer"),
        Field("", "Extra buyers", buyers, numeric=True),
        Field("", "Extra revenue", revenue, numeric=True),
        Field("", "Per contact", lambda one: one.extra_per_contact, "cents"),
    )
    untold = ", ".join(shown(name, 32) for name in reach.untold)
    missing = f" Too few like them were known before to say of {untold}." if untold else ""
    note = (
        f"Extra: if {points_words(reach, formats)} order within {formats.count(reach.days)} days "
        "than do anyway, at what the median customer of the segment who came back spent; a "
        f"supposition of the settings, not a forecast. Per contact: the middle of the two.{missing}"
    )
    keys = report.segment_keys
    caption = "Segments as audiences, most to add first"
    table = page_table(caption, fields, reach.rows, formats, key=lambda one: keys.get(one.segment))
    return Block(table, note=note)


def messages_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return what to say to each segment, in the order of the audiences."""
    if not report.playbook:
        return None
    reach, keys = report.department_figures.reach, report.segment_keys
    order = [row.segment for row in reach.rows] if reach else []
    cards = sorted(
        report.playbook,
        key=lambda card: order.index(card.segment) if card.segment in order else len(order),
    )
    room = 170 if medium == "screen" else 120
    shown_cards = cards[: _MESSAGES[medium]]
    note = ""
    if len(shown_cards) < len(cards):
        note = (
            f"The {len(shown_cards)} with most to add, of {len(cards)}; all of them are in the "
            "report’s playbook."
        )

    def column(heading: str, value: Callable[[PlaybookCard], str]) -> Field[PlaybookCard]:
        return Field("", heading, value, limit=room)

    fields = (
        Field[PlaybookCard]("", "To", lambda card: card.segment),
        column("Do", lambda card: card.actions[0] if card.actions else ""),
        column("Offer", lambda card: card.offer),
        column("Channel", lambda card: card.channel),
        column("When", lambda card: card.timing),
    )
    caption = "What to say to each segment"
    table = page_table(
        caption, fields, shown_cards, formats, key=lambda card: keys.get(card.segment)
    )
    return Block(table, note=note)


def targets_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the targets by segment; rows and total add up."""
    targets = report.department_figures.targets
    if targets is None:
        return None
    keys = report.segment_keys
    few, many = (f"{formats.number(points)} in 100" for points in targets.extra_points)

    fields: tuple[Field[Target], ...] = (
        Field("", "Segment", lambda row: row.segment),
        Field("", "Customers", lambda row: row.customer_count, "count"),
        Field("", "Comes anyway", lambda row: row.floor, "money_short", "likely"),
        Field("", " ", lambda row: money_range(row.floor, formats), hint="low–high", numeric=True),
        Field("", "A buyer", lambda row: row.revenue_per_buyer, "money", "spends"),
        Field("", "More buyers", lambda row: row.target_buyers, "count", few, adds_up=True),
        Field("", "Target", lambda row: row.target, "money"),
        Field("", "More buyers", lambda row: row.stretch_buyers, "count", many, adds_up=True),
        Field("", "Stretch", lambda row: row.stretch, "money"),
    )
    *rows, total = _whole_targets(targets)
    table = page_table(
        f"Targets of the next {formats.count(targets.days)} days by segment",
        fields,
        rows,
        formats,
        total=total,
        key=lambda row: keys.get(row.segment),
    )
    return Block(table, note=_TARGETS_NOTE)


def _whole_targets(targets: Targets) -> list[Target]:
    """Return the rows, and last their total, in whole money that adds up.

    What a stretch adds is rounded by itself: rounded apart, it could stand below its target.
    """
    least = rounded_that_add_up([row.target for row in targets.rows])
    more = rounded_that_add_up([row.stretch - row.target for row in targets.rows])
    rows = [
        replace(row, target=target, stretch=target + extra)
        for row, target, extra in zip(targets.rows, least, more, strict=True)
    ]
    target, stretch = sum(least, Decimal(0)), sum((*least, *more), Decimal(0))
    return [*rows, replace(targets.total, target=target, stretch=stretch)]


_TARGETS_NOTE = (
    "Comes anyway: the report’s forecast, by who brings it, with its bounds. More buyers: "
    "customers in 100 who would else not come, at what the median one who came back spent."
)


def _playbook(report: Report, formats: Formats) -> str:
    if not report.playbook:
        return ""
    if not report.recommendations:
        count = formats.count(len(report.playbook))
        if report.worth and report.worth.opportunities:
            return f"{count} segments, and contacting all of one pays in none of them"
        return f"{count} segments, each with its own treatment"
    return f"First: {report.recommendations[0].title}"


# --- files and sections -------------------------------------------------------------------------


def _target_fields(report: Report) -> tuple[Field[Target], ...]:
    targets = report.department_figures.targets
    days = targets.days if targets else None
    return (
        Field("days", "", lambda _: days, "count"),
        Field("segment", "", lambda row: row.segment),
        Field("customers", "", lambda row: row.customer_count, "count"),
        Field("floor", "", lambda row: row.floor, "money", has_interval=True),
        Field("revenue_per_buyer", "", lambda row: row.revenue_per_buyer, "money"),
        Field("target_buyers", "", lambda row: row.target_buyers, "number"),
        Field("target", "", lambda row: row.target, "money"),
        Field("stretch_buyers", "", lambda row: row.stretch_buyers, "number"),
        Field("stretch", "", lambda row: row.stretch, "money"),
    )


def _targets(report: Report) -> tuple[Target, ...] | None:
    targets = report.department_figures.targets
    return targets.rows if targets else None


def _all_targets(report: Report) -> Target | None:
    targets = report.department_figures.targets
    return targets.total if targets else None


def _audience_fields(report: Report) -> tuple[Field[AudienceValue], ...]:
    reach = report.department_figures.reach
    windows, days = (reach.windows, reach.days) if reach else ((), None)
    chances: list[Field[AudienceValue]] = []
    for place, window in enumerate(windows):
        share, count = partial(_share, place), partial(_responders, place)
        chances.append(Field(f"share_{window}_days", "", share, "share"))
        chances.append(Field(f"responders_{window}_days", "", count, "number"))
    return (
        Field("segment", "", lambda row: row.segment),
        Field("contacts", "", lambda row: row.contact_count, "count"),
        *chances,
        Field("within_days", "", lambda _: days, "count"),
        Field("revenue_per_buyer", "", lambda row: row.revenue_per_buyer, "money"),
        Field("revenue_anyway", "", lambda row: row.revenue_anyway, "money", has_interval=True),
        Field("extra_buyers_low", "", lambda row: row.extra_buyers[0], "number"),
        Field("extra_buyers_high", "", lambda row: row.extra_buyers[1], "number"),
        Field("extra_low", "", lambda row: row.extra_low, "money"),
        Field("extra_high", "", lambda row: row.extra_high, "money"),
        Field("extra_per_contact", "", lambda row: row.extra_per_contact, "cents"),
    )


def _share(place: int, row: AudienceValue) -> float:
    return row.shares[place].value


def _responders(place: int, row: AudienceValue) -> float:
    return row.responders[place]


def _audiences(report: Report) -> tuple[AudienceValue, ...] | None:
    reach = report.department_figures.reach
    return reach.rows if reach else None


SECTION: Section[Report] = Section("playbook", "Playbook", _playbook)
"""The section of the report."""

SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "audiences",
        "Whom to talk to",
        _audiences_finding,
        block=audiences_block,
        sheets=(Sheet("audiences_by_value", "one segment", _audience_fields, _audiences),),
        reasons=("Audiences by value",),
        look="audiences",
    ),
    Section("messages", "What to say", _messages_finding, block=messages_block, look="messages"),
    Section(
        "targets",
        "Targets",
        _targets_finding,
        drawings=(targets_drawing,),
        block=targets_block,
        sheets=(Sheet("targets", "one segment", _target_fields, _targets, _all_targets),),
        reasons=("Targets by segment",),
        charts=("targets",),
        look="targets",
    ),
)
"""What departments may be told of this topic."""
