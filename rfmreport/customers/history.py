"""Earlier dates: which ones the data can carry, and every customer's segment on each of them.

All are scored with the report's own cuts: two rulers would measure themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rfmreport.customers.measure import measure_customers_on
from rfmreport.customers.segments import named_sql
from rfmreport.vocabulary import AS_OF, RECENCY_DAYS, months_before

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.engine.ask import Engine

_MONTH_COUNT = 6
_HOLD_OUT_COUNT = 4


@dataclass(frozen=True, slots=True)
class EarlierDates:
    """The earlier dates that the data can carry, latest first; `others` in order.

    `months` are one, two, … months before the report's date, without gap; `hold_outs` lie one, two,
    … horizons before it; `others` were asked for by name. On each day, only the orders of the
    `window_months` before it count.
    """

    months: tuple[date, ...] = ()
    year_before: date | None = None
    hold_outs: tuple[date, ...] = ()
    others: tuple[date, ...] = ()
    window_months: int | None = None

    @property
    def days(self) -> list[date]:
        """Return each date once, in order."""
        found = {*self.months, *self.hold_outs, *self.others}
        if self.year_before:
            found.add(self.year_before)
        return sorted(found)

    @property
    def previous(self) -> date | None:
        """Return the date one month before the report's."""
        return self.months[0] if self.months else None


def choose_dates(  # noqa: PLR0913  what a report knows of its time
    first_day: date,
    as_of: date,
    cuts: Cuts,
    horizon_days: int,
    *,
    window_months: int | None = None,
    others: Collection[date] = (),
) -> EarlierDates:
    """Choose the dates whose history reaches back far enough to hold every segment.

    One hold-out is taken even where it does not, for want of a better one.

    Args:
        first_day: The first day of the data, also where a window hides it.
        as_of: The report's date.
        cuts: The report's cuts; a date needs as much history as the longest recency bound.
        horizon_days: How long customers are watched after a hold-out date.
        window_months: The report's window: an earlier date needs one as long.
        others: Days that somebody asks for.
    """

    def carries(day: date) -> bool:
        return is_carried(day, first_day, cuts, horizon_days, window_months)

    months = []
    for count in range(1, _MONTH_COUNT + 1):
        day = months_before(as_of, count)
        if not carries(day):
            break
        months.append(day)
    year_before = months_before(as_of, 12)
    steps = range(1, _HOLD_OUT_COUNT + 1)
    hold_outs = [as_of - timedelta(days=horizon_days * step) for step in steps]
    enough = tuple(day for day in hold_outs if carries(day))
    if not enough and window_months is None and (hold_outs[0] - first_day).days >= horizon_days:
        enough = (hold_outs[0],)
    return EarlierDates(
        months=tuple(months),
        year_before=year_before if carries(year_before) else None,
        hold_outs=enough,
        others=tuple(day for day in others if day < as_of and carries(day)),
        window_months=window_months,
    )


def is_carried(
    day: date, first_day: date, cuts: Cuts, horizon_days: int, window_months: int | None
) -> bool:
    """Say whether the data before a day are enough to hold every segment, as in `choose_dates`."""
    if window_months is not None and months_before(day, window_months) < first_day:
        return False
    needed = max([horizon_days, *map(math.ceil, cuts.of(RECENCY_DAYS).bounds)])
    return (day - first_day).days >= needed


def hold_earlier(
    engine: Engine, dates: EarlierDates, cuts: Cuts, scheme: Scheme, name: str = "earlier_customers"
) -> None:
    """Hold one row per day and customer, measured, scored and named as of that day."""
    measure_customers_on(engine, "measured_earlier", dates.days, dates.window_months)
    engine.hold(name, named_sql("measured_earlier", cuts, scheme, day=AS_OF))
    engine.drop("measured_earlier")
