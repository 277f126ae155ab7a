"""Following: what the customers of earlier dates did in the days after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)


@dataclass(frozen=True, slots=True)
class FollowedCell:
    """Customers of one date, segment, recency score and frequency score, and what they did.

    `came_counts` are those who ordered within each window; `order_count` the orders of all within
    the days for which the date is followed, `order_square_sum` the sum of their squares over
    customers. Of today's customers nothing is known yet: all zero.
    """

    as_of: date
    segment: str
    recency_score: int
    frequency_score: int
    customer_count: int
    came_counts: tuple[int, ...]
    order_count: int
    order_square_sum: int

    @property
    def score(self) -> tuple[int, int]:
        """Return the recency and the frequency score."""
        return self.recency_score, self.frequency_score


def follow_customers(
    engine: Engine, today: date, followed_days: Mapping[date, int], windows: Sequence[int]
) -> tuple[FollowedCell, ...]:
    """Return one entry per date, segment, recency and frequency score that holds customers.

    An earlier date is followed for so many `followed_days`; an order counts on the day on which it
    began. `windows` are one or two numbers of days.
    """
    rows = engine.rows(
        _QUERIES["follow_customers"],
        today=today,
        days=list(followed_days),
        lengths=list(followed_days.values()),
        soon=windows[0],
        horizon=windows[-1],
    )
    return tuple(
        FollowedCell(came_counts=(soon, came)[-len(windows) :], **row)
        for row in rows
        for soon, came in ((row.pop("came_soon"), row.pop("came")),)
    )
