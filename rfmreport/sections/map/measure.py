"""The map of scores: how many customers each cell holds, what they spend, what a score means."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.customers.figures import CutsRow
from rfmreport.engine.ask import read_queries
from rfmreport.sections.map.figures import MapCell, RfmMap
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, RECENCY_DAYS, REVENUE, SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.customers.scoring import Cuts, MeasureCuts
    from rfmreport.engine.ask import Engine
    from rfmreport.formats import Formats

_QUERIES = read_queries(__file__)
_SUMS = ("segment", "customer_count", "revenue", "recency_days_sum", "order_count_sum")


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """One (R, F, M) that holds customers: their number, sums, and the least and most of each."""

    scores: tuple[int, int, int]
    segment: str
    customer_count: int
    revenue: Decimal
    recency_days_sum: int
    order_count_sum: int
    lowest: tuple[Decimal, ...]
    highest: tuple[Decimal, ...]


def count_cells(engine: Engine) -> tuple[ScoreCell, ...]:
    """Return one row per combination of scores that some customer has."""
    return tuple(_cell(row) for row in engine.rows(_QUERIES["cells"]))


def map_of(cells: Iterable[ScoreCell], cuts_rows: Iterable[CutsRow], bins: int) -> RfmMap:
    """Return the map of recency × frequency, with the words for each score."""
    by_place: dict[tuple[int, int], list[ScoreCell]] = defaultdict(list)
    for cell in cells:
        by_place[cell.scores[:2]].append(cell)
    labels = {m: tuple(row.label for row in cuts_rows if row.measure == m) for m in MEASURES}
    return RfmMap(
        bins=bins,
        cells=tuple(_map_cell(place, group) for place, group in sorted(by_place.items())),
        recency_labels=labels[RECENCY_DAYS],
        frequency_labels=labels[ORDER_COUNT],
        monetary_labels=labels[REVENUE],
    )


def describe_cuts(cells: Iterable[ScoreCell], cuts: Cuts, formats: Formats) -> tuple[CutsRow, ...]:
    """Return one row per measure and score: what the score means, and how many have it."""
    cells = list(cells)
    rows = []
    for position, measure in enumerate(MEASURES):
        for score in range(1, cuts.bins + 1):
            holders = [cell for cell in cells if cell.scores[position] == score]
            label = _bounds_label(cuts.of(measure), score, formats)
            if not label and holders:
                low = min(cell.lowest[position] for cell in holders)
                high = max(cell.highest[position] for cell in holders)
                label = _range_label(measure, low, high, formats)
            count = sum(cell.customer_count for cell in holders)
            rows.append(CutsRow(measure, score, label or "no customer", count))  # type: ignore[arg-type]
    return tuple(rows)


def _cell(row: dict[str, Any]) -> ScoreCell:
    return ScoreCell(
        scores=tuple(row[score] for score in SCORES),
        lowest=tuple(row[f"lowest_{measure}"] for measure in MEASURES),
        highest=tuple(row[f"highest_{measure}"] for measure in MEASURES),
        **{name: row[name] for name in _SUMS},
    )


def _map_cell(place: tuple[int, int], group: list[ScoreCell]) -> MapCell:
    count = sum(cell.customer_count for cell in group)
    revenue = sum((cell.revenue for cell in group), Decimal(0))
    by_segment: dict[str, int] = defaultdict(int)
    for cell in group:
        by_segment[cell.segment] += cell.customer_count
    return MapCell(
        recency_score=place[0],
        frequency_score=place[1],
        customer_count=count,
        revenue=revenue,
        mean_revenue=revenue / count,
        mean_recency_days=sum(cell.recency_days_sum for cell in group) / count,
        mean_order_count=sum(cell.order_count_sum for cell in group) / count,
        segment=max(sorted(by_segment), key=lambda name: by_segment[name]),
    )


def _bounds_label(cuts: MeasureCuts, score: int, formats: Formats) -> str:
    """Say what a score means by its bounds: "15-33 days"; nothing where it has none."""
    intervals = cuts.score_intervals()
    if not cuts.bounds or score > len(intervals):
        return ""
    low, high = intervals[score - 1]
    if cuts.measure == REVENUE:
        return _money_label(low, high, formats, closed=cuts.closed)
    # Bounds need not be whole: above 33.5 begins 34, whichever side is closed.
    first = None if low is None else _first_above(low, closed=cuts.closed)
    last = None if high is None else _first_above(high, closed=cuts.closed) - 1
    if first is not None and last is not None and last < first:
        return ""
    return _whole_number_label(cuts.measure, first, last, formats)


def _first_above(bound: Decimal, *, closed: str) -> int:
    """Return the least whole number of the interval above a bound."""
    return math.floor(bound) + 1 if closed == "right" else math.ceil(bound)


def _money_label(
    low: Decimal | None, high: Decimal | None, formats: Formats, *, closed: str
) -> str:
    under, over = ("up to", "over") if closed == "right" else ("under", "from")
    if low is None:
        return f"{under} {formats.money(high, 2)}"
    if high is None:
        return f"{over} {formats.money(low, 2)}"
    return f"{over} {formats.money(low, 2)} {under} {formats.money(high, 2)}"


def _range_label(measure: str, low: Decimal, high: Decimal, formats: Formats) -> str:
    if measure == REVENUE:
        return f"{formats.money(low, 2)} to {formats.money(high, 2)}"
    return _whole_number_label(measure, int(low), int(high), formats)


def _whole_number_label(measure: str, first: int | None, last: int | None, formats: Formats) -> str:
    least = 1 if first is None else first
    if last is None:
        text = f"{formats.count(least)} or more"
    elif last <= least:
        text = formats.count(last)
    else:
        text = f"{formats.count(least)}–{formats.count(last)}"
    singular = last is not None and last <= least and last == 1
    unit = "day" if measure == RECENCY_DAYS else "order"
    return f"{text} {unit}{'' if singular else 's'}"
