"""TOML files that ship or that a user wrote: read, and checked so that a slip is named."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rfmreport.errors import SettingsError
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    float: "a number",
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
                raise SettingsError(_unknown("key", key, self.examples, self.where))

    def value(self, key: str, kind: type[_T]) -> _T:
        """Return the value of a key that must be there and of that type."""
        example = f"write for example: {self.examples[key]}"
        if key not in self.values:
            message = f"{self.where}: {key!r} is missing; {example}"
            raise SettingsError(message)
        value = self.values[key]
        if not _is_a(value, kind):
            written = value.isoformat(" ") if isinstance(value, datetime) else repr(value)
            message = f"{self.where}: {key} = {written} is not {_TYPE_NAMES[kind]}; {example}"
            raise SettingsError(message)
        return typing.cast("_T", value)

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
    missing = (
        "no such file, and none of that name ships with rfmreport; "
        f"give the path of a TOML file or one of {', '.join(names)}"
    )
    return read_toml_file(f"{kind} {name_or_path}", path, missing)


def read_toml_file(where: str, path: Path, missing: str = "") -> dict[str, object]:
    """Read the user's file; `where` is how messages begin, `missing` that of a file not there.

    Raises:
        SettingsError: there is no such file, or it is not TOML.
    """
    try:
        # Editors on Windows put a byte-order mark in front, which tomllib refuses.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        reason = f"not valid TOML: {error}"
    except UnicodeDecodeError:
        reason = "not a text file in UTF-8"
    except OSError as error:
        is_missing = missing and isinstance(error, FileNotFoundError)
        reason = missing if is_missing else f"cannot be read ({error.strerror})"
    message = f"{where}: {reason}"
    raise SettingsError(message)


# --- values, by the types that a dataclass declares ---------------------------------------------


def build(kind: type[_T], values: Mapping[str, object], where: str) -> _T:
    """Make the frozen dataclass `kind` of plain values, each in the type that its field declares.

    Raises:
        SettingsError: there is no such field, or a value is of another type.
    """
    hints = typing.get_type_hints(kind)
    built: dict[str, Any] = {}
    for name, value in values.items():
        if name not in hints:
            raise SettingsError(_unknown("setting", name, hints, where))
        built[name] = _checked(value, hints[name], f"{where}, {name}")
    return kind(**built)


def wrong_value(value: object, expected: str, where: str) -> SettingsError:
    """Return what says that a value is none of those that are expected."""
    return SettingsError(f"{where}: {value!r} is not {expected}")


def _checked(value: object, hint: Any, where: str) -> object:  # noqa: ANN401  any annotation
    """Return the value in the type of the annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        kind = next(a for a in arguments if a is not types.NoneType)
        return None if value is None else _checked(value, kind, where)
    if origin is typing.Literal:
        if value not in arguments:
            raise wrong_value(value, "one of " + ", ".join(map(str, arguments)), where)
        return value
    if origin is tuple:
        return _checked_list(value, arguments, where)
    if origin is Mapping or is_dataclass(hint):
        table = _of_type(value, dict, where)
        if is_dataclass(hint):
            return build(typing.cast("type[object]", hint), table, where)
        return {key: _checked(item, arguments[1], f"{where}.{key}") for key, item in table.items()}
    return _checked_scalar(value, hint, where)


def _checked_list(value: object, arguments: tuple[Any, ...], where: str) -> tuple[object, ...]:
    items = _of_type(list(value) if isinstance(value, tuple) else value, list, where)
    if arguments[-1] is not Ellipsis and len(items) != len(arguments):
        raise wrong_value(value, f"a list of {len(arguments)}", where)
    return tuple(_checked(item, arguments[0], where) for item in items)


def _checked_scalar(value: object, kind: type, where: str) -> object:
    """Return the value; whole numbers count from one, and days may be text or have a time."""
    if kind is date and isinstance(value, datetime):
        value = value.date()
    if kind is date and isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise wrong_value(value, "a date such as 2011-12-10", where) from error
    if kind is float and _is_a(value, int):
        value = float(typing.cast("int", value))
    value = _of_type(value, kind, where)
    if kind is int and typing.cast("int", value) < 1:
        raise wrong_value(value, "1 or more", where)
    return value


def _of_type(value: object, kind: type[_T], where: str) -> _T:
    if not _is_a(value, kind):
        raise wrong_value(value, _TYPE_NAMES[kind], where)
    return typing.cast("_T", value)


def _is_a(value: object, kind: type) -> bool:
    """Say whether a value is of a type; true is no whole number, and a moment is no day."""
    return isinstance(value, kind) and type(value) not in {bool, datetime} - {kind}


def _unknown(what: str, name: str, known: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
    return f"{where}: unknown {what} {name!r}; {hint}"
