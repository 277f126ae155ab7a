"""Playbooks: what the shipped ones say, what a user's file may hold, and how they are filled."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.customers.segments import Scheme, Segment, load_scheme, scheme_names
from rfmreport.errors import SettingsError
from rfmreport.sections.advice.figures import PlaybookCard
from rfmreport.sections.advice.plays import (
    LONGEST_IMPACT,
    PLACEHOLDERS,
    Play,
    fill,
    fill_text,
    load_playbook,
    playbook_names,
)
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

FIGURES = {name: f"<{name}>" for name in PLACEHOLDERS}
DEPARTMENTS = {
    "Marketing", "Sales", "CRM", "Product", "Data & BI", "Finance", "Operations & planning",
}  # fmt: skip
OWN_SCHEME = Scheme(
    name="own",
    title="Own",
    source="",
    bins=2,
    segments=(Segment("Better", "#0b5d5e"), Segment("Worse", "#9aa1a9")),
    fixed_cuts={},
    cell_segments={},
)


def entry(name: str) -> str:
    return f"""
[[segment]]
name = "{name}"
description = "{{customer_count}} customers."
impact = "Matters"
recommendation = "Write to {name}"
actions = ["Write.", "Call after {{median_recency_days}} days."]
offer = "None."
channel = "E-mail"
timing = "Now"
measure = "Orders against a held-out tenth"
department = "CRM"
"""


BOTH = entry("Worse") + entry("Better")


def load_text(text: str, folder: Path) -> dict[str, Play]:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return dict(load_playbook(str(path), OWN_SCHEME))


def message_of(text: str, folder: Path) -> str:
    """Return what a wrong file is refused with, from the file's name on."""
    with pytest.raises(SettingsError) as caught:
        load_text(text, folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"playbook {folder}")
    return message.partition("my.toml")[2]


EVERY_SHIPPED_PLAY = [
    pytest.param(play, id=f"{name}: {play.name}")
    for name in scheme_names()
    for play in load_playbook(name, load_scheme(name)).values()
]


@pytest.mark.parametrize("name", scheme_names())
def test_a_shipped_playbook_fits_its_scheme(name: str):
    scheme = load_scheme(name)
    segments = [segment.name for segment in scheme.segments]
    assert list(load_playbook(name, scheme)) == segments
    written = (resource_dir("sections/advice/playbooks") / f"{name}.toml").read_text(
        encoding="utf-8"
    )
    assert re.findall(r'^name = "(.*)"$', written, re.MULTILINE) == segments


def test_every_scheme_has_its_playbook():
    assert playbook_names() == scheme_names()


@pytest.mark.parametrize("play", EVERY_SHIPPED_PLAY)
def test_a_shipped_play_is_complete(play: Play):
    assert 3 <= len(play.actions) <= 4
    assert len(play.impact) <= LONGEST_IMPACT
    assert "left alone" in play.measure
    assert play.department in DEPARTMENTS


@pytest.mark.parametrize("play", EVERY_SHIPPED_PLAY)
def test_a_shipped_play_invents_no_figure(play: Play):
    cases = [case.pop("when") and case for case in (asdict(case) for case in play.cases)]
    text = str(asdict(play) | {"cases": cases})
    assert not re.search(r"\d|%", text)
    # Unknown while the history is short, so the evidence line alone prints them.
    assert "{return_share}" not in text
    assert "{revenue_per_returner}" not in text
    assert not re.search(r"[{}]", play.impact + play.recommendation)


@pytest.mark.parametrize(
    ("segment", "subjects"),
    [
        ("High-Value", ("VIP programme", "exclusive deals", "early")),
        ("Loyal Customers", ("rewards", "survey", "tailored recommendations")),
        ("Potential Loyalists", ("welcome e-mails", "discount offer", "review")),
        ("At-Risk", ("win-back e-mails", "special discount", "product reminders")),
        ("Lost", ("cost of reactivation first", "low-touch")),
    ],
)
def test_the_default_playbook_covers_what_a_manager_expects(segment: str, subjects: tuple[str]):
    actions = " ".join(load_playbook("five", load_scheme("five"))[segment].actions)
    for subject in subjects:
        assert subject.casefold() in actions.casefold()


def test_a_users_playbook_comes_in_the_order_of_the_scheme(tmp_path: Path):
    plays = load_text(BOTH, tmp_path)
    assert list(plays) == ["Better", "Worse"]
    assert plays["Better"] == Play(
        name="Better",
        description="{customer_count} customers.",
        impact="Matters",
        recommendation="Write to Better",
        actions=("Write.", "Call after {median_recency_days} days."),
        offer="None.",
        channel="E-mail",
        timing="Now",
        measure="Orders against a held-out tenth",
        department="CRM",
    )


def test_a_users_scheme_without_a_playbook_has_no_plays():
    assert load_playbook("own", OWN_SCHEME) == {}


def test_another_playbook_that_does_not_exist_is_an_error():
    with pytest.raises(SettingsError) as caught:
        load_playbook("mine", OWN_SCHEME)
    assert str(caught.value) == (
        "playbook mine: no such file, and none of that name ships with rfmreport; "
        "give the path of a TOML file or one of five, eleven, six, ten"
    )


def test_entries_for_other_schemes_are_left_out(tmp_path: Path):
    assert list(load_text(BOTH + entry("Best"), tmp_path)) == ["Better", "Worse"]


