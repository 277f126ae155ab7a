"""Order histories, compressed: one row is all customers who share one history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rfmreport.models.lifetime.numerics import Array

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class OrderHistogram:
    """How often customers came back, when last, and for how long they have been known.

    All times are in one unit, days or weeks, and counted from a customer's first order.

    Args:
        repeat_order_count: Orders after the first (x in the literature).
        age_at_last_order: Time from the first order to the last; 0 for one-order buyers (t_x).
        age: Time from the first order to the day of the report (T).
        customer_count: How many customers the row stands for.
    """

    repeat_order_count: Array
    age_at_last_order: Array
    age: Array
    customer_count: Array

    def __post_init__(self) -> None:
        """Turn the columns into arrays of floats, and refuse what cannot be an order history."""
        names = ("repeat_order_count", "age_at_last_order", "age", "customer_count")
        for name in names:
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        shapes = {getattr(self, name).shape for name in names}
        if len(shapes) != 1 or len(self.age.shape) != 1 or not self.age.size:
            message = f"An order histogram needs four columns of one length; found {shapes}."
            raise ValueError(message)
        wrong = _impossible_rows(self)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            found = ", ".join(f"{name} {getattr(self, name)[row]:g}" for name in names)
            message = f"Row {row} of an order histogram is no possible history: {found}."
            raise ValueError(message)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.age)

    @property
    def total_customers(self) -> float:
        """The number of customers."""
        return float(self.customer_count.sum())

    @property
    def total_repeat_orders(self) -> float:
        """The number of orders after the first, of all customers."""
        return float(self.customer_count @ self.repeat_order_count)

    def scaled(self, unit: float) -> OrderHistogram:
        """Return the same histories with times measured in `unit`."""
        return OrderHistogram(
            self.repeat_order_count,
            self.age_at_last_order / unit,
            self.age / unit,
            self.customer_count,
        )

    def subset(self, rows: Rows, customer_count: Array | None = None) -> OrderHistogram:
        """Return some of the rows: a group, with its own customer counts where they differ."""
        return OrderHistogram(
            self.repeat_order_count[rows],
            self.age_at_last_order[rows],
            self.age[rows],
            self.customer_count[rows] if customer_count is None else customer_count,
        )

    def sample_rows(self, size: int, weights: Array) -> tuple[Rows, Array]:
        """Draw `size` times by weight, evenly spread over the sorted histories: always the same.

        Returns the rows that were drawn, and how often each was.
        """
        order = np.lexsort((self.age, self.age_at_last_order, self.repeat_order_count))
        reached = np.cumsum(weights[order])
        targets = (np.arange(size) + 0.5) / size * reached[-1]
        drawn, draws = np.unique(np.searchsorted(reached, targets), return_counts=True)
        return order[drawn], draws.astype(np.float64)

    def sample(self, size: int) -> OrderHistogram:
        """Return `size` customers, evenly spread over the sorted histories: the same always."""
        return self.subset(*self.sample_rows(size, self.customer_count))


def _impossible_rows(histogram: OrderHistogram) -> NDArray[np.bool_]:
    count, last = histogram.repeat_order_count, histogram.age_at_last_order
    possible = (
        (count >= 0)
        & (count == np.floor(count))
        & (last >= 0)
        & (last <= histogram.age)
        & ((count > 0) | (last == 0))
        & np.isfinite(histogram.age)
        & (histogram.customer_count > 0)
        & np.isfinite(histogram.customer_count)
    )
    # Comparisons with a missing number are false, so that it is found too.
    return np.asarray(~possible, dtype=np.bool_)
