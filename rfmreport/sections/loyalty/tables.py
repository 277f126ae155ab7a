"""The tables of the section on coming back, and the sentences around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, rounded_that_add_up
from rfmreport.kit.audience_files import TURNING_COLD_FILE
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    range_text,
)
from rfmreport.sections.hold.page import share_digits
from rfmreport.sections.loyalty.cohort_captions import share_cell
from rfmreport.sections.loyalty.figures import MARKED_DAYS
from rfmreport.sections.loyalty.page import ordered_shares

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import (
        Loyalty,
        OneOrderGroup,
        SecondOrderDay,
        SecondOrders,
    )
    from rfmreport.vocabulary import Estimate


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
    is_split = sum(bool(one and one.customer_count) for one in _groups(clock)) > 1
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
    columns = (
        Column("Days", numeric=False, hint="since the first"),
        Column("Waiting", hint="customers"),
        Column("Ordered", hint="again"),
        Column("95%", hint="interval"),
        Column("Chance", hint=f"in {horizon} days"),
        Column("95%", hint="interval"),
    )
    rows = tuple(_clock_row(day, clock, formats) for day in _told_days(clock))
    caption = (
        "Customers with a second order by days since the first, and the chance of one in the next "
        f"{horizon} days for those who have none"
    )
    return Table(caption, columns, rows)


def _told_days(clock: SecondOrders) -> list[SecondOrderDay]:
    wanted = {0, *MARKED_DAYS, clock.cold_after_days or 0}
    return [clock.days[day] for day in sorted(wanted) if day < len(clock.days)]


def _clock_row(day: SecondOrderDay, clock: SecondOrders, formats: Formats) -> Row:
    share, low, high = ordered_shares(day)
    is_turn = day.days and day.days == clock.cold_after_days
    return Row(
        (
            Cell(
                f"{formats.count(day.days)} (cold)" if is_turn else formats.count(day.days),
                str(day.days),
            ),
            Cell(formats.count(day.at_risk_count), str(day.at_risk_count)),
            share_cell(share, formats),
            _interval_cell(low, high, formats),
            share_cell(day.chance.value if day.chance else None, formats),
            _chance_interval(day.chance, formats),
        )
    )


def _chance_interval(chance: Estimate | None, formats: Formats) -> Cell:
    return _interval_cell(chance.low, chance.high, formats) if chance else Cell(MISSING)


def _interval_cell(low: float, high: float, formats: Formats) -> Cell:
    digits = share_digits([high])
    ends = (formats.share(end, digits) for end in (low, high))
    return Cell(range_text(*ends), f"{low:.6f}")


def _groups_title(clock: SecondOrders, formats: Formats) -> str:
    turning, cold = clock.turning, clock.cold
    assert turning and cold  # noqa: PT018, S101  made with the day
    count = turning.customer_count
    who = f"{formats.count(count) if count else 'No'} one-order customer{'' if count == 1 else 's'}"
    return (
        f"{who} will go cold by {formats.day(clock.turning_until)}; "
        f"{formats.count(cold.customer_count)} already have"
    )


def _groups(clock: SecondOrders) -> tuple[OneOrderGroup | None, ...]:
    return clock.turning, clock.cold, clock.fresh


def _group_table(clock: SecondOrders, formats: Formats) -> Table:
    """Return the one-order customers in three groups that add up to all of them."""
    named = (
        (f"Cold by {formats.day(clock.turning_until)}", clock.turning),
        ("Already cold", clock.cold),
        ("Not yet", clock.fresh),
    )
    groups = [(name, group) for name, group in named if group]
    revenues = rounded_that_add_up([group.revenue for _, group in groups])
    rows = tuple(
        Row(
            (
                Cell(name),
                Cell(formats.count(group.customer_count), str(group.customer_count)),
                Cell(formats.money(revenue), str(group.revenue)),
            ),
            note=_between(group, formats),
        )
        for (name, group), revenue in zip(groups, revenues, strict=True)
    )
    columns = (
        Column("One order so far", numeric=False, hint="day of that order"),
        Column("Customers"),
        Column("Revenue"),
    )
    total = Row(
        (
            Cell("All"),
            Cell(formats.count(clock.one_order_count), str(clock.one_order_count)),
            Cell(formats.money(sum(revenues)), str(clock.one_order_revenue)),
        )
    )
    return Table("One-order customers by how far they have come", columns, rows, total)


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
