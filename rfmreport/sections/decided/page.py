"""What was decided, as it is read: a card per decision, and the section's finding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.formats import rounded_to
from rfmreport.kit.sections import Section
from rfmreport.kit.sheets import Field, Sheet, fields_of
from rfmreport.kit.tables import shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.decided.figures import Decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.sheets import Unit
    from rfmreport.report import Report
    from rfmreport.sections.decided.figures import Lift
    from rfmreport.vocabulary import Estimate

_MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """One decision in words; `key` is the index of its segment in the scheme.

    `facts` are pairs of a term and what it was; `verdict` is what the measure did, `evidence` the
    figures behind it.
    """

    segment: str
    key: int | None
    action: str
    owner: str
    since: str
    facts: tuple[tuple[str, str], ...]
    verdict: str
    tone: str
    evidence: str
    note: str


def decision_cards(report: Report, formats: Formats) -> tuple[DecisionCard, ...]:
    """Return a card per decision, in the order in which they were written down."""
    keys = {row.name: index for index, row in enumerate(report.segments.rows)}
    lowest = report.segments.rows[-1].name
    return tuple(
        DecisionCard(
            segment=shown(decided.segment, 40),
            key=keys.get(decided.segment),
            action=shown(decided.action, 120),
            owner=shown(decided.owner, 40),
            since=formats.day(decided.since),
            facts=_facts(decided, formats, lowest),
            verdict=_verdict(decided, formats),
            tone=_tone(decided.lift),
            evidence=_evidence(decided, formats) if decided.lift else "",
            note=_note(decided),
        )
        for decided in report.decisions
    )


def decisions_title(report: Report, formats: Formats) -> str:
    """Return the finding over all decisions: the lifts that chance does not explain, first."""
    clear = [one for one in report.decisions if one.lift and _is_clear(one.lift)]
    if clear:
        return _clear_title(clear, len(report.decisions), formats)
    compared = [one for one in report.decisions if one.lift]
    if compared:
        groups = f"the groups of {_decisions(len(compared), formats)} are"
        if len(compared) == 1:
            groups = f"the groups for {shown(compared[0].segment, 40)} are"
        return f"No lift can be told yet: {groups} too small or too alike"
    followed = [one for one in report.decisions if _can_be_told(one.ordered)]
    if followed:
        first = followed[0]
        assert first.ordered is not None  # noqa: S101  checked by _can_be_told
        return (
            f"Of {formats.count(first.customer_count)} customers in {shown(first.segment, 40)} on "
            f"{formats.day(first.since)}, {formats.share(first.ordered.value, 0)} ordered since; "
            "what the decision did is not measured"
        )
    count = len(report.decisions)
    of_them = "it" if count == 1 else "them"
    return f"{_decisions(count, formats)}: nothing can be told of {of_them} yet"


def _clear_title(clear: Sequence[Decided], total: int, formats: Formats) -> str:
    """Name what was measured: one effect in full, of several the first ones."""
    effects = [(shown(one.segment, 40), _printed_difference(one.lift)) for one in clear if one.lift]
    if len(effects) == 1:
        segment, difference = effects[0]
        more = "more" if difference > 0 else "fewer"
        points = formats.number(abs(difference) * 100)
        named = f"{points} points {more} of {segment} ordered than of those left alone"
        return (
            named if total == 1 else f"1 of {_decisions(total, formats)} shows an effect: {named}"
        )
    named = " and ".join(
        f"{_points(difference, formats)} points for {segment}"
        for segment, difference in effects[:_MOST_NAMED]
    )
    among = "among them " if len(effects) > _MOST_NAMED else ""
    of_all = f"{formats.count(len(effects))} of {_decisions(total, formats)}"
    return f"{of_all} show an effect: {among}{named}"


def _facts(decided: Decided, formats: Formats, lowest: str) -> tuple[tuple[str, str], ...]:
    count, now = decided.customer_count, decided.now_count
    if count is None:
        return (("Size", f"{formats.count(now)} now"),)
    size = f"{formats.count(count)} then, {formats.count(now)} now"
    facts = [("Size", f"{size} ({formats.count_change(now - count)})" if now != count else size)]
    if decided.ordered:
        facts.append(("Ordered", _ordered(decided.ordered, formats)))
        # Of the lowest segment nobody can fall; where nobody fell, it tells as little.
        if decided.segment != lowest and decided.stayed_or_better_count != count:
            facts.append(("Stayed", _stayed(decided.stayed_or_better_count or 0, count, formats)))
    return tuple(facts)


def _stayed(stayed: int, count: int, formats: Formats) -> str:
    share = f" ({formats.share(stayed / count, 0)})" if count >= FEWEST_CUSTOMERS else ""
    counts = f"{formats.count(stayed)} of {formats.count(count)}{share}"
    return f"{counts} are in it or in a better segment now"


def _ordered(ordered: Estimate, formats: Formats) -> str:
    total = ordered.customer_count
    counts = f"{formats.count(round(ordered.value * total))} of {formats.count(total)} since"
    if not _can_be_told(ordered):
        return f"{counts}: too few for a share"
    share, low, high = (
        formats.share(value, 0) for value in (ordered.value, ordered.low, ordered.high)
    )
    return f"{counts}: {share} (95% interval {low} to {high})"


def _can_be_told(share: Estimate | None) -> bool:
    return share is not None and share.customer_count >= FEWEST_CUSTOMERS


def _verdict(decided: Decided, formats: Formats) -> str:
    lift = decided.lift
    if lift is None:
        return "Not measured" if decided.customer_count is not None else "Nothing can be told yet"
    if _is_clear(lift):
        return f"{_points(_printed_difference(lift), formats)} points"
    return "No lift shown yet" if lift.needed_count else "No difference seen"


def _evidence(decided: Decided, formats: Formats) -> str:
    """Return the lift's figures: whom, how many ordered, the difference, and what it takes."""
    lift = decided.lift
    assert lift is not None  # noqa: S101  asked only of a measured decision
    groups = (
        f"Contacted {formats.count(lift.reached.customer_count)}: "
        f"{formats.share(lift.reached.value)}; "
        f"left alone {formats.count(lift.control.customer_count)}: "
        f"{formats.share(lift.control.value)}; "
    )
    low, high = (_points(end, formats) for end in (lift.difference.low, lift.difference.high))
    difference = _points(_printed_difference(lift), formats)
    told = f"{groups}{difference} points (95% interval {low} to {high})"
    if lift.needed_count is None:
        return f"{told}."
    needed = formats.count(_to_two_figures(lift.needed_count))
    if 2 * lift.needed_count > max(decided.customer_count or 0, decided.now_count):
        return f"{told}: too few to tell, need {needed} in each group: more than the segment has."
    return f"{told}: too few to tell, need {needed} in each group."


