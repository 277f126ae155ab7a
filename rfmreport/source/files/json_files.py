"""JSON: an array of records, or one on each line, written as the table that they are."""

from __future__ import annotations

import csv
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from rfmreport.errors import InputError
from rfmreport.source.files.plain_copies import new_copy
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from rfmreport.engine.ask import Engine

    Record = Mapping[str, Any]

_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{\]]|\{\s*["}])')
_MOST_BYTES = 200_000_000
_RECORDS_SEEN = 100
_MOST_WRAPPED = 5
_ITEMS = ("lineitems", "lines", "orderlines", "orderitems", "items", "products")


def looks_like_json(probe: bytes) -> bool:
    """Say whether a file begins as an array or a record does, and not as a heading in brackets."""
    return _BEGINNING.match(probe) is not None


def write_records(engine: Engine, path: Path, plain: Path) -> tuple[Path, tuple[Finding, ...]]:
    """Write records as CSV, a row for each, or for each of its line items; name what is left out.

    What stands in records within records is called by both names: "customer.id".

    Raises:
        InputError: it is no JSON, holds no records, or is too long to be read at once.
    """
    records = _records_of(path, plain)
    items = _items_of(records())
    headings: dict[str, None] = {}
    left_out: dict[str, None] = {}
    for row in _rows(records(), items, left_out):
        headings |= dict.fromkeys(row)
    if not headings:
        message = f"{path}: is JSON without records; expected an array of orders or order lines"
        raise InputError(message)
    copy = new_copy(engine, f"{path.stem}.csv")
    with copy.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.DictWriter(file, headings, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rows(records(), items, {}))
    if not left_out:
        return copy, ()
    text = f"Lists within the orders of {path.name} were left unread: {', '.join(left_out)}."
    return copy, (Finding("lists-unread", "warning", text),)


def _records_of(path: Path, plain: Path) -> Callable[[], Iterator[Record]]:
    """Return what yields the records, as often as it is asked."""
    with plain.open("rb") as file:
        lines = (line for line in file if line.strip())
        first, second = next(lines, b""), next(lines, b"")
    if second.lstrip().startswith(b"{") and _is_whole(first):
        return lambda: _records_on_lines(path, plain)
    if plain.stat().st_size > _MOST_BYTES:
        message = (
            f"{path}: is JSON of more than {_MOST_BYTES // 1_000_000} MB, too much to be read at "
            "once; export it with one record on each line (JSON lines), or as CSV"
        )
        raise InputError(message)
    records = _records_in(_parsed(path, plain.read_bytes()))
    return lambda: iter(records)


def _records_in(found: Any) -> list[Record]:  # noqa: ANN401  whatever the file holds
    """Return the records of an array, or of the one array that a wrapper such as "orders" holds."""
    if isinstance(found, dict):
        lists = [value for value in found.values() if _is_list_of_records(value)]
        scalars = [value for value in found.values() if not isinstance(value, dict | list)]
        found = lists[0] if len(lists) == 1 and len(scalars) <= _MOST_WRAPPED else [found]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _records_on_lines(path: Path, plain: Path) -> Iterator[Record]:
    with plain.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                found = _parsed(path, line, number)
                if isinstance(found, dict):
                    yield found


def _parsed(path: Path, content: bytes, line: int | None = None) -> Any:  # noqa: ANN401
    """Return what JSON holds, its numbers as they are written."""
    try:
        return json.loads(content.removeprefix(b"\xef\xbb\xbf"), parse_float=str, parse_int=str)
    except UnicodeDecodeError as error:
        message = f"{path}: is JSON in another encoding than UTF-8; export it again as UTF-8"
        raise InputError(message) from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = line or getattr(error, "lineno", 1)
        reason = getattr(error, "msg", "it is nested too deeply")
        message = f"{path}: cannot be read as JSON (line {where:,}: {reason}); export it again"
        raise InputError(message) from error


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.removeprefix(b"\xef\xbb\xbf")), dict)
    except ValueError:
        return False


def _is_list_of_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _items_of(records: Iterator[Record]) -> str | None:
    """Return which list within the records holds their line items: of a known name, or longest."""
    counts: dict[str, int] = {}
    for record in itertools.islice(records, _RECORDS_SEEN):
        for key, value in record.items():
            if _is_list_of_records(value):
                counts[key] = counts.get(key, 0) + len(value)
    return max(counts, key=lambda key: (_plain(key) in _ITEMS, counts[key]), default=None)


def _rows(
    records: Iterator[Record], items: str | None, left_out: dict[str, None]
) -> Iterator[dict[str, str]]:
    """Yield a row for each line item of each record, or one for a record without any.

    A line item's fields keep their names, unless the record has such a field itself.
    """
    for record in records:
        rest = {key: value for key, value in record.items() if key != items}
        fields = dict(_fields(rest, "", left_out))
        if items and "id" in fields:
            fields = {"order.id": fields.pop("id"), **fields}
        lines = record.get(items, []) if items else []
        for line in lines if _is_list_of_records(lines) else [{}]:
            inner = dict(_fields(line, "", left_out))
            named = {key if key not in rest else f"{items}.{key}": inner[key] for key in inner}
            yield fields | named


def _fields(record: Record, prefix: str, left_out: dict[str, None]) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _fields(value, f"{name}.", left_out)
        elif _is_list_of_records(value):
            left_out[name] = None
        elif isinstance(value, list):
            yield name, "; ".join(map(str, value))
        else:
            yield name, "" if value is None else str(value)


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").casefold()
