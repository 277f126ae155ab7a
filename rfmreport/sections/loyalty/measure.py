"""Whether customers come back: what is measured of it, and what these data cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty import cohorts, second_order
from rfmreport.sections.loyalty.figures import Loyalty
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from rfmreport.shop import Shop


def measure_loyalty(shop: Shop) -> Loyalty:
    """Return the cohorts and the second-order clock.

    With a window, orders before it count here too, or old customers would look new.
    """
    orders, first_day = shop.table("all_orders"), shop.first_known_day
    period = second_order.Period(first_day, shop.as_of, shop.covered[1])
    return Loyalty(
        first_day=first_day,
        cohorts=cohorts.measure_cohorts(orders, first_day, shop.as_of, shop.covered[1]),
        second_orders=second_order.measure_second_orders(
            orders, period, shop.horizon_days, shop.settings.report.second_order_chance
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
