"""BG/NBD and MBG/NBD: orders at random times, and after an order a customer may be gone.

While a customer stays, orders come at a rate λ ~ Gamma(r, α); after each order he leaves with
probability p ~ Beta(a, b). In BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284)
he may leave after repeat orders only. In MBG/NBD (Batislam, Denizel & Filiztekin 2007, IJRM 24(3),
201-209; Wagner & Hoppe 2008, IJRM 25(3), 225-226) he may leave after the first order too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from rfmreport.models.lifetime.numerics import (
    Array,
    Objective,
    digamma,
    draw_rates,
    log_gamma,
    of_the_alive,
    orders_if_alive,
)

if TYPE_CHECKING:
    from rfmreport.models.lifetime.histogram import OrderHistogram


@dataclass(frozen=True)
class BetaGeometric:
    """A model of the family; `first_chances` is how often a one-order buyer could have left."""

    name: str
    first_chances: int

    parameter_names = ("r", "alpha", "a", "b")
    time_parameters = (1,)

    @property
    def one_order_buyers_can_leave(self) -> bool:
        """Say whether the chance that a one-order buyer is still a customer means anything."""
        return self.first_chances > 0

    def starting_points(self, histogram: OrderHistogram) -> tuple[Array, ...]:
        """Return parameters to start a fit from, with the observed order rate built in."""
        rate = max(histogram.total_repeat_orders, 1.0) / float(
            histogram.customer_count @ histogram.age
        )
        return tuple(
            np.array([r, r / (2 * rate), a, b])
            for r, a, b in ((0.5, 0.8, 2.0), (1.5, 0.3, 5.0), (0.2, 2.0, 2.0))
        )

    def log_likelihood(self, histogram: OrderHistogram) -> Objective:
        """Return the log-likelihood of a histogram as a function of the parameters.

        Fader, Hardie & Lee 2005, equation (6), as a sum of logarithms; with one chance more to
        leave that of Batislam et al. 2007. The function gives the gradient too.
        """
        weights = histogram.customer_count
        counts, of_row = np.unique(histogram.repeat_order_count, return_inverse=True)
        chances = counts + self.first_chances
        count_weights = np.bincount(of_row, weights=weights)

        def value_and_gradient(parameters: Array) -> tuple[float, Array]:
            r, alpha, a, b = parameters
            prefix, slopes = _prefix(parameters, counts, chances)
            stayed, left, log_age, log_last = self._histories(parameters, histogram)
            history = np.logaddexp(stayed, left)
            gone = weights * np.exp(left - history)
            alive = weights - gone
            shape = r + histogram.repeat_order_count
            last_chance = b + (chances - 1)[of_row]
            # Without a chance to leave nobody is gone, and b − 1 may be zero.
            per_chance = np.where(gone > 0, gone / np.where(gone > 0, last_chance, 1), 0)
            gradient = slopes @ count_weights + np.array(
                [
                    -(alive @ log_age + gone @ log_last),
                    -(
                        alive @ (shape / (alpha + histogram.age))
                        + gone @ (shape / (alpha + histogram.age_at_last_order))
                    ),
                    gone.sum() / a,
                    -per_chance.sum(),
                ]
            )
            return float(prefix @ count_weights + weights @ history), gradient

        return value_and_gradient

    def _histories(
        self, parameters: Array, histogram: OrderHistogram
    ) -> tuple[Array, Array, Array, Array]:
        _, alpha, *_ = parameters
        log_age = np.log(alpha + histogram.age)
        log_last = np.log(alpha + histogram.age_at_last_order)
        stayed, left = self._log_terms(
            tuple(parameters), histogram.repeat_order_count, log_last, log_age
        )
        return stayed, left, log_age, log_last

    def _log_terms(
        self, parameters: tuple[Array, ...], count: Array, log_last: Array, log_age: Array
    ) -> tuple[Array, Array]:
        """Return the logarithms of the two terms: alive, or gone since the last order."""
        r, _, a, b = parameters
        chances = count + self.first_chances
        last_chance = np.where(chances > 0, b + chances - 1, 1)
        left = np.log(a / last_chance) - (r + count) * log_last
        return -(r + count) * log_age, np.where(chances > 0, left, -np.inf)

    def chance_alive(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array
    ) -> Array:
        """Return the probability that a customer has not left.

        Fader, Hardie & Lee 2008, "Computing P(alive) using the BG/NBD model".
        """
        alpha = parameters[1]
        stayed, left = self._log_terms(parameters, count, np.log(alpha + last), np.log(alpha + age))
        return cast("Array", np.exp(stayed - np.logaddexp(stayed, left)))

    def expected_orders(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array, horizon: Array
    ) -> Array:
        """Return the orders expected within `horizon` from customers with these histories.

        Fader, Hardie & Lee 2005, equation (10): the chance that a customer is alive, times the
        orders of one who is, whose rate is Gamma(r + x, α + T) and chance to leave Beta(a, b + x).
        """
        r, alpha, a, b = parameters
        if_alive = orders_if_alive(
            r + count, a, b + count + self.first_chances, horizon / (alpha + age)
        )
        return self.chance_alive(parameters, count, last, age) * if_alive

    def chance_to_order(
        self, parameters: tuple[Array, ...], count: Array, last: Array, age: Array, horizon: Array
    ) -> Array:
        """Return the probability of an order within `horizon` of customers with these histories.

        Nobody leaves before the next order: one who is alive fails to order only as a negative
        binomial of shape r + x does.
        """
        r, alpha, *_ = parameters
        silent = np.exp((r + count) * -np.log1p(horizon / (alpha + age)))
        return cast("Array", self.chance_alive(parameters, count, last, age) * (1 - silent))

    def simulate_orders(
        self,
        parameters: tuple[Array, ...],
        histories: tuple[Array, Array, Array],
        horizon: float,
        random: np.random.Generator,
    ) -> Array:
        """Return one possible number of orders within `horizon` per customer."""
        r, alpha, a, b = parameters
        count, last, age = histories
        alive = self.chance_alive(parameters, count, last, age)
        rate = draw_rates(r, alpha, count, age, random)
        leaving = random.beta(a, np.broadcast_to(b + count + self.first_chances, alive.shape))
        without_leaving = random.poisson(rate * horizon)
        last_order = random.geometric(np.maximum(leaving, 1e-9))
        return of_the_alive(np.minimum(without_leaving, last_order), alive, random)


BG_NBD = BetaGeometric("BG/NBD", first_chances=0)
MBG_NBD = BetaGeometric("MBG/NBD", first_chances=1)


def _prefix(parameters: Array, counts: Array, chances: Array) -> tuple[Array, Array]:
    """Return the part of the log-likelihood that depends on the count alone, and its gradient."""
    r, alpha, a, b = parameters
    one = np.ones_like(counts)
    value = (
        (log_gamma(r + counts) - log_gamma(r * one) + r * np.log(alpha))
        + (log_gamma((a + b) * one) - log_gamma(b * one))
        + (log_gamma(b + chances) - log_gamma(a + b + chances))
    )
    by_sum = digamma(a + b) - digamma(a + b + chances)
    slopes = np.array(
        [
            digamma(r + counts) - digamma(r) + np.log(alpha),
            one * r / alpha,
            by_sum,
            by_sum + digamma(b + chances) - digamma(b),
        ]
    )
    return value, slopes
