"""Tables with one row per customer: scored as they stand, known as such, never taken for orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from stages import cleaned, rows_of

from rfmreport.customers.measure import MEASURED, take_customers
from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.formats import Formats
from rfmreport.pipeline import build_report
from rfmreport.sections.summary.page import supposed
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEVEL = {"customer_level": True}
CUSTOMERS = """
    customer_id | revenue | most_recent_visit | number_of_orders | recency_days
    22086       | 777     | 2006-05-14        | 9                | 232
    2290        | 1555.50 | 2006-09-08        | 16               | 115
    26377       | 336     | 2006-11-19        | 5                | 43
    24650       | 0       | 2006-10-29        | 12               | 64
    12883       | 1229    | 2006-12-09        |                  | 23
    2119        | 929     | 2006-10-21        | 11               | 72
"""
CHANNELS = """
    master_id | last_order_date | order_num_online | order_num_shop | value_shop | value_online
    cc-1      | 2021-02-26      | 4.0              | 1.0            | 139.99     | 799.38
    f4-2      | 2021-02-16      | 19.0             |                |            | 1853.58
    69-3      | 2020-11-27      | 3.0              | 2.0            | 186.37     | 223.35
    15-4      | 2021-01-17      | 1.0              | 1.0            | 135.96     | 121.97
    b1-5      | 2021-03-13      | 1.0              | 3.0            | 104.99     | 209.98
"""
SUMS = {
    "order_count": "order_num_online + order_num_shop",
    "amount": "value_shop + value_online",
}


def written(text: str, folder: Path) -> Path:
    path = folder / "customers.csv"
    rows_of(text).to_csv(path, index=False)
    return path


def customers_in(
    path: Path, columns: Mapping[str, str] | None = None, **given: object
) -> dict[str, tuple[int, int, Decimal]]:
    """Return what is taken of each customer: days, orders, money."""
    with cleaned(path, source=LEVEL, columns=columns or {}, cleaning=given) as clean:
        assert clean.as_of
        assert clean.audit.read.amount == clean.audit.kept.amount
        engine = Engine(clean.orders.get_backend().con)
        take_customers(engine, clean.as_of)
        rows = engine.rows(f"SELECT * FROM {MEASURED}")
    return {r["customer_id"]: (r["recency_days"], r["order_count"], r["revenue"]) for r in rows}


def test_what_stands_in_a_row_is_taken_as_it_is(tmp_path):
    assert customers_in(written(CUSTOMERS.replace("|                  |", "| 1 |"), tmp_path)) == {
        "22086": (232, 9, 777),
        "2290": (115, 16, Decimal("1555.5")),
        "26377": (43, 5, 336),
        "12883": (23, 1, 1229),
        "2119": (72, 11, 929),
    }


def test_every_row_has_its_place_in_the_bridge_with_the_orders_that_it_counts(tmp_path):
    with cleaned(written(CUSTOMERS, tmp_path), source=LEVEL) as clean:
        told = {
            row.label: (row.line_count, row.order_count, row.amount) for row in clean.audit.told
        }
        kept, read = clean.audit.kept, clean.audit.read
    assert told == {"Nothing spent": (1, 12, 0), "No whole number of orders": (1, 0, 1229)}
    assert (kept.line_count, kept.order_count) == (4, 41)
    assert (read.line_count, read.order_count) == (6, 53)


def test_columns_of_a_sum_are_added_up_and_an_empty_one_adds_nothing(tmp_path):
    found = customers_in(written(CHANNELS, tmp_path), SUMS)
    assert found["cc-1"] == (16, 5, Decimal("939.37"))
    assert found["f4-2"] == (26, 19, Decimal("1853.58"))


def test_days_without_a_date_are_counted_to_the_day_that_is_said(tmp_path):
    days = CUSTOMERS.replace("most_recent_visit", "joined").replace("recency_days", "Recency")
    path = written(days.replace("|                  |", "| 1 |"), tmp_path)
    with pytest.raises(InputError, match=r"'Recency' counts days, .* --as-of 2024-01-31"):
        customers_in(path)
    with cleaned(path, source=LEVEL, cleaning={"as_of": "2007-01-01"}) as clean:
        assert (str(clean.coverage.first_day), clean.audit.kept.line_count) == ("2006-05-14", 5)


def test_days_and_dates_that_disagree_are_refused(tmp_path):
    path = written(CUSTOMERS.replace("| 232", "| 300"), tmp_path)
    with pytest.raises(InputError, match=r"2007-01-01 in 5 rows, 2007-03-10 in 1 rows.*--as-of"):
        customers_in(path)


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        (CHANNELS, {}, r"number of orders.* spent .*--map order_count=HEADING"),
        (
            CHANNELS.replace("order_num_", "order_num_total_ever_").replace("shop", "offline"),
            {"amount": SUMS["amount"].replace("shop", "offline")},
            r"--map order_count='order_num_total_ever_online \+ order_num_total_ever_offline'",
        ),
        (CUSTOMERS.replace("2290  ", "22086 "), {}, r"1 customers .* stand on several rows"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_way_out(tmp_path, text, columns, told):
    with pytest.raises(InputError, match=told):
        customers_in(written(text, tmp_path), columns)


def test_such_a_table_is_never_taken_for_one_of_orders(tmp_path):
    path = written(CUSTOMERS, tmp_path)
    with pytest.raises(InputError, match=r"one row per customer: number_of_orders .*--customer-l"):
        build_report(load_settings(None, {"source": {"paths": [str(path)]}}))
    with pytest.raises(SettingsError, match="only a table with one row per customer"):
        build_report(
            load_settings(
                None,
                {
                    "source": {"paths": [str(path)]},
                    "columns": {"order": "customer_id", "order_count": "number_of_orders"},
                },
            )
        )


@pytest.mark.parametrize(
    "asked", [{"cleaning": {"month": "last"}}, {"report": {"departments": ["all"]}}]
)
def test_what_needs_orders_is_refused(tmp_path, asked):
    path = written(CUSTOMERS.replace("|                  |", "| 1 |"), tmp_path)
    with pytest.raises(SettingsError, match="need"):
        build_report(load_settings(None, {"source": {"paths": [str(path)], **LEVEL}, **asked}))


def test_the_report_tells_what_it_can_and_names_what_it_cannot(tmp_path):
    path = written(CUSTOMERS.replace("|                  |", "| 1 |"), tmp_path)
    report = build_report(load_settings(None, {"source": {"paths": [str(path)], **LEVEL}}))
    assert (report.segments.total.customer_count, report.segments.total.order_count) == (5, 42)
    assert report.concentration
    assert not report.months
    assert [one.topic for one in report.untold][:3] == [
        "What moved",
        "What they will be worth",
        "Do these segments hold?",
    ]
    assert "customer_level" in {finding.key for finding in report.notices}
    assert supposed(report, Formats("en_GB", None)).startswith("No range: the orders tell")
    assert {kpi.period for kpi in report.kpis} == {"As of 1 Jan 2007"}
