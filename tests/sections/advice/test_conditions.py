"""Conditions on figures: what they may hold, what they say, and which words fit which shop."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.customers.segments import load_scheme
from rfmreport.errors import SettingsError
from rfmreport.sections.advice.conditions import CONDITION_NAMES, holds, read_condition
from rfmreport.sections.advice.plays import fit, load_playbook, playbook_names
from rfmreport.settings.resources import resource_dir

UNKNOWN = dict.fromkeys(CONDITION_NAMES)

# What the two shops and segments are like; the last segment's chance, the days between two orders.
ONLINE_RETAIL = {
    "High-Value": (0.66, 10, 8, 0.0, 0.906),
    "Loyal Customers": (0.13, 38, 4, 0.0, 0.745),
    "Potential Loyalists": (0.07, 31, 2, 0.456, 0.521),
    "At-Risk": (0.12, 132, 2.5, 0.231, 0.476),
    "Lost": (0.03, 226, 1, 0.83, 0.349),
}
CDNOW = {
    "High-Value": (0.64, 89, 6, 0.0, 0.434),
    "Loyal Customers": (0.09, 232, 3, 0.0, 0.224),
    "Potential Loyalists": (0.14, 464, 2, 0.455, 0.085),
    "At-Risk": (0.09, 511, 1, 0.811, 0.031),
    "Lost": (0.04, 513, 1, 0.975, 0.03),
}
FEW_ONE_ORDERS = {**ONLINE_RETAIL, "Potential Loyalists": (0.21, 60, 4, 0.02, 0.5)}


def plays_for(shop: dict[str, tuple[float, ...]], gap: float):
    figures = {
        name: UNKNOWN
        | dict(
            zip(
                ("revenue_share", "median_recency_days", "median_order_count", "one_order_share",
                 "order_chance"),
                values,
                strict=True,
            )
        )
        | {"typical_gap_days": gap, "lowest_order_chance": shop["Lost"][-1]}
        for name, values in shop.items()
    }  # fmt: skip
    return fit(load_playbook("five", load_scheme("five")), figures)


def test_words_fit_online_retail() -> None:
    plays = plays_for(ONLINE_RETAIL, 59.5)
    assert plays["Potential Loyalists"].description.startswith("They bought not long ago")
    assert (
        plays["Potential Loyalists"].recommendation == "Second-order offer to Potential Loyalists"
    )
    assert plays["At-Risk"].impact == "Proven spenders going quiet: the best win-back list"
    assert plays["High-Value"].impact == "Carries the business: protect it before anything else"


def test_words_fit_cdnow() -> None:
    """464 days are not "not long ago", 81 % ordered once, and At-Risk order as seldom as Lost."""
    plays = plays_for(CDNOW, 82.5)
    potential, risk = plays["Potential Loyalists"], plays["At-Risk"]
    assert "not long ago" not in potential.description
    assert "Welcome" not in potential.timing
    assert "Proven" not in risk.impact
    assert risk.impact == "They come no more than Lost: cheap contact only"
    assert risk.recommendation == "One cheap message to At-Risk"
    assert "Steady" not in plays["Loyal Customers"].impact


def test_no_second_order_offer_where_two_in_a_hundred_have_one() -> None:
    potential = plays_for(FEW_ONE_ORDERS, 59.5)["Potential Loyalists"]
    assert potential.recommendation == "Next-order offer to Potential Loyalists"
    assert potential.description.startswith("They bought not long ago")


@pytest.mark.parametrize("name", playbook_names())
def test_what_stands_without_a_condition_fits_any_shop(name: str) -> None:
    """Where nothing is known no case holds, and no text says when, how often or how well."""
    loaded = load_playbook(name, load_scheme(name))
    plays = fit(loaded, dict.fromkeys(loaded, UNKNOWN))
    for play in plays.values():
        said = f"{play.description} {play.impact} {play.recommendation}".casefold()
        for word in (
            "not long ago",
            "lately (",
            "second",
            "proven",
            "carries",
            "dormant",
            "steady;",
        ):
            assert word not in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("median_recency_days < typical_gap_days * 2", True),
        ("not (one_order_share > 0.5 or revenue_share == 1)", True),
        ("0.1 < order_chance <= 0.5 and customer_share / 2 - 0.1 >= -1", True),
        ("one_order_share > 0.5", False),
        ("median_order_count > 1", False),  # not known
        ("not median_order_count > 1", False),
        ("customer_share / (revenue_share - 0.25) > 1", False),  # by nothing
    ],
)
def test_a_condition_says_whether_it_holds(text: str, *, told: bool) -> None:
    figures = UNKNOWN | {
        "median_recency_days": 31.0, "typical_gap_days": 59.5, "one_order_share": 0.25,
        "revenue_share": 0.25, "order_chance": 0.5, "customer_share": 0.2,
    }  # fmt: skip
    assert holds(read_condition(text, "when"), figures) is told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recency < 2", "when names 'recency'; write one of customer_share, revenue_share"),
        ("__import__('os')", "when has \"__import__('os')\"; a condition is made of"),
        ("order_chance.real > 1", "when has 'order_chance.real'; a condition is made of figures"),
        ("order_chance > 'a'", "when has \"'a'\""),
        ("order_chance > True", "when has 'True'"),
        ("order_chance ** 9 ** 9 > 1", "when has"),
        ("[order_chance]", "when has '[order_chance]'"),
        ("(lambda: 1)()", "when has '(lambda: 1)()'"),
        ("order_chance >", "when 'order_chance >' is no condition; write for example"),
        ("1 < " + "(" * 300, "when '1 < (("),
    ],
)
def test_anything_else_is_refused_in_one_line(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_condition(text, "when")
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_no_text_does_more_than_be_refused_or_answered(text: str) -> None:
    try:
        condition = read_condition(text, "when")
    except SettingsError:
        return
    assert holds(condition, UNKNOWN) in {True, False}


def test_cases_are_checked_when_they_are_loaded(tmp_path) -> None:
    path = tmp_path / "own.toml"
    text = (resource_dir("sections/advice/playbooks") / "five.toml").read_text(encoding="utf-8")
    path.write_text(re.sub("typical_gap_days", "typical_gap", text, count=1), encoding="utf-8")
    with pytest.raises(SettingsError, match="case 1: when names 'typical_gap'; write one of"):
        load_playbook(str(path), load_scheme("five"))
