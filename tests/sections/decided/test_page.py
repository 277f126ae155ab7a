"""What was decided: cards and findings against literal figures, and hostile text in them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from example_report import HOSTILE, example_report

from rfmreport.formats import Formats
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.decided.figures import Decided, Lift
from rfmreport.sections.decided.page import decision_cards, decisions_title
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from rfmreport.report import Report

FORMATS = Formats("en_GB", "GBP")
UNCLEAR = Lift(
    reached=Estimate(127 / 412, 0.2656, 0.3544, 412),
    control=Estimate(11 / 46, 0.1391, 0.3793, 46),
    difference=Estimate(127 / 412 - 11 / 46, -0.0766, 0.1791, 458),
    needed_count=658,
)
GAIN = Lift(
    reached=Estimate(520 / 800, 0.6163, 0.6823, 800),
    control=Estimate(0.5542, 0.4910, 0.6157, 240),
    difference=Estimate(520 / 800 - 0.5542, 0.0258, 0.1663, 1040),
    needed_count=None,
)
LOSS = replace(
    GAIN, difference=Estimate(-0.06, -0.11, -0.01, 1040), control=Estimate(0.71, 0.65, 0.76, 240)
)
SAME = replace(GAIN, difference=Estimate(0.0, -0.07, 0.07, 1040), control=GAIN.reached)
AT_RISK = Decided(
    segment="At-Risk",
    action="Win-back mail with 10 % off",
    owner="CRM",
    since=date(2011, 10, 1),
    customer_count=692,
    now_count=767,
    stayed_or_better_count=412,
    ordered=Estimate(215 / 692, 0.2773, 0.3462, 692),
    lift=None,
    note="",
)
LATER = replace(
    AT_RISK,
    segment="High-Value",
    customer_count=None,
    stayed_or_better_count=None,
    ordered=None,
    note="begins after this report",
)


def report_with(*decisions: Decided) -> Report:
    return replace(example_report(), decisions=decisions)


def card_of(decided: Decided):
    (card,) = decision_cards(report_with(decided), FORMATS)
    return card


def title_of(*decisions: Decided) -> str:
    return decisions_title(report_with(*decisions), FORMATS)


def test_a_card_says_what_was_decided_and_what_moved_since() -> None:
    card = card_of(AT_RISK)
    assert (card.segment, card.key, card.owner, card.since) == ("At-Risk", 3, "CRM", "1 Oct 2011")
    assert card.facts == (
        ("Size", "692 then, 767 now (+75)"),
        ("Ordered", "215 of 692 since: 31% (95% interval 28% to 35%)"),
        ("Stayed", "412 of 692 (60%) are in it or in a better segment now"),
    )
    assert (card.verdict, card.tone, card.evidence) == ("Not measured", "", "")
    assert card.note == "No control group was kept: some order without being asked."


def test_less_than_thirty_customers_get_no_share() -> None:
    few = replace(
        AT_RISK,
        customer_count=12,
        now_count=12,
        stayed_or_better_count=7,
        ordered=Estimate(5 / 12, 0.19, 0.68, 12),
    )
    assert card_of(few).facts == (
        ("Size", "12 then, 12 now"),
        ("Ordered", "5 of 12 since: too few for a share"),
        ("Stayed", "7 of 12 are in it or in a better segment now"),
    )


def test_what_has_not_begun_has_only_its_size() -> None:
    card = card_of(LATER)
    assert card.facts == (("Size", "767 now"),)
    assert (card.verdict, card.note) == ("Nothing can be told yet", "Begins after this report.")


def test_a_lift_within_chance_says_how_many_it_takes() -> None:
    card = card_of(replace(AT_RISK, lift=UNCLEAR, note="3 of 461 ids were no customers that day"))
    assert card.evidence == (
        "Contacted 412: 30.8%; left alone 46: 23.9%; +6.9 points (95% interval −7.7 to +17.9): "
        "too few to tell, need 660 in each group: more than the segment has."
    )
    assert (card.verdict, card.tone) == ("No lift shown yet", "")
    assert card.note == "3 of 461 ids were no customers that day."


def test_a_clear_lift_is_told_with_its_interval() -> None:
    """The shares are printed as 65.0% and 55.4%: the line adds up, whatever lies behind it."""
    card = card_of(replace(AT_RISK, lift=GAIN))
    assert card.evidence == (
        "Contacted 800: 65.0%; left alone 240: 55.4%; +9.6 points (95% interval +2.6 to +16.6)."
    )
    assert (card.verdict, card.tone, card.note) == ("+9.6 points", "up", "")
    loss = card_of(replace(AT_RISK, lift=LOSS))
    assert (loss.verdict, loss.tone) == ("−6.0 points", "down")


def test_no_difference_needs_no_number() -> None:
    card = card_of(replace(AT_RISK, lift=SAME))
    assert card.verdict == "No difference seen"
    assert card.evidence.endswith("0.0 points (95% interval −7.0 to +7.0).")


@pytest.mark.parametrize(
    ("needed", "printed"), [(7, "7"), (99, "99"), (101, "110"), (638, "640"), (2_101, "2,200")]
)
def test_a_needed_number_is_a_plan_and_rounded_up(needed: int, printed: str) -> None:
    card = card_of(replace(AT_RISK, lift=replace(UNCLEAR, needed_count=needed)))
    assert f"need {printed} in each group" in card.evidence


def test_a_number_that_the_segment_does_not_have_is_said_to_be_one() -> None:
    """The example shop has 4,334 customers: two groups of 2,168 would be more."""
    card = card_of(replace(AT_RISK, lift=replace(UNCLEAR, needed_count=2_168)))
    told = "too few to tell, need 2,200 in each group: more than the segment has."
    assert card.evidence.endswith(told)


def test_nobody_falls_out_of_the_lowest_segment_and_that_is_not_told() -> None:
    lost = replace(AT_RISK, segment="Lost", stayed_or_better_count=692)
    assert [term for term, _ in card_of(lost).facts] == ["Size", "Ordered"]


def test_the_title_is_the_lift_where_one_is_measured() -> None:
    gain, loss = replace(AT_RISK, lift=GAIN), replace(AT_RISK, segment="Lost", lift=LOSS)
    assert title_of(gain) == "9.6 points more of At-Risk ordered than of those left alone"
    assert title_of(AT_RISK, loss) == (
        "1 of 2 decisions shows an effect: 6 points fewer of Lost ordered than of those left alone"
    )
    assert title_of(gain, loss, AT_RISK) == (
        "2 of 3 decisions show an effect: +9.6 points for At-Risk and −6.0 points for Lost"
    )
    assert title_of(gain, gain, loss) == (
        "3 of 3 decisions show an effect: among them +9.6 points for At-Risk and +9.6 points for "
        "At-Risk"
    )


def test_the_title_claims_nothing_that_is_not_measured() -> None:
    unclear = replace(AT_RISK, lift=UNCLEAR)
    assert title_of(unclear, AT_RISK) == (
        "No lift can be told yet: the groups for At-Risk are too small or too alike"
    )
    assert title_of(unclear, unclear) == (
        "No lift can be told yet: the groups of 2 decisions are too small or too alike"
    )
    assert title_of(LATER, AT_RISK) == (
        "Of 692 customers in At-Risk on 1 Oct 2011, 31% ordered since; what the decision did is "
        "not measured"
    )
    assert title_of(LATER) == "1 decision: nothing can be told of it yet"
    assert title_of(LATER, LATER) == "2 decisions: nothing can be told of them yet"


def test_numbers_follow_the_locale() -> None:
    report = report_with(replace(AT_RISK, lift=UNCLEAR))
    (card,) = decision_cards(report, Formats("de_DE", "EUR"))
    assert "30,8\N{NO-BREAK SPACE}%" in card.evidence
    assert "+6,9 points" in card.evidence


def pages(report: Report) -> tuple[str, str]:
    return (
        render_html(report, (), data_files=(), template_dir=None),
        render_print_html(report, (), page_size="A4", template_dir=None),
    )


def test_the_section_stands_in_both_media_once_something_was_decided() -> None:
    for page in pages(report_with(AT_RISK, LATER)):
        section = re.search(r'<section[^>]*id="decisions".*?</section>', page, re.DOTALL)
        assert section
        assert section[0].count("<article") == 2
        assert "What was decided" in section[0]
        assert 'class="card segment-4"' in section[0]
    for page in pages(report_with()):
        assert 'id="decisions"' not in page


def test_hostile_text_is_escaped() -> None:
    hostile = replace(AT_RISK, action=HOSTILE, owner=HOSTILE, note=HOSTILE)
    for page in pages(report_with(hostile)):
        assert "&lt;script&gt;alert" in page
        assert not re.search(r"<script>\s*alert", page)


def test_a_segment_that_the_report_does_not_have_is_named_without_its_colour() -> None:
    gone = replace(AT_RISK, segment=HOSTILE)
    assert card_of(gone).key is None
    for page in pages(report_with(gone)):
        assert '<article class="card">' in page
