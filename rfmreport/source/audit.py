"""The account of everything read: which files, what was kept, what was left out, and its money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


RETURNABLE = ("cancellation", "refund", "non_positive_quantity", "non_positive_price")
"""What a line that gives money back is left out as, where returns are not subtracted."""
REVERSED, REVERSED_KEPT = "reversed", "reversed_kept"
"""The findings of orders that the same customer reversed in full: left out, or kept."""
MONTH_INCOMPLETE = "month_incomplete"
"""The finding that the data do not hold all of the month that was asked for."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read (or sheet of one), with its fingerprint."""

    name: str
    sheet: str | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The verdict that some lines got; `exclusion` is None for the kept ones.

    Orders are counted once: an order with at least one kept line is kept, any other falls under
    the first rule that took one of its lines. So lines, orders and money each add up to the file.
    """

    exclusion: str | None
    label: str
    line_count: int
    order_count: int
    amount: Decimal
    parts: tuple[AuditRow, ...] = ()
    """The same lines told apart, where their sum would mix unlike things."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The bridge from everything read to what was analysed: `kept` + `excluded` = `read`.

    `kept_adjustments` are rows that are part of `kept` and shown apart (returns netted).
    """

    read: AuditRow
    excluded: tuple[AuditRow, ...]
    kept: AuditRow
    kept_adjustments: tuple[AuditRow, ...] = ()

    @property
    def told(self) -> tuple[AuditRow, ...]:
        """Return what was left out as it is told: rows that mix unlike things in their parts."""
        return tuple(part for row in self.excluded for part in row.parts or (row,))

    def told_as(self, key: str) -> AuditRow | None:
        """Return what is told under a key; None where nothing is."""
        return next((row for row in self.told if row.exclusion == key), None)

    @property
    def amount_in_time(self) -> Decimal:
        """Return the money of all that was read and lies before the report's date.

        What came later is in the file by chance: a share of everything read would change with it.
        """
        later = [row.amount for row in self.excluded if row.exclusion == "after_as_of"]
        return self.read.amount - sum(later)
