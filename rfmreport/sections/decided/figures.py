"""Facts of what became of decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class Lift:
    """What a measure did: those it reached against a control group that it left alone.

    Shares are of customers with an order since the decision. `difference` is reached less control,
    with its 95 % interval. `needed_count` is how many customers each group needs to show a
    difference as large as the one seen, None where the interval already excludes zero.
    """

    reached: Estimate
    control: Estimate
    difference: Estimate
    needed_count: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of the shop's, and what happened to the segment since.

    `customer_count` is the segment's size on the day of the decision, of whom `ordered` is the
    share that ordered since; `now_count` its size now; `stayed_or_better_count` how many of them
    are in the segment or a better one now. `lift` is None without a control group, or where `note`
    says why.
    """

    segment: str
    action: str
    owner: str
    since: date
    customer_count: int | None
    now_count: int
    stayed_or_better_count: int | None
    ordered: Estimate | None
    lift: Lift | None
    note: str
