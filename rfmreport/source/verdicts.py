"""The rules that leave lines out, in their order, and the verdict that every line gets.

A new rule is a row of `RULES` and, where the user may turn it, a setting in `[cleaning]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.source.audit import RETURNABLE
from rfmreport.source.columns.words import written_forms
from rfmreport.source.formats.dates import is_plausible
from rfmreport.source.formats.values import DIGITS, MONEY
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    IS_OTHER_CURRENCY,
    IS_RETURN,
    ORDER_COUNT,
    ORDER_ID,
    ORDERED_AT,
    OTHER_EXCLUSION,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REFUND,
    ROW_TYPE,
    STATUS,
    UNIT_PRICE,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from ibis.expr.types import BooleanValue, Column, Table

    from rfmreport.settings import CleaningSettings
    from rfmreport.source.columns.roles import ColumnMap


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count: from `first_day` (None: from the start) up to, not including, `as_of`.

    `as_of` None means: to the end of the data.
    """

    first_day: datetime.date | None = None
    as_of: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class _Context:
    """What the rules need to know beside the line itself."""

    settings: CleaningSettings
    columns: ColumnMap
    window: Window


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to leave a line out: its key in the data, its words in the bridge, its test.

    `applies` returns None where the rule has nothing to look at in this source.
    """

    key: str
    label: str
    applies: Callable[[Table, _Context], BooleanValue | None]


_WORDS = {
    "sold_statuses": ("sold",),
    "cancelled_statuses": ("cancelled", "refunded"),
    "unpaid_statuses": ("failed", "pending"),
    "refund_types": ("refunded",),
    "other_types": ("no_sale",),
}
"""Settings that hold words, and which lists that ship stand for them where nothing is set."""


def words_of(settings: CleaningSettings, name: str) -> tuple[str, ...]:
    """Return the words of a setting, or those that ship, as they may be written."""
    given: tuple[str, ...] | None = getattr(settings, name)
    return written_forms(*_WORDS[name]) if given is None else given


def judge_lines(
    lines: Table, columns: ColumnMap, settings: CleaningSettings, window: Window
) -> Table:
    """Add `exclusion` (the key of the first rule that matches, or null) and `is_return`.

    `other_exclusion` is the next rule that would have matched, told only of lines that the window
    or the missing customer took: what they would count as, were that choice made otherwise.

    With `net_returns`, a cancellation or negative line of a customer who also bought something is
    kept as a return: `exclusion` is null, `is_return` true, and its negative amount counts.
    """
    context = _Context(settings, columns, window)
    judged = _given_back(_with_signs(lines, context), context)
    return _refunds_of_what_counts(judged, context)


def _with_signs(lines: Table, context: _Context) -> Table:
    """Let a refund take money away, however it is written."""
    is_refund = _is_refund_line(lines, context)
    if is_refund is None:
        return lines
    amount = is_refund.ifelse(-lines[AMOUNT].abs(), lines[AMOUNT])
    return lines.mutate(**{AMOUNT: amount.cast(MONEY)})


def _refunds_of_what_counts(judged: Table, context: _Context) -> Table:
    """Keep the refund of lines that count, and take it off them where returns are subtracted."""
    if context.columns.refund is None:
        return judged
    counts = judged[EXCLUSION].isnull() & ~judged[IS_RETURN]
    refund = counts.ifelse(judged[REFUND], ibis.literal(0)).cast(MONEY)
    judged = judged.mutate(**{REFUND: refund})
    if not context.settings.net_returns:
        return judged
    return judged.mutate(**{AMOUNT: (judged[AMOUNT] - judged[REFUND]).cast(MONEY)})


def _given_back(lines: Table, context: _Context) -> Table:
    judged = lines.mutate(kind=_first_match(lines, context, _RULES_OF_THE_LINE, None))
    judged = _with_verdicts(judged, context)
    if not context.settings.net_returns:
        return judged.drop("kind").mutate(**{IS_RETURN: ibis.literal(value=False)})
    judged = judged.mutate(**{IS_RETURN: _is_return(judged, context)})
    netted = judged[IS_RETURN].ifelse(ibis.null("string"), judged.kind)
    judged = judged.drop(EXCLUSION, OTHER_EXCLUSION).mutate(kind=netted)
    judged = _with_verdicts(judged, context).drop("kind")
    counts = judged[EXCLUSION].isnull() | (judged[EXCLUSION] == "before_window")
    return judged.mutate(**{IS_RETURN: judged[IS_RETURN] & _surely(counts)})


def _first_match(
    lines: Table, context: _Context, rules: Sequence[Rule], otherwise: Column | None
) -> Column:
    tests = ((rule.applies(lines, context), rule.key) for rule in rules)
    branches = [(test, key) for test, key in tests if test is not None]
    default = ibis.null("string") if otherwise is None else otherwise
    return ibis.cases(*branches, else_=default) if branches else default


def _with_verdicts(lines: Table, context: _Context) -> Table:
    """Add both verdicts; `kind` is what a line is left out as by itself."""
    judged = lines.mutate(**{EXCLUSION: _first_match(lines, context, _RULES_BEFORE, lines.kind)})
    known = ibis.cases((judged[CUSTOMER_ID].isnull(), "missing_customer"), else_=judged.kind)
    other = ibis.cases(
        (judged[EXCLUSION] == "missing_customer", judged.kind),
        (judged[EXCLUSION] == "before_window", known),
        else_=ibis.null("string"),
    )
    return judged.mutate(**{OTHER_EXCLUSION: other})


def _is_return(judged: Table, context: _Context) -> BooleanValue:
    """Say which lines give money back to a customer who bought something in the same window."""
    is_before = judged[EXCLUSION] == "before_window"
    kept = judged.filter(judged[EXCLUSION].isnull())
    kept_before = judged.filter(is_before & judged[OTHER_EXCLUSION].isnull())
    is_buyer = _surely(is_before).ifelse(
        judged[CUSTOMER_ID].isin(kept_before[CUSTOMER_ID]),
        judged[CUSTOMER_ID].isin(kept[CUSTOMER_ID]),
    )
    is_return = judged.kind.isin(RETURNABLE) & (judged[AMOUNT] < 0) & is_buyer
    is_fee = _counts_as_no_product(judged, context)
    if is_fee is not None:
        is_return &= ~_surely(is_fee)  # a line without a code is no fee
    came_to_nothing = _came_to_nothing(judged, context)
    if came_to_nothing is not None:
        # A discount within a cancelled order gives nothing back: the order brought nothing in.
        is_return &= ~_surely(came_to_nothing)
    return _surely(is_return)


def _surely(test: BooleanValue) -> BooleanValue:
    """Take what is not known for untrue."""
    return test.fill_null(False)  # noqa: FBT003  Ibis takes the value by position


# --- the tests ----------------------------------------------------------------------------------


def _has_no_date(lines: Table, _: _Context) -> BooleanValue:
    return lines[ORDERED_AT].isnull() | ~is_plausible(lines[ORDERED_AT])


def _after_as_of(lines: Table, context: _Context) -> BooleanValue | None:
    as_of = context.window.as_of
    return None if as_of is None else lines[ORDERED_AT] >= ibis.timestamp(as_of.isoformat())


def _before_window(lines: Table, context: _Context) -> BooleanValue | None:
    first_day = context.window.first_day
    return None if first_day is None else lines[ORDERED_AT] < ibis.timestamp(first_day.isoformat())


def _adds_up_others(lines: Table, _: _Context) -> BooleanValue | None:
    return lines["is_total"] if "is_total" in lines.columns else None


def _is_no_sale(lines: Table, context: _Context) -> BooleanValue | None:
    if context.columns.parents_without_product:
        return _is_blank(lines[PRODUCT_CODE]) & _is_blank(lines[PRODUCT_NAME])
    return _says(lines[ROW_TYPE], context.columns.type, words_of(context.settings, "other_types"))


def _is_blank(texts: Column) -> BooleanValue:
    return texts.isnull() | (texts == "")


def _is_refund_line(lines: Table, context: _Context) -> BooleanValue | None:
    return _says(lines[ROW_TYPE], context.columns.type, words_of(context.settings, "refund_types"))


def _says(texts: Column, heading: str | None, words: Sequence[str]) -> BooleanValue | None:
    if heading is None or not words:
        return None
    return _surely(texts.lower().isin([word.lower() for word in words]))


def _is_counted_already(lines: Table, context: _Context) -> BooleanValue | None:
    """Say which lines repeat their order's total, or leave it out after its first line."""
    if "amount" not in context.columns.per_order:
        return None
    # Of an order in two files, the one line that counts must not be the copy.
    copied = [name for name in ("is_repeated",) if name in lines.columns]
    alike = [CUSTOMER_ID, ORDER_ID, AMOUNT, *copied]
    same = ibis.window(group_by=alike, order_by=_ORDER_OF_LINES)
    is_later = ibis.row_number().over(same) > 0
    of_order = ibis.window(group_by=[CUSTOMER_ID, ORDER_ID])
    is_left_out = lines[AMOUNT].isnull() & lines[AMOUNT].max().over(of_order).notnull()
    return (is_later & lines[AMOUNT].notnull()) | is_left_out


