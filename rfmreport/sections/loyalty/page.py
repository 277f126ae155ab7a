"""The section on coming back and what departments are told of it: cohorts and second orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, page_table
from rfmreport.sections.loyalty import overdue_page
from rfmreport.sections.loyalty.charts import chance_drawing, clock_drawing, cohort_drawing
from rfmreport.sections.loyalty.clock_page import (
    SECOND_ORDERS,
    clock_caption,
    clock_title,
    loyalty_block,
)
from rfmreport.sections.loyalty.cohort_page import COHORTS, cohort_caption, cohort_title
from rfmreport.sections.loyalty.figures import SecondOrderDay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import Loyalty, SecondOrders

_HEADLINE_DAYS = (30, 60, 90)


def loyalty_title(loyalty: Loyalty, formats: Formats) -> str:
    """Say how many order a second time and when the chance has gone, else what cohorts do."""
    clock = loyalty.second_orders
    if clock and clock.is_told:
        return clock_title(clock, formats)
    return cohort_title(loyalty.cohorts, formats)


def _loyalty_finding(report: Report, formats: Formats) -> str:
    loyal = report.loyalty
    return loyalty_title(loyal, formats) if loyal and loyal.is_told else ""


def _clock_chart(report: Report, formats: Formats) -> Drawing | None:
    loyal = report.loyalty
    clock = loyal.second_orders if loyal else None
    if not (loyal and clock and clock.is_told):
        return None
    return clock_drawing(clock_caption(loyal, clock, formats), clock, formats)


def _cohort_chart(report: Report, formats: Formats) -> Drawing | None:
    loyal = report.loyalty
    if not (loyal and loyal.cohorts.shown):
        return None
    return cohort_drawing(cohort_caption(loyal.cohorts, formats), loyal.cohorts, formats)


def _second_order_finding(report: Report, formats: Formats) -> str:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None or not clock.is_told:
        return ""
    day = max(day for day in _HEADLINE_DAYS if day < len(clock.days))
    share = formats.share(1 - clock.days[day].waiting, 0)
    return f"{share} of new customers order again within {day} days; {_waiting(clock, formats)}"


def _waiting(clock: SecondOrders, formats: Formats) -> str:
    if clock.turning and clock.cold_after_days:
        turning, waiting = clock.turning.customer_count, clock.one_order_count
        return (
            f"{formats.count(turning)} of {formats.count(waiting)} one-order customers go cold by "
            f"{formats.day(clock.turning_until)}"
        )
    chances = {day.days: day.chance for day in clock.days if day.chance}
    whom = formats.count(clock.one_order_count)
    if not chances:
        return f"{whom} still have one order"
    lowest = min(chances, key=lambda day: chances[day].value)
    first, last = chances[min(chances)], chances[lowest]
    if last.high >= first.low:
        return f"for the {whom} who wait, the chance hardly depends on how long they have"
    return (
        f"for the {whom} who wait, the chance falls from {formats.share(first.value, 0)} to "
        f"{formats.share(last.value, 0)} after {formats.count(lowest)} days"
    )


def _cohorts_finding(report: Report, formats: Formats) -> str:
    cohorts = report.loyalty.cohorts if report.loyalty else None
    if cohorts is None or not cohorts.shown:
        return ""
    group = cohorts.everyone
    if group is None:
        return f"{formats.count(len(cohorts.shown))} months of new customers, followed since"
    first, last = (formats.month(group.first_months[i]) for i in (0, -1))
    return (
        f"{formats.share(group.share.value, 0)} of {formats.count(group.share.customer_count)} "
        f"customers won from {first} to {last} ordered in one of the three months after"
    )


def _second_order_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the one-order customers by how far they have come, where some go cold."""
    told = loyalty_block(report, formats)
    if told is None or told.groups is None:
        return Block() if told else None
    return Block(told.groups, note=told.groups_note)


def _chance_chart(report: Report, formats: Formats) -> Drawing | None:
    clock = report.loyalty.second_orders if report.loyalty else None
    days = [day for day in clock.days if day.chance] if clock and clock.is_told else []
    if clock is None or len(days) < 2:  # noqa: PLR2004  a line needs two points
        return None
    return chance_drawing(_chance_caption(clock, days, formats), clock, days, formats)


def _chance_caption(
    clock: SecondOrders, days: Sequence[SecondOrderDay], formats: Formats
) -> Caption:
    horizon = formats.count(clock.horizon_days)
    fields = (
        Field[SecondOrderDay]("", "Days waited", lambda day: formats.count(day.days)),
        Field[SecondOrderDay]("", "Waiting", lambda day: day.at_risk_count, "count"),
        Field[SecondOrderDay]("", f"Chance in {horizon} days", lambda day: day.chance, "share"),
        Field[SecondOrderDay]("", "95% interval", lambda day: day.chance, "percent", is_range=True),
    )
    data = page_table("Chance of a second order by days waited", fields, days[::10], formats)
    title = f"Chance of a second order in the next {horizon} days, by days waited"
    spoken = "; ".join(
        f"after {day.days} days {formats.share(day.chance.value, 0)}"
        for day in (days[0], days[len(days) // 2], days[-1])
        if day.chance
    )
    return Caption("second-order-chance", title, title, f"{title}. {spoken}.", "", data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "loyalty",
        "Do they come back?",
        _loyalty_finding,
        drawings=(_clock_chart, _cohort_chart),
        page=lambda report, formats, _: loyalty_block(report, formats),
    ),
    overdue_page.OVERDUE,
    Section(
        "second_order",
        "The second order",
        _second_order_finding,
        drawings=(_chance_chart,),
        block=_second_order_block,
        sheets=(SECOND_ORDERS,),
        reasons=("The second-order clock",),
        is_narrow=True,
        charts=("second-order-chance",),
        look="one-order",
    ),
    Section(
        "cohorts",
        "Cohorts",
        _cohorts_finding,
        sheets=(COHORTS,),
        reasons=("Retention by first-order month",),
        charts=("cohorts",),
    ),
)
"""Whether they come back, for the report and for departments."""
