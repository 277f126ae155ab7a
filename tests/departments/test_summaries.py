"""Departments: what ships, what a shop may change, what is refused, what is selected."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from example_summaries import complete_report, plain_report, summarised

from rfmreport.departments.strip import FIGURES, REPORT_FIGURES
from rfmreport.departments.summaries import (
    ALL,
    department_names,
    load_departments,
    with_departments,
)
from rfmreport.errors import SettingsError
from rfmreport.pages.departments import DepartmentPrinter
from rfmreport.sections.registry import DEPARTMENTS
from rfmreport.sections.summary import insights
from rfmreport.settings import load_settings, toml_files
from rfmreport.settings.resources import resource_dir

DOCS = Path(__file__).resolve().parents[2] / "docs" / "departments.md"
OWN = {"title": "Buying", "question": "What next?", "sections": ["launches", "ledger"]}


def loaded(*names: str, **changes: object):
    given = {"report": {"departments": list(names)}, "departments": changes}
    return load_departments(load_settings(None, given))


def refusal(*names: str, **changes: object) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(*names, **changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_seven_departments_ship_each_with_its_question():
    assert set(department_names()) == {
        "marketing", "sales", "crm", "product", "data", "finance", "operations",
    }  # fmt: skip
    for department in loaded(ALL):
        assert department.question.endswith("?")
        assert department.sections
        assert 4 <= len(department.figures) <= 5
        assert department.recipients == ()


def test_a_department_is_a_file_and_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file dropped beside those that ship is a department, with pages and a place in `all`."""
    ours = tmp_path / "departments"
    shutil.copytree(resource_dir("departments"), ours)
    (ours / "buying.toml").write_text(
        'title = "Buying"\nquestion = "What next?"\n'
        'sections = ["key_products", "hours", "ledger"]\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(
        toml_files,
        "resource_dir",
        lambda name: ours if name == "departments" else resource_dir(name),
    )
    assert "buying" in [one.key for one in loaded(ALL)]
    (told,) = with_departments(complete_report(), loaded("buying")).departments
    assert told.sections == ("key_products", "hours", "ledger")
    assert told.answer.endswith("a week")
    page = DepartmentPrinter(complete_report(), ()).screen_page(told, ())
    assert [page.count(f'id="section-{name}"') for name in told.sections] == [1, 1, 1]


def test_without_a_setting_no_department_is_loaded():
    assert loaded() == ()


def test_the_ones_that_are_named_are_loaded_once_in_that_order():
    assert [one.key for one in loaded("sales", "crm", "sales")] == ["sales", "crm"]


def test_all_are_those_that_ship_and_the_shops_own():
    keys = [one.key for one in loaded(ALL, buying=OWN)]
    assert keys == [*department_names(), "buying"]


def test_a_setting_replaces_one_part_and_leaves_the_rest():
    (shipped,) = loaded("sales")
    (changed,) = loaded("sales", sales={"recipients": ["sales@shop.example"], "figures": []})
    assert changed == replace(shipped, recipients=("sales@shop.example",), figures=())


def test_a_department_of_ones_own_needs_title_question_and_sections_only():
    (own,) = loaded("buying", buying=OWN)
    assert (own.key, own.title, own.sections) == ("buying", "Buying", ("launches", "ledger"))
    assert own.figures == own.insights == own.recommendations == own.recipients == ()