def _is_copy(lines: Table, _: _Context) -> BooleanValue | None:
    return lines["is_copy"] if "is_copy" in lines.columns else None


def _is_repeated(lines: Table, _: _Context) -> BooleanValue | None:
    return lines["is_repeated"] if "is_repeated" in lines.columns else None


def _is_other_currency(lines: Table, _: _Context) -> BooleanValue | None:
    return lines[IS_OTHER_CURRENCY] if IS_OTHER_CURRENCY in lines.columns else None


def _is_house_account(lines: Table, context: _Context) -> BooleanValue | None:
    accounts = context.settings.house_accounts
    return lines[CUSTOMER_ID].isin(accounts) if accounts else None


def _is_cancellation(lines: Table, context: _Context) -> BooleanValue | None:
    by_number = _has_prefix(lines, context.settings.cancellation_prefix, context)
    by_status = _came_to_nothing(lines, context)
    if by_number is None or by_status is None:
        return by_status if by_number is None else by_number
    return by_number | by_status


def _came_to_nothing(lines: Table, context: _Context) -> BooleanValue | None:
    """Say which lines are of an order that its status calls cancelled; None without a status."""
    return _has_status(lines, "cancelled_statuses", context)


def _is_unpaid(lines: Table, context: _Context) -> BooleanValue | None:
    return _has_status(lines, "unpaid_statuses", context)


