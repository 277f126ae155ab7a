"""What customers will be worth: what is to come, who responds, what a contact could bring."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.kit.sentences import Sentence
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rfmreport.models.forecast import Amount, Answer, Forecast, Record, Total
    from rfmreport.models.tracking import Week
    from rfmreport.vocabulary import Estimate

EVERYBODY = "All customers"
"""What the total is called."""

NEW = "Customers still to be won"
"""Who is in no segment yet: those who will order for the first time."""

SMALL_SEGMENTS = "Other segments"
"""What segments are called together where each has too few customers to be told."""


_LEAST_RIGHT = 0.5
What = Literal["revenue", "orders"]
_VALUE = {
    "revenue": "Expect {value:money_short} ({low:money_short} to {high:money_short}) {when}",
    "orders": "Expect {value:count} orders ({low:count} to {high:count}) {when}",
}
_RANGE = {
    "revenue": "Between {low:money_short} and {high:money_short} {when}: {now:money_short} "
    "{goes_on}, {season:money_short} {again}",
    "orders": "Between {low:count} and {high:count} orders {when}: {now:count} {goes_on}, "
    "{season:count} {again}",
}
_GOES_ON = {"pace": Sentence("at the present pace"), "model": Sentence("by the model")}
_BASES = {
    ("pace",): "It carries on the pace of the last weeks, in trading days",
    ("season",): "It is what the same dates brought a year before, {growth:change} since",
    ("pace", "season"): "It is a mean of the pace of the last weeks and of the same dates a year "
    "before, the more of each the nearer it came on past dates",
    ("model",): "A lifetime model that passed its trials says it ({model}), with as many new "
    "customers as of late",
    ("model", "season"): "It is a mean of a lifetime model that passed its trials ({model}) and of "
    "the same dates a year before",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the customers of one segment, or all of them, can be expected to bring.

    Sums over all `customer_count` customers, with bounds; `share` is their part of the revenue.
    Orders and revenue are None where the forecast names no one number.
    """

    segment: str
    customer_count: int
    orders: Estimate | None
    revenue: Estimate | None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of the next `days` days, shared out over those who will bring it.

    `past_dates` are the earlier dates whose customers say who brings how much, latest first, empty
    where a model says it. `rows` are the segments with customers enough for a claim, best first;
    `others` are all the smaller ones together, and those that the past did not know; `new` are
    customers still to be won. They add up to `total`, which is the forecast. Bounds do not add up,
    for what is off here and there partly cancels out.
    """

    days: int
    past_dates: tuple[date, ...]
    rows: tuple[Expected, ...]
    total: Expected
    others: Expected | None = None
    new: Expected | None = None

    @property
    def parts(self) -> tuple[Expected, ...]:
        """Return what adds up to the total."""
        return (*self.rows, *(one for one in (self.others, self.new) if one))


@dataclass(frozen=True, slots=True)
class ForecastTrial:
    """One way to foretell, tried on the shop's own past: made of what was known on `as_of`.

    `predicted_orders` is None where the model was refused before it foretold anything; `refusal`
    says why it is not used. Money is None where only orders were foretold. `of_order_days` where
    all that a customer bought on one day is one order, as models count.
    """

    name: str
    is_model: bool
    as_of: date
    days: int
    customer_count: int
    predicted_orders: float | None
    actual_orders: float
    refusal: str | None = None
    predicted_revenue: float | None = None
    actual_revenue: float | None = None
    of_order_days: bool = False

    def is_basis_of(self, worth: Worth) -> bool:
        """Say whether this is how `worth` foretells."""
        if worth.model is None:
            return not self.is_model and self.predicted_revenue is not None
        return self.is_model and self.name == worth.model

    @property
    def order_error(self) -> float | None:
        """Return (predicted - actual) / actual of the orders; None where one is missing."""
        if self.predicted_orders is None or not self.actual_orders:
            return None
        return self.predicted_orders / self.actual_orders - 1

    @property
    def revenue_error(self) -> float | None:
        """Return (predicted - actual) / actual of the revenue; None where one is missing."""
        if self.predicted_revenue is None or not self.actual_revenue:
            return None
        return self.predicted_revenue / self.actual_revenue - 1

    @property
    def error(self) -> float | None:
        """Return the error of the revenue where it was foretold, and else of the orders."""
        return self.order_error if self.revenue_error is None else self.revenue_error


@dataclass(frozen=True, slots=True)
class SpendTrial:
    """Whether order values can be modelled: they must not depend on how often somebody orders.

    `rank_correlation` is Spearman's, of repeat orders and their mean value, over `customer_count`
    repeat buyers; `link` says how much of one it is.
    """

    rank_correlation: float
    link: Literal["none", "weak", "strong"]
    customer_count: int
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Respondents:
    """One segment's chance to order again; `shares` has one entry per window of the response.

    A share's own `customer_count` are those of whom it could be said.
    """

    segment: str
    customer_count: int
    shares: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class ReliabilityGroup:
    """Customers with about the same chance: the mean that was said, and the share that came."""

    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class Response:
    """How likely customers are to order within each of `windows` days, as things were.

    Whatever contact customers had on `past_dates` (latest first) is in it; segments of which too
    little is known are not in `rows`. `model` names the one that tells each customer's chance, None
    where those with the same scores tell it. `groups` hold what was said of `checked_on` against
    what happened in the last window, lowest chance first, and `checked` all of them together;
    `is_in_sample` where the same customers said it, for want of an earlier date.
    """

    windows: tuple[int, ...]
    past_dates: tuple[date, ...]
    rows: tuple[Respondents, ...]
    checked_on: date
    groups: tuple[ReliabilityGroup, ...]
    checked: ReliabilityGroup | None
    is_in_sample: bool
    model: str | None = None

    @property
    def has_failed(self) -> bool:
        """Say whether the chances were wrong of all together, and of most groups by themselves."""
        if self.is_in_sample or self.checked is None:
            return False
        said, came = self.checked.predicted, self.checked.observed
        is_off = not came.low <= said <= came.high
        return is_off and self.right_group_count < _LEAST_RIGHT * len(self.groups)

    @property
    def right_group_count(self) -> int:
        """Return in how many of the groups the chance that was said lies within chance."""
        return sum(one.observed.low <= one.predicted <= one.observed.high for one in self.groups)

    def share_of(self, segment: str) -> Estimate | None:
        """Return the share of a segment that comes anyway within the longest window."""
        return next((row.shares[-1] for row in self.rows if row.segment == segment), None)

    @property
    def is_tested(self) -> bool:
        """Say whether the chances were held against customers enough, other than their own."""
        checked = self.checked
        if self.is_in_sample or checked is None or len(self.groups) < 2:  # noqa: PLR2004
            return False
        return checked.observed.customer_count >= FEWEST_CUSTOMERS


@dataclass(frozen=True, slots=True)
class Modelled:
    """What a model expects of today's customers: days with orders, and revenue where it can."""

    order_days: float
    revenue: float | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What customers will be worth. What is None or empty could not be told from these data.

    `model` names the one that foretells, None where the past is extrapolated. `modelled` is what it
    expects of today's customers, by days ahead, and `model_error` the logarithm of what came over
    what it said, where it was tried: `weeks` have it week by week, in days with orders of those
    known then. `trials` are what was tried on the shop's own past; `untried` says why no model was
    tried, where none was.
    """

    model: str | None
    outlook: Outlook | None
    trials: tuple[ForecastTrial, ...]
    spend: SpendTrial | None
    response: Response
    untried: str = ""
    modelled: Mapping[int, Modelled] = field(default_factory=dict, repr=False)
    model_error: float = 0.0
    weeks: tuple[Week, ...] = ()

    @property
    def basis(self) -> ForecastTrial | None:
        """Return how the way that is used did on the shop's own past."""
        return next((trial for trial in self.trials if trial.is_basis_of(self)), None)

    @property
    def is_told(self) -> bool:
        """Say whether there is anything in it for a reader."""
        return bool(self.outlook or self.response.rows)


