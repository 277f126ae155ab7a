"""Audiences: everybody once, for a reason in plain words, and the same people left alone in all."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import random
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest
from example_loyalty import example_clock, example_loyalty
from example_movement import example_movement
from example_report import example_report
from example_worth import example_worth
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shops import build_files, customers_of, made_up_lines, orders_of, write_csv
from stages import engine_of, rows_of

from rfmreport.customers.measure import define_all_orders
from rfmreport.engine.csv_files import BYTE_ORDER_MARK, written_columns
from rfmreport.errors import OutputError
from rfmreport.folder.audiences import draw_up_audiences
from rfmreport.folder.data_files import write_sheets
from rfmreport.kit.audience_files import (
    SLIPPED_FILE,
    TURNING_COLD_FILE,
    WOULD_ORDER_FILE,
    audience_files,
)
from rfmreport.sections.decided.decisions import read_control_group
from rfmreport.settings import AudienceSettings, CleaningSettings, Settings
from rfmreport.vocabulary import CONTACTS, EXPECTED_VALUE

if TYPE_CHECKING:
    from pathlib import Path

    from ibis.expr.types import Table

    from rfmreport.engine.ask import Engine
    from rfmreport.kit.sheets import EngineSheet
    from rfmreport.pipeline import BuildResult
    from rfmreport.report import Report
    from rfmreport.sections.worth.figures import Worth

NO_ORDERS = orders_of(
    "customer_id | order_id | at | amount | other_exclusion\nx | 1 | 2011-01-01 | 1 |"
)
SEGMENTS = ("High-Value", "Loyal Customers", "Potential Loyalists", "At-Risk", "Lost")
RISK_FILE = "audiences/at-risk.csv"


def drawn_lists(
    customers: Table,
    report: Report | None = None,
    orders: Table | None = None,
    moves: Table | None = None,
    settings: Settings | None = None,
) -> tuple[Engine, tuple[EngineSheet[Report], ...]]:
    """Draw up the lists, and give them with the engine that answers them."""
    moved = {} if moves is None else {"moved_customers": moves}
    engine = engine_of(customers=customers, orders=NO_ORDERS if orders is None else orders, **moved)
    define_all_orders(engine)
    if orders is None:
        engine.run("TRUNCATE orders")
        engine.define("first_orders", "SELECT customer_id, first_order_on FROM customers")
    report = report or example_report()
    return engine, draw_up_audiences(engine, report, "customers", settings or Settings())


def checked_worth() -> Worth:
    """Return what is to come, with chances that did not fail their check."""
    worth = example_worth()
    return replace(worth, response=replace(worth.response, checked=None))


def drawn_up(customers: Table, *given: Any, **named: Any) -> dict[str, list[dict[str, Any]]]:
    """Draw up the lists and return their rows by file, as they are written."""
    engine, lists = drawn_lists(customers, *given, **named)
    return {
        f"{one.name}.csv": [
            {name.removeprefix(BYTE_ORDER_MARK): value for name, value in row.items()}
            for row in engine.rows(one.answered(written_columns(one.units)), **one.given)
        ]
        for one in lists
    }


def reasons_in(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["customer_id"]: row["reason"] for row in rows}


# --- the lists of the segments ------------------------------------------------------------------


def test_each_segment_has_a_list_most_spend_first_also_an_empty_one() -> None:
    customers = customers_of(
        """
        customer_id | segment    | recency_days | order_count | revenue
        b           | At-Risk    | 132          | 8           | 1239.50
        c           | At-Risk    | 1            | 1           | -20
        a           | At-Risk    | 90           | 2           | 1239.50
        d           | High-Value | 3            | 1200        | 9876543.21
        """
    )
    lists = drawn_up(customers)
    assert list(lists) == list(audience_files(SEGMENTS).values())
    assert [len(rows) for rows in lists.values()] == [1, 0, 0, 3, 0]
    assert reasons_in(lists[RISK_FILE]) == {
        "a": "Last order 90 days ago, 2 orders and £1,240 so far.",
        "b": "Last order 132 days ago, 8 orders and £1,240 so far.",
        "c": "Last order 1 day ago, 1 order and −£20 so far.",
    }
    assert list(reasons_in(lists[RISK_FILE])) == ["a", "b", "c"]
    (row,) = lists["audiences/high-value.csv"]
    assert row == {
        "customer_id": "d",
        "segment": "High-Value",
        "recency_days": 3,
        "order_count": 1200,
        "revenue": 9876543.21,
        "recency_score": 1,
        "frequency_score": 1,
        "monetary_score": 1,
        "reason": "Last order 3 days ago, 1,200 orders and £9,876,543 so far.",
        "group": "contacted",
    }


def test_segments_whose_names_read_alike_have_lists_of_their_own(tmp_path: Path) -> None:
    """Made safe, the first two are the same text; the next two the same file name."""
    names = ["=x", "'=x", "../Best", "best", '\u202e|,"\n']
    report = example_report()
    rows = zip(names, report.segments.rows, strict=True)
    table = replace(report.segments, rows=tuple(replace(row, name=name) for name, row in rows))
    one = customers_of("customer_id\nx").drop("customer_id", "segment")
    numbered = zip("abcde", names, strict=True)
    customers = ibis.union(
        *(
            one.mutate(customer_id=ibis.literal(letter), segment=ibis.literal(name))
            for letter, name in numbered
        )
    )
    report = replace(report, segments=table, playbook=())
    engine, lists = drawn_lists(customers, report)
    files = write_sheets(engine, report, tmp_path, lists)
    assert files == tuple(
        f"audiences/{stem}.csv" for stem in ("x", "x-2", "best", "best-2", "segment")
    )
    found = [read_csv(tmp_path / file) for file in files]
    assert [[row["customer_id"] for row in rows] for rows in found] == [[c] for c in "abcde"]
    assert found[0][0]["segment"] == "'=x"
    assert {path.parent.name for path in tmp_path.rglob("*.csv")} == {"audiences"}


def with_chances(text: str) -> Table:
    """Hold customers with chance_30_days, chance_90_days and the value of a year, or none."""
    drawn = rows_of(text)
    customers = customers_of(text)
    for name in ("chance_30_days", "chance_90_days", EXPECTED_VALUE):
        if name in drawn.columns:
            customers = customers.mutate(**{name: customers[name].cast("float64")})
    return customers


def test_most_still_to_come_is_first_but_where_the_playbook_says_most_spent() -> None:
    """A win-back list by what is still to come would begin with those who come back anyway."""
    report = replace(example_report(), worth=checked_worth())
    cards = [
        replace(card, first="revenue" if card.segment == "At-Risk" else "expected_value")
        for card in report.playbook
    ]
    customers = with_chances(
        """
        customer_id | segment    | revenue | chance_90_days | expected_value_12_months
        a           | High-Value | 10      | 0.4            | 50
        b           | High-Value | 20      | 0.4            | 40
        c           | High-Value | 30      |                |
        d           | At-Risk    | 10      | 0.4            | 50
        e           | At-Risk    | 20      | 0.4            | 40
        """
    )
    lists = drawn_up(customers, replace(report, playbook=tuple(cards)))
    assert list(reasons_in(lists["audiences/high-value.csv"])) == ["a", "b", "c"]
    assert list(reasons_in(lists[RISK_FILE])) == ["e", "d"]
    assert list(lists[RISK_FILE][0])[-4:] == ["chance_90_days", EXPECTED_VALUE, "reason", "group"]


def test_the_reason_tells_what_others_did_where_that_is_known() -> None:
    report = replace(example_report(), worth=checked_worth(), locale="de_DE", currency="EUR")
    customers = with_chances(
        """
        customer_id | segment | recency_days | order_count | revenue | chance_90_days
        a           | Lost    | 300          | 2           | 1234.56 | 0.0041
        b           | Lost    | 300          | 2           | 1000    |
        """
    )
    assert reasons_in(drawn_up(customers, report)["audiences/lost.csv"]) == {
        "a": (
            "Last order 300 days ago, 2 orders and 1.235\xa0€ so far; under 1\xa0% of customers "
            "like this order within 90 days as things were."
        ),
        "b": "Last order 300 days ago, 2 orders and 1.000\xa0€ so far.",
    }


def test_with_a_window_the_figures_are_of_the_window() -> None:
    settings = Settings(cleaning=CleaningSettings(window_months=12))
    customers = customers_of("customer_id | segment\na | Lost")
    (row,) = drawn_up(customers, settings=settings)["audiences/lost.csv"]
    assert row["reason"] == "Last order 1 day ago, 1 order and £1 in the last 12 months."


# --- the lists of the findings ------------------------------------------------------------------


def test_who_slipped_is_listed_with_where_from() -> None:
    """Down without an order since: who bought, rose, or is new did not slip."""
    customers = customers_of(
        """
        customer_id | segment         | recency_days | revenue
        a           | At-Risk         | 100          | 10
        b           | Loyal Customers | 50           | 20
        bought      | Lost            | 5            | 30
        rose        | High-Value      | 5            | 40
        new         | Lost            | 5            | 50
        """
    )
    moves = customers_of(
        """
        customer_id | segment_before  | segment         | longest_gap_days | has_slipped
        a           | Loyal Customers | At-Risk         | 60               | true
        b           | High-Value      | Loyal Customers | 30               | true
        bought      | High-Value      | Lost            | 20               | false
        new         |                 | Lost            |                  | false
        """
    ).cast({"has_slipped": "boolean", "longest_gap_days": "int64"})
    report = replace(example_report(), movement=example_movement())
    assert reasons_in(drawn_up(customers, report, moves=moves)[SLIPPED_FILE]) == {
        "b": (
            "Slipped from High-Value to Loyal Customers since 10 Nov 2011: last order 50 days ago, "
            "1 order and £20 so far; until now never silent for more than 30 days."
        ),
        "a": (
            "Slipped from Loyal Customers to At-Risk since 10 Nov 2011: last order 100 days ago, "
            "1 order and £10 so far; until now never silent for more than 60 days."
        ),
    }


TURNING = """
    customer_id | segment | recency_days | order_count | revenue | first_order_on
    cold        | Lost    | 132          | 1           | 70      | 2011-07-31
    first_day   | Lost    | 131          | 1           | 60      | 2011-08-01
    last_day    | Lost    | 101          | 1           | 80      | 2011-08-31
    twice       | Lost    | 2            | 2           | 90      | 2011-08-15
    fresh       | Lost    | 100          | 1           | 95      | 2011-09-01
