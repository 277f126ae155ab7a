"""Facts of the segments: today, on earlier dates, and by country."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.kit.sentences import Sentence, facts
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rfmreport.sections.hold.figures import HoldOut, HoldOutRow
    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment, or the total over all of them.

    `revenue` and `order_count` are of the kept lines in the window; medians are over customers;
    `previous_customer_count` and `previous_revenue_share` are of `SegmentTable.previous_as_of`,
    `year_before_customer_count` of `year_before_as_of`, both under the same cuts;
    `return_share` is the share of customers of this segment `horizon_days` ago who ordered again
    since; `revenue_per_returner` what the median one of those spent. `anyway` is the share that can
    be expected to order in the `horizon_days` to come, as things were: the baseline of all advice.
    `order_value_deviation` is the standard deviation of its orders' values.
    """

    name: str
    color: str
    customer_count: int
    customer_share: float
    revenue: Decimal
    revenue_share: float
    order_count: int
    average_order_value: Decimal | None
    median_recency_days: float | None
    median_order_count: float | None
    median_revenue: Decimal | None
    mean_revenue: Decimal | None
    impact: str = ""
    previous_customer_count: int | None = None
    return_share: Estimate | None = None
    revenue_per_returner: Decimal | None = None
    previous_revenue_share: float | None = None
    year_before_customer_count: int | None = None
    anyway: Estimate | None = None
    order_value_deviation: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """The segments in the scheme's order, best first, and their total.

    Segments of the scheme that hold no customer stay in the table with zeros.
    """

    rows: tuple[SegmentRow, ...]
    total: SegmentRow
    previous_as_of: date | None
    hold_out_as_of: date | None
    horizon_days: int
    year_before_as_of: date | None = None


def comes_anyway(row: SegmentRow, table: SegmentTable) -> Sentence:
    """Say how many customers of this segment come anyway, with what certainty, and how many did."""
    share, came = row.anyway or row.return_share, row.return_share
    if share is None or table.hold_out_as_of is None:
        return Sentence(
            "The history is too short, or the segment too small, to say how many come back."
        )
    values = {
        **facts(share, "value", "low", "high"),
        "day": table.hold_out_as_of,
        "days": table.horizon_days,
        "count": (came or share).customer_count,
        "did": came.value if came else None,
    }
    if not row.anyway or row.anyway == came:
        return Sentence(
            "Of {count:count} such customers on {day:day}, {value:percent} ordered again within "
            "{days} days (95% interval {low:percent} to {high:percent}).",
            values,
        )
    past = ": of {count:count} such customers on {day:day}, {did:percent} did"
    return Sentence(
        "As things were, {value:percent} can be expected to order again within {days} days (95% "
        "interval {low:percent} to {high:percent}){past}.",
        {**values, "past": Sentence(past, values) if came else ""},
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The segments as of one date: customers and revenue until then, by segment name."""

    as_of: date
    customer_counts: Mapping[str, int]
    revenues: Mapping[str, Decimal]

    @property
    def customer_count(self) -> int:
        """Return the customers of all segments."""
        return sum(self.customer_counts.values())

    def count_of(self, segment: str | None) -> int:
        """Return the customers of a segment, or of all for None."""
        return self.customer_count if segment is None else self.customer_counts.get(segment, 0)

    def share_of(self, segment: str | None) -> float:
        """Return the share of a segment, or of all for None, in all revenue until then."""
        total = sum(self.revenues.values(), Decimal(0))
        part = total if segment is None else self.revenues.get(segment, Decimal(0))
        return float(part / total) if total else 0.0


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier dates, all under today's cuts.

    `snapshots` are oldest first, the last of them one month ago; `hold_out` lies `horizon_days`
    before the report's date; `year_before` is a year ago.
    """

    snapshots: tuple[Snapshot, ...]
    hold_out: HoldOut | None
    horizon_days: int
    year_before: Snapshot | None = None

    @property
    def previous(self) -> Snapshot | None:
        """Return the segments of one month ago."""
        return self.snapshots[-1] if self.snapshots else None

    def return_share(self, segment: str) -> Estimate | None:
        """Return the share that came back, where enough customers were there to say."""
        found = self._held_out(segment)
        return found.share if found and found.customer_count >= FEWEST_CUSTOMERS else None

    def revenue_per_returner(self, segment: str) -> Decimal | None:
        """Return what the median one who came back spent, where enough came back to say."""
        found = self._held_out(segment)
        enough = found and found.returned_count >= FEWEST_CUSTOMERS
        return found.revenue_per_returner if found and enough else None

    def _held_out(self, segment: str) -> HoldOutRow | None:
        rows = self.hold_out.rows if self.hold_out else ()
        return next((row for row in rows if row.segment == segment), None)


@dataclass(frozen=True, slots=True)
class CountryRevenue:
    """Revenue from one country, in all and by segment (in the order of the table's `segments`).

    `customer_count` counts who bought there; a customer with orders in two countries is in both.
    """

    country: str
    customer_count: int
    revenue: Decimal
    revenue_share: float
    by_segment: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class SegmentsByCountry:
    """Today's segments by country, most revenue first, over the report's whole period.

    `rows`, `rest` (the `rest_count` countries after them) and `unnamed` (lines that name no
    country) add up to `total`, which is the report's revenue. The latter two are None where there
    are none.
    """

    segments: tuple[str, ...]
    rows: tuple[CountryRevenue, ...]
    rest: CountryRevenue | None
    rest_count: int
    unnamed: CountryRevenue | None
    total: CountryRevenue