def test_a_shipped_playbook_must_fit_a_users_scheme():
    with pytest.raises(SettingsError) as caught:
        load_playbook("five", OWN_SCHEME)
    assert str(caught.value) == (
        "playbook five: no entry for 'Better', 'Worse' of scheme own (it has entries for "
        "'High-Value', 'Loyal Customers', 'Potential Loyalists', 'At-Risk', 'Lost', which the "
        "scheme does not have); add what is missing, or choose another playbook"
    )


FIGURE_NAMES = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("[[segment]]", "[[segment]", ": not valid TOML: "),
        (
            entry("Better"),
            "",
            ": no entry for 'Better' of scheme own; add what is missing, or choose another",
        ),
        ('"Better"', '"Worse"', ": two entries for segment 'Worse'; keep one"),
        ("[[segment]]", "shop = 1\n[[segment]]", ": unknown key 'shop'; expected one of segment"),
        ("offer", "ofer", ", segment 1 ('Worse'): unknown key 'ofer'; did you mean 'offer'?"),
        (
            'offer = "None."',
            "",
            ", segment 1 ('Worse'): 'offer' is missing; write for example: offer = \"Points",
        ),
        ('"None."', "7", ", segment 1 ('Worse'): offer = 7 is not text in quotes; write for"),
        ('"None."', '""', ", segment 1 ('Worse'): offer has '' where a readable text is expected"),
        (
            '"Matters"',
            f'"{"m" * 61}"',
            ", segment 1 ('Worse'): impact is 61 characters long; the segment table has room",
        ),
        (
            '"Write.", "Call after {median_recency_days} days."',
            "",
            ", segment 1 ('Worse'): actions is empty; say at least one thing to do",
        ),
        (
            '"Write."',
            "1",
            ", segment 1 ('Worse'): actions has 1 where a readable text is expected; write for",
        ),
        (
            '"Write."',
            '"Write {them}."',
            (
                ", segment 1 ('Worse'): actions has {them}, which is no figure of the report; "
                f"write one of {FIGURE_NAMES}"
            ),
        ),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp_path: Path, right: str, wrong: str, expected: str):
    assert message_of(BOTH.replace(right, wrong, 1), tmp_path).startswith(expected)


@pytest.mark.parametrize(
    "braces",
    [
        "{}",
        "{0}",
        "{revenue.real}",
        "{revenue[0]}",
        "{revenue!r}",
        "{revenue:>9}",
        "{{",
        "}",
        "{ x",
    ],
)
def test_nothing_but_a_plain_name_stands_in_braces(tmp_path: Path, braces: str):
    message = message_of(BOTH.replace('"None."', f'"None {braces}."', 1), tmp_path)
    assert message.startswith(", segment 1 ('Worse'): offer has ")
    assert "which is no figure of the report" in message


def test_a_segments_name_may_hold_braces(tmp_path: Path):
    assert "Worse" in load_text(BOTH + entry("{{7*7}}").replace("Write to {{7*7}}", "Go"), tmp_path)


def test_a_card_has_the_figures_filled_in(tmp_path: Path):
    play = load_text(BOTH, tmp_path)["Better"]
    assert fill(play, FIGURES, color="#0b5d5e") == PlaybookCard(
        segment="Better",
        color="#0b5d5e",
        description="<customer_count> customers.",
        recommendation="Write to Better",
        impact="Matters",
        actions=("Write.", "Call after <median_recency_days> days."),
        offer="None.",
        channel="E-mail",
        timing="Now",
        measure="Orders against a held-out tenth",
        department="CRM",
    )


@pytest.mark.parametrize("play", EVERY_SHIPPED_PLAY)
def test_every_shipped_play_can_be_filled(play: Play):
    card = fill(play, FIGURES, color="#000000")
    assert not re.search(r"[{}]", str(asdict(card)).removeprefix("{").removesuffix("}"))


@given(value=st.text())
def test_what_a_figure_holds_is_never_read_again(value: str):
    text = "{revenue} and {mean_revenue}"
    assert fill_text(text, {"revenue": value, "mean_revenue": "{x}"}) == f"{value} and {{x}}"


def test_a_figure_that_is_not_given_is_no_blank():
    with pytest.raises(KeyError, match="revenue"):
        fill_text("{revenue}", {})


def test_a_list_begins_with_most_to_come_unless_the_entry_says_most_spent(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(entry("Better") + entry("Worse") + 'first = "revenue"\n', encoding="utf-8")
    plays = load_playbook(str(path), OWN_SCHEME)
    cards = [fill(play, FIGURES, color="#000000") for play in plays.values()]
    assert [card.first for card in cards] == ["expected_value", "revenue"]


def test_an_unknown_first_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(entry("Better") + 'first = "name"\n' + entry("Worse"), encoding="utf-8")
    with pytest.raises(SettingsError, match="first = 'name' is not one of expected_value, revenue"):
        load_playbook(str(path), OWN_SCHEME)


@pytest.mark.parametrize("name", playbook_names())
def test_advice_that_says_largest_spenders_first_has_such_a_list(name: str) -> None:
    plays = load_playbook(name, load_scheme(name))
    said = {
        segment
        for segment, play in plays.items()
        if "largest spenders first" in play.recommendation or "one by one" in play.recommendation
    }
    assert said == {segment for segment, play in plays.items() if play.first == "revenue"}
    assert said
