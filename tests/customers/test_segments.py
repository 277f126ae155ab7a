"""Schemes: what the shipped ones hold, what a user's file may hold, and what each mistake says."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rfmreport.customers.segments import Scheme, Segment, draw_grid, load_scheme, scheme_names
from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

FIVE_SCORES = range(1, 6)
CELL_COUNTS = {
    "five": {
        "High-Value": 8,
        "Loyal Customers": 28,
        "Potential Loyalists": 39,
        "At-Risk": 42,
        "Lost": 8,
    },
    "ten": {
        "Champions": 10,
        "Loyal Customers": 20,
        "Potential Loyalists": 20,
        "Need Attention": 5,
        "Can't Lose": 10,
        "At Risk": 20,
        "About To Sleep": 10,
        "New Customers": 5,
        "Promising": 5,
        "Hibernating": 20,
    },
    "eleven": {
        "Champions": 7,
        "Loyal": 8,
        "Need Attention": 8,
        "Potential Loyalist": 24,
        "Promising": 16,
        "At Risk": 22,
        "New": 7,
        "Cannot Lose Them": 8,
        "About To Sleep": 8,
        "Hibernating": 11,
        "Lost": 6,
    },
    "six": {
        "Champions": 3,
        "Loyal": 5,
        "Recent": 5,
        "Needs attention": 5,
        "At risk": 5,
        "Inactive": 4,
    },
}

TWO_SCORES = """
title = "Two segments"
bins = 2

[[segment]]
name = "Better"
color = "#0B5D5E"
cells = "2** 12*"

[[segment]]
name = "Worse"
color = "#9aa1a9"
cells = "11*"
"""


def load_text(text: str, folder: Path, name: str = "my.toml") -> Scheme:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_scheme(str(path))


def message_of(text: str, folder: Path) -> str:
    """Return what a wrong file is refused with, from the file's name on."""
    with pytest.raises(SettingsError) as caught:
        load_text(text, folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"scheme {folder}")
    return message.partition("my.toml")[2]


@pytest.mark.parametrize("name", CELL_COUNTS)
def test_a_shipped_scheme_covers_every_cell_as_published(name: str):
    scheme = load_scheme(name)
    assert len(scheme.cell_segments) == scheme.bins**3 == sum(CELL_COUNTS[name].values())
    assert Counter(scheme.cell_segments.values()) == CELL_COUNTS[name]
    assert [segment.name for segment in scheme.segments] == list(CELL_COUNTS[name])
    assert scheme.name == name
    assert scheme.title
    assert scheme.source


def test_the_default_scheme_comes_first():
    assert scheme_names() == ("five", "eleven", "six", "ten")


def test_five_follows_its_rules():
    def by_the_rules(recency: int, frequency: int, monetary: int) -> str:
        if recency <= 2:
            return "At-Risk" if frequency >= 3 or monetary >= 3 else "Lost"
        if min(recency, frequency, monetary) >= 4:
            return "High-Value"
        if frequency >= 4 or (frequency >= 3 and monetary >= 4):
            return "Loyal Customers"
        return "Potential Loyalists"

    cells = itertools.product(FIVE_SCORES, repeat=3)
    assert load_scheme("five").cell_segments == {cell: by_the_rules(*cell) for cell in cells}


def test_ten_follows_the_published_expressions():
    published = {
        r"[1-2][1-2]": "Hibernating",
        r"[1-2][3-4]": "At Risk",
        r"[1-2]5": "Can't Lose",
        r"3[1-2]": "About To Sleep",
        r"33": "Need Attention",
        r"[3-4][4-5]": "Loyal Customers",
        r"41": "Promising",
        r"51": "New Customers",
        r"[4-5][2-3]": "Potential Loyalists",
        r"5[4-5]": "Champions",
    }
    for (recency, frequency, _), segment in load_scheme("ten").cell_segments.items():
        matching = [p for p in published if re.fullmatch(p, f"{recency}{frequency}")]
        assert [published[pattern] for pattern in matching] == [segment]


@pytest.mark.parametrize(
    ("scheme", "code", "segment"),
    [
        ("eleven", "535", "Need Attention"),
        ("eleven", "311", "New"),
        ("eleven", "313", "Promising"),
        ("eleven", "114", "Cannot Lose Them"),
        ("eleven", "251", "About To Sleep"),
        ("eleven", "151", "Lost"),
        ("six", "323", "Champions"),
        ("six", "321", "Loyal"),
        ("six", "223", "Recent"),
        ("six", "123", "Needs attention"),
        ("six", "122", "At risk"),
        ("six", "113", "Inactive"),
    ],
)
def test_published_codes_keep_their_segment(scheme: str, code: str, segment: str):
    recency, frequency, monetary = map(int, code)
    assert load_scheme(scheme).cell_segments[recency, frequency, monetary] == segment


