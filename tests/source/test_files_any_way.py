"""One truth written in any way a shop might: it is read back as it was, or refused, never wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError
from rfmreport.settings import SourceSettings
from rfmreport.source import reading
from rfmreport.source.expressions import hold
from rfmreport.source.files.parts import VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ("order", "customer", "date", "amount", "note")
EXAMPLES = int(os.environ.get("RFMREPORT_FILE_EXAMPLES", "60"))

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
    try:
        source = reading.open_source(Engine(engine.con), SourceSettings(paths=(str(path),)))
        source, held = hold(source, "held", engine.table(VIEW))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  refused in one line is right
        return
    found = [tuple(row.values()) for row in held.to_pyarrow().to_pylist()]
    wanted = [tuple(text or None for text in row) for row in rows]
    assert source.headings == HEADINGS
    assert sorted(found) == sorted(wanted)
    assert source.misfit_count == 0
