"""What the section on coming back says: its title, and the clock in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty.cohort_captions import cohort_title, share_cell
from rfmreport.sections.loyalty.figures import MARKED_DAYS

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.sections.loyalty.figures import Loyalty, SecondOrderDay, SecondOrders

_HEADLINE_DAY = 90
_TABLE_STEP = 10


def loyalty_title(loyalty: Loyalty, formats: Formats) -> str:
    """Say how many order a second time and when the chance has gone, else what cohorts do."""
    clock = loyalty.second_orders
    if clock and clock.is_told:
        return clock_title(clock, formats)
    return cohort_title(loyalty.cohorts, formats)


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
    labels = ("Days", "Still waiting", "Second orders so far", "from", "to", "Chance ahead")
    rows = (
        Row(
            (
                Cell(formats.count(day.days), str(day.days)),
                Cell(formats.count(day.at_risk_count), str(day.at_risk_count)),
                *(share_cell(value, formats) for value in ordered_shares(day)),
                share_cell(day.chance.value if day.chance else None, formats),
            )
        )
        for day in clock.days[::_TABLE_STEP]
    )
    columns = tuple(Column(label, numeric=i > 0) for i, label in enumerate(labels))
    caption = f"Every {_TABLE_STEP}th day since the first order; all days are in the data files"
    return Table(caption, columns, tuple(rows))


def ordered_shares(day: SecondOrderDay) -> tuple[float, float, float]:
    """Return the share with a second order by the end of a day, and its interval."""
    return 1 - day.waiting, 1 - day.high, 1 - day.low
