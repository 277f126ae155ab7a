"""What they buy: products, countries, tastes, launches, and what is bought again or first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.sections.products.pair_figures import Pairs
    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class Product:
    """One product, whatever it was called: `code` is upper case, "" where the source has none.

    Revenue and pieces are those of purchases less what came back of the product, shares are of the
    same over all products; orders and customers bought it. `change` is the revenue of
    `ProductSales.months_now` against `months_before`, None where it cannot be said; `is_new` says
    that it was first sold too late for the earlier months. `quantity` is None where the source
    counts no pieces.
    """

    code: str
    name: str
    first_sold_on: date
    revenue: Decimal
    revenue_share: float
    quantity: float | None
    quantity_share: float | None
    order_count: int
    customer_count: int
    revenue_rank: int
    quantity_rank: int | None
    change: float | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class ProductSales:
    """The products that sell most, by revenue or by quantity, and all of them together.

    `top` holds the union of both lists of ten, by revenue. `revenue`, `quantity` and `order_count`
    are of all purchases that name a product, less the `returned` money of goods that came back,
    which is subtracted here whatever the rest of the report does; `change` is theirs, over the same
    months. `unnamed_revenue` is of purchases that name none. `favourite` has most revenue of the
    products that enough customers bought for a claim, whether it stands among the best or not.
    """

    top: tuple[Product, ...]
    product_count: int
    revenue: Decimal
    quantity: float | None
    order_count: int
    customer_count: int
    unnamed_revenue: Decimal
    months_now: tuple[date, ...]
    months_before: tuple[date, ...]
    change: float | None
    returned: Decimal = Decimal(0)
    favourite: Product | None = None

    @property
    def whole(self) -> str:
        """Return what shares are of."""
        return "revenue net of returns" if self.returned else "revenue"

    @property
    def by_revenue(self) -> tuple[Product, ...]:
        """Return the ten that bring most, best first."""
        return tuple(product for product in self.top if product.revenue_rank <= TOP_COUNT)

    @property
    def by_quantity(self) -> tuple[Product, ...]:
        """Return the ten of which most pieces are sold, best first; none without quantities."""
        ranks = {one.quantity_rank: one for one in self.top if one.quantity_rank}
        return tuple(ranks[rank] for rank in sorted(ranks) if rank <= TOP_COUNT)


TOP_COUNT = 10


@dataclass(frozen=True, slots=True)
class BestProduct:
    """The product of which a country bought most: `amount` in money or in pieces, in `line_count`.

    A product on one line of one order is a single deal, not a favourite.
    """

    code: str
    name: str
    amount: Decimal
    line_count: int


@dataclass(frozen=True, slots=True)
class CountrySales:
    """One country, and its best products; `share` is of all purchases, wherever they went.

    `best_by_quantity` is None where the source counts no pieces, both where no product is named.
    `is_told` says that there are orders enough to call a product the best.
    """

    country: str
    revenue: Decimal
    share: float
    order_count: int
    customer_count: int
    best_by_revenue: BestProduct | None
    best_by_quantity: BestProduct | None
    is_told: bool


@dataclass(frozen=True, slots=True)
class CountryLeader:
    """The product that is the best by revenue in most countries but home, and in how many.

    `told_count` are the countries shown, without home, that have orders enough to say.
    """

    code: str
    name: str
    country_count: int
    told_count: int


@dataclass(frozen=True, slots=True)
class Countries:
    """The countries with most revenue, best first, of `country_count` in all; the first is home.

    `unplaced_revenue` is of purchases that name no country. `leader` is None where no product is
    the best in two countries or more.
    """

    rows: tuple[CountrySales, ...]
    country_count: int
    unplaced_revenue: Decimal
    leader: CountryLeader | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """A product that the customers of one group buy more than all others do.

    A pick is a product in one month of a customer, counted once. `lift` is the group's picks of it
    against those of all others who picked about as many products in the same month, both per pick
    of anything, with its 95 % interval; `p_value` is one-sided. `pick_count` are the group's picks,
    `expected_count` those it would have at the rate of the others: their ratio is the lift.
    `customer_count` of the group's customers bought it, of `buyer_count` in all.

    Of kind "home" the group is a segment, the name a country, a pick a customer who lives there.
    """

    kind: Literal["segment", "country", "home"]
    group: str
    code: str
    name: str
    customer_count: int
    buyer_count: int
    pick_count: int
    expected_count: float
    lift: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Preferences:
    """One family of comparisons: `clear_count` of `test_count` stand after the correction.

    `told` are those with enough customers in the group and outside of it, the surest first.
    """

    told: tuple[Preference, ...] = ()
    test_count: int = 0
    clear_count: int = 0


@dataclass(frozen=True, slots=True)
class Affinity:
    """What groups buy more of, after correction for the number of tests.

    `product_count` products were tested, those with most buyers among all with enough of them.
    Nothing was tested of `countries` where no two could be compared. `homes` are the countries that
    segments have more customers of.
    """

    product_count: int
    segments: Preferences
    countries: Preferences
    homes: Preferences = Preferences()


@dataclass(frozen=True, slots=True)
class UptakeWeek:
    """How far earlier launches had come after so many weeks: quartiles over `launch_count`."""

    week: int
    launch_count: int
    lower_quartile: float
    median: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Launch:
    """One product of the last days, as far as its last whole week on sale.

    `customers_by_week` are the customers so far after week 1, 2, …; `pace` is customers per
    thousand orders that the shop took meanwhile, so that a busy season does not decide, with the
    lower end of its interval, 95 % for all launches that are compared; `earlier_pace` are the
    quartiles of earlier launches at the same age; `verdict` "faster": `pace_low` lies above the
    upper one, "slower": the upper end below the lower one, "too few": of earlier launches.
    """

    code: str
    name: str
    first_sold_on: date
    customers_by_week: tuple[int, ...]
    revenue: Decimal
    pace: float
    pace_low: float
    earlier_pace: tuple[float, float, float] | None
    verdict: Literal["faster", "as others", "slower", "too few"]

    @property
    def weeks(self) -> int:
        """Return how many whole weeks it has been on sale."""
        return len(self.customers_by_week)

    @property
    def customer_count(self) -> int:
        """Return the customers who had bought it by the end of its last whole week."""
        return self.customers_by_week[-1]


@dataclass(frozen=True, slots=True)
class FirstTakers:
    """One segment of today: its part of those who bought a launch in its first thirty days.

    `customer_share` is of all customers, `pick_share` of everything bought in the same time (a
    product counts once per customer), so that heavy buyers do not look like pioneers.
    """

    segment: str
    customer_share: float
    pick_share: float
    taker_count: int
    taker_share: float


@dataclass(frozen=True, slots=True)
class Launches:
    """Products first sold in the last `days` days, against those launched earlier in the data.

    Launches that no analysed customer bought in those days are not counted, here or there. `shown`
    are those with most customers for the orders of their time, among `told_count` of `launch_count`
    that have customers enough and were on sale for `fewest_weeks` or more; `earlier` and `takers`
    may be empty: no earlier launches, too few first buyers.
    """

    days: int
    launch_count: int
    told_count: int
    fewest_weeks: int
    earlier_count: int
    shown: tuple[Launch, ...]
    earlier: tuple[UptakeWeek, ...]
    takers: tuple[FirstTakers, ...]
    taker_count: int


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


@dataclass(frozen=True, slots=True)
class KeyProduct:
    """One product by pieces sold in `KeyProducts.week_count` weeks.

    `segment_shares` are the parts of its pieces that each segment took, in the order of
    `KeyProducts.segments`. `busiest_week_on` is the first day of the week with most pieces,
    `largest_order_share` the part of all its pieces that the largest single order took: above a
    half, it is one deal and no demand.
    """

    code: str
    name: str
    quantity: float
    per_week: float
    order_count: int
    customer_count: int
    segment_shares: tuple[float, ...]
    busiest_week_on: date
    busiest_week_quantity: float
    largest_order_share: float


@dataclass(frozen=True, slots=True)
class KeyProducts:
    """The products of which most pieces went out from `first_day` to `last_day`, inclusive.

    These are the last `week_count` weeks before the report's date. `quantity` is of all products.
    """

    first_day: date
    last_day: date
    week_count: int
    segments: tuple[str, ...]
    rows: tuple[KeyProduct, ...]
    product_count: int
    quantity: float


@dataclass(frozen=True, slots=True)
class Sells:
    """All that is said of products, where the data carry it; the last three for departments."""

    products: ProductSales
    countries: Countries | None = None
    affinity: Affinity | None = None
    launches: Launches | None = None
    pairs: Pairs | None = None
    key_products: KeyProducts | None = None
    repeated: RepeatedProducts | None = None
    entries: EntryProducts | None = None
