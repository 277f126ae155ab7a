"""Order histories: what a lifetime-value model reads of each customer, and how many share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.engine.ask import read_queries
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.spend import SpendHistogram

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from rfmreport.engine.ask import Engine
    from rfmreport.models.lifetime.numerics import Array

HISTORY = ("repeat_order_count", "age_at_last_order_days", "age_days")
"""The columns of a history: customers who share all three are one row of a histogram."""

# With so many customers, histories by the day are too many; the papers too think in weeks.
_MOST_BY_DAY = 200_000
_WEEK_DAYS = 7
_QUERIES = read_queries(__file__)


@dataclass(frozen=True, eq=False)
class CountedHistories:
    """The histories of one date; one row is all customers of a segment who share one.

    `mean_value` is the mean over the row's customers of what a repeat order of theirs is worth (0
    without one). The rest is what they did after the date, all 0 where it was not followed: the
    orders of each of them, the means of what they spent and of its square, and how many came within
    each window, a column each.
    """

    histogram: OrderHistogram
    segments: NDArray[np.str_]
    mean_value: Array
    later_order_count: Array
    later_spent: Array
    later_spent_square: Array
    came_counts: Array


def history_step_days(customer_count: int) -> int:
    """Return in how many whole days histories are measured, so that they can be counted."""
    return 1 if customer_count <= _MOST_BY_DAY else _WEEK_DAYS


def hold_histories(engine: Engine, past: date, today: date, step_days: int) -> None:
    """Hold `order_histories`: one row per date (`past`, `today`) and customer known before it.

    As in the literature, all that a customer bought on one day is one order, and orders of the
    first day are no repeats (P. S. Fader, B. G. S. Hardie & K. L. Lee 2005, Marketing Science
    24(2), 275-284, section 4). Ages are counted from the first order to the last one and to the
    last day before the date, in steps of `step_days`; what is later is of the time from the past
    date to today.
    """
    query = _QUERIES["measure_histories"]
    engine.hold("order_histories", query, past=past, today=today, step=step_days)


def count_histories(
    engine: Engine, day: date, today: date, windows: Sequence[int]
) -> CountedHistories:
    """Return the histories of one of the dates, counted; `windows` are one or two, in days.

    Who has no segment on that day is not counted.
    """
    columns = engine.arrays(
        _QUERIES["count_histories"], day=day, today=today, soon=windows[0], horizon=windows[-1]
    )

    def numbers(name: str) -> Array:
        return np.asarray(columns[name], dtype=np.float64)

    came = ("came_soon", "came")[-len(windows) :]
    return CountedHistories(
        histogram=OrderHistogram(*(numbers(name) for name in (*HISTORY, "customer_count"))),
        segments=columns["segment"].astype(str),
        mean_value=numbers("mean_value"),
        later_order_count=numbers("later_order_count"),
        later_spent=numbers("later_spent"),
        later_spent_square=numbers("later_spent_square"),
        came_counts=np.stack([numbers(name) for name in came], axis=1),
    )


def count_order_values(engine: Engine, day: date) -> SpendHistogram | None:
    """Return repeat buyers by order count and mean order value, in steps of 1 %; None without any.

    Of one of the dates of `order_histories`.
    """
    columns = engine.arrays(_QUERIES["count_order_values"], day=day)
    if not len(columns["value_step"]):
        return None
    names = ("repeat_order_count", "mean_value", "customer_count")
    return SpendHistogram(*(np.asarray(columns[name], dtype=np.float64) for name in names))
