"""Whether customers come back: what is measured of it, and what these data cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.customers import history
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty import cohorts, second_order
from rfmreport.sections.loyalty.figures import Loyalty
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from rfmreport.sections.loyalty.second_order import Period
    from rfmreport.settings import Settings


def measure_loyalty(orders: Table, period: Period, settings: Settings) -> Loyalty:
    """Return the cohorts and the second-order clock.

    `orders` as from `cleaning.group_orders`: with a window, those before it count here too, or old
    customers would look new. `period.first_day` is the first of all these orders.
    """
    has_window = settings.cleaning.window_months is not None
    everything = history.without_window(orders) if has_window else orders
    horizon_days = settings.report.horizon_days
    return Loyalty(
        first_day=period.first_day,
        cohorts=cohorts.measure_cohorts(
            everything, period.first_day, period.as_of, period.covered_until
        ),
        second_orders=second_order.measure_second_orders(
            everything, period, horizon_days, settings.report.second_order_chance
        ),
    )


def untold_loyalty(loyalty: Loyalty) -> tuple[Untold, ...]:
    """Say which of the two the data are too few for, and why."""
    missing = []
    if not loyalty.cohorts.shown:
        reason = (
            f"no month in which {FEWEST_CUSTOMERS} or more customers ordered for the first time is "
            "followed by another month, both covered whole"
        )
        missing.append(Untold("Retention by first-order month", reason))
    if loyalty.second_orders is None or not loyalty.second_orders.is_told:
        reason = (
            f"fewer than {FEWEST_CUSTOMERS} customers were watched for a month without a second "
            "order"
        )
        missing.append(Untold("The second-order clock", reason))
    return tuple(missing)
