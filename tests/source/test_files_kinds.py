"""Files of every kind, packed or not, whatever their endings say: the right table, or one line."""

from __future__ import annotations

import gzip
import json
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import xlsxwriter

from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import SourceSettings
from rfmreport.source import reading
from rfmreport.source.files import plain_copies
from rfmreport.source.files.encodings import find_encoding
from rfmreport.source.files.parts import VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADINGS = ("order", "customer", "date", "amount")
ROWS = [("1", "ann", "2024-01-03", "10.5"), ("2", "bob", "2024-01-04", "20.5")]
TABLE = "order,customer,date,amount\n1,ann,2024-01-03,10.5\n2,bob,2024-01-04,20.5\n"
GRID = [HEADINGS, *((row[0], row[1], row[2], float(row[3])) for row in ROWS)]


def read(engine, path: Path, **given) -> tuple[tuple, list]:
    """Return the headings and the sorted rows of a file, and keep the source beside."""
    settings = SourceSettings(paths=(str(path),), **given)
    read.source = reading.open_source(Engine(engine.con), settings)
    rows = engine.table(VIEW).select(*read.source.headings).to_pyarrow().to_pylist()
    return read.source.headings, sorted(tuple(row.values()) for row in rows)


def refusal(engine, path: Path, **given) -> str:
    with pytest.raises(InputError) as caught:
        read(engine, path, **given)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 400
    return message


def told(findings) -> str:
    return " ".join(finding.text for finding in findings)


# --- JSON ---------------------------------------------------------------------------------------

FLAT = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]
NESTED = [
    {
        "id": 7,
        "created_at": "2024-01-03T10:00:00Z",
        "customer": {"id": 12, "email": None},
        "line_items": [{"sku": "A", "price": 2.50, "id": 1}, {"sku": "B", "price": 1.00}],
        "refunds": [{"amount": 1}],
        "tags": ["x", "y"],
    },
    {"id": 8, "created_at": "2024-01-04T10:00:00Z", "customer": {"id": 13}, "line_items": []},
]


@pytest.mark.parametrize("indent", [None, 1])
def test_an_array_of_records_is_a_table(engine, tmp_path, indent):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(FLAT, indent=indent))
    assert read(engine, path) == (HEADINGS, ROWS)


def test_a_record_on_each_line_is_a_table(engine, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(json.dumps(record) + "\n" for record in FLAT))
    assert read(engine, path) == (HEADINGS, ROWS)


@pytest.mark.parametrize("wrapped", [NESTED, {"orders": NESTED, "page": 1}])
def test_line_items_are_rows_with_what_their_order_says(engine, tmp_path, wrapped):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(wrapped))
    headings, rows = read(engine, path)
    assert headings == (
        *("order.id", "created_at", "customer.id", "customer.email", "tags"),
        *("sku", "price", "line_items.id"),
    )
    assert rows == [
        ("7", "2024-01-03T10:00:00Z", "12", None, "x; y", "A", "2.5", "1"),
        ("7", "2024-01-03T10:00:00Z", "12", None, "x; y", "B", "1.0", None),
        ("8", "2024-01-04T10:00:00Z", "13", None, None, None, None, None),
    ]
    assert "left unread: refunds" in told(read.source.findings)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"order": 1},\n{"order": ', "(line 2: Expecting value)"),
        ("[]", "JSON without records"),
        ('{"order": [1, 2]', "cannot be read as JSON"),
    ],
)
def test_json_that_is_none_is_refused_without_its_content(engine, tmp_path, content, reason):
    path = tmp_path / "a.json"
    path.write_text(content)
    assert reason in refusal(engine, path)


# --- packed -------------------------------------------------------------------------------------


def write_archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def test_an_archive_of_one_file_is_that_file(engine, tmp_path):
    path = write_archive(tmp_path / "a.zip", **{"x__shop.csv": TABLE, "x__.DS_Store": "?"})
    assert read(engine, path) == (HEADINGS, ROWS)