def test_only_six_brings_its_own_cuts():
    cuts = {name: load_scheme(name).fixed_cuts for name in scheme_names()}
    assert cuts == {"five": {}, "eleven": {}, "six": {"recency_days": (180.0, 365.0)}, "ten": {}}


def contrast_with_white(color: str) -> float:
    """Return the contrast ratio of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


@pytest.mark.parametrize("name", ["ten", "eleven", "six"])
def test_colours_differ_and_stand_out_from_paper(name: str):
    colors = [segment.color for segment in load_scheme(name).segments]
    assert len(set(colors)) == len(colors)
    assert min(contrast_with_white(color) for color in colors) >= 3


def test_five_has_the_house_colours():
    colors = [segment.color for segment in load_scheme("five").segments]
    assert colors == ["#0b5d5e", "#3b9a94", "#e3b23c", "#d1603d", "#9aa1a9"]


def test_a_user_writes_a_scheme_of_their_own(tmp_path: Path):
    scheme = load_text(TWO_SCORES, tmp_path)
    better = dict.fromkeys(itertools.product((1, 2), (1, 2), (1, 2)), "Better")
    assert scheme == Scheme(
        name="my",
        title="Two segments",
        source="",
        bins=2,
        segments=(Segment("Better", "#0b5d5e"), Segment("Worse", "#9aa1a9")),
        fixed_cuts={},
        cell_segments=better | {(1, 1, 1): "Worse", (1, 1, 2): "Worse"},
    )


def test_cuts_of_ones_own_are_kept_per_measure(tmp_path: Path):
    cuts = "[cuts]\nrecency_days = [90]\nrevenue = [49.5]\n"
    scheme = load_text(TWO_SCORES.replace("[[segment]]", f"{cuts}[[segment]]", 1), tmp_path)
    assert scheme.fixed_cuts == {"recency_days": (90.0,), "revenue": (49.5,)}


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path):
    text = "\ufeff" + TWO_SCORES.replace("\n", "\r\n")
    assert load_text(text, tmp_path).bins == 2


def test_a_cell_may_stand_twice_in_one_segment(tmp_path: Path):
    assert load_text(TWO_SCORES.replace("2** 12*", "2** 222 12*"), tmp_path).bins == 2


# One change to the file above, and what the refusal says after the file's name.
MISTAKES = [
    ("bins = 2", "bins = ", ": not valid TOML: Invalid value (at line 3, column 8)"),
    (
        'title = "Two segments"',
        "",
        ": 'title' is missing; write for example: title = \"Our four segments\"",
    ),
    ("bins = 2", "", ": 'bins' is missing; write for example: bins = 5"),
    (
        "bins = 2",
        "bins = true",
        ": bins = True is not a whole number; write for example: bins = 5",
    ),
    ("bins = 2", "bins = 10", ": bins = 10 is not from 2 to 9; scores run from 1 to bins"),
    (
        "bins = 2",
        'bins = 2\nauthor = "me"',
        ": unknown key 'author'; expected one of title, source, bins, cuts, segment",
    ),
    ("color", "colour", ", segment 1 ('Better'): unknown key 'colour'; did you mean 'color'?"),
    (
        'color = "#0B5D5E"',
        "",
        ", segment 1 ('Better'): 'color' is missing; write for example: color = \"#3b9a94\"",
    ),
    (
        "#0B5D5E",
        "teal",
        ", segment 1 ('Better'): color 'teal' is not of the form #rrggbb, such as #3b9a94",
    ),
    (
        '"2** 12*"',
        "222",
        (
            ", segment 1 ('Better'): cells = 222 is not text in quotes; "
            'write for example: cells = "[4-5]3* 355"'
        ),
    ),
    (
        "2** 12*",
        "2** 12",
        (
            ", segment 1 ('Better'): '12' is not a pattern for three scores; each is a digit, a "
            "range or *, as in [4-5]3*"
        ),
    ),
    (
        "2** 12*",
        "2** 1[2-3]*",
        ", segment 1 ('Better'): [2-3] in '1[2-3]*' is not within the scores 1 to 2",
    ),
    (
        "2** 12*",
        "[2-1]** 12*",
        ", segment 1 ('Better'): [2-1] in '[2-1]**' is not within the scores 1 to 2",
    ),
    (
        '"2** 12*"',
        '" "',
        (
            ", segment 1 ('Better'): cells has ' ' where a readable text is expected; "
            'write for example: cells = "[4-5]3* 355"'
        ),
    ),
    (
        '"Better"',
        r'"Bet\u0007ter"',
        (
            r", segment 1 ('Bet\x07ter'): name has 'Bet\x07ter' where a readable text is expected; "
            'write for example: name = "Loyal"'
        ),
    ),
    ("Worse", "BETTER", ": two segments have the name 'Better'; rename or join them"),
    (
        "[[segment]]",
        "[cuts]\nrecency = [90]\n[[segment]]",
        ", cuts: unknown key 'recency'; did you mean 'recency_days'?",
    ),
    (
        "[[segment]]",
        "[cuts]\nrevenue = [90, 180]\n[[segment]]",
        (
            ", cuts: revenue = [90, 180] is not a list of 1 ascending numbers, "
            "one fewer than there are scores; write for example: revenue = [30]"
        ),
    ),
    (
        "11*",
        "111",
        ": 1 of 8 cells has no segment: 112; add it to a segment's cells",
    ),
    (
        "2** 12*",
        "22* 12*",
        ": 2 of 8 cells have no segment: 211 212; add them to a segment's cells",
    ),
    (
        "11*",
        "11* 222",
        (
            ": 1 of 8 cells has more than one segment: 222 (Better, Worse); "
            "leave it in one segment's cells"
        ),
    ),
    (
        "11*",
        "111 12*",
        (
            ": 1 of 8 cells has no segment: 112; add it to a segment's cells. "
            "2 of 8 cells have more than one segment: 121 (Better, Worse) 122 (Better, Worse); "
            "leave each in one segment's cells"
        ),
    ),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), MISTAKES)
def test_a_mistake_is_named_in_one_line(tmp_path: Path, right: str, wrong: str, expected: str):
    count = -1 if right == "color" else 1
    assert message_of(TWO_SCORES.replace(right, wrong, count), tmp_path) == expected


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ("[segment]", ": segment = {} is not a list; write for example: [[segment]] and below it"),
        ("segment = [1]", ", segment 1: 1 is not a table; write [[segment]] and below it"),
        ("segment = []", ": 8 of 8 cells have no segment: 111 112 121 122 211 212 221 222;"),
    ],
)
def test_segments_are_a_list_of_tables(tmp_path: Path, segments: str, expected: str):
    text = f'title = "Two"\nbins = 2\n{segments}\n'
    assert message_of(text, tmp_path).startswith(expected)


def test_more_segments_than_letters_are_refused(tmp_path: Path):
    cells = itertools.product((1, 2, 3), repeat=3)
    text = scheme_text(3, *((cell, str(number)) for number, cell in enumerate(cells)))
    assert message_of(text, tmp_path) == (
        ": 27 segments are more than a reader can tell apart; join some, 26 is the most"
    )


def test_a_long_list_of_cells_is_cut_short(tmp_path: Path):
    message = message_of(TWO_SCORES.replace("bins = 2", "bins = 5"), tmp_path)
    assert message.startswith(": 90 of 125 cells have no segment: 131 132 133 134 135 141 ")
    assert message.endswith(" 333 334 335 and 60 more; add them to a segment's cells")


@pytest.mark.parametrize("name", ["seven", "W" * 300])
def test_an_unknown_scheme_is_answered_with_the_known_ones(name: str):
    with pytest.raises(SettingsError) as caught:
        load_scheme(name)
    assert str(caught.value).startswith(f"scheme {name}: ")
    if name == "seven":
        assert str(caught.value).endswith(
            "no such file, and none of that name ships with rfmreport; give the path of a TOML "
            "file or one of five, eleven, six, ten"
        )


def test_a_folder_is_no_scheme(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"cannot be read \(Is a directory\)"):
        load_scheme(str(tmp_path))


def test_a_binary_file_is_no_scheme(tmp_path: Path):
    (tmp_path / "my.toml").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(SettingsError, match=r"my\.toml: not a text file in UTF-8$"):
        load_scheme(str(tmp_path / "my.toml"))


def scheme_text(bins: int, *owned: tuple[tuple[int, ...], str]) -> str:
    """Write a scheme cell by cell, its segments in the order in which they first appear."""
    cells: dict[str, list[str]] = {}
    for cell, segment in owned:
        cells.setdefault(segment, []).append("".join(map(str, cell)))
    entries = [
        f'[[segment]]\nname = {json.dumps(name, ensure_ascii=False)}\ncolor = "#0b5d5e"\n'
        f'cells = "{" ".join(codes)}"\n'
        for name, codes in cells.items()
    ]
    return f'title = "Drawn by lot"\nbins = {bins}\n' + "".join(entries)


@st.composite
def partitions(draw: st.DrawFn) -> tuple[int, dict[tuple[int, ...], str]]:
    """Draw a number of scores and a segment for every cell; at least two segments."""
    bins = draw(st.integers(2, 5))
    readable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
    names = draw(
        st.lists(readable, min_size=2, max_size=12, unique_by=str.casefold).filter(
            lambda drawn: all(name.split() == [name] for name in drawn)
        )
    )
    cells = list(itertools.product(range(1, bins + 1), repeat=3))
    # One draw of a seed: a draw for each of 125 cells takes a second.
    lots = draw(st.randoms(use_true_random=True)).choices(names, k=len(cells) - 2)
    return bins, dict(zip(cells, [*names[:2], *lots], strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemes")


@given(drawn=partitions())
def test_any_partition_of_the_cells_loads_as_written(folder: Path, drawn):
    bins, cell_segments = drawn
    scheme = load_text(scheme_text(bins, *cell_segments.items()), folder)
    assert scheme.cell_segments == cell_segments
    assert [segment.name for segment in scheme.segments] == list(
        dict.fromkeys(cell_segments.values())
    )


@given(drawn=partitions(), data=st.data())
def test_a_cell_taken_away_is_named(folder: Path, drawn, data: st.DataObject):
    bins, cell_segments = drawn
    several = Counter(cell_segments.values())
    removable = [cell for cell, name in cell_segments.items() if several[name] > 1]
    assume(removable)
    cell = data.draw(st.sampled_from(removable))
    rest = {other: name for other, name in cell_segments.items() if other != cell}
    code = "".join(map(str, cell))
    assert message_of(scheme_text(bins, *rest.items()), folder) == (
        f": 1 of {bins**3} cells has no segment: {code}; add it to a segment's cells"
    )


@given(drawn=partitions(), data=st.data())
def test_a_cell_given_twice_is_named_with_both_segments(folder: Path, drawn, data: st.DataObject):
    bins, cell_segments = drawn
    cell = data.draw(st.sampled_from(list(cell_segments)))
    names = list(dict.fromkeys(cell_segments.values()))
    other = data.draw(st.sampled_from([name for name in names if name != cell_segments[cell]]))
    code = "".join(map(str, cell))
    text = scheme_text(bins, *cell_segments.items(), (cell, other))
    both = ", ".join(name for name in names if name in {other, cell_segments[cell]})
    assert message_of(text, folder) == (
        f": 1 of {bins**3} cells has more than one segment: {code} ({both}); "
        "leave it in one segment's cells"
    )


def test_the_grid_shows_the_monetary_scores_as_letters():
    assert draw_grid(load_scheme("six")) == (
        """\
