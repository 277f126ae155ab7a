"""The one forecast: what is to come in a span of days, what says so, and how that did before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

Way = Literal["pace", "season", "model"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum to come with its 95 % range; `value` is None where no one number may stand for it."""

    value: float | None
    low: float
    high: float

    def holds(self, came: float) -> bool:
        """Say whether what came lies in the range."""
        return self.low <= came <= self.high


@dataclass(frozen=True, slots=True)
class Answer:
    """What one way to foretell says of a span.

    "pace": the last weeks go on; "season": the same dates a year before times the `growth` since,
    None where no dates of both years tell it; "model": a lifetime model that passed its trials.
    """

    way: Way
    orders: float
    revenue: float
    growth: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What would have been said of a past span, from what was known before it.

    `came` are the orders and the revenue that came then.
    """

    first_day: date
    last_day: date
    orders: Amount
    revenue: Amount
    came: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Record:
    """How a forecast did on past dates: in how many of them what came lay in its range.

    `error` is the median of absolute errors, as a difference of logarithms.
    """

    tried_count: int
    held_count: int
    error: float


@dataclass(frozen=True, slots=True)
class Total:
    """Orders and revenue of all days from `first_day` to `last_day`, inclusive, all of it to come.

    `answers` made it, those that were asked and had not failed their trials. Two that differ by
    more than half stand side by side: then the amounts are ranges over both, without a value.
    `year_before` is what the same dates brought a year before (orders, revenue), None where the
    data do not reach back. `trials` are past spans of as many days, latest first, without overlap.
    The records are of all that were tried, one a fortnight, None where none could be.
    """

    first_day: date
    last_day: date
    orders: Amount
    revenue: Amount
    answers: tuple[Answer, ...]
    year_before: tuple[float, float] | None
    trials: tuple[Trial, ...] = ()
    orders_record: Record | None = None
    revenue_record: Record | None = None

    @property
    def days(self) -> int:
        """Return of how many days it is."""
        return (self.last_day - self.first_day).days + 1

    @property
    def disagree(self) -> bool:
        """Say whether two answers are so unlike that neither may stand for what is to come."""
        return self.revenue.value is None

    def answer(self, way: Way) -> Answer | None:
        """Return what one way says, None where it was not asked or failed."""
        return next((one for one in self.answers if one.way == way), None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come of orders and revenue: the one source of every such total in the report.

    `ahead` is of the report's horizon, `rest` of the days that are left of the calendar month that
    has begun (all of them where it begins with the horizon). What came in that month before is a
    fact: `orders_so_far`, `revenue_so_far`. `new_order_share` and `new_revenue_share` are the parts
    that customers brought in the last days, as many as the horizon has, who were new in them.
    """

    ahead: Total
    rest: Total
    orders_so_far: int
    revenue_so_far: Decimal
    new_order_share: float
    new_revenue_share: float
    model: str | None = None

    @property
    def month(self) -> Amount:
        """Return the revenue of the whole month: what is in, and what is to come."""
        so_far, rest = float(self.revenue_so_far), self.rest.revenue
        value = None if rest.value is None else so_far + rest.value
        return Amount(value, so_far + rest.low, so_far + rest.high)
