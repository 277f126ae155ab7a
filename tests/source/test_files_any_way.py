"""One truth written in any way a shop might: it is read back as it was, or refused, never wrong."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest
from conftest import IN_CI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stages import cleaned

from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError
from rfmreport.settings import SourceSettings
from rfmreport.source import reading
from rfmreport.source.files.misfits import count_misfits
from rfmreport.source.files.parts import VIEW
from rfmreport.source.formats.all_values import Look
from rfmreport.source.formats.decimal_marks import count_votes
from rfmreport.source.formats.numbers import number

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ("order", "customer", "date", "amount", "note")
EXAMPLES = int(os.environ.get("RFMREPORT_FILE_EXAMPLES", "1000" if IN_CI else "60"))
WHOLE_EXAMPLES = max(10, EXAMPLES // 40)
"""How many go through all of the reading, which takes twenty times as long as a file's lines."""

# What each language's customers are called and buy, with the encodings that shops there use.
WORDS = {
    "English": (["Ann Roe", "Café £5", "Men’s mug"], ["utf-8", "cp1252", "utf-16"]),
    "German": (["Jürgen Groß", "Käthe Böhm", "Übergröße"], ["utf-8", "cp1252", "cp850", "utf-16"]),
    "Polish": (["Łukasz Wójcik", "Małgorzata Żak", "Zażółć gęślą"], ["utf-8", "cp1250"]),
    "Turkish": (["Gökhan Şahin", "Ayşegül Yıldız", "İnce çöreği"], ["utf-8", "cp1254"]),
    "Russian": (["Иван Петров", "Мария Сидорова", "Чайник"], ["utf-8", "cp1251", "utf-16"]),
    "Greek": (["Γιώργος", "Ελένη Παππά", "Τσάι"], ["utf-8", "cp1253"]),
    "Japanese": (["佐藤 花子", "鈴木一郎", "お茶セット"], ["utf-8", "cp932", "utf-16"]),
    "Chinese": (["王小明", "李建国", "茶杯套装"], ["utf-8", "gb18030"]),
    "Korean": (["김민수", "이영희", "녹차"], ["utf-8", "cp949"]),
}

NOTES = ["", "a, b", "a; b", 'the "best"', "two\nlines", '5" pipe', "x|y", "tab\tstop"]
TITLES = ["Sales report 2024", "", "Shop{0}Nord", "{0}{0}{0}{0}"]

languages = st.sampled_from(sorted(WORDS)).flatmap(
    lambda language: st.tuples(st.just(WORDS[language][0]), st.sampled_from(WORDS[language][1]))
)
lines = st.tuples(
    st.dates().map(lambda day: day.replace(year=2024).isoformat()),
    st.tuples(
        st.decimals("0.01", "99999", places=2), st.sampled_from(["{:.2f}", "{:,.2f}", "€ {:.2f}"])
    ).map(lambda pair: pair[1].format(pair[0])),
    st.sampled_from(NOTES),
)


def encodable(text: str, encoding: str) -> bool:
    return text in text.encode(encoding, errors="ignore").decode(encoding)


def written(
    rows: Sequence[Sequence[str]], delimiter: str, quoting: str, ends: Sequence[str]
) -> str:
    """Write rows as CSV, each with the next of the ends of lines."""

    def field(text: str) -> str:
        must = any(mark in text for mark in (delimiter, '"', "\n", "\r")) or text != text.strip()
        if quoting == "all" or must or (quoting == "words" and not text[:1].isdigit()):
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = (delimiter.join(map(field, row)) for row in rows)
    return "".join(line + ends[number % len(ends)] for number, line in enumerate(lines))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    language=languages,
    drawn=st.lists(lines, min_size=3, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from(["needed", "words", "all"]),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=3)
    | st.sampled_from([["\n"], ["\r\n"]]),
    titles=st.lists(st.sampled_from(TITLES), max_size=3),
    has_comma=st.booleans(),
    has_mark=st.booleans(),
    ends_open=st.booleans(),
)
def test_what_was_written_is_read_or_refused(
    engine,
    tmp_path,
    language,
    drawn,
    delimiter,
    quoting,
    ends,
    titles,
    has_comma,
    has_mark,
    ends_open,
):
    words, encoding = language
    if has_comma:  # 1.234,50 in place of 1,234.50
        marks = str.maketrans(",.", ".,")
        drawn = [(day, amount.translate(marks), note) for day, amount, note in drawn]
    if not encodable("€", encoding):
        drawn = [(day, amount.strip("€ "), note) for day, amount, note in drawn]
    rows = [(str(1_000 + n), words[n % 3], *line) for n, line in enumerate(drawn)]
    above = "".join(title.format(delimiter) + ends[0] for title in titles)
    text = above + written([HEADINGS, *rows], delimiter, quoting, ends)
    if ends_open:
        text = text.rstrip("\r\n")
    if encoding == "utf-8" and has_mark:
        encoding = "utf-8-sig"
    path = tmp_path / "shop.csv"
    path.write_bytes(text.encode(encoding))
    asked = Engine(engine.con)
    try:
        source = reading.open_source(asked, SourceSettings(paths=(str(path),)))
        ask = lambda _: asked.rows(f"SELECT * FROM {VIEW}")  # noqa: E731
        source, held = reading.read_through(asked, source, ask)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  refused in one line is right
        return
    found = [tuple(row.values()) for row in held]
    wanted = [tuple(text or None for text in row) for row in rows]
    assert source.headings == HEADINGS
    assert sorted(found) == sorted(wanted)
    assert count_misfits(asked, source.parts) == 0


