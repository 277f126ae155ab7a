"""Saved cuts: whether they fit another report, and a file that people may edit."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.customers.saved_cuts import (
    CutsSource,
    SavedCuts,
    basis_of,
    read_cuts,
    why_not,
    write_cuts,
)
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.customers.segments import load_scheme
from rfmreport.errors import OutputError, SettingsError
from rfmreport.settings import load_settings
from rfmreport.source.columns.roles import ColumnMap
from rfmreport.vocabulary import MEASURES

COLUMNS = ColumnMap(
    customer="CustomerID", date="InvoiceDate", order="InvoiceNo", quantity="Quantity",
    unit_price="UnitPrice", product="StockCode", country="Country",
)  # fmt: skip
FIVE, SIX = load_scheme("five"), load_scheme("six")


def basis(columns=COLUMNS, scheme=FIVE, **given) -> dict[str, str]:
    return basis_of(load_settings(None, given), columns, scheme)


def saved(words: dict[str, str]) -> SavedCuts:
    measures = tuple(
        MeasureCuts(measure, (Decimal(1), Decimal(2), Decimal(3), Decimal(6)), "right")
        for measure in ("recency_days", "order_count", "revenue")
    )
    return SavedCuts(Cuts("quantile", 5, measures), date(2011, 11, 1), 100, {}, "five", words)


def test_the_same_settings_have_the_same_basis_whatever_the_date_and_the_files():
    other = basis(
        source={"paths": ["november.csv"]},
        cleaning={"month": "2011-11"},
        report={"locale": "de_DE", "page_size": "Letter", "horizon_days": 30},
        scoring={"scheme": "eleven", "cuts_file": "cuts.toml", "refit": True},
    )
    assert other == basis(cleaning={"as_of": "2011-11-01"})
    assert why_not(saved(other), basis()) is None
    assert saved(other).basis == saved(dict(reversed(basis().items()))).basis


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (basis(cleaning={"net_returns": True}), "net_returns off, this report has it on"),
        (basis(cleaning={"window_months": 12}), "window_months none, this report has 12"),
        (
            basis(replace(COLUMNS, customer="Client ID")),
            "customer column CustomerID, this report has Client ID",
        ),
        (
            basis(replace(COLUMNS, amount="Total")),
            "amount column Quantity × UnitPrice, this report has Total",
        ),
        (basis(scheme=SIX), "bins 5, this report has 3"),
        (
            basis(cleaning={"non_product_codes": ["POST", "FEE"]}),
            "other non_product_codes than this report (it adds FEE; it lacks DOT, C2, D, M, …)",
        ),
    ],
)
def test_the_first_difference_is_named(now, told):
    clause = why_not(saved(basis()), now)
    assert clause is not None
    assert clause.startswith("the saved cuts were made with ")
    assert clause.endswith(told)
    assert saved(now).basis != saved(basis()).basis


def test_own_cuts_of_the_scheme_count_and_the_name_of_the_scheme_does_not():
    assert basis(scheme=SIX)["scoring.own_cuts"] == "recency_days: 180, 365"
    assert basis(scheme=load_scheme("eleven")) == basis(scheme=FIVE)


def test_shop_and_currency_are_only_compared_where_both_say_one():
    named = basis(report={"shop": "North", "currency": "GBP"})
    assert why_not(saved(named), basis()) is None
    assert why_not(saved(basis()), named) is None
    other = why_not(saved(named), basis(report={"shop": "South"}))
    assert other == "the saved cuts were made with shop North, this report has South"
    assert "currency GBP, this report has EUR" in (
        why_not(saved(named), basis(report={"currency": "EUR"})) or ""
    )


def test_a_part_that_older_cuts_do_not_know_was_at_its_default():
    older = {name: words for name, words in basis().items() if name != "cleaning.net_returns"}
    assert why_not(saved(older), basis()) is None
    assert "net_returns" in (why_not(saved(older), basis(cleaning={"net_returns": True})) or "")


def test_a_part_that_this_version_does_not_know_speaks_against_the_cuts():
    assert why_not(saved(basis() | {"cleaning.magic": "7"}), basis()) is not None


GOOD = """\
version = 1
fitted_as_of = 2011-11-01
customer_count = 100
scheme = "five"
bins = 3
[recency_days]
bounds = [15, 34]
closed = "left"
score_counts = [30, 30, 40]
[order_count]
bounds = [1, 2]
closed = "right"
[revenue]
bounds = [248.42, 1e3]
closed = "right"
score_counts = [33, 33, 34]
[basis]
"cleaning.net_returns" = "False"
"""
texts = st.text(max_size=20)


@st.composite
def some_cuts(draw: st.DrawFn) -> SavedCuts:
    bins = draw(st.integers(2, 9))
    steps = st.lists(
        st.integers(-(10**18), 10**18), max_size=bins - 1, unique=True
    )  # a score may stay empty
    measures = tuple(
        MeasureCuts(
            measure,
            tuple(step * Decimal("0.0001") for step in sorted(draw(steps))),
            draw(st.sampled_from(["left", "right"])),
        )
        for measure in MEASURES
    )
    counts = draw(st.lists(st.integers(0, 10**9), min_size=bins, max_size=bins).filter(any))
    told = draw(st.sets(st.sampled_from(MEASURES)))
    return SavedCuts(
        cuts=Cuts("quantile", bins, measures),
        fitted_as_of=draw(st.dates()),
        customer_count=sum(counts),
        score_counts={measure: tuple(counts) for measure in MEASURES if measure in told},
        scheme=draw(texts),
        basis_words=draw(st.dictionaries(texts, texts, max_size=4)),
        sources=tuple(
            CutsSource(*pair) for pair in draw(st.lists(st.tuples(texts, texts), max_size=3))
        ),
    )


@given(saved=some_cuts())
def test_what_is_written_is_read_again(saved: SavedCuts, tmp_path_factory):
    path = tmp_path_factory.mktemp("cuts") / "cuts.toml"
    write_cuts(saved, path)
    assert read_cuts(path) == saved
    assert read_cuts(path).basis == saved.basis


def written(text: str, folder: Path) -> Path:
    path = folder / "cuts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_that_a_person_wrote_is_understood(tmp_path: Path):
    saved = read_cuts(written("\ufeff" + GOOD, tmp_path))
    assert (saved.fitted_as_of, saved.customer_count) == (date(2011, 11, 1), 100)
    assert saved.cuts.of("revenue").bounds == (Decimal("248.42"), Decimal(1000))
    assert saved.cuts.of("recency_days").closed == "left"
    assert saved.score_counts == {"recency_days": (30, 30, 40), "revenue": (33, 33, 34)}
    assert saved.basis_words == {"cleaning.net_returns": "False"}


def test_money_is_written_exactly_and_the_file_says_what_it_is(tmp_path: Path):
    saved = read_cuts(written(GOOD, tmp_path))
    write_cuts(saved, tmp_path / "again.toml")
    text = (tmp_path / "again.toml").read_text(encoding="utf-8")
    assert "bounds = [248.42, 1000]" in text
    assert "score_counts = [33, 33, 34]  # customers per score, from 1 up" in text
    assert text.startswith("# The ruler of this report")
    for words in ("You may edit the bounds", "--refit", "You may delete this file"):
        assert words in text
    assert len(text.splitlines()) < 40


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = 2", "version 2 is not known, this rfmreport reads version 1"),
        ("version = 1\n", "", "'version' is missing; write for example: version = 1"),
        ("version", "versoin", "'version' is missing"),
        ("bins = 3", "bins = 3\nbin = 4", "unknown key 'bin'; did you mean 'bins'?"),
        ("bins = 3", "bins = 12", "bins = 12 is not a number from 2 to 9"),
        ("bins = 3", "bins = true", "bins = True is not a whole number"),
        ("customer_count = 100", "customer_count = 0", "customer_count = 0 is not 1 or more"),
        ("2011-11-01", '"soon"', "fitted_as_of = 'soon' is not a day"),
        ("2011-11-01", "2011-11-01T10:00:00", "fitted_as_of = 2011-11-01 10:00:00 is not a day"),
        ("[15, 34]", "[34, 15]", "recency_days: bounds = [34, 15] is not a list of at most 2 asc"),
        ("[15, 34]", "[15, 15]", "recency_days: bounds = [15, 15] is not a list of at most 2 asc"),
        ("[15, 34]", "[1, 2, 3]", "is not a list of at most 2 ascending numbers"),
        ("[15, 34]", '["15", 34]', "bounds = '15' is not a number with at most four decimals"),
        ("[15, 34]", "[1.23456, 34]", "bounds = 1.23456 is not a number with at most"),
        ("[15, 34]", "[nan, 34]", "is not a number with at most four decimals"),
        ("[15, 34]", "[1e999999999, 34]", "is not a number with at most four decimals"),
        ("[15, 34]", "[true, 34]", "bounds = True is not a number"),
        ("[15, 34]", "15", "bounds = 15 is not a list"),
        ('"left"', '"middle"', 'closed = \'middle\' is not "left" or "right"'),
        ("[30, 30, 40]", "[30, 30, 41]", "is not 3 counts that sum to the customer_count of 100"),
        ("[30, 30, 40]", "[50, 50]", "score_counts = [50, 50] is not 3 counts"),
        ("[30, 30, 40]", "[130, -70, 40]", "is not 3 counts"),
        ('"False"', "false", "basis 'cleaning.net_returns' = False is not text in quotes"),
        ("[basis]", "[bases]", "unknown key 'bases'; did you mean 'basis'?"),
        ("[revenue]", "[[revenue]]", "revenue"),
        ("bins = 3", "bins = ", "not valid TOML"),
    ],
)
def test_a_slip_is_one_line_that_says_what_was_found_and_expected(
    old: str, new: str, message: str, tmp_path: Path
):
    assert old in GOOD
    path = written(GOOD.replace(old, new, 1), tmp_path)
    with pytest.raises(SettingsError) as raised:
        read_cuts(path)
    text = str(raised.value)
    assert text.startswith(f"cuts {path}")
    assert message in text
    assert "\n" not in text


def test_what_stands_in_the_file_cannot_steer_a_terminal(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"closed = '\\x1b\[31m'"):
        read_cuts(written(GOOD.replace('"left"', '"\\u001b[31m"'), tmp_path))


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path: Path):
    with pytest.raises(SettingsError, match="no such file; name the cuts"):
        read_cuts(tmp_path / "none.toml")
    (tmp_path / "cuts.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not a text file in UTF-8; mend it, or delete it"):
        read_cuts(tmp_path / "cuts.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_cuts(tmp_path)


def test_cuts_that_were_not_fitted_are_never_saved(tmp_path: Path):
    saved = read_cuts(written(GOOD, tmp_path))
    for method in ("fixed", "rank-first"):
        with pytest.raises(ValueError, match="are not fitted"):
            write_cuts(replace(saved, cuts=replace(saved.cuts, method=method)), tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    saved = read_cuts(written(GOOD, tmp_path))
    with pytest.raises(OutputError, match="cannot be written"):
        write_cuts(saved, tmp_path / "nowhere" / "cuts.toml")


@pytest.mark.needs_source
def test_the_example_of_the_reference_page_is_understood(tmp_path: Path):
    page = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
    _, _, section = page.read_text(encoding="utf-8").partition("\n## The cuts file\n")
    example = re.findall(r"^```toml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[0]
    saved = read_cuts(written(example, tmp_path))
    assert saved.cuts.of("recency_days").bounds == (16, 37, 83, 180)
