"""The journal of a report's folder: what goes and what comes, on the disk before anything moves.

Writing it is the commit. Whoever comes next finishes what it says, forwards or back, from what
stands on the disk: no file is moved onto another, so each step can be told done from not done.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.errors import OutputError
from rfmreport.folder.manifest import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOM = ".rfmreport"
"""The folder in a report's folder that holds what is not yet, or no longer, the report."""
_NAME = "journal.json"
_DRAFT = "journal.new"
_WRITERS = 8


@dataclass(frozen=True, slots=True)
class Journal:
    """Paths of files, relative to the report's folder: who go, with their hashes, and who come."""

    going: Mapping[str, str | None]
    coming: Sequence[str]
    is_backwards: bool = False

    def carry_out(self, output: Path) -> None:
        """Put the new files in place of the old ones; if one cannot move, put the old ones back.

        Raises:
            OSError, OutputError: one cannot move; all is as it was, or the journal stays.
        """
        try:
            if not is_half_done(output):
                self._write(output)
            if self.is_backwards:
                self._go_back(output)
            else:
                self._go_forward(output)
        except BaseException:  # Ctrl-C too: half a report must not stay
            if is_half_done(output) and not self.is_backwards:
                backwards = replace(self, is_backwards=True)
                backwards._write(output)  # noqa: SLF001  one of its own
                backwards._go_back(output)  # noqa: SLF001
            raise

    def _go_forward(self, output: Path) -> None:
        new, old = output / ROOM / "new", output / ROOM / "old"
        for name in self.coming:
            if not ((new / name).exists() or (output / name).exists()):
                message = f"{output / name}: is nowhere any more; nothing was changed, build again"
                raise OutputError(message)
        for name, sha256 in self.going.items():
            is_placed = name in self.coming and not (new / name).exists()
            if is_placed or (old / name).exists() or not (output / name).exists():
                continue
            if sha256_of(output / name) != sha256:
                message = f"{output / name}: was changed meanwhile; nothing else was, build again"
                raise OutputError(message)
            _move(output / name, old / name)
        for name in self.coming:
            if (new / name).exists():
                _move(new / name, output / name)
        self._end(output, self.going)

    def _go_back(self, output: Path) -> None:
        new, old = output / ROOM / "new", output / ROOM / "old"
        for name in self.coming:
            is_placed = not (new / name).exists() and (output / name).exists()
            if is_placed and (name not in self.going or (old / name).exists()):
                _move(output / name, new / name)
        for name in self.going:
            if (old / name).exists():
                _move(old / name, output / name)
        self._end(output, self.coming)

    def _end(self, output: Path, left: Iterable[str]) -> None:
        """Let the disk know before the journal goes; folders that `left` leaves empty go too."""
        for name in left:
            for folder in Path(name).parents[:-1]:
                with suppress(OSError):  # it holds something, or is gone
                    (output / folder).rmdir()
        sync_folders({(output / name).parent for name in (*self.going, *self.coming)} | {output})
        (output / ROOM / _NAME).unlink()
        sync_folders([output / ROOM])

    def _write(self, output: Path) -> None:
        path = output / ROOM / _NAME
        written = path.with_name(_DRAFT)
        written.write_text(json.dumps(asdict(self)), encoding="utf-8")
        _sync(written)
        written.replace(path)
        sync_folders([path.parent])


def is_half_done(output: Path) -> bool:
    """Say whether a commit was begun and is not finished."""
    return os.path.exists(output / ROOM / _NAME)  # noqa: PTH110  false also where none can be


def finish(output: Path) -> None:
    """Finish what a process that died had begun, and take away what it left; the lock is held.

    Raises:
        OutputError: it cannot be finished.
    """
    path = output / ROOM / _NAME
    try:
        if path.exists():
            Journal(**json.loads(path.read_text(encoding="utf-8"))).carry_out(output)
        prune(output)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        where = getattr(error, "filename", None) or path
        message = (
            f"{output}: a report was being put in place when its process ended, and that cannot be "
            f"finished ({where}: {reason}); mend that, and run rfmreport again"
        )
        raise OutputError(message) from error


def prune(output: Path) -> None:
    """Remove the files that are not, or no longer, the report's."""
    for name in ("new", "old"):
        shutil.rmtree(output / ROOM / name, ignore_errors=True)
    with suppress(OSError):
        (output / ROOM / _DRAFT).unlink()


def sync_files(folder: Path) -> None:
    """Return when all files below a folder are on the disk, not only handed over to the system."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  readers need it not

    paths = list(folder.rglob("*"))
    with ThreadPoolExecutor(_WRITERS) as pool:  # one after the other each waits for the disk
        list(pool.map(_sync, (path for path in paths if path.is_file())))
    sync_folders([folder, *(path for path in paths if path.is_dir())])


def sync_folders(folders: Iterable[Path]) -> None:
    """Return when the disk knows which files are in these folders."""
    if os.name == "nt":  # which has no such thing
        return
    for folder in folders:
        with suppress(OSError):  # it was left empty and went, or its disk cannot promise it
            _sync(folder)


def _sync(path: Path) -> None:
    # Windows writes through a file that is open for writing only; elsewhere folders are read-only.
    number = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _move(source: Path, target: Path) -> None:
    """Rename a file, never onto another."""
    if os.path.lexists(target):
        message = f"{target}: came meanwhile, where the report has a file; move it away"
        raise OutputError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
