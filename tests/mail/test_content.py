"""What an e-mail says: the finding in its subject, nothing twice, and sums that add up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from example_mail import PDF, SETTINGS, department_of, letter_to

from rfmreport.mail.content import mail_content
from rfmreport.mail.letters import file_name, report_id, subject_of
from rfmreport.sections.summary.figures import Kpi
from rfmreport.vocabulary import Finding


def content_of(report, department=None, **more):
    return mail_content(letter_to(department, report, **more))


def subject(report, department=None):
    return subject_of(letter_to(department, report))


# --- the subject --------------------------------------------------------------------------------


def test_the_subject_tells_shop_period_and_the_one_figure(report_of):
    report = replace(report_of("example"), shop="Online Retail")
    assert subject(report) == "Online Retail, November 2011: revenue £1.14M, +14% on October"


def test_a_change_within_chance_is_none(report_of):
    report = report_of("example")
    months = tuple(replace(month, square_sum=1e11) for month in report.months)
    assert subject(replace(report, shop="Shop", months=months)) == (
        "Shop, November 2011: revenue £1.14M, level with October"
    )


def test_of_months_with_few_orders_no_change_is_claimed(report_of):
    report = report_of("example")
    months = tuple(replace(month, order_count=29) for month in report.months)
    assert subject(replace(report, shop="Shop", months=months)) == (
        "Shop, November 2011: revenue £1.14M"
    )


def test_without_a_full_month_the_subject_names_the_days(report_of):
    report = report_of("tiny")
    period = "from 3 Feb 2024 to 17 Feb 2024"
    figure = replace(report.kpis[0], period=period, value=Decimal(900), change=None)
    report = replace(report, kpis=(figure, *report.kpis[1:]))
    assert subject(report) == "Corner shop, 3 Feb 2024 to 17 Feb 2024: revenue 900"


def test_a_long_name_is_cut_and_the_figure_is_not(report_of):
    report = replace(report_of("example"), shop="The very long name of a shop " * 9)
    assert len(subject(report)) <= 78
    assert subject(report).endswith("…, November 2011: revenue £1.14M, +14% on October")


def test_a_department_is_told_its_own_answer(report_of):
    report = replace(report_of("example"), month=date(2011, 11, 1))
    department = department_of(report, answer="767 customers are worth a letter")
    assert subject(report, department) == (
        "Marketing, November 2011: 767 customers are worth a letter"
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            "65% of the money comes from High-Value; a fair target is £3.67M, as things go",
            "65% of the money comes from High-Value",
        ),
        (
            "Early access for High-Value, no discount: 1 to 5 more in 100 would add £10k",
            "Early access for High-Value, no discount",
        ),
        ("Expect £3.09M until February 2012; yet a year before it was only £1.57M", None),
        ("At the present pace expect £3.09M from December 2011 to February 2012 (or less)", None),
    ],
)
def test_a_long_answer_ends_with_a_clause_or_gives_way_to_a_figure(report_of, answer, told):
    report = replace(report_of("example"), month=date(2011, 11, 1))
    department = department_of(report, answer=answer, figures=report.kpis[:2])
    assert subject(report, department) == (
        f"Marketing, November 2011: {told or 'revenue £1.14M, +14% on October'}"
    )


def test_the_figure_in_the_subject_tells_its_own_period(report_of):
    report = report_of("example")
    figure = replace(report.kpis[1], period="the last 90 days")
    department = department_of(report, answer="very " * 40, figures=(figure,))
    assert subject(report, department) == (
        "Marketing, as of 10 Dec 2011: orders 2,642 (the last 90 days)"
    )


def test_where_nothing_fits_the_subject_is_title_and_period(report_of):
    report = report_of("example")
    department = department_of(report, answer="very " * 40, figures=())
    assert subject(report, department) == "Marketing, as of 10 Dec 2011"


def test_the_manual_shows_the_subject_and_the_file_of_the_program(report_of):
    manual = (Path(__file__).parents[2] / "docs/email.md").read_text(encoding="utf-8")
    report = replace(report_of("example"), shop="Online Retail", month=date(2011, 11, 1))
    answer = "Early access for High-Value, no discount: 1 to 5 more in 100 would add £10k"
    for department in (None, department_of(report, answer=answer)):
        assert f": {subject(report, department)}\n" in manual
    for ending in (".pdf", "-marketing.pdf"):
        assert f"with {file_name(report, ending)} (" in manual


def test_the_report_is_known_by_period_and_shop(report_of):
    report = report_of("example")
    assert re.fullmatch(r"2011-12-10-[0-9a-f]{8}", report_id(report))
    assert report_id(replace(report, shop="Other"))[:10] == "2011-12-10"
    assert report_id(replace(report, shop="Other")) != report_id(report)
    assert report_id(replace(report, month=date(2011, 11, 1))).startswith("2011-11-")
    assert report_id(replace(report, shop="顧客\ud800")).isascii()


# --- the strip of figures -----------------------------------------------------------------------


def test_what_figures_share_is_said_once(report_of):
    strip = content_of(report_of("example")).strip
    assert strip.heading == "November 2011, against October 2011"
    assert {(figure.period, figure.against) for figure in strip.figures} == {("", "")}
    assert [figure.change for figure in strip.figures][:2] == ["+13.6%", "+38.8%"]


def test_a_figure_of_its_own_period_says_so(report_of):
    report = report_of("example")
    own = Kpi("target", "Target", Decimal(9), "money", "the next 90 days", None, "2 buyers", ())
    figures = (*report.kpis[1:3], own)
    strip = content_of(report, department_of(report, figures=figures)).strip
    assert strip.heading == "November 2011, against October 2011, unless said otherwise"
    assert (strip.figures[2].period, strip.figures[2].against) == ("the next 90 days", "2 buyers")


def test_figures_that_share_nothing_have_no_heading(report_of):
    report = report_of("example")
    other = replace(report.kpis[1], period="the next 90 days")
    figures = (report.kpis[0], other)
    strip = content_of(report, department_of(report, figures=figures)).strip
    assert strip.heading == ""
    assert [figure.period for figure in strip.figures] == ["November 2011", "the next 90 days"]
    assert {figure.against for figure in strip.figures} == {"on October 2011"}


def test_a_heading_is_that_of_most_figures_or_of_none(report_of):
    report = report_of("example")
    others = [replace(report.kpis[0], period=f"the next {days} days") for days in (30, 60, 90)]
    figures = (*report.kpis[1:3], *others)
    strip = content_of(report, department_of(report, figures=figures)).strip
    assert strip.heading == ""
    assert all(figure.period and figure.against for figure in strip.figures)


def test_what_stands_beside_a_figure_is_told_whole(report_of):
    report = report_of("example")
    reason = "5 of the 5 best are faster than three in four earlier launches"
    figure = replace(report.kpis[0], change=None, no_change_reason=reason)
    figures = (*report.kpis[1:3], figure)
    strip = content_of(report, department_of(report, figures=figures)).strip
    assert strip.figures[2].against == reason


def test_a_change_within_chance_says_so_beside_its_figure_and_is_muted(report_of):
    report = report_of("example")
    first = report.kpis[0]
    chance = replace(first, change=replace(first.change, within_chance=True))
    figure = content_of(replace(report, kpis=(chance, *report.kpis[1:]))).strip.figures[0]
    assert (figure.tone, figure.against) == ("flat", "on October 2011, within chance")


# --- the rest -----------------------------------------------------------------------------------


def test_the_management_is_not_told_twice_who_holds_the_money(report_of):
    report = report_of("example")
    headlines = [point.headline for point in content_of(report).points]
    assert headlines == [insight.headline for insight in report.insights[1:5]]
    told = content_of(report, department_of(report, insights=report.insights[:1])).points
    assert told[0].headline == report.insights[0].headline


def test_the_list_of_mails_shows_the_first_finding_and_what_to_do(report_of):
    assert content_of(report_of("example")).preheader == (
        "High-Value customers come back: 91% did within 90 days, against 36% of Lost. "
        "Do this next: Next-order offer to Potential Loyalists."
    )


@pytest.mark.parametrize("power", [0, 3, 6])
def test_revenues_add_up_in_whatever_unit_fits(report_of, power):
    report = report_of("example")
    table = report.segments
    rows = tuple(replace(row, revenue=row.revenue.scaleb(power) / 10) for row in table.rows)
    lines = content_of(replace(report, segments=replace(table, rows=rows))).segments
    amounts = [int(re.sub(r"\D", "", row.revenue)) for row in lines.rows]
    assert sum(amounts) == int(re.sub(r"\D", "", lines.total.revenue))
    assert lines.unit == {0: "", 3: "thousands", 6: "millions"}[power]
    assert len(lines.total.revenue) <= 8
    assert lines.since == "since 10 Nov"


def test_a_report_without_an_earlier_date_has_no_changes(report_of):
    lines = content_of(report_of("tiny")).segments
    assert lines.since == ""
    assert {row.change for row in lines.rows} == {""}


def test_what_must_be_known_before_comparing_months_is_told(report_of):
    warning = Finding("month_incomplete", "warning", "November is not over in the data.")
    report = replace(report_of("example"), findings=(warning, *report_of("example").findings))
    for department in (None, department_of(report)):
        assert content_of(report, department).notices == (warning.text,)


def test_no_advice_says_why_to_the_management_and_nothing_to_departments(report_of):
    report = replace(report_of("example"), recommendations=())
    assert content_of(report).no_advice.startswith("Nothing to advise yet: the history is too")
    clusters = content_of(replace(report, playbook=()))
    assert clusters.no_advice == "Nothing to advise: scheme five has no playbook."
    assert content_of(report, department_of(report, recommendations=())).no_advice == ""


def test_the_small_print_says_what_data_it_is_and_what_may_travel(report_of):
    report = report_of("example")
    notes = content_of(report, department_of(report), too_large=["data/moved.csv"]).notes
    assert notes[0] == (
        "Gift shop (UCI Online Retail): orders from 1 Dec 2010 to 9 Dec 2011, as of 10 Dec 2011, "
        "amounts in GBP."
    )
    assert notes[1:] == (
        "The data behind it: audiences/at-risk.csv, data/products.csv, data/moved.csv.",
        "Files that are named and not attached lie in the folder of the report.",
        "Too large to be attached: data/moved.csv.",
        "Sums and shares only: neither this e-mail nor what is attached names a customer.",
        "You are on the list Marketing. Answers, and requests to leave it: reports@shop.example.",
        "Made by rfmreport 0.1.0.",
    )
    open_settings = replace(SETTINGS, customer_lists=True)
    notes = content_of(report, settings=open_settings).notes
    assert (
        "What is attached may name customers: pass it on to nobody who may not know them." in notes
    )
    assert not any(note.startswith("Sums and shares only") for note in notes)


def test_attachments_are_told_with_their_size(report_of):
    files = [replace(PDF, content=b"x" * size) for size in (10, 123_456, 2_500_000)]
    content = content_of(report_of("example"), attachments=files)
    assert [about for _, about in content.attached] == [
        "the report, 1 kB",
        "the report, 123 kB",
        "the report, 2.5 MB",
    ]