"""


def clocked_report() -> Report:
    """Return a report whose clock says: first orders of 1 to 31 August go cold in a month."""
    clock = replace(example_clock(0.25), cold_after_days=130)
    return replace(example_report(), loyalty=example_loyalty(clock))


def test_one_order_customers_are_listed_in_the_month_before_they_go_cold() -> None:
    """A customer has 130 whole days after the day of the order, and is cold on the next."""
    rows = drawn_up(customers_of(TURNING), clocked_report())[TURNING_COLD_FILE]
    assert reasons_in(rows) == {
        "last_day": (
            "Only order 101 days ago, for £80; from 9 Jan 2012 the chance of a second within 90 "
            "days is below 25%."
        ),
        "first_day": (
            "Only order 131 days ago, for £60; from 10 Dec 2011 the chance of a second within 90 "
            "days is below 25%."
        ),
    }


def test_a_window_does_not_make_an_old_customer_one_of_a_single_order() -> None:
    orders = orders_of(
        """
        customer_id | order_id | at         | amount | exclusion     | other_exclusion
        first_day   | 1        | 2011-08-01 | 60     |               |
        last_day    | 2        | 2010-08-01 | 10     | before_window |
        last_day    | 3        | 2011-08-31 | 80     |               |
        """
    )
    settings = Settings(cleaning=CleaningSettings(window_months=6))
    lists = drawn_up(customers_of(TURNING), clocked_report(), orders=orders, settings=settings)
    assert list(reasons_in(lists[TURNING_COLD_FILE])) == ["first_day"]


def test_who_orders_anyway_is_listed_the_likeliest_first() -> None:
    report = replace(example_report(), worth=checked_worth())
    customers = with_chances(
        """
        customer_id | segment    | revenue | chance_30_days | chance_90_days
        a           | High-Value | 10      | 0.2            | 0.5
        b           | Lost       | 20      | 0.2            | 0.92
        c           | Lost       | 20      | 0.2            | 0.4999
        d           | Lost       | 20      |                |
        """
    )
    assert reasons_in(drawn_up(customers, report)[WOULD_ORDER_FILE]) == {
        "b": (
            "92% of customers like this order within 90 days as things were; last "
            "order 1 day ago, 1 order and £20 so far."
        ),
        "a": (
            "50% of customers like this order within 90 days as things were; last "
            "order 1 day ago, 1 order and £10 so far."
        ),
    }


def test_chances_that_failed_their_check_are_not_said() -> None:
    worth = example_worth()
    assert worth.response.has_failed
    customers = with_chances(
        """
        customer_id | segment | revenue | chance_30_days | chance_90_days
        a           | Lost    | 10      | 0.2            | 0.9
        """
    )
    report = replace(example_report(), worth=worth)
    assert reasons_in(drawn_up(customers, report)[WOULD_ORDER_FILE]) == {}


# --- contacts -----------------------------------------------------------------------------------


def test_each_contact_is_the_latest_that_is_not_empty() -> None:
    """Of two at the same time the later in the alphabet; nothing from the report's date on."""
    orders = orders_of(
        """
        customer_id | order_id | at               | amount | exclusion         | email | phone
        a           | 1        | 2011-01-01       | 1      |                   | old@x | 111
        a           | 2        | 2011-05-01 10:00 | 1      |                   | new@x |
        a           | 3        | 2011-05-01 09:00 | 1      |                   | mid@x |
        a           | C4       | 2011-06-01       | -1     | cancellation      |       | 222
        a           | 5        | 2011-07-01       | 1      | after_as_of       | far@x | 333
        b           | 6        | 2011-05-01       | 1      |                   | p@x   |
        b           | 7        | 2011-05-01       | 1      |                   | q@x   |
        c           | 8        | 2011-05-01       | 1      |                   |       |
        d           | 9        | 2911-05-01       | 1      | unreadable_date   | d@x   | 4
        e           | 10       | 2011-07-01       | 1      | unreadable_amount | e@x   | 5
                    | 11       | 2011-05-01       | 1      | missing_customer  | f@x   | 6
        """
    )
    customers = customers_of("customer_id | segment\n" + "\n".join(f"{c} | Lost" for c in "abcde"))
    report = replace(example_report(), last_day=date(2011, 6, 30), as_of=date(2011, 7, 1))
    found = drawn_up(customers, report, orders=orders)["audiences/lost.csv"]
    assert {row["customer_id"]: (row["email"], row["phone"]) for row in found} == {
        "a": ("new@x", "222"),
        "b": ("q@x", None),
        **dict.fromkeys("cde", (None, None)),
    }


