"""What each section of a department finds: the sentence, and silence where nothing can be told."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from example_summaries import complete_report, plain_report

from rfmreport.formats import Formats
from rfmreport.report import DepartmentFigures
from rfmreport.sections.products.figures import Preferences
from rfmreport.sections.registry import DEPARTMENTS

FORMATS = Formats("en_GB", "GBP")
NOT_IN_THE_EXAMPLE = {"changes"}
EXPECTED = {
    "targets": "64% of the money comes from High-Value; a fair target for 90 days is £3.85M, "
    "£3.84M of it as things go (£2.50M to £5.90M)",
    "accounts": "The 100 largest accounts brought 40% of revenue since 10 Dec 2010: £3.39M",
    "slipping": "3 of the 100 largest are overdue by their own rhythm; they brought £159k since "
    "10 Dec 2010, and 1 of them grew in the last 6 months",
    "overdue": "321 of 1,715 customers with a rhythm are overdue, with £665k of twelve months’ "
    "revenue; of such customers 69% ordered again within 90 days",
    "response": "2,472 of 4,334 customers can be expected to order within 90 days as things were: "
    "90% of High-Value and 32% of Lost",
    "moves": "Since 10 Nov 2011 High-Value grew by 207 to 905 and At-Risk grew by 75 to 767",
    "tastes": "High-Value customers pick JUMBO BAG PAISLEY PARK 1.8 times as often as others who "
    "buy as much (1.4 to 2.4)",
    "projection": "Expect £1.79M (£1.22M to £2.63M) in the 90 days to 8 Mar 2012",
    "ledger": "£8.76M of the file’s £9.75M is analysed; the largest difference is no customer, "
    "£1.45M",
    "demand": "Expect 3,800 orders (2,600 to 5,600) in the 90 days to 8 Mar 2012",
}


def finding(report, name: str) -> str:
    return DEPARTMENTS[name].finding(report, FORMATS)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_finding_is_one_sentence_of_figures(name):
    assert finding(complete_report(), name) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(set(DEPARTMENTS) - NOT_IN_THE_EXAMPLE))
def test_every_finding_has_a_figure_and_fits_a_headline(name):
    words = finding(complete_report(), name)
    assert re.search(r"\d", words)
    assert len(words) <= 160
    assert not words.endswith(".")
    assert "\n" not in words


@pytest.mark.parametrize("figure", [field.name for field in fields(DepartmentFigures)])
def test_a_missing_figure_silences_its_sections_and_no_others(figure):
    if figure == "untold":
        return
    report = complete_report()
    without = replace(report.department_figures, **{figure: None})
    silenced = {
        name for name in DEPARTMENTS
        if finding(report, name) and not finding(replace(report, department_figures=without), name)
    }  # fmt: skip
    assert silenced == {
        "accounts": {"accounts", "slipping"}, "countries": {"countries"}, "targets": {"targets"},
        "rhythm": {"overdue"}, "demand": {"hours"},
        "months": {"months"}, "returns": {"returns"},
        "reach": {"audiences"},
    }[figure]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "section"),
    [("key_products", "key_products"), ("repeated", "repeats"), ("entries", "entries")],
)
def test_a_missing_part_of_the_products_silences_its_section(part, section):
    report = complete_report()
    without = replace(report, sells=replace(report.sells, **{part: None}))
    assert finding(report, section)
    assert not finding(without, section)


def test_a_shop_of_two_weeks_without_products_is_told_what_it_can_be():
    report = plain_report()
    assert {name for name in DEPARTMENTS if finding(report, name)} == {
        "messages", "checks", "cuts", "definitions", "ledger",
    }  # fmt: skip


def test_without_any_preference_good_customers_buy_what_the_others_buy():
    report = complete_report()
    affinity = replace(report.sells.affinity, segments=Preferences())
    alike = replace(report, sells=replace(report.sells, affinity=affinity))
    assert finding(alike, "tastes") == (
        "Good customers buy what the others buy: of 500 products no segment picks any clearly more "
        "often"
    )


def test_one_order_customers_who_go_cold_are_counted_and_else_the_falling_chance_is_told():
    report = complete_report()
    assert re.fullmatch(
        r"\d+% of new customers order again within 90 days; for the 297 who wait, the chance falls "
        r"from \d+% to \d+% after \d+ days",
        finding(report, "second_order"),
    )


def test_months_without_segments_are_not_told_because_everybody_looks_new():
    report = complete_report()
    figures = report.department_figures
    first = replace(figures.months, rows=figures.months.rows[:1])
    changed = replace(report, department_figures=replace(figures, months=first))
    assert finding(report, "months")
    assert finding(changed, "months") == ""


def test_where_all_accounts_are_among_the_largest_the_first_one_is_told():
    report = complete_report()
    accounts = replace(report.department_figures.accounts, account_count=4334)
    changed = replace(report.department_figures, accounts=accounts)
    assert finding(replace(report, department_figures=changed), "accounts") == (
        "The largest account brought 3.3% of revenue since 10 Dec 2010: £279k"
    )


def test_no_weekday_is_called_the_busiest_within_chance():
    report = complete_report()
    assert finding(report, "hours").startswith("Thursdays are the busiest: 127 orders each; ")
    level = replace(report, trends=replace(report.trends, best_weekday=None))
    assert finding(level, "hours").startswith("No day of the week stands out: 82.1 orders a day; ")


def test_a_chance_that_does_not_fall_beyond_chance_is_not_said_to_fall():
    report = complete_report()
    clock = report.loyalty.second_orders
    days = tuple(
        replace(day, chance=replace(day.chance, low=0.1, high=0.9)) if day.chance else day
        for day in clock.days
    )
    loyalty = replace(report.loyalty, second_orders=replace(clock, days=days))
    assert finding(replace(report, loyalty=loyalty), "second_order").endswith(
        "for the 297 who wait, the chance hardly depends on how long they have"
    )


def test_a_file_that_is_kept_whole_has_no_difference_to_name():
    report = complete_report()
    audit = replace(report.audit, excluded=())
    assert finding(replace(report, audit=audit), "ledger") == (
        "All of the file’s £9.75M is analysed"
    )


def test_large_accounts_that_grew_are_not_told_as_if_they_were_lost():
    report = complete_report()
    accounts = report.department_figures.accounts
    grown = tuple(replace(one, change=0.4) for one in accounts.slipping[:2])
    told = replace(accounts, slipping=(*grown, *accounts.slipping[2:]))
    figures = replace(report.department_figures, accounts=told)
    words = finding(replace(report, department_figures=figures), "slipping")
    assert "to win back" not in words
    assert re.search(r", and [23] of them grew in the last \d+ months$", words)
    cut = replace(figures, accounts=replace(told, slipping_count=30))
    assert "grew" not in finding(replace(report, department_figures=cut), "slipping")


def test_overdue_customers_may_leave_only_where_the_rule_was_proven():
    report = complete_report()
    rhythm = report.department_figures.rhythm

    def words(trial) -> str:
        figures = replace(report.department_figures, rhythm=replace(rhythm, trial=trial))
        return finding(replace(report, department_figures=figures), "overdue")

    proven = replace(rhythm.trial, difference=replace(rhythm.trial.difference, low=-0.2, high=-0.1))
    unclear = replace(rhythm.trial, difference=replace(rhythm.trial.difference, high=0.074))
    assert words(proven).endswith("are overdue: £665k of twelve months’ revenue may leave")
    assert re.search(
        r"are overdue, with £665k of twelve months’ revenue; of such customers \d+% ordered again "
        r"within \d+ days$",
        words(unclear),
    )
    assert words(None).endswith("are overdue, with £665k of twelve months’ revenue")
