"""Tables that belong together: which holds the lines, and what stands in others by a shared key.

A table is put beside the lines only where each key stands in it once, so no line, and no money, is
ever counted twice.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.engine.ask import read_queries
from rfmreport.errors import InputError
from rfmreport.source.columns.roles import CUSTOMERS, map_columns
from rfmreport.source.columns.words import kind_of
from rfmreport.source.evidence import Decision
from rfmreport.source.files.keys import (
    PART_NUMBER,
    Group,
    Link,
    is_whole,
    key_sql,
    keys_between,
    kind_of_key,
    roles_of,
    said_keys,
    weigh,
)
from rfmreport.source.files.parts import quoted
from rfmreport.vocabulary import VIEW_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
_ENOUGH_MATCH, _SAME_PEOPLE, _FEW = 0.5, 0.9, 0.02
_GIVEN_BY: Mapping[str, tuple[str, ...]] = {
    "order": ("date", "status", "country", "order"),
    "customer_id": ("country",),
    "customer_email": ("country",),
    "product": ("product_name",),
    "": (),
}
"""What is wanted of a table by whose its rows are, besides who the customer is."""
_NOT_SO = "('no', 'n', 'false', '0', '')"


@dataclass(frozen=True)
class Linked:
    """Lines with what stands beside them: the columns, their query, and what was decided."""

    lines: Group
    joined: tuple[Group, ...]
    columns: Mapping[str, str]
    tables: str
    roles: Mapping[str, str]
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]

    @property
    def query(self) -> str:
        """Return the query of the lines, in their order."""
        columns = ", ".join(f"{what} AS {quoted(name)}" for name, what in self.columns.items())
        if len(self.lines.parts) > 1:
            columns += f", t0.{quoted(VIEW_PART)}"
        order = f"ORDER BY t0.{PART_NUMBER}, t0.file_row_number"
        return f"SELECT {columns} FROM {self.tables} {order}"  # noqa: S608  quoted


def may_belong_together(groups: Sequence[Group]) -> bool:
    """Say whether headings let a table hang on another, or the user says so."""
    pairs = ((one, other) for one in groups for other in groups if one is not other)
    return any(g.said for g in groups) or any(any(keys_between(*pair)) for pair in pairs)


def link_tables(
    engine: Engine, groups: Sequence[Group], chosen: Mapping[str, str]
) -> Linked | None:
    """Find the lines, and put beside them what the report needs and what the user named.

    None where the tables do not belong together: they are one below the other, then.

    Raises:
        InputError: a table that is named has no key, or would repeat lines and their money; some
            hold the same orders, others do not.
    """
    lines = _lines_of(groups, chosen)
    linking = _Linking(engine, lines, chosen)
    rest = [group for group in groups if group is not lines]
    while found := next((link for group in rest if (link := linking.link(group))), None):
        linking.join(found)
        rest.remove(found.other)
    _refuse_repeating(linking, rest)
    whole = [group for group in rest if is_whole(group.headings, chosen)]
    same = [group for group in whole if linking.holds_same(group)]
    related = [g for g in rest if g in same or (g not in whole and linking.is_related(g))]
    if not linking.joined and all(group.is_beside for group in related):
        return None
    _refuse_strangers(lines, [g for g in rest if not g.is_beside and g not in related])
    left = (linking.left_out(g, is_same=g in same) for g in rest if not g.is_beside)
    told = (linking.roles, tuple(linking.decisions), (*linking.findings, *left))
    return Linked(lines, tuple(linking.joined), linking.columns, linking.tables, *told)


def has_money(group: Group) -> bool:
    """Say whether a table says what was paid."""
    return any(group.known[role] for role in ("amount", "unit_price", "order_total"))


def _lines_of(groups: Sequence[Group], chosen: Mapping[str, str]) -> Group:
    """Return the table with the lines: most that is said of a line, then the longest."""

    def likeness(group: Group) -> tuple[bool, bool, int, bool, int]:
        known = group.known
        has_product = any(known[role] for role in ("product", "product_name"))
        told = sum((has_product, bool(known["quantity"]), bool(known["unit_price"])))
        of_orders = bool(known["order"] or known["quantity"])
        whole = is_whole(group.headings, chosen)
        return has_money(group), of_orders, told, whole, group.row_count

    return max(groups, key=likeness)


def _refuse_strangers(lines: Group, rest: Sequence[Group]) -> None:
    """Refuse to leave out what may be orders of its own."""
    for group in rest:
        if group.known["date"] and has_money(group):
            message = (
                f"{group.name}: may hold other orders than {lines.title}, which other "
                "tables were joined with; build a report from each by itself"
            )
            raise InputError(message)


class _Linking:
    """The lines, and what was put beside them so far."""

    def __init__(self, engine: Engine, lines: Group, chosen: Mapping[str, str]) -> None:
        self.engine, self.lines, self.chosen = engine, lines, chosen
        self.names: dict[str, str] = {lines.name: "t0"}
        self.groups, self.joined = [lines], list[Group]()
        self.columns = {heading: f"t0.{quoted(heading)}" for heading in lines.headings}
        self.tables = f"({lines.scan}) AS t0"
        self.roles = dict(chosen)
        self.decisions: list[Decision] = []
        self.findings: list[Finding] = []
        self.is_whole = is_whole(lines.headings, chosen)
        self._weighed: dict[tuple[str, str, str, str], Link] = {}

    @property
    def roles_there(self) -> Mapping[str, tuple[str, ...]]:
        """Return which of the columns that are there may play each role."""
        return roles_of(tuple(self.columns), self.chosen)

    def weighed(self, group: Group) -> Iterator[Link]:
        """Yield the ways in which a table might hang on what is there, weighed by its values."""
        for ours in self.groups:
            for pair in [on] if (on := said_keys(group.said)) else keys_between(ours, group):
                if pair[0] in ours.headings and pair[1] in group.headings:
                    key = (ours.name, pair[0], group.name, pair[1])
                    if key not in self._weighed:
                        self._weighed[key] = weigh(self.engine, ours, pair[0], group, pair[1])
                    yield self._weighed[key]

    def link(self, group: Group) -> Link | None:
        """Return how a table hangs on what is there, where it is wanted and repeats nothing."""
        both_are_whole = is_whole(self.lines.headings, self.chosen) and is_whole(
            group.headings, self.chosen
        )
        if both_are_whole and not group.said and not self.holds_same(group):
            return None  # an export of its own, which may hold other orders
        links = [link for link in self.weighed(group) if link.is_to_one or self.is_list(link)]
        best = max(links, key=lambda link: link.found_count, default=None)
        if best is None:
            return None
        if self.is_list(best):
            return best if best.found_key_count >= _ENOUGH_MATCH * best.key_count else None
        is_sure = best.found_count >= _ENOUGH_MATCH * best.line_count or (
            group.said and best.found_count
        )
        return best if is_sure and (group.said or self.gives(best)) else None

    def is_related(self, group: Group) -> bool:
        """Say whether most of a table's keys, or of ours, stand in the other."""
        return any(
            link.found_count >= _ENOUGH_MATCH * link.line_count
            or link.found_key_count >= _ENOUGH_MATCH * link.key_count
            for link in self.weighed(group)
            if link.found_count
        )

    def gives(self, link: Link) -> list[str]:
        """Return the headings of a table that say what is wanted and not there yet.

        Of an order all is wanted where the lines lack what a report needs: discounts, too.
        """
        called = {link.other.called(h): h for h in link.other.headings if h != link.its_key}
        known, have = roles_of(tuple(called), self.chosen), self.roles_there
        kind = kind_of_key(link)
        lacks_people = not any(have[role] for role in CUSTOMERS)
        says_people = any(known[role] for role in CUSTOMERS)
        says_needed = (lacks_people and says_people) or (not have["date"] and known["date"])
        if kind == "order" and not self.is_whole and says_needed:
            return list(called.values())
        roles = [role for role in _GIVEN_BY[kind] if not have[role]]
        if kind != "product" and lacks_people:
            roles += CUSTOMERS
        wanted = [name for role in roles for name in known[role]]
        if kind == "customer_id":  # who stands behind an id that is new with every order
            wanted += known["customer_id"]
        wanted += [h for h in self.chosen.values() if h in called and h not in self.columns]
        return list(dict.fromkeys(called[name] for name in wanted))

    def is_list(self, link: Link) -> bool:
        """Say whether a table lists orders that came to nothing: its name or a heading says so."""
        known, other = link.other.known, link.other
        more = (
            "amount",
            "unit_price",
            "order_total",
            "refund",
            "quantity",
            "product",
            "customer_id",
        )
        says = [_is_undone(other.title)]
        says += [_is_undone(h) and not known["date"] for h in other.headings]
        return any(says) and kind_of_key(link) == "order" and not any(known[role] for role in more)

    def join(self, link: Link) -> None:
        """Put a table beside what is there."""
        group, name, is_list = link.other, f"t{len(self.groups)}", self.is_list(link)
        taken = list(group.headings) if group.said else self.gives(link)
        taken = [] if is_list else self._without_money(link, taken)
        columns = "".join(f", {quoted(heading)}" for heading in taken)
        rows = f"SELECT DISTINCT {key_sql(link.its_key)} AS link{columns} FROM ({group.scan})"  # noqa: S608
        rows += f" WHERE link IS NOT NULL{_is_undone_there(group) if is_list else ''}"
        our_key = key_sql(link.our_key, self.names[link.ours.name])
        self.tables += f" LEFT JOIN ({rows}) AS {name} ON {our_key} = {name}.link"
        if is_list:
            self._add_returned(name)
        named = {self._untaken(heading, group): heading for heading in taken}
        self.columns |= {new: f"{name}.{quoted(old)}" for new, old in named.items()}
        if kind_of_key(link) == "order" and not self.roles_there["order"]:
            self.roles.setdefault("order", link.our_key)
        self.names[group.name] = name
        self.groups.append(group)
        self.joined.append(group)
        self.is_whole = is_whole(tuple(self.columns), self.chosen)
        said = ", ".join(named) or "says which orders were returned"
        said += f"; by {link.our_key} = {link.its_key}"
        self._tell_unmatched(link)
        evidence = link.evidence_of_list if is_list else link.evidence
        option = shlex.join(["--join", group.said]) if group.said else ""
        self.decisions.append(Decision(f"join of {group.title}", said, evidence, option))

    def _without_money(self, link: Link, taken: Sequence[str]) -> list[str]:
        """Leave out the key, and what might be taken for the money of a line.

        An order's total would stand on each of its lines; where these have a price and a quantity,
        it shows whether discounts are in it.
        """
        roles, lines = ["amount", "unit_price", "quantity"], self.lines.known
        if not (lines["quantity"] and lines["unit_price"]):
            roles.append("order_total")
        money = {heading for role in roles for heading in link.other.known[role]}
        return [heading for heading in taken if heading not in money | {link.its_key}]

    def _tell_unmatched(self, link: Link) -> None:
        """Say how many lines find no order, and how many orders no line."""
        ours, other = link.ours.title, link.other.title
        missing = link.line_count - link.found_count
        without = link.key_count - link.found_key_count
        if kind_of_key(link) != "order" or self.is_list(link) or not (missing or without):
            return
        told = []
        if missing:
            told.append(
                f"{missing:,} of {link.line_count:,} lines of {ours} find no row in {other}"
            )
        if without:
            told.append(f"{without:,} of {link.key_count:,} rows of {other} have no line in {ours}")
        text = f"{'; '.join(told)}."
        self.findings.append(Finding("join", "warning" if missing else "note", text))

    def _add_returned(self, name: str) -> None:
        heading = next(iter(self.roles_there["status"]), "status")
        before = self.columns.get(heading, "NULL")
        self.columns[heading] = f"CASE WHEN {name}.link IS NULL THEN {before} ELSE 'returned' END"

    def _untaken(self, heading: str, group: Group) -> str:
        taken = {name.casefold() for name in self.columns}
        named = group.called(heading)
        named = named if named.casefold() not in taken else f"{group.title}.{heading}"
        while named.casefold() in taken:
            named += "_1"
        return named

    def holds_same(self, group: Group) -> bool:
        """Say whether a table holds the same orders of the same customers in other rows.

        Where they have as many rows, it is an export that overlaps: copies are found line by line.

        Raises:
            InputError: it holds others as well.
        """
        if not is_whole(self.lines.headings, self.chosen):
            return False
        for name, one in (("link_ours", self.lines), ("link_theirs", group)):
            said = {r: h for r, h in self.chosen.items() if h in one.headings}
            columns = map_columns(one.headings, said)
            if columns.order is None:
                return False
            keys = f"{key_sql(columns.order)} AS link, {key_sql(columns.customer)} AS person"
            self.engine.define(name, f"SELECT {keys} FROM ({one.scan})")  # noqa: S608  quoted
        found = self.engine.row(_QUERIES["same_orders"])
        shared, order_count = found["shared_count"], found["order_count"]
        is_another_grain = found["other_count"] > _FEW * shared
        if not shared or not is_another_grain or found["same_count"] < _SAME_PEOPLE * shared:
            return False
        if shared < (1 - _FEW) * order_count:
            message = (
                f"{group.name}: {shared:,} of its {order_count:,} orders stand in "
                f"{self.lines.title} as well, with other rows; build a report from each by itself"
            )
            raise InputError(message)
        return True

    def left_out(self, group: Group, *, is_same: bool) -> Finding:
        """Say of a table that it was not read, and why."""
        severity: Literal["note", "warning"] = "warning"
        why = "no key of it is found in the others"
        if self.is_related(group):
            severity = "note"
            why = "nothing of it is needed; --join puts it beside the lines"
        if is_same:
            why = f"it holds the orders of {self.lines.title} once more"
        repeating = (link for link in self.weighed(group) if not link.is_to_one)
        found = next((link for link in repeating if link.found_count), None)
        if found:
            why = found.objection
        text = f"{group.title} ({group.row_count:,} rows) was left out: {why}."
        return Finding("tables-unread", severity, text)


def _refuse_repeating(linking: _Linking, rest: Sequence[Group]) -> None:
    """Refuse what is named, or what the report cannot be without, where it cannot be joined."""
    for group in rest:
        links = sorted(linking.weighed(group), key=lambda link: -link.found_count)
        found = next((link for link in links if link.found_count), None)
        is_needed = found and not linking.is_whole and linking.gives(found)
        if found and (group.said or (is_needed and not group.is_beside)):
            message = f"{group.name}: {found.objection}; join a table that has each once"
            raise InputError(message)
        if group.said:
            message = (
                f"--join {group.title}: no column of it is found in {linking.lines.title} by name "
                f"and value; say which with --join {group.title}:OURS=ITS"
            )
            raise InputError(message)


def _is_undone(word: str) -> bool:
    return kind_of(word.removesuffix("s"), ("cancelled", "refunded")) is not None


def _is_undone_there(group: Group) -> str:
    """Return the condition that a row of a list does not say that the order stands."""
    told = (f"lower(trim(CAST({quoted(h)} AS VARCHAR)))" for h in group.headings if _is_undone(h))
    return "".join(f" AND coalesce({text}, '') NOT IN {_NOT_SO}" for text in told)