def test_contacts_stand_behind_the_id_and_are_safe_but_telephone_numbers_stay() -> None:
    orders = orders_of(
        """
        customer_id | order_id | at         | amount | email | phone            | contact_name
        =a          | 1        | 2011-01-01 | 1      | @a    | +44 20 7946 0000 | -Anna
        b           | 2        | 2011-01-01 | 1      |       | +1+cmd           | Bo, "B"
        """
    )
    customers = customers_of("customer_id | segment | revenue\n=a | Lost | 2\nb | Lost | 1")
    first, second = drawn_up(customers, orders=orders)["audiences/lost.csv"]
    assert list(first.items())[:4] == [
        ("customer_id", "'=a"), ("email", "'@a"), ("phone", "+44 20 7946 0000"),
        ("contact_name", "'-Anna"),
    ]  # fmt: skip
    assert [second[name] for name in CONTACTS] == [None, "'+1+cmd", 'Bo, "B"']


# --- the control group --------------------------------------------------------------------------


def groups_of(ids: list[str], holdout: float, seed: int = 1) -> dict[str, str]:
    table = customers_of("segment\n" + "Lost\n" * len(ids)).drop("customer_id").to_pyarrow()
    customers = ibis.memtable(table.append_column("customer_id", pa.array(ids, pa.string())))
    settings = Settings(audiences=AudienceSettings(holdout, seed))
    engine, _ = drawn_lists(customers, settings=settings)
    rows = engine.rows('SELECT customer_id, "group" FROM audiences')
    return {row["customer_id"]: row["group"] for row in rows}


