"""Products that are bought again, and products with which good customers began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class RepeatedProduct:
    """One product, and the share of its buyers who bought it again on another day.

    `share.customer_count` are the buyers who were watched for long enough, `again_count` those of
    them who did; `median_gap_days` lie between the first and the second day of these.
    """

    code: str
    name: str
    share: Estimate
    again_count: int
    median_gap_days: float


@dataclass(frozen=True, slots=True)
class RepeatedProducts:
    """The products that buyers come back for most within `watched_days`, surest first.

    Buyers count who first bought the product more than `watched_days` before the data's end, and
    only what they did in so many days: so old and new products are alike. Of `product_count`
    products with thirty such buyers or more; `overall` is the share over all pairs of buyer and
    product among these, as a measure.
    """

    rows: tuple[RepeatedProduct, ...]
    product_count: int
    watched_days: int
    overall: Estimate


@dataclass(frozen=True, slots=True)
class EntryProduct:
    """A product of first orders, whose buyers came to the top segment more often than others.

    Of `buyer_count` customers with it in their first order `top_count` are in the top segment now;
    `expected_top_count` would be if they did as all whose first orders fell into the same month and
    held about as many products. `ratio` is theirs against that of all others, the risk ratio of
    Mantel and Haenszel, with its 95 % interval `low` to `high`.
    """

    code: str
    name: str
    buyer_count: int
    top_count: int
    expected_top_count: float
    ratio: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class EntryProducts:
    """What first orders of later top customers held more often, after correction for many tests.

    Over `customer_count` customers whose first orders fell from `first_from` to `first_to`,
    inclusive: not in the first days of the data, where old customers look new, and long enough ago
    to have become a top customer. `top_count` of them are in `top_segment` now. `product_count`
    products were tested, those in thirty first orders or more; without `rows` none stands out.
    `common` are those in most first orders, whether they stand out or not.
    """

    top_segment: str
    first_from: date
    first_to: date
    customer_count: int
    top_count: int
    product_count: int
    rows: tuple[EntryProduct, ...]
    common: tuple[EntryProduct, ...] = ()
