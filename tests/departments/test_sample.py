"""The sample that ships: each department has an answer of its own on one or two pages."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from drawn_reports import draw_department_charts, draw_report
from example_summaries import summarised
from pypdf import PdfReader

from rfmreport.departments.summaries import department_names
from rfmreport.pages.departments import DepartmentPrinter
from rfmreport.pages.pdf import PdfRenderer


@pytest.fixture(scope="module")
def sample(told_sample):
    return replace(told_sample.report, department_figures=told_sample.figures)


@pytest.fixture(scope="module")
def pages(sample):
    """Return the text of the pages of each PDF."""
    report = summarised(sample)
    charts = (*draw_report(report), *draw_department_charts(report))
    renderer = PdfRenderer()
    found = {}
    for summary in report.departments:
        page = DepartmentPrinter(report, charts).print_page(summary)
        reader = PdfReader(BytesIO(renderer.rendered(page)))
        found[summary.key] = [one.extract_text() for one in reader.pages]
    return found


# What Data & BI and Product leave out on paper stands there by name, and whole on the screen.
@pytest.mark.parametrize("key", sorted({*department_names()} - {"data", "product"}))
def test_nothing_has_to_be_shortened_to_keep_to_two_pages(pages, key):
    assert 1 <= len(pages[key]) <= 2
    assert "For want of room" not in " ".join(pages[key])


def test_each_answer_is_its_own(sample):
    answers = {one.key: one.answer for one in summarised(sample).departments}
    assert set(answers) == set(department_names())
    assert len(set(answers.values())) == len(answers)
    assert sample.headline not in answers.values()
    assert answers["sales"].startswith("The 100 largest accounts brought")
    assert answers["operations"].startswith("Between 6")