def held_out(ids: list[str], holdout: float, seed: int = 1) -> set[str]:
    groups = groups_of(ids, holdout, seed)
    return {name for name, group in groups.items() if group == "control"}


IDS = [f"c{number}" for number in range(4000)]


def test_the_control_group_is_what_the_documentation_says() -> None:
    ids = ["17850", "0012", "Müller 顧客", "=1+1", "o'neil"]
    for name, group in groups_of(ids, 0.5, seed=7).items():
        digest = hashlib.sha256(f"7:{name}".encode()).hexdigest()
        assert group == ("control" if int(digest[:8], 16) < 0.5 * 16**8 else "contacted")


@given(holdout=st.floats(0.01, 0.99), seed=st.integers(1, 10**9))
@examples(max_examples=20)
def test_so_many_are_held_out_as_chance_allows(holdout: float, seed: int) -> None:
    """Five standard deviations of a binomial count: one draw in two million lies outside."""
    expected = holdout * len(IDS)
    deviation = math.sqrt(expected * (1 - holdout))
    assert abs(len(held_out(IDS, holdout, seed)) - expected) <= 5 * deviation


def test_a_larger_share_adds_to_a_smaller_and_another_seed_draws_anew() -> None:
    tenth, fifth, other = held_out(IDS, 0.1), held_out(IDS, 0.2), held_out(IDS, 0.1, seed=2)
    assert tenth < fifth
    # Two draws of a tenth have a hundredth of all in common.
    assert len(tenth & other) < 0.02 * len(IDS)


