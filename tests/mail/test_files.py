"""E-mails read back: what a report wrote is understood, what somebody added is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING

import pytest
from mail_folders import PDF, REPORT_ID, make_mail, write_mail

from rfmreport.errors import InputError, SettingsError
from rfmreport.mail.files import AttachedFile, in_7bit, read_mails

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANNA, BOB = "anna@shop.example", "bob@shop.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "report"


def test_a_mail_is_read_with_all_that_a_person_wants_to_know(folder: Path):
    content = write_mail(
        folder,
        "marketing",
        [f"Anna <{ANNA}>", BOB],
        files={"Größe 1.pdf": PDF, "b.csv": b"1,2\r\n"},
    )
    (mail,) = read_mails(folder)
    assert (mail.list_name, mail.report_id) == ("marketing", REPORT_ID)
    assert (mail.subject, mail.sender) == (
        "The shop in November 2011",
        "reports@shop.example",
    )
    assert mail.attachments == (AttachedFile("Größe 1.pdf", len(PDF)), AttachedFile("b.csv", 5))
    assert mail.byte_count == len(content)
    assert list(mail.recipients) == [ANNA, BOB]
    assert mail.content == content
    assert repr(mail.content) not in repr(mail)


def test_each_recipient_is_taken_once(folder: Path):
    write_mail(folder, "marketing", [ANNA, f"Anna <{ANNA.upper()}>", "nobody", "nobody"])
    (mail,) = read_mails(folder)
    assert mail.recipients == {ANNA: "", "nobody": "expected an @, as in anna@shop.example"}


def test_many_recipients_in_a_header_of_many_lines_are_all_found(folder: Path):
    people = [f"person{n}@a-rather-long-domain.example" for n in range(60)]
    content = write_mail(folder, "marketing", people)
    assert re.search(rb"^To: .*\r\n .*\r\n ", content, re.MULTILINE)
    (mail,) = read_mails(folder)
    assert list(mail.recipients) == people


def test_lists_come_in_the_order_of_their_names_and_can_be_chosen(folder: Path):
    for name in ("sales", "finance", "marketing"):
        write_mail(folder, name, [ANNA])
    names = [mail.list_name for mail in read_mails(folder)]
    assert names == ["finance", "marketing", "sales"]
    assert [mail.list_name for mail in read_mails(folder, ("sales",))] == ["sales"]
    with pytest.raises(SettingsError, match=r"--list crm: no such list .* finance, marketing, s"):
        read_mails(folder, ("sales", "crm"))


def test_line_ends_of_an_editor_are_mended(folder: Path):
    content = write_mail(folder, "marketing", [ANNA])
    path = folder / "email/marketing.eml"
    path.write_bytes(content.replace(b"\r\n", b"\n"))
    (mail,) = read_mails(folder)
    assert mail.content == content


def test_only_the_date_changes_with_the_moment_of_sending(folder: Path):
    content = write_mail(folder, "marketing", [ANNA], text="Date: not this one\n")
    (mail,) = read_mails(folder)
    dated = mail.dated(datetime(2024, 2, 29, 12, 30, tzinfo=UTC))
    old = b"Date: Thu, 01 Dec 2011 06:00:00 +0000\r\n"
    assert old in content
    assert dated == content.replace(old, b"Date: Thu, 29 Feb 2024 12:30:00 +0000\r\n")


def test_in_7_bits_a_mail_says_the_same(folder: Path):
    content = write_mail(folder, "marketing", [ANNA], text="Größe\n")
    assert not content.isascii()
    encoded = in_7bit(content)
    assert encoded.isascii()
    before, after = (message_from_bytes(text, policy=SMTP) for text in (content, encoded))
    assert before.items() == after.items()
    for one, other in zip(before.walk(), after.walk(), strict=True):
        if not one.is_multipart():
            assert one.get_payload(decode=True) == other.get_payload(decode=True)


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def replace(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return replace


def with_header(line: str) -> Callable[[bytes], bytes]:
    return lambda content: line.encode() + b"\r\n" + content


NOT_AS_WRITTEN = {
    "no sender": (replaced("From: ", "X-From: "), "expected one From header, found 0"),
    "two senders": (with_header("From: a@b.example"), "expected one From header, found 2"),
    "two in From": (
        replaced("From: Reports", "From: x@shop.example, Reports"),
        "expected one address in From, found 2",
    ),
    "no address in From": (
        replaced("<reports@shop.example>", "<reports>"),
        "its From is no address that can be sent from (expected an @",
    ),
    "two Tos": (with_header("To: a@b.example"), "expected one To header, found 2"),
    "empty To": (replaced(f"To: {ANNA}", "To: ,"), "nobody stands in its To"),
    "no subject": (replaced("Subject: ", "X-Subject: "), "expected one Subject header"),
    "two subjects": (with_header("Subject: x"), "expected one Subject header, found 2"),
    "no date": (replaced("Date: ", "X-Date: "), "expected one Date header"),
    "no list": (replaced("X-Rfmreport-List: ", "X-List: "), "expected one X-Rfmreport-List"),
    "no report": (replaced("X-Rfmreport-Report: ", "X-R: "), "expected one X-Rfmreport-Report"),
    "two words as report": (replaced(REPORT_ID, "2011 11"), "its X-Rfmreport-Report is '2011 11'"),
    "no message id": (replaced("Message-ID: <", "Message-ID: "), "its Message-ID is 'rfm."),
    "Bcc": (with_header("Bcc: evil@else.example"), "a header 'bcc', which rfmreport never"),
    "Cc": (with_header("CC: evil@else.example"), "a header 'cc', which rfmreport never writes"),
    "Sender": (with_header("Sender: evil@else.example"), "a header 'sender'"),
    "Resent-To": (with_header("Resent-To: evil@else.example"), "a header 'resent-to'"),
    "receipt": (
        with_header("Disposition-Notification-To: evil@else.example"),
        "a header 'disposition-notification-to'",
    ),
    "two Reply-Tos": (with_header("Reply-To: evil@else.example"), "one Reply-To header at most"),
    "cut off": (lambda content: content[:9000], "it is damaged"),
    "not a mail": (lambda _: b"\x00\xff" * 99, "expected one From header, found 0"),
    "empty": (lambda _: b"", "expected one From header, found 0"),
}


@pytest.mark.parametrize("case", NOT_AS_WRITTEN)
def test_what_rfmreport_does_not_write_is_refused_in_one_line(case: str, folder: Path):
    change, reason = NOT_AS_WRITTEN[case]
    write_mail(folder, "crm", [BOB])
    content = write_mail(folder, "marketing", [ANNA])
    path = folder / "email/marketing.eml"
    path.write_bytes(change(content))
    with pytest.raises(InputError) as raised:
        read_mails(folder)
    message = str(raised.value)
    assert message.startswith(f"{path}: not an e-mail as rfmreport writes it: ")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["evil\r\nBcc: evil@else.example", "evil\nX: y"])
def test_a_header_cannot_be_smuggled_in_through_a_name(name: str, folder: Path):
    """The standard library refuses it; were it not to, the header would be found."""
    with pytest.raises(ValueError, match="Header values may not contain linefeed"):
        make_mail("marketing", [ANNA], subject=name)
    write_mail(folder, "marketing", [ANNA])
    path = folder / "email/marketing.eml"
    path.write_bytes(path.read_bytes().replace(b"The shop in", name.encode()))
    if "Bcc" in name:
        with pytest.raises(InputError, match="a header 'bcc'"):
            read_mails(folder)
    else:
        assert list(read_mails(folder)[0].recipients) == [ANNA]


def test_two_mails_for_one_list_are_refused(folder: Path):
    content = write_mail(folder, "marketing", [ANNA])
    (folder / "email/marketing (copy).eml").write_bytes(content)
    with pytest.raises(InputError, match="a second mail for the list 'marketing'"):
        read_mails(folder)


@pytest.mark.parametrize("exists", [True, False])
def test_a_report_without_mails_says_how_to_write_them(exists: bool, folder: Path):
    if exists:
        folder.mkdir()
    with pytest.raises(InputError, match=r"no e-mails in it .* rfmreport build … --email"):
        read_mails(folder)


def test_a_mail_that_cannot_be_read_is_told(folder: Path):
    (folder / "email/marketing.eml").mkdir(parents=True)
    with pytest.raises(InputError, match=r"marketing.eml: cannot be read \(Is a directory\)"):
        read_mails(folder)


def test_a_mail_ends_with_a_line_break_whatever_an_editor_left(tmp_path: Path) -> None:
    """Else the dot that ends a mail for the server would stand in its last line."""
    write_mail(tmp_path, "marketing", ["anna@shop.example"])
    path = tmp_path / "email" / "marketing.eml"
    path.write_bytes(path.read_bytes().rstrip())
    (mail,) = read_mails(tmp_path, ())
    assert mail.content.endswith(b"\r\n")
