"""What the second-order clock says: its title, its tables, and the sentences around them."""

from __future__ import annotations

from dataclasses import dataclass

from rfmreport.formats import Formats, share_digits
from rfmreport.kit.audience_files import TURNING_COLD_FILE
from rfmreport.kit.charted import Caption
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Table, range_text
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.loyalty.figures import (
    MARKED_DAYS,
    Loyalty,
    OneOrderGroup,
    SecondOrderDay,
    SecondOrders,
)

_HEADLINE_DAY = 90
_TABLE_STEP = 10
_CHANCE = Field[SecondOrderDay]("", "Chance ahead", lambda day: day.chance, "share")


def clock_title(clock: SecondOrders, formats: Formats) -> str:
    """Say which share orders a second time by day 90, and how that chance falls with waiting."""
    day = max(day for day in (30, 60, _HEADLINE_DAY) if day < len(clock.days))
    title = (
        f"{formats.share(1 - clock.days[day].waiting, 0)} of new customers order again within "
        f"{day} days"
    )
    return f"{title}{_chance_words(clock, formats)}"


def _chance_words(clock: SecondOrders, formats: Formats) -> str:
    told = [day for day in clock.days if day.chance]
    if not told:
        return ""
    level, horizon = formats.share(clock.chance_level, 0), formats.count(clock.horizon_days)
    if clock.cold_after_days is None:
        last = told[-1].chance
        assert last  # noqa: S101  chosen so
        waited, share = formats.count(told[-1].days), formats.share(last.value, 0)
        return f"; after {waited} days without, {share} do in the next {horizon}"
    if clock.cold_after_days == 0:
        return f"; from the first day on, fewer than {level} do in the next {horizon}"
    waited = formats.count(clock.cold_after_days)
    return f"; after {waited} days without, fewer than {level} do in the next {horizon}"


def clock_caption(loyalty: Loyalty, clock: SecondOrders, formats: Formats) -> Caption:
    """Return the words of the curve."""
    title = clock_title(clock, formats)
    spoken = "; ".join(
        f"{formats.share(1 - clock.days[day].waiting)} after {day} days"
        for day in MARKED_DAYS
        if day < len(clock.days)
    )
    count = formats.count(clock.customer_count)
    return Caption(
        "second-order",
        f"Share with a second order ({count} customers)",
        title,
        f"{title}. {spoken}.",
        _clock_note(loyalty, clock, formats),
        _clock_data(clock, formats),
    )


def _clock_note(loyalty: Loyalty, clock: SecondOrders, formats: Formats) -> str:
    note = (
        "Kaplan–Meier estimate with its 95% interval; to day "
        f"{formats.count(len(clock.days) - 1)}, the last with {FEWEST_CUSTOMERS} customers waiting."
    )
    if clock.later_share is None:
        return note
    share = formats.share(1 - clock.days[clock.horizon_days].waiting)
    later = formats.share(clock.later_share.value)
    if later == share:
        return note
    return (
        f"{note} Customers from before {formats.day(loyalty.first_day)} look new here; without the "
        f"first 30 days, {later} order again within {formats.count(clock.horizon_days)} days "
        f"instead of {share}."
    )


def _clock_data(clock: SecondOrders, formats: Formats) -> Table:
    fields = (
        Field[SecondOrderDay]("", "Days", lambda day: formats.count(day.days)),
        Field[SecondOrderDay]("", "Still waiting", lambda day: day.at_risk_count, "count"),
        Field[SecondOrderDay]("", "Second orders so far", lambda day: day.ordered[0], "share"),
        Field[SecondOrderDay]("", "from", lambda day: day.ordered[1], "share"),
        Field[SecondOrderDay]("", "to", lambda day: day.ordered[2], "share"),
        _CHANCE,
    )
    caption = f"Every {_TABLE_STEP}th day since the first order; all days are in the data files"
    return page_table(caption, fields, clock.days[::_TABLE_STEP], formats)


