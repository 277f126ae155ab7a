"""The audit of the customer base: who bought in each span, won when, how often and how much.

P. S. Fader, B. G. S. Hardie & M. Ross, The Customer-Base Audit (2022), lenses 3 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.sections.bridge.figures import BaseCell, CustomerBase
from rfmreport.vocabulary import months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.bridge.figures import Span
    from rfmreport.sections.when.figures import Month
    from rfmreport.shop import Shop

_QUERIES = read_queries(__file__)
_SPANS, _MOST_COHORTS = (1, 3, 12), 8


def measure_base(shop: Shop, months: Sequence[Month]) -> CustomerBase | None:
    """Return the audit of the months that the report is of; None where none of them is complete."""
    complete = [month.first_day for month in months if month.complete]
    if not complete:
        return None
    return audit_base(shop.engine, complete, shop.first_known_day, shop.last_day)


def audit_base(
    engine: Engine, complete: Sequence[date], first_known_day: date, last_day: date
) -> CustomerBase:
    """Return every span of as few months as eight cohorts allow, the last one a complete one.

    Before and after may be spans that are known in part. The first month's customers may have been
    customers before: they are a cohort of their own.
    """
    last, known_until = complete[-1], next_month(first_known_day)
    month_count = (last.year - first_known_day.year) * 12 + last.month - first_known_day.month + 1
    span = next((one for one in _SPANS if month_count <= one * _MOST_COHORTS), _SPANS[-1])

    first_month, last_month = (day.replace(day=1) for day in (first_known_day, last_day))

    def ends(number: int, earliest: date = first_month) -> Span:
        start, end = (months_before(last, -number * span + back) for back in (span - 1, 0))
        return max(start, earliest), min(end, last_month)

    def cohort(number: int | None) -> Span:
        return (first_month, first_month) if number is None else ends(number, known_until)

    rows = engine.rows(_QUERIES["by_cohort"], last=last, span=span, known_until=known_until)
    cells = tuple(
        BaseCell(
            ends(row.pop("span_number")),
            cohort(won := row.pop("cohort_number")),
            is_known_from_start=won is None,
            **row,
        )
        for row in rows
    )
    return CustomerBase(ends(0), ends(-1) if len(complete) >= 2 * span else None, cells)