def test_an_archive_of_several_files_is_refused_with_their_names(engine, tmp_path):
    path = write_archive(tmp_path / "a.zip", a=TABLE, b=TABLE)
    assert "holds 2 files (a, b), expected one; unpack it" in refusal(engine, path)


@pytest.mark.parametrize(
    ("method", "harm"),  # changed bytes of Zstandard show only where a sum was written
    [("gzip", "cut"), ("gzip", "changed"), ("zip", "cut"), ("zip", "changed"), ("zstd", "cut")],
)
def test_a_damaged_file_is_refused(engine, tmp_path, method, harm):
    content = "".join(f"{n},c{n},2024-01-03,{n % 97}\n" for n in range(5_000))
    path = tmp_path / "a"
    if method == "zip":
        write_archive(path, shop=",".join(HEADINGS) + "\n" + content)
    else:
        pack = gzip.compress if method == "gzip" else packed_by_zstandard
        path.write_bytes(pack((",".join(HEADINGS) + "\n" + content).encode()))
    whole = bytearray(path.read_bytes())
    if harm == "cut":
        whole = whole[: len(whole) // 2]
    else:
        whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    assert refusal(engine, path).endswith("get the file again")


def packed_by_zstandard(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def test_what_unpacks_without_end_is_refused(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(plain_copies, "_MOST_UNPACKED", 1_000_000)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TABLE.encode() + b"2,bob,2024-01-04,20.5\n" * 400_000))
    assert "unpacks to more than" in refusal(engine, path)


# --- workbooks ----------------------------------------------------------------------------------


def write_book(path: Path, hidden: Sequence[str] = (), **sheets: Sequence[Sequence]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name in hidden:
                sheet.hide()
    return path


def test_the_sheet_with_all_that_is_needed_is_read(engine, tmp_path):
    notes = [("Read me", "x")] + [("!", "y")] * 9
    path = write_book(tmp_path / "a.xlsx", Notes=notes, Orders=GRID, Old=GRID, hidden=["Old"])
    assert read(engine, path) == (HEADINGS, ROWS)
    (finding,) = read.source.findings
    assert "sheet Notes (10 rows), Old (hidden)" in finding.text


def test_headings_below_titles_of_a_sheet_are_found(engine, tmp_path):
    path = write_book(tmp_path / "a.xlsx", Report=[("Sales 2024",), (), ("Shop", "Nord"), *GRID])
    assert read(engine, path) == (HEADINGS, ROWS)
    (decision,) = read.source.decisions
    assert decision.option == "--header-row 4"


def test_a_cell_far_right_does_no_harm(engine, tmp_path):
    far = ("2", "bob", "2024-01-04", 20.5, *[""] * 2_000, "x")
    path = write_book(tmp_path / "a.xlsx", Orders=[*GRID[:2], far])
    assert read(engine, path) == (HEADINGS, ROWS)
    assert "far right of the table were left unread: 1" in told(read.source.findings)


def test_a_cell_at_the_far_corner_is_refused_and_ends_nothing(engine, tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(GRID):
            sheet.write_row(number, 0, row)
        sheet.write("XFD1048576", "x")
    assert "it takes more memory or time than a workbook may" in refusal(engine, path)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_web_page_named_as_a_workbook_is_its_longest_table(engine, tmp_path, encoding):
    rows = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in ROWS)
    headings = "".join(f"<th>\n {heading}</th>" for heading in HEADINGS)
    page = (
        f'<html><meta charset="{encoding}"><table><tr><td>Menü</td></tr></table><table>'
        f'<tr><td colspan="4">Übersicht &amp; mehr</td></tr><tr>{headings}</tr>{rows}</table>'
    )
    path = tmp_path / "a.xls"
    path.write_bytes(page.encode(encoding))
    assert read(engine, path) == (HEADINGS, ROWS)


def test_a_workbook_written_in_xml_is_its_table(engine, tmp_path):
    cells = "".join(f"<Cell><Data>{heading}</Data></Cell>" for heading in HEADINGS)
    first = "<Cell><Data>1</Data></Cell><Cell ss:Index='3'><Data>2024-01-03</Data></Cell>"
    path = tmp_path / "a.xls"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><Workbook><Worksheet ss:Name="Orders"><Table>'
        f"<Row>{cells}</Row><Row>{first}<Cell><Data>5</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    assert read(engine, path) == (HEADINGS, [("1", None, "2024-01-03", "5")])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"<html><p>Please log in</p></html>", "a web page without a table"),
        (b"{\\rtf1", "a text document"),
    ],
)
def test_what_is_no_table_is_named(engine, tmp_path, content, kind):
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    assert f"is {kind}" in refusal(engine, path)


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Müşteri;Sipariş Tarihi;Tutar\nŞahin;2024;5\nYıldız;2024;5\n", "cp1254"),
        ("注文番号;注文日;顧客\n1;2024;佐藤\n", "cp932"),
        ("订单编号;客户名称;金额\n1;李建国;5\n", "gb18030"),
        ("訂單編號;客戶名稱;金額\n1;陳大文;5\n", "big5"),
        ("주문번호;고객명;금액\n1;김민수;5\n", "euc_kr"),
        ("Номер заказа;Клиент;Сумма\n1;Иванов;5\n", "cp1251"),
        ("Номер заказа;Клиент;Сумма\n1;Иванов;5\n", "cp866"),
        ("Zamówienie;Klient;Kwota\n1;Łukasz Żak;5\n2;Świątek;5\n", "cp1250"),
        ("Číslo objednávky;Zákazník;Částka\n1;Dvořák;5\n", "cp1250"),
        ("Rendelésszám;Vevő;Összeg\n1;Kovács Győző;5\n", "cp1250"),
        ("Bestellnr;Käufer;Betrag\n1;Müller;12 €\n2;Groß;5\n", "cp1252"),
        ("Bestellnr;Käufer;Betrag\n1;Müller;12\n2;Großmann;5\n3;Jürgen;6\n", "mac_roman"),
        ("Bestellnr;Käufer;Betrag\n1;Müller;12\n2;Großmann;5\n3;Jürgen;6\n", "cp850"),
        ("N° commande;Client;Montant réglé\n1;Hélène Lefèvre;5\n", "cp1252"),
        ("item;price\nMen’s mug;£5\nkid’s – mug;€5\n", "cp1252"),
        ("Αριθμός;Πελάτης;Ποσό\n1;Γιώργος Παππάς;5\n", "cp1253"),
        ("order;customer\n1;Jürgen\n", "utf-16"),
        ("order;customer\n1;Jürgen\n", "utf-16-le"),
        ("order;customer\n1;Jürgen\n", "utf-16-be"),
        ("order;customer\n1;Jürgen\n", "utf-8-sig"),
    ],
)
def test_an_encoding_is_told_by_the_letters_of_a_language(text, codec):
    content = text.encode(codec)
    found = find_encoding(content)
    assert found is not None
    assert content.decode(found.codec) == text


def test_the_users_encoding_wins_and_is_proved(engine, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.replace("ann", "Ünal").encode("cp1252"))
    assert read(engine, path, encoding="latin-1")[1][0][1] == "Ünal"
    with pytest.raises(SettingsError, match=r"1 letters of .* are none in it"):
        read(engine, path, encoding="utf-8")
    with pytest.raises(SettingsError, match="no such encoding"):
        read(engine, path, encoding="latin-99")


def test_a_broken_letter_in_utf_8_makes_no_other_encoding(engine, tmp_path):
    rows = "".join(f"{n},Ünal,2024-01-03,{n}.5\n" for n in range(50))
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"order,customer,date,amount\n" + rows.encode() + b"99,J\xfcrgen,2024-01-03,1\n"
    )
    names = {row[1] for row in read(engine, path)[1]}
    assert names == {"Ünal", "J�rgen"}
    assert "1 letters of a.csv are none in UTF-8" in told(read.source.findings)
