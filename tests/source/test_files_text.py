"""Text files as shops send them: each is read as the table that it is, or refused in one line."""

from __future__ import annotations

import pytest
from stages import cleaned

from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import SourceSettings
from rfmreport.source import reading
from rfmreport.source.expressions import hold
from rfmreport.source.files.parts import VIEW

HEADINGS = ("order", "customer", "date", "amount")
ROWS = [("1", "ann", "2024-01-03", "10.00"), ("2", "bob", "2024-01-04", "20.50")]
TABLE = "order,customer,date,amount\n1,ann,2024-01-03,10.00\n2,bob,2024-01-04,20.50\n"


@pytest.fixture
def read(engine, tmp_path):
    """Return what reads files, named by what stands in them, as (headings, sorted rows)."""

    def read(*contents: str | bytes, name: str = "shop.csv", **given) -> tuple[tuple, list]:
        paths = [tmp_path / f"{number}-{name}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        settings = SourceSettings(paths=tuple(map(str, paths)), **given)
        source = reading.open_source(Engine(engine.con), settings)
        source, held = hold(source, "held", engine.table(VIEW).select(*source.headings))
        read.source = source
        rows = (tuple(row.values()) for row in held.to_pyarrow().to_pylist())
        return source.headings, sorted(rows, key=str)

    return read


def refusal(read, *contents: str | bytes, **given) -> str:
    with pytest.raises((InputError, SettingsError)) as caught:
        read(*contents, **given)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- delimiters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~", "\x1f"])
def test_what_stands_between_fields_is_found(read, mark):
    assert read(TABLE.replace(",", mark)) == (HEADINGS, ROWS)


def test_decimal_commas_do_not_part_fields(read):
    lines = "".join(f"{n};c{n};2024-01-0{n};{n},50\n" for n in range(1, 9))
    headings, rows = read("order;customer;date;amount\n" + lines)
    assert headings == HEADINGS
    assert rows[2] == ("3", "c3", "2024-01-03", "3,50")


def test_lists_within_fields_do_not_part_them(read):
    lines = "".join(f"{n},c{n},2024-01-0{n},{n}.50,a;b;c\n" for n in range(1, 9))
    headings, rows = read("order,customer,date,amount,tags\n" + lines)
    assert headings == (*HEADINGS, "tags")
    assert rows[0] == ("1", "c1", "2024-01-01", "1.50", "a;b;c")


def test_each_file_has_its_own_delimiter_encoding_and_order(read):
    second = "customer;amount;order;date\nÜnal;30.00;3;2024-01-05\n".encode("cp1252")
    third = "\ufeffamount|date|customer|order\n40.00|2024-01-06|Ödön|4\n".encode("utf-16-le")
    assert read(TABLE, second, third) == (
        HEADINGS,
        [
            *ROWS,
            ("3", "Ünal", "2024-01-05", "30.00"),
            ("4", "Ödön", "2024-01-06", "40.00"),
        ],
    )


def test_excel_says_its_delimiter_on_a_line_of_its_own(read):
    assert read("sep=;\n" + TABLE.replace(",", ";")) == (HEADINGS, ROWS)


def test_a_file_without_quotes_may_have_inches_and_nicknames(read):
    table = 'order\tcustomer\tdate\tamount\n1\t"Al" Roe\t2024-01-03\t1\n2\t5" pipe\t2024-01-04\t2\n'
    _, rows = read(table)
    assert [row[1] for row in rows] == ['"Al" Roe', '5" pipe']


def test_quotes_within_quotes_may_be_doubled_or_escaped(read):
    for inner in ('""', r"\""):
        _, rows = read(f'order,customer,date,amount\n1,"a {inner}b{inner}, c",2024-01-03,1\n')
        assert rows == [("1", 'a "b", c', "2024-01-03", "1")]


def test_single_quotes_may_wrap_fields(read):
    _, rows = read("order,customer,date,amount\n'1','Roe, Al','2024-01-03','1'\n")
    assert rows == [("1", "Roe, Al", "2024-01-03", "1")]


# --- ends of lines ------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("odd", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("at", [0, 1, 2_000, 2_999])
def test_any_end_of_line_ends_a_line(read, base, odd, at):
    lines = ["order,customer,date,amount"]
    lines += [f'{n},"a ""b"", c\n{n}",2024-01-03,1' for n in range(3_000)]
    content = "".join(line + (odd if n == at else base) for n, line in enumerate(lines))
    _, rows = read(content)
    assert len(rows) == 3_000
    assert {row[1] for row in rows} == {f'a "b", c\n{n}' for n in range(3_000)}


# --- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "titles",
    [
        "Sales report 2024\n\n",
        "Umsatz 2024,,,\nFirma,,,\n,,,\n",
        'Report of "my shop\n',
        "Period,2024-01-01,2024-12-31,\n",
        "\n\n",
        "# exported by the till\n# on 2024-02-01\n",
        "Shop,Nord,,\nTotal,30.50,,\n\n",
    ],
)
def test_headings_are_found_below_titles(read, titles):
    assert read(titles + TABLE) == (HEADINGS, ROWS)
    (decision,) = read.source.decisions
    assert f"--header-row {titles.count(chr(10)) + 1}" in decision.option


def test_the_user_says_which_line_holds_the_headings(read):
    table = "kunde,tag,betrag\ncustomer,date,amount\n1,2024-01-03,5\n"
    assert read(table, header_row=1)[0] == ("kunde", "tag", "betrag")
    assert read(table, header_row=2)[0] == ("customer", "date", "amount")
    assert refusal(read, table, header_row=9).startswith("--header-row 9: no row begins on that")


