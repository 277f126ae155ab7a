"""Products bought together: expected by hand, what large baskets and chance do not make, and n."""

from __future__ import annotations

import random

import numpy as np
import pytest
from stages import engine_of

from rfmreport.sections.products.pairs import expect_together, tell_pairs

PRODUCTS = [("A", "cup"), ("B", "saucer"), ("C", "lamp"), ("D", "chair")]
_SOLD = """
SELECT
    CAST("order" AS UBIGINT) AS "order",
    CAST(buyer AS UBIGINT) AS buyer,
    CAST(product AS UBIGINT) AS product,
    DATE '2024-05-03' AS sold_on
FROM (VALUES {}) AS written ("order", buyer, product)
"""


def pairs_of(orders: list[tuple[int, set[int]]]):
    """Return the pairs of orders: each is its buyer and the rows of its products."""
    lines = [(n, buyer, row) for n, (buyer, rows) in enumerate(orders) for row in sorted(rows)]
    engine = engine_of()
    engine.hold("sold", _SOLD.format(", ".join(str(line) for line in lines)))
    engine.define("baskets", 'SELECT DISTINCT "order" FROM sold')
    engine.hold(
        "chosen_products",
        "SELECT CAST(row AS UBIGINT) AS product, CAST(row AS SMALLINT) AS product_row "
        "FROM range(4) AS rows (row)",
    )
    return tell_pairs(engine, PRODUCTS)


def test_within_a_stratum_products_are_expected_independently() -> None:
    """40 of 100 large orders and 1 of 100 small ones have A; 50 and 2 B: 20 + 0.02 have both."""
    counts = np.array([[40.0, 1.0], [50.0, 2.0]])
    assert expect_together(counts, np.array([100, 100]))[0, 1] == pytest.approx(20.02)


def test_who_buys_cups_buys_saucers() -> None:
    """60 orders of cup and saucer and 60 of lamp and chair, of 120 buyers: 30 of each expected."""
    found = pairs_of([(n, {0, 1} if n < 60 else {2, 3}) for n in range(120)])
    assert [(one.name, one.other_name) for one in found.told] == [
        ("cup", "saucer"),
        ("lamp", "chair"),
    ]
    first = found.told[0]
    assert (first.order_count, first.customer_count, first.share) == (60, 60, 1.0)
    assert (first.expected_count, first.lift) == (30, 2)
    assert first.low == pytest.approx(2 / np.exp(1.96 / np.sqrt(60)), rel=1e-3)
    assert (found.product_count, found.order_count, found.test_count) == (4, 120, 6)


def test_what_a_few_customers_do_often_is_no_pair() -> None:
    """The same orders of six buyers, ten orders each: alike, and too few."""
    found = pairs_of([(n // 20, {0, 1} if n // 20 < 3 else {2, 3}) for n in range(120)])
    assert found.told == ()


def test_large_baskets_make_no_pair() -> None:
    """Half of all orders hold everything, the others one thing each: nothing goes with anything."""
    found = pairs_of([(n, {0, 1, 2, 3} if n % 2 else {n // 2 % 4}) for n in range(400)])
    assert (found.told, found.clear_count) == ((), 0)


def test_products_dealt_out_at_random_make_no_pair() -> None:
    dice = random.Random(20111210)  # noqa: S311  no secret
    found = pairs_of([(n, set(dice.sample(range(4), 2))) for n in range(300)])
    assert found.told == ()


def test_each_product_is_shown_once() -> None:
    """Of three that go together one pair; products beyond those compared make an order as large."""
    found = pairs_of([(n, {0, 1, 2} if n < 60 else {3, 8, 9}) for n in range(120)])
    assert len(found.told) == 3
    assert len(found.apart) == 1
