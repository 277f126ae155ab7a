"""What customers will be worth by a model of how they come back, where one holds on their past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS, Doubts, widened
from rfmreport.models.lifetime.fitting import (
    FittedModel,
    chance_alive,
    chance_to_order_of_rows,
    expected_orders_of_rows,
)
from rfmreport.models.lifetime.forecast import (
    MONTHS_PER_YEAR,
    Forecast,
    discounted_orders,
    forecast_orders,
    forecast_revenue,
    month_ends,
)
from rfmreport.models.lifetime.histogram import OrderHistogram, Rows
from rfmreport.models.lifetime.spend import FittedSpend, SpendHistogram, expected_order_value
from rfmreport.models.tracking import Week, week_ends
from rfmreport.sections.worth.figures import EVERYBODY, SMALL_SEGMENTS, Expected, Modelled, Outlook
from rfmreport.sections.worth.response import Foretold
from rfmreport.vocabulary import Estimate, chance_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from rfmreport.models.lifetime.numerics import Array

HISTORY = ("repeat_order_count", "age_at_last_order_days", "age_days")
"""The columns of a history: customers who share all three are one row of a histogram."""

# With so many customers, histories by the day are too many; the papers too think in weeks.
_MOST_BY_DAY = 200_000
_WEEK_DAYS = 7
_QUERIES = read_queries(__file__)
YEAR_DAYS = 365
_THREADS = 2


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


def follow_model(
    engine: Engine, fitted: FittedModel, then: CountedHistories, day: date, length: int
) -> tuple[Week, ...]:
    """Hold what a model said on a past day against what the customers known then did since.

    Week by week and added up, in days with orders; the engine holds their `order_histories`.
    """
    came = engine.columns(_QUERIES["order_days_since"], day=day, length=length)
    of_day = dict(zip(came["day_number"], came["order_days"], strict=True))
    weights = then.histogram.customer_count
    return tuple(
        Week(
            end,
            float(weights @ expected_orders_of_rows(fitted, then.histogram, end)),
            sum(of_day.get(number, 0) for number in range(end)),
        )
        for end in week_ends(length)
    )


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
    longest one, chance_alive (not-a-number where the model does not say) and the two parts of
    expected_value_12_months, 0 where order values could not be fitted.
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
    return columns | _yearly_value(fits, rows)


def _yearly_value(fits: Fits, rows: OrderHistogram) -> dict[str, Array]:
    """Return base and share, so that base + share x the customer's mean value is his year's value.

    An expected order value is linear in the customer's own mean, so that the engine can finish it.
    """
    spend, count = fits.spend, rows.repeat_order_count
    if spend is None:
        return dict.fromkeys(("value_base", "value_share"), np.zeros(len(rows)))
    base = expected_order_value(spend, count, np.zeros(len(rows)))
    share = expected_order_value(spend, count, np.ones(len(rows))) - base
    ends = month_ends(MONTHS_PER_YEAR, YEAR_DAYS / MONTHS_PER_YEAR)
    orders = discounted_orders(fits.orders, rows, ends, fits.discount_rate)
    return {"value_base": orders * base, "value_share": orders * share}
