"""What they buy: counted by hand, once more with plain pandas, and from a file to its data."""

from __future__ import annotations

import csv
import dataclasses
import random
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import ibis
import pandas as pd
import pytest
from shops import (
    PRODUCT_HEADING,
    build_files,
    customers_of,
    made_up_lines,
    with_products,
    write_csv,
)
from sold_goods import held_goods, hold_cleaned, measured
from stages import cleaned

from rfmreport.pipeline import build_report
from rfmreport.sections.products.figures import BestProduct, CountrySales
from rfmreport.sections.products.measure import (
    SHOWN_COUNTRIES,
    Trend,
    find_leader,
    find_trend,
    tell_countries,
    tell_products,
    untold_countries,
)
from rfmreport.settings import CleaningSettings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rfmreport.source.orders import CleanOrders

LINES = """
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 1        | 10
b        | 2     | 2024-02-06 10:00 | 1    | Lamp | 1        | 10
b        | 2     | 2024-02-06 10:00 | 2    | Vase | 50       | 0.5
"""


def sales_of(text: str, trend: Trend | None = None, **rules):
    with held_goods(text, **rules) as engine:
        return tell_products(engine, trend or Trend())


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
    sales = sales_of(text)
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


RETURNED = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 10       | 9     | Malta
a        | 1     | 2024-01-05 10:00 | 2    | Vase | 10       | 8     | Malta
a        | C2    | 2024-01-09 10:00 | 1    | Lamp | -4       | 9     | Malta
a        | C2    | 2024-01-09 10:00 | 3    | Cup  | -1       | 9     | Malta
b        | C3    | 2024-01-09 10:00 | 2    | Vase | -9       | 8     | Malta
"""


@pytest.mark.parametrize("net_returns", [False, True])
def test_products_are_ranked_by_what_is_left_after_their_returns(net_returns) -> None:
    """Of b, who bought nothing here, nothing is subtracted; nor of a cup that nobody bought."""
    people = "customer_id\na"
    with held_goods(RETURNED, people, net_returns=net_returns) as engine:
        sales = tell_products(engine, Trend())
    found = [(one.name, one.revenue, one.quantity, one.order_count) for one in sales.by_revenue]
    assert found == [("Vase", 80, 10, 1), ("Lamp", 54, 6, 1)]
    assert (sales.revenue, sales.returned) == (134, 36)


def test_online_retails_best_products_are_net_of_what_came_back(shared_dir) -> None:
    """PAPER CRAFT was cancelled in full, and all but £3,937 of the ceramic jar came back."""
    with cleaned(shared_dir / "data" / "online_retail.csv.gz") as clean:
        people = measured(clean, date(2011, 12, 10))
        engine = hold_cleaned(clean, people.mutate(segment=ibis.literal("Lost")))
        sales = tell_products(engine, Trend())
        query = (
            "SELECT product_code, revenue FROM products WHERE product_code IN ('23166', '23843')"
        )
        found = engine.rows(query)
    first = sales.by_revenue[0]
    assert (first.name, first.revenue) == ("REGENCY CAKESTAND 3 TIER", Decimal("132691.90"))
    assert found == [{"product_code": "23166", "revenue": Decimal("3937.09")}]


# --- against plain pandas -----------------------------------------------------------------------


@cache
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


@pytest.fixture(scope="module")
def whole_shop(shared_dir: Path) -> Iterator[CleanOrders]:
    """Return the whole set with the orders that were reversed, read once for what follows."""
    path, rules = shared_dir / "data" / "online_retail.csv.gz", {"keep_reversed": True}
    with cleaned(path, cleaning=rules) as clean:
        yield clean


def assert_same(clean: CleanOrders, path: Path) -> pd.DataFrame:
    expected = expected_products(kept_rows(path))
    engine = hold_cleaned(clean, customers_of("customer_id\nnobody"))
    sales = tell_products(engine, Trend())
    found = pd.DataFrame(engine.rows("FROM products ORDER BY product_code"))
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


def test_the_sample_once_more_with_pandas(unpaired_sample, sample_csv) -> None:
    assert_same(unpaired_sample, sample_csv)


def test_online_retail_once_more_with_pandas(whole_shop, shared_dir) -> None:
    expected = assert_same(whole_shop, shared_dir / "data" / "online_retail.csv.gz")
    best = expected.set_index("code").loc["22423"]
    assert (best.revenue, best.quantity) == (pytest.approx(142592.95), 12402)
    assert (best.order_count, best.customer_count) == (1703, 881)


# --- countries ------------------------------------------------------------------------------------

PLACED = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10    | Malta
a        | 2     | 2024-01-06 10:00 | 2    | Vase | 30       | 0.5   | Malta
b        | 3     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
a        | 4     | 2024-01-06 10:00 | 2    | Vase | 1        | 0.5   | Cyprus
b        | 5     | 2024-01-06 10:00 | 2    | Vase | 9        | 9     |
"""


