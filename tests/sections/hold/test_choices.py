"""Choices: what every customer's measures are under each of them, counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from shops import customers_of, orders_of
from stages import engine_of

from rfmreport.sections.hold.measure import chosen_sql, list_choices, measure_choices
from rfmreport.settings import CleaningSettings

AS_OF = date(2025, 1, 11)
# ann's first order is older than 12 months; her second one has a fee, and part of it came back.
# bob bought nothing but freight beside his order; two orders name no customer.
ORDERS = """
customer_id | order_id | at               | amount  | exclusion        | other_exclusion | fee_code | line_count
ann         | 1        | 2023-12-01 10:00 | 100.10  |                  |                 |          | 3
ann         | 2        | 2025-01-01 10:00 | 50.05   |                  |                 |          | 2
ann         | 2        | 2025-01-01 10:00 | 4.95    | non_product      |                 | POST     | 1
ann         | C2       | 2025-01-05 10:00 | -20.02  | cancellation     |                 |          | 1
ann         | C3       | 2025-01-05 10:00 | -4.95   | cancellation     |                 | POST     | 1
bob         | 4        | 2025-01-08 10:00 | 10      |                  |                 |          | 1
bob         | 5        | 2025-01-10 10:00 | 2.5     | non_product      |                 | POST     | 1
bob         | 5        | 2025-01-10 10:00 | 1.5     | non_product      |                 | DOT      | 1
cid         | C6       | 2025-01-05 10:00 | -7      | cancellation     |                 |          | 1
            | 7        | 2025-01-09 10:00 | 30      | missing_customer |                 |          | 4
            | C8       | 2025-01-09 10:00 | -30     | missing_customer | cancellation    |          | 1
            |          | 2025-01-09 10:00 | 5       | missing_customer |                 |          | 1
"""  # noqa: E501
REPORT = {"ann": (10, 2, "150.15"), "bob": (3, 1, "10")}


def measured(
    drawn: str, cleaning: CleaningSettings | None = None, now: str = "customer_id\nann\nbob"
) -> dict[str, dict[str, tuple[int, int, Decimal]]]:
    """Return by choice and customer: recency in days, orders, revenue."""
    cleaning = cleaning or CleaningSettings()
    choices = list_choices(cleaning)
    orders = orders_of(drawn).cast({"line_count": "int64"})
    engine = engine_of(orders=orders, customers=customers_of(now))
    measure_choices(engine, AS_OF, cleaning)
    return {
        choice.key: {
            row["customer_id"]: (row["recency_days"], row["order_count"], row["revenue"])
            for row in engine.rows(chosen_sql(choice, AS_OF))
        }
        for choice in choices
    }


def as_measured(people: dict[str, tuple[int, int, str]]) -> dict[str, tuple[int, int, Decimal]]:
    return {name: (days, count, Decimal(money)) for name, (days, count, money) in people.items()}


def test_each_choice_changes_what_it_is_about_and_nothing_else() -> None:
    found = measured(ORDERS)
    assert found["report"] == found["window_24"] == as_measured(REPORT)
    assert found["returns"] == as_measured(REPORT | {"ann": (10, 2, "130.13")})
    assert found["window_12"] == as_measured(REPORT | {"ann": (10, 1, "50.05")})
    assert found["lines"] == as_measured(REPORT | {"ann": (10, 5, "150.15")})


def test_an_order_without_a_customer_is_one_unless_it_would_be_left_out_anyway() -> None:
    assert measured(ORDERS)["guests"] == as_measured(REPORT | {"7": (2, 1, "30")})


def test_fees_of_an_order_are_no_order_of_their_own() -> None:
    fees = {"ann": (10, 2, "155.10"), "bob": (1, 2, "14")}
    assert measured(ORDERS)["fees"] == as_measured(fees)


def test_where_the_report_subtracts_returns_so_do_the_others() -> None:
    """The cancelled fee is subtracted only where fees are sales."""
    kept = ORDERS.replace("-20.02  | cancellation", "-20.02  |             ")
    lines = kept.replace("line_count", "line_count | is_return").splitlines()
    kept = "\n".join(f"{line} | {'yes' if '-20.02' in line else 'no'}" for line in lines[2:])
    found = measured(f"{lines[1]}\n{kept}", CleaningSettings(net_returns=True))
    netted = REPORT | {"ann": (10, 2, "130.13")}
    assert found["report"] == as_measured(netted)
    assert found["returns"] == as_measured(REPORT)
    assert found["window_12"] == as_measured(netted | {"ann": (10, 1, "30.03")})
    assert found["fees"] == as_measured({"ann": (10, 2, "130.13"), "bob": (1, 2, "14")})


def test_what_the_reports_window_hides_is_part_of_longer_ones() -> None:
    hidden = ORDERS.replace("100.10  |             ", "100.10  | before_window")
    found = measured(hidden, CleaningSettings(window_months=6))
    assert found["report"] == as_measured(REPORT | {"ann": (10, 1, "50.05")})
    assert found["window_12"] == found["report"]
    assert found["window_24"] == found["all"] == as_measured(REPORT)
    gone = hidden.replace("before_window     |             ", "before_window     | cancellation")
    assert measured(gone, CleaningSettings(window_months=6))["all"] == found["report"]


def test_one_in_a_hundred_is_large_and_ties_are_broken_by_name() -> None:
    lines = [f"c{i:03} | {i} | 2025-01-01 | {50 if i < 5 else 1} | | | | 1" for i in range(200)]
    people = [f"c{i:03} | {50 if i < 5 else 1}" for i in range(200)]
    found = measured(
        "\n".join([ORDERS.splitlines()[1], *lines]), now="\n".join(["customer_id|revenue", *people])
    )
    assert sorted(found["report"].keys() - found["wholesalers"].keys()) == ["c000", "c001"]


def test_choices_are_named_from_the_reports_point_of_view() -> None:
    plain = {choice.key: choice.words for choice in list_choices(CleaningSettings())}
    assert plain["returns"] == "Returns subtracted"
    assert "all" not in plain
    other = CleaningSettings(net_returns=True, window_months=12)
    words = {choice.key: choice.words for choice in list_choices(other)}
    assert words["returns"] == "Returns not subtracted"
    assert words["all"] == "All of the data, without a window"
    assert "window_12" not in words
