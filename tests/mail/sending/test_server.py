"""The password: from the environment, else from the keyring, else one clear line."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from rfmreport.errors import SettingsError
from rfmreport.mail.sending.server import find_password

VARIABLE = "RFMREPORT_TEST_PASSWORD"
HOST, USER = "smtp.shop.example", "reports"


class KeyringError(Exception):
    """As keyring.errors has it."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Stand in for the library `keyring` with a keyring of our own."""
    kept: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.__spec__ = SimpleNamespace(name="keyring")
    module.get_password = lambda service, user: kept.get((service, user))
    module.errors = ModuleType("keyring.errors")
    module.errors.KeyringError = KeyringError
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", module.errors)
    monkeypatch.delenv(VARIABLE, raising=False)
    return kept


def test_the_environment_comes_first(keyring, monkeypatch):
    keyring["rfmreport:smtp.shop.example", USER] = "from the keyring"
    monkeypatch.setenv(VARIABLE, "from the environment")
    assert find_password(HOST, USER, VARIABLE) == "from the environment"


@pytest.mark.parametrize("value", [None, ""])
def test_the_keyring_is_asked_where_the_variable_says_nothing(value, keyring, monkeypatch):
    keyring["rfmreport:smtp.shop.example", USER] = "from the keyring"
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert find_password(HOST, USER, VARIABLE) == "from the keyring"


def test_without_any_the_message_says_where_to_put_it(keyring):
    with pytest.raises(SettingsError) as raised:
        find_password(HOST, USER, VARIABLE)
    assert str(raised.value) == (
        "no password for 'reports' at smtp.shop.example: the environment variable "
        f"{VARIABLE} is not set, and the keyring holds none; set the variable, or say: "
        "keyring set rfmreport:smtp.shop.example reports"
    )


def test_without_the_library_the_message_says_how_to_get_it(keyring, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingsError, match=r"pip install 'rfmreport\[keyring\]'"):
        find_password(HOST, USER, VARIABLE)


def test_a_keyring_that_fails_is_told_without_what_it_said(keyring, monkeypatch):
    def locked(*_: object) -> str:
        message = "secret details"
        raise KeyringError(message)

    monkeypatch.setattr(sys.modules["keyring"], "get_password", locked)
    with pytest.raises(SettingsError, match=r"cannot be asked \(KeyringError\)") as raised:
        find_password(HOST, USER, VARIABLE)
    assert "secret details" not in str(raised.value)