# --- amounts, decided and read without a file ---------------------------------------------------

GROUPS = {".": ["", ",", "'", " ", "\u00a0"], ",": ["", ".", " ", "\u202f"]}
AROUND = {
    ".": ["{}", "{} €", "£{}", "$ {}", "EUR {}", "({})", "{}-", "-{}"],
    ",": ["{}", "{} €", "{} zł", "EUR {}", "({})", "{}-", "-{}"],  # £1,000 is a thousand
}
styles = st.sampled_from(sorted(GROUPS)).flatmap(
    lambda mark: st.tuples(
        st.just(mark), st.sampled_from(GROUPS[mark]), st.sampled_from(AROUND[mark])
    )
)


@pytest.fixture(scope="module")
def read_amounts(engine):
    """Return how the engine reads a column of texts by a decimal mark; it is asked in one query."""
    table = engine.create_table("amount_texts", schema={"place": "int64", "text": "string"})
    queries = {
        mark: engine.compile(
            table.select("place", value=number(table.text, mark)).order_by("place")
        )
        for mark in (".", ",", None)
    }

    def read(texts: Sequence[str], mark: str | None) -> list[float | None]:
        engine.con.execute("DELETE FROM amount_texts")
        query = "INSERT INTO amount_texts SELECT unnest(range(len($t))), unnest($t::VARCHAR[])"
        engine.con.execute(query, {"t": list(texts)})
        return [value for _, value in engine.con.execute(queries[mark]).fetchall()]

    return read


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    style=styles,
    places=st.sampled_from([0, 1, 2, 2, 2, 3, 4]),
    sizes=st.lists(st.integers(1, 9_999_999), min_size=1, max_size=20),
)
def test_amounts_in_one_style_are_read_as_meant_or_asked_about(read_amounts, style, places, sizes):
    mark, group, around = style
    meant = [size / 10**places for size in sizes]
    marks = str.maketrans({",": group, ".": mark})
    texts = [around.format(f"{value:,.{places}f}".translate(marks)) for value in meant]
    votes = count_votes("amount", "", [Look(text, text, 1) for text in texts])
    if votes.is_open:
        return  # whoever brings the file is asked for the mark
    sign = -1 if around in {"({})", "{}-", "-{}"} else 1
    assert read_amounts(texts, votes.mark) == [sign * value for value in meant]


# --- a few through everything -------------------------------------------------------------------

DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%Y/%m/%d", "%d %b %Y"]


@settings(
    max_examples=WHOLE_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    form=st.sampled_from(DAYS),
    mark=st.sampled_from(sorted(GROUPS)),
    delimiter=st.sampled_from(";\t|"),
    drawn=st.lists(
        st.tuples(st.dates(date(2021, 1, 1), date(2024, 12, 31)), st.integers(1, 999_999)),
        min_size=5,
        max_size=30,
    ),
)
def test_orders_are_what_was_written_or_refused(tmp_path, form, mark, delimiter, drawn):
    marks = str.maketrans(",.", ".,") if mark == "," else {}
    rows = [
        (str(1_000 + n), f"c{n % 4}", f"{day:{form}}", f"{cents / 100:,.2f}".translate(marks), "")
        for n, (day, cents) in enumerate(drawn)
    ]
    path = tmp_path / "shop.csv"
    path.write_text(written([HEADINGS, *rows], delimiter, "needed", ["\n"]), encoding="utf-8")
    try:
        # The engine's clock may say that these days are far apart: none strays to whom it is said.
        with cleaned(path, cleaning={"as_of": "2025-01-01"}) as clean:
            kept = clean.orders.to_pyarrow().to_pylist()
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  refused in one line is right
        return
    found = {(row["order_id"], row["first_at"].date(), float(row["amount"])) for row in kept}
    assert found == {(str(1_000 + n), day, cents / 100) for n, (day, cents) in enumerate(drawn)}
