"""Text for an e-mail: kept to its line and its direction, broken into lines, set in columns."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.mail.content import SegmentLines
    from rfmreport.sections.summary.page import WrittenKpi

LINE_LENGTH = 72
_RULE = re.compile(r"([^\w\s]|_)\1{3,}")
_CLAUSE_END = re.compile(r"(?<=\S)(?:[;:.!?…] |$)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])(?: |$)")
_CAVEATS = ("but ", "yet ", "though ", "although ", "however")
_JOINERS = "\u200c\u200d"  # part of Persian words and of emoji


def one_line(text: str, limit: int = 320) -> str:
    """Return text that keeps to its line and its direction, cut at `limit` letters.

    Line breaks and control characters become spaces; letters that cannot be seen, and those that
    turn the direction of others, go; and so do the rules that could look like a heading's.
    """
    line = re.sub(" {2,}", " ", "".join(map(_seen, text))).strip()
    line = _RULE.sub(r"\1\1\1", line)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    whole_words = cut.rpartition(" ")[0]
    return (whole_words if len(whole_words) > limit / 2 else cut).rstrip(" ,;:") + "…"


def first_clauses(text: str, limit: int) -> str:
    """Return as many whole clauses of a line as fit `limit` letters; none where the first does not.

    What the rest takes back is not told without it: before "but" and "yet" there is no cut.
    """
    ends = (end.start() for end in _CLAUSE_END.finditer(text))
    fitting = [
        end for end in ends if end <= limit and not text[end + 2 :].casefold().startswith(_CAVEATS)
    ]
    return text[: fitting[-1]] if fitting else ""


def whole_sentences(text: str, limit: int) -> str:
    """Return one line of as many whole sentences as fit; of one that is too long, its beginning."""
    line = one_line(text, len(text) + 1)
    ends = [end.start() for end in _SENTENCE_END.finditer(line) if end.start() <= limit]
    if len(line) <= limit or not ends:
        return one_line(line, limit)
    return line[: ends[-1]]


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category == "Cf" and letter not in _JOINERS:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category == "Cs" else letter


def wrapped(text: str, first: str = "") -> str:
    """Break a text into lines; those after the first are indented as far as `first` reaches."""
    return textwrap.fill(
        text,
        LINE_LENGTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
    )


def figure_line(figure: WrittenKpi) -> str:
    """Return one figure of the strip as a line: "Orders: 2,642 (+38.8% on October 2011)"."""
    changes = [
        " ".join(filter(None, pair))
        for pair in ((figure.change, figure.against), (figure.year_change, figure.year_against))
        if any(pair)
    ]
    comma = "" if figure.period.startswith("of ") else ","
    told = f"{figure.label}: {figure.value}"
    told += f"{comma} {figure.period}" if figure.period else ""
    return f"{told} ({', '.join(changes)})" if changes else told


def segment_text(segments: SegmentLines) -> str:
    """Return the table of segments in columns of letters."""
    unit = f", {segments.unit}" if segments.unit else ""
    rows: list[tuple[str, ...]] = [
        ("Segment", "Customers", segments.since, f"Revenue{unit}", "of all"),
        *(
            (row.name, row.customers, row.change, row.revenue, row.share)
            for row in (*segments.rows, segments.total)
        ),
    ]
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(_letter_count, column)) for column in columns]
    lines = (
        "  ".join(
            _padded(cell, width, is_number=place > 0)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        for cells in zip(*columns, strict=True)
    )
    return "\n".join(line.rstrip() for line in lines)


def _padded(cell: str, width: int, *, is_number: bool) -> str:
    space = " " * (width - _letter_count(cell))
    return space + cell if is_number else cell + space


def _letter_count(text: str) -> int:
    """Return how many columns a text takes: letters of East Asia two, marks above others none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(unicodedata.combining(letter) > 0 for letter in text)
    return len(text) + wide - marks


PLAIN_FILTERS = {"wrapped": wrapped, "figure_line": figure_line, "segment_text": segment_text}
