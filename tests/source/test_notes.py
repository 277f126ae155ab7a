"""What the first rows tell: the shop's own numbering, and codes of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stages import judged_lines, rows_of, texts_of

from rfmreport.settings import CleaningSettings
from rfmreport.source.columns.roles import ColumnMap
from rfmreport.source.notes import trusted_prefixes, trusted_rules

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def test_a_prefix_that_most_orders_carry_is_the_shops_numbering(engine: Backend):
    sample = rows_of(
        """
        order | date       | amount | customer
        C1    | 2010-12-01 | 5      | 1
        C2    | 2010-12-01 | 5      | 1
        3     | 2010-12-01 | 5      | 1
        """
    )
    columns = ColumnMap("customer", "date", order="order", amount="amount")
    rules, findings = trusted_prefixes(texts_of(sample), columns, CleaningSettings())
    assert (rules.cancellation_prefix, rules.adjustment_prefix) == ("", "A")
    assert [finding.key for finding in findings] == ["cancellation_prefix"]
    assert set(judged_lines(engine, sample).exclusion.isna()) == {True}


@pytest.mark.parametrize(
    ("codes", "is_trusted"),
    [
        (["85123A"] * 60 + ["M", "D", "POST"], True),
        (["A", "B", "C", "D", "M"] * 5, False),  # other products have codes as short
        (["85123A"] * 10 + ["S", "M"] * 2, False),  # sizes, and not one line in twenty
    ],
)
def test_short_codes_are_postings_only_where_products_have_other_ones(codes, is_trusted):
    columns = ColumnMap("customer", "date", amount="amount", product="code")
    rules, findings = trusted_rules({"code": tuple(codes)}, columns, CleaningSettings())
    assert ("M" in rules.non_product_codes, "POST" in rules.non_product_codes) == (is_trusted, True)
    assert [finding.key for finding in findings] == ([] if is_trusted else ["short_codes"])


def test_codes_that_the_user_lists_stay():
    columns = ColumnMap("customer", "date", amount="amount", product="code")
    said = CleaningSettings(non_product_codes=("M",))
    assert trusted_rules({"code": ("A", "B", "M")}, columns, said) == (said, ())
