"""What customers will be worth: what is to come, who responds, what a contact could bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal
    from typing import Literal

    from rfmreport.vocabulary import Estimate

EVERYBODY = "All customers"
"""What the total is called."""

NEW = "Customers still to be won"
"""Who is in no segment yet: those who will order for the first time."""

SMALL_SEGMENTS = "Other segments"
"""What segments are called together where each has too few customers to be told."""


_LEAST_RIGHT = 0.5


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
class Opportunity:
    """What contacting all customers of one segment once could bring, after its cost.

    `break_even_points` more customers in a hundred must order within `horizon_days` than the
    `return_share` who can be expected to anyway, at what the median returner spends. `net_low` to
    `net_high` is the margin on what so many extra returners as the settings suppose would spend,
    less the cost.
    """

    segment: str
    customer_count: int
    horizon_days: int
    return_share: Estimate
    revenue_per_returner: Decimal
    contact_cost: Decimal
    break_even_points: float
    net_low: Decimal
    net_high: Decimal


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
    what it said, where it was tried. `trials` are what was tried on the shop's own past; `untried`
    says why no model was tried, where none was. `opportunities` need a cost per contact and a
    margin in the settings.
    """

    model: str | None
    outlook: Outlook | None
    trials: tuple[ForecastTrial, ...]
    spend: SpendTrial | None
    response: Response
    untried: str = ""
    modelled: Mapping[int, Modelled] = field(default_factory=dict, repr=False)
    model_error: float = 0.0
    opportunities: tuple[Opportunity, ...] = ()

    @property
    def basis(self) -> ForecastTrial | None:
        """Return how the way that is used did on the shop's own past."""
        return next((trial for trial in self.trials if trial.is_basis_of(self)), None)

    @property
    def is_told(self) -> bool:
        """Say whether there is anything in it for a reader."""
        return bool(self.outlook or self.response.rows)
