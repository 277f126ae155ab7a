"""What is said of advice: whom to talk to, what to say to whom, and what to aim for."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_that_add_up
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import Sentence, facts, people, tell
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import money_range, range_text, shown
from rfmreport.sections.advice.charts import targets_drawing
from rfmreport.sections.advice.figures import AudienceValue, Gain, PlaybookCard
from rfmreport.sections.advice.recommendations import measure_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Target, Targets
    from rfmreport.sections.segments.figures import SegmentRow

_MESSAGES = {"screen": 50, "print": 6}
_LONGEST = 400


def _audiences_finding(report: Report, formats: Formats) -> str:
    reach = report.department_figures.reach
    if reach is None:
        return ""
    gain = reach.rows[0].gain
    titles = {one.segment: one.title for one in report.recommendations}
    title = titles.get(gain.segment, f"Talk to {people(gain.segment)} first")
    values = {**facts(gain, "low", "high", "customer_count"), "title": title, "days": reach.days}
    return tell(
        "{title}: asking these {customer_count:count} is worth {low:money_short} to "
        "{high:money_short} within {days:count} days",
        values,
        formats,
    )


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


def _worth(gain: Gain | None, formats: Formats) -> str:
    if gain is None:
        return "not priced"
    return range_text(formats.money_short(gain.low), formats.money_short(gain.high))


def _made_of(gain: Gain | None, formats: Formats) -> str:
    """Say in short what the worth is made of: "1–5 in 100 of 402, at £435"."""
    if gain is None:
        return ""
    what = "orders grow" if gain.lever == "basket" else "order"
    points = range_text(*(formats.number(end) for end in (gain.points_low, gain.points_high)))
    values = {**facts(gain, "reach", "order_value"), "points": points, "what": what}
    return tell("{points} in 100 of {reach:count} {what}, at {order_value:money}", values, formats)


def worth_note(report: Report, formats: Formats) -> str:
    """Say how all worths are made; empty where there are none."""
    if not report.gains:
        return ""
    first = report.gains[0]
    values = {**facts(first, "margin"), "days": report.segments.horizon_days}
    margin = "{margin:percent} margin" if first.margin != 1 else "revenue, for no margin is set"
    cost = "less what asking costs" if first.cost else "no cost of asking is set"
    values |= {"margins": Sentence(margin, values), "costs": cost}
    return tell(
        "Worth: so many of those who would not come within {days:count} days order once, at the "
        "segment’s average order; or of those who come, one order is so much larger. Supposed, or "
        "won by a campaign of the shop’s own, not foretold; {margins}, {costs}.",
        values,
        formats,
    )


def audiences_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the segments as audiences, those most worth asking first."""
    reach = report.department_figures.reach
    if reach is None:
        return None
    chances = [
        Field[AudienceValue](
            "", "Order anyway", partial(_share, place), "percent", f"in {formats.count(days)} days"
        )
        for place, days in enumerate(reach.windows)
    ]
    fields: tuple[Field[AudienceValue], ...] = (
        Field("", "Audience", lambda one: one.gain.segment),
        Field("", "Contacts", lambda one: one.gain.customer_count, "count"),
        *chances,
        Field("", "Worth asking", lambda one: _worth(one.gain, formats), numeric=True),
        Field("", "Made of", lambda one: _made_of(one.gain, formats), limit=60),
        Field("", "Per contact", lambda one: one.per_contact, "cents", "the middle"),
    )
    untold = ", ".join(shown(name, 32) for name in reach.untold)
    missing = f" Too few like them were known before to say of {untold}." if untold else ""
    keys = report.segment_keys
    caption = "Segments as audiences, most worth asking first"
    table = page_table(
        caption, fields, reach.rows, formats, key=lambda one: keys.get(one.gain.segment)
    )
    return Block(table, note=f"{worth_note(report, formats)}{missing}")


