"""Who gets which e-mail: what is no address, or could be read as more than one, is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.errors import SettingsError
from rfmreport.mail.recipients import (
    addresses_of,
    ascii_domain,
    check_email_settings,
    parsed_address,
    read_address,
    reply_address_of,
    sender_of,
    split_addresses,
)
from rfmreport.settings import EmailSettings

SETTINGS = EmailSettings(sender="Reports <reports@shop.example>", management=("b@shop.example",))


@dataclass(frozen=True)
class Department:
    key: str
    recipients: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("b@shop.example", "", "b@shop.example"),
        ("<b@shop.example>", "", "b@shop.example"),
        ("  Board <b@shop.example> ", "Board", "b@shop.example"),
        ("Müller, Jörg <m.j+rfm@shop.example>", "Müller, Jörg", "m.j+rfm@shop.example"),
        ('"Müller;  Jörg" <m@localhost>', "Müller; Jörg", "m@localhost"),
        ("株式会社 <m@xn--mnchen-3ya.example>", "株式会社", "m@xn--mnchen-3ya.example"),
    ],
)
def test_an_address_is_read_with_its_name(text: str, name: str, address: str) -> None:
    read = parsed_address(text, "email, sender")
    assert (read.display_name, read.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        "", "board", "b@", "@shop.example", "b@shop..example", "b@-shop.example", ".b@shop.example",
        "a@shop.example, b@shop.example", "a@shop.example;b@shop.example", "all: a@shop.example;",
        "a@shop.example <b@shop.example>", '"a@shop.example," <b@shop.example>',
        "b@shop.example (b)", "b @shop.example", "b@münchen.example", "b@[127.0.0.1]",
        '"b"@shop.example', f"{'b' * 65}@shop.example", f"b@{'shop.' * 60}example",
        "=?utf-8?q?x=0ABcc=3A_y=40z?= <b@shop.example>",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SettingsError, match="is not one address such as") as refused:
        parsed_address(text, "email, management")
    message = str(refused.value)
    assert message.startswith(f"email, management: {text!r}")
    assert "\n" not in message


@pytest.mark.parametrize("letter", ["\r", "\n", "\0", "\u2028", "\u202e", "\u200b", "\ud800"])
@pytest.mark.parametrize("text", ["b@shop.example{}Bcc: x@y", "Bo{}ard <b@shop.example>"])
def test_a_letter_that_cannot_be_seen_is_refused(text: str, letter: str) -> None:
    with pytest.raises(SettingsError, match="a line break or a letter that cannot be seen") as no:
        parsed_address(text.format(letter), "email, sender")
    assert "\n" not in str(no.value)


SEEN = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


@given(st.text(SEEN, max_size=80))
def test_whatever_the_name_a_header_holds_one_address(name: str) -> None:
    try:
        address = parsed_address(f"{name} <b@shop.example>", "email, sender")
    except SettingsError:
        return
    message = EmailMessage(policy=SMTP)
    message["From"] = address
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert list(read.keys()) == ["From"]
    (back,) = read["From"].addresses
    assert back.addr_spec == "b@shop.example"
    # The parser of Python 3.11 puts a space between two encoded words, where there is none.
    assert back.display_name.replace(" ", "") == address.display_name.replace(" ", "")


def test_answers_go_to_the_sender_unless_told_otherwise() -> None:
    assert reply_address_of(SETTINGS) == sender_of(SETTINGS)
    told = replace(SETTINGS, reply_to="answers@shop.example")
    assert reply_address_of(told).addr_spec == "answers@shop.example"


def test_an_address_stands_in_a_list_once() -> None:
    with pytest.raises(SettingsError, match="stands there twice; take one out"):
        addresses_of(("b@shop.example", "Board <B@Shop.example>"), "email, management")


def test_the_same_person_may_be_in_two_lists() -> None:
    check_email_settings(SETTINGS, [Department("sales", ("b@shop.example",))])


@pytest.mark.parametrize(
    ("settings", "departments", "message"),
    [
        (replace(SETTINGS, sender=""), (), "email, sender: is not set"),
        (replace(SETTINGS, sender="reports"), (), "email, sender: 'reports' is not one address"),
        (replace(SETTINGS, reply_to="a@b\nTo: c"), (), "email, reply_to: 'a@b\\nTo: c' holds a"),
        (replace(SETTINGS, management=("b@",)), (), "email, management: 'b@' is not"),
        (SETTINGS, [Department("sales", ("s",))], "departments.sales, recipients: 's' is not"),
        (replace(SETTINGS, management=()), (), "nobody is to get an e-mail"),
        (replace(SETTINGS, management=()), [Department("sales")], "nobody is to get an e-mail"),
        (SETTINGS, [Department("Management")], "is the list of the management report already"),
        (SETTINGS, [Department("../x")], "cannot be the name of a file"),
    ],
)
def test_settings_that_cannot_work_are_told_beforehand(settings, departments, message) -> None:
    with pytest.raises(SettingsError) as refused:
        check_email_settings(settings, departments)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_department_alone_is_enough() -> None:
    check_email_settings(
        replace(SETTINGS, management=()), [Department("sales", ("s@shop.example",))]
    )


# --- the grammar --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna@shop.example", "anna@shop.example"),
        (" Anna <anna@shop.example> ", "anna@shop.example"),
        ('"Müller, Anna @ home" <anna@shop.example>', "anna@shop.example"),
        ("=?utf-8?q?J=C3=B6rg?= <j.o+rfm@Shop.Example>", "j.o+rfm@shop.example"),
        ("<root@localhost>", "root@localhost"),
        ("chef@bücher.example", "chef@xn--bcher-kva.example"),
        ("chef@STRASSE.example", "chef@strasse.example"),
        ("jörg@shop.example", "jörg@shop.example"),
    ],
)
def test_an_address_is_read_with_its_domain_in_ascii(text: str, expected: str):
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "@shop.example",
        "anna@",
        "anna@shop..example",
        "anna@-shop.example",
        "anna@shop_.example",
        "a..b@shop.example",
        ".a@shop.example",
        "a b@shop.example",
        "a@b@shop.example",
        '"a b"@shop.example',
        "anna(comment)@shop.example",
        "anna@shop.example(comment)",
        "anna@[127.0.0.1]",
        "anna@shop.example, bob@shop.example",
        "anna@shop.example bob@shop.example",
        "<anna@shop.example> <bob@shop.example>",
        "anna@shop.example> SIZE=1",
        "team: anna@shop.example;",
        "anna@shop.example\r\nBcc: evil@else.example",
        "Anna\r\n <anna@shop.example>",
        "anna\x00@shop.example",
        "anna\u200b@shop.example",
        "anna\u2028@shop.example",
        "=?utf-8?q?j=C3=B6rg?=@shop.example",
        "anna@=?utf-8?q?b=C3=BCcher?=.example",
        "x" * 65 + "@shop.example",
        "anna@" + "x" * 64 + ".example",
        "anna@" + "x." * 130 + "example",
        "anna@sh☃op.example",
        "anna@shop\udc80.example",
    ],
)
def test_what_is_no_single_plain_address_is_refused(text: str):
    with pytest.raises(ValueError, match=r"expected|cannot stand|is no domain"):
        read_address(text)


def test_the_domain_of_an_address_has_one_spelling():
    assert read_address("anna@BÜCHER.example") == read_address("<anna@bücher.example>")


def test_a_sharp_s_is_not_another_domain():
    assert ascii_domain("straße.example") == "xn--strae-oqa.example"


def test_a_list_is_split_at_its_commas_only():
    text = '"Müller, Anna" <a@x.example>, b@x.example,, "\\", c" <c@x.example>, nobody'
    assert split_addresses(text) == [
        '"Müller, Anna" <a@x.example>',
        "b@x.example",
        '"\\", c" <c@x.example>',
        "nobody",
    ]
    assert split_addresses("") == []


@given(st.text(st.sampled_from('ab@.<>" ,;:()\\[]=?-+_\r\n'), max_size=30))
def test_what_is_accepted_the_standard_library_reads_the_same(text: str):
    try:
        found = read_address(text)
    except ValueError:
        return
    reading = Address(addr_spec=found)
    assert f"{reading.username}@{reading.domain}" == found
    assert not set(found) & set(' <>",;:()\\[]\r\n')


@given(st.lists(st.text(max_size=20)))
def test_splitting_loses_nothing_but_blanks_and_commas(entries: list[str]):
    text = ",".join(entries)
    together = "".join(split_addresses(text))
    assert _letters(together) == _letters(text)


def _letters(text: str) -> str:
    return "".join(text.replace(",", "").split())
