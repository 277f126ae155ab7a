"""The page: escaped, complete in itself, adding up, and usable in a real browser."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from browser import EXECUTABLE, Browser
from jinja2 import StrictUndefined, UndefinedError

from rfmreport.errors import SettingsError
from rfmreport.formats import Formats
from rfmreport.kit.colors import checked_color
from rfmreport.kit.tables import shown
from rfmreport.pages.html import environment, file_href, render_html, render_print_html
from rfmreport.sections.method.page import bridge_table
from rfmreport.sections.registry import told_sections
from rfmreport.sections.segments.page import segment_table

ALL = pytest.mark.parametrize("name", ["example", "hostile", "tiny"])


def test_everything_is_escaped_and_a_misspelt_name_is_an_error():
    env = environment(None, Formats())
    assert env.autoescape is True
    assert env.undefined is StrictUndefined
    assert env.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        env.from_string("{{ x.missing }}").render(x=object())


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_text_from_the_data_never_becomes_markup(page_of, print_page_of, medium):
    page = (page_of if medium == "screen" else print_page_of)("hostile")
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"<script>\s*alert|<img src=x|onerror=alert\(1\)>", page)
    assert page.count("<script") == (1 if medium == "screen" else 0)
    assert page.lower().count("</title>") == page.lower().count("<title")


@ALL
def test_the_page_asks_nobody_for_anything(page_of, name):
    page = page_of(name)
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert address.startswith(("#", "data:", "./")), address
    assert not re.search(r"@import|url\((?!data:|#)", page)


@ALL
def test_the_page_is_small(page_of, name):
    assert len(page_of(name).encode()) < 500_000


def test_the_policy_names_the_one_style_and_the_one_script(page_of):
    page = page_of("example")
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL).group(1)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.replace("&#39;", "'").replace("&#43;", "+")
    assert ' style="' not in page


@pytest.mark.parametrize("names", [("summary", "segments"), ("summary", "moved"), ("method",)])
def test_no_link_leads_to_what_is_not_on_the_page(report_of, names):
    """The PDF of such a report would be refused."""
    report = replace(report_of("example"), sections=names)
    pages = (
        render_html(report, (), data_files=(), template_dir=None),
        render_print_html(report, (), page_size="A4", template_dir=None),
    )
    for page in pages:
        led_to = set(re.findall(r'href="#([^"]+)"', page))
        assert led_to <= set(re.findall(r'\bid="([^"]+)"', page))


def test_every_section_has_a_deep_link(page_of, report_of):
    page = page_of("example")
    for section, _ in told_sections(report_of("example"), Formats("en_GB", "GBP")):
        assert f'href="#{section.name}"' in page
        assert f'id="{section.name}"' in page


def test_ids_are_unique(page_of):
    ids = re.findall(r'\bid="([^"]+)"', page_of("example"))
    assert len(ids) == len(set(ids))


def test_the_segment_table_adds_up_as_printed(report_of):
    report = report_of("example")
    table = segment_table(report, Formats("en_GB", "GBP"))

    def printed(column):
        return [
            Decimal(re.sub(r"[^\d.]", "", row.cells[column].text))
            for row in (*table.rows, table.total)
        ]

    for column in (1, 2, 4, 5):
        *parts, total = printed(column)
        assert sum(parts) == total, table.columns[column].label


def test_the_bridge_adds_up_as_printed(report_of):
    table = bridge_table(report_of("example").audit, Formats("en_GB", "GBP"))
    for column in (1, 2, 3):
        values = [Decimal(row.cells[column].value) for row in table.rows]
        assert sum(values) == Decimal(table.total.cells[column].value)
    assert table.rows[0].cells[3].text == "£9,747,747.93"


def test_what_is_contained_in_the_total_stands_below_it_and_outside_the_sum(report_of, page_of):
    table = bridge_table(report_of("netted").audit, Formats("en_GB", "GBP"))
    for column in (1, 2, 3):
        values = [Decimal(row.cells[column].value) for row in table.rows]
        assert sum(values) == Decimal(table.total.cells[column].value)
    assert [[cell.text for cell in row.cells] for row in table.parts] == [
        ["of which: Returns, subtracted", "8,905", "3,654", "−£611,342.09"]
    ]
    page = page_of("netted")
    page = page[page.index('data-name="bridge"') :]
    foot = re.search(r"<tfoot>.*?</tfoot>", page, re.DOTALL)
    assert foot
    headings = re.findall(r'<tr(.*?)>\s*<th scope="row">(.*?)</th>', foot[0])
    assert headings == [("", "Analysed"), (' class="part"', "of which: Returns, subtracted")]


def test_the_playbook_is_one_table_with_a_row_per_segment(report_of, page_of, print_page_of):
    for page in (page_of("example"), print_page_of("example")):
        table = page[page.index('data-name="playbook"') :].partition("</table>")[0]
        assert table.count("<tr>") == 1 + len(report_of("example").playbook) == 6
        for card in report_of("example").playbook:
            for text in (card.department, card.recommendation, card.offer, card.timing):
                assert text in table
        assert "1–5 in 100 of " in table


def test_a_small_shop_has_dashes_and_reasons_not_none(page_of):
    page = page_of("tiny")
    body = page[page.index("<body>") : page.index("<script>")]
    assert not re.search(r">\s*(None|nan)\s*<", body)
    assert "no earlier month" in body
    assert "15 days of orders are too few" in body


def test_same_report_gives_the_same_page(report_of, charts_of, page_of):
    files = ("data/segments.csv", "data/audit.csv")
    again = render_html(
        report_of("example"), charts_of("example"), data_files=files, template_dir=None
    )
    assert again == page_of("example")


def test_the_users_template_is_found_first(report_of, charts_of, tmp_path):
    (tmp_path / "sections").mkdir()
    (tmp_path / "sections" / "summary.html.j2").write_text("<h1>Ours: {{ report.shop }}</h1>")
    page = render_html(
        report_of("hostile"), charts_of("hostile"), data_files=(), template_dir=tmp_path
    )
    assert "<h1>Ours: &lt;script&gt;" in page
    assert 'id="segments"' in page


@pytest.mark.parametrize(
    ("slip", "line", "reason"),
    [
        ("<h1>\n{% if %}", 2, "Expected an expression"),
        ("\n\n{{ report.shopp }}", 3, "no attribute 'shopp'"),
        ("{{ report.shop | shout }}", 1, "No filter named 'shout'"),
        ("\n{% include 'nothing.html.j2' %}", 2, "nothing.html.j2"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
    ],
)
def test_a_slip_in_the_users_template_is_told_with_its_place(
    report_of, charts_of, tmp_path, slip, line, reason
):
    path = tmp_path / "sections" / "summary.html.j2"
    path.parent.mkdir()
    path.write_text(slip)
    with pytest.raises(SettingsError) as caught:
        render_html(report_of("tiny"), charts_of("tiny"), data_files=(), template_dir=tmp_path)
    told = str(caught.value)
    assert told.startswith(f"{path}, line {line}: ")
    assert reason in told
    assert "\n" not in told


def test_a_fault_of_our_own_is_not_blamed_on_the_user(report_of, charts_of, tmp_path):
    report = replace(report_of("tiny"), standfirst=None)
    with pytest.raises(TypeError):
        render_html(report, charts_of("tiny"), data_files=(), template_dir=tmp_path)


def test_a_file_name_cannot_become_a_scheme():
    assert file_href("javascript:alert(1)") == "./javascript%3Aalert%281%29"


def test_a_color_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="six hex digits"):
        checked_color("red;}body{display:none")


def test_control_characters_and_endless_words_are_not_printed():
    assert shown("a\x00b\ud800") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    assert len(shown("W" * 2_000)) == 80


browser_needed = pytest.mark.skipif(EXECUTABLE is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    with Browser() as opened:
        yield opened


@pytest.fixture
def opened(browser, page_of, tmp_path):
    def show(name="example", width=1280, scheme="light"):
        path = tmp_path / "report.html"
        path.write_text(page_of(name), encoding="utf-8")
        browser.open(path, width=width, scheme=scheme)
        return browser

    return show


@browser_needed
@ALL
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window_without_complaints(opened, name, width, scheme):
    page = opened(name, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.problems == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 25, 29)")


@browser_needed
def test_charts_follow_the_dark_page_and_use_the_embedded_font(opened):
    page = opened(scheme="dark")
    fill = "getComputedStyle(document.querySelector('#revenue-by-month svg text')).fill"
    assert page.evaluate(fill) != "rgb(29, 36, 42)"
    assert page.evaluate("document.fonts.check('600 12px Inter')")


@browser_needed
def test_tables_sort_filter_and_say_so(opened):
    page = opened()
    column = (
        "[...document.querySelectorAll('.segments tbody tr:not([hidden])')]"
        ".map(row => row.cells[1].textContent)"
    )
    page.evaluate("document.querySelectorAll('.segments thead button')[1].click()")
    assert page.evaluate(column) == ["1,172", "957", "905", "767", "533"]
    sort = "document.querySelectorAll('.segments thead th')[1].getAttribute('aria-sort')"
    assert page.evaluate(sort) == "descending"
    long = column.replace("segments", "slipped").replace("cells[1]", "cells[2]")
    assert len(page.evaluate(long)) > 8
    page.evaluate(
        "(() => { const input = document.querySelector('.tools:has(+ .table-box .slipped) input');"
        "input.value = 'risk'; input.dispatchEvent(new Event('input')) })()"
    )
    assert set(page.evaluate(long)) == {"At-Risk"}
    few = "document.querySelector('.tools:has(+ .table-box .segments)')"
    assert page.evaluate(f"{few} === null")  # five rows need no filter


@browser_needed
def test_what_a_phone_hides_sideways_fades_out(opened):
    page = opened(width=360)
    drawing = "document.querySelector('#segment-flows .drawing')"
    classes = f"[...{drawing}.classList].sort()"
    mask = f"getComputedStyle({drawing}).maskImage"
    assert page.evaluate(classes) == ["drawing", "more-right"]
    assert "linear-gradient" in page.evaluate(mask)
    settled = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(f"{drawing}.scrollLeft = 9999; {settled}.then(() => true)")
    assert page.evaluate(classes) == ["drawing", "more-left"]
    half = "document.querySelector('#customers-per-segment .drawing').className"
    assert page.evaluate(half) == "drawing"


@browser_needed
def test_the_name_of_a_row_stays_while_a_phone_scrolls_the_table(opened):
    page = opened(width=360)
    name = "document.querySelector('.segments tbody th').getBoundingClientRect().left"
    before = page.evaluate(name)
    page.evaluate("document.querySelector('.segments').closest('.table-box').scrollLeft = 150")
    assert page.evaluate(name) == before


@browser_needed
def test_the_keyboard_reads_a_chart_mark_by_mark(opened):
    page = opened()
    page.evaluate(
        "(() => { const drawing = document.querySelector('#revenue-by-month .drawing');"
        "drawing.focus();"
        "drawing.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'})) })()"
    )
    assert page.evaluate("document.getElementById('tip').textContent") == "December 2010: £567,491"


@browser_needed
def test_a_table_becomes_csv_that_no_spreadsheet_runs(opened):
    page = opened("hostile")
    page.evaluate(
        "(() => { const made = []; window.made = made;"
        "URL.createObjectURL = blob => { made.push(blob); return 'data:,' };"
        "HTMLAnchorElement.prototype.click = () => {};"
        "document.querySelector('.segments').closest('section').querySelectorAll('.tools button')"
        ".forEach(b => b.textContent === 'Download CSV' && b.click()) })()"
    )
    csv = page.evaluate("Promise.all(window.made.map(b => b.text())).then(t => t.join('\\n'))")
    assert "\"'=cmd|' /C calc'!A0\"" in csv
    assert '"905"' in csv


@pytest.fixture
def canary():
    """Serve on this machine and collect who calls."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


@browser_needed
def test_addresses_in_the_data_are_not_called(browser, canary, report_of, charts_of, tmp_path):
    address, calls = canary
    report = replace(
        report_of("example"),
        shop=f'<img src="{address}/img"><link rel=stylesheet href="{address}/css">',
        headline=f"<iframe src={address}/frame></iframe> url({address}/url)",
    )
    page = render_html(report, charts_of("example"), data_files=(), template_dir=None)
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    browser.open(path, width=1280, scheme="light")
    assert calls == []


@browser_needed
@pytest.mark.parametrize("width", [360, 1280])
def test_no_word_of_the_method_tables_is_broken(opened, width):
    page = opened("example", width)
    heights = (
        "[...document.querySelectorAll('.findings td, .bridge td')]"
        ".map(cell => { const words = document.createRange(); words.selectNodeContents(cell);"
        "return words.getClientRects().length })"
    )
    assert set(page.evaluate(heights)) == {1}
    narrow = "document.querySelector('.bridge tbody th').offsetWidth"
    assert page.evaluate(narrow) >= 140
