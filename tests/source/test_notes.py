"""What the first rows tell: the shop's own numbering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages import judged_lines, rows_of, texts_of

from rfmreport.settings import CleaningSettings
from rfmreport.source.columns.roles import ColumnMap
from rfmreport.source.notes import trusted_prefixes

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
