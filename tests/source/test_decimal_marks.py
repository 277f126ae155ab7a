"""The decimal mark of a column: found in its values, in those beside it, or asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from stages import cleaned

from rfmreport.errors import InputError
from rfmreport.source.formats.decimal_marks import look_like_numbers

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.source.evidence import Decision
    from rfmreport.source.orders import CleanOrders


def written(folder: Path, *amounts: str, name: str = "shop.csv", **beside: str) -> Path:
    """Write a file of one order per amount; `beside` are columns of one value."""
    heading = ";".join(["customer", "date", "amount", *beside])
    rows = [";".join([f"C{n}", "2024-01-03", a, *beside.values()]) for n, a in enumerate(amounts)]
    path = folder / name
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return path


def of_marks(clean: CleanOrders) -> list[Decision]:
    """Return what was decided on decimal marks."""
    return [one for one in clean.decisions if one.about.startswith("decimal mark")]


def test_one_odd_value_is_read_by_its_own_shape_and_said(tmp_path: Path):
    with cleaned(written(tmp_path, *["45.00"] * 9, "31,00")) as clean:
        assert clean.audit.kept.amount == 436
        (decision,) = of_marks(clean)
        assert (decision.about, decision.decided) == ("decimal mark of 'amount'", "point")
        assert decision.evidence == "9 of 10 values such as 45.00"
        (finding,) = (one for one in clean.findings if one.key == "decimal_marks")
        assert finding.line_count == 1


def test_an_odd_value_below_the_first_rows_is_found_too(tmp_path: Path):
    with cleaned(written(tmp_path, *["45.00"] * 2_500, "31,00")) as clean:
        assert clean.audit.kept.amount == 2_500 * 45 + 31
        assert of_marks(clean)[0].evidence == "2,500 of 2,501 values such as 45.00"


def test_plain_numbers_are_decided_by_the_first_rows(tmp_path: Path):
    with cleaned(written(tmp_path, *["45.00"] * 2_500)) as clean:
        assert clean.value_formats.presumed
        assert of_marks(clean)[0].evidence == "2,000 of the first 2,000 values such as 45.00"


def test_three_digits_after_every_mark_are_asked_for(tmp_path: Path):
    path = written(tmp_path, "850", "4.350", "12.300")
    with pytest.raises(InputError) as caught, cleaned(path):
        pass
    assert str(caught.value) == (
        "column 'amount', lines 3 and 4: '4.350' may have a mark of thousands or of decimals; "
        "2 of 3 values are so; say which mark stands before decimals: --decimal , or --decimal ."
    )
    with cleaned(path, source={"decimal": ","}) as clean:
        assert clean.audit.kept.amount == 17_500


def test_three_digits_below_whole_first_rows_are_asked_for_too(tmp_path: Path):
    path = written(tmp_path, *["850"] * 2_500, "4.350")
    with pytest.raises(InputError, match=r"line 2502: '4\.350'"), cleaned(path):
        pass


def test_money_beside_it_decides_what_a_column_leaves_open(tmp_path: Path):
    with cleaned(written(tmp_path, "850", "4.350", tax="1,50")) as clean:
        assert clean.audit.kept.amount == 5_200
        assert of_marks(clean)[0].evidence == "4.350 may be read either way; as in column 'tax'"
    with cleaned(written(tmp_path, "850", "4.350", tax="1.50")) as clean:
        assert clean.audit.kept.amount == Decimal("854.35")


@pytest.mark.parametrize("beside", ["0.19", "52.520008", "17"])
def test_what_is_no_money_beside_it_decides_nothing(tmp_path: Path, beside: str):
    path = written(tmp_path, "850", "4.350", other=beside)
    with pytest.raises(InputError, match="may have a mark of thousands"), cleaned(path):
        pass


def test_values_that_vote_both_ways_decide_nothing_for_an_open_one(tmp_path: Path):
    path = written(tmp_path, "45.00", "31,00", "4.350", "12.00")
    with pytest.raises(InputError) as caught, cleaned(path):
        pass
    assert str(caught.value) == (
        "column 'amount': '45.00' (lines 2 and 5) has a decimal point, '31,00' (line 3) a decimal "
        "comma, so '4.350' (line 4) may be read either way; mend these lines, or say which mark "
        "stands before decimals: --decimal , or --decimal ."
    )


def test_each_file_has_marks_of_its_own(tmp_path: Path):
    english = written(tmp_path, "45.00", "4,350", "1.125", name="english.csv")
    german = written(tmp_path, "45,00", "4.350", "1,125", name="german.csv")
    with cleaned(english, german) as clean:
        assert clean.audit.read.amount == 2 * Decimal("4396.125")
        assert [one.decided for one in of_marks(clean)] == ["point", "comma"]


def test_a_file_that_leaves_it_open_is_named(tmp_path: Path):
    english = written(tmp_path, "45.00", name="english.csv")
    unclear = written(tmp_path, "4.350", name="unclear.csv")
    found = r"line 2 of unclear\.csv: '4\.350'"
    with pytest.raises(InputError, match=found), cleaned(english, unclear):
        pass


def test_what_looks_like_numbers():
    assert look_like_numbers(["1.234,50 €", "12", "n/a"])
    assert not look_like_numbers(["13.12.2010", "14.12.2010"])


def test_a_number_of_a_workbook_is_none_of_thousands(tmp_path: Path):
    path = tmp_path / "shop.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["customer", "date", "amount"])
        for row, amount in enumerate([4.356, 1.125, "31,00"], start=1):
            sheet.write_row(row, 0, [f"C{row}", "2024-01-03", amount])
    with cleaned(path) as clean:
        assert clean.audit.kept.amount == Decimal("36.481")
