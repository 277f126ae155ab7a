"""What customers will be worth by a model of how they come back, where one holds on their past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from rfmreport.models.doubt import Doubt, Doubts, widened
from rfmreport.models.foretold import Foretold
from rfmreport.models.histories import HISTORY, MEAN_REPEAT_ORDER_VALUE
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.models.lifetime.fitting import (
    FittedModel,
    chance_alive,
    chance_to_order_of_rows,
    expected_orders_of_rows,
)
from rfmreport.models.lifetime.forecast import forecast_orders, forecast_revenue
from rfmreport.models.lifetime.spend import FittedSpend, expected_order_value
from rfmreport.models.lifetime.value import (
    DAYS_PER_MONTH,
    MONTHS_PER_YEAR,
    discounted_value,
    month_ends,
)
from rfmreport.sections.worth.figures import (
    EVERYBODY,
    SMALL_SEGMENTS,
    Expected,
    Outlook,
)
from rfmreport.vocabulary import (
    AS_OF,
    CUSTOMER_ID,
    EXPECTED_VALUE,
    Estimate,
    chance_column,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import Table

    from rfmreport.models.histories import CountedHistories
    from rfmreport.models.lifetime.forecast import Forecast
    from rfmreport.models.lifetime.histogram import OrderHistogram, Rows
    from rfmreport.models.lifetime.numerics import Array

YEAR_DAYS = 365
_THREADS = 2
_BASE, _SHARE = "order_value_base", "order_value_share"


@dataclass(frozen=True, eq=False)
class Fits:
    """What a forecast is made with, and how far it may be off beyond what the models know.

    Without `spend` only orders can be foretold.
    """

    orders: FittedModel
    spend: FittedSpend | None
    discount_rate: float
    doubts_of_orders: Doubts
    doubts_of_revenue: Doubts


@dataclass(frozen=True, eq=False)
class _Group:
    """Some of the customers, and what the forecast of them is called."""

    label: str
    rows: Rows

    @property
    def is_total(self) -> bool:
        return self.label == EVERYBODY


def foretell(fits: Fits, now: CountedHistories, names: Sequence[str], days: int) -> Outlook:
    """Return what each segment will bring within `days`, with 95 % intervals.

    In the order of `names`; segments of few customers stand together. The value's bounds are those
    of the revenue, discounted by as much.
    """
    groups = [_Group(name, np.flatnonzero(now.segments == name)) for name in names]
    counts = [now.histogram.customer_count[group.rows].sum() for group in groups]
    own = [one for one, count in zip(groups, counts, strict=True) if count >= FEWEST_CUSTOMERS]
    few = np.flatnonzero(~np.isin(now.segments, [group.label for group in own]))
    others = [_Group(SMALL_SEGMENTS, few)] if len(few) else []
    everybody = _Group(EVERYBODY, np.arange(len(now.segments)))

    def expect(group: _Group) -> Expected:
        return _expect(fits, now, group, days)

    # SciPy lets other threads run while it computes; each forecast has chance of its own.
    with ThreadPoolExecutor(_THREADS) as threads:
        *parts, total = threads.map(expect, [*own, *others, everybody])
    rows = tuple(parts[: len(own)])
    return Outlook(days, (), rows, total, others=parts[-1] if others else None)


def _expect(fits: Fits, now: CountedHistories, group: _Group, days: int) -> Expected:
    histogram, mean_value = now.histogram.subset(group.rows), now.mean_value[group.rows]
    count = round(histogram.total_customers)

    def estimate(forecast: Forecast, doubts: Doubts) -> Estimate:
        return _estimate(forecast, count, doubts.total if group.is_total else doubts.segment)

    orders = estimate(forecast_orders(fits.orders, histogram, days), fits.doubts_of_orders)
    if fits.spend is None:
        return Expected(group.label, count, orders, None, None)
    foretold = forecast_revenue(fits.orders, fits.spend, histogram, mean_value, days)
    revenue = estimate(foretold, fits.doubts_of_revenue)
    worth = expected_order_value(fits.spend, histogram.repeat_order_count, mean_value)
    each = discounted_value(fits.orders, histogram, worth, _month_ends(days), fits.discount_rate)
    value = float(histogram.customer_count @ each)
    part = value / revenue.value if revenue.value else 1.0
    discounted = Estimate(value, revenue.low * part, revenue.high * part, count)
    return Expected(group.label, count, orders, revenue, discounted)


def foretell_chances(
    fitted: FittedModel, counted: CountedHistories, windows: Sequence[int]
) -> Foretold:
    """Return the chance of each history's customers to order within each window, and who came."""
    histogram = counted.histogram
    chances = [chance_to_order_of_rows(fitted, histogram, days) for days in windows]
    return Foretold(
        segments=counted.segments,
        customer_count=histogram.customer_count,
        chances=np.stack(chances, axis=1),
        # Of many customers the parameters are known well: what is off is doubt.
        variances=np.zeros((len(histogram), len(windows))),
        came_counts=counted.came_counts,
    )