def _printed_difference(lift: Lift) -> Decimal:
    """Return the difference of the two shares as they are printed, so that the line adds up."""
    reached, control = (rounded_to(share.value, 3) for share in (lift.reached, lift.control))
    return reached - control


def _points(difference: float | Decimal, formats: Formats) -> str:
    """Write a difference of two shares in points with its sign: 0.069 → "+6.9"."""
    return formats.points_change(float(difference)).removesuffix(" pts")


def _to_two_figures(count: int) -> int:
    """Round a needed number up to two figures: it is a plan, not a count."""
    exact = Decimal(count)
    step = Decimal(1).scaleb(max(exact.adjusted() - 1, 0))
    return int((exact / step).to_integral_value(ROUND_CEILING) * step)


def _is_clear(lift: Lift) -> bool:
    """Say whether the interval excludes zero."""
    return lift.difference.low > 0 or lift.difference.high < 0


def _tone(lift: Lift | None) -> str:
    if lift is None or not _is_clear(lift):
        return ""
    return "up" if lift.difference.value > 0 else "down"


def _decisions(count: int, formats: Formats) -> str:
    return f"{formats.count(count)} {'decision' if count == 1 else 'decisions'}"


def _note(decided: Decided) -> str:
    """Return what a reader must know; where nothing is said, no group was kept to compare with."""
    if decided.note:
        text = shown(decided.note, 300)
        return f"{text[:1].upper()}{text[1:]}."
    return "" if decided.lift else "No control group was kept: some order without being asked."


def _of_lift(name: str, decided: Decided) -> Estimate | None:
    return getattr(decided.lift, name) if decided.lift else None


_UNITS: Mapping[str, Unit] = {
    "since": "day",
    "customer_count": "count",
    "now_count": "count",
    "stayed_or_better_count": "count",
}
_DECISIONS = Sheet[Any, Any](
    "decisions",
    "One row per decision: the segment then and now, who ordered, the lift if measured.",
    (
        *fields_of(Decided, _UNITS, skip=("ordered", "lift")),
        Field[Decided]("ordered", "", lambda one: one.ordered, "share", has_interval=True),
        *(
            Field[Decided](name, "", partial(_of_lift, name), "share", has_interval=True)
            for name in ("reached", "control", "difference")
        ),
        Field[Decided](
            "needed_count", "", lambda one: one.lift.needed_count if one.lift else None, "count"
        ),
    ),
    lambda report: report.decisions or None,
)
SECTION: Section[Report] = Section(
    "decisions",
    "What was decided",
    lambda report, formats: decisions_title(report, formats) if report.decisions else "",
    page=lambda report, formats, _: decision_cards(report, formats),
    sheets=(_DECISIONS,),
)