def messages_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return what to say to each segment, in the order of the audiences."""
    if not report.playbook:
        return None
    keys, order = report.segment_keys, [gain.segment for gain in report.gains]
    cards = sorted(
        report.playbook,
        key=lambda card: order.index(card.segment) if card.segment in order else len(order),
    )
    room = 170 if medium == "screen" else 120
    shown_cards = cards[: _MESSAGES[medium]]
    note = ""
    if len(shown_cards) < len(cards):
        note = (
            f"The {len(shown_cards)} most worth asking, of {len(cards)}; all of them are in the "
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
    fields: tuple[Field[Target], ...] = (
        Field("", "Segment", lambda row: row.segment),
        Field("", "Customers", lambda row: row.customer_count, "count"),
        Field("", "Comes anyway", lambda row: row.floor, "money_short", "likely"),
        Field("", " ", lambda row: money_range(row.floor, formats), hint="low–high", numeric=True),
        Field("", "Target", lambda row: row.target, "money"),
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
    "Comes anyway: the report’s forecast, by who brings it, with its bounds. Target and stretch: "
    "the least and the most that asking brings on top, as in the playbook."
)


def _playbook(report: Report, formats: Formats) -> str:
    if not report.playbook:
        return ""
    if report.recommendations:
        return f"First: {report.recommendations[0].title}"
    count = formats.count(len(report.playbook))
    if report.gains:
        return f"{count} segments, and asking all of one pays in none of them"
    return f"{count} segments, each with its own treatment"


def playbook_block(report: Report, formats: Formats) -> Block | None:
    """Return the playbook as one table: who, why, what to offer, how, what for, how to tell."""
    if not report.playbook:
        return None

    rows = {row.name: row for row in report.segments.rows}

    def column(heading: str, value: Callable[[PlaybookCard], str]) -> Field[PlaybookCard]:
        return Field("", heading, value, limit=_LONGEST)

    fields = (
        Field[PlaybookCard]("", "Who", lambda card: card.segment),
        column(
            "Why", lambda card: f"{card.description} {_comes(rows[card.segment], report, formats)}"
        ),
        column("Offer", lambda card: f"{card.recommendation}. {card.offer}"),
        column("Channel and timing", lambda card: f"{card.channel} {card.timing}"),
        column("Worth", lambda card: _worth_in_full(card.gain, formats)),
        column("Measure", lambda card: measure_words(card.measure, card.gain, formats)),
    )
    keys = report.segment_keys
    table = page_table(
        "The playbook, a row per segment",
        fields,
        report.playbook,
        formats,
        key=lambda card: keys[card.segment],
        note=lambda card: (
            f"{formats.count(rows[card.segment].customer_count)} customers · "
            f"{shown(card.department, 40)}"
        ),
    )
    return Block(table, note=worth_note(report, formats))


def _comes(row: SegmentRow, report: Report, formats: Formats) -> str:
    """Say in short how many of a segment come anyway."""
    if row.anyway is None:
        return "How many come anyway is not known."
    ends = range_text(*(formats.share(end, 0) for end in (row.anyway.low, row.anyway.high)))
    values = {**facts(row.anyway, "value"), "ends": ends, "days": report.segments.horizon_days}
    return tell(
        "{value:percent} ({ends}) come anyway within {days:count} days.",
        values,
        formats,
    )


def _worth_in_full(gain: Gain | None, formats: Formats) -> str:
    return f"{_worth(gain, formats)}: {_made_of(gain, formats)}" if gain else "Not priced"


# --- files and sections -------------------------------------------------------------------------


def _target_fields(report: Report) -> tuple[Field[Target], ...]:
    targets = report.department_figures.targets
    days = targets.days if targets else None
    return (
        Field("days", "", lambda _: days, "count"),
        Field("segment", "", lambda row: row.segment),
        Field("customers", "", lambda row: row.customer_count, "count"),
        Field("floor", "", lambda row: row.floor, "money", has_interval=True),
        Field("target", "", lambda row: row.target, "money"),
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
    return (
        Field("segment", "", lambda row: row.gain.segment),
        Field("contacts", "", lambda row: row.gain.customer_count, "count"),
        *(
            Field(f"share_{window}_days", "", partial(_share, place), "share")
            for place, window in enumerate(windows)
        ),
        Field("within_days", "", lambda _: days, "count"),
        Field("revenue_anyway", "", lambda row: row.revenue_anyway, "money", has_interval=True),
        Field("low", "", lambda row: row.gain.low, "money"),
        Field("high", "", lambda row: row.gain.high, "money"),
        Field("per_contact", "", lambda row: row.per_contact, "cents"),
    )


def _share(place: int, row: AudienceValue) -> float | None:
    return row.shares[place].value if row.shares else None


def _audiences(report: Report) -> tuple[AudienceValue, ...] | None:
    reach = report.department_figures.reach
    return reach.rows if reach else None


def _split(name: str, gain: Gain) -> float | None:
    split: dict[str, float] = asdict(gain.split) if gain.split else {}
    return split.get(name)


_SPLIT = ("share", "shows", "supposed", "is_worth_it")
_GAINS = Sheet["Report", "Gain"](
    "advice",
    "one segment: what asking it is worth, what that is made of, and what a test would show",
    (
        *fields_of(Gain, {}, skip=("split",)),
        *(Field[Gain](f"left_alone_{name}", "", partial(_split, name)) for name in _SPLIT),
    ),
    lambda report: report.gains or None,
)
SECTION: Section[Report] = Section(
    "playbook",
    "Playbook",
    _playbook,
    page=lambda report, formats, _: playbook_block(report, formats),
    sheets=(_GAINS,),
)
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
