"""The words everything speaks: the names of columns, months, and what every topic is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

# One row per source line.
CUSTOMER_ID = "customer_id"
ORDER_ID = "order_id"
ORDERED_AT = "ordered_at"
AMOUNT = "amount"
QUANTITY = "quantity"
UNIT_PRICE = "unit_price"
PRODUCT_CODE = "product_code"
PRODUCT_NAME = "product_name"
COUNTRY = "country"
STATUS = "status"
ROW_TYPE = "row_type"
DISCOUNT = "discount"
REFUND = "refund"
SOURCE_PART = "source_part"
VIEW_PART = "part of the source"
EMAIL = "email"
PHONE = "phone"
CONTACT_NAME = "contact_name"
EXCLUSION = "exclusion"
OTHER_EXCLUSION = "other_exclusion"
IS_RETURN = "is_return"
IS_OTHER_CURRENCY = "is_other_currency"

# One row per customer × order × verdict.
FEE_CODE = "fee_code"
FIRST_AT = "first_at"
LAST_AT = "last_at"
LINE_COUNT = "line_count"

# One row per customer.
RECENCY_DAYS = "recency_days"
ORDER_COUNT = "order_count"
REVENUE = "revenue"
FIRST_ORDER_ON = "first_order_on"
LAST_ORDER_ON = "last_order_on"
RECENCY_SCORE = "recency_score"
FREQUENCY_SCORE = "frequency_score"
MONETARY_SCORE = "monetary_score"
SEGMENT = "segment"

# Where customers are measured on several dates: one row per date and customer.
AS_OF = "as_of"

MEASURES = (RECENCY_DAYS, ORDER_COUNT, REVENUE)
SCORES = (RECENCY_SCORE, FREQUENCY_SCORE, MONETARY_SCORE)
CONTACTS = (EMAIL, PHONE, CONTACT_NAME)
"""How to reach a customer; there only where the user maps them, and written to audiences only."""

# What may be foretold of a customer; see `chance_column` for the others.
EXPECTED_VALUE = "expected_value_12_months"


def next_month(day: date) -> date:
    """Return the first day of the month after `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def rest_of_month(day: date) -> int:
    """Return how many days of the month are left, `day` the first of them."""
    return (next_month(day) - day).days


def months_before(day: date, count: int) -> date:
    """Return the same day of an earlier month, or that month's last day where it has no such."""
    month = day.year * 12 + day.month - 1 - count
    first = date(month // 12, month % 12 + 1, 1)
    last = next_month(first) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


Unit = Literal["money", "count", "share", "days", "number"]


Number = int | float


@dataclass(frozen=True, slots=True)
class Change:
    """What a figure did against an earlier period.

    `relative` is (now - before) / before, or None for shares; `points` is the difference of two
    shares, or None for amounts; `against` names the earlier period ("October 2011").
    `within_chance` is set where chance alone lets the two differ as much.
    """

    against: str
    relative: float | None = None
    points: float | None = None
    within_chance: bool = False


@dataclass(frozen=True, slots=True)
class Insight:
    """One sentence that the data prove, with everything needed to check it.

    `worth` is the money the sentence is about, used to rank; `numbers` are the unrounded values
    in it; `formula` says how they were made; `sample_size` is the n behind the claim.
    """

    key: str
    headline: str
    detail: str
    numbers: Mapping[str, Decimal | Number | str]
    sample_size: int
    formula: str
    worth: Decimal
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the data that a reader should know, with its size.

    `amount` is the money touched, None where it cannot be known.
    """

    key: str
    severity: Literal["note", "warning"]
    text: str
    line_count: int | None = None
    amount: Decimal | None = None
    order_count: int | None = None


@dataclass(frozen=True, slots=True)
class Untold:
    """A topic that these data cannot carry, and why: one sentence, for the reader."""

    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or mean with its 95 % interval and the number of customers behind it."""

    value: float
    low: float
    high: float
    customer_count: int


def chance_column(days: int) -> str:
    """Return the column with the chance that a customer orders within so many days."""
    return f"chance_{days}_days"
