"""What they will be worth: what is extrapolated says so, and every forecast stands by its error."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from drawn_reports import draw_report
from example_report import HOSTILE, example_report
from example_worth import (
    divided_forecast,
    example_response,
    example_worth,
    modelled_worth,
    worth_report,
)

from rfmreport.formats import Formats
from rfmreport.kit.drawings import text_width
from rfmreport.kit.sentences import error_words
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.segments.page import segment_note, segment_table
from rfmreport.sections.worth.charts import (
    outlook_drawing,
    reliability_caption,
    reliability_drawing,
)
from rfmreport.sections.worth.figures import (
    ForecastTrial,
    ReliabilityGroup,
    Respondents,
    SpendTrial,
)
from rfmreport.sections.worth.page import SECTION, worth_block
from rfmreport.sections.worth.response_page import response_title
from rfmreport.vocabulary import Estimate

FORMATS = Formats("en_GB", "GBP")
WORTHS = [example_worth, modelled_worth]


def texts_of(row) -> list[str]:
    return [cell.text for cell in row.cells]


def rows_of(drawing, kind):
    return [row for layer in drawing.layers if layer.kind == kind for row in layer.rows]


# --- the words ----------------------------------------------------------------------------------


def title_of_section(report) -> str:
    return SECTION.finding(report, FORMATS)


def test_the_title_is_the_forecast_and_the_lead_says_what_it_rests_on() -> None:
    report = worth_report()
    assert title_of_section(report) == (
        "Expect £1.79M (£1.22M to £2.63M) in the 90 days to 8 Mar 2012"
    )
    assert worth_block(report, FORMATS).lead == (
        "£513k of December 2011 is in; with the 22 days left it comes to £805k to £1.12M. It is a "
        "mean of the pace of the last weeks and of the same dates a year before, the more of each "
        "the nearer it came on past dates. The same dates a year before brought £1.41M in 2,910 "
        "orders. Said on 17 past dates, one a fortnight, half of these forecasts were off by 17% "
        "or less, and 15 of the ranges held what came."
    )
    assert title_of_section(replace(report, forecast=None)).startswith("About 2,472 customers can")


def test_two_unlike_answers_are_both_told_without_amounts_by_segment() -> None:
    report = worth_report(forecast=divided_forecast())
    assert title_of_section(report).endswith(
        ": £3.35M at the present pace, £1.42M as a year before"
    )
    block = worth_block(report, FORMATS)
    assert [column.label for column in block.outlook.columns] == ["Segment", "Customers", "Share"]
    assert "worth-by-segment" not in {chart.id for chart in draw_report(report)}
    assert segment_table(report, FORMATS).columns[-1].label == "Back"


def test_trials_say_of_how_many_customers_they_are_and_how_they_count() -> None:
    worth = modelled_worth()
    *models, before = worth.trials
    block = worth_block(worth_report(worth), FORMATS)
    assert [texts_of(row)[:4] for row in block.trials.rows[::3]] == [
        ["MBG/NBD", "3,368", "4,300", "4,460"],
        ["Extrapolated, as the same segment did before", "3,368", "3,892", "5,026"],
    ]
    assert block.trials_note.endswith(
        "To it, what a customer bought on one day is one order; the last row counts orders, of "
        "segments known on both dates."
    )
    alone = worth_block(worth_report(replace(worth, trials=tuple(models))), FORMATS)
    assert alone.trials_note.endswith("is one order.")
    earlier = replace(before, as_of=worth.trials[0].as_of.replace(month=6))
    told = worth_block(worth_report(replace(worth, trials=(*worth.trials, earlier))), FORMATS)
    assert len(told.trials.rows) == 4  # those of the date that the title names


def test_the_rule_for_a_model_is_told_as_it_is() -> None:
    note = worth_block(worth_report(modelled_worth()), FORMATS).trials_note
    assert note.startswith(
        "A model is used where its total is off by less than 25% and by no more than carrying on "
        "the past, or than 5%, and where it is nearer customer by customer."
    )


def test_an_error_is_said_with_its_direction() -> None:
    assert error_words(-0.29, FORMATS) == "29% too low"
    assert error_words(0.29, FORMATS) == "29% too high"
    assert error_words(0.001, FORMATS) == "within 1%"
    assert error_words(None, FORMATS) == "not known"


def test_without_a_second_date_nothing_is_called_tested() -> None:
    response = replace(example_response(), is_in_sample=True)
    worth = replace(example_worth(), trials=(), response=response, untried="too little history")
    block = worth_block(worth_report(worth), FORMATS)
    assert block.trials is None
    assert block.trials_note == "No model was tried: too little history."
    assert "have not been tested on another date yet" in block.response_note
    assert "reliability" not in {chart.id for chart in draw_report(worth_report(worth))}


def test_said_and_done_are_told_side_by_side() -> None:
    caption = reliability_caption(example_response(), FORMATS)
    assert caption.title == ("47% of 3,368 customers were expected on 11 Sept 2011, 57% came")
    assert len(caption.table.rows) == 8


# --- the tables ---------------------------------------------------------------------------------


def test_segments_and_those_to_be_won_add_up_to_the_forecast() -> None:
    report = worth_report()
    table = worth_block(report, FORMATS).outlook
    assert texts_of(table.rows[0]) == [
        *("High-Value", "905", "52.9%", "1,587", "852–2,956", "£944,283", "£349k–2.55M")
    ]
    assert texts_of(table.rows[-1])[:3] == ["Customers still to be won", "–", "17.0%"]
    assert texts_of(table.total)[::5] == ["All customers", "£1,786,000"]
    for place in (3, 5):
        parts = [float(row.cells[place].text.strip("£").replace(",", "")) for row in table.rows]
        assert sum(parts) == float(table.total.cells[place].text.strip("£").replace(",", ""))


def number(text: str) -> float:
    """Read "£2.44M" back."""
    size = {"k": 1e3, "M": 1e6}.get(text[-1], 1)
    return float(text.strip("£kM").replace(",", "")) * size


def test_models_refused_for_one_reason_are_one_sentence() -> None:
    note = worth_block(worth_report(), FORMATS).trials_note
    assert note == (
        "Lifetime models were tried and refused. BG/NBD, MBG/NBD, Pareto/NBD: these histories do "
        "not show that anybody ever leaves."
    )


def test_what_order_values_suppose_is_told() -> None:
    note = worth_block(worth_report(modelled_worth()), FORMATS).outlook_note
    assert "here they do a little (rank correlation 0.21 among 2,800 repeat buyers)" in note
    for rank, link, words in ((-0.5, "strong", "here they do ("), (0.02, "none", "hardly do (")):
        other = replace(modelled_worth(), spend=SpendTrial(rank, link, 2800, None))
        assert words in worth_block(worth_report(other), FORMATS).outlook_note


def test_fewer_than_thirty_are_not_told() -> None:
    few = Respondents("High-Value", 29, (Estimate(0.5, 0.3, 0.7, 29),) * 2)
    response = replace(example_response(), rows=(few, *example_response().rows[1:]))
    block = worth_block(worth_report(replace(example_worth(), response=response)), FORMATS)
    assert set(texts_of(block.response.rows[0])[2:]) == {"–"}


def title_of(**shares: float) -> str:
    rows = (Respondents(n, 99, (Estimate(s, 0, 1, 99),) * 2) for n, s in shares.items())
    return response_title(replace(example_response(), rows=tuple(rows)), FORMATS)


def test_who_can_be_expected_is_told_of_the_most_and_the_least_of_one_and_of_alike() -> None:
    assert response_title(example_response(), FORMATS) == (
        "90% of High-Value customers can be expected to order within 90 days as things were, 32% "
        "of Lost customers"
    )
    assert title_of(Lost=0.004) == (
        "0% of Lost customers can be expected to order within 90 days as things were"
    )
    assert title_of(Lost=0.401, New=0.404) == (
        "40% of every segment can be expected to order within 90 days as things were"
    )


def test_chances_say_what_they_are_made_of() -> None:
    by_scores = worth_block(worth_report(), FORMATS).response_note
    assert "customers with the same recency and frequency scores on 11 Sept 2011" in by_scores
    by_model = worth_block(worth_report(modelled_worth()), FORMATS).response_note
    assert (
        "Chances are what MBG/NBD says of each customer's own orders, tried on 11 Sept 2011."
        in by_model
    )
    assert "about the same chance" in reliability_caption(modelled_worth().response, FORMATS).note


def test_where_no_contact_pays_the_playbook_and_the_first_page_say_so() -> None:
    report = replace(worth_report(has_costs=True), recommendations=())
    page = render_html(report, (), data_files=(), template_dir=None)
    assert "5 segments, and asking all of one pays in none of them" in page
    assert "asking a whole segment costs more than it could bring" in page


# --- the charts and the page --------------------------------------------------------------------


@pytest.mark.parametrize("make", WORTHS)
def test_no_label_leaves_a_drawing(make) -> None:
    worth, table = make(), example_report().segments
    for drawing in (
        outlook_drawing(worth.outlook, table, FORMATS),
        reliability_drawing(worth.response, FORMATS),
    ):
        for layer in drawing.layers:
            if layer.kind == "texts":
                size, align = layer.style.get("fontSize", 11), layer.style.get("align", "center")
                for row in layer.rows:
                    width = 1.06 * text_width(row["text"], size)
                    left = row["x"] - {"right": width, "center": width / 2}.get(align, 0)
                    assert left >= 0, row["text"]
                    assert left + width <= drawing.width, row["text"]


def test_charts_and_the_table_of_segments_write_the_same_amounts() -> None:
    report = worth_report()
    drawing = outlook_drawing(report.worth.outlook, report.segments, FORMATS)
    amounts = [row.cells[-1].text for row in segment_table(report, FORMATS).rows]
    assert [row["text"] for row in rows_of(drawing, "texts") if row["text"] in amounts] == amounts


def test_a_number_at_the_right_edge_stands_on_the_left_of_its_dot() -> None:
    least, most = (
        ReliabilityGroup(said, Estimate(came, came, came, 1940))
        for said, came in ((0.1, 0.1), (0.7, 0.65))
    )
    response = replace(example_response(), groups=(least, most))
    drawing = reliability_drawing(response, FORMATS)
    *_, dot = rows_of(drawing, "circles")
    *_, label = [row for row in rows_of(drawing, "texts") if row["text"] == "1,940"]
    assert label["x"] < dot["x"]


def test_each_dot_lies_within_its_interval() -> None:
    drawing = outlook_drawing(example_worth().outlook, example_report().segments, FORMATS)
    bars, dots = rows_of(drawing, "bars"), rows_of(drawing, "circles")
    assert len(bars) == len(dots) == 5
    for bar, dot in zip(bars, dots, strict=True):
        assert bar["x"] <= dot["x"] <= bar["x2"]


@pytest.mark.parametrize("make", WORTHS)
@pytest.mark.parametrize("has_costs", [False, True])
def test_the_section_stands_in_both_media(make, has_costs) -> None:
    report = worth_report(make(), has_costs=has_costs)
    screen = render_html(report, (), data_files=(), template_dir=None)
    paper = render_print_html(report, (), page_size="A4", template_dir=None)
    for page in (screen, paper):
        assert re.search('id="worth"', page)
        assert "{" not in worth_block(report, FORMATS).response_note


def test_without_anything_to_tell_there_is_no_section() -> None:
    page = render_html(example_report(), (), data_files=(), template_dir=None)
    assert 'id="worth"' not in page


def test_a_name_from_the_data_is_only_a_name() -> None:
    worth = example_worth()
    outlook = worth.outlook
    rows = (replace(outlook.rows[0], segment=HOSTILE), *outlook.rows[1:])
    respondents = (replace(worth.response.rows[0], segment=HOSTILE), *worth.response.rows[1:])
    hostile = replace(
        worth,
        outlook=replace(outlook, rows=rows),
        response=replace(worth.response, rows=respondents),
    )
    report = worth_report(hostile)
    named = replace(report.segments.rows[0], name=HOSTILE)
    table = replace(report.segments, rows=(named, *report.segments.rows[1:]))
    report = replace(report, segments=table, playbook=(), recommendations=())
    page = render_html(report, (), data_files=(), template_dir=None)
    assert "<script>alert" not in page


def test_the_trial_that_a_forecast_rests_on_is_found() -> None:
    worth = modelled_worth()
    assert [trial.is_basis_of(worth) for trial in worth.trials] == [True, False, False, False]
    past = example_worth()
    assert [trial.is_basis_of(past) for trial in past.trials] == [False, False, False, True]
    unknown = ForecastTrial("x", True, worth.trials[0].as_of, 90, 50, None, 0.0)
    assert unknown.order_error is None


# --- what is to come, in the table of the segments ----------------------------------------------


def test_the_segment_table_says_what_is_to_come() -> None:
    table = segment_table(worth_report(), FORMATS)
    assert (table.columns[-1].label, table.columns[-1].hint) == ("To come", "in 90 days")
    assert [row.cells[-1].text for row in (table.rows[0], table.total)] == ["£944k", "£1.79M"]
    assert segment_note(worth_report(), FORMATS).endswith("; £304k by customers still to be won.")
    assert segment_table(example_report(), FORMATS).columns[-1].label == "Back"


def test_on_paper_it_takes_the_place_of_who_came_back() -> None:
    screen, paper = (
        segment_table(worth_report(), FORMATS, medium) for medium in ("screen", "print")
    )
    labels = [column.label for column in screen.columns]
    assert labels[-2:] == ["Back", "To come"]
    assert [column.label for column in paper.columns] == [one for one in labels if one != "Back"]
    assert {len(row.cells) for row in paper.rows} == {len(paper.columns)}
