"""Saved cuts: what makes them comparable, and the words for what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rfmreport.customers.saved_cuts import SavedCuts, basis_of, why_not
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.customers.segments import load_scheme
from rfmreport.settings import load_settings
from rfmreport.source.roles import ColumnMap

COLUMNS = ColumnMap(
    customer="CustomerID", date="InvoiceDate", order="InvoiceNo", quantity="Quantity",
    unit_price="UnitPrice", product="StockCode", country="Country",
)  # fmt: skip
FIVE, SIX = load_scheme("five"), load_scheme("six")


def basis(columns=COLUMNS, scheme=FIVE, **given) -> dict[str, str]:
    return basis_of(load_settings(None, given), columns, scheme)


def saved(words: dict[str, str]) -> SavedCuts:
    measures = tuple(
        MeasureCuts(measure, (Decimal(1), Decimal(2), Decimal(3), Decimal(6)), "right")
        for measure in ("recency_days", "order_count", "revenue")
    )
    return SavedCuts(Cuts("quantile", 5, measures), date(2011, 11, 1), 100, {}, "five", words)


def test_the_same_settings_have_the_same_basis_whatever_the_date_and_the_files():
    other = basis(
        source={"paths": ["november.csv"]},
        cleaning={"month": "2011-11"},
        report={"locale": "de_DE", "page_size": "Letter", "horizon_days": 30},
        scoring={"scheme": "eleven", "cuts_file": "cuts.toml", "refit": True},
    )
    assert other == basis(cleaning={"as_of": "2011-11-01"})
    assert why_not(saved(other), basis()) is None
    assert saved(other).basis == saved(dict(reversed(basis().items()))).basis


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (basis(cleaning={"net_returns": True}), "net_returns off, this report has it on"),
        (basis(cleaning={"window_months": 12}), "window_months none, this report has 12"),
        (
            basis(replace(COLUMNS, customer="Client ID")),
            "customer column CustomerID, this report has Client ID",
        ),
        (
            basis(replace(COLUMNS, amount="Total")),
            "amount column Quantity × UnitPrice, this report has Total",
        ),
        (basis(scheme=SIX), "bins 5, this report has 3"),
        (
            basis(cleaning={"non_product_codes": ["POST", "FEE"]}),
            "other non_product_codes than this report (it adds FEE; it lacks DOT, C2, D, M, …)",
        ),
    ],
)
def test_the_first_difference_is_named(now, told):
    clause = why_not(saved(basis()), now)
    assert clause is not None
    assert clause.startswith("the saved cuts were made with ")
    assert clause.endswith(told)
    assert saved(now).basis != saved(basis()).basis


def test_own_cuts_of_the_scheme_count_and_the_name_of_the_scheme_does_not():
    assert basis(scheme=SIX)["scoring.own_cuts"] == "recency_days: 180, 365"
    assert basis(scheme=load_scheme("eleven")) == basis(scheme=FIVE)


def test_shop_and_currency_are_only_compared_where_both_say_one():
    named = basis(report={"shop": "North", "currency": "GBP"})
    assert why_not(saved(named), basis()) is None
    assert why_not(saved(basis()), named) is None
    other = why_not(saved(named), basis(report={"shop": "South"}))
    assert other == "the saved cuts were made with shop North, this report has South"
    assert "currency GBP, this report has EUR" in (
        why_not(saved(named), basis(report={"currency": "EUR"})) or ""
    )


def test_a_part_that_older_cuts_do_not_know_was_at_its_default():
    older = {name: words for name, words in basis().items() if name != "cleaning.net_returns"}
    assert why_not(saved(older), basis()) is None
    assert "net_returns" in (why_not(saved(older), basis(cleaning={"net_returns": True})) or "")


def test_a_part_that_this_version_does_not_know_speaks_against_the_cuts():
    assert why_not(saved(basis() | {"cleaning.magic": "7"}), basis()) is not None
