"""Fits with parameters that are given, for tests that ask what follows from them."""

from __future__ import annotations

import numpy as np

from rfmreport.models.lifetime.fitting import FittedModel, OrderModel
from rfmreport.models.lifetime.spend import FittedSpend


def fitted_with(
    model: OrderModel, parameters: tuple[float, ...], deviation: float = 0.05
) -> FittedModel:
    """Return a fit with these parameters, their logarithms known up to `deviation`."""
    covariance = deviation**2 * np.eye(len(parameters))
    return FittedModel(
        model, parameters, 0.0, 1000.0, converged=True, at_boundary=(), covariance=covariance
    )


def spend_with(parameters: tuple[float, ...], deviation: float = 0.05) -> FittedSpend:
    """Return a fit of order values with these parameters."""
    covariance = deviation**2 * np.eye(len(parameters))
    return FittedSpend(
        parameters, 0.0, 1000.0, converged=True, at_boundary=(), covariance=covariance
    )