def _month_ends(days: int) -> Array:
    months = max(round(days / DAYS_PER_MONTH), 1)
    return month_ends(months, days / months)


def _estimate(forecast: Forecast, customer_count: int, doubt: Doubt) -> Estimate:
    bounds = widened(forecast.expected, forecast.lower, forecast.upper, doubt)
    return Estimate(forecast.expected, *bounds, customer_count)


def _distinct(histogram: OrderHistogram) -> OrderHistogram:
    """Return each history once, whatever segment its customers are in."""
    columns = np.stack([histogram.repeat_order_count, histogram.age_at_last_order, histogram.age])
    once = np.unique(columns, axis=1)
    return type(histogram)(once[0], once[1], once[2], np.ones(once.shape[1]))


def predict_histories(fits: Fits, now: CountedHistories, windows: Sequence[int]) -> pa.Table:
    """Return what the model expects of a customer, one row per order history.

    Columns: those of a history, chance_30_days for each window, expected_orders_90_days for the
    longest one, chance_alive (missing where the model does not say) and, where order values could
    be fitted, the parts of expected_value_12_months.
    """
    rows = _distinct(now.histogram)
    history = (rows.repeat_order_count, rows.age_at_last_order, rows.age)
    columns: dict[str, Array] = dict(zip(HISTORY, history, strict=True))
    for days in windows:
        chance = chance_to_order_of_rows(fits.orders, rows, days)
        columns[chance_column(days)] = chance.round(4)
    expected = expected_orders_of_rows(fits.orders, rows, windows[-1])
    columns[f"expected_orders_{windows[-1]}_days"] = expected.round(4)
    columns["chance_alive"] = chance_alive(fits.orders, *history).round(4)
    if fits.spend is not None:
        columns |= _yearly_value(fits, fits.spend, rows)
    return pa.table({name: pa.array(column, from_pandas=True) for name, column in columns.items()})


def predict_customers(histories: Table, predictions: Table, today: date) -> Table:
    """Return one row per customer with what the model expects; joined by history in the engine.

    `histories` as from `histories.measure_histories`, `predictions` as from `predict_histories`.
    Columns: customer_id, those of the predictions and, where order values could be fitted,
    expected_value_12_months (discounted).
    """
    of_today = histories.filter(histories[AS_OF] == ibis.date(today))
    both = of_today.left_join(predictions, HISTORY)
    parts = (*HISTORY, _BASE, _SHARE)
    names = [name for name in predictions.columns if name not in parts]
    if _BASE not in predictions.columns:
        return both.select(CUSTOMER_ID, *names)
    value = both[_BASE] + both[_SHARE] * both[MEAN_REPEAT_ORDER_VALUE]
    return both.select(CUSTOMER_ID, *names, **{EXPECTED_VALUE: value.round(2)})


def _yearly_value(fits: Fits, spend: FittedSpend, rows: OrderHistogram) -> dict[str, Array]:
    """Return base and share, so that base + share x the customer's mean value is his year's value.

    An expected order value is linear in the customer's own mean, so that the engine can finish it.
    """
    count = rows.repeat_order_count
    base = expected_order_value(spend, count, np.zeros(len(rows)))
    share = expected_order_value(spend, count, np.ones(len(rows))) - base
    ends = month_ends(MONTHS_PER_YEAR, YEAR_DAYS / MONTHS_PER_YEAR)
    orders = discounted_value(fits.orders, rows, np.ones(len(rows)), ends, fits.discount_rate)
    return {_BASE: orders * base, _SHARE: orders * share}
