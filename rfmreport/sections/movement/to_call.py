"""Whom to call of those who slipped, and why; by what they spent where names may not travel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.drawings import fitted
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import Table, range_text, shown
from rfmreport.sections.movement.figures import MovedCustomer, SlippedBand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.movement.figures import Movement

_NAME_WIDTH = 150
_SLIPPED = "Customers who slipped, most spend first"
_SLIPPED_FIELDS = (
    Field[MovedCustomer]("", "Customer", lambda one: one.customer_id),
    Field[MovedCustomer]("", "From", lambda one: fitted(shown(one.before, 40), _NAME_WIDTH)),
    Field[MovedCustomer]("", "To", lambda one: fitted(shown(one.now, 40), _NAME_WIDTH)),
    Field[MovedCustomer]("", "Orders", lambda one: one.order_count, "count"),
    Field[MovedCustomer]("", "Spend", lambda one: one.revenue, "money"),
)
_SLIPPED_BANDS = "Customers who slipped, by what they have spent"
_BAND_FIELDS = (
    Field[SlippedBand]("", "Customers", lambda band: band.customer_count, "count"),
    Field[SlippedBand]("", "Spend", lambda band: band.revenue, "money"),
    Field[SlippedBand]("", "Silent", lambda band: band.silent_days, "count", "days"),
    Field[SlippedBand]("", "Usual", lambda band: band.usual_gap_days, "count", "gap"),
    Field[SlippedBand]("", "Longest", lambda band: band.longest_gap_days, "count", "gap"),
)


def to_call(movement: Movement, called: Sequence[MovedCustomer], formats: Formats) -> Table | None:
    """Return whom to call and why; by what they have spent where names may not travel."""
    if called:
        reason = Field[MovedCustomer]("", "Why", partial(_why, formats=formats), limit=80)
        return page_table(_SLIPPED, (*_SLIPPED_FIELDS, reason), called, formats)
    if not movement.bands:
        return None

    def spent(band: SlippedBand) -> str:
        ends = (band.revenue_from, 10 * band.revenue_from)
        return range_text(*(formats.money_short(end) for end in ends))

    fields = (Field[SlippedBand]("", "Have spent", spent), *_BAND_FIELDS)
    return page_table(_SLIPPED_BANDS, fields, movement.bands, formats)


def _why(one: MovedCustomer, formats: Formats) -> str:
    return tell(
        "silent {recency_days:count} days; usually {usual_gap_days:count}, never more than "
        "{longest_gap_days:count}",
        facts(one, "recency_days", "usual_gap_days", "longest_gap_days"),
        formats,
    )
