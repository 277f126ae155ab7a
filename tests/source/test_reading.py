"""Reading: every kind of file, every way to write one, and what each that cannot be read says."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import duckdb
import pyarrow as pa
import pytest
from stages import ENGINE, cleaned

from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import EngineSettings, SourceSettings
from rfmreport.source import reading
from rfmreport.source.columns import roles
from rfmreport.source.expressions import hold
from rfmreport.source.files.parts import VIEW
from rfmreport.source.formats.value_formats import find_value_formats
from rfmreport.source.lines import parse_lines
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rfmreport.source.reading import Source

HEADINGS = ("customer", "date", "amount")
ROWS = [
    ("00123", "2010-12-01", "1.50"),
    ("O'Reilly", "2010-12-02", "2.50"),
    ("Ünal Çelik", "2010-12-03", "4.00"),
]


def text_of(separator: str = ",", rows: Sequence[Sequence[str]] = ROWS) -> str:
    return "".join(separator.join(row) + "\n" for row in (HEADINGS, *rows))


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def opened(engine, *paths: Path | str, **given) -> Source:
    settings = SourceSettings(paths=tuple(map(str, paths)), **given)
    return reading.open_source(Engine(engine.con), settings)


def rows_in(engine, source: Source) -> list[tuple]:
    """Return the rows of the source, sorted, as tuples in the order of its headings."""
    rows = engine.table(VIEW).select(*source.headings).to_pyarrow().to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def message_of(engine, *paths: Path | str, **given) -> str:
    with pytest.raises(InputError) as caught:
        opened(engine, *paths, **given)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "separator"),
    [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.txt", "|"), ("noending", ",")],
)
def test_separators_are_found_and_all_stays_text(engine, tmp_path, name, separator):
    source = opened(engine, write(tmp_path / name, text_of(separator)))
    assert source.headings == HEADINGS
    assert rows_in(engine, source) == sorted(ROWS)
    assert source.kind == "text"


def test_the_users_separator_wins(engine, tmp_path):
    path = write(tmp_path / "a.csv", "customer~date~amount\n1~2010-12-01~1,5\n")
    assert rows_in(engine, opened(engine, path, delimiter="~")) == [("1", "2010-12-01", "1,5")]


def test_gzip_is_read_as_it_is(engine, tmp_path):
    path = write(tmp_path / "a.csv.gz", gzip.compress(text_of().encode()))
    assert rows_in(engine, opened(engine, path)) == sorted(ROWS)


def test_zstandard_is_read_as_it_is(engine, tmp_path):
    plain, packed = write(tmp_path / "a.csv", text_of()), tmp_path / "b.csv.zst"
    scan = f"read_csv('{plain}', all_varchar=true)"
    duckdb.sql(f"COPY (FROM {scan}) TO '{packed}' (FORMAT csv, COMPRESSION zstd)")
    assert rows_in(engine, opened(engine, packed)) == sorted(ROWS)


def packed(path: Path, content: bytes) -> bytes:
    """Pack a text as the ending of its file says."""
    if path.suffix == ".gz":
        return gzip.compress(content, mtime=0)
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst"])
def test_a_packed_file_that_was_cut_off_is_refused(engine, tmp_path, name):
    path = tmp_path / name
    write(path, packed(path, text_of(rows=ROWS * 99).encode())[:-9])
    message = message_of(engine, path)
    assert message.startswith(f"{path}: cannot be unpacked (")
    assert message.endswith("; get the file again")


def test_a_packed_file_with_a_wrong_byte_is_refused(engine, tmp_path):
    """The engine alone would read other money from it, and say nothing."""
    content = bytearray(gzip.compress(text_of(rows=ROWS * 99).encode(), compresslevel=0))
    content[-40] ^= 1
    path = write(tmp_path / "a.csv.gz", bytes(content))
    assert "cannot be unpacked (CRC check failed" in message_of(engine, path)


def test_packed_files_of_one_name_stay_apart(engine, tmp_path):
    paths = [tmp_path / folder / "a.csv.gz" for folder in "xy"]
    for path, row in zip(paths, ROWS, strict=False):
        path.parent.mkdir()
        write(path, packed(path, text_of(rows=[row]).encode()))
    assert rows_in(engine, opened(engine, *paths)) == sorted(ROWS[:2])


def test_several_files_and_globs_are_one_table(engine, tmp_path):
    for month, row in zip(("jan", "feb", "mar"), ROWS, strict=True):
        write(tmp_path / f"{month}.csv", text_of(rows=[row]))
    source = opened(engine, tmp_path / "jan.csv", tmp_path / "*.csv")
    assert rows_in(engine, source) == sorted(ROWS)
    assert [path.name for path in source.files] == ["jan.csv", "feb.csv", "mar.csv"]
    parts = set(engine.table(VIEW)[VIEW_PART].to_pyarrow().to_pylist())
    assert parts == {str(path) for path in source.files}
    assert source.headings == HEADINGS


def test_files_with_their_columns_in_another_order_fit_together(engine, tmp_path):
    first = write(tmp_path / "a.csv", "customer,date,amount\n1,2010-12-01,5\n")
    second = write(tmp_path / "b.csv", "amount,customer,date\n7,2,2010-12-02\n")
    assert rows_in(engine, opened(engine, first, second)) == [
        ("1", "2010-12-01", "5"),
        ("2", "2010-12-02", "7"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_letters_survive_their_encoding(tmp_path, encoding):
    path = write(tmp_path / "a.csv", text_of(), encoding)
    with cleaned(path) as clean:
        assert clean.source.headings == HEADINGS
        ids = set(clean.orders.customer_id.to_pyarrow().to_pylist())
        warned = [finding.key for finding in clean.findings]
    assert ids == {row[0] for row in ROWS}
    assert warned == (["encoding"] if encoding == "latin-1" else [])


def test_latin_1_far_behind_the_first_rows_is_read_too(tmp_path):
    rows = [*(("plain", "2010-12-01", f"{n}") for n in range(60_000)), ("Ünal", "2010-12-02", "1")]
    path = write(tmp_path / "a.csv", text_of(rows=rows), "latin-1")
    with cleaned(path) as clean:
        assert set(clean.orders.customer_id.to_pyarrow().to_pylist()) == {"plain", "Ünal"}
        assert [finding.key for finding in clean.findings] == ["encoding"]
        assert clean.audit.read.line_count == 60_001


def test_utf_16_is_read_or_named(engine, tmp_path):
    path = write(tmp_path / "a.csv", text_of(), "utf-16")
    try:
        source = opened(engine, path)
    except InputError as error:
        assert "UTF-16" in str(error)  # noqa: PT017  either is right
    else:
        assert rows_in(engine, source) == sorted(ROWS)


def test_quoted_fields_may_hold_separators_quotes_and_line_ends(engine, tmp_path):
    row = '"1, first ""floor""\nback door",2010-12-01,1.50'
    path = write(tmp_path / "a.csv", f"customer,date,amount\n{row}\n2,2010-12-02,3\n")
    assert rows_in(engine, opened(engine, path)) == [
        ('1, first "floor"\nback door', "2010-12-01", "1.50"),
        ("2", "2010-12-02", "3"),
    ]


def test_windows_line_ends_leave_no_trace(engine, tmp_path):
    path = write(tmp_path / "a.csv", text_of().replace("\n", "\r\n"))
    assert rows_in(engine, opened(engine, path)) == sorted(ROWS)


@pytest.mark.parametrize("at", [1, 500, 30_000])
def test_rows_that_do_not_fit_are_counted_and_the_others_read(tmp_path, at):
    rows = [(str(n), f"2010-12-{n % 28 + 1:02}", "1") for n in range(30_000)]
    rows[at:at] = [("too", "2010-12-01", "1", "many", "fields"), ("too few",)]
    path = write(tmp_path / "a.csv", text_of(rows=rows))
    with cleaned(path) as clean:
        bridge = clean.audit
        misfits = {row.exclusion: row.line_count for row in bridge.excluded}
        found = {finding.key: finding.line_count for finding in clean.findings}
    assert bridge.kept.line_count == 30_000
    assert bridge.read.line_count == 30_002
    assert misfits == {"misfit": 2}
    assert found == {"misfit": 2}


def test_one_column_of_text_says_which_role_is_missing(tmp_path):
    path = write(tmp_path / "a.csv", "customer\nann\nbob\n")
    with pytest.raises(InputError, match="order date; no column with an amount"), cleaned(path):
        pass


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["it's.csv", "my orders.csv", "Aufträge–März.csv", 'a"b.csv'])
def test_a_path_may_hold_quotes_blanks_and_any_letter(engine, tmp_path, name):
    folder = tmp_path / "O'Brien & Söhne"
    folder.mkdir()
    path = write(folder / name, text_of())
    assert rows_in(engine, opened(engine, path)) == sorted(ROWS)


@pytest.mark.parametrize("name", ["orders [2011].csv", "orders*.csv", "what?.csv"])
def test_a_path_that_looks_like_a_glob_is_read_as_it_stands(engine, tmp_path, name):
    path = write(tmp_path / name, text_of())
    write(tmp_path / "orders 2.csv", text_of(rows=[("other", "2010-12-01", "1")]))
    assert rows_in(engine, opened(engine, path)) == sorted(ROWS)


def test_headings_may_hold_anything(tmp_path):
    headings = ['it\'s "me"', "a.b[c] {d}", "Größe; €", "x" * 300, "select"]
    quoted = ['"' + heading.replace('"', '""') + '"' for heading in headings]
    path = write(tmp_path / "a.csv", ",".join(quoted) + "\n1,2010-12-01,5,x,7\n")
    mapping = {"customer": headings[0], "date": headings[1], "amount": headings[2]}
    mapping |= {"order": headings[3], "product": headings[4]}
    with cleaned(path, columns=mapping) as clean:
        (row,) = clean.orders.to_pyarrow().to_pylist()
        assert clean.source.headings == tuple(headings)
    assert (row["customer_id"], row["order_id"], row["amount"]) == ("1", "x", 5)


def test_headings_that_stand_twice_are_told_apart(engine, tmp_path):
    path = write(tmp_path / "a.csv", "customer,date,amount,amount\n1,2010-12-01,5,7\n")
    source = opened(engine, path)
    assert len(set(source.headings)) == 4
    assert source.headings[:3] == HEADINGS
    assert rows_in(engine, source) == [("1", "2010-12-01", "5", "7")]


def test_headings_that_differ_in_case_only_are_told_apart(engine, tmp_path):
    path = write(tmp_path / "a.csv", "customer,date,amount,Amount\n1,2010-12-01,5,7\n")
    assert rows_in(engine, opened(engine, path)) == [("1", "2010-12-01", "5", "7")]


def test_a_column_named_like_ours_does_no_harm(tmp_path):
    path = write(
        tmp_path / "a.csv",
        "customer_id,order_id,date,amount,exclusion,source_part,is_return,quantity\n"
        "1,1,2010-12-01,5,no,x,y,\n2,2,2010-12-01,7,no,x,y,3\n",
    )
    with cleaned(path) as clean:
        assert clean.audit.kept.line_count == 2
        assert clean.audit.kept.amount == 12


# --- what cannot be read ------------------------------------------------------------------------


def test_no_source_says_how_to_name_one(engine):
    assert message_of(engine) == (
        "no source given: name a file or a glob, as in rfmreport build orders.csv"
    )


def test_a_missing_file_is_named_with_the_folder(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message_of(engine, "orders.csv") == (
        f"orders.csv: no such file; check the path (this folder is {tmp_path})"
    )


@pytest.mark.parametrize("pattern", ["*.csv", "[", "a\nb.csv"])
def test_a_glob_without_a_match_is_a_missing_file(engine, tmp_path, pattern):
    with pytest.raises(InputError, match="no such file"):
        opened(engine, tmp_path / pattern)


def test_a_folder_is_answered_with_the_glob_to_type(engine, tmp_path):
    assert message_of(engine, tmp_path) == (
        f"{tmp_path}: is a folder, expected a file; name its files with '{tmp_path}/*.csv'"
    )


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_an_empty_file_is_said_to_be_empty(engine, tmp_path, name):
    path = write(tmp_path / name, b"")
    assert message_of(engine, path) == (
        f"{path}: the file is empty; expected a heading and at least one line"
    )


@pytest.mark.parametrize("content", [gzip.compress(b"", mtime=0), gzip.compress(b"\n", mtime=0)])
def test_a_packed_empty_file_is_answered_in_one_line(engine, tmp_path, content):
    path = write(tmp_path / "a.csv.gz", content)
    assert message_of(engine, path).startswith(str(path))


@pytest.mark.parametrize("content", ["customer,date,amount\n", "customer,date,amount"])
def test_a_heading_without_lines_is_said_to_be_so(engine, tmp_path, content):
    path = write(tmp_path / "a.csv", content)
    assert message_of(engine, path) == (
        f"{path}: has a heading but no lines; its headings are customer, date, amount"
    )


def test_a_binary_file_is_named_with_the_kinds_that_are_read(engine, tmp_path):
    path = write(tmp_path / "a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    assert message_of(engine, path) == (
        f"{path}: is a binary file, expected CSV, TSV, JSON, Parquet or a workbook (XLSX, XLS, "
        "XLSB, ODS)"
    )


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst", "a.parquet", "a.xlsx"])
def test_a_file_is_read_as_what_it_is_whatever_its_ending_says(engine, tmp_path, name):
    path = write(tmp_path / name, text_of())
    assert rows_in(engine, opened(engine, path)) == sorted(ROWS)


def test_files_of_two_kinds_are_one_table(engine, tmp_path):
    text, book = write(tmp_path / "a.csv", text_of(rows=ROWS[:1])), tmp_path / "b.xlsx"
    write_workbook(book, {"Sheet1": [HEADINGS, *ROWS[1:]]})
    assert rows_in(engine, opened(engine, text, book)) == sorted(ROWS)


def test_a_memory_limit_that_means_nothing_is_a_settings_error():
    settings = EngineSettings(memory_limit="lots")
    with pytest.raises(SettingsError, match="memory_limit"), reading.open_engine(settings):
        pass


# --- Parquet ------------------------------------------------------------------------------------


def write_parquet(path: Path, select: str) -> Path:
    duckdb.sql(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def first_line(engine, path: Path) -> dict:
    """Return the first line of a file in our own columns and types."""
    source = opened(engine, path)
    mapped = roles.map_columns(source.headings, {})
    table = engine.table(VIEW)
    formats = find_value_formats(source.sample, mapped, table, SourceSettings())
    return parse_lines(table, mapped, formats).to_pyarrow().to_pylist()[0]


def test_parquet_keeps_its_types(tmp_path):
    path = write_parquet(
        tmp_path / "a.parquet",
        "SELECT 17850 + i AS customer_id, DATE '2010-12-01' + i::INT AS date, "
        "(1.25 + i)::DECIMAL(18, 2) AS amount, i::DOUBLE AS order_id FROM range(3) t(i)",
    )
    with cleaned(path) as clean:
        rows = sorted(clean.orders.to_pyarrow().to_pylist(), key=lambda row: row["customer_id"])
        assert clean.source.kind == "typed"
    assert [row["customer_id"] for row in rows] == ["17850", "17851", "17852"]
    assert [row["order_id"] for row in rows] == ["0", "1", "2"]
    assert [str(row["amount"]) for row in rows] == ["1.2500", "2.2500", "3.2500"]
    assert rows[1]["first_at"] == datetime(2010, 12, 2)  # noqa: DTZ001  shops' times have no zone


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("17850.0::DOUBLE", "17850"),
        ("1234567890123::DOUBLE", "1234567890123"),
        ("17850::DECIMAL(18, 2)", "17850"),
        ("'00123'", "00123"),
        (
            "'5d8f3a9e-0000-4000-8000-000000000001'::UUID",
            "5d8f3a9e-0000-4000-8000-000000000001",
        ),
    ],
)
def test_typed_ids_become_the_same_text(engine, tmp_path, expression, expected):
    path = write_parquet(
        tmp_path / "a.parquet",
        f"SELECT {expression} AS customer_id, "
        "TIMESTAMP '2010-12-01 08:26:00' AS date, 1.5::FLOAT AS amount",
    )
    assert first_line(engine, path)["customer_id"] == expected


@pytest.mark.parametrize(
    "written",
    [
        "TIMESTAMP '2010-12-01 08:26:00'",
        "TIMESTAMP_NS '2010-12-01 08:26:00'",
        "TIMESTAMP_S '2010-12-01 08:26:00'",
        "DATE '2010-12-01'",
        "'2010-12-01 08:26:00'",
        "TIMESTAMPTZ '2010-12-01 08:26:00+00'",
        "20101201",
        "40513.35",
    ],
)
def test_typed_dates_are_read(engine, tmp_path, written):
    path = write_parquet(
        tmp_path / "a.parquet", f"SELECT 'ann' AS customer, {written} AS date, 1 AS amount"
    )
    assert first_line(engine, path)["ordered_at"].date() == date(2010, 12, 1)


def test_an_empty_parquet_has_no_lines(engine, tmp_path):
    path = write_parquet(tmp_path / "a.parquet", "SELECT 1 AS customer WHERE false")
    assert message_of(engine, path) == (
        f"{path}: has a heading but no lines; its headings are customer"
    )


@pytest.mark.parametrize(
    ("rules", "held"), [({}, set()), ({"net_returns": True}, {"judged_lines"})]
)
def test_lines_of_parquet_are_held_only_where_lines_judge_lines(tmp_path, rules, held):
    select = "SELECT 'ann' AS customer, DATE '2024-05-01' AS date, 5 AS amount, 'Tea' AS product"
    with cleaned(write_parquet(tmp_path / "a.parquet", select), cleaning=rules) as clean:
        backend = clean.orders.get_backend()
        tables = backend.raw_sql("SELECT table_name FROM duckdb_tables()").fetchall()
        assert {name for (name,) in tables if "lines" in name} == held
        assert backend.table("lines").count().to_pyarrow().as_py() == 1


def test_the_same_line_in_two_parquet_files_counts_once(tmp_path):
    row = "SELECT 'ann' AS customer, 1 AS order_id, DATE '2010-12-01' AS date, 5 AS amount"
    for name in ("a", "b"):
        write_parquet(tmp_path / f"{name}.parquet", row)
    with cleaned(tmp_path / "*.parquet") as clean:
        assert (clean.audit.kept.amount, clean.audit.read.amount) == (5, 10)


# --- workbooks ----------------------------------------------------------------------------------


def write_workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a minimal XLSX; a `datetime` becomes a date cell, a number a number, else text."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    files = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="{kind}.worksheet+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>'
            for n, name in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in numbers
        )
        + f'<Relationship Id="style" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": (
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
            "</styleSheet>"
        ),
    }
    for n, rows in zip(numbers, sheets.values(), strict=True):
        body = "".join("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
        files[f"xl/worksheets/s{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001
        return f'<c s="1"><v>{days!r}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


NOON = datetime(2010, 12, 1, 12, 30)  # noqa: DTZ001  a workbook's times have no zone


def test_a_workbook_reads_as_its_csv_would(tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx",
        {
            "Orders": [
                ("Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"),
                (536365, 6, NOON, 2.55, 17850.0),
                ("C536366", -1, NOON, 1e-05, "00123"),
                (536367, 1, NOON, 0.1, None),
                (None, None, None, None, None),
            ]
        },
    )
    with cleaned(path) as clean:
        rows = clean.orders.get_backend().table(VIEW).to_pyarrow().to_pylist()
        excluded = {row.exclusion: row.line_count for row in clean.audit.excluded}
        assert clean.value_formats.date == "ISO"
        assert clean.audit.kept.amount * 100 == 1530
    assert [tuple(row.values())[:5] for row in rows] == [
        ("536365", "6", "2010-12-01T12:30:00", "2.55", "17850"),
        ("C536366", "-1", "2010-12-01T12:30:00", "0.00001", "00123"),
        ("536367", "1", "2010-12-01T12:30:00", "0.1", None),
    ]
    assert excluded == {"missing_customer": 1, "cancellation": 1}


def test_sheets_with_the_same_headings_are_one_table(engine, tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx", {"Year 1": [HEADINGS, *ROWS[:2]], "Year 2": [HEADINGS, ROWS[2]]}
    )
    source = opened(engine, path)
    assert rows_in(engine, source) == sorted(ROWS)
    assert [part.sheet for part in source.parts] == ["Year 1", "Year 2"]
    assert source.findings == ()
    names = [(file.name, file.sheet) for file in reading.fingerprint_files(source)]
    assert names == [("a.xlsx", "Year 1"), ("a.xlsx", "Year 2")]


def test_a_sheet_with_other_headings_is_left_and_told(engine, tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx",
        {"Notes": [("Read me", "x"), ("!", "y")], "Orders": [HEADINGS, *ROWS], "Empty": []},
    )
    source = opened(engine, path)
    assert rows_in(engine, source) == sorted(ROWS)
    assert [part.sheet for part in source.parts] == ["Orders"]
    (finding,) = source.findings
    assert (finding.key, finding.severity) == ("sheets-unread", "warning")
    assert "Notes" in finding.text


def test_the_sheets_to_read_can_be_named(engine, tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx", {"A": [HEADINGS, *ROWS], "B": [HEADINGS, ("b", "2010-12-01", "1")]}
    )
    assert rows_in(engine, opened(engine, path, sheets=("B",))) == [("b", "2010-12-01", "1")]
    assert message_of(engine, path, sheets=("C",)) == f"{path}: no sheet 'C'; its sheets are A, B"


def test_headings_that_stand_twice_in_a_sheet_are_told_apart(engine, tmp_path):
    path = write_workbook(
        tmp_path / "a.xlsx", {"A": [(*HEADINGS, "amount"), ("1", "2010-12-01", "5", "7")]}
    )
    source = opened(engine, path)
    assert len(set(source.headings)) == 4
    assert rows_in(engine, source) == [("1", "2010-12-01", "5", "7")]


@pytest.mark.parametrize("rows", [[], [HEADINGS]], ids=["nothing", "heading only"])
def test_a_workbook_without_lines_is_said_to_be_so(engine, tmp_path, rows):
    path = write_workbook(tmp_path / "a.xlsx", {"A": rows})
    assert message_of(engine, path) == f"{path}: no sheet with a heading and at least one line"


def test_reading_again_in_the_same_engine_is_no_trouble(engine, tmp_path):
    first = write_workbook(tmp_path / "a.xlsx", {"A": [HEADINGS, ROWS[0]]})
    second = write_workbook(tmp_path / "b.xlsx", {"A": [HEADINGS, ROWS[1]]})
    assert rows_in(engine, opened(engine, first)) == [ROWS[0]]
    assert rows_in(engine, opened(engine, second)) == [ROWS[1]]


# --- fingerprints -------------------------------------------------------------------------------


def test_a_fingerprint_is_of_the_content_alone(engine, tmp_path):
    (tmp_path / "b").mkdir()
    first, second = write(tmp_path / "a.csv", text_of()), write(tmp_path / "b/a.csv", text_of())
    prints = [reading.fingerprint_files(opened(engine, path)) for path in (first, second)]
    assert prints[0] == prints[1]
    (print_of_file,) = prints[0]
    assert (print_of_file.name, print_of_file.sheet) == ("a.csv", None)
    assert print_of_file.bytes == first.stat().st_size
    assert len(print_of_file.sha256) == 64


def test_a_last_row_that_does_not_fit_leaves_the_heading_where_it_is(engine, tmp_path):
    content = "customer,date,amount\n" + "a,2024-05-01,1\n" * 5 + "b,2024-05-06,1,2\n"
    source = opened(engine, write(tmp_path / "a.csv", content))
    assert source.headings == ("customer", "date", "amount")
    source, held = hold(source, "held", engine.table(VIEW))
    assert held.count().to_pyarrow().as_py() == 5
    assert source.misfit_count == 1


def test_the_euro_sign_of_windows_is_read(engine, tmp_path):
    content = "Kunde;Datum;Betrag\nMüller;2024-05-01;12,50 €\n".encode("cp1252")
    source = opened(engine, write(tmp_path / "a.csv", content))
    assert rows_in(engine, source) == [("Müller", "2024-05-01", "12,50 €")]
    assert source.parts[0].encoding.title == "Windows-1252"


def test_a_connection_beside_sees_what_is_held_and_reads_times_alike():
    with reading.open_engine(ENGINE) as opened:
        opened.raw_sql("CREATE TABLE orders AS SELECT 1 AS n")
        with Engine(opened.con).beside() as beside:
            beside.hold("twice", "SELECT n, 2 * n AS m FROM orders")
            assert beside.rows("FROM twice") == [{"n": 1, "m": 2}]
            assert beside.value("SELECT current_setting('TimeZone')") == "UTC"
        assert Engine(opened.con).rows("FROM twice") == [{"n": 1, "m": 2}]
