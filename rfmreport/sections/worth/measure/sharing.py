"""Sharing out: the one forecast, divided among the segments that bring it and customers to come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rfmreport.sections.worth.figures import EVERYBODY, NEW, Expected, Outlook
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.models.forecast import Amount, Forecast

    Told = Callable[[Expected], Estimate | None]


def share_out(outlook: Outlook | None, forecast: Forecast | None) -> Outlook | None:
    """Return the outlook with its parts brought to the sum of the forecast.

    What customers new of late brought is left to customers still to be won; the rest is shared as
    the outlook says. Where the forecast is a range only, parts have shares and no amounts.
    """
    if outlook is None or forecast is None:
        return None
    by_revenue: Told = lambda part: part.revenue or part.orders  # noqa: E731  a name for two uses
    orders = _shares(outlook, forecast.new_order_share, lambda part: part.orders)
    revenue = _shares(outlook, forecast.new_revenue_share, by_revenue)
    ahead, parts = forecast.ahead, outlook.parts
    told = [
        replace(
            part,
            orders=_scaled(part.orders, orders[place], ahead.orders),
            revenue=_scaled(by_revenue(part), revenue[place], ahead.revenue),
            share=revenue[place],
        )
        for place, part in enumerate(parts)
    ]
    new = Expected(
        NEW,
        0,
        _part(ahead.orders, orders[-1]),
        _part(ahead.revenue, revenue[-1]),
        revenue[-1],
    )
    count = outlook.total.customer_count
    return replace(
        outlook,
        rows=tuple(told[: len(outlook.rows)]),
        others=told[-1] if outlook.others else None,
        new=new if revenue[-1] or orders[-1] else None,
        total=Expected(EVERYBODY, count, _part(ahead.orders, 1.0, count),
                       _part(ahead.revenue, 1.0, count), 1.0),
    )  # fmt: skip


def _shares(outlook: Outlook, new_share: float, told: Told) -> list[float]:
    """Return the share of each part, and last that of customers still to be won."""
    values = [max(one.value, 0.0) if (one := told(part)) else 0.0 for part in outlook.parts]
    known = sum(values)
    if not known:
        return [*(0.0 for _ in values), 1.0]
    return [*(value / known * (1 - new_share) for value in values), new_share]


def _part(whole: Amount, share: float, count: int = 0) -> Estimate | None:
    if whole.value is None:
        return None
    return Estimate(whole.value * share, whole.low * share, whole.high * share, count)


def _scaled(estimate: Estimate | None, share: float, whole: Amount) -> Estimate | None:
    """Return the share of the whole, with the estimate's bounds as wide as they were."""
    if estimate is None or whole.value is None:
        return None
    value = whole.value * share
    if estimate.value <= 0:
        return Estimate(value, value, max(estimate.high, value), estimate.customer_count)
    by = value / estimate.value
    return Estimate(value, estimate.low * by, estimate.high * by, estimate.customer_count)
