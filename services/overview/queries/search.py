"""Search by relevance: hits in the order of rank, term, name, straight from the index of terms.

The last word is a prefix; a page costs what it shows, not what matches. Of several hits of one customer the best
counts: a hit is left out where the same customer has a better one. Of several words the rarest leads, and the others
are looked up for each of its hits. (`OFFSET 0` keeps PostgreSQL from turning those look-ups into joins of everything.)
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from common.paging import CursorInvalid, read_values, write_cursor
from common.web import Page
from overview.domain.terms import MARK_RANK, RANKS, Token, field_of
from overview.queries.selection import (
    GROUP,
    ITEM_COLUMNS,
    NAMES,
    Params,
    Selection,
    has_term,
    in_ranges,
    item,
    readable,
    statement,
    where,
)
from overview.queries.words import rarest

_COMMON = 2_000  # counting the hits of a word further would cost more than it tells

Position = tuple[int, int, str, str, str]  # leading word, rank, term, name, customer of the last hit shown


def hits(session: Session, selection: Selection, *, limit: int, cursor: str | None, scope: str, **more: str) -> Page:
    """One page of hits, each with `matched_on`, the field of its best hit, and with what `more` says of all of them;
    raises CursorInvalid."""
    if not selection.tokens:
        return Page([])
    after = _position(read_values(cursor, scope), selection.tokens) if cursor else None
    leading = after[0] if after else _leading(session, selection.tokens)
    sql, params = _hits(selection, leading, after)
    rows = session.execute(statement(sql), {**params, "limit": limit + 1}).mappings().all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor([leading, last["rank"], last["term"], last["by_name"], last["customer_id"]], scope)
    items = [item(row, selection.viewer, matched_on=field_of(row["field"]), **more) for row in rows[:limit]]
    return Page(items, following)


def _hits(selection: Selection, leading: int, after: Position | None) -> tuple[str, Params]:
    assert selection.tokens
    token = selection.tokens[leading]
    wanted = where(selection, tokens=False)
    params = {**wanted.params, **_stretches(token, after)}
    viewer = selection.viewer
    conditions = [
        "hit.rank = stretch.rank",
        'hit.term >= stretch.low COLLATE "C"',
        'hit.term < stretch.high COLLATE "C"',
        "NOT EXISTS (SELECT 1 FROM terms better WHERE better.customer_id = hit.customer_id"  # noqa: S608  # our own names
        f" AND {in_ranges('better', 'lead', token, params)}{readable('better', viewer, params)}"
        " AND (better.rank, better.term, better.field, better.source_id)"
        " < (hit.rank, hit.term, hit.field, hit.source_id) OFFSET 0)",
        f"true{readable('hit', viewer, params)}",
        *wanted.conditions,
    ]
    if after:
        conditions.append(
            "(hit.rank, hit.term, hit.sort_name, hit.customer_id)"
            " > (CAST(:after_rank AS smallint), :after_term, :after_name, CAST(:after_id AS uuid))"
        )
        params |= dict(zip(("after_rank", "after_term", "after_name", "after_id"), after[1:], strict=True))
    conditions += [
        has_term(f"w{place}", other, viewer, params, "hit.customer_id", probed=True)
        for place, other in enumerate(selection.tokens)
        if place != leading
    ]
    return _SQL.replace("{conditions}", " AND ".join(conditions)), params


# `stretch` lists the parts of the index to look at, in their order: each rank, and each range of terms that satisfies
# the word. The inner limit leaves the later ones alone once there is enough.
_SQL = f"""
    SELECT found.*, {NAMES}
    FROM (
        SELECT best.*
        FROM unnest(CAST(:ranks AS smallint[]), CAST(:lows AS text[]), CAST(:highs AS text[]))
             AS stretch (rank, low, high)
        CROSS JOIN LATERAL (
            SELECT hit.rank, hit.term, hit.sort_name AS by_name, hit.field, {ITEM_COLUMNS}
            FROM terms hit JOIN directory d ON d.customer_id = hit.customer_id
            WHERE {{conditions}}
            ORDER BY hit.rank, hit.term, hit.sort_name, hit.customer_id
            LIMIT :limit
        ) AS best
        LIMIT :limit
    ) AS found
    {GROUP}
    ORDER BY found.rank, found.term, found.by_name, found.customer_id
"""  # noqa: S608  # our own names


def _leading(session: Session, words: Sequence[Token]) -> int:
    return rarest(session, words, most=_COMMON)[0] if len(words) > 1 else 0


def _stretches(token: Token, after: Position | None) -> Params:
    first = after[1] if after else 0
    found = [(rank, low, high) for rank in RANKS for low, high in sorted(token.ranges)]
    found += [(MARK_RANK, mark, f"{mark}\x01") for mark in sorted(token.marks)]
    found = [stretch for stretch in found if stretch[0] >= first] or [(MARK_RANK, "", "")]
    ranks, lows, highs = zip(*found, strict=True)
    return {"ranks": list(ranks), "lows": list(lows), "highs": list(highs)}


def _position(values: Sequence[Any], words: Sequence[Token]) -> Position:
    match values:
        case [int(leading), int(rank), str(term), str(name), str(customer_id)] if 0 <= leading < len(words):
            return leading, rank, term, name, customer_id
    raise CursorInvalid("The cursor belongs to another list; start again without one.")