def countries_of(text: str):
    with held_goods(text) as engine:
        return tell_countries(engine)


def untold_of(text: str) -> str:
    with held_goods(text) as engine:
        assert tell_countries(engine) is None
        return untold_countries(engine)


def test_each_country_has_its_best_product_by_revenue_and_by_pieces() -> None:
    malta, cyprus = countries_of(PLACED).rows
    assert (malta.country, malta.revenue, malta.order_count, malta.customer_count) == (
        "Malta", 35, 2, 1,
    )  # fmt: skip
    assert (malta.best_by_revenue.name, malta.best_by_revenue.amount) == ("Lamp", 20)
    assert (malta.best_by_quantity.name, malta.best_by_quantity.amount) == ("Vase", 30)
    assert malta.best_by_revenue.line_count == 1
    assert (cyprus.order_count, cyprus.customer_count) == (2, 2)
    assert cyprus.best_by_revenue.line_count == 2


def test_what_names_no_country_is_told_and_counts_in_every_share() -> None:
    found = countries_of(PLACED)
    assert [row.share for row in found.rows] == pytest.approx([35 / 117, 1 / 117])
    assert (found.country_count, found.unplaced_revenue) == (2, 81)


def test_what_names_no_product_counts_but_is_no_best_product() -> None:
    """Half of what Cyprus buys has neither code nor name, and all of what Gozo buys."""
    found = countries_of(
        PLACED
        + "b | 6 | 2024-01-07 10:00 | | | 1 | 50 | Cyprus\n"
        + "b | 7 | 2024-01-07 10:00 | | | 1 | 40 | Gozo\n"
    )
    cyprus, gozo, malta = found.rows
    assert (cyprus.country, cyprus.revenue, cyprus.order_count) == ("Cyprus", 51, 3)
    assert cyprus.best_by_revenue.amount == 1
    assert (gozo.revenue, gozo.best_by_revenue, gozo.best_by_quantity) == (40, None, None)
    assert malta.share == pytest.approx(35 / 207)


def test_without_pieces_there_is_no_best_product_by_pieces() -> None:
    rows = [line.split("|") for line in PLACED.strip().splitlines()]
    without = "\n".join("|".join(row[:6] + row[7:]) for row in rows)  # no price
    found = countries_of(without.replace("quantity", "price   "))
    assert [row.best_by_revenue.name for row in found.rows] == ["Vase", "Vase"]
    assert [row.best_by_quantity for row in found.rows] == [None, None]


def test_one_country_is_none_and_the_reason_is_told() -> None:
    assert untold_of(PLACED.replace("Cyprus", "Malta")) == (
        "all purchases that name a country name the same one, Malta"
    )
    nowhere = PLACED.replace("Cyprus", "").replace("Malta", "")
    assert untold_of(nowhere) == "the source names no country"


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
    text = PLACED + "".join(
        f"c | x{n} | 2024-01-07 10:00 | 1 | Lamp | {n} | 100 | Land {n:02}\n" for n in range(1, 21)
    )
    found = countries_of(text)
    assert found.country_count == 22
    assert [row.country for row in found.rows] == [
        f"Land {n:02}" for n in range(20, 20 - SHOWN_COUNTRIES, -1)
    ]


def best_by_pandas(path) -> pd.DataFrame:
    kept = kept_rows(path)
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


def assert_same_countries(clean: CleanOrders, path: Path):
    expected = best_by_pandas(path).sort_values("revenue", ascending=False)
    found = tell_countries(hold_cleaned(clean, customers_of("customer_id\nnobody")))
    assert found.country_count == len(expected)
    top = expected.head(SHOWN_COUNTRIES)
    assert [row.country for row in found.rows] == top.index.tolist()
    assert [float(row.revenue) for row in found.rows] == pytest.approx(top.revenue.tolist())
    assert [row.order_count for row in found.rows] == top.orders.tolist()
    assert [row.customer_count for row in found.rows] == top.customers.tolist()
    assert [row.best_by_revenue.code for row in found.rows] == top.by_revenue.tolist()
    assert [row.best_by_quantity.code for row in found.rows] == top.by_quantity.tolist()
    return found


def test_the_countries_of_the_sample_once_more_with_pandas(unpaired_sample, sample_csv) -> None:
    assert_same_countries(unpaired_sample, sample_csv)


