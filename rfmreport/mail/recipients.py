"""Who gets which e-mail, and from whom: addresses are checked before the long work begins."""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address
from typing import TYPE_CHECKING, Protocol

from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.settings import EmailSettings

MANAGEMENT = "management"
# RFC 5321, section 4.5.3.1; two of the 256 letters of a path are its brackets.
_LONGEST, _LONGEST_LOCAL = 254, 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_PLAIN = rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*"
_NAME = r'(?!.*=\?)"?[^"\\<>@]*"?'  # after =? a mail program looks for encoded letters
_ONE_ADDRESS = re.compile(rf"(?P<plain>{_PLAIN})|(?P<name>{_NAME})\s*<(?P<bracketed>{_PLAIN})>")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FILE_NAME = re.compile(r"\w[\w.-]*")


class Listed(Protocol):
    """A department, or anything that has recipients and a name for its list."""

    @property
    def key(self) -> str:
        """Return the name of the list, which is also that of its file."""

    @property
    def recipients(self) -> Sequence[str]:
        """Return the addresses as the settings have them."""


def check_email_settings(settings: EmailSettings, departments: Iterable[Listed]) -> None:
    """Refuse what would make an e-mail impossible or send it astray.

    Raises:
        SettingsError: there is no sender, nobody is to get anything, an address cannot be one or
            stands twice in its list, or a list has no usable name.
    """
    sender_of(settings)
    reply_address_of(settings)
    lists = [(MANAGEMENT, "email, management", settings.management)]
    for department in departments:
        _check_name(department.key)
        where = f"departments.{department.key}, recipients"
        lists.append((department.key, where, tuple(department.recipients)))
    for _, where, texts in lists:
        addresses_of(texts, where)
    if not any(texts for _, _, texts in lists):
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
    addresses = tuple(parsed_address(text, where) for text in texts)
    seen: set[str] = set()
    for address in addresses:
        plain = address.addr_spec.casefold()
        if plain in seen:
            message = f"{where}: {address.addr_spec!r} stands there twice; take one out"
            raise SettingsError(message)
        seen.add(plain)
    return addresses


def parsed_address(text: str, where: str) -> Address:
    """Return the one address that a text holds: `board@shop.example` or `Board <board@…>`.

    Read here and not by the parser of headers, which finds addresses in almost anything: nothing
    that a header could understand as more than one address gets through.
    """
    if any(unicodedata.category(letter) in _UNSEEN for letter in text):
        message = f"{where}: {text!r} holds a line break or a letter that cannot be seen"
        raise SettingsError(message)
    found = _ONE_ADDRESS.fullmatch(text.strip())
    address = (found["plain"] or found["bracketed"]) if found else ""
    local, _, _ = address.partition("@")
    if not found or len(address) > _LONGEST or len(local) > _LONGEST_LOCAL:
        message = (
            f"{where}: {text!r} is not one address such as Board <board@shop.example>, in ASCII "
            "letters but for the name"
        )
        raise SettingsError(message)
    name = (found["name"] or "").replace('"', " ")
    return Address(display_name=" ".join(name.split()), addr_spec=address)


def _check_name(key: str) -> None:
    if key.casefold() == MANAGEMENT:
        message = f"departments.{key}: {MANAGEMENT!r} is the list of the management report already"
        raise SettingsError(message)
    if not _FILE_NAME.fullmatch(key):
        message = f"departments.{key}: {key!r} cannot be the name of a file; use letters and digits"
        raise SettingsError(message)
