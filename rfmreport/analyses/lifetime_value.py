"""What customers will be worth by a model of how they come back, where one holds on their past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from rfmreport.columns import AS_OF, CUSTOMER_ID, EXPECTED_VALUE
from rfmreport.histories import HISTORY, MEAN_REPEAT_ORDER_VALUE
from rfmreport.lifetime.choice import choose_model
from rfmreport.lifetime.fitting import (
    MODELS,
    FittedModel,
    chance_alive,
    expected_orders_of_rows,
    fit_model,
)
from rfmreport.lifetime.forecast import forecast_orders, forecast_revenue
from rfmreport.lifetime.judgement import judge_fit
from rfmreport.lifetime.screening import nobody_leaves
from rfmreport.lifetime.spend import (
    FittedSpend,
    associate_count_and_value,
    expected_order_value,
    fit_spend,
    judge_spend,
)
from rfmreport.lifetime.value import (
    DAYS_PER_MONTH,
    MONTHS_PER_YEAR,
    discounted_value,
    month_ends,
)
from rfmreport.report import Estimate, Expected, ForecastTrial, Outlook, SpendTrial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import Table

    from rfmreport.histories import CountedHistories
    from rfmreport.lifetime.choice import Candidate, HoldoutError
    from rfmreport.lifetime.forecast import Forecast
    from rfmreport.lifetime.histogram import OrderHistogram, Rows
    from rfmreport.lifetime.numerics import Array
    from rfmreport.lifetime.spend import SpendHistogram

YEAR_DAYS = 365
_FEWEST_CUSTOMERS = 100
_MOST_FITTED = 200_000
_NOBODY_LEAVES = "these histories do not show that anybody ever leaves"
_THREADS = 2
_BASE, _SHARE = "order_value_base", "order_value_share"


@dataclass(frozen=True, eq=False)
class ChosenModel:
    """The model that held on the past, if any, fitted to all data, and all that was tried."""

    fitted: FittedModel | None
    trials: tuple[ForecastTrial, ...]


@dataclass(frozen=True, eq=False)
class Fits:
    """What a forecast is made with; without `spend` only orders can be foretold."""

    orders: FittedModel
    spend: FittedSpend | None
    discount_rate: float


@dataclass(frozen=True, eq=False)
class OrderValues:
    """The model of what an order is worth, if it may be used, and the test of what it supposes."""

    fitted: FittedSpend | None
    trial: SpendTrial


def choose_fit(
    past: CountedHistories, now: CountedHistories, past_date: date, horizon_days: int
) -> ChosenModel | None:
    """Fit models to what was known on a past date, and the one that foretold best to all of it.

    `past` was followed for `horizon_days`, up to the date of `now`. None where there are too few
    customers or orders to try.
    """
    known, later = past.histogram, past.later_order_count
    actual = float(known.customer_count @ later)
    if known.total_customers < _FEWEST_CUSTOMERS or not actual or not known.total_repeat_orders:
        return None
    if nobody_leaves(known):
        refused = (
            ForecastTrial(
                name=model.name,
                is_model=True,
                as_of=past_date,
                days=horizon_days,
                predicted_orders=None,
                actual_orders=actual,
                refusal=_NOBODY_LEAVES,
            )
            for model in MODELS
        )
        return ChosenModel(None, tuple(refused))
    groups = past.segments
    if known.total_customers > _MOST_FITTED:
        rows, drawn = known.sample_rows(_MOST_FITTED, known.customer_count)
        known, later, groups = known.subset(rows, drawn), later[rows], groups[rows]
    choice = choose_model(known, later, horizon_days, groups)
    trials = [_trial(tried.error, past_date, horizon_days, tried) for tried in choice.candidates]
    trials += [_trial(error, past_date, horizon_days) for error in choice.extrapolations]
    if choice.chosen is None:
        return ChosenModel(None, tuple(trials))
    today = now.histogram
    sampled = today.sample(_MOST_FITTED) if today.total_customers > _MOST_FITTED else today
    fitted = fit_model(choice.chosen.fitted.model, sampled)
    refusal = judge_fit(fitted, sampled)
    if refusal is None:
        return ChosenModel(fitted, tuple(trials))
    return ChosenModel(None, tuple(_refused(trials, fitted.model.name, refusal)))


def _trial(
    error: HoldoutError, past_date: date, days: int, tried: Candidate | None = None
) -> ForecastTrial:
    return ForecastTrial(
        name=error.name,
        is_model=tried is not None,
        as_of=past_date,
        days=days,
        # At the edge of what it may find, a fit can foretell no number.
        predicted_orders=error.predicted_orders if isfinite(error.predicted_orders) else None,
        actual_orders=error.actual_orders,
        refusal=tried.refusal if tried else None,
    )


def _refused(trials: Sequence[ForecastTrial], name: str, refusal: str) -> list[ForecastTrial]:
    """Say of the model that was chosen why its fit to all data may not be used."""
    reason = f"fitted to all data, {refusal}"
    return [
        replace(trial, refusal=reason) if trial.is_model and trial.name == name else trial
        for trial in trials
    ]


def fit_order_values(values: SpendHistogram) -> OrderValues:
    """Fit what an order is worth, and test that it does not depend on how often somebody orders."""
    fitted = fit_spend(values)
    refusal = judge_spend(fitted, values)
    found = associate_count_and_value(values)
    trial = SpendTrial(found.rank_correlation, int(found.customer_count), refusal)
    return OrderValues(None if refusal else fitted, trial)


def foretell(fits: Fits, now: CountedHistories, names: Sequence[str], days: int) -> Outlook:
    """Return what each segment will bring within `days`, with 95 % intervals.

    In the order of `names`; segments without customers are left out. The value's bounds are those
    of the revenue, discounted by as much.
    """
    groups = [(name, np.flatnonzero(now.segments == name)) for name in names]
    groups = [(name, rows) for name, rows in groups if len(rows)]
    everybody = ("All customers", np.arange(len(now.segments)))

    def expect(group: tuple[str, Rows]) -> Expected:
        return _expect(fits, now, *group, days)

    # SciPy lets other threads run while it computes; each forecast has chance of its own.
    with ThreadPoolExecutor(_THREADS) as threads:
        *rows, total = threads.map(expect, [*groups, everybody])
    return Outlook(days, (), tuple(rows), total)


def _expect(fits: Fits, now: CountedHistories, name: str, rows: Rows, days: int) -> Expected:
    group, mean_value = now.histogram.subset(rows), now.mean_value[rows]
    count = round(group.total_customers)
    orders = _estimate(forecast_orders(fits.orders, group, days), count)
    if fits.spend is None:
        return Expected(name, count, orders, None, None)
    revenue = _estimate(forecast_revenue(fits.orders, fits.spend, group, mean_value, days), count)
    worth = expected_order_value(fits.spend, group.repeat_order_count, mean_value)
    each = discounted_value(fits.orders, group, worth, _month_ends(days), fits.discount_rate)
    value = float(group.customer_count @ each)
    part = value / revenue.value if revenue.value else 1.0
    discounted = Estimate(value, revenue.low * part, revenue.high * part, count)
    return Expected(name, count, orders, revenue, discounted)


def _discounted(  # noqa: PLR0913, PLR0917  as above
    fitted: FittedModel,
    spend: FittedSpend,
    group: OrderHistogram,
    mean_value: Array,
    days: int,
    discount_rate: float,
) -> Array:
    worth = expected_order_value(spend, group.repeat_order_count, mean_value)
    return discounted_value(fitted, group, worth, _month_ends(days), discount_rate)


def _month_ends(days: int) -> Array:
    months = max(round(days / DAYS_PER_MONTH), 1)
    return month_ends(months, days / months)


def _estimate(forecast: Forecast, customer_count: int) -> Estimate:
    return Estimate(forecast.expected, forecast.lower, forecast.upper, customer_count)


def _distinct(histogram: OrderHistogram) -> OrderHistogram:
    """Return each history once, whatever segment its customers are in."""
    columns = np.stack([histogram.repeat_order_count, histogram.age_at_last_order, histogram.age])
    once = np.unique(columns, axis=1)
    return type(histogram)(once[0], once[1], once[2], np.ones(once.shape[1]))


def predict_histories(fits: Fits, now: CountedHistories, horizon_days: int) -> pa.Table:
    """Return what the model expects of a customer, one row per order history.

    Columns: those of a history, expected_orders_90_days, chance_alive (missing where the model does
    not say) and, where order values could be fitted, the parts of expected_value_12_months.
    """
    rows = _distinct(now.histogram)
    history = (rows.repeat_order_count, rows.age_at_last_order, rows.age)
    columns: dict[str, Array] = dict(zip(HISTORY, history, strict=True))
    expected = expected_orders_of_rows(fits.orders, rows, horizon_days)
    columns[f"expected_orders_{horizon_days}_days"] = expected.round(4)
    columns["chance_alive"] = chance_alive(fits.orders, *history).round(4)
    if fits.spend is not None:
        columns |= _yearly_value(fits, fits.spend, rows)
    return pa.table({name: pa.array(column, from_pandas=True) for name, column in columns.items()})


def predict_customers(histories: Table, predictions: Table, today: date) -> Table:
    """Return one row per customer with what the model expects; joined by history in the engine.

    `histories` as from `histories.measure_histories`, `predictions` as from `predict_histories`.
    Columns: customer_id, expected_orders_90_days, chance_alive and, where order values could be
    fitted, expected_value_12_months (discounted).
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
