"""Concentration: the ten largest customers, and those with one order and with two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of, drawn_shop
from stages import cleaned, measured_customers

from rfmreport.sections.concentration.figures import Concentration, Pareto, ParetoPoint
from rfmreport.sections.concentration.measure import measure_concentration, untold_concentration

if TYPE_CHECKING:
    from pathlib import Path

    from ibis.expr.types import Table


def measured(customers: Table) -> tuple[Concentration, Pareto | None]:
    shop = drawn_shop((date(2024, 1, 1), date(2024, 5, 1)), customers=customers)
    return measure_concentration(shop.engine)


def concentration_of(*revenues: object) -> tuple[Concentration, Pareto | None]:
    rows = "\n".join(f"{revenue}" for revenue in revenues)
    return measured(customers_of(f"revenue\n{rows}"))


def pareto_of(*revenues: object) -> Pareto:
    _, found = concentration_of(*revenues)
    assert found
    return found


def test_the_ten_largest_and_the_first_two_order_counts() -> None:
    rows = [f"1 | {100 + i}" for i in range(6)] + [f"2 | {200 + i}" for i in range(4)] + ["3 | 50"]
    found, _ = measured(customers_of("order_count | revenue\n" + "\n".join(rows)))
    assert found == Concentration(
        top_ten_revenue=Decimal(615 + 806),  # all but the 50 of the eleventh
        one_order_count=6,
        one_order_revenue=Decimal(615),
        one_order_median_revenue=Decimal("102.5"),
        two_order_count=4,
        two_order_median_revenue=Decimal("201.5"),
    )


def test_nobody_with_one_or_two_orders_is_zero() -> None:
    found, _ = measured(customers_of("order_count | revenue\n3 | 7.50"))
    assert found == Concentration(Decimal("7.50"), 0, Decimal(0), Decimal(0), 0, Decimal(0))


def test_the_curve_adds_up_from_the_largest_to_all() -> None:
    pareto = pareto_of(10, 50, 30, 10)
    assert pareto.points == (
        ParetoPoint(1, 0.25, Decimal(50), 0.5),
        ParetoPoint(2, 0.5, Decimal(80), 0.8),
        ParetoPoint(3, 0.75, Decimal(90), 0.9),
        ParetoPoint(4, 1.0, Decimal(100), 1.0),
    )
    assert pareto.tops == ()  # a fifth of four is nobody
    assert pareto.most_count == 2  # 80 of 100
    assert (pareto.one_order_count, pareto.one_order_revenue) == (4, Decimal(100))


def test_the_largest_hundredths_are_whole_customers_rounded_down() -> None:
    # of 43: 1 % is nobody, 5 % are two, 10 % four, 20 % eight
    pareto = pareto_of(1000, 500, *[10] * 41)
    tops = {percent: (top.customer_count, top.revenue) for percent, top in pareto.tops}
    assert tops == {5: (2, Decimal(1500)), 10: (4, Decimal(1520)), 20: (8, Decimal(1560))}
    assert pareto.top_ten_revenue == Decimal(1580)
    # 1,910 in all, 80 % of it 1,528: five of them
    assert pareto.most_count == 5


def test_the_points_are_a_hundred_at_most_however_many_customers() -> None:
    pareto = pareto_of(*range(1, 1001))
    assert [point.customer_count for point in pareto.points] == list(range(10, 1001, 10))
    assert dict(pareto.tops)[1].revenue == Decimal(sum(range(991, 1001)))


def test_customers_who_gave_back_more_than_they_bought_bend_the_curve_down() -> None:
    pareto = pareto_of(80, 40, -20)
    assert [point.revenue_share for point in pareto.points] == [0.8, 1.2, 1.0]
    assert pareto.most_count == 1


def test_without_revenue_there_is_no_curve() -> None:
    _, nothing = concentration_of(5, -5)
    assert nothing is None
    assert [untold.topic for untold in untold_concentration(nothing)] == ["Concentration"]
    assert len(untold_concentration(pareto_of(*[1] * 29))) == 1
    assert untold_concentration(pareto_of(*[1] * 30)) == ()


@given(st.lists(st.decimals("0.01", "9999", places=2), min_size=1, max_size=150))
@settings(max_examples=20, deadline=None)
def test_the_curve_is_that_of_the_sorted_customers(revenues: list[Decimal]) -> None:
    pareto = pareto_of(*revenues)
    ranked = sorted(revenues, reverse=True)
    for point in pareto.points:
        assert point.revenue == sum(ranked[: point.customer_count])
    shares = [point.revenue_share for point in pareto.points]
    assert all(one <= other for one, other in pairwise(shares))
    assert pareto.points[-1].customer_count == len(revenues)
    most = pareto.most_count
    assert sum(ranked[:most]) >= Decimal("0.8") * sum(ranked) > sum(ranked[: most - 1])


@pytest.fixture(scope="module")
def online_retail(shared_dir: Path) -> Pareto | None:
    with cleaned(
        shared_dir / "data" / "online_retail.csv.gz",
        cleaning={"non_product_codes": [], "keep_reversed": True},
    ) as clean:
        assert clean.as_of
        _, pareto = measured(measured_customers(clean.orders, clean.as_of).to_pyarrow())
        return pareto


def test_a_fifth_of_the_customers_brings_three_quarters(
    online_retail: Pareto | None, shared_dir: Path
) -> None:
    pareto = online_retail
    assert pareto
    assert round(dict(pareto.tops)[20].revenue_share, 3) == 0.746
    assert round(pareto.one_order_count / pareto.customer_count, 3) == 0.344
    lines = pd.read_csv(shared_dir / "data" / "online_retail.csv.gz", dtype=str)
    lines["spent"] = lines.Quantity.astype(int) * lines.UnitPrice.astype(float)
    kept = lines[lines.CustomerID.notna() & (lines.spent > 0) & ~lines.InvoiceNo.str.match("[CA]")]
    spent = kept.groupby("CustomerID").spent.sum().sort_values(ascending=False)
    added = spent.cumsum()
    assert len(spent) == pareto.customer_count
    for _, top in pareto.tops:
        assert float(top.revenue) == pytest.approx(added.iloc[top.customer_count - 1])
    assert pareto.most_count == (added < 0.8 * spent.sum()).sum() + 1 == 1_133
    assert float(pareto.top_ten_revenue) == pytest.approx(spent.iloc[:10].sum())
