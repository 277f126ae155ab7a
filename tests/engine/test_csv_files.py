"""CSV files: exact numbers, safe text, and a table that the engine writes the same way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest

from rfmreport.engine.ask import Engine
from rfmreport.engine.csv_files import plain, with_apostrophe, write_csv, written_columns

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("1200.5000"), "1200.5"),
        (Decimal("1E+3"), "1000"),
        ("=1+1", "'=1+1"),
        ("plain", "plain"),
        (-5.25, -5.25),
        (None, None),
    ],
)
def test_a_cell_is_exact_and_harmless(value, cell) -> None:
    assert plain(value) == cell


def test_rows_are_written_with_a_mark_and_plain_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"name": "x,y", "n": 1}, {"name": "é", "n": None}])
    assert (tmp_path / "a.csv").read_bytes() == '\ufeffname,n\n"x,y",1\né,\n'.encode()
    write_csv(tmp_path / "b.csv", [], ["name", "n"])
    assert (tmp_path / "b.csv").read_text(encoding="utf-8-sig") == "name,n\n"


def test_the_engine_writes_a_table_in_its_order_and_safe(tmp_path: Path) -> None:
    engine, path = Engine(duckdb.connect()), tmp_path / "it's.csv"
    engine.run("CREATE TABLE t AS SELECT * FROM (VALUES ('b', 2.50), ('=a', 10.00)) t(name, money)")
    columns = ", ".join(written_columns({"name": "text", "money": "money"}))
    engine.copy(f"SELECT {columns} FROM t ORDER BY money DESC", path, "FORMAT csv, HEADER")
    assert path.read_text(encoding="utf-8") == "\ufeffname,money\n'=a,10.0\nb,2.5\n"


def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        Engine(duckdb.connect()).copy("SELECT 1", tmp_path / "missing" / "t.csv", "FORMAT csv")


def written(text: str, unit: str) -> str:
    """Return a text as the engine writes it into a column of that unit."""
    (column,) = written_columns({"n": unit})
    return Engine(duckdb.connect()).columns(f"SELECT {column} FROM (SELECT $n AS n)", n=text)[
        "\ufeffn"
    ][0]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "＝1", "a=b", "'x", "", "+44 20"])
def test_text_is_made_safe_as_python_does(text: str) -> None:
    assert written(text, "text") == with_apostrophe(text)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+44 20 7946 0000", "+44 20 7946 0000"),
        ("+49(0)30/123-45.6", "+49(0)30/123-45.6"),
        ("020 7946", "020 7946"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("+44 ext", "'+44 ext"),
        ("=1", "'=1"),
        ("-1", "'-1"),
        ("+44\n=1", "'+44\n=1"),
        ("+", "'+"),
    ],
)
def test_a_telephone_number_stays_and_nothing_else_that_runs(phone: str, expected: str) -> None:
    assert written(phone, "phone") == expected
