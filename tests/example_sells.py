# ruff: noqa: E501 - a row of figures stands on one line
"""What Online Retail sells: literal figures for the tests of the renderers.

UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012, DOI 10.24432/C5BW33) after the classic filters,
as of 10 December 2011; the lists are shortened.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import HOSTILE, HOSTILE_NAMES, example_report, hostile_report

from rfmreport.sections.products.figures import (
    Affinity,
    BestProduct,
    Countries,
    CountryLeader,
    CountrySales,
    FirstTakers,
    Launch,
    Launches,
    Preference,
    Preferences,
    Product,
    ProductSales,
    Sells,
    UptakeWeek,
)
from rfmreport.sections.products.pair_figures import Pair, Pairs

if TYPE_CHECKING:
    from rfmreport.report import Report

REVENUE, QUANTITY = Decimal("8761066.65"), 5157354.0
# code, name, first sold, revenue, pieces, orders, customers, ranks, change, new
_PRODUCTS = (
    ("23843", "PAPER CRAFT , LITTLE BIRDIE", "2011-12-09", "168469.6", 80995, 1, 1, 1, 1, None, True),
    ("22423", "REGENCY CAKESTAND 3 TIER", "2010-12-01", "142592.95", 12402, 1703, 881, 2, 45, 0.0737, False),
    ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "2010-12-01", "100603.5", 36782, 1978, 856, 3, 6, 0.3848, False),
    ("23166", "MEDIUM CERAMIC TOP STORAGE JAR", "2011-01-18", "81416.73", 77916, 195, 138, 5, 2, -0.2159, False),
    ("22502", "PICNIC BASKET WICKER SMALL", "2010-12-01", "47366.2", 1488, 234, 175, 9, 884, None, False),
    ("22197", "POPCORN HOLDER", "2010-12-01", "37226.43", 49183, 1035, 407, 15, 4, 0.9834, False),
    ("84077", "WORLD WAR 2 GLIDERS ASSTD DESIGNS", "2010-12-02", "13586.25", 54415, 472, 307, 118, 3, 0.9506, False),
)  # fmt: skip
# country, revenue, share, orders, customers, best by revenue, best by pieces
_COUNTRIES = (
    ("United Kingdom", "7265862.23", 0.8293, 16579, 3916, ("23843", "PAPER CRAFT , LITTLE BIRDIE", "168469.6", 1), ("23843", "PAPER CRAFT , LITTLE BIRDIE", "80995", 1)),
    ("Netherlands", "283889.34", 0.0324, 93, 9, ("23084", "RABBIT NIGHT LIGHT", "9568.48", 7), ("23084", "RABBIT NIGHT LIGHT", "4801", 7)),
    ("EIRE", "257296.56", 0.0294, 256, 3, ("22423", "REGENCY CAKESTAND 3 TIER", "7388.55", 64), ("22197", "POPCORN HOLDER", "1828", 34)),
    ("Germany", "205569.89", 0.0235, 443, 94, ("22423", "REGENCY CAKESTAND 3 TIER", "9061.95", 90), ("22326", "ROUND SNACK BOXES SET OF4 WOODLAND", "1233", 80)),
    ("Japan", "37416.37", 0.0043, 19, 8, ("23084", "RABBIT NIGHT LIGHT", "6100.32", 6), ("23084", "RABBIT NIGHT LIGHT", "3408", 6)),
)  # fmt: skip
# kind, group, code, name, customers, buyers, picks, expected, lift, low, high, p
_PREFERENCES = (
    ("segment", "High-Value", "23581", "JUMBO BAG PAISLEY PARK", 156, 230, 193, 106.63, 1.81, 1.35, 2.43, 2.9e-05),
    ("segment", "High-Value", "20725", "LUNCH BAG RED RETROSPOT", 279, 532, 812, 513.9, 1.58, 1.28, 1.96, 3.0e-05),
    ("segment", "Potential Loyalists", "21034", "REX CASH+CARRY JUMBO SHOPPER", 144, 480, 171, 80.66, 2.12, 1.61, 2.77, 1.5e-07),
    ("segment", "At-Risk", "22960", "JAM MAKING SET WITH JARS", 143, 573, 164, 106.49, 1.54, 1.23, 1.94, 0.0003),
    ("country", "Germany", "22326", "ROUND SNACK BOXES SET OF4 WOODLAND", 42, 281, 109, 10.38, 10.5, 6.83, 16.13, 2.3e-06),
    ("home", "Loyal Customers", "", "Germany", 31, 94, 31, 13.6, 2.28, 1.6, 3.25, 8.0e-06),
)  # fmt: skip
_LAUNCHES = (
    ("23581", "JUMBO BAG PAISLEY PARK", date(2011, 10, 25), (51, 94, 140, 177, 202, 226), "7827.28", 63.91, 56.1, (1.07, 6.92, 18.66), "faster"),
    ("23583", "LUNCH BAG PAISLEY PARK", date(2011, 10, 25), (45, 84, 132, 174, 200, 223), "4893.2", 63.07, 55.31, (1.07, 6.92, 18.66), "faster"),
    ("23503", "PLAYING CARDS KEEP CALM & CARRY ON", date(2011, 9, 22), (35, 74, 108, 132, 159, 177, 201, 223, 244, 262, 281), "4214.21", 48.45, 43.1, (0.59, 6.23, 15.55), "faster"),
)  # fmt: skip
_EARLIER = (
    (1, 1.0, 2.0, 7.0), (2, 1.0, 4.0, 14.0), (4, 2.0, 9.0, 25.0), (8, 2.0, 17.0, 45.0),
    (12, 2.0, 23.0, 64.0),
)  # fmt: skip
_TAKERS = (
    ("High-Value", 0.2088, 0.5101, 3363, 0.5881),
    ("Loyal Customers", 0.1230, 0.1706, 1064, 0.1861),
    ("Potential Loyalists", 0.2704, 0.2719, 1173, 0.2051),
    ("At-Risk", 0.1770, 0.0362, 100, 0.0175),
    ("Lost", 0.2208, 0.0112, 18, 0.0032),
)

_PAIRS = (
    ("22697", "GREEN REGENCY TEACUP AND SAUCER", "22698", "PINK REGENCY TEACUP AND SAUCER",
     458, 281, 0.66, 40.4, 11.35, 9.51, 13.54, 0.0),
    ("22727", "ALARM CLOCK BAKELIKE RED", "22726", "ALARM CLOCK BAKELIKE GREEN",
     528, 240, 0.60, 62.7, 8.42, 7.15, 9.92, 0.0),
)  # fmt: skip


def example_sells() -> Sells:
    """Return what the reference shop sells."""
    preferences = tuple(Preference(*row) for row in _PREFERENCES)
    top = tuple(_product(row) for row in _PRODUCTS)
    return Sells(
        products=ProductSales(
            top=top,
            product_count=3659,
            revenue=REVENUE,
            quantity=QUANTITY,
            order_count=18402,
            customer_count=4334,
            unnamed_revenue=Decimal(0),
            months_now=(date(2011, 9, 1), date(2011, 10, 1), date(2011, 11, 1)),
            months_before=(date(2011, 6, 1), date(2011, 7, 1), date(2011, 8, 1)),
            change=0.6395,
            favourite=top[1],
        ),
        pairs=Pairs(150, 18402, 11_175, 1065, tuple(Pair(*row) for row in _PAIRS)),
        countries=Countries(
            tuple(_country(row) for row in _COUNTRIES),
            37,
            Decimal(0),
            CountryLeader("22423", "REGENCY CAKESTAND 3 TIER", 2, 3),
        ),
        affinity=Affinity(
            500,
            Preferences(preferences[:4], 2500, 6),
            Preferences(preferences[4:5], 2000, 3),
            Preferences(preferences[5:], 20, 2),
        ),
        launches=Launches(
            days=90,
            launch_count=226,
            told_count=41,
            fewest_weeks=4,
            earlier_count=570,
            shown=tuple(
                Launch(code, name, day, weeks, Decimal(revenue), *rest)
                for code, name, day, weeks, revenue, *rest in _LAUNCHES
            ),
            earlier=tuple(UptakeWeek(week, 570, *quartiles) for week, *quartiles in _EARLIER),
            takers=tuple(FirstTakers(*row) for row in _TAKERS),
            taker_count=5718,
        ),
    )


def _hostile(preferences: Preferences) -> Preferences:
    told = (replace(one, group=HOSTILE_NAMES[1], name=HOSTILE) for one in preferences.told)
    return replace(preferences, told=tuple(told))


def _product(row: tuple) -> Product:
    code, name, day, revenue, quantity, orders, customers, rank, place, change, is_new = row
    return Product(
        code=code,
        name=name,
        first_sold_on=date.fromisoformat(day),
        revenue=Decimal(revenue),
        revenue_share=float(Decimal(revenue) / REVENUE),
        quantity=float(quantity),
        quantity_share=quantity / QUANTITY,
        order_count=orders,
        customer_count=customers,
        revenue_rank=rank,
        quantity_rank=place,
        change=change,
        is_new=is_new,
    )


def _country(row: tuple) -> CountrySales:
    name, revenue, share, orders, customers, *best = row
    by_revenue, by_quantity = (
        BestProduct(code, title, Decimal(amount), lines) for code, title, amount, lines in best
    )
    return CountrySales(
        name, Decimal(revenue), share, orders, customers, by_revenue, by_quantity, orders >= 30
    )


def sells_report() -> Report:
    """Return the report of the reference shop, with what it sells."""
    return replace(example_report(), sells=example_sells())


def hostile_sells_report() -> Report:
    """Return a report whose products and countries try to break out of their places."""
    sells = example_sells()
    bad = BestProduct(HOSTILE, HOSTILE_NAMES[0], Decimal(1), 9)
    return replace(
        hostile_report(),
        sells=replace(
            sells,
            products=replace(
                sells.products,
                top=tuple(
                    replace(one, name=HOSTILE_NAMES[i % 5], code=HOSTILE)
                    for i, one in enumerate(sells.products.top)
                ),
                favourite=replace(sells.products.favourite, name=HOSTILE),
            ),
            pairs=replace(
                sells.pairs,
                told=tuple(
                    replace(one, name=HOSTILE, other_name=HOSTILE_NAMES[i])
                    for i, one in enumerate(sells.pairs.told)
                ),
            ),
            countries=Countries(
                tuple(
                    replace(row, country=HOSTILE_NAMES[i % 5], best_by_revenue=bad,
                            best_by_quantity=bad)
                    for i, row in enumerate(sells.countries.rows)
                ),
                37,
                Decimal(5),
                CountryLeader(HOSTILE, HOSTILE_NAMES[0], 3, 4),
            ),
            affinity=replace(
                sells.affinity,
                segments=_hostile(sells.affinity.segments),
                homes=_hostile(sells.affinity.homes),
            ),
            launches=replace(
                sells.launches,
                shown=tuple(
                    replace(one, name=HOSTILE_NAMES[i]) for i, one in
                    enumerate(sells.launches.shown)
                ),
                takers=tuple(
                    replace(one, segment=HOSTILE_NAMES[i]) for i, one in
                    enumerate(sells.launches.takers)
                ),
            ),
        ),
    )  # fmt: skip
