"""Why a month brought more or less: customers won, back and away, and what the others bought."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.formats import rounded_to
from rfmreport.sections.bridge.figures import BridgeStep, RevenueBridge
from rfmreport.vocabulary import Untold, months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.bridge.figures import Cause
    from rfmreport.sections.when.figures import Month
    from rfmreport.shop import Shop

TOPIC = "Why revenue changed"
_QUERIES = read_queries(__file__)
_YEAR = 12
_WON_OR_LOST: tuple[Cause, ...] = ("new", "returned", "away")
_WITH_PIECES: tuple[Cause, ...] = ("frequency", "basket", "price")
_WITHOUT_PIECES: tuple[Cause, ...] = ("frequency", "value")
_NOBODY: Mapping[str, Any] = {
    "customer_count": 0, "orders_before": 0, "orders_now": 0, "revenue_before": Decimal(0),
    "revenue_now": Decimal(0), "pieces_before": None, "pieces_now": None,
}  # fmt: skip


def measure_bridges(shop: Shop, known_months: Sequence[Month]) -> tuple[RevenueBridge, ...]:
    """Return the bridges to the last complete month: from that a year before, from the last one.

    `known_months` are those of the data in their order, also before a window; what is not complete
    is not compared.
    """
    complete = [month.first_day for month in known_months if month.complete]
    if not complete:
        return ()
    last = complete[-1]
    wanted = (months_before(last, _YEAR), months_before(last, 1))
    sold = "sold" if shop.has_products and shop.settings.tells("sells") else "nothing_sold"
    if sold == "nothing_sold":
        shop.engine.hold(sold, _QUERIES[sold])
    return tuple(
        measure_bridge(shop.engine, last, before, sold) for before in wanted if before in complete
    )


def untold_bridges(bridges: Sequence[RevenueBridge]) -> tuple[Untold, ...]:
    """Say why revenue is compared with nothing."""
    reason = "The data hold no two months after each other from beginning to end."
    return () if bridges else (Untold(TOPIC, reason),)


def measure_bridge(engine: Engine, month: date, before: date, sold: str) -> RevenueBridge:
    """Return the steps from one month's revenue to another's; `sold` is the table of what was sold.

    With N orders, Q pieces and revenue V of those who ordered in both months, before and now:
    frequency (N1 - N0) V0/N0, basket N1 (Q1/N1 - Q0/N0) V0/Q0, price the rest, Q1 (V1/Q1 - V0/Q0):
    price, volume and mix as controllers part them. Steps are rounded to cents, the rest takes up
    what that leaves, so that they add up.
    """
    rows = engine.rows(
        _QUERIES["by_kind"],
        month=month,
        month_until=next_month(month),
        before=before,
        before_until=next_month(before),
        sold=sold,
    )
    kinds = {row["kind"]: row for row in rows}
    return RevenueBridge(
        month,
        before,
        sum((row["revenue_before"] for row in rows), Decimal(0)),
        sum((row["revenue_now"] for row in rows), Decimal(0)),
        tuple(_steps(kinds)),
    )


def _steps(kinds: Mapping[str, Mapping[str, Any]]) -> Iterator[BridgeStep]:
    for kind in _WON_OR_LOST:
        row = kinds.get(kind, _NOBODY)
        yield BridgeStep(kind, _change(row), row["customer_count"])
    stayed = kinds.get("stayed", _NOBODY)
    ends = [Decimal(0), *_ends(stayed), _change(stayed)]
    names = _WITH_PIECES if len(ends) > len(_WITH_PIECES) else _WITHOUT_PIECES
    for name, (start, end) in zip(names, pairwise(ends), strict=True):
        yield BridgeStep(name, end - start, stayed["customer_count"])
    if gave := kinds.get("gave_back"):
        yield BridgeStep("gave_back", _change(gave), gave["customer_count"])


def _change(row: Mapping[str, Any]) -> Decimal:
    change: Decimal = row["revenue_now"] - row["revenue_before"]
    return change


def _ends(stayed: Mapping[str, Any]) -> Iterator[Decimal]:
    """Yield what the steps of those who stayed have added up to, but for the last."""
    before, orders = stayed["revenue_before"], stayed["orders_before"]
    growth = Decimal(stayed["orders_now"]) / orders if orders else Decimal(1)
    yield rounded_to(before * growth - before, 2)
    if stayed["pieces_before"] and stayed["pieces_now"] is not None:
        yield rounded_to(before * stayed["pieces_now"] / stayed["pieces_before"] - before, 2)
