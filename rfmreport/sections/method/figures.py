"""Facts of how the report was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.customers.figures import CutsRow, SchemeCell
    from rfmreport.source.audit import SourceFile


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """Which heading of the source plays which role."""

    role: str
    heading: str


@dataclass(frozen=True, slots=True)
class Method:
    """How the report was made: everything needed to make it again."""

    version: str
    sources: tuple[SourceFile, ...]
    columns: tuple[ColumnUse, ...]
    settings: Mapping[str, str]
    settings_sha256: str
    scheme_name: str
    scheme_title: str
    scheme_source: str
    scheme_cells: tuple[SchemeCell, ...]
    cuts_method: str
    cuts: tuple[CutsRow, ...]
    definitions: tuple[tuple[str, str], ...]
    library_versions: Mapping[str, str]
