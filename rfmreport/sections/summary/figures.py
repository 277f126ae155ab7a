"""Facts of the first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from rfmreport.vocabulary import Change, Number, Unit


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of the strip on the first page, with its period, change and history.

    `trend` holds one value per complete month, oldest first, the last being `value`; `change`
    is None where no earlier period exists, and then `no_change_reason` says so. `year_change` is
    against the same month a year earlier, None where the data do not reach back.
    """

    key: str
    label: str
    value: Decimal | Number
    unit: Unit
    period: str
    change: Change | None
    no_change_reason: str
    trend: tuple[float, ...]
    year_change: Change | None = None