@pytest.mark.parametrize(
    ("key", "slip", "near"),
    [
        ("sections", "tragets", "targets"),
        ("figures", "revenues", "revenue"),
        ("insights", "largest_tem", "largest_ten"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_and_all_that_are_known(key, slip, near):
    message = refusal(sales={key: [slip]})
    assert message.startswith(f"departments.sales: {key} has {slip!r}; did you mean {near!r}? ")
    known = {"sections": DEPARTMENTS, "figures": FIGURES, "insights": insights.INSIGHT_KEYS}[key]
    assert all(name in message for name in known)


def test_a_name_unlike_any_other_is_refused_with_all_that_are_known():
    message = refusal(sales={"sections": ["xxx"]})
    assert message.startswith("departments.sales: sections has 'xxx'; known are audiences, ")


def test_a_department_that_is_not_known_is_refused():
    assert refusal("salse") == (
        "departments: 'salse' is no department; did you mean 'sales'? Known are crm, data, "
        "finance, marketing, operations, product, sales, all, or describe your own in "
        "[departments.NAME] of the settings"
    )


@pytest.mark.parametrize("missing", ["title", "question", "sections"])
def test_what_is_missing_of_ones_own_is_named_with_an_example(missing):
    message = refusal(buying={key: value for key, value in OWN.items() if key != missing})
    assert message.startswith(f"departments.buying: {missing!r} is missing; write for example: ")


@pytest.mark.parametrize("name", ["../x", "Sales", "a b", "", "all", "management", "1st", "ä"])
def test_a_name_that_cannot_be_a_files_is_refused(name):
    assert "cannot be the name of a file" in refusal(**{name: OWN})


@pytest.mark.parametrize("address", ["sales", "a b@c", "a@b, c@d", "<a@b>", "a@b@c", ""])
def test_what_is_no_address_is_refused(address):
    assert "recipients has" in refusal(sales={"recipients": [address]})


def test_a_line_break_cannot_reach_a_title():
    assert refusal(sales={"title": "Sales\x00"}).startswith("departments.sales: title has")
    (joined,) = loaded("sales", sales={"title": "Sales\nand more"})
    assert joined.title == "Sales and more"


def test_empty_sections_and_too_many_figures_are_refused():
    assert "sections is empty" in refusal(sales={"sections": []})
    assert "6 figures; the page has room for 5" in refusal(
        sales={"figures": ["revenue", "orders", "customers", "order_value", "target", "overdue"]}
    )


def test_a_name_given_twice_is_refused():
    assert "has 'targets' twice" in refusal(sales={"sections": ["targets", "targets"]})


def test_a_department_that_is_not_asked_for_is_proved_too():
    assert "departments.crm" in refusal("sales", crm={"sections": ["overdu"]})


def test_the_answer_is_the_finding_of_the_first_section_that_can_be_told():
    report = complete_report()
    without = replace(report, department_figures=replace(report.department_figures, targets=None))
    (told,) = summarised(report, "sales").departments
    (other,) = summarised(without, "sales").departments
    assert told.sections == ("targets", "accounts", "slipping", "countries")
    assert told.answer.startswith("64% of the money comes from High-Value; a fair target for 90")
    assert other.sections == ("accounts", "slipping", "countries")
    assert (
        other.answer == "The 100 largest accounts brought 40% of revenue since 10 Dec 2010: £3.39M"
    )


def test_insights_and_advice_are_the_reports_own_in_the_departments_order():
    report = complete_report()
    (summary,) = summarised(report, "marketing").departments
    (department,) = loaded("marketing")
    assert [one for one in summary.insights if one not in report.insights] == []
    keys = [insight.key for insight in summary.insights]
    assert keys == [key for key in department.insights if key in keys]
    assert summary.recommendations == tuple(
        one for one in report.recommendations if one.department in department.recommendations
    )


def test_files_are_named_once_lists_of_customers_first():
    for summary in summarised(complete_report()).departments:
        assert len(set(summary.files)) == len(summary.files)
        advised = [one.file for one in summary.recommendations]
        assert list(summary.files[: len(set(advised))]) == list(dict.fromkeys(advised))


def test_a_department_without_anything_to_tell_is_left_out_and_named_in_one_line():
    report = summarised(plain_report(), "sales", "finance")
    assert [one.key for one in report.departments] == ["finance"]
    (untold,) = report.untold
    assert untold.topic == "Summary for Sales"
    assert untold.reason == (
        "these data carry none of its sections (targets, accounts, slipping, countries), so it was "
        "not written"
    )


def test_the_report_that_is_summarised_stays_as_it_was():
    report = complete_report()
    summarised(report)
    assert report == complete_report()


@pytest.mark.needs_source
class TestPage:
    """docs/departments.md: everything that can be named is on it, and its example works."""

    def cells(self, heading: str) -> set[str]:
        text = DOCS.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
        rows = re.findall(r"^\|([^|]*)\|", text.partition("\n## ")[0], re.MULTILINE)
        return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}

    def test_every_section_and_figure_is_listed(self):
        assert self.cells("Sections") == set(DEPARTMENTS)
        assert self.cells("Figures") == {*REPORT_FIGURES, *FIGURES}

    def test_every_department_and_insight_is_named(self):
        text = DOCS.read_text(encoding="utf-8")
        names = (*department_names(), *insights.INSIGHT_KEYS)
        assert [name for name in names if f"`{name}`" not in text] == []

    def test_sections_that_name_customers_are_told(self):
        named = {name for name, rule in DEPARTMENTS.items() if rule.names_customers}
        text = DOCS.read_text(encoding="utf-8")
        (sentence,) = re.findall(r"Some sections name single customers \(([^)]*)\)", text)
        assert set(re.findall(r"`(\w+)`", sentence)) == named

    def test_the_example_is_understood(self, tmp_path):
        (text,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
        path = tmp_path / "rfmreport.toml"
        path.write_text(text, encoding="utf-8")
        settings = load_settings(path, {"report": {"departments": [ALL]}})
        assert "buying" in {one.key for one in load_departments(settings)}


def test_the_audience_that_marketings_answer_names_is_among_what_to_do():
    report = complete_report()
    told = next(one for one in summarised(report).departments if one.key == "marketing")
    best = report.department_figures.reach.rows[0].gain.segment
    assert best in told.answer
    assert best in {one.segment for one in told.recommendations}
