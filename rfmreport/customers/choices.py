"""Choices that could have been made otherwise, and every customer's measures under each of them.

All come from one pass over the orders: first side by side, a row per customer, then one below the
other, a row per choice and customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_value
from rfmreport.source.audit import RETURNABLE
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    FEE_CODE,
    FIRST_AT,
    IS_RETURN,
    LAST_AT,
    LAST_ORDER_ON,
    LINE_COUNT,
    ORDER_COUNT,
    ORDER_ID,
    OTHER_EXCLUSION,
    RECENCY_DAYS,
    REVENUE,
    months_before,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import BooleanValue, Table

    from rfmreport.settings import CleaningSettings

CHOICE = "choice"
ALL_DATA = "all"
_FEES, _GUESTS, _WHOLESALERS = "fees", "guests", "wholesalers"
_WINDOW = "window_"
_WINDOWS_MONTHS = (12, 24)
_LARGEST_ONE_IN = 100
_IS_GUEST = "is_guest"
_IS_LARGEST = "is_largest"
_FEE_ORDER_COUNT = "fee_order_count"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice in words, and the columns of its measures where choices stand side by side."""

    key: str
    words: str
    order_count: str = ORDER_COUNT
    revenue: str = REVENUE
    last_order_on: str = LAST_ORDER_ON

    @property
    def is_window(self) -> bool:
        """Say whether it is only about how much of the past counts."""
        return self.key.startswith(_WINDOW)


def list_choices(cleaning: CleaningSettings) -> tuple[Choice, ...]:
    """Return the report's own choices, and then each other one, as they are told."""
    window_months = cleaning.window_months
    returns = "Returns not subtracted" if cleaning.net_returns else "Returns subtracted"
    windows = [
        (f"{_WINDOW}{months}", f"Only the last {months} months")
        for months in _WINDOWS_MONTHS
        if months != window_months
    ]
    if window_months is not None:
        windows.append((ALL_DATA, "All of the data, without a window"))
    lines = "Frequency counted in lines, not in orders"
    return (
        Choice("report", "As reported"),
        Choice("returns", returns, revenue=_column(REVENUE, "returns")),
        *(_with_own_columns(key, choice) for key, choice in windows),
        Choice("lines", lines, order_count=_column(ORDER_COUNT, "lines")),
        Choice(_GUESTS, "Each order without a customer counted as a customer"),
        Choice(_WHOLESALERS, "Largest 1% of customers left out"),
        _with_own_columns(_FEES, "Freight and fees counted as sales"),
    )


def measure_choices(
    orders: Table,
    customers_now: Table,
    choices: Sequence[Choice],
    as_of: date,
    cleaning: CleaningSettings,
) -> Table:
    """Return one row per choice and customer that it counts.

    `orders` as from `cleaning.group_orders`; `customers_now` is one row per customer of the report.
    Columns: choice (its place in `choices`), customer_id (of a guest: the order's), recency_days,
    order_count, revenue.
    """
    wide = _side_by_side(orders, customers_now, as_of, cleaning)
    return _one_below_the_other(wide, choices, as_of)


def _side_by_side(
    orders: Table, customers_now: Table, as_of: date, cleaning: CleaningSettings
) -> Table:
    """Return one row per customer, and per order without one, with the measures of every choice.

    Columns: customer_id (a guest's is the order's), is_guest, is_largest; order_count, revenue,
    last_order_on as in the report, and again, with a choice's key behind the name, what differs.
    """
    rows = _classified(orders)
    wide = rows.group_by(CUSTOMER_ID, _IS_GUEST).agg(**_sums(rows, as_of, cleaning))
    fee_orders, largest = _orders_of_fees_alone(rows), _largest(customers_now)
    wide = wide.left_join(fee_orders, CUSTOMER_ID).drop(f"{CUSTOMER_ID}_right")
    wide = wide.left_join(largest, CUSTOMER_ID).drop(f"{CUSTOMER_ID}_right")
    with_fees = wide[ORDER_COUNT] + wide[_FEE_ORDER_COUNT].fill_null(0)
    return wide.mutate(**{_column(ORDER_COUNT, _FEES): with_fees})


def _orders_of_fees_alone(rows: Table) -> Table:
    """Return one row per customer with orders of nothing but fees: customer_id, their number."""
    fees = rows.filter(rows.is_fee).select(CUSTOMER_ID, ORDER_ID).distinct()
    alone = fees.anti_join(rows.filter(rows.is_sold), [CUSTOMER_ID, ORDER_ID])
    return alone.group_by(CUSTOMER_ID).agg(**{_FEE_ORDER_COUNT: alone.count()})


