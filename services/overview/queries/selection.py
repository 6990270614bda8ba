"""Which customers a list, a search or a facet is about, as SQL over the directory.

Written as text, because a search has to cost what it reads: the same shape of request gives the same text, which is
built, compiled and planned once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson
from sqlalchemy import RowMapping, TextClause, text

from overview.domain.filters import NONE, Filters, is_mark
from overview.domain.terms import MARK, MARK_RANK, RANKS, Token
from overview.domain.viewers import Viewer

Archived = Literal["no", "only", "any"]
Params = dict[str, Any]

COLUMN_OF = {
    "status": "status",
    "kind": "kind",
    "country": "country",
    "city": "city_key",
    "group": "group_id",
    "login": "login",
    "parent": "parent_id",
    "supply": "supply",
    "has": "has",
}
_IDS = {"group", "parent"}

ITEM_COLUMNS = "d.customer_id::text AS customer_id, d.group_id::text AS group_id, d.body, d.tag_ids"
# Of the rows `found` of a page: the names that are kept apart, because a group or tag is renamed in one place.
NAMES = """
    g.name AS group_name,
    CASE WHEN found.tag_ids <> '{}' THEN (
        SELECT array_agg(t.label ORDER BY t.place, t.id) FROM records t
        WHERE t.kind = 'tag' AND t.id = ANY (found.tag_ids) AND NOT t.removed) END AS tags
"""
GROUP = "LEFT JOIN groups g ON g.id = CAST(found.group_id AS uuid)"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which customers. A filter on the status says more than `archived` and replaces it."""

    filters: Filters
    viewer: Viewer
    archived: Archived = "no"
    tokens: Sequence[Token] | None = None  # None: no search; empty: a search that finds nothing

    @property
    def statuses(self) -> tuple[str, ...] | None:
        """The statuses selected, or None for all."""
        if "status" in self.filters:
            return self.filters["status"]
        return {"no": ("active",), "only": ("archived",), "any": None}[self.archived]

    @property
    def finds_nothing(self) -> bool:
        """Whether it is a search for nothing but punctuation."""
        return self.tokens is not None and not self.tokens


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on `directory d`, to be joined by AND, and their parameters."""

    conditions: tuple[str, ...]
    params: Params

    @property
    def sql(self) -> str:
        return " AND ".join(self.conditions) or "true"


def where(selection: Selection, *, tokens: bool = True, probed: bool = False) -> Where:
    """What a row of the directory has to satisfy; with `tokens=False` all but the search. `probed`: see `has_term`."""
    found, params = of_status(selection)
    for field, values in selection.filters.items():
        if is_mark(field) and not probed:
            found.append(_marked(f"marks{len(params)}", field, values, params))
        elif field != "status":
            found.append(of_field("d", field, values, params))
    if selection.finds_nothing:
        found.append("false")
    for place, token in enumerate(selection.tokens or () if tokens else ()):
        found.append(has_term(f"w{place}", token, selection.viewer, params, probed=probed))
    return Where(tuple(found), params)


def of_status(selection: Selection) -> tuple[list[str], Params]:
    """The condition on the status, or none, and its parameters."""
    if selection.statuses is None:
        return [], {}
    condition = "d.status = ANY (CAST(:statuses AS text[]))" if len(selection.statuses) > 1 else "d.status = :status"
    return [condition], {"statuses": list(selection.statuses), "status": selection.statuses[0]}


def of_field(alias: str, field: str, values: Sequence[str], params: Params) -> str:
    """Whether the row of `alias` satisfies a filter by what it holds itself."""
    if field == "has":
        params["of_has"] = list(values)
        return f"{alias}.has @> CAST(:of_has AS text[])"
    if is_mark(field):
        return _marked_in_row(alias, f"marks{len(params)}", field, values, params)
    return _any_of(f"{alias}.{COLUMN_OF[field]}", field, values, params)


def in_ranges(alias: str, name: str, token: Token, params: Params) -> str:
    """Whether the term of `alias` satisfies a word of the query."""
    for place, (low, high) in enumerate(token.ranges):
        params |= {f"{name}_{place}_low": low, f"{name}_{place}_high": high}
    ranges = [
        f"{alias}.term >= :{name}_{place}_low AND {alias}.term < :{name}_{place}_high"
        for place in range(len(token.ranges))
    ]
    if token.marks:
        params[f"{name}_marks"] = list(token.marks)
        ranges.append(f"{alias}.term = ANY (CAST(:{name}_marks AS text[]))")
    return f"({' OR '.join(ranges)})"


def in_ranks(alias: str, token: Token) -> str:
    """The ranks that the terms of a word have, which lead the index by which many customers are looked through."""
    ranks = (*RANKS, MARK_RANK) if token.marks else RANKS
    return f"{alias}.rank = ANY ('{{{','.join(map(str, ranks))}}}')"


def readable(alias: str, viewer: Viewer, params: Params) -> str:
    """What leaves out the terms by which the viewer does not find, as one more condition; empty where there are
    none."""
    conditions = []
    if viewer.finds_below is not None:
        params["finds_below"] = viewer.finds_below
        # Plus 0, because as a condition of the index by customer it makes PostgreSQL 18 expect a walk through ranks.
        # It would take the index by term instead, and look for one customer among all with the term.
        conditions.append(f" AND {alias}.field + 0 < :finds_below")
    if viewer.finds_not_by:
        params["finds_not_by"] = viewer.finds_not_by
        conditions.append(f" AND {alias}.field % 100 <> ALL (CAST(:finds_not_by AS integer[]))")
    return "".join(conditions)


def has_term(
    name: str, token: Token, viewer: Viewer, params: Params, customer: str = "d.customer_id", *, probed: bool = False
) -> str:
    """Whether the customer has a term that satisfies a word of the query. `probed`: looked up row by row, which suits
    the first few of many rows; otherwise PostgreSQL may join."""
    # One customer's terms have an index of their own, which ranks do not lead.
    how = f"{in_ranges(name, name, token, params)}{readable(name, viewer, params)}"
    how = f"{how} OFFSET 0" if probed else f"{in_ranks(name, token)} AND {how}"
    return f"EXISTS (SELECT 1 FROM terms {name} WHERE {name}.customer_id = {customer} AND {how})"  # noqa: S608


@lru_cache(maxsize=1024)
def statement(sql: str) -> TextClause:
    """The statement of a text, the same object each time."""
    return text(sql)


def item(row: Mapping[str, Any] | RowMapping, viewer: Viewer, **more: str) -> orjson.Fragment:
    """A customer as lists show it: the JSON that was made when its events arrived, with the names of its group and
    tags, which its own people do not see."""
    shown = not viewer.is_portal
    group = {"id": row["group_id"], "name": row["group_name"]} if row["group_id"] and shown else None
    read_now = orjson.dumps({"group": group, "tags": (shown and row["tags"]) or [], **more}).decode()
    return orjson.Fragment(f"{row['body'][:-1]},{read_now[1:]}")


# The location groups asked for with what is below them, since they form a tree.
BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM unnest(CAST(:of_location_group AS uuid[])) AS chosen (id)
        UNION
        SELECT r.id FROM records r JOIN below ON r.parent_id = below.id
        WHERE r.kind = 'location_group' AND NOT r.removed
    )
"""
_WITH_BELOW = f"ARRAY({BELOW} SELECT {{sign}} || 'location_group' || chr(58) || id FROM below)"  # noqa: S608  # our own names