def _has_status(lines: Table, name: str, context: _Context) -> BooleanValue | None:
    sold = context.settings.sold_statuses or ()
    words = {word.lower() for word in words_of(context.settings, name)}
    words -= {word.lower() for word in sold}
    if context.columns.status is None or not words:
        return None
    has_status = lines[STATUS].lower().isin(sorted(words))
    if context.columns.order is None:
        return has_status
    # Some exports write an order's status on the first of its lines only.
    orders = lines.filter(has_status)[ORDER_ID]
    return has_status | (_is_blank(lines[STATUS]) & lines[ORDER_ID].isin(orders))


def _is_refunded(lines: Table, context: _Context) -> BooleanValue | None:
    """Say which lines pay money back, and which were paid back in full later."""
    is_refund = _is_refund_line(lines, context)
    if context.columns.refund is None:
        return is_refund
    in_full = (lines[REFUND] > 0) & (lines[REFUND] >= lines[AMOUNT])
    return in_full if is_refund is None else is_refund | in_full


def _is_undone(_: Table, __: _Context) -> BooleanValue | None:
    """Ask nothing of a line: whether an order came to nothing is seen when it is whole."""
    return None


def _is_adjustment(lines: Table, context: _Context) -> BooleanValue | None:
    return _has_prefix(lines, context.settings.adjustment_prefix, context)


def _has_prefix(lines: Table, prefix: str, context: _Context) -> BooleanValue | None:
    if not prefix or context.columns.order is None:
        return None
    order, number = lines[ORDER_ID], lines[ORDER_ID].substr(len(prefix))
    # Most numbers begin with a digit, and one comparison tells them from those with a prefix.
    return (order >= prefix) & order.startswith(prefix) & number.re_search(DIGITS)


def _has_no_quantity(lines: Table, context: _Context) -> BooleanValue | None:
    # Where the file holds the line's amount, the quantity beside it decides nothing.
    return None if context.columns.amount is not None else lines[QUANTITY] <= 0


def _has_no_price(lines: Table, context: _Context) -> BooleanValue:
    return (lines[UNIT_PRICE] if context.columns.amount is None else lines[AMOUNT]) <= 0


