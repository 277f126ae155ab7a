"""The comparison in a terminal: the finding first, aligned, and nothing that steers the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from report_folders import CUTS, write_folder

from rfmreport.folder.comparison import Changed, compare_folders
from rfmreport.folder.comparison_text import describe, formats_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


COMPARABLE = """\
older  october, as of 1 Nov 2011, orders of 20 Sept 2011 to 31 Oct 2011
newer  november, as of 1 Dec 2011, orders of 20 Sept 2011 to 31 Oct 2011

Comparable: same scheme, cuts and rules, and no month was restated (complete in both: 1).

Results
                                  customers   change       revenue        change     of all
  High-Value                       10 -> 14       +4           £91           +£9          =
  Lost                             30 -> 30        0           £21            £0          =
  All customers                    40 -> 44       +4          £111           +£9          =

Data
  Same sources.
                                               lines    change           amount           change
  Read from the source                           112        +2          £120.00           +£5.00

Settings: same

Scheme: same

Cuts: same

Versions: same"""


def test_a_comparable_pair_is_told_as_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "october")
    write_folder(
        tmp_path / "november", "2011-12-01", high=14, all=44, revenue="90.75", total="111.25",
        read=112, read_amount="120",
    )  # fmt: skip
    comparison = compare_folders(tmp_path / "october", tmp_path / "november")
    sides = {"older": replace(comparison.older, folder="october")}
    sides["newer"] = replace(comparison.newer, folder="november")
    comparison = replace(comparison, **sides)
    assert describe(comparison, formats_of(comparison)) == COMPARABLE


def texts_of(folder: Path, **changed) -> str:
    older = write_folder(folder / "older")
    comparison = compare_folders(older, write_folder(folder / "newer", "2011-12-01", **changed))
    return describe(comparison, formats_of(comparison))


def test_what_forbids_a_trend_comes_first_and_labels_the_results(tmp_path: Path):
    cuts = CUTS | {"order_count": {"bounds": [1, 4], "closed": "right"}}
    manifest = {"cuts": {"method": "quantile", "bins": 3, **cuts}}
    text = texts_of(tmp_path, october="60", manifest=manifest)
    reasons = [line for line in text.splitlines() if line.startswith("! Not a trend: ")]
    assert len(reasons) == 2
    assert text.index(reasons[-1]) < text.index("Results (not a trend, see above)")
    assert "  Revenue of these months: +£2.75 in all; month by month below." in text
    assert "  October 2011          £57.25 -> £60.00 (+£2.75), orders 20 -> 20" in text
    assert "  order_count: 1, 2 (closed right) -> 1, 4 (closed right)" in text


def test_the_same_report_twice_is_two_lines_and_a_word(tmp_path: Path):
    folder = write_folder(tmp_path / "a")
    comparison = compare_folders(folder, folder)
    assert describe(comparison, formats_of(comparison)).splitlines()[2:] == ["", "No difference."]


def test_a_reversed_order_is_told(tmp_path: Path):
    newer = write_folder(tmp_path / "newer", "2011-12-01")
    comparison = compare_folders(newer, write_folder(tmp_path / "older"))
    text = describe(comparison, formats_of(comparison))
    assert "compared in the order of time" in text
    assert text.index("as of 1 Nov 2011") < text.index("as of 1 Dec 2011")


def test_other_schemes_say_that_segments_are_not_compared(tmp_path: Path):
    text = texts_of(tmp_path, manifest={"scheme": "ten", "scheme_cells_sha256": "d"})
    assert "Segments are not compared" in text
    assert "High-Value" not in text
    assert "All customers" in text


def test_other_currencies_are_written_without_a_sign(tmp_path: Path):
    text = texts_of(tmp_path, settings={"report.currency": "EUR"})
    assert "£" not in text
    assert "€" not in text
    assert "report.currency: GBP -> EUR" in text


def test_long_lists_say_what_was_added_and_what_is_gone(tmp_path: Path):
    older = write_folder(tmp_path / "older")
    comparison = compare_folders(older, write_folder(tmp_path / "newer", "2011-12-01"))
    codes = ", ".join(f"CODE{n}" for n in range(20))
    change = Changed("cleaning.non_product_codes", codes, codes.replace("CODE7", "FEE"))
    text = describe(replace(comparison, settings=(change,)), formats_of(comparison))
    assert "  cleaning.non_product_codes: it adds FEE; it lacks CODE7" in text


def test_nothing_from_the_files_steers_the_terminal_or_breaks_a_line(tmp_path: Path):
    hostile = "\x1b[31mred\x9b2J\u202eabc\nnext"
    older = write_folder(tmp_path / "older", manifest={"columns": {"customer": hostile}})
    newer = write_folder(
        tmp_path / "newer", "2011-12-01",
        manifest={"sources": [{"name": hostile, "sha256": hostile}], "rfmreport": hostile},
    )  # fmt: skip
    for folder in (older, newer):
        path = folder / "data/segments.csv"
        path.write_bytes(
            path.read_bytes().replace(b"Lost", b"Lo\x1bst").replace(b"All c", b"\x07c")
        )
    comparison = compare_folders(older, newer)
    text = describe(comparison, formats_of(comparison))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "\n next" not in text
    assert "?[31mred" in text
    assert "  Lo?st " in text


def test_apart_from_names_and_currency_the_text_is_ascii(tmp_path: Path):
    texts = texts_of(
        tmp_path, revenue="1.5", total="22", october="1", settings={"report.currency": ""}
    )
    assert texts.isascii()
    assert "-80.50" in texts or "-81" in texts
