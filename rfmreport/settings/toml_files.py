"""TOML files that ship or that a user wrote: read, and checked so that a slip is named."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rfmreport.errors import SettingsError
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")
_DEFAULT = "five"
_ROOMS = {
    "scheme": "customers/schemes",
    "playbook": "sections/advice/playbooks",
    "department": "departments",
}
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TYPE_NAMES: Mapping[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a day without quotes or time",
}


def quoted(text: str) -> str:
    """Return a TOML string; what TOML cannot hold (half a character) is marked as unreadable."""
    whole = re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of a user's TOML file: what it says, where it stands, what each key looks like."""

    where: str
    values: Mapping[str, object]
    examples: Mapping[str, str]

    def refuse_unknown_keys(self) -> None:
        """Say so where a key has no meaning here: it is a slip of the pen."""
        for key in self.values:
            if key not in self.examples:
                near = difflib.get_close_matches(key, self.examples, n=1)
                known = ", ".join(self.examples)
                hint = f"did you mean {near[0]!r}?" if near else f"expected one of {known}"
                message = f"{self.where}: unknown key {key!r}; {hint}"
                raise SettingsError(message)

    def value(self, key: str, kind: type[_T]) -> _T:
        """Return the value of a key that must be there and of that type."""
        example = f"write for example: {self.examples[key]}"
        if key not in self.values:
            message = f"{self.where}: {key!r} is missing; {example}"
            raise SettingsError(message)
        value = self.values[key]
        if type(value) is not kind:  # isinstance takes true for a whole number
            written = value.isoformat(" ") if isinstance(value, datetime) else repr(value)
            message = f"{self.where}: {key} = {written} is not {_TYPE_NAMES[kind]}; {example}"
            raise SettingsError(message)
        return value

    def text(self, key: str) -> str:
        """Return a text with its lines joined; it must not be empty."""
        return self.checked_text(key, self.value(key, str))

    def checked_text(self, key: str, value: object) -> str:
        """Return a text that stands under `key`, alone or in a list, with its lines joined."""
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text or _CONTROL_CHARACTERS.search(text):
            message = (
                f"{self.where}: {key} has {value!r} where a readable text is expected; "
                f"write for example: {self.examples[key]}"
            )
            raise SettingsError(message)
        return text

    def tables(self, key: str, examples: Mapping[str, str]) -> list[TomlTable]:
        """Return the tables of a list such as [[segment]], each knowing its place."""
        tables = []
        for position, values in enumerate(self.value(key, list), start=1):
            where = f"{self.where}, {key} {position}"
            if not isinstance(values, dict):
                message = f"{where}: {values!r} is not a table; write {self.examples[key]}"
                raise SettingsError(message)
            if isinstance(values.get("name"), str):
                where += f" ({values['name']!r})"
            table = TomlTable(where, values, examples)
            table.refuse_unknown_keys()
            tables.append(table)
        return tables


def shipped_names(kind: str) -> tuple[str, ...]:
    """Return the names of the TOML files of that kind that ship, the default one first."""
    names = (path.stem for path in resource_dir(_ROOMS[kind]).glob("*.toml"))
    return tuple(sorted(names, key=lambda name: (name != _DEFAULT, name)))


def read_toml(kind: str, name_or_path: str) -> dict[str, object]:
    """Read a shipped file by its name, else the user's file at that path.

    Args:
        kind: "scheme", "playbook" or "department".

    Raises:
        SettingsError: there is no such file, or it is not TOML.
    """
    names = shipped_names(kind)
    is_shipped = name_or_path in names
    path = resource_dir(_ROOMS[kind]) / f"{name_or_path}.toml" if is_shipped else Path(name_or_path)
    where = f"{kind} {name_or_path}"
    try:
        return _parsed(where, path)
    except FileNotFoundError as error:
        message = (
            f"{where}: no such file, and none of that name ships with rfmreport; "
            f"give the path of a TOML file or one of {', '.join(names)}"
        )
        raise SettingsError(message) from error
    except OSError as error:
        raise _unreadable(where, error) from error


def read_toml_file(where: str, path: Path) -> dict[str, object]:
    """Read the user's file at that path; `where` is how messages begin.

    Raises:
        SettingsError: there is no such file, or it is not TOML.
    """
    try:
        return _parsed(where, path)
    except OSError as error:
        raise _unreadable(where, error) from error


def _parsed(where: str, path: Path) -> dict[str, object]:
    try:
        # Editors on Windows put a byte-order mark in front, which tomllib refuses.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        message = f"{where}: not valid TOML: {error}"
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"{where}: not a text file in UTF-8"
        raise SettingsError(message) from error


def _unreadable(where: str, error: OSError) -> SettingsError:
    return SettingsError(f"{where}: cannot be read ({error.strerror})")
