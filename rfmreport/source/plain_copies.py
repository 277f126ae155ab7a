"""Files as the engine can read them: unpacked and proved, in UTF-8, with one kind of line end."""

from __future__ import annotations

import codecs
import gzip
import re
import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rfmreport.engine.ask import one_line
from rfmreport.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.engine.ask import Engine

_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_BLOCK_BYTES = 1 << 20
_MOST_STRANGE_BYTES = 1 << 16
_STRANGE_LINES = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")


def unpacked(engine: Engine, path: Path) -> Path:
    """Return a file as it is, or a plain copy of one packed by gzip or Zstandard.

    The engine believes a packed file that was damaged or cut off, and reads other lines from it.
    So it is unpacked here, which is as quick, and proves the sum that stands at its end.

    Raises:
        InputError: it is damaged.
    """
    with path.open("rb") as file:
        first = file.read(4)
    method = next((name for mark, name in _PACKED.items() if first.startswith(mark)), None)
    if method is None:
        return path
    copy = new_copy(engine, path.stem)
    try:
        with _open_packed(path, method) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path}: cannot be unpacked ({one_line(error)}); get the file again"
        raise InputError(message) from error
    return copy


def write_plain(source: Path, target: Path, codec: str, skipped: int, *, mends_ends: bool) -> int:
    r"""Write a text again in UTF-8, less the first letters, and return how many were unreadable.

    `mends_ends` puts \n in place of each other end of a line.
    """
    unread = 0
    with source.open("rb") as file, target.open("wb") as copy:
        for text in _decoded(file, codec):
            unread += text.count("\ufffd")
            kept, skipped = text[skipped:], max(skipped - len(text), 0)
            content = kept.encode("utf-8", errors="replace")
            if mends_ends and b"\r" in content:
                content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            copy.write(content)
    return unread


def line_ends(content: bytes) -> set[bytes]:
    r"""Return which ends of lines stand in a text: \n, \r\n or \r."""
    both = content.count(b"\r\n")
    found = {b"\r\n": both, b"\n": content.count(b"\n") - both, b"\r": content.count(b"\r") - both}
    return {end for end, count in found.items() if count}


def look_through(path: Path) -> tuple[bytes, set[bytes]]:
    """Return lines of a file that hold more than ASCII, and which ends of lines stand in it."""
    strange, ends = b"", set()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            block += file.readline()
            ends |= line_ends(block)
            if len(strange) < _BLOCK_BYTES and not block.isascii():
                strange += b"\n".join(_STRANGE_LINES.findall(block))[:_MOST_STRANGE_BYTES] + b"\n"
    return strange, ends


def new_copy(engine: Engine, name: str) -> Path:
    """Return where a copy may be written: in the engine's own folder, which goes when it closes."""
    folder = Path(engine.value("SELECT current_setting('temp_directory')"))
    folder.mkdir(exist_ok=True)
    return folder / f"{len(list(folder.iterdir())):06}-{name}"


def _decoded(file: BinaryIO, codec: str) -> Iterator[str]:
    r"""Yield what stands in a file, a block at a time; a \r\n never stands in two."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    held, mark = "", "\ufeff"
    while block := file.read(_BLOCK_BYTES):
        text = held + decoder.decode(block).removeprefix(mark)
        mark = ""
        held = "\r" if text.endswith("\r") else ""
        yield text.removesuffix("\r")
    yield held + decoder.decode(b"", final=True)


def _open_packed(path: Path, method: str) -> BinaryIO:
    if method == "gzip":
        return gzip.open(path)  # type: ignore[return-value]  # as good as one
    import pyarrow as pa  # noqa: PLC0415  only few files need it

    source: BinaryIO = pa.input_stream(str(path), compression="zstd")
    return source
