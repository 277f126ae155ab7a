"""Whether customers come back: windows hide no first order, and what cannot be told is said."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from shops import build_files, drawn_shop, made_up_lines, orders_of, write_csv

from rfmreport.errors import SettingsError
from rfmreport.sections.loyalty.measure import measure_loyalty, untold_loyalty
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

DAYS = (date(2024, 1, 1), date(2024, 6, 1))
HEADING = "customer_id | order_id | at | amount | exclusion | other_exclusion"


def loyalty_of(*lines: str, **given: dict):
    orders = orders_of("\n".join([HEADING, *lines]))
    return measure_loyalty(drawn_shop(DAYS, orders=orders, given=given))


def test_with_a_window_first_orders_are_those_of_before_it() -> None:
    lines = [f"{n} | {n}-1 | 2024-01-05 | 1.00 | before_window |" for n in range(40)]
    lines += [f"{n} | {n}-2 | 2024-05-05 | 1.00 | |" for n in range(40)]
    found = loyalty_of(*lines, cleaning={"window_months": 2})
    assert [row.first_month for row in found.cohorts.rows] == [date(2024, 1, 1)]
    assert found.second_orders.second_order_count == 40
    assert found.is_told


def test_what_a_window_and_another_rule_left_out_stays_out() -> None:
    lines = [f"{n} | {n}-1 | 2024-01-05 | 1.00 | before_window | cancellation" for n in range(40)]
    lines += [f"{n} | {n}-2 | 2024-03-05 | 1.00 | |" for n in range(40)]
    found = loyalty_of(*lines, cleaning={"window_months": 2})
    assert [row.first_month for row in found.cohorts.rows] == [date(2024, 3, 1)]
    assert found.second_orders.one_order_count == 40


def test_of_few_customers_both_are_untold() -> None:
    found = loyalty_of(*[f"{n} | {n} | 2024-01-05 | 1.00 | |" for n in range(29)])
    assert not found.is_told
    assert [one.topic for one in untold_loyalty(found)] == [
        "Retention by first-order month",
        "The second-order clock",
    ]


def test_one_of_the_two_can_be_told_alone() -> None:
    late = loyalty_of(*[f"{n} | {n} | 2024-05-01 | 1.00 | |" for n in range(40)])
    assert [one.topic for one in untold_loyalty(late)] == ["Retention by first-order month"]
    assert late.is_told


@pytest.mark.parametrize("chance", [0.0, 1.0, 20.0])
def test_a_chance_is_a_share(chance: float) -> None:
    with pytest.raises(SettingsError, match="between 0 and 1"):
        load_settings(None, {"report": {"second_order_chance": chance}})


def test_a_build_writes_both_tables(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(200, days=400))
    result = build_files(source, tmp_path / "report")
    assert {"data/cohorts.csv", "data/second_order.csv"} <= set(result.files)
    read = (tmp_path / "report" / "data" / "cohorts.csv").read_text(encoding="utf-8-sig")
    rows = [line.split(",") for line in read.splitlines()[1:]]
    loyalty, total = result.report.loyalty, result.report.segments.total
    assert sum(int(row[1]) for row in rows if row[2] == "0") == total.customer_count
    assert sum(int(row[7]) for row in rows) == total.order_count
    assert round(sum(float(row[8]) for row in rows), 2) == float(total.revenue)
    days = (tmp_path / "report" / "data" / "second_order.csv").read_text(encoding="utf-8-sig")
    assert len(days.splitlines()) == len(loyalty.second_orders.days) + 1
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.index('id="segments"') < page.index('id="loyalty"') < page.index('id="hold"')
