"""The mail server's password: from the environment, else from the system's keyring."""

from __future__ import annotations

import os
from importlib.util import find_spec

from rfmreport.errors import SettingsError


def find_password(host: str, user: str, variable: str) -> str:
    """Return the password of a user of a mail server.

    Raises:
        SettingsError: none was found; the message says where it was looked for.
    """
    password = os.environ.get(variable)
    if password:
        return password
    from_keyring, looked = _ask_keyring(keyring_service(host), user)
    if from_keyring:
        return from_keyring
    message = (
        f"no password for {user!r} at {host}: the environment variable {variable} is not set, and "
        f"{looked}; set the variable, or say: keyring set {keyring_service(host)} {user}"
    )
    raise SettingsError(message)


def keyring_service(host: str) -> str:
    """Return under which name the keyring holds the password for a host."""
    return f"rfmreport:{host}"


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
