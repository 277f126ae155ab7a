"""The mail server as the settings describe it: where, how encrypted, who logs in."""

from __future__ import annotations

import os
import ssl
from base64 import b64encode
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from rfmreport.errors import SettingsError
from rfmreport.mail.recipients import ascii_domain

if TYPE_CHECKING:
    from rfmreport.settings import EmailSettings

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect, and how; somebody logs in where there is a `user`.

    The password shows in no text made of this.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    timeout_seconds: float
    context: ssl.SSLContext
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return how messages call it."""
        return f"{self.host}:{self.port}"

    def login_steps(self) -> dict[str, list[str]]:
        """Return what is said to log in, by the mechanism's name, the preferred one first."""
        return {
            "PLAIN": [f"AUTH PLAIN {self._plain()}"],
            "LOGIN": ["AUTH LOGIN", _base64(self.user), _base64(self.password)],
        }

    def secrets(self) -> tuple[str, ...]:
        """Return every form of the password that the server is told; it may repeat them."""
        return (self._plain(), _base64(self.password), self.password) if self.user else ()

    def _plain(self) -> str:
        return _base64(f"\0{self.user}\0{self.password}")


def server_of(email: EmailSettings) -> Server:
    """Return where and how to connect, or say which setting does not allow it."""
    if not email.host:
        message = 'email.host is not set: name the mail server, host = "smtp.shop.example"'
        raise SettingsError(message)
    host = _host(email.host)
    if email.security == "none" and not _is_this_machine(host):
        message = (
            f'email.security = "none" is for a mail server on this machine, and {host} is another '
            'one; use "starttls" or "tls"'
        )
        raise SettingsError(message)
    if email.security == "none" and email.user:
        message = (
            'email.security = "none": nobody logs in without encryption; leave email.user out, or '
            'use "starttls" or "tls"'
        )
        raise SettingsError(message)
    port, context = email.port or _PORTS[email.security], _context(email.ca_file)
    return Server(host, port, email.security, email.timeout_seconds, context)


def logged_in(server: Server, email: EmailSettings) -> Server:
    """Return the server with who logs in, if anybody does.

    Raises:
        SettingsError: there is no password.
    """
    if not email.user:
        return server
    password = find_password(server.host, email.user, email.password_variable)
    return replace(server, user=email.user, password=password)


def _host(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return ascii_domain(host)
    except ValueError as error:
        message = f"email.host: {error}; expected a name such as smtp.shop.example, without a port"
        raise SettingsError(message) from error


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _context(ca_file: str | None) -> ssl.SSLContext:
    """Return how certificates are checked: always, against the system's authorities and ours."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            is_other = isinstance(error, ssl.SSLError)
            reason = "it holds no certificates as PEM" if is_other else error.strerror
            message = f"email.ca_file: {ca_file} cannot be read: {reason}"
            raise SettingsError(message) from error
    return context


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def find_password(host: str, user: str, variable: str) -> str:
    """Return the password of a user: from the environment, else from the system's keyring.

    Raises:
        SettingsError: none was found; the message says where it was looked for.
    """
    password = os.environ.get(variable)
    if password:
        return password
    service = f"rfmreport:{host}"  # under which name the keyring holds it
    from_keyring, looked = _ask_keyring(service, user)
    if from_keyring:
        return from_keyring
    message = (
        f"no password for {user!r} at {host}: the environment variable {variable} is not set, and "
        f"{looked}; set the variable, or say: keyring set {service} {user}"
    )
    raise SettingsError(message)


def _ask_keyring(service: str, user: str) -> tuple[str | None, str]:
    """Return the keyring's password, if any, and what became of the question."""
    if find_spec("keyring") is None:
        return None, "the keyring is not installed (pip install 'rfmreport[keyring]')"
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        return None, f"the keyring cannot be asked ({type(error).__name__})"
    return found, "the keyring holds none"
