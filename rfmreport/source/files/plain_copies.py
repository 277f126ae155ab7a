"""Files as the engine can read them: unpacked and proved, in UTF-8, with one kind of line end."""

from __future__ import annotations

import codecs
import errno
import gzip
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rfmreport.engine.ask import one_line
from rfmreport.errors import InputError
from rfmreport.source.files.encodings import Encoding, strange_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.engine.ask import Engine

_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
_DAMAGES = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
_WORKBOOK_MEMBERS = {"[Content_Types].xml", "content.xml"}
_MOST_UNPACKED, _MOST_TIMES = 1_000_000_000, 300
_BLOCK_BYTES = 1 << 20
_UNREAD = "\ufffd".encode()
_MOST_STRANGE_BYTES = 1 << 16


def unpacked(engine: Engine, path: Path) -> Path:
    """Return a file as it is, or a plain copy of one packed by gzip, Zstandard or ZIP.

    The engine believes a packed file that was damaged or cut off, and reads other lines from it.
    So it is unpacked here, which is as quick, and proves the sum that stands at its end.

    Raises:
        InputError: it is damaged, holds several files, or unpacks to more than a table can be.
    """
    with path.open("rb") as file:
        first = file.read(4)
    method = next((name for mark, name in _PACKED.items() if first.startswith(mark)), None)
    member = _only_member(path) if method == "zip" else None
    if method is None or (method == "zip" and member is None):
        return path
    copy = new_copy(engine, member.filename.rpartition("/")[2] if member else path.stem)
    try:
        with _open_packed(path, method, member) as source, copy.open("wb") as target:
            _copy(path, source, target)
    except _DAMAGES as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            message = f"{path}: there is no room to unpack it in {copy.parent}; make some"
            raise InputError(message) from error
        message = f"{path}: cannot be unpacked ({one_line(error)}); get the file again"
        raise InputError(message) from error
    return unpacked(engine, copy) if member else copy


def _copy(path: Path, source: BinaryIO, target: BinaryIO) -> None:
    """Copy what a packed file holds, unless it grows beyond what a table can be packed from."""
    most = _MOST_UNPACKED + _MOST_TIMES * path.stat().st_size
    size = 0
    while block := source.read(_BLOCK_BYTES):
        size += len(block)
        if size > most:
            message = (
                f"{path}: unpacks to more than {most // 1_000_000:,} MB, over {_MOST_TIMES} times "
                "its size; a file of orders is not packed so tightly, unpack it to look"
            )
            raise InputError(message)
        target.write(block)


def _only_member(path: Path) -> zipfile.ZipInfo | None:
    """Return the one file that an archive holds, or None where the archive is a workbook.

    Raises:
        InputError: it holds none or several, or is protected by a password.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not _is_by_the_way(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        message = f"{path}: cannot be unpacked ({one_line(error)}); get the file again"
        raise InputError(message) from error
    names = [member.filename for member in members]
    if _WORKBOOK_MEMBERS.intersection(names):
        return None
    if len(members) != 1:
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")  # noqa: PLR2004
        message = (
            f"{path}: holds {len(members)} files{f' ({shown})' if names else ''}, expected one; "
            "unpack it and name those to read"
        )
        raise InputError(message)
    if members[0].flag_bits & 1:
        message = f"{path}: is protected by a password; unpack it and name the file in it"
        raise InputError(message)
    return members[0]


def _is_by_the_way(name: str) -> bool:
    last = name.rpartition("/")[2]
    return not last or name.startswith("__MACOSX/") or last.startswith(".")


def write_plain(
    source: Path, target: Path, encoding: Encoding, skipped: int, *, mends_ends: bool
) -> int:
    r"""Write a text again in UTF-8, less the first letters, and return how many were unreadable.

    `mends_ends` puts \n in place of each other end of a line.
    """
    unread = 0
    with source.open("rb") as file, target.open("wb") as copy:
        if encoding.is_plain and not skipped:
            contents = _whole_ends(file)
        else:
            contents = _in_utf_8(file, encoding.codec, skipped)
        for content in contents:
            unread += 0 if encoding.is_plain else content.count(_UNREAD)
            if mends_ends and b"\r" in content:
                copy.write(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
            else:
                copy.write(content)
    return unread


def line_ends(content: bytes) -> set[bytes]:
    r"""Return which ends of lines stand in a text: \n, \r\n or \r."""
    both = content.count(b"\r\n")
    found = {b"\r\n": both, b"\n": content.count(b"\n") - both, b"\r": content.count(b"\r") - both}
    return {end for end, count in found.items() if count}


def look_through(path: Path) -> tuple[bytes, set[bytes]]:
    """Return lines of a file that hold more than ASCII, and which ends of lines stand in it."""
    strange = b""
    ends: set[bytes] = set()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            block += file.readline()
            if len(ends) < 2:  # noqa: PLR2004  two are mixed already
                ends |= line_ends(block)
            if len(strange) < _BLOCK_BYTES and not block.isascii():
                strange += b"\n".join(strange_lines(block))[:_MOST_STRANGE_BYTES] + b"\n"
    return strange, ends


def new_copy(engine: Engine, name: str) -> Path:
    """Return where a copy may be written: in the engine's own folder, which goes when it closes."""
    folder = Path(engine.value("SELECT current_setting('temp_directory')"))
    folder.mkdir(exist_ok=True)
    return folder / f"{len(list(folder.iterdir())):06}-{name}"


def _whole_ends(file: BinaryIO) -> Iterator[bytes]:
    r"""Yield what stands in a file, a block at a time; a \r\n never stands in two."""
    while block := file.read(_BLOCK_BYTES):
        yield block + (file.read(1) if block.endswith(b"\r") else b"")


def _in_utf_8(file: BinaryIO, codec: str, skipped: int) -> Iterator[bytes]:
    """Yield the same in UTF-8, less the first letters."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    held, mark = "", "\ufeff"
    while block := file.read(_BLOCK_BYTES):
        text = held + decoder.decode(block).removeprefix(mark)
        mark, held = "", "\r" if text.endswith("\r") else ""
        kept = text.removesuffix("\r")
        yield kept[skipped:].encode("utf-8", errors="replace")
        skipped = max(skipped - len(kept), 0)
    yield (held + decoder.decode(b"", final=True)).encode("utf-8", errors="replace")


def _open_packed(path: Path, method: str, member: zipfile.ZipInfo | None) -> BinaryIO:
    if member:
        return zipfile.ZipFile(path).open(member)  # type: ignore[return-value]
    if method == "gzip":
        return gzip.open(path)  # type: ignore[return-value]  # as good as one
    import pyarrow as pa  # noqa: PLC0415  only few files need it

    source: BinaryIO = pa.input_stream(str(path), compression="zstd")
    return source
