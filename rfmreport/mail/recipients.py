"""Who gets which e-mail, and from whom: the one grammar of addresses, and the lists of settings.

Understood is what every mail server takes: plain characters and dots before the @, labels behind.
The quoted, commented and grouped forms of RFC 5322 are legal, and are what smuggling is made of.
"""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address
from typing import TYPE_CHECKING

from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.departments.summaries import Department
    from rfmreport.settings import EmailSettings

MANAGEMENT = "management"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_MAILBOX = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*"|[^"<>@]*)\s*<(?P<angle>[^<>]*)>|(?P<bare>[^<>]*)', re.DOTALL
)
_ENTRY = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', re.DOTALL)
_LONGEST_LOCAL_PART, _LONGEST_DOMAIN, _LONGEST_LABEL = 64, 253, 63
_LONGEST = 254  # RFC 5321, section 4.5.3.1; two of the 256 letters of a path are its brackets
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# What cannot stand in a name that we write: after =? a mail program looks for encoded letters.
_UNFIT_FOR_NAMES = re.compile(r'[\\<>@]|=\?|(?<!^)"(?!$)')
_FILE_NAME = re.compile(r"\w[\w.-]*")


def read_address(text: str) -> str:
    """Return the address in `anna@shop.example` or `Anna <anna@shop.example>`, for the envelope.

    Its domain is ASCII (punycode); where what stands before the @ is not, only a server with
    SMTPUTF8 (RFC 6531) can take it.

    Raises:
        ValueError: it is none; the message says why, in half a sentence.
    """
    _, local_part, domain = _parts(text)
    return f"{local_part}@{ascii_domain(domain)}"


def split_addresses(text: str) -> list[str]:
    """Return the entries of a list such as a To header, whatever they are; commas in names stay."""
    entries = (entry.strip() for entry in _ENTRY.findall(text))
    return [entry for entry in entries if entry]


def ascii_domain(domain: str) -> str:
    """Return a domain with its labels of other letters in punycode.

    Not by the codec "idna", which knows the rule of 2003: there straße.example is strasse.example,
    another domain than the one that mail servers find today.

    Raises:
        ValueError: it is none.
    """
    labels = unicodedata.normalize("NFKC", domain).lower().split(".")
    written = [label if label.isascii() else _punycode(label) for label in labels]
    is_possible = all(_LABEL.fullmatch(label) and len(label) <= _LONGEST_LABEL for label in written)
    if not is_possible or len(".".join(written)) > _LONGEST_DOMAIN:
        message = f"{domain!r} is no domain"
        raise ValueError(message)
    return ".".join(written)


def _parts(text: str) -> tuple[str, str, str]:
    """Return name, local part and domain of an address, the domain as it is written."""
    mailbox = _MAILBOX.fullmatch(text.strip())
    if not mailbox or any(unicodedata.category(letter) == "Cc" for letter in text):
        message = "expected one address such as anna@shop.example"
        raise ValueError(message)
    address = unicodedata.normalize("NFC", mailbox["angle"] or mailbox["bare"] or "")
    local_part, at, domain = address.rpartition("@")
    if not at:
        message = "expected an @, as in anna@shop.example"
        raise ValueError(message)
    is_plain = _LOCAL_PART.fullmatch(local_part) and "=?" not in local_part
    is_seen = all(unicodedata.category(letter)[0] not in "CZ" for letter in local_part)
    if not (is_plain and is_seen) or len(local_part.encode()) > _LONGEST_LOCAL_PART:
        message = f"{local_part!r} cannot stand before the @"
        raise ValueError(message)
    return mailbox["name"] or "", local_part, domain


def _punycode(label: str) -> str:
    if any(letter != "-" and unicodedata.category(letter)[0] not in "LMN" for letter in label):
        message = f"{label!r} cannot stand in a domain"
        raise ValueError(message)
    return f"xn--{label.encode('punycode').decode()}"


# --- the lists of the settings ------------------------------------------------------------------


def check_email_settings(settings: EmailSettings, departments: Iterable[Department]) -> None:
    """Refuse what would make an e-mail impossible or send it astray.

    Raises:
        SettingsError: there is no sender, nobody is to get anything, an address cannot be one or
            stands twice in its list, or a list has no usable name.
    """
    sender_of(settings)
    reply_address_of(settings)
    lists = {"email, management": settings.management}
    for department in departments:
        _check_name(department.key)
        lists[f"departments.{department.key}, recipients"] = department.recipients
    for where, texts in lists.items():
        addresses_of(texts, where)
    if not any(lists.values()):
        message = (
            "nobody is to get an e-mail: name some in management under [email], or as recipients "
            "of a department"
        )
        raise SettingsError(message)


def sender_of(settings: EmailSettings) -> Address:
    """Return from whom the mail comes."""
    if not settings.sender:
        message = "email, sender: is not set; an e-mail needs one: Reports <reports@shop.example>"
        raise SettingsError(message)
    return parsed_address(settings.sender, "email, sender")


def reply_address_of(settings: EmailSettings) -> Address:
    """Return where answers go."""
    if not settings.reply_to:
        return sender_of(settings)
    return parsed_address(settings.reply_to, "email, reply_to")


def addresses_of(texts: Iterable[str], where: str) -> tuple[Address, ...]:
    """Return the addresses of one list; each stands in it once, however it is written."""
    addresses: dict[str, Address] = {}
    for address in (parsed_address(text, where) for text in texts):
        key = address.addr_spec.casefold()
        if key in addresses:
            message = f"{where}: {address.addr_spec!r} stands there twice; take one out"
            raise SettingsError(message)
        addresses[key] = address
    return tuple(addresses.values())


def parsed_address(text: str, where: str) -> Address:
    """Return the one address of a setting, `board@shop.example` or `Board <board@…>`.

    Nothing that a header could understand as more than one address gets through.
    """
    if any(unicodedata.category(letter) in _UNSEEN for letter in text):
        message = f"{where}: {text!r} holds a line break or a letter that cannot be seen"
        raise SettingsError(message)
    try:
        name, local_part, domain = _parts(text)
        address = f"{local_part}@{domain}"
        is_plain = ascii_domain(domain) and address.isascii() and len(address) <= _LONGEST
    except ValueError:
        is_plain = False
    if not is_plain or _UNFIT_FOR_NAMES.search(name.strip()):
        message = (
            f"{where}: {text!r} is not one address such as Board <board@shop.example>, in ASCII "
            "letters but for the name"
        )
        raise SettingsError(message)
    return Address(" ".join(name.replace('"', " ").split()), local_part, domain)


def _check_name(key: str) -> None:
    if key.casefold() == MANAGEMENT:
        message = f"departments.{key}: {MANAGEMENT!r} is the list of the management report already"
        raise SettingsError(message)
    if not _FILE_NAME.fullmatch(key):
        message = f"departments.{key}: {key!r} cannot be the name of a file; use letters and digits"
        raise SettingsError(message)
