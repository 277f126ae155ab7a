"""Facts of the revenue bridge: what one month brought more or less than another, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

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


Span = tuple["date", "date"]
"""The first days of the first and of the last month of a span."""


@dataclass(frozen=True, slots=True)
class BaseCell:
    """What the customers won in one span, the `cohort`, bought in another, its returns included.

    Who ordered in the first month of the data (`is_known_from_start`) may have been won before.
    """

    span: Span
    cohort: Span
    is_known_from_start: bool
    buyer_count: int
    order_count: int
    revenue: Decimal

    @property
    def orders_each(self) -> float | None:
        """Return the orders of a buyer."""
        return self.order_count / self.buyer_count if self.buyer_count else None

    @property
    def order_value(self) -> Decimal | None:
        """Return what an order brought."""
        return self.revenue / self.order_count if self.order_count else None


@dataclass(frozen=True, slots=True)
class CustomerBase:
    """Buyers × orders each × value of an order, by span and cohort: all of it is the revenue.

    `told` is the latest whole span, `before` the one before it, None where that is not whole.
    """

    told: Span
    before: Span | None
    cells: tuple[BaseCell, ...]

    def of(self, span: Span) -> tuple[BaseCell, ...]:
        """Return the cohorts of a span, those known from the start first, then the oldest."""
        return tuple(cell for cell in self.cells if cell.span == span)

    def total(self, span: Span) -> BaseCell:
        """Return all cohorts of a span together."""
        cells = self.of(span)
        return BaseCell(
            span,
            span,
            is_known_from_start=False,
            buyer_count=sum(cell.buyer_count for cell in cells),
            order_count=sum(cell.order_count for cell in cells),
            revenue=sum((cell.revenue for cell in cells), Decimal(0)),
        )