@dataclass(frozen=True, slots=True)
class LoyaltyBlock:
    """What the section prints around its charts; the tables are None where the clock is untold.

    `groups` are the one-order customers by how far they have come, None where nobody turns cold.
    """

    lead: str
    clock: Table | None
    clock_title: str
    groups: Table | None
    groups_title: str
    groups_note: str


def loyalty_block(report: Report, formats: Formats) -> LoyaltyBlock | None:
    """Return the tables and sentences of the section; None where it is not told."""
    loyalty = report.loyalty
    if loyalty is None or not loyalty.is_told:
        return None
    clock = loyalty.second_orders
    if clock is None or not clock.is_told:
        return LoyaltyBlock("", None, "", None, "", "")
    has_groups = bool(clock.cold_after_days) and any(
        group and group.customer_count for group in (clock.turning, clock.cold)
    )
    # Of one group alone the title says it all.
    groups = (clock.turning, clock.cold, clock.fresh)
    is_split = sum(bool(one and one.customer_count) for one in groups) > 1
    return LoyaltyBlock(
        lead=_lead(report, loyalty, clock, formats),
        clock=_clock_table(clock, formats),
        clock_title=_clock_title(clock, formats),
        groups=_group_table(clock, formats) if has_groups and is_split else None,
        groups_title=_groups_title(clock, formats) if has_groups else "",
        groups_note=_groups_note(report, loyalty, clock, formats) if has_groups else "",
    )


def _lead(report: Report, loyalty: Loyalty, clock: SecondOrders, formats: Formats) -> str:
    lead = (
        f"Of {formats.count(clock.customer_count)} customers whose first order fell between "
        f"{formats.day(loyalty.first_day)} and {formats.day(report.last_day)}, "
        f"{_one_order_words(clock, formats)}."
    )
    if clock.same_day_count:
        lead += (
            f" {formats.count(clock.same_day_count)} of the "
            f"{formats.count(clock.second_order_count)} second orders came on the day of the first."
        )
    if loyalty.first_day < report.first_day:
        lead += " Orders before the window count here too, or old customers would look new."
    return lead


def _one_order_words(clock: SecondOrders, formats: Formats) -> str:
    if not clock.one_order_count:
        return "all have placed a second one"
    share = formats.share(clock.one_order_count / clock.customer_count)
    return (
        f"{formats.count(clock.one_order_count)} ({share}) have not placed a second one; their "
        f"only orders brought {formats.money_short(clock.one_order_revenue)}"
    )


def _clock_title(clock: SecondOrders, formats: Formats) -> str:
    first = clock.days[0].chance
    if first is None:
        return "How many have ordered again"
    horizon = formats.count(clock.horizon_days)
    changed = clock.days[clock.changed_day].chance if clock.changed_day else None
    if changed is None:
        return f"Waiting does not clearly change the chance of an order in the next {horizon} days"
    now = formats.share(changed.value, share_digits([changed.value]))
    return (
        f"After {formats.count(clock.changed_day)} days of waiting {now} order in the next "
        f"{horizon}, against {formats.share(first.value, 0)} at first"
    )


def _clock_table(clock: SecondOrders, formats: Formats) -> Table:
    horizon = formats.count(clock.horizon_days)

    def days(day: SecondOrderDay) -> str:
        is_turn = day.days and day.days == clock.cold_after_days
        return formats.count(day.days) + " (cold)" * bool(is_turn)

    def interval(low: float, high: float) -> str:
        return range_text(*(formats.share(end, share_digits([high])) for end in (low, high)))

    fields: tuple[Field[SecondOrderDay], ...] = (
        Field("", "Days", days, hint="since the first"),
        Field("", "Waiting", lambda day: day.at_risk_count, "count", "customers"),
        Field("", "Ordered", lambda day: day.ordered[0], "share", "again"),
        Field("", "95%", lambda day: interval(*day.ordered[1:]), hint="interval", numeric=True),
        Field("", "Chance", lambda day: day.chance, "share", f"in {horizon} days"),
        Field(
            "",
            "95%",
            lambda day: interval(day.chance.low, day.chance.high) if day.chance else None,
            hint="interval",
            numeric=True,
        ),
    )
    caption = (
        "Customers with a second order by days since the first, and the chance of one in the next "
        f"{horizon} days for those who have none"
    )
    return page_table(caption, fields, _told_days(clock), formats)


