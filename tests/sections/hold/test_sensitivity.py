"""Sensitivity: each choice gives what a report made with that choice would say."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import made_up_lines, write_csv
from stages import ENGINE

from rfmreport.engine.ask import Engine
from rfmreport.sections.hold.measure import measure_sensitivity
from rfmreport.sections.segments.measure import measure_segments
from rfmreport.settings import load_settings
from rfmreport.shop import Shop, open_shop
from rfmreport.source import orders, reading
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    import pyarrow as pa
    from ibis.expr.types import Table

    from rfmreport.sections.hold.figures import SensitivityRow

HEADING = "customer,order,date,amount,sku"
AS_OF = {"as_of": "2025-07-01"}
Rows = dict[str, "SensitivityRow"]


def rows_of(path: Path, **given: Mapping[str, object]) -> Rows:
    """Return the rows by key; `given` are settings by section."""
    return _rows_of(path, json.dumps(given, sort_keys=True))


@cache
def _rows_of(path: Path, given: str) -> Rows:
    sections = {"source": {"paths": [str(path)]}, **json.loads(given)}
    chosen, watch = load_settings(None, sections), Stopwatch()
    with reading.open_engine(ENGINE) as engine:
        clean = orders.read_orders(engine, chosen, watch)
        found = open_shop(Engine(engine.con), clean, chosen, None, watch)
        before = sorted_rows(clean.orders)
        rows = measure_sensitivity(found)
        assert sorted_rows(clean.orders) == before
        assert_report_row_is_the_segment_table(rows[0], found)
    return {row.key: row for row in rows}


def sorted_rows(orders: Table) -> pa.Table:
    return orders.to_pyarrow().sort_by([(name, "ascending") for name in orders.columns])


def assert_report_row_is_the_segment_table(row: SensitivityRow, found: Shop) -> None:
    table = measure_segments(found)
    top, total = table.rows[0], table.total
    assert (row.customer_count, row.revenue) == (total.customer_count, total.revenue)
    assert (row.top_customer_count, row.top_revenue) == (top.customer_count, top.revenue)


def figures(row: SensitivityRow) -> tuple[int, Decimal, int, Decimal]:
    return row.customer_count, row.revenue, row.top_customer_count, row.top_revenue


def drawn_lines() -> list[str]:
    """Return 30 months of a shop of 120 with returns, fees, guests and orders of several lines."""
    bought = [f"{line},P{i % 7}" for i, line in enumerate(made_up_lines(120, 900))]
    return [*bought, *_more_lines(bought)]


def _more_lines(bought: list[str]) -> Iterator[str]:
    for i, line in enumerate(bought):
        customer, order, day, amount, product = line.split(",")
        if i % 3 == 0:
            yield f"{customer},{order},{day},{float(amount) / 4:.2f},Q{product}"
        if i % 5 == 0:
            yield f"{customer},C{order[1:]},{day},-{float(amount) * 0.7:.2f},{product}"
        if i % 6 == 0:
            yield f"{customer},{order},{day},4.95,POST"
            yield f"{customer},{order},{day},1.10,DOT"
        if i % 8 == 0:
            yield f"{customer},f{i},{day},250.50,POST"
        if i % 16 == 0:
            yield f"{customer},C9{order[1:]},{day},-4.95,POST"
        if i % 9 == 0:
            yield f",g{i},{day},{amount},{product}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("shop") / "shop.csv", drawn_lines(), HEADING)


@pytest.fixture(scope="module")
def as_reported(shop: Path) -> Rows:
    return rows_of(shop, cleaning=AS_OF)


def test_the_report_comes_first_and_each_choice_that_makes_a_difference_follows(
    as_reported: Rows,
) -> None:
    assert list(as_reported) == [
        *("report", "returns", "window_12", "window_24", "lines", "guests", "wholesalers", "fees")
    ]
    assert as_reported["returns"].choice == "Returns subtracted"
    for row in as_reported.values():
        assert row.top_customer_share == row.top_customer_count / row.customer_count
        assert math.isclose(row.top_revenue_share, row.top_revenue / row.revenue)


@pytest.mark.parametrize(
    ("key", "choice"),
    [
        ("returns", {"net_returns": True}),
        ("fees", {"non_product_codes": []}),
        ("window_12", {"window_months": 12}),
        ("window_24", {"window_months": 24}),
    ],
)
def test_a_choice_gives_what_a_report_made_with_it_says(
    shop: Path, as_reported: Rows, key: str, choice: dict[str, object]
) -> None:
    other = rows_of(shop, cleaning={**AS_OF, **choice})
    assert figures(as_reported[key]) == figures(other["report"])
    assert figures(as_reported[key]) != figures(as_reported["report"])


@pytest.mark.parametrize(
    ("key", "choice"),
    [
        ("returns", {"net_returns": False}),
        ("fees", {"non_product_codes": []}),
        ("window_12", {"window_months": 12}),
    ],
)
def test_so_it_does_where_the_report_subtracts_returns(
    shop: Path, key: str, choice: dict[str, object]
) -> None:
    netting = {**AS_OF, "net_returns": True}
    rows, other = rows_of(shop, cleaning=netting), rows_of(shop, cleaning={**netting, **choice})
    assert figures(rows[key]) == figures(other["report"])
    assert rows["returns"].choice == "Returns not subtracted"


def test_where_the_report_has_a_window_the_others_and_all_of_the_data_are_told(
    shop: Path, as_reported: Rows
) -> None:
    rows = rows_of(shop, cleaning={**AS_OF, "window_months": 12})
    assert "window_12" not in rows
    assert figures(rows["window_24"]) == figures(as_reported["window_24"])
    assert figures(rows["all"]) == figures(as_reported["report"])


def test_a_window_as_long_as_the_data_is_no_choice(tmp_path: Path) -> None:
    """14 months of data: a report on the last 12 can be made on all, which are the last 24 too."""
    path = write_csv(tmp_path / "shop.csv", made_up_lines(60, 420))
    rows = rows_of(path, cleaning={"as_of": "2024-03-01", "window_months": 12})
    assert list(rows) == ["report", "all"]
    assert list(rows_of(path, cleaning={"as_of": "2024-03-01"})) == ["report", "window_12"]


def test_lines_count_as_if_each_were_an_order(
    shop: Path, as_reported: Rows, tmp_path: Path
) -> None:
    lines = [line.split(",") for line in drawn_lines()]
    numbered = [
        ",".join([customer, f"{order}x{i}" if order[0] in "of" else order, *rest])
        for i, (customer, order, *rest) in enumerate(lines)
    ]
    other = rows_of(write_csv(tmp_path / "lines.csv", numbered, HEADING), cleaning=AS_OF)
    assert figures(as_reported["lines"]) == figures(other["report"])


def test_an_order_without_a_customer_counts_as_if_it_named_one(
    as_reported: Rows, tmp_path: Path
) -> None:
    named = [line.replace(",", "guest,", 1) if line[0] == "," else line for line in drawn_lines()]
    named = [line.replace("guest,g", f"guest{i},g") for i, line in enumerate(named)]
    other = rows_of(write_csv(tmp_path / "named.csv", named, HEADING), cleaning=AS_OF)
    assert figures(as_reported["guests"]) == figures(other["report"])


def test_one_in_a_hundred_customers_is_left_out_the_largest_first(as_reported: Rows) -> None:
    reported, without = as_reported["report"], as_reported["wholesalers"]
    assert without.customer_count == reported.customer_count - reported.customer_count // 100
    largest = reported.revenue - without.revenue
    assert largest > reported.revenue / reported.customer_count


def test_below_a_hundred_customers_nobody_is_left_out(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", made_up_lines(99, 900))
    assert "wholesalers" not in rows_of(path)


def test_with_nothing_to_vary_only_the_report_remains(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", made_up_lines(40, 300))
    assert list(rows_of(path)) == ["report"]


@pytest.mark.parametrize(
    "scoring",
    [
        {"method": "rank-first"},
        {
            "method": "fixed",
            "cuts": {
                "recency_days": [30, 90, 180, 365],
                "order_count": [1, 2, 3, 5],
                "revenue": [50, 100, 200, 400],
            },
        },
        {"scheme": "ten"},
    ],
    ids=lambda scoring: next(iter(scoring.values())),
)
def test_every_way_of_scoring_is_kept(shop: Path, scoring: dict[str, object]) -> None:
    rows = rows_of(shop, cleaning=AS_OF, scoring=scoring)
    other = rows_of(shop, cleaning={**AS_OF, "net_returns": True}, scoring=scoring)
    assert figures(rows["returns"]) == figures(other["report"])
    assert figures(rows["report"]) == figures(other["returns"])


some_lines = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e", "f", ""]),
        st.integers(0, 30),
        st.integers(0, 900),
        st.integers(-50, 500),
        st.sampled_from(["P1", "P2", "POST"]),
    ),
    max_size=40,
)


@settings(max_examples=6)
@given(lines=some_lines)
def test_any_shop_gets_rows_that_hold_together(
    lines: list[tuple[str, int, int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Five customers with two large orders each carry a report; anything may come on top."""
    base = [f"{name},{name}{n},2023-0{n}-15,{n}000.25,P1" for name in "abcde" for n in (1, 2)]
    drawn = [
        f"{customer},{'C' if amount < 0 else ''}{order},20{23 + day // 365}-"
        f"{1 + day // 31 % 12:02}-{1 + day % 28:02},{amount}.5,{product}"
        for customer, order, day, amount, product in lines
    ]
    path = write_csv(tmp_path_factory.mktemp("any") / "shop.csv", [*base, *drawn], HEADING)
    rows = rows_of(path)
    assert next(iter(rows)) == "report"
    for row in rows.values():
        assert 0 <= row.top_customer_count <= row.customer_count
        assert 0 <= row.top_customer_share <= 1
    if "returns" in rows:
        assert rows["returns"].revenue < rows["report"].revenue
        assert rows["returns"].customer_count == rows["report"].customer_count
    if "fees" in rows:
        assert rows["fees"].revenue > rows["report"].revenue


def test_returns_of_online_retail_equal_a_report_that_subtracts_them(shared_dir: Path) -> None:
    path = shared_dir / "data" / "online_retail.csv.gz"
    rows, netting = rows_of(path), rows_of(path, cleaning={"net_returns": True})
    assert figures(rows["returns"]) == figures(netting["report"])
    assert figures(rows["report"]) == figures(netting["returns"])
    assert rows["report"].customer_count == 4318
    assert rows["wholesalers"].customer_count == 4318 - 43
