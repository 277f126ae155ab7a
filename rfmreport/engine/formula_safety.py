"""Texts that a spreadsheet would run as a formula, and the apostrophe that keeps it from doing so.

OWASP, CSV injection; the last four beginnings are the full-width = + - @ of Japanese keyboards.
"""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def with_apostrophe(text: str) -> str:
    """Put an apostrophe before a text that would be run."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def without_apostrophe(text: str) -> str:
    """Take off the apostrophe that `with_apostrophe` has put there."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