def _told_days(clock: SecondOrders) -> list[SecondOrderDay]:
    wanted = {0, *MARKED_DAYS, clock.cold_after_days or 0}
    return [clock.days[day] for day in sorted(wanted) if day < len(clock.days)]


def _groups_title(clock: SecondOrders, formats: Formats) -> str:
    turning, cold = clock.turning, clock.cold
    assert turning and cold  # noqa: PT018, S101  made with the day
    count = turning.customer_count
    who = f"{formats.count(count) if count else 'No'} one-order customer{'' if count == 1 else 's'}"
    return (
        f"{who} will go cold by {formats.day(clock.turning_until)}; "
        f"{formats.count(cold.customer_count)} already have"
    )


def _group_table(clock: SecondOrders, formats: Formats) -> Table:
    """Return the one-order customers in three groups that add up to all of them."""
    everybody = OneOrderGroup(None, None, clock.one_order_count, clock.one_order_revenue)
    named = {
        f"Cold by {formats.day(clock.turning_until)}": clock.turning,
        "Already cold": clock.cold,
        "Not yet": clock.fresh,
    }
    rows = [(name, group) for name, group in named.items() if group]
    fields: tuple[Field[tuple[str, OneOrderGroup]], ...] = (
        Field("", "One order so far", lambda row: row[0], hint="day of that order"),
        Field("", "Customers", lambda row: row[1].customer_count, "count"),
        Field("", "Revenue", lambda row: row[1].revenue, "money", adds_up=True),
    )
    return page_table(
        "One-order customers by how far they have come",
        fields,
        rows,
        formats,
        total=("All", everybody),
        note=lambda row: _between(row[1], formats),
    )


def _between(group: OneOrderGroup, formats: Formats) -> str:
    if group.first_from is None:
        return f"up to {formats.day(group.first_to)}" if group.first_to else ""
    if group.first_to is None:
        return f"from {formats.day(group.first_from)}"
    return f"{formats.day(group.first_from)} to {formats.day(group.first_to)}"


def _groups_note(report: Report, loyalty: Loyalty, clock: SecondOrders, formats: Formats) -> str:
    note = f"Cold: {formats.count(clock.cold_after_days)} days without a second order."
    if loyalty.first_day < report.first_day:
        return note
    return (
        f"{note} Who goes cold by {formats.day(clock.turning_until)}: {TURNING_COLD_FILE}; all: "
        "data/customers.csv, order_count 1, by first_order_on."
    )


def _clock_of(report: Report) -> SecondOrders | None:
    return report.loyalty.second_orders if report.loyalty else None


def _filed_fields(report: Report) -> tuple[Field[SecondOrderDay], ...]:
    clock = _clock_of(report)
    horizon_days = clock.horizon_days if clock else None
    return (
        Field("days", "", lambda day: day.days, "count"),
        Field("at_risk", "", lambda day: day.at_risk_count, "count"),
        Field("second_orders", "", lambda day: day.second_order_count, "count"),
        Field("no_longer_watched", "", lambda day: day.left_count, "count"),
        Field("share_waiting", "", lambda day: day.waiting, "share"),
        Field("share_waiting_low", "", lambda day: day.low, "share"),
        Field("share_waiting_high", "", lambda day: day.high, "share"),
        Field("horizon_days", "", lambda _: horizon_days, "count"),
        Field("chance_in_horizon", "", lambda day: day.chance, "share", has_interval=True),
    )


SECOND_ORDERS = Sheet[Report, SecondOrderDay](
    "second_order",
    "One row per day since the first order: at risk, second orders, who still waits.",
    _filed_fields,
    lambda report: clock.days if (clock := _clock_of(report)) else None,
)
