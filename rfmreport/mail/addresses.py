"""E-mail addresses, read strictly; the domain in the letters that DNS knows.

Understood is what every mail server takes: plain characters and dots before the @, labels behind.
The quoted, commented and grouped forms of RFC 5322 are legal, and are what smuggling is made of.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_NAME = r'(?:"(?:[^"\\]|\\.)*"|[^"<>@(),:;]*)'
_MAILBOX = re.compile(rf"{_NAME}\s*<(?P<angle>[^<>]*)>|(?P<bare>[^<>]*)", re.DOTALL)
_ENTRY = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', re.DOTALL)
_INVISIBLE = ("C", "Z")  # Unicode's categories of control characters and blanks
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address; `domain` is ASCII (punycode), `local_part` may not be."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        """Return it as it stands on the envelope."""
        return f"{self.local_part}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Say whether only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local_part.isascii()

    @property
    def key(self) -> str:
        """Return what is equal for two spellings of one address."""
        return str(self).casefold()


def read_address(text: str) -> MailAddress:
    """Return the address in `anna@shop.example` or `Anna <anna@shop.example>`.

    Raises:
        ValueError: it is none; the message says why, in half a sentence.
    """
    mailbox = _MAILBOX.fullmatch(text.strip())
    if not mailbox or any(unicodedata.category(letter) == "Cc" for letter in text):
        message = "expected one address such as anna@shop.example"
        raise ValueError(message)
    address = unicodedata.normalize("NFC", mailbox["angle"] or mailbox["bare"] or "")
    local_part, at, domain = address.rpartition("@")
    if not at:
        message = "expected an @, as in anna@shop.example"
        raise ValueError(message)
    if not _is_local_part(local_part) or "=?" in local_part:
        message = f"{local_part!r} cannot stand before the @"
        raise ValueError(message)
    return MailAddress(local_part, ascii_domain(domain))


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


def _is_local_part(text: str) -> bool:
    return (
        _LOCAL_PART.fullmatch(text) is not None
        and len(text.encode()) <= _LONGEST_LOCAL_PART
        and not any(unicodedata.category(letter).startswith(_INVISIBLE) for letter in text)
    )


def _punycode(label: str) -> str:
    if any(letter != "-" and unicodedata.category(letter)[0] not in "LMN" for letter in label):
        message = f"{label!r} cannot stand in a domain"
        raise ValueError(message)
    return f"xn--{label.encode('punycode').decode()}"
