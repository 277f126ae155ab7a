"""The PDF: tagged, whole, reproducible, and closed to the outside."""

from __future__ import annotations

import builtins
import re
import shutil
import subprocess
import sys
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import Thread

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from rfmreport.errors import MissingComponentError, OutputError
from rfmreport.pages.html import render_print_html
from rfmreport.pages.pdf import PdfRenderer, load_weasyprint
from rfmreport.settings.resources import resource_dir

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
POPPLER = shutil.which("pdftoppm")
poppler_needed = pytest.mark.skipif(POPPLER is None, reason="poppler-utils are not installed")
ALL = pytest.mark.parametrize("name", ["example", "hostile", "tiny"])


@pytest.fixture(scope="module")
def renderer():
    return PdfRenderer()


@pytest.fixture(scope="module")
def pdf_bytes_of(renderer, print_page_of):
    return cache(lambda name: renderer.rendered(print_page_of(name)))


@pytest.fixture(scope="module")
def pdf_of(pdf_bytes_of):
    return lambda name: PdfReader(BytesIO(pdf_bytes_of(name)))


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
    assert len(titles) == 7
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


def headings_at_the_end(renderer, page: str) -> list[str]:
    """Return the headings that are the lowest text of a page, however many lines they take."""
    marked = re.sub(r"(</h[1-4]>)", r"¶\1", page)  # a chart may end with the same words
    # In the order of the eye, without the running lines: pypdf reads in the order of painting.
    box = ("-x", "0", "-y", "50", "-W", "600", "-H", "745")
    command = ["pdftotext", "-layout", *box, "-", "-"]
    pdf = renderer.rendered(marked)
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    lowest = [sheet.strip().splitlines()[-1] for sheet in text.split("\f") if sheet.strip()]
    return [line for line in lowest if "¶" in line]


@poppler_needed
@ALL
def test_no_heading_ends_a_page(renderer, print_page_of, name):
    assert headings_at_the_end(renderer, print_page_of(name)) == []


@poppler_needed
@pytest.mark.parametrize("heading", ["Short", "A heading &amp; its <b>many</b> words " * 6])
def test_a_heading_that_ends_a_page_is_found(renderer, print_page_of, heading):
    slip = f"<h2 style='break-after:page'>{heading}</h2><p>next page</p>"
    page = print_page_of("tiny").replace("</body>", f"{slip}</body>")
    assert len(headings_at_the_end(renderer, page)) == 1


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


DPI = 72
MARGINS_MM = {"left": 16, "right": 16, "top": 19, "bottom": 17}
# The running lines stand in the upper and lower margin, this far from the edge of the paper.
EDGE_MM = 6
LEAST_INK_SHARE = 0.02
LEAST_FILLED_HEIGHT = 0.5
LEAST_PIXELS_OF_A_COLOR = 40


def pixels(millimetres: float) -> int:
    return int(millimetres / 25.4 * DPI)


def pictures_of(pdf: bytes, folder) -> list[Image.Image]:
    """Return every page as a picture."""
    command = [POPPLER, "-r", str(DPI), "-png", "-", str(folder / "page")]
    subprocess.run(command, input=pdf, check=True)
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("page*.png"))]


def ink(picture: Image.Image) -> Image.Image:
    """Return where the picture is not white."""
    white = Image.new("RGB", picture.size, "white")
    return ImageChops.difference(picture, white).convert("L").point(lambda v: 255 * (v > 12))


def share(mask: Image.Image) -> float:
    return mask.histogram()[255] / (mask.width * mask.height)


def what_is_wrong(pictures) -> list[str]:
    """Return what a person would object to who leafs through the pages."""
    wrong = []
    left, right = pixels(MARGINS_MM["left"]) - 1, pixels(MARGINS_MM["right"]) - 1
    top, bottom = pixels(MARGINS_MM["top"]), pixels(MARGINS_MM["bottom"])
    edge = pixels(EDGE_MM)
    for number, picture in enumerate(pictures, start=1):
        painted, (width, height) = ink(picture), picture.size
        outside = {
            "left": (0, 0, left, height),
            "right": (width - right, 0, width, height),
            "top": (0, 0, width, edge),
            "bottom": (0, height - edge, width, height),
        }
        wrong += [
            f"page {number}: something in the {side} margin"
            for side, box in outside.items()
            if painted.crop(box).getbbox()
        ]
        body = painted.crop((left, top, width - right, height - bottom))
        lowest = (body.getbbox() or (0, 0, 0, 0))[3] / body.height
        if share(body) < LEAST_INK_SHARE:
            wrong.append(f"page {number}: {share(body):.1%} of it painted")
        if number < len(pictures) and lowest < LEAST_FILLED_HEIGHT:
            wrong.append(f"page {number}: ends at {lowest:.0%} of its height")
    return wrong


def colors_missing(picture: Image.Image, colors) -> list[str]:
    """Return the colours that are not on the page as areas."""
    seen = {color: count for count, color in picture.getcolors(picture.width * picture.height)}
    wanted = {color: tuple(bytes.fromhex(color[1:])) for color in colors}
    return [c for c, rgb in wanted.items() if seen.get(rgb, 0) < LEAST_PIXELS_OF_A_COLOR]


@poppler_needed
@pytest.mark.parametrize("name", ["example", "hostile", "netted", "tiny"])
def test_every_page_looks_like_a_page(pdf_bytes_of, report_of, tmp_path, name):
    pictures = pictures_of(pdf_bytes_of(name), tmp_path)
    assert len(pictures) > 2
    # Endless names may push a chart to a page of its own.
    wrong = [text for text in what_is_wrong(pictures) if name != "hostile" or "height" not in text]
    assert wrong == []
    shown = [row.color for row in report_of(name).segments.rows if row.customer_count]
    assert colors_missing(pictures[1], shown) == []


@poppler_needed
@pytest.mark.parametrize(
    ("slip", "objection"),
    [
        ("<p style='break-before:page'>x</p>", "painted"),
        ("<p style='break-before:page;break-after:page'>x</p><p>x</p>", "of its height"),
        ("<div style='margin-left:-8mm'>left of the page</div>", "left margin"),
        ("<pre style='font-size:40pt'>far too wide for this paper, really</pre>", "right margin"),
        ("<div style='position:absolute;top:-18mm'>above</div>", "top margin"),
    ],
)  # fmt: skip
def test_a_page_that_looks_wrong_is_found(renderer, print_page_of, tmp_path, slip, objection):
    page = print_page_of("tiny").replace("</body>", f"{slip}</body>")
    assert any(
        objection in found
        for found in what_is_wrong(pictures_of(renderer.rendered(page), tmp_path))
    )


@poppler_needed
def test_a_color_that_is_not_there_is_missed(pdf_bytes_of, tmp_path):
    picture = pictures_of(pdf_bytes_of("example"), tmp_path)[1]
    assert colors_missing(picture, ["#0b5d5e", "#ff00ff"]) == ["#ff00ff"]


def test_characters_that_no_font_has_are_told(renderer, caplog):
    renderer.rendered("<html lang=en><title>x</title><h1>a \U000e0101\ue123 b</h1>")
    assert "U+E123" in caplog.text
    caplog.clear()
    renderer.rendered("<html lang=en><title>x</title><h1>a £ b</h1>")
    assert caplog.text == ""