def _largest(customers_now: Table) -> Table:
    """Return the customers that hold most revenue, one in a hundred: customer_id, is_largest."""
    customer_count = fetch_value(customers_now.count())
    by_revenue = customers_now.order_by(customers_now[REVENUE].desc(), CUSTOMER_ID)
    largest = by_revenue.limit(customer_count // _LARGEST_ONE_IN)
    return largest.select(CUSTOMER_ID, **{_IS_LARGEST: ibis.literal(value=True)})


def _classified(orders: Table) -> Table:
    """Return the rows of `orders` that some choice counts, and as what; a guest is a customer.

    Columns: customer_id, order_id, is_guest, first_at, last_at, line_count, amount; is_sold,
    is_fee, is_returned and is_returned_fee (given back by a customer), is_hidden and
    is_hidden_sold (nothing but the report's window leaves them out).

    Where the report nets returns, it leaves out those of customers who bought nothing; under
    another choice they may have bought something.
    """
    verdict, is_return = orders[EXCLUSION], orders[IS_RETURN]
    is_guest = _is_true((verdict == "missing_customer") & orders[OTHER_EXCLUSION].isnull())
    is_hidden = _is_true((verdict == "before_window") & orders[OTHER_EXCLUSION].isnull())
    given_back = _is_true(verdict.isin(RETURNABLE) & (orders[AMOUNT] < 0))
    given_back |= verdict.isnull() & is_return
    rows = orders.select(
        ORDER_ID,
        FIRST_AT,
        LAST_AT,
        LINE_COUNT,
        AMOUNT,
        customer_id=is_guest.ifelse(orders[ORDER_ID], orders[CUSTOMER_ID]),
        is_guest=is_guest,
        is_sold=(verdict.isnull() & ~is_return) | is_guest,
        is_fee=_is_true(verdict == "non_product"),
        is_returned=given_back & orders[FEE_CODE].isnull(),
        is_returned_fee=given_back & orders[FEE_CODE].notnull(),
        is_hidden=is_hidden,
        is_hidden_sold=is_hidden & ~is_return,
    )
    return rows.filter(rows[CUSTOMER_ID].notnull())


def _is_true(condition: BooleanValue) -> BooleanValue:
    return condition.fill_null(False)  # noqa: FBT003  Ibis takes the value by position


def _sums(rows: Table, as_of: date, cleaning: CleaningSettings) -> dict[str, Any]:
    """Return the sums over a customer's rows, by column; `rows` as from `_classified`."""
    nets = cleaning.net_returns
    netted = rows.is_sold | rows.is_returned
    is_money = netted if nets else rows.is_sold
    with_fees = rows.is_sold | rows.is_fee
    money_with_fees = netted | rows.is_fee | rows.is_returned_fee if nets else with_fees
    return {
        **_measures(rows, rows.is_sold, is_money),
        _column(REVENUE, "returns"): rows[AMOUNT].sum(where=rows.is_sold if nets else netted),
        **_in_windows(rows, is_money, as_of, cleaning),
        _column(ORDER_COUNT, "lines"): rows[LINE_COUNT].sum(where=rows.is_sold),
        **_measures(rows, with_fees, money_with_fees, _FEES),
    }


def _in_windows(
    rows: Table, is_money: BooleanValue, as_of: date, cleaning: CleaningSettings
) -> dict[str, Any]:
    """Return the sums over other windows; what the report's own one hides is among the data."""
    is_sold, sums = rows.is_sold, {}
    if cleaning.window_months is not None:
        is_sold, is_money = is_sold | rows.is_hidden_sold, is_money | rows.is_hidden
        sums = _measures(rows, is_sold, is_money, ALL_DATA)
    for months in _WINDOWS_MONTHS:
        first_day = ibis.timestamp(months_before(as_of, months).isoformat())
        is_inside = rows[FIRST_AT] >= first_day
        sums |= _measures(rows, is_sold & is_inside, is_money & is_inside, f"{_WINDOW}{months}")
    return sums


def _measures(
    rows: Table, is_sold: BooleanValue, is_money: BooleanValue, key: str = ""
) -> dict[str, Any]:
    values = (
        is_sold.sum(),
        rows[AMOUNT].sum(where=is_money),
        rows[LAST_AT].max(where=is_sold).date(),
    )
    return dict(zip(_columns(key), values, strict=True))


def _one_below_the_other(wide: Table, choices: Sequence[Choice], as_of: date) -> Table:
    """Return one row per choice and customer: choice (its number), customer_id, the measures."""

    def of_each(column: str) -> Any:  # noqa: ANN401  Ibis does not tell an array from a list
        return ibis.array([wide[getattr(choice, column)] for choice in choices]).unnest()

    numbers = ibis.literal(list(range(len(choices))), "array<int8>").unnest()
    is_counted = ibis.array([_is_counted(wide, choice) for choice in choices]).unnest()
    long = wide.select(
        CUSTOMER_ID,
        **{CHOICE: numbers, ORDER_COUNT: of_each("order_count"), REVENUE: of_each("revenue")},
        last_order_on=of_each("last_order_on"),
        is_counted=is_counted,
    )
    long = long.filter(long.is_counted & (long[ORDER_COUNT] > 0))
    recency_days = ibis.date(as_of).delta(long[LAST_ORDER_ON], unit="day").cast("int32")
    return long.mutate(**{RECENCY_DAYS: recency_days}).drop("is_counted", LAST_ORDER_ON)


def _is_counted(wide: Table, choice: Choice) -> BooleanValue:
    if choice.key == _GUESTS:
        return ibis.literal(value=True)
    if choice.key == _WHOLESALERS:
        return ~wide[_IS_GUEST] & wide[_IS_LARGEST].isnull()
    return ~wide[_IS_GUEST]


def _with_own_columns(key: str, choice: str) -> Choice:
    return Choice(key, choice, *_columns(key))


def _columns(key: str) -> list[str]:
    return [_column(name, key) for name in (ORDER_COUNT, REVENUE, LAST_ORDER_ON)]


def _column(name: str, key: str) -> str:
    return f"{name}_{key}" if key else name
