"""Customers with the chance to order that was said of them, and, once it is known, who came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Foretold:
    """One row is all customers of a segment of whom the same was said; one column is one window.

    `chances` are not-a-number where nothing could be said; `variances` are of what is not known of
    the chance itself. `came_counts` is zero as long as nobody knows.
    """

    segments: NDArray[np.str_]
    customer_count: Array
    chances: Array
    variances: Array
    came_counts: Array
