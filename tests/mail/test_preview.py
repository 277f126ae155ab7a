"""The preview: an e-mail read back as the page that its reader sees, complete in one file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browser import EXECUTABLE, Browser
from example_mail import composed, department_of

from rfmreport.errors import InputError
from rfmreport.formats import Formats
from rfmreport.kit.charts import draw_png
from rfmreport.mail.charts import mail_drawing
from rfmreport.mail.files import read_preview, write_preview


@pytest.fixture
def folder(report_of, tmp_path):
    report = report_of("example")
    (tmp_path / "email").mkdir()
    for name, department in (
        ("management", None),
        ("marketing", department_of(report)),
        ("crm", department_of(report, key="crm", title="CRM")),
    ):
        (tmp_path / "email" / f"{name}.eml").write_bytes(composed(report, department))
    return tmp_path


def test_the_management_comes_first(folder):
    preview = read_preview(folder)
    assert preview.name == "management"
    assert preview.mail.subject.endswith("November 2011: revenue £1.14M, +14% on October")
    assert list(preview.mail.recipients) == ["board@shop.example", "cfo@shop.example"]
    assert [file.name for file in preview.mail.attachments] == ["gift-shop-2011-12-10.pdf"]


def test_without_a_management_the_first_list_is_shown(folder):
    (folder / "email" / "management.eml").unlink()
    assert read_preview(folder).name == "crm"


def test_a_list_is_shown_by_name(folder):
    assert "Whom do we talk to" in read_preview(folder, "marketing").page


def test_the_page_needs_nothing_but_itself(folder):
    page = read_preview(folder).page
    assert "cid:" not in page
    assert page.count('src="data:image/png;base64,') == 1
    path = write_preview(read_preview(folder), folder)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path == folder / "email" / "management.html"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # the letters' encoding
    assert path.read_text(encoding="utf-8-sig") == page


def test_where_the_report_cannot_be_written_a_temporary_folder_is_used(folder):
    preview = read_preview(folder)
    for message in (folder / "email").iterdir():
        message.unlink()
    (folder / "email").rmdir()
    path = write_preview(preview, folder)
    assert folder not in path.parents
    assert path.name == "management.html"
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize("name", ["sales", "../email/crm", "", "crm.eml"])
def test_a_list_that_is_not_there_is_told_with_those_that_are(folder, name):
    if not name:
        assert read_preview(folder, name).name == "management"
        return
    with pytest.raises(InputError, match=r"has no e-mail '.*'; it has crm, management, marketing"):
        read_preview(folder, name)


def test_a_report_without_e_mails_says_what_makes_them(tmp_path):
    with pytest.raises(InputError, match=r"no e-mails in it .* with rfmreport build … --email"):
        read_preview(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\x00 no message", b"Subject: x\r\n\r\nplain"])
def test_what_is_no_such_message_is_told(folder, content):
    (folder / "email" / "crm.eml").write_bytes(content)
    with pytest.raises(InputError, match=r"crm\.eml: not an e-mail as rfmreport writes it: "):
        read_preview(folder, "crm")


def test_a_message_without_a_page_is_told(folder):
    path = folder / "email" / "crm.eml"
    path.write_bytes(path.read_bytes().replace(b"text/html", b"text/other"))
    with pytest.raises(InputError, match=r"crm\.eml: is not an e-mail with a page to show"):
        read_preview(folder, "crm")


# --- as it looks --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    if EXECUTABLE is None:
        pytest.skip("Chromium is not installed")
    with Browser() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 600, 1280])
@pytest.mark.parametrize("name", ["example", "hostile"])
def test_the_page_fits_its_window(browser, report_of, tmp_path, name, width, scheme):
    report = replace(report_of(name), currency="CHF")
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "management.eml").write_bytes(composed(report))
    path = write_preview(read_preview(tmp_path), tmp_path)
    browser.open(path, width=width, scheme=scheme)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("document.querySelector('.card').offsetWidth") <= 600
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []


CONTRASTS = """
(() => {
  const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const shade = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const one of document.querySelectorAll('p, h1, h2, td, th, span, strong')) {
    const text = [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
    if (!text || text === '\\u00a0' || one.getAttribute('aria-hidden')) continue;
    const [a, b] = [shade(numbers(getComputedStyle(one).color)), shade(ground(one))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${text.slice(0, 40)}`);
  }
  return low;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser, report_of, tmp_path, scheme):
    report = report_of("example")
    warning = replace(report.findings[0], key="restated")
    report = replace(report, findings=(warning,))
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "management.eml").write_bytes(composed(report))
    browser.open(write_preview(read_preview(tmp_path), tmp_path), width=700, scheme=scheme)
    assert browser.evaluate(CONTRASTS) == []


def test_the_picture_is_shown_at_its_size(browser, report_of, tmp_path):
    report = report_of("example")
    picture = draw_png(mail_drawing(report, ("months",), Formats(report.locale, report.currency)))
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "management.eml").write_bytes(composed(report, picture=picture))
    path = write_preview(read_preview(tmp_path), tmp_path)
    for width, expected in ((1280, 552), (360, 332)):
        browser.open(path, width=width, scheme="light")
        size = "(image => [image.naturalWidth, image.width])(document.images[0])"
        assert browser.evaluate(size) == [1104, expected]
