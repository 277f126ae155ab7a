"""What the first rows tell that a reader, or a rule, should know."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from rfmreport.settings import CleaningSettings
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import Sample

_MOST_ORDERS = 0.5
_SHORT, _MOST_LINES = 2, 0.05
_USUAL_CODES = CleaningSettings().non_product_codes


def trusted_rules(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Switch rules off that the first rows speak against."""
    settings, of_orders = trusted_prefixes(sample, columns, settings)
    settings, of_codes = _trusted_codes(sample, columns, settings)
    return settings, (*of_orders, *of_codes)


def _trusted_codes(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Take codes of one or two letters for products where those of other products are as short.

    The list that ships has the postings of one shop (M, D, S, B), where codes are numbers.
    """
    texts = [text.strip().upper() for text in sample.get(columns.product or "", ())]
    if settings.non_product_codes != _USUAL_CODES:
        return settings, ()
    short = {text for text in texts if 0 < len(text) <= _SHORT}
    listed = short.intersection(_USUAL_CODES)
    line_count = sum(text in listed for text in texts)
    if not listed or (short == listed and line_count <= _MOST_LINES * len(texts)):
        return settings, ()
    codes = tuple(code for code in _USUAL_CODES if len(code) > _SHORT)
    text = (
        f"The product codes {', '.join(sorted(listed))} count as products: codes of this shop are "
        "as short; non_product_codes in [cleaning] leaves codes out."
    )
    finding = Finding("short_codes", "note", text)
    return dataclasses.replace(settings, non_product_codes=codes), (finding,)


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
