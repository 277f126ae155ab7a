"""Order histories: what a lifetime-value model reads of each customer, and how many share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np

from rfmreport.engine.results import fetch_arrays
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.spend import SpendHistogram
from rfmreport.vocabulary import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from rfmreport.models.lifetime.numerics import Array

REPEAT_ORDER_COUNT = "repeat_order_count"
AGE_AT_LAST_ORDER_DAYS = "age_at_last_order_days"
AGE_DAYS = "age_days"
MEAN_REPEAT_ORDER_VALUE = "mean_repeat_order_value"
LATER_ORDER_COUNT = "later_order_count"
LATER_SPENT = "later_spent"
FIRST_LATER_DAYS = "first_later_days"
HISTORY = (REPEAT_ORDER_COUNT, AGE_AT_LAST_ORDER_DAYS, AGE_DAYS)
"""The columns of a history: customers who share all three are one row of a histogram."""

# With so many customers, histories by the day are too many; the papers too think in weeks.
_MOST_BY_DAY = 200_000
_WEEK_DAYS = 7
_VALUE_STEP = 0.01


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


def measure_histories(orders: Table, past: date, today: date, step_days: int) -> Table:
    """Return one row per date (`past`, `today`) and customer with a purchase before it.

    Needs the columns of `cleaning.group_orders`. As in the literature, all that a customer bought
    on one day is one order, and orders of the first day are no repeats (P. S. Fader, B. G. S.
    Hardie & K. L. Lee 2005, Marketing Science 24(2), 275-284, section 4). Columns: as_of,
    customer_id, repeat_order_count; age_at_last_order_days and age_days, from the first order to
    the last one and to the last day before the date, in steps of `step_days`;
    mean_repeat_order_value, 0 without repeat order. Of the time from the past date to today:
    later_order_count, later_spent and first_later_days, the days to the first order in it or null.
    """
    found = _days_before_and_after(orders, past, today)
    repeats = found["known"] - 1
    mean_value = ((found["spent"] - found["first_spent"]) / repeats.nullif(0)).fill_null(0.0)
    return found.select(
        AS_OF,
        CUSTOMER_ID,
        LATER_ORDER_COUNT,
        **{
            REPEAT_ORDER_COUNT: repeats,
            AGE_AT_LAST_ORDER_DAYS: _in_steps(
                found["last"].delta(found["first"], unit="day"), step_days
            ),
            AGE_DAYS: _in_steps(found[AS_OF].delta(found["first"], unit="day") - 1, step_days),
            # Where an amount is negative, an order is worth nothing to the model.
            MEAN_REPEAT_ORDER_VALUE: ibis.greatest(mean_value, 0.0),
            LATER_SPENT: found[LATER_SPENT].fill_null(0.0),
            FIRST_LATER_DAYS: found["first_later"].delta(found[AS_OF], unit="day"),
        },
    )


def _days_before_and_after(orders: Table, past: date, today: date) -> Table:
    """Return one row per date and customer known on it: his days with orders, before and after."""
    kept = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    days = kept.group_by(CUSTOMER_ID, day=kept[FIRST_AT].date()).agg(amount=kept[AMOUNT].sum())
    dates = ibis.array([ibis.date(past), ibis.date(today)])
    on_days = days.mutate(**{AS_OF: dates.unnest()})
    is_known = on_days["day"] < on_days[AS_OF]
    is_later = (~is_known) & (on_days["day"] < ibis.date(today))
    amount = on_days["amount"].cast("float64")
    found = on_days.group_by(AS_OF, CUSTOMER_ID).agg(
        known=is_known.sum(),
        first=on_days["day"].min(),
        last=on_days["day"].max(where=is_known),
        spent=amount.sum(where=is_known),
        first_spent=amount.argmin(on_days["day"]),
        first_later=on_days["day"].min(where=is_later),
        **{LATER_ORDER_COUNT: is_later.sum(), LATER_SPENT: amount.sum(where=is_later)},
    )
    return found.filter(found["known"] > 0)


def _in_steps(days: ibis.expr.types.NumericValue, step_days: int) -> ibis.expr.types.NumericValue:
    if step_days == 1:
        return days.cast("int32")
    return (days / step_days).round().cast("int32") * step_days


def count_histories(
    histories: Table, named: Table, windows: Sequence[int]
) -> dict[date, CountedHistories]:
    """Return the histories of each date, counted.

    `histories` as from `measure_histories`; `named` is one row per as_of and customer with as_of,
    customer_id and segment; who is not in it is not counted. `windows` are in days.
    """
    both = histories.join(named.select(AS_OF, CUSTOMER_ID, SEGMENT), (AS_OF, CUSTOMER_ID))
    keys = (AS_OF, SEGMENT, *HISTORY, LATER_ORDER_COUNT)
    spent = both[LATER_SPENT]
    came = {
        f"came_{days}": (both[FIRST_LATER_DAYS] < days).fill_null(False).sum()  # noqa: FBT003
        for days in windows
    }
    counted = both.group_by(*keys).agg(
        customer_count=both.count(),
        mean_value=both[MEAN_REPEAT_ORDER_VALUE].mean(),
        later_spent=spent.mean(),
        later_spent_square=(spent * spent).mean(),
        **came,
    )
    columns = fetch_arrays(counted.order_by(*keys))
    days = columns[AS_OF].astype("datetime64[D]")
    return {
        day.item(): _counted({name: column[days == day] for name, column in columns.items()}, came)
        for day in np.unique(days)
    }


def _counted(columns: dict[str, NDArray[np.generic]], came: Iterable[str]) -> CountedHistories:
    def numbers(name: str) -> Array:
        return np.asarray(columns[name], dtype=np.float64)

    return CountedHistories(
        histogram=OrderHistogram(*(numbers(name) for name in (*HISTORY, "customer_count"))),
        segments=columns[SEGMENT].astype(str),
        mean_value=numbers("mean_value"),
        later_order_count=numbers(LATER_ORDER_COUNT),
        later_spent=numbers("later_spent"),
        later_spent_square=numbers("later_spent_square"),
        came_counts=np.stack([numbers(name) for name in came], axis=1),
    )


def count_order_values(histories: Table, day: date) -> SpendHistogram | None:
    """Return repeat buyers by order count and mean order value, in steps of 1 %; None without any.

    `histories` as from `measure_histories`.
    """
    buyers = histories.filter(
        (histories[AS_OF] == ibis.date(day))
        & (histories[REPEAT_ORDER_COUNT] > 0)
        & (histories[MEAN_REPEAT_ORDER_VALUE] > 0)
    )
    value = buyers[MEAN_REPEAT_ORDER_VALUE]
    step = (value.ln() / _VALUE_STEP).floor().cast("int32")
    counted = buyers.group_by(REPEAT_ORDER_COUNT, step=step).agg(
        customer_count=buyers.count(), mean_value=value.mean()
    )
    columns = fetch_arrays(counted.order_by(REPEAT_ORDER_COUNT, "step"))
    if not len(columns["step"]):
        return None
    names = (REPEAT_ORDER_COUNT, "mean_value", "customer_count")
    return SpendHistogram(*(np.asarray(columns[name], dtype=np.float64) for name in names))