def test_a_file_without_headings_is_refused_with_the_way_out(read):
    table = TABLE.split("\n", 1)[1]
    message = refusal(read, table)
    assert "no line holds headings; line 1 reads as data (3 of its 4 fields" in message
    assert message.endswith("with --columns, 4 names with commas between them")
    assert read(table, columns=HEADINGS) == (HEADINGS, ROWS)


def test_headings_are_trimmed_and_named_where_empty(read):
    headings, _ = read("order, customer ,date,,amount,amount\n1,ann,2024-01-03,x,5,7\n")
    assert headings == ("order", "customer", "date", "column4", "amount", "amount_1")


def test_our_own_names_are_ordinary_headings(tmp_path):
    text = "source_part,rfmreport:line,customer_id,order_id,date,amount\nx,y,1,{n},2024-01-03,5\n"
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for n, path in enumerate(paths):
        path.write_text(text.format(n=n))
    with cleaned(*paths, columns={"product": "source_part"}) as clean:
        assert clean.source.headings[:2] == ("source_part", "rfmreport line")
        assert clean.audit.kept.line_count == 2


# --- rows that do not fit -----------------------------------------------------------------------


def test_unquoted_decimal_commas_are_named_as_the_cause(read):
    rows = "".join(f"{n},c{n},2024-01-03,{n},50\n" for n in range(10, 20))
    message = refusal(read, "order,customer,date,amount\n" + rows)
    assert "line 2 has 5 fields under 4 headings (10 of the first 10 rows do not fit)" in message
    assert "decimal commas without quotes are the likely cause" in message


def test_many_misfits_far_behind_are_refused_with_the_first_line(tmp_path):
    rows = ["1,ann,2024-01-03,5"] * 20_000 + ["1,ann,2024-01-03,1,99"] * 2_000
    path = tmp_path / "a.csv"
    path.write_text("order,customer,date,amount\n" + "\n".join(rows) + "\n")
    with pytest.raises(InputError) as caught, cleaned(path):
        pass
    message = "line 20,002 has 5 fields under 4 headings (2,000 of 22,000 rows do not fit)"
    assert message in str(caught.value)


def test_a_quote_that_hides_the_rows_behind_it_is_refused(read):
    rows = ["1,ann,2024-01-03,5"] * 9_000
    rows[5_000] = '1,"ann,2024-01-03,5'
    message = refusal(read, 'order,customer,date,amount\n1,"a, b",2024-01-03,5\n' + "\n".join(rows))
    assert "on line 5,003 a quote opens that does not close" in message


def test_empty_fields_at_the_end_do_no_harm(read):
    heading, lines = TABLE.split("\n", 1)
    assert read(f"{heading},,\n{lines}") == (HEADINGS, ROWS)
    assert read(heading + "\n" + lines.replace("\n", ",\n")) == (HEADINGS, ROWS)
    assert read(heading + "\n" + lines.replace("\n", ",,\n"))[0][:4] == HEADINGS


def test_row_numbers_below_no_heading_are_a_column(read):
    headings, rows = read("customer,date,amount\n1,ann,2024-01-03,5\n2,bob,2024-01-04,6\n")
    assert headings == ("column1", "customer", "date", "amount")
    assert rows == [("1", "ann", "2024-01-03", "5"), ("2", "bob", "2024-01-04", "6")]


# --- several files ------------------------------------------------------------------------------


def test_parts_with_other_headings_are_joined_by_role(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Order ID,Customer ID,Order Date,Amount\n1,C1,2024-01-03,10.00\n")
    second.write_text("Bestelldatum;Kundennummer;Betrag;Bestellnummer\n2024-01-04;C2;20.50;2\n")
    with cleaned(first, second) as clean:
        assert clean.audit.read.line_count == 2
        assert clean.audit.kept.amount * 10 == 305
        assert set(clean.orders.customer_id.to_pyarrow().to_pylist()) == {"C1", "C2"}
        assert any("Kundennummer as Customer ID" in one.decided for one in clean.decisions)


def test_a_part_without_the_roles_is_refused_by_name(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Order ID,Customer ID,Order Date,Amount\n1,C1,2024-01-03,10.00\n")
    second.write_text("SKU,Qty\nX,2\n")
    with pytest.raises(InputError) as caught, cleaned(first, second):
        pass
    assert str(caught.value).startswith(f"{second}: no column that names the customer")


def test_addresses_are_not_put_below_numbers(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Customer ID,Order Date,Amount\nC1,2024-01-03,10.00\n")
    second.write_text("Email,Order Date,Amount\na@b.example,2024-01-03,10.00\n")
    refused = pytest.raises(InputError, match="names the customer in another way")
    with refused, cleaned(first, second):
        pass


def test_a_line_is_named_as_an_editor_counts_it(tmp_path):
    path = tmp_path / "orders.csv"
    rows = "".join(f'{n};2024-01-0{n};"said\ntwice";c{n};{n}.250\n' for n in range(1, 6))
    path.write_text(f"Orders\n\nOrder No;Date;Note;Customer;Amount\n{rows}", encoding="utf-8")
    told = r"column 'Amount', lines 4, 6 and 8: '1\.250' may"
    with pytest.raises(InputError, match=told), cleaned(path):
        pass
