"""Countries: their best products, counted by hand and on the sample with plain pandas."""

from __future__ import annotations

import pandas as pd
import pytest
from sold_goods import goods, tables_of
from stages import cleaned

from rfmreport.analyses.countries import SHOWN_COUNTRIES, measure_countries, tell_countries
from rfmreport.settings import CleaningSettings

LINES = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10    | Malta
a        | 2     | 2024-01-06 10:00 | 2    | Vase | 30       | 0.5   | Malta
b        | 3     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
a        | 4     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
b        | 5     | 2024-01-06 10:00 | 2    | Vase | 9        | 9     |
"""


def countries_of(text: str):
    with goods(text) as (_, lines):
        return tell_countries(measure_countries(*tables_of(lines)))


def test_each_country_has_its_best_product_by_revenue_and_by_pieces() -> None:
    malta, cyprus = countries_of(LINES).rows
    assert (malta.country, malta.revenue, malta.order_count, malta.customer_count) == (
        "Malta", 35, 2, 1,
    )  # fmt: skip
    assert (malta.best_by_revenue.name, malta.best_by_revenue.amount) == ("Lamp", 20)
    assert (malta.best_by_quantity.name, malta.best_by_quantity.amount) == ("Vase", 30)
    assert malta.best_by_revenue.line_count == 1
    assert (cyprus.order_count, cyprus.customer_count) == (2, 2)
    assert cyprus.best_by_revenue.line_count == 2


def test_shares_are_of_what_names_a_country() -> None:
    assert [row.share for row in countries_of(LINES).rows] == pytest.approx([35 / 36, 1 / 36])


def test_one_country_is_none() -> None:
    assert countries_of(LINES.replace("Cyprus", "Malta")) is None
    assert countries_of(LINES.replace("Cyprus", "").replace("Malta", "")) is None


def test_the_largest_are_shown_and_all_are_counted() -> None:
    text = LINES + "".join(
        f"c | x{n} | 2024-01-07 10:00 | 1 | Lamp | {n} | 100 | Land {n:02}\n" for n in range(1, 21)
    )
    found = countries_of(text)
    assert found.country_count == 22
    assert [row.country for row in found.rows] == [
        f"Land {n:02}" for n in range(20, 20 - SHOWN_COUNTRIES, -1)
    ]


def best_by_pandas(path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype={"CustomerID": str, "InvoiceNo": str, "StockCode": str})
    frame["code"] = frame.StockCode.str.strip().str.upper()
    kept = frame[
        frame.CustomerID.notna()
        & ~frame.InvoiceNo.str.startswith(("C", "A"))
        & (frame.Quantity > 0)
        & (frame.UnitPrice > 0)
        & ~frame.code.isin(CleaningSettings().non_product_codes)
    ]
    kept = kept.assign(amount=(kept.Quantity * kept.UnitPrice).round(4))
    bought = kept.groupby(["Country", "code"])[["amount", "Quantity"]].sum().round(4).reset_index()
    best = {
        name: bought.sort_values([name, "code"], ascending=[False, True])
        .drop_duplicates("Country")
        .set_index("Country")
        for name in ("amount", "Quantity")
    }
    by_country = kept.groupby("Country")
    return pd.DataFrame(
        {
            "revenue": by_country.amount.sum(),
            "orders": by_country.InvoiceNo.nunique(),
            "customers": by_country.CustomerID.nunique(),
            "by_revenue": best["amount"].code,
            "by_quantity": best["Quantity"].code,
        }
    )


def assert_same(path):
    expected = best_by_pandas(path).sort_values("revenue", ascending=False)
    with cleaned(path) as clean:
        found = tell_countries(measure_countries(*tables_of(clean.lines)))
    assert found.country_count == len(expected)
    top = expected.head(SHOWN_COUNTRIES)
    assert [row.country for row in found.rows] == top.index.tolist()
    assert [float(row.revenue) for row in found.rows] == pytest.approx(top.revenue.tolist())
    assert [row.order_count for row in found.rows] == top.orders.tolist()
    assert [row.customer_count for row in found.rows] == top.customers.tolist()
    assert [row.best_by_revenue.code for row in found.rows] == top.by_revenue.tolist()
    assert [row.best_by_quantity.code for row in found.rows] == top.by_quantity.tolist()
    return found


def test_the_sample_once_more_with_pandas(sample_csv) -> None:
    assert_same(sample_csv)


def test_online_retail_once_more_with_pandas(shared_dir) -> None:
    found = assert_same(shared_dir / "data" / "online_retail.csv.gz")
    assert found.country_count == 37
    home, netherlands, eire, germany, *_ = found.rows
    assert (home.country, home.best_by_revenue.line_count) == ("United Kingdom", 1)
    assert netherlands.best_by_quantity.name == "RABBIT NIGHT LIGHT"
    assert eire.best_by_quantity.name == "POPCORN HOLDER"
    assert germany.best_by_revenue.name == "REGENCY CAKESTAND 3 TIER"
