"""Currencies: found in a column or within amounts; several are not added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stages import cleaned

from rfmreport.errors import InputError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def shop(folder: Path, rows: str, heading: str = "customer,date,amount,Order Currency") -> Path:
    """Write a file of `amount,currency` rows; of an amount alone without a comma."""
    lines = [f"C{n},2024-01-{n % 28 + 1:02},{row}" for n, row in enumerate(rows.split())]
    path = folder / "shop.csv"
    path.write_text("\n".join([heading, *lines, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "heading", ["Currency", "Order Currency", "Währung", "presentment_currency", "Devise", "Cur."]
)
def test_a_column_with_one_currency_names_that_of_the_report(tmp_path: Path, heading: str):
    path = shop(tmp_path, "10,EUR 20,EUR 5,", f"customer,date,amount,{heading}")
    with cleaned(path) as clean:
        assert clean.value_formats.currency.iso_code == "EUR"
        decision = next(one for one in clean.decisions if one.about == "currency")
        assert decision.option == "--currency EUR"
        assert clean.audit.kept.amount == 35


@pytest.mark.parametrize(
    ("amounts", "code"),
    [("€10 €20.50", "EUR"), ("10_USD 5", "USD"), ("$10 $5", None), ("1 2", None)],
)
def test_signs_within_amounts_name_it_too(tmp_path: Path, amounts: str, code: str | None):
    path = shop(tmp_path, amounts, "customer,date,amount")
    path.write_text(path.read_text().replace("_", " "))
    with cleaned(path) as clean:
        assert clean.value_formats.currency.iso_code == code


MIXED = "10,EUR 20,EUR 3,eur 1,USD 4500,JPY 5,"


def test_several_are_refused_with_the_way_out(tmp_path: Path):
    with pytest.raises(InputError) as caught, cleaned(shop(tmp_path, MIXED)):
        pass
    assert str(caught.value) == (
        "column 'Order Currency' names 3 currencies (EUR 3, JPY 1, USD 1), which cannot be added "
        "up; say which counts: --currency-column 'Order Currency' --only EUR"
    )


def test_only_one_counts_and_the_others_are_a_row_of_the_bridge(tmp_path: Path):
    with cleaned(shop(tmp_path, MIXED), source={"only_currency": "EUR"}) as clean:
        assert (clean.audit.kept.line_count, clean.audit.kept.amount) == (3, 33)
        (row,) = clean.audit.excluded
        assert (row.exclusion, row.line_count, row.amount) == ("other_currency", 3, 0)
        assert clean.audit.read.amount == 33


def test_a_second_currency_below_the_first_rows_is_found_too(tmp_path: Path):
    path = shop(tmp_path, "10,EUR " * 2_400 + "1,USD")
    with pytest.raises(InputError, match="EUR 2,400, USD 1"), cleaned(path):
        pass


def test_several_within_amounts_are_told_apart(tmp_path: Path):
    path = shop(tmp_path, "€10 £5 €20 A$7 $8", "customer,date,amount")
    said = r"4 currencies .* say which counts: --only EUR$"
    with pytest.raises(InputError, match=said), cleaned(path):
        pass
    with cleaned(path, source={"only_currency": "AUD"}) as clean:
        assert clean.audit.kept.amount == 7


def test_of_two_columns_the_one_named_like_the_amount_counts(tmp_path: Path):
    heading = "customer,date,Currency,Converted Amount,Converted Currency"
    with cleaned(
        shop(tmp_path, "USD,10,EUR GBP,20,EUR", heading), columns={"amount": "Converted Amount"}
    ) as clean:
        assert clean.value_formats.currency.iso_code == "EUR"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"only_currency": "CHF"}, "--only CHF: not in column 'Order Currency'; it names EUR, JPY"),
        ({"currency_column": "Curr"}, "--currency-column 'Curr': no such heading; they are cust"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(tmp_path: Path, said: dict[str, str], message: str):
    with pytest.raises(SettingsError) as caught, cleaned(shop(tmp_path, MIXED), source=said):
        pass
    assert str(caught.value).startswith(message)