def forecast_words(total: Total, what: What) -> Sentence:
    """Say what is to come: a value with its range, or both answers where they are too unlike."""
    amount: Amount = getattr(total, what)
    when = Sentence("in the {days:count} days to {last_day:day}",
                    {"days": total.days, "last_day": total.last_day})  # fmt: skip
    values: dict[str, Any] = {"low": amount.low, "high": amount.high, "when": when}
    if amount.value is not None:
        return Sentence(_VALUE[what], values | {"value": amount.value})
    now, season = total.answers
    return Sentence(
        _RANGE[what],
        values
        | {"now": getattr(now, what), "goes_on": _GOES_ON[now.way]}
        | {"season": getattr(season, what), "again": _again(season)},
    )


def _again(season: Answer) -> Sentence:
    if season.growth is None:
        return Sentence("as a year before")
    return Sentence("as a year before, {growth:change} since", {"growth": season.growth - 1})


def month_words(forecast: Forecast) -> Sentence:
    """Say what the month that has begun comes to: what is in is a fact."""
    month, rest = forecast.month, forecast.rest
    values = {
        "month": rest.first_day,
        "so_far": forecast.revenue_so_far,
        "days": rest.days,
        "low": month.low,
        "high": month.high,
    }
    if not forecast.orders_so_far:
        return Sentence("{month:month}: {low:money_short} to {high:money_short}", values)
    return Sentence(
        "{so_far:money_short} of {month:month} is in; with the {days:count} days left it comes to "
        "{low:money_short} to {high:money_short}",
        values,
    )


def basis_words(total: Total, model: str | None) -> Sentence:
    """Say what a forecast rests on, and what the same dates brought a year before."""
    if total.disagree:
        first = Sentence(
            "Two answers that differ by more than half: neither is the one to plan with"
        )
    else:
        ways = tuple(one.way for one in total.answers)
        season = total.answer("season")
        growth = season.growth - 1 if season and season.growth else None
        first = Sentence(_BASES[ways], {"growth": growth, "model": model})
    if total.year_before is None:
        return Sentence("{first}. The data do not reach back to the same dates a year before.",
                        {"first": first})  # fmt: skip
    orders, revenue = total.year_before
    return Sentence(
        "{first}. The same dates a year before brought {revenue:money_short} in {orders:count} "
        "orders.",
        {"first": first, "revenue": revenue, "orders": round(orders)},
    )


def held_words(total: Total, what: What) -> Sentence:
    """Say in how many trials what came lay in the range."""
    record: Record | None = getattr(total, f"{what}_record")
    if record is None:
        return Sentence("Not tried on the past yet")
    return Sentence(
        "What came lay in {held:count} of {count:count} ranges said before",
        {"held": record.held_count, "count": record.tried_count},
    )


def trials_words(total: Total, what: What) -> Sentence | None:
    """Say how such forecasts did on the past; None where they could not be tried."""
    record: Record | None = getattr(total, f"{what}_record")
    if record is None:
        return None
    if total.answer("model"):
        (trial,) = total.trials
        values = {"day": trial.first_day, "error": math.expm1(record.error)}
        return Sentence("Said on {day:day}, the model was off by {error:percent}.", values)
    return Sentence(
        "Said on {count:count} past dates, one a fortnight, half of these forecasts were off by "
        "{error:percent} or less, and {held:count} of the ranges held what came.",
        {
            "count": record.tried_count,
            "error": math.expm1(record.error),
            "held": record.held_count,
        },
    )