def _marked(name: str, field: str, values: Sequence[str], params: Params) -> str:
    """Whether a customer has one of the marks, or, for NONE, none of that field: from the index of terms."""
    of_customer = f"FROM terms {name} WHERE {name}.customer_id = d.customer_id"
    named = [value for value in values if value != NONE]
    found = []
    if len(named) < len(values):
        params |= {f"{name}_low": f"{MARK}{field}:", f"{name}_high": f"{MARK}{field};"}
        stretch = f"{name}.term >= :{name}_low AND {name}.term < :{name}_high"
        found.append(f"NOT EXISTS (SELECT 1 {of_customer} AND {stretch})")
    if named:
        if field == "location_group":
            params["of_location_group"] = named
            terms = _WITH_BELOW.replace("{sign}", f"'{MARK}'")
        else:
            params[name] = [f"{MARK}{field}:{value}" for value in named]
            terms = f"CAST(:{name} AS text[])"
        found.append(f"EXISTS (SELECT 1 {of_customer} AND {name}.rank = {MARK_RANK} AND {name}.term = ANY ({terms}))")
    return f"({' OR '.join(found)})"


def _marked_in_row(alias: str, name: str, field: str, values: Sequence[str], params: Params) -> str:
    named = [value for value in values if value != NONE]
    found = []
    if len(named) < len(values):
        params[f"{name}_field"] = f"{field}:"
        found.append(f"NOT EXISTS (SELECT 1 FROM unnest({alias}.marks) AS m WHERE starts_with(m, :{name}_field))")  # noqa: S608
    if named and field == "location_group":
        params["of_location_group"] = named
        found.append(f"{alias}.marks && {_WITH_BELOW.replace('{sign}', chr(39) * 2)}")
    elif named:
        params[name] = [f"{field}:{value}" for value in named]
        found.append(f"{alias}.marks && CAST(:{name} AS text[])")
    return f"({' OR '.join(found)})"


def _any_of(column: str, field: str, values: Sequence[str], params: Params) -> str:
    kind = "uuid" if field in _IDS else "text"
    named = [value for value in values if value != NONE]
    found = []
    if len(named) < len(values):
        found.append(f"{column} IS NULL")
    if named:
        params |= {f"of_{field}": named[0] if len(named) == 1 else named}
        found.append(
            f"{column} = CAST(:of_{field} AS {kind})"
            if len(named) == 1
            else f"{column} = ANY (CAST(:of_{field} AS {kind}[]))"
        )
    return f"({' OR '.join(found)})"
