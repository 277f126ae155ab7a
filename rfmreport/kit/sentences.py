"""The words that several topics' sentences are made of."""

from __future__ import annotations


def people(segment: str) -> str:
    """Name the customers of a segment: "Champions", but "Lost customers"."""
    return segment if segment.casefold().endswith("s") else f"{segment} customers"
