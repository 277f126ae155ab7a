"""E-mail addresses: what is one, what is none, and what nobody may smuggle in."""

from __future__ import annotations

from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.mail.addresses import ascii_domain, read_address, split_addresses


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
    assert str(read_address(text)) == expected


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


def test_two_spellings_of_one_address_have_one_key():
    assert read_address("Anna@Shop.Example").key == read_address("<anna@shop.example>").key
    assert read_address("anna@BÜCHER.example").key == read_address("anna@bücher.example").key


def test_only_letters_before_the_at_sign_need_utf8():
    assert read_address("jörg@shop.example").needs_utf8
    assert not read_address("joerg@bücher.example").needs_utf8


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
    reading = Address(addr_spec=str(found))
    assert (reading.username, reading.domain) == (found.local_part, found.domain)
    assert not set(str(found)) & set(' <>",;:()\\[]\r\n')


@given(st.lists(st.text(max_size=20)))
def test_splitting_loses_nothing_but_blanks_and_commas(entries: list[str]):
    text = ",".join(entries)
    together = "".join(split_addresses(text))
    assert _letters(together) == _letters(text)


def _letters(text: str) -> str:
    return "".join(text.replace(",", "").split())
