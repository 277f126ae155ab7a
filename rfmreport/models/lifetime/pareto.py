"""Pareto/NBD: orders at random times, until a customer leaves at a time nobody sees.

While a customer stays, orders come at a rate λ ~ Gamma(r, α), and his stay is exponential with a
rate μ ~ Gamma(s, β). Schmittlein, Morrison & Colombo 1987, Management Science 33(1), 1-24; with
the likelihood of Fader & Hardie 2005, "A note on deriving the Pareto/NBD model". Its integral over
the time of leaving is done by quadrature rather than by 2F1: the gradient comes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from rfmreport.models.lifetime.numerics import (
    Array,
    Objective,
    digamma,
    draw_rates,
    log_gamma,
    of_the_alive,
)

if TYPE_CHECKING:
    from rfmreport.models.lifetime.histogram import OrderHistogram

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
# Beyond this decline the rest of an integrand is below the rounding of a float.
NEGLIGIBLE_DECLINE = 40.0
# Rows at a time, so that a block of nodes stays in the processor's cache.
BLOCK = 2048


class _Leaving(NamedTuple):
    """The integral over the time τ of leaving, and the means under it that its gradient needs."""

    log_integral: Array
    mean_log_alpha: Array
    mean_inverse_alpha: Array
    mean_log_beta: Array
    mean_inverse_beta: Array


@dataclass(frozen=True)
class ParetoModel:
    """The Pareto/NBD model."""

    name: str = "Pareto/NBD"

    parameter_names = ("r", "alpha", "s", "beta")
    time_parameters = (1, 3)
    one_order_buyers_can_leave = True

    def starting_points(self, histogram: OrderHistogram) -> tuple[Array, ...]:
        """Return parameters to start a fit from, with the observed order rate built in."""
        age = float(histogram.customer_count @ histogram.age) / histogram.total_customers
        rate = max(histogram.total_repeat_orders, 1.0) / histogram.total_customers / age
        return tuple(
            np.array([r, r / (2 * rate), s, s * age * stay])
            for r, s, stay in ((0.5, 0.6, 0.6), (1.5, 1.5, 2.0), (0.5, 0.3, 0.1))
        )

    def log_likelihood(self, histogram: OrderHistogram) -> Objective:
        """Return the log-likelihood of a histogram as a function of the parameters.

        Fader & Hardie 2005, before the integral is solved. The function gives the gradient too.
        """
        weights, count = histogram.customer_count, histogram.repeat_order_count
        counts, of_row = np.unique(count, return_inverse=True)
        count_weights = np.bincount(of_row, weights=weights)
        total = histogram.total_customers

        def value_and_gradient(parameters: Array) -> tuple[float, Array]:
            r, alpha, *_ = parameters
            stayed = _log_stayed(tuple(parameters), count, histogram.age)
            leaving = _leaving(tuple(parameters), count, histogram.age_at_last_order, histogram.age)
            history = np.logaddexp(stayed, leaving.log_integral)
            prefix = log_gamma(r + counts) - log_gamma(np.full_like(counts, r))
            value = count_weights @ prefix + total * r * np.log(alpha) + weights @ history
            gone = weights * np.exp(leaving.log_integral - history)
            gradient = _history_slopes(parameters, histogram, gone, leaving)
            gradient[0] += count_weights @ (digamma(r + counts) - digamma(r)) + total * np.log(
                alpha
            )
            gradient[1] += total * r / alpha
            return float(value), gradient

        return value_and_gradient

    def chance_alive(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array
    ) -> Array:
        """Return the probability that a customer has not left: Fader & Hardie 2005."""
        stayed = _log_stayed(parameters, count, age)
        left = _leaving(parameters, count, last, age).log_integral
        return cast("Array", np.exp(stayed - np.logaddexp(stayed, left)))

    def expected_orders(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array, horizon: Array
    ) -> Array:
        """Return the orders expected within `horizon` from customers with these histories.

        Schmittlein et al. 1987, written so that it holds at s = 1 too.
        """
        r, alpha, s, beta = parameters
        growth = np.log1p(horizon / (beta + age))
        stay = (beta + age) * growth * _mean_decline((s - 1) * growth)
        return self.chance_alive(parameters, count, last, age) * (r + count) / (alpha + age) * stay

    def chance_to_order(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array, horizon: Array
    ) -> Array:
        """Return the probability of an order within `horizon` of customers with these histories.

        For one who is alive: the density of the first order after a time, times the chance that he
        has not left by then, summed over time; rates are Gamma(r + x, α + T) and Gamma(s, β + T).
        """
        r, alpha, s, beta = (np.asarray(one)[..., None] for one in parameters)
        shape, known = r + count[..., None], alpha + age[..., None]
        # In the logarithm of time the density is smooth, however fast the first order comes.
        whole = np.log1p(horizon[..., None] / known)
        y = whole * (NODES + 1) / 2
        until = known * np.expm1(y)
        stayed = np.exp(-s * np.log1p(until / (beta + age[..., None])))
        comes = (shape * np.exp(-shape * y) * stayed) @ WEIGHTS * whole[..., 0] / 2
        return self.chance_alive(parameters, count, last, age) * comes

    def simulate_orders(
        self,
        parameters: tuple[Array, ...],
        histories: tuple[Array, Array, Array],
        horizon: float,
        random: np.random.Generator,
    ) -> Array:
        """Return one possible number of orders within `horizon` per customer."""
        r, alpha, s, beta = parameters
        count, last, age = histories
        alive = self.chance_alive(parameters, count, last, age)
        rate = draw_rates(r, alpha, count, age, random)
        leaving_rate = random.standard_gamma(np.broadcast_to(s, alive.shape)) / (beta + age)
        stay = random.standard_exponential(alive.shape) / np.maximum(leaving_rate, 1e-300)
        return of_the_alive(random.poisson(rate * np.minimum(stay, horizon)), alive, random)


PARETO_NBD = ParetoModel()


def _mean_decline(exponent: Array) -> Array:
    """Return (1 − exp(−u)) / u, which is 1 at u = 0."""
    safe = np.where(exponent == 0, 1, exponent)
    return cast("Array", np.where(exponent == 0, 1, -np.expm1(-safe) / safe))


def _log_stayed(parameters: tuple[Array, ...], count: Array, age: Array) -> Array:
    r, alpha, s, beta = parameters
    return -(r + count) * np.log(alpha + age) - s * np.log1p(age / beta)


def _history_slopes(
    parameters: Array, histogram: OrderHistogram, gone: Array, leaving: _Leaving
) -> Array:
    """Return the gradient of what the log-likelihood says of each history, but for its counts.

    `gone` is the number of customers of each row who have left, if the parameters are right.
    """
    r, alpha, s, beta = parameters
    alive = histogram.customer_count - gone
    age, shape = histogram.age, r + histogram.repeat_order_count
    gone_count, alive_count = float(gone.sum()), float(alive.sum())
    return np.array(
        [
            -(alive @ np.log(alpha + age)) - gone @ leaving.mean_log_alpha,
            -(alive @ (shape / (alpha + age))) - gone @ (shape * leaving.mean_inverse_alpha),
            alive_count * np.log(beta)
            - alive @ np.log(beta + age)
            + gone_count * (1 / s + np.log(beta))
            - gone @ leaving.mean_log_beta,
            s * (alive_count / beta - alive @ (1 / (beta + age)))
            + gone_count * s / beta
            - (s + 1) * (gone @ leaving.mean_inverse_beta),
        ]
    )


def _leaving(parameters: tuple[Array, ...], count: Array, last: Array, age: Array) -> _Leaving:
    """Integrate over the time of leaving, between the last order and today, block by block."""
    arrays = np.broadcast_arrays(*parameters, count, last, age)
    shape = arrays[0].shape
    flat = [np.asarray(array, dtype=np.float64).ravel() for array in arrays]
    blocks = [
        _leaving_block([array[first : first + BLOCK] for array in flat])
        for first in range(0, flat[0].size, BLOCK)
    ]
    return _Leaving(*(np.concatenate(parts).reshape(shape) for parts in zip(*blocks, strict=True)))


def _leaving_block(columns: list[Array]) -> _Leaving:
    """Integrate (α + τ)^−(r + x) · s β^s (β + τ)^−(s + 1) over τ from t_x to T.

    In y = log(m + τ), m the smaller of α and β, the logarithm of the integrand is concave, and the
    other one's singularity lies at an imaginary distance of π: few nodes serve everywhere.
    """
    r, alpha, s, beta, count, last, age = columns
    alpha_is_smaller = alpha <= beta
    powers = (r + count, s + 1)
    near_power = np.where(alpha_is_smaller, *powers)
    far_power = np.where(alpha_is_smaller, *reversed(powers))
    smaller, gap = np.minimum(alpha, beta), np.abs(beta - alpha)
    start = smaller + last
    decline = near_power - 1 + far_power * start / (start + gap)
    width = np.log((smaller + age) / start)
    width = np.minimum(width, NEGLIGIBLE_DECLINE / np.maximum(decline, 1e-9))
    log_integral, near, far = _integrate(near_power, far_power, start, gap, width)
    means = (
        np.where(alpha_is_smaller, *pair)
        for pair in (*zip(near, far, strict=True), *zip(far, near, strict=True))
    )
    return _Leaving(log_integral + np.log(s) + s * np.log(beta), *means)


def _integrate(
    near_power: Array, far_power: Array, start: Array, gap: Array, width: Array
) -> tuple[Array, tuple[Array, Array], tuple[Array, Array]]:
    """Integrate near^−near_power · (near + gap)^−far_power over near, from `start` on.

    `width` is how far, in the logarithm of near. Returns the logarithm of the integral and, with
    its integrand as weights, the means of the logarithm and of the inverse of near and of far.
    """
    y = np.multiply.outer(width, (NODES + 1) / 2)
    near = start[:, None] * np.exp(y)
    far = near + gap[:, None]
    log_start, log_far_start, log_far = np.log(start), np.log(start + gap), np.log(far)
    relative = (1 - near_power)[:, None] * y - far_power[:, None] * (
        log_far - log_far_start[:, None]
    )
    highest = relative.max(axis=1)
    parts = np.exp(relative - highest[:, None]) * WEIGHTS
    total = parts.sum(axis=1)
    # Where the last order is today there is no time to leave in: the logarithm of nearly nothing.
    log_integral = np.log(np.maximum(total * width / 2, 1e-300)) + highest
    level = (1 - near_power) * log_start - far_power * log_far_start
    near_log, near_inverse = _means(parts, total, y, near)
    far_means = _means(parts, total, log_far, far)
    return log_integral + level, (near_log + log_start, near_inverse), far_means


def _means(parts: Array, total: Array, logs: Array, values: Array) -> tuple[Array, Array]:
    """Return the means of the logarithms and of the inverse of values, weighted by `parts`."""
    return (
        np.einsum("ij,ij->i", parts, logs) / total,
        np.einsum("ij,ij->i", parts, 1 / values) / total,
    )
