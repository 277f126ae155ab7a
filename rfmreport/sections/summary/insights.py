"""Insights: sentences that the data prove, ranked by the money they are about.

Every insight carries its numbers, its n and its formula; none is made below thirty customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.summary import customer_claims as customers
from rfmreport.sections.summary import trade_claims as trade

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfmreport.formats import Formats
    from rfmreport.kit.sentences import Claim
    from rfmreport.report import Report
    from rfmreport.vocabulary import Insight

_CLAIMS: Mapping[str, tuple[Callable[[Report], Claim | None], ...]] = {
    "on whom it hangs": (customers.top_segment, customers.largest_ten),
    "who is leaving": (customers.gone_quiet, customers.slipped),
    "who comes back": (customers.segments_hold, customers.one_order, customers.turning_cold),
    "the last month": (trade.month_change, trade.year_change),
    "what sells and what is to come": (trade.best_seller, trade.fast_launch, trade.to_come),
    "what the figures rest on": (
        trade.unattributed, trade.cancelled, trade.reversed_, trade.softest_choice,
    ),
}  # fmt: skip
"""The sentences by topic, each known by its function's name."""

_NO_NEWS = frozenset({
    "top_segment", "gone_quiet", "one_order", "segments_hold", "month_change", "year_change",
    "unattributed", "cancelled", "reversed", "softest_choice",
})  # fmt: skip
"""What is so in any shop, or stands in headline, tiles or "How sure?" already: told last."""

INSIGHT_KEYS = tuple(find.__name__.rstrip("_") for topic in _CLAIMS.values() for find in topic)
"""By what each sentence is known, in insights.json and in the choice of a department."""


def find_insights(report: Report, formats: Formats) -> tuple[Insight, ...]:
    """Return what the data say, news first; claims about few customers are left out.

    The best sentence of each topic comes first, worth most first, then the second ones, and so on:
    by money alone the first page would say four times on whom it hangs, and never what to do.
    """
    ranked: list[tuple[bool, int, Insight]] = []
    for finders in _CLAIMS.values():
        claims = ((find.__name__.rstrip("_"), find(report)) for find in finders)
        found = [
            claim.put_into_words(key, formats)
            for key, claim in claims
            if claim and claim.sample_size >= FEWEST_CUSTOMERS
        ]
        found.sort(key=lambda insight: (insight.key in _NO_NEWS, -insight.worth))
        ranked += [(one.key in _NO_NEWS, place, one) for place, one in enumerate(found)]
    ranked.sort(key=lambda one: (one[0], one[1], -one[2].worth))
    return tuple(insight for *_, insight in ranked)
