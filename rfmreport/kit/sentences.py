"""The words that several topics' sentences are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.formats import Formats


def people(segment: str) -> str:
    """Name the customers of a segment: "Champions", but "Lost customers"."""
    return segment if segment.casefold().endswith("s") else f"{segment} customers"


def counted(count: int, noun: str, formats: Formats) -> str:
    """Write a count with its noun: "1 order", "2 orders"."""
    return f"{formats.count(count)} {noun}{'' if count == 1 else 's'}"