def test_nobody_is_held_out_unless_asked() -> None:
    assert held_out(IDS, 0) == set()


# --- as written ---------------------------------------------------------------------------------

ids = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@given(
    customers=st.dictionaries(
        ids.map(str.strip).filter(lambda name: name and not name.startswith("'")),
        st.sampled_from(SEGMENTS),
        min_size=1,
        max_size=30,
    ),
    holdout=st.sampled_from([0.0, 0.1, 0.5]),
)
@examples(max_examples=10)
def test_every_customer_is_on_one_list_which_is_read_as_a_control_group(
    customers: dict[str, str], holdout: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    table = customers_of("revenue\n" + "1\n" * len(customers)).drop("customer_id", "segment")
    table = ibis.memtable(
        [
            {**row, "customer_id": name, "segment": segment}
            for row, (name, segment) in zip(
                table.to_pyarrow().to_pylist(), customers.items(), strict=True
            )
        ],
        schema={**table.schema(), "customer_id": "string", "segment": "string"},
    )
    settings = Settings(audiences=AudienceSettings(holdout))
    engine, lists = drawn_lists(table, settings=settings)
    files = write_sheets(engine, example_report(), folder, lists)
    found: Counter[tuple[str, str]] = Counter()
    expected = held_out(list(customers), holdout)
    for segment, file in audience_files(SEGMENTS).items():
        assert file in files
        if segment not in customers.values():
            continue
        group = read_control_group(folder / file)
        found.update((name, segment) for name in (*group.reached, *group.held_out))
        assert set(group.held_out) <= expected
        assert not set(group.reached) & expected
    assert found == Counter(customers.items())


@dataclass(frozen=True)
class Built:
    """A shop that was built with contacts and a control group."""

    result: BuildResult
    folder: Path
    lines: list[str]

    def rows(self, file: str) -> list[dict[str, str]]:
        return read_csv(self.folder / "report" / file)


HEADING = "customer,order,date,amount,Mail,Tel,Who"
GIVEN = {
    "columns": {"email": "Mail", "phone": "Tel", "contact_name": "Who"},
    "audiences": {"holdout": 0.5, "seed": 5},
}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def arriving_lines(customer_count: int) -> list[str]:
    """Return lines of a shop whose customers come all the time, and mostly leave."""
    chance = random.Random(5)  # noqa: S311  a reproducible example, no secret
    lines = []
    for customer in range(customer_count):
        leaving, day = chance.betavariate(0.8, 1.5), chance.uniform(0, 500)
        while day < 540:
            amount = round(chance.lognormvariate(3.5, 0.5), 2)
            lines.append((date(2023, 1, 1) + timedelta(days=int(day)), f"c{customer:03}", amount))
            if chance.random() < leaving:
                break
            day += chance.expovariate(1 / 35)
    lines.sort()
    return [f"{name},o{i:05},{day},{amount}" for i, (day, name, amount) in enumerate(lines)]


def with_contacts(lines: list[str]) -> list[str]:
    """Add contacts that can be found again in any file, and one of somebody with a hostile id."""
    named = []
    for line in lines:
        customer = line.partition(",")[0]
        named.append(f"{line},mail-{customer}@secret.example,+999 {customer[1:]},Ms Secret")
    hostile = [f"=1+1,h{n},2024-0{n}-03,{n}0,=mail@secret.example,,Secret" for n in (1, 2)]
    return [*named, *hostile]


def build_lists(source: Path, folder: Path, **given: Any) -> BuildResult:
    """Build all but the pages, which costs seconds and tells nothing of the lists."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("rfmreport.pages.order.Pages.write", lambda *_: None)
        return build_files(source, folder, **given)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the report of a small shop once; tests only read it."""
    folder = tmp_path_factory.mktemp("built")
    lines = with_contacts(arriving_lines(300))
    source = write_csv(folder / "orders.csv", lines, HEADING)
    return Built(build_files(source, folder / "report", parquet=True, **GIVEN), folder, lines)


def segment_files(result: BuildResult) -> dict[str, str]:
    return dict(audience_files(row.name for row in result.report.segments.rows))


def test_the_segments_lists_are_the_customers_of_the_report(built: Built) -> None:
    customers = {row["customer_id"]: row for row in built.rows("data/customers.csv")}
    files = segment_files(built.result)
    listed = [(segment, row) for segment, file in files.items() for row in built.rows(file)]
    assert sorted(row["customer_id"] for _, row in listed) == sorted(customers)
    for segment, row in listed:
        customer = customers[row["customer_id"]]
        assert segment == row["segment"] == customer["segment"]
        for name in set(row) & set(customer):
            assert row[name] == customer[name], name
    for row in built.result.report.segments.rows:
        revenue = sum(Decimal(r["revenue"]) for s, r in listed if s == row.name)
        assert revenue == row.revenue


def test_the_heading_has_contacts_chances_value_reason_and_group(built: Built) -> None:
    content = (built.folder / "report" / RISK_FILE).read_bytes()
    assert content.splitlines()[0] == (
        b"\xef\xbb\xbfcustomer_id,email,phone,contact_name,segment,recency_days,order_count,revenue,"
        b"recency_score,frequency_score,monetary_score,chance_30_days,chance_90_days,"
        b"expected_value_12_months,reason,group"
    )


def test_a_customer_is_in_the_same_group_on_every_list(built: Built) -> None:
    files = [name for name in built.result.files if name.startswith("audiences/")]
    findings = {SLIPPED_FILE, TURNING_COLD_FILE, WOULD_ORDER_FILE}
    assert set(files) == findings | set(segment_files(built.result).values())
    groups: dict[str, set[str]] = {}
    for row in (row for file in files for row in built.rows(file)):
        groups.setdefault(row["customer_id"], set()).add(row["group"])
    assert Counter(map(len, groups.values())) == {1: len(groups)}
    assert {"contacted", "control"} == set.union(*groups.values())


def test_the_lists_of_findings_hold_as_many_as_the_report_says(built: Built) -> None:
    report = built.result.report
    assert len(built.rows(SLIPPED_FILE)) == report.movement.slipped_count > 0
    turning = report.loyalty.second_orders.turning
    rows = built.rows(TURNING_COLD_FILE)
    assert len(rows) == turning.customer_count > 0
    assert sum(Decimal(row["revenue"]) for row in rows) == turning.revenue


def test_every_recommendation_names_a_list_that_is_there(built: Built) -> None:
    counts = {row.name: row.customer_count for row in built.result.report.segments.rows}
    advised = built.result.report.recommendations
    assert advised
    for advice in advised:
        rows = built.rows(advice.file)
        assert {row["segment"] for row in rows} == {advice.segment}
        assert len(rows) == counts[advice.segment]


def test_the_lists_are_in_the_manifest_and_linked_from_the_page(built: Built) -> None:
    manifest = json.loads((built.folder / "report/manifest.json").read_text(encoding="utf-8"))
    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    page = (built.folder / "report/report.html").read_text(encoding="utf-8")
    for file in (SLIPPED_FILE, *segment_files(built.result).values()):
        content = (built.folder / "report" / file).read_bytes()
        assert listed[file] == hashlib.sha256(content).hexdigest()
        assert f'href="./{file}"' in page


def test_contacts_are_in_the_lists_and_nowhere_else(built: Built) -> None:
    for name in built.result.files:
        content = (built.folder / "report" / name).read_bytes().lower()
        if name.startswith("audiences/"):
            assert b"ms secret" in content
        else:
            assert [word for word in (b"secret", b"+999") if word in content] == [], name
    assert "secret" not in repr(built.result).lower()


def test_an_id_and_a_contact_that_would_run_are_made_safe(built: Built) -> None:
    files = segment_files(built.result).values()
    rows = [row for file in files for row in built.rows(file)]
    (hostile,) = (row for row in rows if row["customer_id"] == "'=1+1")
    assert (hostile["email"], hostile["phone"]) == ("'=mail@secret.example", "")
    assert {row["phone"][:4] for row in rows} == {"+999", ""}


def test_the_order_of_the_lines_is_nothing_to_the_lists(built: Built, tmp_path: Path) -> None:
    shuffled = random.Random(3).sample(built.lines, len(built.lines))  # noqa: S311  an example
    source = write_csv(tmp_path / "orders.csv", shuffled, HEADING)
    again = build_lists(source, tmp_path / "report", **GIVEN)
    files = [name for name in again.files if name.startswith("audiences/")]
    assert files
    for name in files:
        before = (built.folder / "report" / name).read_bytes()
        assert (tmp_path / "report" / name).read_bytes() == before


DECISION = """
[[decision]]
segment = "Lost"
action = "Win-back mail"
owner = "CRM"
since = 2024-05-01
control_group = "{file}"
"""


def test_a_list_tells_the_next_report_what_a_campaign_did(built: Built, tmp_path: Path) -> None:
    """Drawn up as of 1 May; told in June, when who has ordered since can be counted by hand."""
    same_cuts = {"scoring": {"cuts_file": str(tmp_path / "cuts.toml")}}
    source = built.folder / "orders.csv"
    dated = {"cleaning": {"as_of": "2024-05-01"}, "report": {"compare": False}}
    build_lists(source, tmp_path / "may", **GIVEN, **dated, **same_cuts)
    file = tmp_path / "may/audiences/lost.csv"
    decisions = tmp_path / "decisions.toml"
    decisions.write_text(DECISION.format(file="may/audiences/lost.csv"), encoding="utf-8")
    told = {"compare": False, "decisions": str(decisions)}
    (decided,) = build_lists(source, tmp_path / "june", report=told, **same_cuts).report.decisions
    lines = (line.split(",") for line in built.lines)
    ordered = {customer for customer, _, day, *_ in lines if day >= "2024-05-01"}
    group = read_control_group(file)
    assert decided.note == ""
    assert decided.customer_count == len(group.reached) + len(group.held_out)
    for share, members in (
        (decided.lift.reached, group.reached),
        (decided.lift.control, group.held_out),
    ):
        assert share.customer_count == len(members)
        assert share.value == len(ordered & set(members)) / len(members)


def test_a_list_that_decisions_name_is_not_replaced(built: Built, tmp_path: Path) -> None:
    shutil.copytree(built.folder / "report", tmp_path / "report")
    file = tmp_path / "report/audiences/lost.csv"
    before = file.read_bytes()
    decisions = tmp_path / "decisions.toml"
    decisions.write_text(DECISION.format(file="report/audiences/lost.csv"), encoding="utf-8")
    told = {"compare": False, "decisions": str(decisions)}
    with pytest.raises(OutputError, match=r"lost\.csv: would be overwritten .* copy it elsewhere"):
        build_lists(built.folder / "orders.csv", tmp_path / "report", report=told)
    assert file.read_bytes() == before


def test_copies_of_lines_in_two_files_are_copies_though_a_contact_changed(tmp_path: Path) -> None:
    """March's export has the old telephone number, April's the new one: sales count once."""
    lines, heading = made_up_lines(40, days=300), "customer,order,date,amount,Tel"
    write_csv(tmp_path / "march.csv", [f"{line},111" for line in lines], heading)
    write_csv(tmp_path / "april.csv", [f"{line},222" for line in lines], heading)
    folder = tmp_path / "report"
    given = {"columns": {"phone": "Tel"}, "report": {"compare": False}}
    result = build_lists(tmp_path / "*.csv", folder, **given)
    excluded = {row.exclusion: row.line_count for row in result.report.audit.excluded}
    assert excluded == {"repeated": len(lines)}
    rows = [row for file in segment_files(result).values() for row in read_csv(folder / file)]
    assert {row["phone"] for row in rows} == {"222"}
    assert {row["group"] for row in rows} == {"contacted"}
    assert len(rows) == 40
