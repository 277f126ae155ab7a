"""What they buy: the order of its analyses, and the products and countries that sell most."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.sections.products import affinity, habits, pairs
from rfmreport.sections.products.figures import (
    TOP_COUNT,
    BestProduct,
    Countries,
    CountryLeader,
    CountrySales,
    FirstTakers,
    Launch,
    Launches,
    Product,
    ProductSales,
    Sells,
    UptakeWeek,
)
from rfmreport.source.sold import hold_sold
from rfmreport.vocabulary import Untold, months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from rfmreport.shop import Shop

SHOWN_LAUNCHES = 5
FIRST_DAYS = 30
FEWEST_LAUNCHES = 10
FEWEST_WEEKS = 4
FEWEST_DAYS = 7 * FEWEST_WEEKS
_CONFIDENCE = 0.95
_TOO_SHORT = (
    "the data are too short to know which products are new: that takes two stretches of "
    "{days} days (launch_days in [report])"
)
_TOO_SOON = (
    "a launch is held against others from {fewest} days on, and launch_days in [report] is {days}"
)
_NO_LAUNCHES = "no product was first sold in the last {days} days and has been on sale for a week"
_QUERIES = read_queries(__file__)
TOPIC = "What they buy"
SHOWN_COUNTRIES = 12
_TREND_MONTHS = 3
_NO_PRODUCTS = (
    "the source names no products: a column with their codes or names is needed, such as "
    "--map product=HEADING"
)
_FEW_BUYERS = "no product was bought by as many customers as a comparison needs"
_OF_PRODUCT = (
    "code", "name", "first_sold_on", "revenue", "order_count", "customer_count", "revenue_rank",
)  # fmt: skip
_OF_ALL = (
    "product_count", "revenue", "returned", "order_count", "customer_count", "unnamed_revenue",
)  # fmt: skip
_OF_COUNTRY = ("country", "revenue", "order_count", "customer_count")


@dataclass(frozen=True, slots=True)
class LaunchDays:
    """Which products are launches: first sold from `first_day` on, and lately from `late_from` on.

    In the first `length` days of the data everything looks new. `as_of` is the report's date.
    """

    length: int
    first_day: date
    late_from: date
    as_of: date

    @property
    def week_count(self) -> int:
        """Return for how many whole weeks every earlier launch can be followed."""
        return self.length // 7


def find_launch_days(
    first_known_day: date, first_day: date, as_of: date, length: int
) -> LaunchDays | None:
    """Return the days that make a launch; None where the data are too short to know what is new.

    `first_known_day` is the first of the data, `first_day` the first of the report's window.
    """
    from_day = max(first_known_day + timedelta(days=length), first_day)
    late_from = as_of - timedelta(days=length)
    if late_from < from_day or length < FEWEST_DAYS:
        return None
    return LaunchDays(length, from_day, late_from, as_of)


def tell_launches(engine: Engine, shop: Shop, sizes: Mapping[str, int]) -> Launches | str:
    """Return the late launches against the earlier ones, or why there are none to tell.

    `sizes` are customers by segment, best first.
    """
    length = shop.settings.report.launch_days
    if length < FEWEST_DAYS:
        return _TOO_SOON.format(days=length, fewest=FEWEST_DAYS)
    days = find_launch_days(shop.first_known_day, shop.first_day, shop.as_of, length)
    if days is None:
        return _TOO_SHORT.format(days=length)
    follow_launches(engine, days)
    return compare_launches(engine, days, sizes) or _NO_LAUNCHES.format(days=length)


def follow_launches(engine: Engine, days: LaunchDays) -> None:
    """Hold `followed_launches`: how far each launch had come by the end of each whole week.

    What was first sold within the days is a launch, unless it is an old one renamed. One row per
    launch and week: customers and revenue so far, all orders of the shop since the launch, and
    customers per thousand of these. The steps are held, for together they take longer to be planned
    than to be asked.
    """
    for name in ("launches", "launch_weeks", "orders_before", "followed_launches"):
        engine.hold(name, _QUERIES[name], week_count=days.week_count, **asdict(days))


def compare_launches(engine: Engine, days: LaunchDays, sizes: Mapping[str, int]) -> Launches | None:
    """Return the late launches that are followed; None where none was on sale for a week."""
    late = engine.rows(
        _QUERIES["late_launches"],
        fewest=FEWEST_CUSTOMERS,
        fewest_weeks=FEWEST_WEEKS,
        most=SHOWN_LAUNCHES,
    )
    if not late:
        return None
    weeks = engine.rows(_QUERIES["earlier_launches"], fewest=FEWEST_LAUNCHES)
    paces = {row["week"]: tuple(row["paces"]) for row in weeks}
    takers = _first_takers(engine, days, sizes)
    return Launches(
        days=days.length,
        launch_count=late[0]["launch_count"],
        told_count=late[0]["told_count"],
        fewest_weeks=FEWEST_WEEKS,
        earlier_count=weeks[0]["launch_count"] if weeks else 0,
        shown=tuple(
            _launch(row, paces.get(len(row["customers_by_week"]))) for row in late if row["is_told"]
        ),
        earlier=tuple(
            UptakeWeek(row["week"], row["launch_count"], *row["customers"]) for row in weeks
        ),
        takers=takers,
        taker_count=sum(one.taker_count for one in takers),
    )


def _launch(row: Mapping[str, Any], earlier: tuple[float, float, float] | None) -> Launch:
    pace = row["pace"] or 0.0
    factor = _noise_factor(row["customers_by_week"][-1], row["told_count"])
    verdict: Literal["faster", "as others", "slower", "too few"] = "as others"
    if earlier is None:
        verdict = "too few"
    elif pace / factor > earlier[2]:
        verdict = "faster"
    elif pace * factor < earlier[0]:
        verdict = "slower"
    return Launch(
        code=row["product_code"],
        name=row["product_name"],
        first_sold_on=row["first_sold_on"],
        customers_by_week=tuple(row["customers_by_week"]),
        revenue=row["revenue"],
        pace=pace,
        pace_low=pace / factor,
        earlier_pace=earlier,
        verdict=verdict,
    )


def _noise_factor(customers: int, compared: int) -> float:
    """Return how far chance moves a pace, up or down, with 95 % for all that are `compared`.

    The log of a count has the standard error 1 / sqrt(count) (D. Katz et al., Biometrics 34, 1978,
    469-474, rare events); who looks at so many launches finds the luckiest (Bonferroni).
    """
    z = NormalDist().inv_cdf(1 - (1 - _CONFIDENCE) / 2 / compared)
    return math.exp(z / math.sqrt(customers))


def _first_takers(
    engine: Engine, days: LaunchDays, sizes: Mapping[str, int]
) -> tuple[FirstTakers, ...]:
    """Return which segments bought the late launches within their first thirty days."""
    given = {"late_from": days.late_from, "first_days": FIRST_DAYS}
    rows = engine.rows(_QUERIES["first_takers"], **given)
    picks = {row["segment"]: row["pick_count"] for row in rows}
    takers = {row["segment"]: row["taker_count"] for row in rows}
    everybody, pick_count, taker_count = (sum(counts.values()) for counts in (sizes, picks, takers))
    if taker_count < FEWEST_CUSTOMERS:
        return ()
    return tuple(
        FirstTakers(
            segment=segment,
            customer_share=size / everybody,
            pick_share=picks.get(segment, 0) / pick_count,
            taker_count=takers.get(segment, 0),
            taker_share=takers.get(segment, 0) / taker_count,
        )
        for segment, size in sizes.items()
        if size
    )


@dataclass(frozen=True, slots=True)
class Sold:
    """What was found, and what could not be told."""

    sells: Sells | None = None
    untold: tuple[Untold, ...] = ()


def tell_what_sells(engine: Engine, shop: Shop, *, has_departments: bool = False) -> Sold:
    """Return what the lines tell of products, countries, tastes and launches, and hold the tables.

    The `engine` is a connection of its own to the shop's. What only departments are told is asked
    where there are any.
    """
    if not shop.has_products:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    hold_sold(engine)
    trend = find_trend(shop.first_day, shop.covered[1])
    products = tell_products(engine, trend)
    if products is None:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    countries = tell_countries(engine)
    homes = count_homes(engine)
    tastes = affinity.tell_affinity(engine, _groups(shop.segment_names, homes, countries))
    sizes = {name: size for name in shop.segment_names if (size := _size(homes, name))}
    found = tell_launches(engine, shop, sizes)
    reasons = {
        "countries": "" if countries else untold_countries(engine),
        "what segments prefer": "" if tastes else _FEW_BUYERS,
        "launches": found if isinstance(found, str) else "",
    }
    launched = None if isinstance(found, str) else found
    together = pairs.tell_pairs(engine, affinity.choose_products(engine)) if tastes else None
    sells = Sells(products, countries, tastes, launched, together)
    return Sold(
        habits.with_habits(engine, shop, sells) if has_departments else sells,
        tuple(Untold(f"{TOPIC}: {what}", reason) for what, reason in reasons.items() if reason),
    )


def count_homes(engine: Engine) -> Mapping[tuple[str, str | None], int]:
    """Return how many customers of each segment live in each country (None: unknown)."""
    rows = engine.rows(_QUERIES["homes"])
    return {(row["segment"], row["country"]): row["customer_count"] for row in rows}


def _size(homes: Mapping[tuple[str, str | None], int], segment: str) -> int:
    return sum(count for (name, _), count in homes.items() if name == segment)


def _groups(
    names: Sequence[str], homes: Mapping[tuple[str, str | None], int], countries: Countries | None
) -> affinity.Groups:
    """Return the segments, and the countries, that have customers enough for a claim."""
    rows = countries.rows if countries else ()
    return affinity.Groups(
        segments=tuple(name for name in names if _size(homes, name) >= FEWEST_CUSTOMERS),
        countries=tuple(row.country for row in rows if row.customer_count >= FEWEST_CUSTOMERS),
        homes=homes,
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """The last whole months, and as many before them; both empty where the data lack them."""

    now: tuple[date, ...] = ()
    before: tuple[date, ...] = ()

    @property
    def bounds(self) -> dict[str, date | None]:
        """Return where the months before begin, where those of now do, and where these end."""
        if not self.now:
            return dict.fromkeys(("before", "now", "until"))
        return {"before": self.before[0], "now": self.now[0], "until": next_month(self.now[-1])}


def find_trend(first_day: date, covered_until: date) -> Trend:
    """Return the last three whole months and the three before, if the data cover all six.

    `covered_until` is the first day that the data do not cover.
    """
    end = covered_until.replace(day=1)
    begins = [months_before(end, count) for count in range(2 * _TREND_MONTHS, 0, -1)]
    if begins[0] < first_day:
        return Trend()
    return Trend(now=tuple(begins[_TREND_MONTHS:]), before=tuple(begins[:_TREND_MONTHS]))


def tell_products(engine: Engine, trend: Trend) -> ProductSales | None:
    """Hold `products`, one row each, and return those that sell most; None where there are none."""
    engine.hold("products", _QUERIES["products"], **trend.bounds)
    total = engine.row(_QUERIES["all_products"]) | engine.row(_QUERIES["all_baskets"])
    if not total["order_count"]:
        return None
    rows = engine.rows(_QUERIES["best_products"], top_count=TOP_COUNT, fewest=FEWEST_CUSTOMERS)
    told = [_product(row, total, trend) for row in rows]
    favourites = (one for one in told if one.customer_count >= FEWEST_CUSTOMERS)
    return ProductSales(
        top=tuple(one for one, row in zip(told, rows, strict=True) if row["is_top"]),
        favourite=next(favourites, None),
        **{name: total[name] for name in _OF_ALL},
        quantity=_number(total["quantity"]),
        months_now=trend.now,
        months_before=trend.before,
        change=_change(total),
    )


def _product(row: Mapping[str, Any], total: Mapping[str, Any], trend: Trend) -> Product:
    is_new = bool(trend.before) and row["first_sold_on"] >= next_month(trend.before[0])
    quantity = row["quantity"]
    return Product(
        **{name: row[name] for name in _OF_PRODUCT},
        revenue_share=float(row["revenue"] / total["revenue"]),
        quantity=_number(quantity),
        quantity_share=None if quantity is None else float(quantity / total["quantity"]),
        quantity_rank=None if quantity is None else row["quantity_rank"],
        change=None if is_new else _change(row),
        is_new=is_new,
    )


def _number(quantity: Decimal | None) -> float | None:
    return None if quantity is None else float(quantity)


def _change(row: Mapping[str, Any]) -> float | None:
    """Return what revenue did, where both stretches hold enough lines to say."""
    if not row["revenue_before"] or min(row["lines_now"], row["lines_before"]) < FEWEST_ORDERS:
        return None
    return float((row["revenue_now"] - row["revenue_before"]) / row["revenue_before"])


def tell_countries(engine: Engine) -> Countries | None:
    """Hold `countries`, one row each and one for lines that name none; return the largest.

    None where there are not two. A customer with orders in two countries counts in both.
    """
    engine.hold("countries", _QUERIES["countries"])
    rows = engine.rows(_QUERIES["best_countries"], most=SHOWN_COUNTRIES)
    if len(rows) < 2:  # noqa: PLR2004  one country has none to be held against
        return None
    told = tuple(_country_sales(row) for row in rows)
    return Countries(told, rows[0]["country_count"], rows[0]["unplaced_revenue"], find_leader(told))


def untold_countries(engine: Engine) -> str:
    """Say why there are no countries to compare."""
    rows = engine.rows(_QUERIES["best_countries"], most=1)
    if rows:
        return f"all purchases that name a country name the same one, {rows[0]['country']}"
    return "the source names no country"


def _country_sales(row: Mapping[str, Any]) -> CountrySales:
    return CountrySales(
        **{name: row[name] for name in _OF_COUNTRY},
        share=row["revenue_share"],
        best_by_revenue=_best(row, "best_by_revenue"),
        best_by_quantity=_best(row, "best_by_quantity"),
        is_told=row["order_count"] >= FEWEST_ORDERS,
    )


def _best(row: Mapping[str, Any], key: str) -> BestProduct | None:
    if row[key] is None:
        return None
    return BestProduct(row[f"{key}_code"], row[f"{key}_name"], row[key], row[f"{key}_lines"])


def find_leader(rows: Sequence[CountrySales]) -> CountryLeader | None:
    """Return the product that is the best in most countries but the first, None below two.

    Of equals, that of the larger country. A product on one line of one order leads nowhere.
    """
    bests = [row.best_by_revenue for row in rows[1:] if row.is_told]
    leads = Counter((one.code, one.name) for one in bests if one and one.line_count > 1)
    if not leads:
        return None
    (code, name), count = leads.most_common(1)[0]
    return CountryLeader(code, name, count, len(bests)) if count > 1 else None
