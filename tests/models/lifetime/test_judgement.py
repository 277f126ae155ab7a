"""Judging a fit: published ones pass, and what cannot be true in a shop is named."""

from __future__ import annotations

import csv
import dataclasses
import gzip
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from cdnow import read_cdnow
from cohorts import beta_geometric_cohort, loyal_cohort, pareto_cohort
from fits import fitted_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD
from rfmreport.models.lifetime.choice import (
    judge_fit,
    past_orders,
    share_gone,
    share_of_orders_left,
)
from rfmreport.models.lifetime.fitting import MODELS, OrderModel, fit_model
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.pareto import PARETO_NBD

if TYPE_CHECKING:
    from pathlib import Path

LEAVING = beta_geometric_cohort(4000, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=11).histogram


def read_online_retail(path: Path) -> OrderHistogram:
    """Return customers by the days on which they bought, in days up to 9 December 2011."""
    days: dict[str, set[date]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bought = float(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0
            if row["CustomerID"] and bought:
                days[row["CustomerID"]].add(date.fromisoformat(row["InvoiceDate"][:10]))
    end = date(2011, 12, 9)
    rows = [
        (len(of_one) - 1, (max(of_one) - min(of_one)).days, (end - min(of_one)).days, 1)
        for of_one in days.values()
    ]
    return OrderHistogram(*np.array(rows, dtype=float).T)


@pytest.mark.parametrize("model", MODELS)
def test_the_published_fits_pass(model: OrderModel, shared_dir: Path) -> None:
    histogram = read_cdnow(shared_dir / "data" / "cdnow_sample.csv").histogram
    assert judge_fit(fit_model(model, histogram), histogram) is None


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_to_customers_who_leave_passes(model: OrderModel) -> None:
    if model is PARETO_NBD:
        histogram = pareto_cohort(4000, (0.6, 10.0, 0.8, 20.0), later=26, seed=11).histogram
    else:
        histogram = LEAVING
    assert judge_fit(fit_model(model, histogram), histogram) is None


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_to_customers_who_never_leave_is_refused(model: OrderModel) -> None:
    histogram = loyal_cohort(3000, 0.8, 9.0, seed=12).histogram
    reason = judge_fit(fit_model(model, histogram), histogram)
    assert reason is not None
    assert reason.startswith("the model finds that nobody ever leaves")


def test_online_retail_is_refused(sample_csv: Path) -> None:
    # Wholesalers who came back before Christmas: one customer in three of the published data.
    histogram = read_online_retail(sample_csv)
    for model in MODELS:
        reason = judge_fit(fit_model(model, histogram), histogram)
        assert reason is not None
        assert reason.startswith("the model finds that nobody ever leaves")


def test_the_fit_of_online_retail_is_refused_by_its_parameters() -> None:
    # What the packages find, in days, without a warning.
    fitted = fitted_with(BG_NBD, (0.8265, 68.9, 0.0034, 6.7))
    reason = judge_fit(fitted, LEAVING.scaled(1 / 7))
    assert reason is not None
    assert reason.startswith(
        "the model finds that nobody ever leaves (99% of a new customer's orders"
    )


@pytest.mark.parametrize(
    ("model", "parameters", "changed", "reason"),
    [
        (BG_NBD, (0.7, 9.0, 0.8, 2.5), {"converged": False}, "the fit found no best answer"),
        (
            BG_NBD,
            (0.7, 9.0, 0.8, 2.5),
            {"at_boundary": ("alpha",)},
            "the fit ran to the edge of what it may find (alpha)",
        ),
        (
            MBG_NBD,
            (0.7, 9.0, 400.0, 1200.0),
            {},
            "the model finds hardly any difference between customers (b = 1200)",
        ),
        (
            PARETO_NBD,
            (0.7, 9.0, 0.5, 5000.0),
            {},
            "the model finds that nobody ever leaves (93% of a new customer's orders",
        ),
        (PARETO_NBD, (0.7, 9.0, 0.001, 5.0), {}, "the model finds that nobody ever leaves (0."),
        (
            BG_NBD,
            (0.7, 18.0, 0.8, 2.5),
            {},
            "the model expects 5,509 repeat orders of the past, and 8,709 were made",
        ),
    ],
)
def test_each_reason(
    model: OrderModel, parameters: tuple[float, ...], changed: dict[str, object], reason: str
) -> None:
    fitted = dataclasses.replace(fitted_with(model, parameters), **changed)
    found = judge_fit(fitted, LEAVING)
    assert found is not None
    assert found.startswith(reason)


def test_customers_gone_are_counted_among_those_who_can_be() -> None:
    fitted = fitted_with(BG_NBD, (0.243, 4.414, 0.793, 2.426))
    one_order = OrderHistogram(np.zeros(1), np.zeros(1), np.full(1, 38.86), np.ones(1))
    assert share_gone(fitted, one_order) == 0
    both = OrderHistogram([0, 2], [0, 30.43], [38.86, 38.86], [50, 1])
    assert share_gone(fitted, both) == pytest.approx(1 - 0.7266, abs=1e-3)


def test_orders_left_are_what_new_customers_still_make_much_later() -> None:
    # The rate of Pareto/NBD falls as (β / (β + t))^s: at t = 10 periods against t = 0.
    fitted = fitted_with(PARETO_NBD, (0.7, 9.0, 1.5, 100.0))
    assert share_of_orders_left(fitted, 0.01) == pytest.approx((100 / 100.1) ** 1.5, rel=1e-4)


def test_past_orders_are_about_those_that_were_made() -> None:
    fitted = fit_model(BG_NBD, LEAVING)
    assert past_orders(fitted, LEAVING) == pytest.approx(LEAVING.total_repeat_orders, rel=0.03)
