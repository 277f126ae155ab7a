"""Facts of the revenue bridge: what one month brought more or less than another, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

Cause = Literal["new", "returned", "away", "frequency", "basket", "price", "value", "gave_back"]


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """What one cause added to the revenue, and the customers behind it.

    new: first order after the earlier month; returned: ordered before it and not in it; away:
    ordered in it and not now. Of those who ordered in both: frequency (orders), basket (pieces per
    order) and price (revenue per piece), or value (revenue per order) where pieces are unknown.
    gave_back: returns of those who ordered in neither.
    """

    cause: Cause
    amount: Decimal
    customer_count: int


@dataclass(frozen=True, slots=True)
class RevenueBridge:
    """The way from `before` (the first day of a month) to `month`; the steps add up to the cent."""

    month: date
    before: date
    revenue_before: Decimal
    revenue: Decimal
    steps: tuple[BridgeStep, ...]

    @property
    def change(self) -> Decimal:
        """Return what the later month brought more."""
        return self.revenue - self.revenue_before
