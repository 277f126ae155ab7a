"""Lines: days as orders, and what stands in two files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages import judged_lines, judged_table, rows_of

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def test_without_order_ids_a_customers_day_is_one_order(engine: Backend):
    lines = judged_lines(
        engine,
        rows_of(
            """
            customer_id | date       | number_of_cds | dollar_value
            00002       | 1997-01-12 | 1             | 12.00
            00002       | 1997-01-12 | 5             | 77.00
            00002       | 1997-01-13 | 5             | 77.00
            00003       | 1997-01-12 | 2             | 20.76
                        | 1997-01-12 | 2             | 20.76
            """
        ),
    )
    orders = list(lines.order_id.fillna("-"))
    assert orders == [
        "00002|1997-01-12",
        "00002|1997-01-12",
        "00002|1997-01-13",
        "00003|1997-01-12",
        "-",
    ]


def test_lines_that_stand_in_two_files_count_once(engine: Backend):
    """The copies are matched one to one: legal duplicates within a file stay."""
    frame = rows_of(
        """
        source_part | order | sku | quantity | date       | price | customer | verdict
        a.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        a.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        a.csv       | 1     | POT | 1        | 2010-12-01 | 9.00  | 1        |
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        | repeated
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        | repeated
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        b.csv       | 1     | POT | 2        | 2010-12-01 | 9.00  | 1        |
        b.csv       | 2     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        b.csv       | 2     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        c.csv       | 1     | POT | 1        | 2010-12-01 | 9.00  | 1        | repeated
        """
    )
    keys = ["source_part", "order_id", "product_code", "quantity", "exclusion"]
    expected = Counter(
        zip(
            frame.source_part,
            frame.order,
            frame.sku,
            frame.quantity.astype(float),
            frame.pop("verdict").fillna(""),
            strict=True,
        )
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    judged["exclusion"] = judged.exclusion.fillna("")
    assert Counter(judged[keys].itertuples(index=False, name=None)) == expected


def test_lines_without_an_order_id_in_several_files_do_not_vanish(engine: Backend):
    frame = rows_of(
        """
        source_part | order | date       | amount | customer
        a.csv       |       | 2010-12-01 | 1      | 1
        b.csv       |       | 2010-12-01 | 2      | 1
        a.csv       | 1     | 2010-12-01 | 4      | 1
        b.csv       | 2     | 2010-12-01 | 8      | 1
        a.csv       | 3     | 2010-12-01 | 16     | 1
        b.csv       | 3     | 2010-12-01 | 16     | 1
        """
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    assert len(judged) == 6
    assert judged.amount[judged.exclusion.isna()].sum() == 31


def test_without_order_ids_a_line_in_two_files_counts_once(engine: Backend):
    frame = rows_of(
        """
        source_part | customer | date       | amount
        jan.csv     | 1        | 2010-12-01 | 5
        feb.csv     | 1        | 2010-12-01 | 5
        feb.csv     | 1        | 2010-12-02 | 5
        """
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    assert sorted(judged.exclusion.fillna("")) == ["", "", "repeated"]
