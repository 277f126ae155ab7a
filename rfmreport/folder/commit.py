"""A folder that appears whole or not at all: the last report stays until the new one is there."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rfmreport.errors import OutputError, RfmReportError
from rfmreport.folder import journal
from rfmreport.folder.journal import ROOM, Journal
from rfmreport.folder.lock import HeldError, locked
from rfmreport.folder.manifest import MANIFEST, sha256_of
from rfmreport.stopping import clearing
from rfmreport.vocabulary import CUSTOMER_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_LOCK = "lock"
_ALWAYS_THERE = (MANIFEST, "report.html")
_LISTS_OF_PEOPLE = ("audiences", "email")
_WITH_PEOPLE_WITHIN = (".parquet", ".xlsx")
_HEADING_BYTES = 4096
_COMMIT_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.02
_TIDYING_SECONDS = 1.0  # a reader that takes leftovers away holds the folder for a moment
T = TypeVar("T")


@contextmanager
def whole_or_nothing(output: Path, *, private: bool = True) -> Iterator[Path]:
    """Give a folder to write into; on success its files replace those in `output`, all of them.

    Files of the report that stood there before and are not part of the new one go; anything else
    in `output` stays. If anything fails, `output` is as it was. With `private`, only their owner
    can read the e-mails and the files that list customers.

    Raises:
        OutputError: `output` is a file, cannot be written, is being written by another process, or
            holds a file where the report has one and that is not the last report's.
    """
    made = _make(output)
    new = output / ROOM / "new"
    try:
        with _held(output), clearing(lambda: _clear(output, made)):
            _refuse_foreign(output, _files_of_last_report(output), _ALWAYS_THERE)
            new.mkdir()
            with _elsewhere(new):
                yield new
            if private:
                _hide(new)
            journal.sync_files(new)
            _plan(output, new).carry_out(output)
    except OSError as error:
        raise _cannot_write(output, error) from error
    finally:
        _remove_if_empty(made)


@contextmanager
def undisturbed(output: Path, wait_seconds: float = _TIDYING_SECONDS) -> Iterator[None]:
    """Let nobody replace the report in `output` meanwhile; what was half done is finished first.

    A folder that nobody may write to is not held.

    Raises:
        OutputError: somebody is at work there, or has left half a report that cannot be finished.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(_held(output, wait_seconds))
        except OSError as error:
            if journal.is_half_done(output):
                message = f"{output}: holds half a report; mend what follows and try again: {error}"
                raise OutputError(message) from error
        yield


def read_whole(output: Path, read: Callable[[Path], T]) -> T:
    """Return what `read` finds in a report's folder while nobody is putting a new one in place.

    Raises:
        OutputError: half a report is there, and cannot be finished.
    """
    while True:
        settle(output)
        before = sha256_of(output / MANIFEST)
        try:
            found = read(output)
        except RfmReportError:
            if not _has_moved(output, before):
                raise
        else:
            if not _has_moved(output, before):
                return found


def settle(output: Path) -> None:
    """Finish what a process that died had begun to put in place, or wait while one is at it.

    Raises:
        OutputError: it cannot be finished.
    """
    if not os.path.exists(output / ROOM):  # noqa: PTH110  no error where none can be
        return
    deadline = time.monotonic() + _COMMIT_SECONDS
    while True:
        try:
            with undisturbed(output, wait_seconds=0.0):
                return
        except HeldError:  # by a build, until it has something to put in place
            if not journal.is_half_done(output):
                return
            if time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_AGAIN_SECONDS)


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


@contextmanager
def _held(output: Path, wait_seconds: float = _TIDYING_SECONDS) -> Iterator[None]:
    """Hold the folder's lock; before, finish what was begun there, and take away what is left."""
    try:
        with locked(output, output / ROOM / _LOCK, wait_seconds):
            journal.finish(output)
            try:
                yield
            finally:
                if not journal.is_half_done(output):
                    journal.prune(output)
    finally:
        _remove_if_empty([output / ROOM])


