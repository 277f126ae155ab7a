"""The files of audiences: whatever a segment is called, its list has a name that works anywhere."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.customers.segments import load_scheme, scheme_names
from rfmreport.kit.audience_files import (
    FOLDER,
    SLIPPED_FILE,
    TURNING_COLD_FILE,
    WOULD_ORDER_FILE,
    audience_files,
)

RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


def stem_of(name: str) -> str:
    return PurePosixPath(audience_files([name])[name]).stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("At-Risk", "at-risk"),
        ("Can't Lose", "can-t-lose"),
        ("Kunden mit Größe 3", "kunden-mit-grösse-3"),
        ("常連 客", "常連-客"),
        ("नियमित ग्राहक", "नियमित-ग्राहक"),
        ("العملاء", "العملاء"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x", "c-windows-x"),
        ("a\0b\nc", "a-b-c"),
        (".hidden", "hidden"),
        ("=1+1", "1-1"),
        ("con", "con-2"),
        ("COM¹", "com1-2"),
        ("slipped", "slipped-2"),
        ("Turning cold", "turning-cold-2"),
        ("***", "segment"),
        ("", "segment"),
        ("x" * 300, "x" * 50),
    ],
)
def test_a_name_becomes_small_letters_and_digits_of_its_script(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_names_that_look_alike_to_a_file_system_are_numbered_in_the_schemes_order() -> None:
    names = ["Best!", "best", "BEST?", "Straße", "STRASSE", "é", "e\u0301", "ﬁ", "fi"]
    assert [path.removeprefix("audiences/") for path in audience_files(names).values()] == [
        "best.csv", "best-2.csv", "best-3.csv", "strasse.csv", "strasse-2.csv", "é.csv", "é-2.csv",
        "fi.csv", "fi-2.csv",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=80), unique=True, max_size=26))
def test_any_names_have_files_that_every_system_can_hold(names: list[str]) -> None:
    files = audience_files(names)
    assert list(files) == names
    taken = [SLIPPED_FILE, TURNING_COLD_FILE, WOULD_ORDER_FILE, *files.values()]
    alike = {unicodedata.normalize("NFD", path).casefold() for path in taken}
    assert len(alike) == len(taken)
    for path in files.values():
        folder, _, file = path.partition("/")
        stem = file.removesuffix(".csv")
        assert (folder, file) == (FOLDER, f"{stem}.csv")
        assert stem
        assert not set(stem) & set('/\\:*?"<>|.\0\n\r\t ')
        assert stem.casefold() not in RESERVED
        assert len(file.encode()) <= 255


@pytest.mark.parametrize("scheme", scheme_names())
def test_the_segments_that_ship_need_no_number(scheme: str) -> None:
    names = [segment.name for segment in load_scheme(scheme).segments]
    for path in audience_files(names).values():
        assert not path[-5].isdigit()
        assert path.isascii()
