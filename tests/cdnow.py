"""CDNOW, the sample that the papers were tested on: what they published, and the data."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rfmreport.models.lifetime.histogram import OrderHistogram

if TYPE_CHECKING:
    from pathlib import Path

CALIBRATION_END = date(1997, 9, 30)
HOLDOUT_WEEKS = 39.0

# Fader, Hardie & Lee 2005.
BG_NBD_PARAMETERS = (0.243, 4.414, 0.793, 2.426)
PARETO_NBD_PARAMETERS = (0.553, 10.578, 0.606, 11.669)
# The packages BTYDplus and lifetimes agree on these.
MBG_NBD_PARAMETERS = (0.525, 6.183, 0.891, 1.614)
# Fader & Hardie 2013.
SPEND_PARAMETERS = (6.25, 3.74, 15.44)


class Cdnow(NamedTuple):
    """One entry per customer: the first 39 weeks, in weeks, and what came in the next 39."""

    histogram: OrderHistogram
    mean_repeat_order_value: np.ndarray
    later_orders: np.ndarray


def read_cdnow(path: Path) -> Cdnow:
    """Return the 2,357 customers of the sample; what was bought on one day is one order."""
    values: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            on = date.fromisoformat(row["date"])
            values[row["sample_id"]][on] += float(row["dollar_value"])
    customers = [values[customer_id] for customer_id in sorted(values)]
    known = [sorted(on for on in days if on <= CALIBRATION_END) for days in customers]
    weeks = [
        (len(days) - 1, (days[-1] - days[0]).days / 7, (CALIBRATION_END - days[0]).days / 7, 1)
        for days in known
    ]
    repeat_values = [
        sum(of_days[on] for on in days[1:]) / max(len(days) - 1, 1)
        for of_days, days in zip(customers, known, strict=True)
    ]
    later = [len(of_days) - len(days) for of_days, days in zip(customers, known, strict=True)]
    columns = np.array(weeks, dtype=float).T
    return Cdnow(OrderHistogram(*columns), np.array(repeat_values), np.array(later, dtype=float))
