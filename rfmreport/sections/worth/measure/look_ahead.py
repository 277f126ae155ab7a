"""What is to come: who will order again and what that is worth, as far as the past can tell.

What is foretold of each customer is held as `foretold_customers`: `customers` with more columns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.engine.ask import read_queries
from rfmreport.models.doubt import ORDERS_BY_MODEL, REVENUE_BY_MODEL
from rfmreport.models.lifetime.numerics import in_one_order
from rfmreport.sections.worth.figures import Worth
from rfmreport.sections.worth.measure import extrapolation, lifetime_value, model_trials, response
from rfmreport.sections.worth.measure.following import follow_customers
from rfmreport.sections.worth.measure.histories import (
    count_histories,
    count_order_values,
    history_step_days,
    hold_histories,
)
from rfmreport.vocabulary import FREQUENCY_SCORE, RECENCY_SCORE, chance_column, rest_of_month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.hold.figures import HoldOut
    from rfmreport.sections.worth.figures import Response
    from rfmreport.sections.worth.measure.extrapolation import Tried
    from rfmreport.sections.worth.measure.histories import CountedHistories
    from rfmreport.sections.worth.measure.model_trials import ModelFits
    from rfmreport.shop import Shop

_SOON_DAYS = 30
_UNTRIED_WINDOW = "a window hides when customers first bought, which the models must know"
_UNTRIED_FEW = "the past holds too few customers or repeat orders to try a model"
_QUERIES = read_queries(__file__)


def look_ahead(shop: Shop, hold_outs: Sequence[HoldOut]) -> Worth:
    """Foretell by the model that holds on the past, and else by what customers did before.

    `hold_outs` (at least one, latest first) are followed for the shop's horizon. The engine holds
    the customers of all these dates in `earlier_customers`.
    """
    windows = _windows(shop)
    followed = dict.fromkeys((one.as_of for one in hold_outs), shop.horizon_days)
    cells = follow_customers(shop.engine, shop.as_of, followed, windows)
    tried = extrapolation.try_extrapolation(cells, hold_outs, shop.horizon_days)
    by_scores, chances = response.measure_response(
        cells, shop.as_of, [one.as_of for one in hold_outs], windows, shop.segment_names
    )
    worth = Worth(
        model=None,
        outlook=extrapolation.extrapolate(
            cells, shop.as_of, hold_outs, shop.horizon_days, tried, shop.segment_names
        ),
        trials=tried.trials,
        spend=None,
        response=by_scores,
    )
    with in_one_order():
        modelled = _model(shop, hold_outs[0], worth, tried)
    if modelled.model is None:
        hold_chances(shop.engine, chances, windows)
    return modelled


def _windows(shop: Shop) -> tuple[int, ...]:
    """Return within how many days orders are foretold, the shorter first."""
    return tuple(sorted({min(_SOON_DAYS, shop.horizon_days), shop.horizon_days}))


def hold_chances(engine: Engine, chances: response.Chances, windows: Sequence[int]) -> None:
    """Hold the customers with the chance of those who have the same scores; null where none is."""
    scores = {
        RECENCY_SCORE: np.array([recency for recency, _ in chances], dtype=np.int64),
        FREQUENCY_SCORE: np.array([frequency for _, frequency in chances], dtype=np.int64),
    }
    by_window = {
        chance_column(days): np.array(
            [round(of[i].mean, 4) for of in chances.values()], dtype=float
        )
        for i, days in enumerate(windows)
    }
    engine.hold_arrays("score_chances", scores | by_window)
    engine.hold("foretold_customers", _QUERIES["foretold_by_scores"])


def _model(shop: Shop, latest: HoldOut, worth: Worth, tried: Tried) -> Worth:
    """Let the model foretell that held on the latest hold-out, if any did; else say why none may.

    `tried` tells how far the extrapolation was off: that much, too, periods differ.
    """
    if shop.window_months is not None:
        return replace(worth, untried=_UNTRIED_WINDOW)
    step_days = history_step_days(sum(row.customer_count for row in latest.rows))
    hold_histories(shop.engine, latest.as_of, shop.as_of, step_days)
    then, now = (
        count_histories(shop.engine, day, shop.as_of, _windows(shop))
        for day in (latest.as_of, shop.as_of)
    )
    chosen = model_trials.choose_fit(then, now, latest.as_of, shop.horizon_days)
    if chosen is None:
        return replace(worth, untried=_UNTRIED_FEW)
    if chosen.fits is None:
        return replace(worth, trials=(*chosen.trials, *worth.trials))
    values_then, values = (
        model_trials.fit_order_values(count_order_values(shop.engine, day))
        for day in (latest.as_of, shop.as_of)
    )
    checked = model_trials.check_on_past(
        chosen.fits.then, values_then.fitted if values_then else None, then, shop.horizon_days
    )
    values = model_trials.without_wrong_revenue(values, checked)
    fits = lifetime_value.Fits(
        orders=chosen.fits.now,
        spend=values.fitted if values else None,
        discount_rate=shop.settings.report.discount_rate,
        doubts_of_orders=checked.orders.doubts(ORDERS_BY_MODEL, tried.orders.total),
        doubts_of_revenue=checked.revenue.doubts(REVENUE_BY_MODEL, tried.revenue.total),
    )
    hold_expected(shop, fits, now)
    return replace(
        worth,
        model=chosen.fits.name,
        outlook=lifetime_value.foretell(fits, now, shop.segment_names, shop.horizon_days),
        modelled={
            days: lifetime_value.expect(fits, now, days)
            for days in {shop.horizon_days, rest_of_month(shop.until)}
        },
        model_error=checked.orders.total[0].error if checked.orders.total else 0.0,
        trials=(*model_trials.with_revenue(chosen, checked), *worth.trials),
        spend=values.trial if values else None,
        response=_respond(shop, latest, chosen.fits, then, now),
    )


def _respond(
    shop: Shop, latest: HoldOut, fits: ModelFits, then: CountedHistories, now: CountedHistories
) -> Response:
    """Tell each customer's chance by the model, and hold against the past what it said then."""
    windows = _windows(shop)
    return response.respond_by_model(
        lifetime_value.foretell_chances(fits.now, now, windows),
        lifetime_value.foretell_chances(fits.then, then, windows),
        fits.name,
        latest.as_of,
        windows,
        shop.segment_names,
    )


def hold_expected(shop: Shop, fits: lifetime_value.Fits, now: CountedHistories) -> None:
    """Hold the customers with what the model expects of all who share their history."""
    predicted = lifetime_value.predict_histories(fits, now, _windows(shop))
    shop.engine.hold_arrays("predicted_histories", predicted)
    query = "foretold_by_model" if fits.spend else "foretold_orders_by_model"
    shop.engine.hold("foretold_customers", _QUERIES[query], today=shop.as_of)
    shop.engine.drop("predicted_histories")
