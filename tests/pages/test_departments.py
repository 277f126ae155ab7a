"""The departments' pages: their own answer first, closed to the outside, one or two pages long."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from io import BytesIO

import pytest
from browser import EXECUTABLE, Browser
from drawn_reports import draw_department_charts, draw_report
from example_summaries import complete_report, hostile_complete_report, plain_report, summarised
from kit.test_charts import parsed, texts_with_place
from pypdf import PdfReader
from shops import draw_here

from rfmreport.departments.summaries import department_names
from rfmreport.formats import Formats
from rfmreport.kit.sheets import Field, page_table
from rfmreport.pages.departments import MOST_BREVITY, MOST_PAGES, DepartmentPrinter
from rfmreport.pages.pdf import PdfRenderer
from rfmreport.pages.workers import RenderWorkers
from rfmreport.sections.plan.returns_page import returns_block
from rfmreport.sections.registry import DEPARTMENTS, department_drawings
from rfmreport.sections.summary.page import written_kpi
from rfmreport.settings.resources import resource_dir
from rfmreport.vocabulary import Change, Untold

REPORTS = {
    "complete": complete_report,
    "hostile": hostile_complete_report,
    "plain": plain_report,
}
EVERY = pytest.mark.parametrize("key", department_names())
BOTH = pytest.mark.parametrize("medium", ["screen", "print"])


@cache
def report_of(name: str):
    return summarised(REPORTS[name]())


@cache
def department_charts_of(name: str):
    return draw_department_charts(report_of(name))


@cache
def charts_of(name: str):
    return (*draw_report(report_of(name)), *department_charts_of(name))


def summary_of(name: str, key: str):
    return next(one for one in report_of(name).departments if one.key == key)


@cache
def page_of(name: str, key: str, medium: str = "screen") -> str:
    report, summary, charts = report_of(name), summary_of(name, key), charts_of(name)
    printer = DepartmentPrinter(report, charts)
    if medium == "screen":
        return printer.screen_page(summary, summary.files)
    return printer.print_page(summary)


@pytest.fixture(scope="module")
def renderer():
    return PdfRenderer()


@pytest.fixture(scope="module")
def pdf_of(renderer):
    return cache(lambda name, key: renderer.rendered(page_of(name, key, "print")))


def test_every_section_has_a_template_that_ships():
    templates = resource_dir("templates")
    assert {
        name for name, one in DEPARTMENTS.items() if not (templates / one.template).exists()
    } == set()


@EVERY
@BOTH
def test_the_question_comes_first_then_the_answer_then_the_figures(key, medium):
    page, summary = page_of("complete", key, medium), summary_of("complete", key)
    body = page[page.index("<body") :]
    question, answer = body.index(summary.question.split("&")[0]), body.index("<h1>")
    assert question < answer < body.index('class="kpis"')
    assert body.count("<h1>") == 1
    assert body.count('class="kpi"') == len(summary.figures)
    first = body.index(f'id="section-{summary.sections[0]}"')
    headed = body[first : body.index("</header>", first)]
    assert "<h2>" not in headed  # its finding is the answer already


@EVERY
@BOTH
def test_what_can_be_told_has_a_finding_and_content_and_nothing_else_has_a_heading(key, medium):
    page, summary = page_of("complete", key, medium), summary_of("complete", key)
    told = re.findall(r'id="section-(\w+)"', page)
    assert tuple(told) == summary.sections
    parts = re.split(r'id="section-\w+"', page)[1:]
    for name, part in zip(told, parts, strict=True):
        assert DEPARTMENTS[name].topic.replace("&", "&amp;") in part
        assert "<table" in part or "<svg" in part or "<img" in part, name


def test_a_shop_of_two_weeks_gets_short_pages_without_empty_parts():
    assert [one.key for one in report_of("plain").departments] == ["data", "finance", "marketing"]
    for summary in report_of("plain").departments:
        page = page_of("plain", summary.key)
        assert tuple(re.findall(r'id="section-(\w+)"', page)) == summary.sections
        body = page[page.index("<body") : page.index("<script>")]
        assert not re.search(r">\s*(None|nan)\s*<", body)
        assert not re.search(r"<h2[^>]*>\s*</h2>", body)


def test_what_is_not_told_is_said_with_its_reason():
    report, reason = complete_report(), "2 complete months are too few"
    figures = replace(
        report.department_figures,
        returns=None,
        untold=(Untold("Returns", reason), Untold("Overdue customers", "few")),
    )
    told = summarised(replace(report, department_figures=figures), "finance")
    (summary,) = told.departments
    assert summary.untold == figures.untold[:1]
    page = DepartmentPrinter(told, ()).print_page(summary)
    assert f"Returns: {reason}." in page


@EVERY
@BOTH
def test_text_from_the_data_never_becomes_markup(key, medium):
    page = page_of("hostile", key, medium)
    assert not re.search(r"<script>\s*alert|<img src=x|onerror=alert\(1\)>", page)
    assert page.count("<script") == (1 if medium == "screen" else 0)
    assert page.lower().count("</title>") == page.lower().count("<title")


def test_hostile_names_reach_every_departments_page():
    for summary in report_of("hostile").departments:
        assert "&lt;script&gt;" in page_of("hostile", summary.key), summary.key
    assert {one.key for one in report_of("hostile").departments} == set(department_names())


@pytest.mark.parametrize("key", ["crm", "sales"])
def test_customers_are_named_only_where_they_may_be(key):
    report, summary = report_of("complete"), summary_of("complete", key)
    figures = report.department_figures
    named = {one.customer_id for one in (*figures.accounts.top, *figures.rhythm.shown)}
    page = DepartmentPrinter(report, (), names_customers=False).print_page(summary)

    def found(html: str) -> set[str]:
        return {name for name in named if f">{name}</span>" in html}

    assert found(page_of("complete", key, "print"))
    assert found(page) == set()
    assert summary.answer in page


def test_sections_that_name_customers_are_those_with_a_table_of_them():
    report = report_of("complete")
    named = {
        name
        for name, section in DEPARTMENTS.items()
        if (block := section.block(report, Formats(), "print")) and block.people
    }
    assert named == {name for name, rule in DEPARTMENTS.items() if rule.names_customers}


@EVERY
def test_the_page_asks_nobody_and_links_to_its_own_files_only(key):
    for name in ("complete", "hostile"):
        page, files = page_of(name, key), summary_of(name, key).files
        links = re.findall(r'(?:src|href)="([^"]*)"', page)
        expected = {"#answer", "data:,", "../report.html"}
        expected |= {f"./../{path}".replace(":", "%3A") for path in files}
        assert set(links) == expected
        assert not re.search(r"@import|url\((?!data:|#)", page)


@EVERY
def test_only_files_that_are_written_are_linked(key):
    summary = summary_of("complete", key)
    page = DepartmentPrinter(report_of("complete"), ()).screen_page(summary, summary.files[:1])
    assert len(re.findall(r"\./\.\./(?:data|audiences)/", page)) == 1


@EVERY
def test_the_policy_names_the_one_style_and_the_one_script_and_ids_are_unique(key):
    page = page_of("complete", key)
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL).group(1)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.replace("&#39;", "'").replace("&#43;", "+")
    assert ' style="' not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert len(page.encode()) < 300_000


@pytest.mark.parametrize("name", ["complete", "hostile"])
def test_no_text_leaves_its_drawing(name):
    for chart in department_charts_of(name):
        width = float(parsed(chart.svg).get("width"))
        for text, left, right in texts_with_place(chart.svg):
            assert left >= -1, (chart.id, text)
            assert right <= width + 1, (chart.id, text)


def test_segments_keep_their_color_in_every_chart():
    colors = {row.color for row in report_of("complete").segments.rows}
    by_segment = (
        "response-by-segment", "segment-changes", "targets", "segments-by-country",
        "revenue-by-segment-and-month", "key-products",
    )  # fmt: skip
    charts = {chart.id: chart.svg for chart in department_charts_of("complete")}
    for name in by_segment:
        assert colors <= set(re.findall(r'fill="(#[0-9a-f]{6})"', charts[name])), name


def test_only_the_charts_of_departments_that_are_asked_for_are_drawn():
    few = summarised(complete_report(), "sales")
    drawn = [drawing.caption.id for drawing in department_drawings(few, Formats())]
    assert drawn == ["targets", "segments-by-country"]
    assert department_drawings(complete_report(), Formats()) == ()


@EVERY
def test_the_pdf_has_one_or_two_pages_tagged_and_titled(pdf_of, key):
    reader = PdfReader(BytesIO(pdf_of("complete", key)))
    assert 1 <= len(reader.pages) <= 2
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    title = summary_of("complete", key).title
    assert reader.metadata.title == f"Gift shop (UCI Online Retail): {title}, as of 10 Dec 2011"
    text = re.sub(r"\s+", " ", reader.pages[0].extract_text())
    assert summary_of("complete", key).question in text
    assert f"1 / {len(reader.pages)}" in text


def test_the_same_page_gives_the_same_pdf(renderer, pdf_of):
    again = renderer.rendered(page_of("complete", "crm", "print"))
    assert again == pdf_of("complete", "crm")


def test_what_does_not_go_onto_two_pages_is_shortened_and_named():
    report = report_of("complete")
    summary = replace(summary_of("complete", "sales"), sections=tuple(DEPARTMENTS)[:12])
    page = DepartmentPrinter(report, charts_of("complete")).print_page(summary, MOST_BREVITY)
    assert len(re.findall(r'id="section-', page)) == 3
    assert "For want of room" in page
    assert "Countries" in page


def test_a_page_that_is_too_long_is_made_again_until_it_fits(monkeypatch, renderer):
    draw_here(monkeypatch)
    monkeypatch.setattr("rfmreport.pages.workers._pdf_renderer", lambda: renderer)
    long = replace(
        summary_of("complete", "sales"),
        sections=("targets", "accounts", "slipping", "countries", "overdue", "projection",
                  "months", "returns", "ledger", "demand", "hours", "key_products"),
    )  # fmt: skip
    report = replace(report_of("complete"), departments=(long,))
    with RenderWorkers(pdf=True) as workers:
        pdf = DepartmentPrinter(report, charts_of("complete")).start_pdf(long, workers)()
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) <= MOST_PAGES
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "For want of room" in text


def test_the_users_template_of_a_section_is_found_first(tmp_path):
    folder = tmp_path / "departments" / "sections"
    folder.mkdir(parents=True)
    (folder / "targets.html.j2").write_text("<p>Ours: {{ report.shop }}</p>")
    printer = DepartmentPrinter(report_of("hostile"), (), template_dir=tmp_path)
    page = printer.screen_page(summary_of("hostile", "sales"), ())
    assert "<p>Ours: &lt;script&gt;" in page
    assert 'id="section-accounts"' in page


browser_needed = pytest.mark.skipif(EXECUTABLE is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    with Browser() as opened:
        yield opened


@browser_needed
@EVERY
@pytest.mark.parametrize(("name", "width", "scheme"), [
    ("complete", 360, "light"), ("complete", 1280, "dark"), ("hostile", 360, "dark"),
])  # fmt: skip
def test_it_fits_the_window_without_complaints(browser, tmp_path, key, name, width, scheme):
    path = tmp_path / f"{key}.html"
    path.write_text(page_of(name, key), encoding="utf-8")
    browser.open(path, width=width, scheme=scheme)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.problems == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    background = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 25, 29)")


def test_a_falling_return_rate_is_for_the_better():
    kpi = next(one for one in summary_of("complete", "finance").figures if one.key == "return_rate")
    tones = [
        written_kpi(replace(kpi, change=Change("October", points=points)), Formats("en_GB")).tone
        for points in (-0.023, 0.023, 0.0)
    ]
    assert tones == ["up", "down", "flat"]
    assert kpi.label == "Goods returned"


def test_returns_of_the_table_and_of_other_days_add_up_to_the_cancellations():
    report = report_of("complete")
    figures = report.department_figures
    cancelled = next(row for row in report.audit.excluded if row.exclusion == "cancellation")
    elsewhere = -cancelled.amount - figures.returns.total.returned - 100

    def note(charges: int) -> str:
        returns = replace(
            figures.returns,
            elsewhere=elsewhere,
            since=Decimal(174000),
            largest_since=Decimal(168470),
            largest_since_on=date(2011, 12, 9),
            charges=Decimal(charges),
        )
        changed = replace(report, department_figures=replace(figures, returns=returns))
        return returns_block(changed, Formats("en_GB", "GBP"), "screen").note

    assert (
        "After these months £174,000 came back, the largest single one £168,470 on 9 Dec"
        in note(100)
    )
    assert "£100 of freight, fees and postings are all cancellations: £" in note(100)
    assert "all cancellations" not in note(99)


def test_figures_of_rows_add_up_on_the_page():
    rows = report_of("complete").department_figures.targets.rows
    parts = [8.5, 5.4, 11.5, 9.5, 8.5]
    buyers = dict(zip(rows, parts, strict=True))
    assert sum(round(part + 1e-9) for part in parts) != round(sum(parts))
    field = Field("", "Buyers", lambda row: buyers[row], "count", adds_up=True)
    heading = Field("", "Segment", lambda row: row.segment)
    table = page_table("Targets", (heading, field), rows, Formats("en_GB"))
    assert sum(int(row.cells[1].text) for row in table.rows) == 43


@pytest.mark.parametrize("key", ["sales", "crm"])
def test_a_copy_without_customers_says_where_their_list_is_and_describes_none(key):
    report, charts = report_of("complete"), charts_of("complete")
    printer = DepartmentPrinter(report, charts, names_customers=False)
    page = printer.print_page(summary_of("complete", key))
    assert "Listed:" not in page
    assert ("It is in sales.html, which does not travel by e-mail." in page) == (key == "sales")
