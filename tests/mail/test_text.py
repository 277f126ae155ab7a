"""Text for an e-mail: it keeps to its line, its direction and its column."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.mail.content import SegmentLine, SegmentLines
from rfmreport.mail.text import (
    figure_line,
    first_clauses,
    one_line,
    segment_text,
    whole_sentences,
    wrapped,
)
from rfmreport.sections.summary.page import WrittenKpi


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Gift shop", "Gift shop"),
        ("  two\r\nlines\tand\u2028more ", "two lines and more"),
        ("\u202eturned\u2069 \u200bround\ufeff", "turned round"),
        ("می\u200cخواهم 👩\u200d🌾", "می\u200cخواهم 👩\u200d🌾"),
        ("1\N{NO-BREAK SPACE}234 £", "1\N{NO-BREAK SPACE}234 £"),
        ("\ud800x", "\N{REPLACEMENT CHARACTER}x"),
        ("heading ------- ===== ____ ...", "heading --- === ___ ..."),
        ("", ""),
    ],
)
def test_a_text_becomes_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_long_text_is_cut_at_a_word_and_a_long_word_anywhere() -> None:
    assert one_line("Revenue rose, and more", 14) == "Revenue rose…"
    assert one_line("W" * 99, 10) == "W" * 9 + "…"


@given(st.text(max_size=200), st.integers(10, 100))
def test_whatever_the_text_it_is_one_line_of_that_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not {unicodedata.category(letter) for letter in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("All of it fits", "All of it fits"),
        ("Revenue fell; 21% hold 64% of all revenue", "Revenue fell"),
        ("One; two; three and many more words", "One; two"),
        ("1 to 5 of £1.14M at 12:30 or later than that", ""),
        ("Expect 100; yet a year ago it was 50", ""),
    ],
)
def test_a_text_that_is_too_long_is_cut_between_clauses_only(text: str, told: str) -> None:
    assert first_clauses(text, 20) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("All of it fits", "All of it fits"),
        ("Two fit. They do. This one does not.", "Two fit. They do."),
        ("1.5 million words and more", "1.5 million words…"),
    ],
)
def test_sentences_are_told_whole_or_not(text: str, told: str) -> None:
    assert whole_sentences(text, 20) == told


def test_lines_after_the_first_are_indented_as_far() -> None:
    lines = wrapped("word " * 30, "10. ").splitlines()
    assert lines[0].startswith("10. word")
    assert all(line.startswith("    word") for line in lines[1:])
    assert max(map(len, lines)) <= 72
    assert "".join(wrapped("W" * 100).splitlines()) == "W" * 100


def figure(**parts: str) -> WrittenKpi:
    empty = dict.fromkeys(WrittenKpi.__dataclass_fields__, "")
    return WrittenKpi(**empty | {"label": "Orders", "value": "2,642"} | parts)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({}, "Orders: 2,642"),
        ({"change": "+38.8%"}, "Orders: 2,642 (+38.8%)"),
        ({"period": "November 2011"}, "Orders: 2,642, November 2011"),
        ({"period": "of all", "against": "no earlier"}, "Orders: 2,642 of all (no earlier)"),
        (
            {"change": "+1%", "year_change": "−2%", "year_against": "on November 2010"},
            "Orders: 2,642 (+1%, −2% on November 2010)",
        ),
    ],
)
def test_a_figure_is_one_line(parts: dict[str, str], line: str) -> None:
    assert figure_line(figure(**parts)) == line


def row(name: str, change: str = "+1") -> SegmentLine:
    return SegmentLine(name, "#000000", "12", change, "up", "£1,234", "50.0%")


def test_segments_stand_in_columns_also_with_wide_letters_and_marks() -> None:
    names = ("High-Value", "顧客", "e\u0301te\u0301")
    table = SegmentLines("since 1 Nov", "", tuple(map(row, names)), row("All customers"))
    assert segment_text(table).splitlines() == [
        "Segment        Customers  since 1 Nov  Revenue  of all",
        "High-Value            12           +1   £1,234   50.0%",
        "顧客                  12           +1   £1,234   50.0%",
        "e\u0301te\u0301                   12           +1   £1,234   50.0%",
        "All customers         12           +1   £1,234   50.0%",
    ]


def test_without_an_earlier_date_there_is_no_column_of_changes() -> None:
    table = SegmentLines("", "thousands", (row("A", ""),), row("All", ""))
    assert segment_text(table).splitlines() == [
        "Segment  Customers  Revenue, thousands  of all",
        "A               12              £1,234   50.0%",
        "All             12              £1,234   50.0%",
    ]
