"""A folder that appears whole or not at all: the last report stays until the new one is there."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import OutputError
from rfmreport.folder.manifest import MANIFEST, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def whole_or_nothing(output: Path) -> Iterator[Path]:
    """Give a folder to write into; on success its files replace those in `output`, all of them.

    Files of the report that stood there before and are not part of the new one go; anything else
    in `output` stays. If anything fails, `output` is as it was.

    Raises:
        OutputError: `output` is a file, or cannot be written.
    """
    staging = _staging_folder(output)
    new = staging / "new"
    try:
        new.mkdir()
        with _elsewhere(staging):
            yield new
        _replace(output, new, staging / "old")
    except OSError as error:
        raise _cannot_write(output, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _elsewhere(staging: Path) -> Iterator[None]:
    """Say of a file outside of `staging` that it, and not the output, is in the way."""
    try:
        yield
    except OSError as error:
        if error.filename is None or staging in Path(error.filename).parents:
            raise
        message = f"{error.filename}: cannot be used ({error.strerror}); nothing was changed"
        raise OutputError(message) from error


def protect_sources(output: Path, new: Path, sources: Iterable[Path]) -> None:
    """Refuse to put the files of `new` into `output` where one would replace a source.

    Sources are what was read: transactions, and who was contacted and who was not.

    Raises:
        OutputError: it would.
    """
    targets = {(output / path.relative_to(new)).resolve() for path in new.rglob("*")}
    for source in sources:
        if source.resolve() in targets:
            message = (
                f"{source}: would be overwritten by the report; copy it elsewhere, or choose "
                "another folder with -o"
            )
            raise OutputError(message)


def _staging_folder(output: Path) -> Path:
    """Make a hidden folder on the disk of `output`: in it, or in the nearest one that exists."""
    try:
        if output.exists() and not output.is_dir():
            message = f"{output}: is a file, expected a folder for the report; name one with -o"
            raise OutputError(message)
        existing = next(path for path in (output, *output.absolute().parents) if path.exists())
        return Path(tempfile.mkdtemp(prefix=".rfmreport-", dir=existing))
    except OSError as error:
        raise _cannot_write(output, error) from error


def _replace(output: Path, new: Path, old: Path) -> None:
    """Move the files of `new` into `output`, keeping what they displace until all are in place."""
    incoming = [path.relative_to(new) for path in sorted(new.rglob("*")) if path.is_file()]
    outgoing = _files_of_last_report(output) | set(incoming)
    absent = [folder for folder in _folders_of(output, incoming) if not folder.exists()]
    displaced: list[Path] = []
    placed: list[Path] = []
    try:
        for relative in sorted(outgoing):
            if (output / relative).is_file():
                _move(output / relative, old / relative)
                displaced.append(relative)
        for relative in incoming:
            _move(new / relative, output / relative)
            placed.append(relative)
    except BaseException:  # Ctrl-C too: half a report must not stay
        for relative in placed:
            (output / relative).unlink()
        for relative in displaced:
            _move(old / relative, output / relative)
        _remove_if_empty(absent)
        raise
    emptied = set(_folders_of(output, displaced)) - {output, *output.parents}
    _remove_if_empty(sorted(emptied, reverse=True))


def _files_of_last_report(output: Path) -> set[Path]:
    """Return the files that our manifest names and that are still as we wrote them."""
    try:
        manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
        hashes = {str(file["path"]): str(file["sha256"]) for file in manifest["files"]}
        is_ours = "rfmreport" in manifest
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    inside = output.resolve()
    names = [name for name in hashes if (inside / name).resolve().is_relative_to(inside)]
    unchanged = (name for name in names if sha256_of(inside / name) == hashes[name])
    return {Path(name) for name in unchanged} if is_ours else set()


def _folders_of(output: Path, files: Iterable[Path]) -> list[Path]:
    """Return the folders that hold the files, and those above them, the innermost first."""
    return sorted({parent for file in files for parent in (output / file).parents}, reverse=True)


def _remove_if_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # it holds something, and stays
            folder.rmdir()


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _cannot_write(output: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    message = f"{output}: cannot be written ({reason}); nothing was changed, choose another with -o"
    return OutputError(message)
