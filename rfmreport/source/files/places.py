"""Places of sources: what the user named, as files that are there or addresses of databases."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.databases.addresses import Address, address_of, is_url, without_password

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_places(patterns: Sequence[str]) -> tuple[Path | Address, ...]:
    """Return the files that paths and globs name, and the addresses of databases.

    Raises:
        InputError: there is no such file, or it cannot be opened.
        SettingsError: an address is none.
    """
    if not patterns:
        message = "no source given: name a file or a glob, as in rfmreport build orders.csv"
        raise InputError(message)
    addresses = [address_of(pattern) for pattern in patterns if is_url(pattern)]
    return (*_find_files([one for one in patterns if not is_url(one)]), *addresses)


def _find_files(patterns: Sequence[str]) -> tuple[Path, ...]:
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        matches = [path] if path.exists() else [Path(m) for m in sorted(glob.glob(pattern))]  # noqa: PTH207
        if not matches:
            shown = without_password(pattern)
            message = f"{shown}: no such file; check the path (this folder is {Path.cwd()})"
            raise InputError(message)
        found += (match for match in matches if match not in found)
    undecodable = next((path for path in found if not _is_decodable(path)), None)
    if undecodable is not None:
        message = f"{str(undecodable)!r}: the file's name is not valid text; rename the file"
        raise InputError(message)
    for path in found:
        _check_file(path)
    return tuple(found)


def _is_decodable(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_file(path: Path) -> None:
    if path.is_dir():
        message = f"{path}: is a folder, expected a file; name its files with '{path}/*.csv'"
        raise InputError(message)
    try:
        if path.stat().st_size == 0:
            message = f"{path}: the file is empty; expected a heading and at least one line"
            raise InputError(message)
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        message = f"{path}: cannot be opened ({error.strerror})"
        raise InputError(message) from error