def test_the_countries_of_online_retail_once_more_with_pandas(whole_shop, shared_dir) -> None:
    found = assert_same_countries(whole_shop, shared_dir / "data" / "online_retail.csv.gz")
    assert found.country_count == 37
    home, netherlands, eire, germany, *_ = found.rows
    assert (home.country, home.best_by_revenue.line_count) == ("United Kingdom", 1)
    assert netherlands.best_by_quantity.name == "RABBIT NIGHT LIGHT"
    assert eire.best_by_quantity.name == "POPCORN HOLDER"
    assert germany.best_by_revenue.name == "REGENCY CAKESTAND 3 TIER"


# --- from a file to the data behind the report ----------------------------------------------------


def report_of(path: Path, **given):
    return build_report(load_settings(None, {"source": {"paths": [str(path)]}, **given}))


def shop(tmp_path: Path, *, days: int = 500, count: int = 60) -> Path:
    lines = with_products(made_up_lines(count, days=days))
    return write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_the_data_behind_every_figure_is_written(tmp_path: Path) -> None:
    result = build_files(shop(tmp_path), tmp_path / "report")
    sells, data = result.report.sells, tmp_path / "report" / "data"
    products = rows_of(data / "products.csv")
    assert len(products) == sells.products.product_count
    assert sum(float(row["revenue"]) for row in products) == float(sells.products.revenue)
    assert products[0]["product_code"] == sells.products.top[0].code
    countries = rows_of(data / "countries.csv")
    assert [row["country"] for row in countries] == [row.country for row in sells.countries.rows]
    assert {"lift", "low", "high", "p_value"} <= set(
        (data / "affinity.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    )
    launches = rows_of(data / "launches.csv")
    assert {row["product_code"] for row in launches} >= {one.code for one in sells.launches.shown}


def test_products_add_up_to_what_was_analysed(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path))
    assert report.sells.products.revenue == report.segments.total.revenue
    assert report.sells.products.order_count == report.segments.total.order_count
    assert report.sells.products.customer_count == report.segments.total.customer_count


def test_the_order_of_the_rows_is_nothing(tmp_path: Path) -> None:
    lines = with_products(made_up_lines(80, days=400))
    shuffled = random.Random(3).sample(lines, len(lines))  # noqa: S311  an example, no secret
    found = []
    for number, order in enumerate((lines, shuffled)):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(report_of(write_csv(folder / "orders.csv", order, PRODUCT_HEADING)).sells)
    assert found[0] == found[1]


def test_a_source_without_products_says_so(tmp_path: Path) -> None:
    report = report_of(write_csv(tmp_path / "orders.csv", made_up_lines(60, days=200)))
    assert report.sells is None
    (told,) = [one for one in report.untold if one.topic == "What they buy"]
    assert told.reason.startswith("the source names no products")


def test_a_short_history_knows_no_launch(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path, days=150))
    assert report.sells.launches is None
    (told,) = [one for one in report.untold if one.topic == "What they buy: launches"]
    assert "too short" in told.reason
    shorter = report_of(shop(tmp_path, days=150), report={"launch_days": 30})
    assert shorter.sells.launches is not None


def test_launches_of_too_few_days_and_a_single_country_are_said(tmp_path: Path) -> None:
    lines = with_products(made_up_lines(60, days=500))
    here = [line.replace("Cyprus", "Malta") for line in lines]
    source = write_csv(tmp_path / "orders.csv", here, PRODUCT_HEADING)
    report = report_of(source, report={"launch_days": 20})
    reasons = {one.topic: one.reason for one in report.untold}
    assert reasons["What they buy: launches"] == (
        "a launch is held against others from 28 days on, and launch_days in [report] is 20"
    )
    assert reasons["What they buy: countries"] == (
        "all purchases that name a country name the same one, Malta"
    )


def test_few_buyers_have_no_taste(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path, count=20))
    assert report.sells.affinity is None
    assert "What they buy: what segments prefer" in {one.topic for one in report.untold}


def test_hostile_products_are_safe_in_the_files(tmp_path: Path) -> None:
    lines = [line.replace("Thing p", "=1+1") for line in with_products(made_up_lines(60, days=500))]
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    build_files(source, tmp_path / "report")
    names = [row["product_name"] for row in rows_of(tmp_path / "report/data/products.csv")]
    assert "'=1+1" in names
    assert "=1+1" not in names


def test_insights_name_the_best_seller_with_its_n(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path))
    (best,) = [one for one in report.insights if one.key == "best_seller"]
    product = report.sells.products.by_revenue[0]
    assert best.headline.startswith("Thing p sells most: ")
    assert best.sample_size == product.customer_count >= 30
    assert best.worth == product.revenue
    assert dataclasses.asdict(best)["numbers"]["order_count"] == product.order_count
