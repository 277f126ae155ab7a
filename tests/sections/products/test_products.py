"""Products: counted by hand, and on the sample once more with plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from sold_goods import goods, rows, tables_of
from stages import cleaned

from rfmreport.sections.products.products import (
    Trend,
    find_trend,
    measure_products,
    tell_products,
)
from rfmreport.settings import CleaningSettings
from rfmreport.source.sold import fill_baskets

LINES = """
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 1        | 10
b        | 2     | 2024-02-06 10:00 | 1    | Lamp | 1        | 10
b        | 2     | 2024-02-06 10:00 | 2    | Vase | 50       | 0.5
"""


def sales_of(text: str, trend: Trend | None = None, **rules):
    with goods(text, **rules) as (engine, lines):
        sold, names, _ = tables_of(lines)
        measured = engine.create_table(
            "products", measure_products(sold, names, trend or Trend()), temp=True
        )
        return tell_products(fill_baskets(sold), measured, trend or Trend())


def test_each_product_has_its_revenue_pieces_orders_and_customers() -> None:
    """Two lines of one order are one order."""
    sales = sales_of(LINES)
    assert [
        (one.name, one.revenue, one.quantity, one.order_count, one.customer_count)
        for one in sales.by_revenue
    ] == [("Lamp", 40, 4, 2, 2), ("Vase", 25, 50, 1, 1)]
    assert [one.name for one in sales.by_quantity] == ["Vase", "Lamp"]
    assert (sales.product_count, sales.revenue, sales.quantity) == (2, Decimal(65), 54)
    assert (sales.order_count, sales.customer_count) == (2, 2)
    assert [one.revenue_share for one in sales.by_revenue] == pytest.approx([40 / 65, 25 / 65])


def test_equal_products_stand_in_the_order_of_their_codes() -> None:
    text = LINES + "".join(
        f"c | {n} | 2024-02-06 10:00 | {n} | Cup | 1 | 1\n" for n in (31, 25, 22, 29)
    )
    assert [one.code for one in sales_of(text).by_revenue] == ["1", "2", "22", "25", "29", "31"]


def test_the_favourite_is_the_first_that_thirty_customers_bought_wherever_it_stands() -> None:
    """Twelve products bring more by one customer each; the cup stands thirteenth."""
    lines = [LINES.strip().splitlines()[0]]
    lines += [f"a | {n} | 2024-02-06 10:00 | {n} | Deal {n} | 1 | 900" for n in range(12)]
    cups = [f"c{n} | c{n} | 2024-02-06 10:00 | cup | Cup | 1 | 2" for n in range(30)]
    sales = sales_of("\n".join(lines + cups))
    assert (sales.favourite.name, sales.favourite.revenue_rank) == ("Cup", 13)
    assert "Cup" not in {one.name for one in sales.by_revenue}
    assert sales_of("\n".join(lines + cups[1:])).favourite is None


def test_lines_without_a_product_are_told_apart() -> None:
    sales = sales_of(LINES + "c | 3 | 2024-02-07 10:00 | | | 1 | 7\n")
    assert (sales.revenue, sales.unnamed_revenue) == (Decimal(65), Decimal(7))


def test_without_quantities_nothing_is_ranked_by_pieces() -> None:
    text = "\n".join(line.rpartition("|")[0] for line in LINES.strip().splitlines())
    text = text.replace("quantity", "amount")
    with goods(text) as (engine, lines):
        sold, names, _ = tables_of(lines)
        measured = engine.create_table("products", measure_products(sold, names, Trend()))
        sales = tell_products(fill_baskets(sold), measured, Trend())
    assert sales.by_quantity == ()
    assert sales.quantity is None
    assert [one.revenue for one in sales.by_revenue] == [50, 4]


def test_the_trend_needs_six_whole_months() -> None:
    trend = find_trend(date(2023, 7, 1), date(2024, 1, 20))
    assert trend.now == (date(2023, 10, 1), date(2023, 11, 1), date(2023, 12, 1))
    assert trend.before == (date(2023, 7, 1), date(2023, 8, 1), date(2023, 9, 1))
    assert find_trend(date(2023, 7, 2), date(2024, 1, 20)) == Trend()


def test_a_change_needs_thirty_lines_on_both_sides_and_a_product_that_was_there() -> None:
    """Old: 30 lines of 1 before, 30 of 2 now. Few: 29 now. Late: first sold in August."""
    lines = [LINES.strip().splitlines()[0]]
    for code, first, before, now in (("old", "07", 30, 30), ("few", "07", 30, 29),
                                     ("late", "08", 30, 30)):  # fmt: skip
        lines += [f"a | {code}{n} | 2023-{first}-03 10:00 | {code} | {code} | 1 | 1"
                  for n in range(before)]  # fmt: skip
        lines += [f"a | {code}n{n} | 2023-10-03 10:00 | {code} | {code} | 1 | 2"
                  for n in range(now)]  # fmt: skip
    sales = sales_of("\n".join(lines), find_trend(date(2023, 7, 1), date(2024, 1, 20)))
    found = {one.name: (one.change, one.is_new) for one in sales.by_revenue}
    assert found == {"old": (1.0, False), "few": (None, False), "late": (None, True)}


# --- against plain pandas -----------------------------------------------------------------------


def kept_rows(path) -> pd.DataFrame:
    """Apply the classic filters to a file of Online Retail, line by line, without this program."""
    frame = pd.read_csv(path, dtype={"CustomerID": str, "InvoiceNo": str, "StockCode": str})
    code = frame.StockCode.str.strip().str.upper()
    kept = frame[
        frame.CustomerID.notna()
        & ~frame.InvoiceNo.str.startswith(("C", "A"))
        & (frame.Quantity > 0)
        & (frame.UnitPrice > 0)
        & ~code.isin(CleaningSettings().non_product_codes)
    ]
    return kept.assign(code=code, amount=(kept.Quantity * kept.UnitPrice).round(4))


def expected_products(kept: pd.DataFrame) -> pd.DataFrame:
    grouped = kept.groupby("code")
    found = grouped.agg(
        revenue=("amount", "sum"),
        quantity=("Quantity", "sum"),
        order_count=("InvoiceNo", "nunique"),
        customer_count=("CustomerID", "nunique"),
    )
    counts = kept.groupby(["code", "Description"]).size().reset_index(name="n")
    counts = counts.sort_values(["code", "n", "Description"], ascending=[True, False, True])
    found["name"] = counts.drop_duplicates("code").set_index("code").Description.str.strip()
    return found.reset_index()


def assert_same(path) -> pd.DataFrame:
    expected = expected_products(kept_rows(path))
    with cleaned(path) as clean:
        sold, names, _ = tables_of(clean.lines)
        measured = measure_products(sold, names, Trend())
        found = pd.DataFrame(rows(measured, "product_code"))
        sales = tell_products(fill_baskets(sold), measured, Trend())
    assert len(found) == len(expected) == sales.product_count
    for name in ("revenue", "quantity"):
        assert found[name].astype(float).tolist() == pytest.approx(expected[name].tolist())
    for name in ("order_count", "customer_count"):
        assert found[name].tolist() == expected[name].tolist()
    assert found.product_name.str.strip().tolist() == expected.name.tolist()
    for measure, top in (("revenue", sales.by_revenue), ("quantity", sales.by_quantity)):
        best = expected.sort_values([measure, "code"], ascending=[False, True]).head(10)
        assert [one.code for one in top] == best.code.tolist()
    return expected


def test_the_sample_once_more_with_pandas(sample_csv) -> None:
    assert_same(sample_csv)


def test_online_retail_once_more_with_pandas(shared_dir) -> None:
    expected = assert_same(shared_dir / "data" / "online_retail.csv.gz")
    best = expected.set_index("code").loc["22423"]
    assert (best.revenue, best.quantity) == (pytest.approx(142592.95), 12402)
    assert (best.order_count, best.customer_count) == (1703, 881)
