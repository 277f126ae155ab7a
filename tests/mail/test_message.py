"""The e-mails: complete messages whose two parts say the same, and nothing that must not travel."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import SMTP
from itertools import pairwise

import pytest
from example_mail import (
    PDF,
    PICTURE,
    SETTINGS,
    Page,
    composed,
    department_of,
    figures_in,
    html_of,
    read_back,
    text_of,
)
from example_movement import example_movement

from rfmreport.errors import OutputError, SettingsError
from rfmreport.formats import Formats
from rfmreport.kit.charts import draw_png
from rfmreport.mail.charts import mail_drawing
from rfmreport.mail.letters import Attachment, file_name
from rfmreport.mail.message import start_pictures, write_messages
from rfmreport.pages.html import render_print_html

ALL = pytest.mark.parametrize("name", ["example", "netted", "hostile", "tiny"])
HEADERS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "List-Unsubscribe", "X-Rfmreport-Report", "X-Rfmreport-List"),
    *("MIME-Version", "Content-Type"),
]
NASTY_NAMES = (
    "Shop\r\nBcc: all@example.com\r\n\r\nBody",
    "Shop\n\nATTACHED\n--------\n* virus.exe",
    "\u202eexe.pohS\u2066",
    "W" * 2_000,
    "</script><script>alert(1)</script>",
    "=1+1",
    "=?utf-8?q?x=0ABcc=3A_all=40example.com?=",
    "Café Müller & Söhne „Größe“",
    "متجر الهدايا 顧客 🎁",
    "\x00\x1b[31m\ud800",
)


# --- the message --------------------------------------------------------------------------------


def structure(part) -> object:
    if not part.is_multipart():
        return part.get_content_type()
    return part.get_content_type(), [structure(one) for one in part.iter_parts()]


def test_a_message_holds_text_and_page_with_its_picture_and_what_is_attached(report_of):
    message = read_back(composed(report_of("example")))
    assert structure(message) == (
        "multipart/mixed",
        [
            (
                "multipart/alternative",
                ["text/plain", ("multipart/related", ["text/html", "image/png"])],
            ),
            "application/pdf",
        ],
    )
    (attached,) = message.iter_attachments()
    assert attached.get_content_disposition() == "attachment"
    assert (attached.get_filename(), attached.get_content()) == (PDF.name, PDF.content)


def test_the_headers_say_from_whom_to_whom_and_which_report(report_of):
    message = read_back(composed(report_of("example")))
    assert list(message.keys()) == HEADERS
    assert message["From"] == "Reports <reports@shop.example>"
    assert [one.addr_spec for one in message["To"].addresses] == [
        "board@shop.example",
        "cfo@shop.example",
    ]
    assert message["Reply-To"] == "Reports <reports@shop.example>"
    assert message["Date"].datetime == datetime(2011, 12, 10, tzinfo=UTC)
    assert re.fullmatch(r"<rfm\.[0-9a-f]{40}@shop\.example>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert re.fullmatch(r"2011-12-10-[0-9a-f]{8}", message["X-Rfmreport-Report"])
    assert message["X-Rfmreport-List"] == "management"


def test_a_month_that_was_asked_for_names_the_report(report_of):
    report = replace(report_of("example"), month=date(2011, 11, 1))
    message = read_back(composed(report, department_of(report)))
    assert re.fullmatch(r"2011-11-[0-9a-f]{8}", message["X-Rfmreport-Report"])
    assert message["X-Rfmreport-List"] == "marketing"
    assert message["To"] == "marketing@shop.example"
    assert file_name(report, ".pdf") == "gift-shop-uci-online-retail-2011-11.pdf"


def test_answers_go_where_the_settings_say(report_of):
    settings = replace(SETTINGS, reply_to="Jörg Müller <answers@shop.example>")
    message = read_back(composed(report_of("example"), settings=settings))
    (address,) = message["Reply-To"].addresses
    assert (address.display_name, address.addr_spec) == ("Jörg Müller", "answers@shop.example")
    assert "answers@shop.example" in message["List-Unsubscribe"]
    assert "answers@shop.example" in text_of(message)


def test_the_same_report_is_the_same_message_byte_for_byte(report_of):
    for department in (None, department_of(report_of("example"))):
        first = composed(report_of("example"), department)
        assert first == composed(report_of("example"), department)


def test_other_content_is_another_message(report_of):
    report = report_of("example")
    other_pdf = Attachment(PDF.name, PDF.content + b"x", PDF.about)
    others = [
        composed(replace(report, shop="Other shop")),
        composed(replace(report, month=date(2011, 11, 1))),
        composed(replace(report, headline="Other headline")),
        composed(report, attachments=[other_pdf]),
        composed(report, department_of(report)),
        composed(report, department_of(report, key="sales")),
    ]
    ids = {read_back(message)["Message-ID"] for message in (composed(report), *others)}
    assert len(ids) == len(others) + 1


def test_who_else_is_on_the_list_makes_no_other_message(report_of):
    """Or a new colleague on the list would get everybody the mail again."""
    report = report_of("example")
    more = replace(SETTINGS, management=(*SETTINGS.management, "new@shop.example"))
    one, other = (read_back(composed(report, settings=each)) for each in (SETTINGS, more))
    assert one["Message-ID"] == other["Message-ID"]
    assert one["To"] != other["To"]


def test_the_message_survives_a_server_that_reads_and_writes_it(report_of):
    report = replace(report_of("example"), shop=NASTY_NAMES[8])
    message = message_from_bytes(composed(report), policy=SMTP)
    message.replace_header("Date", "Fri, 02 Dec 2011 08:00:00 +0000")
    again = read_back(message.as_bytes())
    before = read_back(composed(report))
    assert [again[name] for name in HEADERS if name != "Date"] == [
        before[name] for name in HEADERS if name != "Date"
    ]
    assert (text_of(again), html_of(again)) == (text_of(before), html_of(before))
    assert next(again.iter_attachments()).get_content() == PDF.content


def test_lines_are_as_long_as_servers_take_them(report_of):
    report = replace(report_of("hostile"), shop=NASTY_NAMES[8])
    for line in composed(report).split(b"\r\n"):
        assert len(line) <= 998
        assert b"\n" not in line
        assert line.isascii()


def test_an_encoded_word_in_a_plain_subject_begins_no_header(report_of):
    word = "=?utf-8?q?x=0ABcc=3A_all=40example.com?="
    report = report_of("example")
    message = read_back(composed(report, department_of(report, title="A", answer=word)))
    assert list(message.keys()) == HEADERS
    assert message["Subject"] == f"A, as of 10 Dec 2011: {word}"


@pytest.mark.parametrize("currency", ["GBP", None])  # with a pound sign, or all in ASCII
@pytest.mark.parametrize("shop", NASTY_NAMES)
def test_no_name_reaches_beyond_its_header(report_of, shop, currency):
    report = replace(report_of("example"), shop=shop, currency=currency)
    for department in (None, department_of(report, title=shop, answer=shop, question=shop)):
        message = read_back(composed(report, department))
        assert list(message.keys()) == HEADERS
        assert len(message["Subject"]) <= 78
        assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069]", message["Subject"])
        assert message["To"].addresses[0].domain == "shop.example"
        assert len(list(message.iter_attachments())) == 1


@pytest.mark.parametrize(
    ("shop", "name", "in_ascii"),
    [
        ("Gift shop (UCI)", "gift-shop-uci-2011-12-10.pdf", None),
        ("../../etc/passwd", "etc-passwd-2011-12-10.pdf", None),
        ("Café Größe", "café-grösse-2011-12-10.pdf", "cafe-grosse-2011-12-10.pdf"),
        ("株式会社", "株式会社-2011-12-10.pdf", "report-2011-12-10.pdf"),
        ("दुकान", "दुकान-2011-12-10.pdf", "report-2011-12-10.pdf"),
        ("!!!", "2011-12-10.pdf", "report-2011-12-10.pdf"),
        ("W" * 2_000, f"{'w' * 40}-2011-12-10.pdf", None),
    ],
)
def test_a_file_has_a_name_in_any_script_and_one_in_ascii(report_of, shop, name, in_ascii):
    report = replace(report_of("example"), shop=shop)
    pdf = Attachment(file_name(report, ".pdf"), b"%PDF", "the report")
    message = read_back(composed(report, attachments=[pdf]))
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == name
    assert attached["Content-Type"].params["name"] == (in_ascii or name)
    assert name in text_of(message)


def test_many_recipients_all_stand_in_the_header(report_of):
    many = tuple(f"Müller, Jörg {n} <a-rather-long-name-{n}@shop.example>" for n in range(40))
    message = read_back(composed(report_of("example"), settings=replace(SETTINGS, management=many)))
    assert [one.username for one in message["To"].addresses] == [
        f"a-rather-long-name-{n}" for n in range(40)
    ]


# --- its two parts ------------------------------------------------------------------------------


@ALL
def test_both_parts_tell_the_same_figures(report_of, name):
    report = report_of(name)
    for department in (None, department_of(report)):
        message = read_back(composed(report, department))
        page, text = Page(html_of(message)).text, text_of(message)
        assert figures_in(page) == figures_in(text)
        assert len(figures_in(page)) > 10


@ALL
def test_both_parts_tell_the_same_findings(report_of, name):
    report = report_of(name)
    message = read_back(composed(report))
    page, text = (
        " ".join(part.split()) for part in (Page(html_of(message)).text, text_of(message))
    )
    for words in (
        *(insight.headline[:60] for insight in report.insights[1:5]),
        *(advice.title[:60] for advice in report.recommendations),
        report.headline[:60],
    ):
        assert " ".join(words.split()) in page
        # A long word is broken where the line ends.
        assert "".join(words.split()) in text.replace(" ", "")


def test_numbers_follow_the_locale_in_both_parts(report_of):
    report = replace(report_of("example"), locale="de_DE", currency="EUR")
    message = read_back(composed(report))
    page, text = Page(html_of(message)).text, text_of(message)
    assert figures_in(page) == figures_in(text)
    assert "8.761\N{NO-BREAK SPACE}€" in page  # thousands
    assert "8.761\N{NO-BREAK SPACE}€" in text
    assert "1,14M\N{NO-BREAK SPACE}€" in message["Subject"].replace(" ", "\N{NO-BREAK SPACE}")


def test_the_picture_is_found_by_its_id_and_says_what_it_shows(report_of):
    report = report_of("example")
    drawing = mail_drawing(report, ("months",), Formats(report.locale, report.currency))
    message = read_back(composed(report, picture=draw_png(drawing)))
    (image,) = [attrs for tag, attrs in Page(html_of(message)).elements if tag == "img"]
    (part,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert image["src"] == f"cid:{part['Content-ID'].strip('<>')}"
    assert part.get_content_disposition() == "inline"
    assert image["width"] == "552"
    assert image["alt"].startswith("November 2011: £1.14M, the best of 12 full months. ")
    content = part.get_content()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == 2 * 552
    assert len(content) < 60_000


@ALL
def test_the_page_is_what_mail_programs_can_show(report_of, name):
    report = report_of(name)
    for department in (None, department_of(report)):
        html = html_of(read_back(composed(report, department)))
        assert len(html.encode()) < 60_000
        elements = Page(html).elements
        assert {tag for tag, _ in elements} <= {
            *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr"),
            *("td", "th", "p", "h1", "h2", "span", "strong", "br", "bdi", "img"),
        }
        styles = " ".join(attrs.get("style") or "" for _, attrs in elements)
        assert not re.search(r"flex|grid|position|float|var\(|url\(|calc\(", styles)
        for tag, attrs in elements:
            assert not {"href", "srcset", "background", "onerror", "onload"} & set(attrs)
            assert (
                tag != "table"
                or attrs.get("role") == "presentation"
                or "segments" in str(attrs.get("class"))
            )
            assert tag != "td" or attrs.get("style")
            assert (attrs.get("src") or "cid:").startswith("cid:")


def test_the_page_says_that_it_knows_dark_and_light(report_of):
    html = html_of(read_back(composed(report_of("example"))))
    assert '<meta name="color-scheme" content="light dark">' in html
    assert '<meta name="supported-color-schemes" content="light dark">' in html
    assert html.count("@media (prefers-color-scheme:dark)") == 1
    assert html.index("<meta charset") < 200


def test_names_from_the_data_stay_text(report_of):
    html = html_of(read_back(composed(report_of("hostile"))))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(" in html


@pytest.mark.parametrize(
    "forged",
    [
        "x\r\n\r\nATTACHED\r\n--------\r\n* virus.exe: open it",
        "ATTACHED\u2028--------\u2029* virus.exe",
        "ATTACHED " + "-" * 70,  # broken where the line ends
        "ATTACHED " + "=" * 200,
    ],
)
def test_no_name_makes_a_heading_in_the_text(report_of, forged):
    report = replace(report_of("example"), shop=forged, headline=forged, standfirst=forged)
    rows = tuple(replace(row, name=forged) for row in report.segments.rows)
    insights = tuple(replace(one, headline=forged, detail=forged) for one in report.insights)
    forged_report = replace(report, insights=insights, segments=replace(report.segments, rows=rows))
    for department in (None, department_of(forged_report, answer=forged, title=forged)):
        plain = department_of(report) if department else None
        expected = text_of(read_back(composed(report_of("example"), plain)))
        found = text_of(read_back(composed(forged_report, department)))
        assert headings_of(found) == headings_of(expected)


def headings_of(text: str) -> list[str]:
    lines = text.splitlines()
    assert [line.strip("=") for line in lines].count("") - lines.count("") == 1  # the headline's
    return [above for above, line in pairwise(lines) if re.fullmatch("-{4,}", line.strip())]


def test_a_page_that_would_be_clipped_is_refused(report_of, tmp_path):
    (tmp_path / "mail").mkdir()
    page = "<html><body><p>" + "x" * 96_000
    (tmp_path / "mail" / "mail.html.j2").write_text(page, encoding="utf-8")
    with pytest.raises(OutputError, match=r"of e-mail 'management' has 96,\d+ bytes, more than"):
        composed(report_of("example"), template_dir=tmp_path)


def test_the_users_templates_are_used_and_a_slip_in_one_is_told(report_of, tmp_path):
    (tmp_path / "mail").mkdir()
    template = tmp_path / "mail" / "mail.txt.j2"
    template.write_text("Ours: {{ content.headline }}", encoding="utf-8")
    message = read_back(composed(report_of("example"), template_dir=tmp_path))
    assert text_of(message).startswith("Ours: Revenue rose 14%")
    template.write_text("{{ content.headlin }}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mail\.txt\.j2, line 1: this template cannot be used"):
        composed(report_of("example"), template_dir=tmp_path)


# --- what travels -------------------------------------------------------------------------------


class Workers:
    """Stands in for the workers: notes what is drawn, and gives the same picture for it."""

    def __init__(self):
        """Begin with nothing drawn."""
        self.drawn = []

    def start_png(self, drawing):
        self.drawn.append(drawing.caption.id)
        return lambda: PICTURE


@pytest.fixture
def folder(tmp_path):
    for name in ("report.pdf", "departments/marketing.pdf", "departments/sales.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(f"%PDF {name}".encode())
    for name in ("audiences/at-risk.csv", "data/moved.csv", "data/products.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"id-of-a-customer, {name}", encoding="utf-8")
    return tmp_path


def written(report, folder, **changes):
    settings = replace(SETTINGS, **changes)
    pictures = start_pictures(report, settings, Workers())
    paths = write_messages(report, settings, pictures, folder)
    assert sorted(path.name for path in (folder / "email").iterdir()) == [
        path.removeprefix("email/") for path in sorted(paths)
    ]
    return {path: read_back((folder / path).read_bytes()) for path in paths}


def attached_to(message):
    return {part.get_filename(): part.get_content_type() for part in message.iter_attachments()}


def test_each_list_with_recipients_gets_its_own_pdf(report_of, folder):
    report = report_of("example")
    nobody = department_of(report, key="sales", recipients=())
    report = replace(report, departments=(department_of(report), nobody))
    messages = written(report, folder)
    assert list(messages) == ["email/management.eml", "email/marketing.eml"]
    contents = [next(one.iter_attachments()).get_content() for one in messages.values()]
    assert contents == [b"%PDF report.pdf", b"%PDF departments/marketing.pdf"]
    name = "gift-shop-uci-online-retail-2011-12-10"
    assert attached_to(messages["email/management.eml"]) == {f"{name}.pdf": "application/pdf"}
    assert attached_to(messages["email/marketing.eml"]) == {
        f"{name}-marketing.pdf": "application/pdf"
    }


def test_a_chart_that_two_lists_see_is_drawn_once(report_of):
    report = report_of("example")
    finance = department_of(report, key="finance", sections=("projection",))
    nobody = department_of(report, key="sales", sections=("demand",), recipients=())
    workers = Workers()
    departments = (department_of(report), finance, nobody)
    pictures = start_pictures(replace(report, departments=departments), SETTINGS, workers)
    assert list(pictures) == ["management", "marketing", "finance"]
    assert workers.drawn == ["revenue-by-month", "segment-sizes"]


def test_until_it_is_sent_a_message_has_the_date_of_the_report(report_of, folder):
    report = report_of("example")
    pictures = start_pictures(report, SETTINGS, Workers())
    (path,) = write_messages(report, SETTINGS, pictures, folder)
    message = read_back((folder / path).read_bytes())
    assert message["Date"].datetime == datetime(2011, 12, 10, tzinfo=UTC)


def test_without_a_management_list_only_departments_get_mail(report_of, folder):
    report = report_of("example")
    report = replace(report, departments=(department_of(report),))
    assert list(written(report, folder, management=())) == ["email/marketing.eml"]


def test_lists_of_customers_travel_only_if_the_settings_say_so(report_of, folder):
    report = report_of("example")
    report = replace(report, departments=(department_of(report),))
    message = written(report, folder, customer_lists=True)["email/marketing.eml"]
    assert list(attached_to(message).values()) == ["application/pdf", "text/csv", "text/csv"]
    assert {"audiences-at-risk.csv", "data-moved.csv"} < set(attached_to(message))
    assert "may name customers" in text_of(message)
    lists = [one for one in message.iter_attachments() if one.get_content_type() == "text/csv"]
    assert [one.get_content() for one in lists] == [
        "id-of-a-customer, audiences/at-risk.csv",
        "id-of-a-customer, data/moved.csv",
    ]


def test_lists_that_are_too_large_stay_behind_and_that_is_told(report_of, folder):
    report = report_of("example")
    report = replace(report, departments=(department_of(report),))
    (folder / "audiences/at-risk.csv").write_bytes(b"x" * 800_000)
    message = written(report, folder, customer_lists=True, largest_megabytes=1.0)
    message = message["email/marketing.eml"]
    assert "data-moved.csv" in attached_to(message)
    assert "audiences-at-risk.csv" not in attached_to(message)
    for part in (text_of(message), Page(html_of(message)).text):
        assert "Too large to be attached: audiences/at-risk.csv." in part


def test_no_customer_is_named(report_of, folder):
    movement = example_movement()
    slipped = tuple(replace(one, customer_id="id-of-a-customer") for one in movement.slipped)
    assert slipped
    report = replace(report_of("example"), movement=replace(movement, slipped=slipped))
    report = replace(report, departments=(department_of(report),))
    for message in written(report, folder).values():
        for part in message.walk():
            assert part.is_multipart() or "id-of-a-customer" not in str(part.get_content())
        assert "neither this e-mail nor what is attached names a customer" in " ".join(
            text_of(message).split()
        )


def test_the_report_that_travels_names_no_customer(report_of, charts_of):
    movement = example_movement()
    slipped = tuple(replace(one, customer_id="id-of-a-customer") for one in movement.slipped)
    report = replace(report_of("example"), movement=replace(movement, slipped=slipped))
    charts = charts_of("example")
    with_names, without = (
        render_print_html(one, charts, page_size="A4", template_dir=None)
        for one in (report, report.without_customers())
    )
    assert "id-of-a-customer" in with_names
    assert "id-of-a-customer" not in without
    assert "Shown: 0" not in without
    assert "All of them: audiences/slipped.csv." in without
    assert report_of("tiny") == report_of("tiny").without_customers()
