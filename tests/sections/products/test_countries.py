"""Countries: their best products, counted by hand and on the sample with plain pandas."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from sold_goods import goods, tables_of
from stages import cleaned

from rfmreport.sections.products.countries import (
    SHOWN_COUNTRIES,
    find_leader,
    measure_countries,
    tell_countries,
    untold_countries,
)
from rfmreport.sections.products.figures import BestProduct, CountrySales
from rfmreport.settings import CleaningSettings
from rfmreport.source.sold import fill_baskets

LINES = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10    | Malta
a        | 2     | 2024-01-06 10:00 | 2    | Vase | 30       | 0.5   | Malta
b        | 3     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
a        | 4     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
b        | 5     | 2024-01-06 10:00 | 2    | Vase | 9        | 9     |
"""


def measured(lines):
    sold, names, places = tables_of(lines)
    return measure_countries(sold, fill_baskets(sold), names, places)


def countries_of(text: str):
    with goods(text) as (_, lines):
        return tell_countries(measured(lines))


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


def test_what_names_no_country_is_told_and_counts_in_every_share() -> None:
    found = countries_of(LINES)
    assert [row.share for row in found.rows] == pytest.approx([35 / 117, 1 / 117])
    assert (found.country_count, found.unplaced_revenue) == (2, 81)


def test_what_names_no_product_counts_but_is_no_best_product() -> None:
    """Half of what Cyprus buys has neither code nor name, and all of what Gozo buys."""
    found = countries_of(
        LINES
        + "b | 6 | 2024-01-07 10:00 | | | 1 | 50 | Cyprus\n"
        + "b | 7 | 2024-01-07 10:00 | | | 1 | 40 | Gozo\n"
    )
    cyprus, gozo, malta = found.rows
    assert (cyprus.country, cyprus.revenue, cyprus.order_count) == ("Cyprus", 51, 3)
    assert cyprus.best_by_revenue.amount == 1
    assert (gozo.revenue, gozo.best_by_revenue, gozo.best_by_quantity) == (40, None, None)
    assert malta.share == pytest.approx(35 / 207)


def test_without_pieces_there_is_no_best_product_by_pieces() -> None:
    rows = [line.split("|") for line in LINES.strip().splitlines()]
    without = "\n".join("|".join(row[:6] + row[7:]) for row in rows)  # no price
    found = countries_of(without.replace("quantity", "price   "))
    assert [row.best_by_revenue.name for row in found.rows] == ["Vase", "Vase"]
    assert [row.best_by_quantity for row in found.rows] == [None, None]


def test_one_country_is_none_and_the_reason_is_told() -> None:
    assert countries_of(LINES.replace("Cyprus", "Malta")) is None
    assert countries_of(LINES.replace("Cyprus", "").replace("Malta", "")) is None
    with goods(LINES.replace("Cyprus", "Malta")) as (_, lines):
        assert untold_countries(measured(lines)) == (
            "all purchases that name a country name the same one, Malta"
        )
    with goods(LINES.replace("Cyprus", "").replace("Malta", "")) as (_, lines):
        assert untold_countries(measured(lines)) == "the source names no country"


def country(name: str, best: str, *, line_count: int = 5, is_told: bool = True) -> CountrySales:
    product = BestProduct(best, best, Decimal(9), line_count)
    return CountrySales(name, Decimal(9), 0.1, 40, 9, product, product, is_told)


def test_the_product_that_leads_in_most_other_countries_is_the_leader() -> None:
    """The lamp leads in two that may speak, home not counted; the vase in two, one by one line."""
    leader = find_leader(
        [
            country("Home", "Vase"),
            country("A", "Vase"),
            country("B", "Lamp"),
            country("C", "Vase", line_count=1),
            country("D", "Lamp"),
            country("E", "Vase", is_told=False),
        ]
    )
    assert (leader.name, leader.country_count, leader.told_count) == ("Lamp", 2, 4)
    assert find_leader([country("Home", "Vase"), country("A", "Vase"), country("B", "Cup")]) is None


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
        found = tell_countries(measured(clean.lines))
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
