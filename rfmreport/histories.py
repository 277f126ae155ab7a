"""Order histories: what a lifetime-value model reads of each customer, and how many share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np

from rfmreport.columns import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    SEGMENT,
)
from rfmreport.lifetime.histogram import OrderHistogram
from rfmreport.lifetime.spend import SpendHistogram
from rfmreport.results import fetch_arrays

if TYPE_CHECKING:
    from datetime import date

    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from rfmreport.lifetime.numerics import Array

REPEAT_ORDER_COUNT = "repeat_order_count"
AGE_AT_LAST_ORDER_DAYS = "age_at_last_order_days"
AGE_DAYS = "age_days"
MEAN_REPEAT_ORDER_VALUE = "mean_repeat_order_value"
LATER_ORDER_COUNT = "later_order_count"
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
    without one); `later_order_count` what each of them ordered after the date, 0 where it was not
    followed.
    """

    histogram: OrderHistogram
    segments: NDArray[np.str_]
    mean_value: Array
    later_order_count: Array


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
    mean_repeat_order_value, 0 without repeat order; later_order_count, from the past date to today.
    """
    kept = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    days = kept.group_by(CUSTOMER_ID, day=kept[FIRST_AT].date()).agg(amount=kept[AMOUNT].sum())
    dates = ibis.array([ibis.date(past), ibis.date(today)])
    on_days = days.mutate(**{AS_OF: dates.unnest()})
    is_known = on_days["day"] < on_days[AS_OF]
    amount = on_days["amount"].cast("float64")
    found = on_days.group_by(AS_OF, CUSTOMER_ID).agg(
        known=is_known.sum(),
        first=on_days["day"].min(),
        last=on_days["day"].max(where=is_known),
        spent=amount.sum(where=is_known),
        first_spent=amount.argmin(on_days["day"]),
        **{LATER_ORDER_COUNT: ((~is_known) & (on_days["day"] < ibis.date(today))).sum()},
    )
    found = found.filter(found["known"] > 0)
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
        },
    )


def _in_steps(days: ibis.expr.types.NumericValue, step_days: int) -> ibis.expr.types.NumericValue:
    if step_days == 1:
        return days.cast("int32")
    return (days / step_days).round().cast("int32") * step_days


def count_histories(histories: Table, named: Table) -> dict[date, CountedHistories]:
    """Return the histories of each date, counted.

    `histories` as from `measure_histories`; `named` is one row per as_of and customer with as_of,
    customer_id and segment; who is not in it is not counted.
    """
    both = histories.join(named.select(AS_OF, CUSTOMER_ID, SEGMENT), (AS_OF, CUSTOMER_ID))
    keys = (AS_OF, SEGMENT, *HISTORY, LATER_ORDER_COUNT)
    counted = both.group_by(*keys).agg(
        customer_count=both.count(), mean_value=both[MEAN_REPEAT_ORDER_VALUE].mean()
    )
    columns = fetch_arrays(counted.order_by(*keys))
    days = columns[AS_OF].astype("datetime64[D]")
    return {
        day.item(): _counted({name: column[days == day] for name, column in columns.items()})
        for day in np.unique(days)
    }


def _counted(columns: dict[str, NDArray[np.generic]]) -> CountedHistories:
    return CountedHistories(
        histogram=OrderHistogram(
            *(np.asarray(columns[name], dtype=np.float64) for name in (*HISTORY, "customer_count"))
        ),
        segments=columns[SEGMENT].astype(str),
        mean_value=np.asarray(columns["mean_value"], dtype=np.float64),
        later_order_count=np.asarray(columns[LATER_ORDER_COUNT], dtype=np.float64),
    )


def count_order_values(histories: Table, today: date) -> SpendHistogram | None:
    """Return repeat buyers by order count and mean order value, in steps of 1 %; None without any.

    `histories` as from `measure_histories`.
    """
    buyers = histories.filter(
        (histories[AS_OF] == ibis.date(today))
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