def _has_no_orders(lines: Table, _: _Context) -> BooleanValue | None:
    if ORDER_COUNT not in lines.columns:
        return None
    count = lines[ORDER_COUNT]
    return count.isnull() | (count < 1) | (count != count.round())


def _counts_as_no_product(lines: Table, context: _Context) -> BooleanValue | None:
    if context.columns.product is None:
        return None
    return is_non_product(lines, context.settings)


def is_non_product(lines: Table, settings: CleaningSettings) -> BooleanValue | None:
    """Say which lines have the product code of freight, fees or manual postings."""
    codes = sorted(code.upper() for code in settings.non_product_codes)
    if not codes:
        return None
    # Most codes begin with a digit, and one comparison tells them from those listed.
    is_possible = lines[PRODUCT_CODE] >= codes[0]
    return is_possible & lines[PRODUCT_CODE].upper().isin(codes)


RULES: tuple[Rule, ...] = (
    Rule("total_row", "Rows that add up other rows", _adds_up_others),
    Rule("no_sale", "Payments, and orders beside their lines", _is_no_sale),
    Rule("repeated_total", "Order totals repeated on further lines", _is_counted_already),
    Rule("unreadable_date", "Date missing or unreadable", _has_no_date),
    Rule("other_currency", "In another currency, or in none named", _is_other_currency),
    Rule("unreadable_amount", "Amount missing or unreadable", lambda t, _: t[AMOUNT].isnull()),
    Rule("after_as_of", "On or after the as-of date", _after_as_of),
    Rule("repeated", "Repeated in another file or sheet", _is_repeated),
    Rule("copy", "Exact copies of a line", _is_copy),
    Rule("before_window", "Before the window", _before_window),
    Rule("missing_customer", "No customer", lambda t, _: t[CUSTOMER_ID].isnull()),
    Rule("house_account", "House accounts", _is_house_account),
    Rule("reversed", "Orders reversed in full", _is_undone),
    Rule("reversal", "What reversed these orders", _is_undone),
    Rule("nothing_left", "Customers who gave back all they bought", _is_undone),
    Rule("cancellation", "Cancellations", _is_cancellation),
    Rule("refund", "Refunds", _is_refunded),
    Rule("unpaid", "Not paid, failed or suspected of fraud", _is_unpaid),
    Rule("adjustment", "Book-keeping adjustments (bad debt)", _is_adjustment),
    Rule("non_positive_quantity", "Quantity zero or negative", _has_no_quantity),
    Rule("non_positive_price", "Price zero or negative", _has_no_price),
    Rule("no_order_count", "No whole number of orders", _has_no_orders),
    Rule("non_product", "Freight, fees and manual postings", _counts_as_no_product),
)
"""The rules in the order in which they are tried; the first that matches is the verdict."""

_ORDER_OF_LINES = (ORDERED_AT, PRODUCT_CODE, PRODUCT_NAME, QUANTITY)
_KEYS = [rule.key for rule in RULES]
_RULES_BEFORE = RULES[: _KEYS.index("missing_customer") + 1]
_RULES_OF_THE_LINE = RULES[_KEYS.index("missing_customer") + 1 :]
_BELOW_ZERO = (
    "Lines below zero, such as a discount within an order, are left out, not subtracted; "
    "--net-returns subtracts them."
)
WARNINGS = (
    ("missing_customer", "Lines without a customer are revenue that no segment can claim."),
    ("cancellation", "Cancellations are left out, not subtracted; --net-returns subtracts goods."),
    ("refund", "Refunds are left out, not subtracted; --net-returns subtracts them."),
    ("non_positive_price", _BELOW_ZERO),
    ("non_positive_quantity", _BELOW_ZERO),
    ("unpaid", "Orders that are not paid, by their status, are left out."),
    ("total_row", "Rows that add up other rows are not counted."),
    ("repeated", "Lines that stand in more than one file or sheet are counted once."),
    ("other_currency", "Lines in other currencies are left out, and their money is not added up."),
    ("unreadable_date", "Lines whose date cannot be read are left out."),
    ("unreadable_amount", "Lines whose amount cannot be read are left out, their money unknown."),
)  # fmt: skip
"""What a reader should know of the lines that a rule took, the most telling first."""
