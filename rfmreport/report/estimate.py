"""A figure with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or mean with its 95 % interval and the number of customers behind it."""

    value: float
    low: float
    high: float
    customer_count: int
