"""Advice: the plays that could bring most first, with what they rest on; and the cards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from evidence import (
    FIGURES,
    FORMATS,
    HIGH,
    HOLD_OUT,
    LOST,
    LOYAL,
    NO_PAST,
    PAST,
    PLAYS,
    POTENTIAL,
    RISK,
    TOTAL,
    evidence_of,
    figures_of,
    hold_out_row,
    table_of,
)
from example_worth import example_worth

from rfmreport.sections.advice.recommendations import fill_playbook, recommend
from rfmreport.sections.hold.figures import HoldOut
from rfmreport.sections.segments.figures import comes_anyway
from rfmreport.sections.summary.insights import find_insights
from rfmreport.sections.worth.figures import Opportunity, Respondents, Response
from rfmreport.vocabulary import Estimate


def past_with(*rows):
    return replace(PAST, hold_out=HoldOut(HOLD_OUT, rows))


def advice_of(points: tuple[float, float] = (1.0, 5.0), **table):
    return recommend(table_of(**table), PLAYS, points, FORMATS)


def test_the_three_plays_that_could_bring_most_come_first() -> None:
    """Customers x points / 100 x what the median one who came back spent."""
    advice = advice_of()
    assert [(one.segment, one.low, one.high) for one in advice] == [
        (HIGH, Decimal(100 * 500) / 100, Decimal(100 * 500 * 5) / 100),
        (RISK, Decimal(60 * 300) / 100, Decimal(60 * 300 * 5) / 100),
        (LOYAL, Decimal(80 * 200) / 100, Decimal(80 * 200 * 5) / 100),
    ]


def test_no_more_can_come_back_than_stay_away() -> None:
    """Nine in ten of High-Value come back anyway: at most ten more in a hundred can."""
    high = next(one for one in advice_of((5.0, 60.0)) if one.segment == HIGH)
    assert (float(high.low), float(high.high)) == pytest.approx((2500, 5000))
    assert high.range_note.startswith("if 5 to 10 more in 100 order within 90 days than the 90%")


def test_a_segment_that_comes_back_in_full_is_no_advice() -> None:
    """£0 to £0 is no plan, and takes no place from one that could bring something."""
    past = past_with(
        hold_out_row(HIGH, 40, 40, 10),
        hold_out_row(RISK, 40, 30, 300),
        hold_out_row(LOYAL, 40, 30, 200),
    )
    advice = advice_of(past=past)
    assert [one.segment for one in advice] == [RISK, LOYAL, POTENTIAL]
    assert [one.high is None for one in advice] == [False, False, True]


def contact(segment: str, low: int, high: int) -> Opportunity:
    share = Estimate(0.5, 0.4, 0.6, 100)
    money = (Decimal(100), Decimal(80), 2.0, Decimal(low), Decimal(high))
    return Opportunity(segment, 100, 90, share, *money)


def test_a_contact_that_costs_more_than_it_could_bring_is_no_advice() -> None:
    chances = [contact(HIGH, -4041, -2924), contact(RISK, -80, 10), contact(LOYAL, -20, 0)]
    advice = recommend(table_of(), PLAYS, (1.0, 5.0), FORMATS, chances)
    assert (advice[0].segment, advice[0].low, advice[0].high) == (RISK, -80, 10)
    assert {HIGH, LOYAL}.isdisjoint(one.segment for one in advice)


def test_where_no_contact_pays_only_what_has_no_price_is_left() -> None:
    chances = [contact(row.name, -9, -1) for row in table_of().rows]
    advice = recommend(table_of(), PLAYS, (1.0, 5.0), FORMATS, chances)
    assert [one.high for one in advice] == [None] * len(advice)
    cards = fill_playbook(table_of(), PLAYS, FORMATS, chances)
    assert cards[0].contact == (
        "Contacting all of them once costs £80 and pays from 2 more orders in 100 on: more than is "
        "supposed, so that it does not pay."
    )


def test_cards_say_what_a_contact_could_bring_where_its_cost_is_known() -> None:
    cards = fill_playbook(table_of(), PLAYS, FORMATS, [contact(HIGH, -20, 900)])
    assert cards[0].contact.endswith("it could bring −£20 to £900 after its cost.")
    assert {card.contact for card in cards[1:]} == {""}


def expecting(**shares: float) -> Response:
    """Return a response that expects such shares within 30 and 90 days."""
    rows = tuple(
        Respondents(name, 100, (Estimate(share / 2, 0, 1, 100), Estimate(share, 0.3, 0.7, 100)))
        for name, share in shares.items()
    )
    return replace(example_worth().response, rows=rows)


def test_who_comes_anyway_has_one_value_in_advice_evidence_and_cards() -> None:
    """60 % of At-Risk came the last time; all dates together let expect 48 %."""
    table = table_of(response=expecting(**{RISK: 0.48}))
    advice = recommend(table, PLAYS, (1.0, 5.0), FORMATS)
    risk = next(one for one in advice if one.segment == RISK)
    assert "than the 48% who come anyway" in risk.range_note
    assert risk.why_now == (
        "As things were, 48% can be expected to order again within 90 days (95% interval 30% to "
        "70%): of 50 such customers on 3 Apr 2024, 60% did."
    )
    assert fill_playbook(table, PLAYS, FORMATS)[3].evidence == risk.why_now
    found = find_insights(evidence_of(segments=table), FORMATS)
    quiet = next(one for one in found if one.key == "gone_quiet")
    assert quiet.numbers["return_share"] == 0.48
    # Of the rest the response says nothing: they are expected to do as they did the last time.
    assert all(row.anyway == row.return_share for row in table.rows if row.name != RISK)


def test_without_history_advice_has_no_price_and_says_why() -> None:
    advice = advice_of(past=NO_PAST)
    assert [one.segment for one in advice] == [HIGH, LOYAL, RISK]  # by revenue
    for one in advice:
        assert (one.low, one.high) == (None, None)
        assert one.range_note.startswith("not priced")


def test_priced_advice_comes_before_unpriced() -> None:
    advice = advice_of(past=past_with(hold_out_row(RISK, 40, 30, 1)))
    assert [one.segment for one in advice] == [RISK, HIGH, LOYAL]


def test_advice_to_spend_less_is_never_priced() -> None:
    advice = advice_of(past=past_with(hold_out_row(LOST, 40, 30, 1)))
    assert all(one.low is None and one.high is None for one in advice)


def test_advice_says_whom_what_why_and_how_it_is_measured() -> None:
    risk = next(one for one in advice_of() if one.segment == RISK)
    assert risk.whom == "60 At-Risk customers (15.0%)"
    assert risk.title == PLAYS[RISK].recommendation
    assert risk.why_now == comes_anyway(table_of().rows[3], table_of()).told(FORMATS)
    assert risk.why_now.startswith("Of 50 such customers on 3 Apr 2024, 60% ordered again")
    assert (risk.department, risk.file) == ("CRM", "audiences/at-risk.csv")
    for one in advice_of():
        for text in (one.title, one.action, one.measure, one.whom, one.range_note):
            assert text
            assert "{" not in text


def test_a_segment_without_customers_gets_no_advice_and_no_card() -> None:
    figures = (figures_of(HIGH, 0, "0", 0), *FIGURES[1:])
    table = table_of(figures, {**TOTAL, "customer_count": 300, "revenue": Decimal(40000)})
    assert HIGH not in {one.segment for one in recommend(table, PLAYS, (1, 5), FORMATS)}
    cards = [card.segment for card in fill_playbook(table, PLAYS, FORMATS)]
    assert cards == [LOYAL, POTENTIAL, RISK, LOST]


def test_a_scheme_without_a_playbook_gets_neither_advice_nor_cards() -> None:
    assert recommend(table_of(), {}, (1, 5), FORMATS) == ()
    assert fill_playbook(table_of(), {}, FORMATS) == ()


def test_cards_are_filled_with_the_segments_figures() -> None:
    risk = fill_playbook(table_of(), PLAYS, FORMATS)[3]
    assert risk.segment == RISK
    assert "60" in risk.description
    assert "140 days" in risk.description
    assert risk.worth.startswith("£14.0k of past revenue, 14.0% of the total")
    assert "{" not in f"{risk}"
    assert "95% interval" in risk.evidence
