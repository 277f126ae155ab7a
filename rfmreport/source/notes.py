"""What the first rows tell that a reader, or a rule, should know."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from rfmreport.settings import CleaningSettings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import Sample

_MOST_ORDERS = 0.5


def trusted_prefixes(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Switch a prefix rule off where most order ids carry it: it is the shop's numbering."""
    if columns.order is None:
        return settings, ()
    orders = sample[columns.order]
    findings = []
    for name in ("cancellation_prefix", "adjustment_prefix"):
        prefix = getattr(settings, name)
        pattern = re.compile(rf"{re.escape(prefix)}\d+$")
        if prefix and sum(map(bool, map(pattern.match, orders))) > _MOST_ORDERS * len(orders):
            settings = dataclasses.replace(settings, **{name: ""})  # type: ignore[arg-type]
            text = (
                f"Most order numbers begin with {prefix}, so {prefix}… was taken for the shop's "
                f"numbering, not for a {name.removesuffix('_prefix')}."
            )
            findings.append(Finding(name, "note", text))
    return settings, tuple(findings)
