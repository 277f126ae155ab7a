"""What customers will be worth by a model of how they come back, where one holds on their past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.doubt import Doubts, widened
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.models.lifetime.fitting import (
    FittedModel,
    chance_alive,
    chance_to_order_of_rows,
    expected_orders_of_rows,
)
from rfmreport.models.lifetime.forecast import forecast_orders, forecast_revenue
from rfmreport.models.lifetime.spend import FittedSpend, expected_order_value
from rfmreport.models.lifetime.value import MONTHS_PER_YEAR, discounted_orders, month_ends
from rfmreport.sections.worth.figures import EVERYBODY, SMALL_SEGMENTS, Expected, Modelled, Outlook
from rfmreport.sections.worth.measure.histories import HISTORY
from rfmreport.sections.worth.measure.response import Foretold
from rfmreport.vocabulary import Estimate, chance_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.models.lifetime.forecast import Forecast
    from rfmreport.models.lifetime.histogram import OrderHistogram, Rows
    from rfmreport.models.lifetime.numerics import Array
    from rfmreport.sections.worth.measure.histories import CountedHistories

YEAR_DAYS = 365
_THREADS = 2


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


def foretell(fits: Fits, now: CountedHistories, names: Sequence[str], days: int) -> Outlook:
    """Return what each segment will bring within `days`, with 95 % intervals.

    In the order of `names`; segments of few customers stand together.
    """
    groups = {name: np.flatnonzero(now.segments == name) for name in names}
    counts = now.histogram.customer_count
    own = {name: rows for name, rows in groups.items() if counts[rows].sum() >= FEWEST_CUSTOMERS}
    few = np.flatnonzero(~np.isin(now.segments, list(own)))
    others = {SMALL_SEGMENTS: few} if len(few) else {}
    everybody = {EVERYBODY: np.arange(len(now.segments))}

    def expect(group: tuple[str, Rows]) -> Expected:
        return _expect(fits, now, group, days)

    # SciPy lets other threads run while it computes; each forecast has chance of its own.
    with ThreadPoolExecutor(_THREADS) as threads:
        *parts, total = threads.map(expect, (own | others | everybody).items())
    rows = tuple(parts[: len(own)])
    return Outlook(days, (), rows, total, others=parts[-1] if others else None)


def _expect(fits: Fits, now: CountedHistories, group: tuple[str, Rows], days: int) -> Expected:
    label, rows = group
    histogram, mean_value = now.histogram.subset(rows), now.mean_value[rows]
    count = round(histogram.total_customers)

    def estimate(forecast: Forecast, doubts: Doubts) -> Estimate:
        doubt = doubts.total if label == EVERYBODY else doubts.segment
        bounds = widened(forecast.expected, forecast.lower, forecast.upper, doubt)
        return Estimate(forecast.expected, *bounds, count)

    orders = estimate(forecast_orders(fits.orders, histogram, days), fits.doubts_of_orders)
    if fits.spend is None:
        return Expected(label, count, orders, None)
    foretold = forecast_revenue(fits.orders, fits.spend, histogram, mean_value, days)
    revenue = estimate(foretold, fits.doubts_of_revenue)
    return Expected(label, count, orders, revenue)


def expect(fits: Fits, now: CountedHistories, days: int) -> Modelled:
    """Return what all customers of today together bring within `days`."""
    histogram = now.histogram
    orders = expected_orders_of_rows(fits.orders, histogram, days)
    revenue = None
    if fits.spend is not None:
        worth = expected_order_value(fits.spend, histogram.repeat_order_count, now.mean_value)
        revenue = float(histogram.customer_count @ (orders * worth))
    return Modelled(float(histogram.customer_count @ orders), revenue)


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


def _distinct(histogram: OrderHistogram) -> OrderHistogram:
    """Return each history once, whatever segment its customers are in."""
    columns = np.stack([histogram.repeat_order_count, histogram.age_at_last_order, histogram.age])
    once = np.unique(columns, axis=1)
    return type(histogram)(once[0], once[1], once[2], np.ones(once.shape[1]))


def predict_histories(
    fits: Fits, now: CountedHistories, windows: Sequence[int]
) -> dict[str, Array]:
    """Return what the model expects of a customer, one row per order history.

    Columns: those of a history, chance_30_days for each window, expected_orders_90_days for the
    longest one, chance_alive (not-a-number where the model does not say) and, where order values
    could be fitted, the two parts of expected_value_12_months.
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
    return columns


def _yearly_value(fits: Fits, spend: FittedSpend, rows: OrderHistogram) -> dict[str, Array]:
    """Return base and share, so that base + share x the customer's mean value is his year's value.

    An expected order value is linear in the customer's own mean, so that the engine can finish it.
    """
    count = rows.repeat_order_count
    base = expected_order_value(spend, count, np.zeros(len(rows)))
    share = expected_order_value(spend, count, np.ones(len(rows))) - base
    ends = month_ends(MONTHS_PER_YEAR, YEAR_DAYS / MONTHS_PER_YEAR)
    orders = discounted_orders(fits.orders, rows, ends, fits.discount_rate)
    return {"value_base": orders * base, "value_share": orders * share}
