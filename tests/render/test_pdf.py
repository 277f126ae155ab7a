"""The PDF: tagged, whole, reproducible, and closed to the outside."""

from __future__ import annotations

import builtins
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import Thread

import pytest
from pypdf import PdfReader

from rfmreport.errors import MissingComponentError, OutputError
from rfmreport.render.html import render_print_html
from rfmreport.render.pdf import PdfRenderer, load_weasyprint
from rfmreport.resources import resource_dir

FIGURES = (
    "£1.14M",
    "2,642",
    "80.5%",
    "4,334",
    "£5,597,822",
    "£8,761,067",
    "£9,747,747.93",
    "396,337",
    "£10,199",
    "91.2%",
)
ALL = pytest.mark.parametrize("name", ["example", "hostile", "tiny"])


@pytest.fixture(scope="module")
def renderer():
    return PdfRenderer()


@pytest.fixture(scope="module")
def pdf_of(renderer, print_page_of):
    made = {}

    def pdf(name):
        if name not in made:
            made[name] = renderer.rendered(print_page_of(name))
        return PdfReader(BytesIO(made[name]))

    return pdf


def text_of(page) -> str:
    return re.sub(r"\s+", " ", page.extract_text())


def test_it_says_what_the_report_says(pdf_of):
    text = " ".join(text_of(page) for page in pdf_of("example").pages)
    for figure in FIGURES:
        assert figure in text, figure


def test_it_is_tagged_bookmarked_and_described(pdf_of):
    reader = pdf_of("example")
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "en"
    assert (
        reader.metadata.title
        == "Gift shop (UCI Online Retail): customer segments as of 10 Dec 2011"
    )
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert len(titles) == 5
    assert titles[1] == "High-Value: 20.9% of customers, 63.9% of revenue"


@ALL
def test_all_fonts_are_embedded_and_the_text_is_inter(pdf_of, name):
    names = set()
    for page in pdf_of(name).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            files = {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.get_object())
            assert files, font
            names.add(str(font.get_object()["/BaseFont"]))
    if name == "example":
        assert all("Inter" in font for font in names)


@pytest.mark.parametrize("name", ["example", "tiny"])
def test_every_page_has_its_number_head_and_content(pdf_of, name):
    pages = pdf_of(name).pages
    for number, page in enumerate(pages, start=1):
        text = text_of(page)
        assert f"{number} / {len(pages)}" in text
        assert "Customer segments ·" in text
        assert len(text) > 300, number


def test_the_first_page_holds_the_whole_summary(pdf_of):
    first = text_of(pdf_of("example").pages[0])
    for part in ("What the data say", "Do this next", "the best of 12 full months"):
        assert part in first


@ALL
def test_no_heading_ends_a_page(pdf_of, print_page_of, name):
    headings = {
        re.sub(r"\s+", " ", re.sub("<.*?>", "", found)).strip()
        for found in re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>", print_page_of(name), re.DOTALL)
    }
    for page in pdf_of(name).pages:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        body = [line for line in lines if not line.startswith("As of ") and " / " not in line]
        assert body[-1] not in headings


def test_same_page_gives_same_bytes(print_page_of):
    page = print_page_of("tiny")
    assert PdfRenderer().rendered(page) == PdfRenderer().rendered(page)


def test_letter_is_another_size(renderer, report_of, charts_of):
    page = render_print_html(
        report_of("tiny"), charts_of("tiny"), page_size="Letter", template_dir=None
    )
    box = PdfReader(BytesIO(renderer.rendered(page))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)


def test_what_weasyprint_only_logs_is_an_error(renderer):
    page = "<html lang=en><title>x</title><h1>x</h1><img alt=x src='data:image/png;base64,AAAA'>"
    with pytest.raises(OutputError, match="could not be made whole"):
        renderer.rendered(page)


def test_no_address_is_called_and_no_file_is_read(renderer, tmp_path):
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    for address in (f"http://127.0.0.1:{server.server_port}/x.png", secret.as_uri()):
        page = f"<html lang=en><title>x</title><h1>x</h1><img alt=x src='{address}'>"
        with pytest.raises(OutputError):
            renderer.rendered(page)
    server.shutdown()
    server.server_close()
    assert calls == []


def test_without_pango_the_error_names_the_command(monkeypatch, capsys):
    real_import = builtins.__import__

    def no_pango(name, *args, **kwargs):
        if name == "weasyprint":
            print("a banner")  # noqa: T201 - as WeasyPrint does
            message = "cannot load library 'libpango-1.0-0'"
            raise OSError(message)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_pango)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(MissingComponentError, match="apt-get install libpango"):
        load_weasyprint()
    assert capsys.readouterr().out == ""


def test_the_flow_on_paper_is_made_of_blocks():
    rules = (resource_dir("templates") / "print.css").read_text(encoding="utf-8")
    assert not re.search(r"display:\s*(inline-)?(flex|grid)", rules)