Six groups on three scores
Klaviyo, RFM report, help.klaviyo.com/hc/en-us/articles/17797937793179

     F1   F2   F3
R3  CCC  BBA  BAA
R2  EED  DCC  EBB
R1  FFF  FED  EDD

R is the recency score, F the frequency score, 3 is best. The letters of a
block are the monetary scores 1 to 3.
Own cuts of recency_days: up to 180 scores 3, up to 365 scores 2, anything
above 1.

A    3 cells  Champions
B    5 cells  Loyal
C    5 cells  Recent
D    5 cells  Needs attention
E    5 cells  At risk
F    4 cells  Inactive"""
    )


def test_the_grid_has_one_letter_where_the_monetary_score_plays_no_part():
    drawn = draw_grid(load_scheme("ten"))
    assert "R5  H   C   C   A   A\n" in drawn
    assert "The monetary score\nplays no part." in drawn


def test_the_grid_of_a_user_needs_no_source(tmp_path: Path):
    text = "[cuts]\nrevenue = [49.5]\n[[segment]]"
    scheme = load_text(TWO_SCORES.replace("[[segment]]", text, 1), tmp_path)
    drawn = draw_grid(scheme)
    assert drawn.startswith("Two segments\n\n    F1  F2\nR2  A   A\nR1  B   A\n\n")
    assert "Own cuts of revenue: up to 49.5 scores 1, anything above 2." in drawn


@pytest.mark.parametrize("name", CELL_COUNTS)
def test_the_grid_is_legible_in_80_columns(name: str):
    drawn = draw_grid(load_scheme(name))
    assert max(map(len, drawn.splitlines())) <= 80
    assert all(segment in drawn for segment in CELL_COUNTS[name])