def _clear(output: Path, made: Iterable[Path]) -> None:
    """Leave nothing behind that the next command would have to take away."""
    if not journal.is_half_done(output):
        journal.prune(output)
        (output / ROOM / _LOCK).unlink()
        _remove_if_empty([output / ROOM, *made])


@contextmanager
def _elsewhere(new: Path) -> Iterator[None]:
    """Say of a file outside of `new` that it, and not the output, is in the way."""
    try:
        yield
    except OSError as error:
        if error.filename is None or new in Path(error.filename).parents:
            raise
        message = f"{error.filename}: cannot be used ({error.strerror}); nothing was changed"
        raise OutputError(message) from error


def _make(output: Path) -> list[Path]:
    """Make the folder, and return those that were not there before, the innermost first."""
    absent: list[Path] = []
    try:
        if output.exists() and not output.is_dir():
            message = f"{output}: is a file, expected a folder for the report; name one with -o"
            raise OutputError(message)
        absent = [path for path in (output, *output.absolute().parents) if not path.exists()]
        output.mkdir(parents=True, exist_ok=True)
        journal.sync_folders(path.parent for path in absent)
    except OSError as error:
        _remove_if_empty(absent)
        raise _cannot_write(output, error) from error
    return absent


def _hide(new: Path) -> None:
    """Let nobody but their owner read the e-mails and the files that list customers."""
    for path in new.rglob("*"):
        if path.is_file() and (
            path.relative_to(new).parts[0] in _LISTS_OF_PEOPLE
            or path.suffix in _WITH_PEOPLE_WITHIN
            or (path.suffix == ".csv" and _names_customers(path))
        ):
            path.chmod(0o600)


def _names_customers(path: Path) -> bool:
    with path.open("rb") as file:
        return CUSTOMER_ID.encode() in file.readline(_HEADING_BYTES)


def _plan(output: Path, new: Path) -> Journal:
    """Say which files go and which come; what of the last report was changed stays, if it may."""
    paths = sorted(path for path in new.rglob("*") if path.is_file())
    coming = [path.relative_to(new).as_posix() for path in paths]
    listed = _files_of_last_report(output)
    _refuse_foreign(output, listed, coming)
    found = {name: sha256_of(output / name) for name in listed if (output / name).is_file()}
    going = {n: sha256 for n, sha256 in found.items() if n in coming or sha256 == listed[n]}
    return Journal(going, coming)


def _files_of_last_report(output: Path) -> Mapping[str, str | None]:
    """Return the files that our manifest names, itself among them, with their hashes."""
    try:
        manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
        hashes = {str(file["path"]): str(file["sha256"]) for file in manifest["files"]}
        is_ours = "rfmreport" in manifest
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if not is_ours:
        return {}
    inside = output.resolve()
    own = {n: sha for n, sha in hashes.items() if (inside / n).resolve().is_relative_to(inside)}
    return {**own, MANIFEST: sha256_of(output / MANIFEST)}


def _refuse_foreign(output: Path, listed: Iterable[str], names: Iterable[str]) -> None:
    """Refuse to replace what the last report does not list, a folder or a file in its place."""
    wanted = set(names)
    folders = {folder.as_posix() for name in wanted for folder in Path(name).parents}
    for name in sorted(wanted | folders):
        path = output / name
        gives_way = name in folders if path.is_dir() else name in listed
        if os.path.lexists(path) and not gives_way:
            message = (
                f"{path}: is not of the last report, and the new one would take its place; nothing "
                "was changed, move it away or choose another folder with -o"
            )
            raise OutputError(message)


def _remove_if_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # it holds something, and stays
            folder.rmdir()


def _has_moved(output: Path, manifest_before: str | None) -> bool:
    return journal.is_half_done(output) or sha256_of(output / MANIFEST) != manifest_before


def _cannot_write(output: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    if journal.is_half_done(output):
        message = f"{output}: holds half a report ({reason}); mend that, and run rfmreport again"
    else:
        message = (
            f"{output}: cannot be written ({reason}); nothing was changed, choose another with -o"
        )
    return OutputError(message)
