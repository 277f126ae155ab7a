"""Advice: the plays that could bring most first, with what they rest on; and the cards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

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

from rfmreport.sections.advice.gains import measure_gains
from rfmreport.sections.advice.recommendations import fill_playbook, recommend
from rfmreport.sections.hold.figures import HoldOut
from rfmreport.sections.segments.figures import comes_anyway
from rfmreport.sections.summary.insights import find_insights
from rfmreport.sections.worth.figures import Respondents, Response
from rfmreport.settings import ReportSettings
from rfmreport.vocabulary import Estimate


def past_with(*rows):
    return replace(PAST, hold_out=HoldOut(HOLD_OUT, rows))


def gains_of(table, **settings):
    return measure_gains(table, PLAYS, (), ReportSettings(**settings))


def advice_of(settings: dict[str, float] | None = None, **table):
    told = table_of(**table)
    return recommend(told, PLAYS, gains_of(told, **(settings or {})), FORMATS)


def test_the_three_plays_most_worth_doing_come_first() -> None:
    """At-Risk: 40 % of 60 stay away, £70 an order; Potential 29 of 100 came, £44.44."""
    advice = advice_of()
    assert [one.segment for one in advice] == [POTENTIAL, LOYAL, RISK]
    assert (advice[2].low, advice[2].high) == (Decimal("16.8"), Decimal(84))


def test_a_segment_that_comes_in_full_is_no_advice() -> None:
    """£0 to £0 is no plan, and takes no place from one that could bring something."""
    past = past_with(hold_out_row(POTENTIAL, 40, 40, 10), hold_out_row(RISK, 40, 30, 300))
    advice = advice_of(past=past)
    assert [(one.segment, one.high is None) for one in advice] == [
        (RISK, False), (HIGH, True), (LOYAL, True),
    ]  # fmt: skip


def test_advice_that_costs_more_than_it_could_bring_is_none() -> None:
    advice = advice_of({"cost_per_contact": 1000.0, "margin": 0.4})
    assert [one.segment for one in advice] == [LOST]
    assert advice[0].range_note.startswith("not priced: too little history")


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
    advice = recommend(table, PLAYS, gains_of(table), FORMATS)
    risk = next(one for one in advice if one.segment == RISK)
    assert risk.range_note.startswith(
        "if 1 to 5 in 100 of the 31 who would not come within 90 days"
    )
    assert risk.why_now == (
        "As things were, 48% can be expected to order again within 90 days (95% interval 30% to "
        "70%): of 50 such customers on 3 Apr 2024, 60% did."
    )
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


def test_advice_to_spend_less_is_never_priced() -> None:
    plays = {name: replace(play, priced=False) for name, play in PLAYS.items()}
    table = table_of()
    advice = recommend(table, plays, gains_of(table), FORMATS)
    assert [one.segment for one in advice] == [HIGH, LOYAL, RISK]  # by revenue
    assert {one.range_note for one in advice} == {
        "not priced: the advice is to spend less, not to win more"
    }
    assert {card.gain for card in fill_playbook(table, plays, gains_of(table), FORMATS)} == {None}


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
    assert HIGH not in {one.segment for one in recommend(table, PLAYS, gains_of(table), FORMATS)}
    cards = [card.segment for card in fill_playbook(table, PLAYS, gains_of(table), FORMATS)]
    assert cards == [LOYAL, POTENTIAL, RISK, LOST]


def test_a_scheme_without_a_playbook_gets_neither_advice_nor_cards() -> None:
    assert recommend(table_of(), {}, gains_of(table_of()), FORMATS) == ()
    assert fill_playbook(table_of(), {}, gains_of(table_of()), FORMATS) == ()


def test_cards_are_filled_with_the_segments_figures() -> None:
    risk = fill_playbook(table_of(), PLAYS, gains_of(table_of()), FORMATS)[3]
    assert risk.segment == RISK
    assert "140 days" in risk.description
    assert "£70" in risk.offer
    assert "{" not in f"{risk}"
