"""The value of future orders today: month by month, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.fitting import expected_orders_of_rows

if TYPE_CHECKING:
    from rfmreport.models.lifetime.fitting import FittedModel
    from rfmreport.models.lifetime.histogram import OrderHistogram
    from rfmreport.models.lifetime.numerics import Array

MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = 365.25 / MONTHS_PER_YEAR


def discounted_orders(
    fitted: FittedModel, histogram: OrderHistogram, month_ends: Array, annual_discount_rate: float
) -> Array:
    """Return what the orders of the next months come to today, for one customer of each row.

    The sum over months of expected orders × discount, a month's orders being discounted to its end:
    Fader, Hardie & Lee 2005, "RFM and CLV", Journal of Marketing Research 42(4), 415-430, in
    monthly steps. Times the expected order value it is the value of the customer.

    Args:
        month_ends: From `month_ends`, or by the calendar; in the histogram's unit of time.
        annual_discount_rate: 0.10 for ten per cent a year.
    """
    until = [
        expected_orders_of_rows(fitted, histogram, float(month_end)) for month_end in month_ends
    ]
    in_month: Array = np.diff(np.stack(until), axis=0, prepend=0)
    return np.asarray(discount_factors(len(month_ends), annual_discount_rate) @ in_month)


def month_ends(months: int, month_length: float = DAYS_PER_MONTH) -> Array:
    """Return when each of the next months ends; the length of one is in days unless given."""
    return month_length * np.arange(1, months + 1, dtype=np.float64)


def discount_factors(months: int, annual_discount_rate: float) -> Array:
    """Return what a unit at the end of each month is worth today."""
    years = np.arange(1, months + 1) / MONTHS_PER_YEAR
    return np.asarray((1 + annual_discount_rate) ** -years, dtype=np.float64)
