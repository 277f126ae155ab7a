"""Addresses of databases: a URL taken apart, and how it is told without its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from rfmreport.errors import SettingsError

# A password may hold any letter, written as it is: it ends at the last @.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:(?P<user>[^:@/?]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[^\]]*\]|[^:/?@]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<options>.*))?",
    re.DOTALL,
)
_PASSWORD = re.compile(r"(:/+[^:@/?]*):.*@|([?&][a-z]*passw(?:or)?d=)[^&]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server's database is; what is None, the environment or a service file says.

    The password shows in no text made of this.
    """

    scheme: str
    host: str | None
    port: int | None
    database: str | None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        """Return how messages call it: without user, password and options."""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{self.host or ''}{port}/{self.database or ''}"


def is_url(text: str) -> bool:
    """Say whether a source is named by a URL and not by a path."""
    return "://" in text


def without_password(text: str) -> str:
    """Return a source as it was named, less the password that it may hold."""
    return _PASSWORD.sub(lambda found: (found[1] + "@") if found[1] else found[2], text)


def address_of(url: str) -> Address:
    """Take a URL apart.

    Raises:
        SettingsError: it is none.
    """
    found = _URL.fullmatch(url)
    if found is None:
        message = (
            f"{without_password(url)}: cannot be read as an address; expected such as "
            "postgresql://user@host:5432/shop"
        )
        raise SettingsError(message)
    parts = {name: unquote(text) for name, text in found.groupdict().items() if text}
    return Address(
        found["scheme"].lower(),
        parts.get("host", "").strip("[]") or None,
        int(found["port"]) if found["port"] else None,
        parts.get("database"),
        parts.get("user"),
        parts.get("password"),
        tuple(parse_qsl(found["options"] or "")),
    )
