"""Search by relevance: hits in the order of rank, term, name, straight from the index of terms.

The last word is a prefix; a page costs what it shows, not what matches. Of several hits of one customer the best
counts: a hit is left out where the same customer has a better one. Of several words the rarest leads, and the others
are looked up for each of its hits.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    ScalarSelect,
    Select,
    SmallInteger,
    Text,
    bindparam,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from common.paging import CursorInvalid, read_values, write_cursor
from common.web import Page
from overview.domain.terms import FIELDS, RANKS, Token
from overview.queries.directory import Selection, conditions, in_ranges, item
from overview.tables import directory, groups, terms

_COMMON = 2_000  # hits of a word from which on it is common: counting further would cost more than it tells

Position = tuple[int, int, str, str, str]  # leading word, rank, term, name, customer of the last hit shown


def hits(session: Session, selection: Selection, *, limit: int, cursor: str | None, scope: str) -> Page:
    """One page of hits, each with `matched_on`, the field of its best hit."""
    if not selection.tokens:
        return Page([])
    after = _position(read_values(cursor, scope), selection.tokens) if cursor else None
    leading = after[0] if after else _rarest(session, selection.tokens)
    rows = session.execute(_statement(selection, leading, after, limit)).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = write_cursor([leading, last["rank"], last["term"], last["by_name"], last["customer_id"]], scope)
    return Page([{**item(row), "matched_on": FIELDS[row["field"]]} for row in shown], following)


def _statement(selection: Selection, leading: int, after: Position | None, limit: int) -> Select[Any]:
    assert selection.tokens
    token = selection.tokens[leading]
    probe = _probe(token, after)
    hit = terms.alias("hit")
    wanted: list[ColumnElement[bool]] = [
        hit.c.rank == probe.c.rank,
        hit.c.term >= probe.c.low,
        hit.c.term < probe.c.high,
        ~_better(hit, token),
        *conditions(selection, tokens=False),
    ]
    if after:
        wanted.append(tuple_(hit.c.rank, hit.c.term, hit.c.sort_name, hit.c.customer_id) > _values(hit, after))
    for place, other in enumerate(selection.tokens):
        if place != leading:
            found = terms.alias(f"also_{place}")
            wanted.append(exists().where(found.c.customer_id == hit.c.customer_id, in_ranges(found, other)))
    order = (hit.c.rank, hit.c.term, hit.c.sort_name, hit.c.customer_id)
    by_rank = (
        select(hit.c.rank, hit.c.term, hit.c.sort_name.label("by_name"), hit.c.field, *directory.c)
        .join_from(hit, directory, directory.c.customer_id == hit.c.customer_id)
        .where(*wanted)
        .order_by(*order)
        .limit(limit + 1)
        .lateral("found")
    )
    return (
        select(*by_rank.c, groups.c.name.label("group_name"))
        .select_from(probe)
        .join(by_rank, literal(True))  # SQL's own true
        .outerjoin(groups, groups.c.id == by_rank.c.group_id)
        .order_by(by_rank.c.rank, by_rank.c.term, by_rank.c.by_name, by_rank.c.customer_id)
        .limit(limit + 1)
    )


def _probe(token: Token, after: Position | None) -> Any:
    """The stretches of the index to look at: each rank that is still to come, each range of the word."""
    first = after[1] if after else 0
    stretches = [(rank, low, high) for rank in RANKS if rank >= first for low, high in token.ranges]
    ranks, lows, highs = zip(*stretches, strict=True)
    return (
        func.unnest(
            bindparam("ranks", list(ranks), ARRAY(SmallInteger), unique=True),
            bindparam("lows", list(lows), ARRAY(Text), unique=True),
            bindparam("highs", list(highs), ARRAY(Text), unique=True),
        )
        .table_valued("rank", "low", "high", name="probe")
        .render_derived()
    )


def _better(hit: Any, token: Token) -> ColumnElement[bool]:
    better = terms.alias("better")
    return exists().where(
        better.c.customer_id == hit.c.customer_id,
        in_ranges(better, token),
        tuple_(better.c.rank, better.c.term, better.c.field, better.c.source_id)
        < tuple_(hit.c.rank, hit.c.term, hit.c.field, hit.c.source_id),
    )


def _rarest(session: Session, words: Sequence[Token]) -> int:
    if len(words) == 1:
        return 0
    found = list(session.execute(select(*(_bounded_count(word) for word in words))).one())
    # Among common words the longest is most likely the rarest.
    return min(range(len(words)), key=lambda place: (found[place], -len(words[place].ranges[0][0])))


def _bounded_count(word: Token) -> ScalarSelect[int]:
    rows = select(terms.c.rank).where(terms.c.rank.in_(RANKS), in_ranges(terms, word)).limit(_COMMON).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def _values(hit: Any, after: Position) -> Any:
    columns = (hit.c.rank, hit.c.term, hit.c.sort_name, hit.c.customer_id)
    return tuple_(*(literal(value, column.type) for value, column in zip(after[1:], columns, strict=True)))


def _position(values: Sequence[Any], words: Sequence[Token]) -> Position:
    match values:
        case [int(leading), int(rank), str(term), str(name), str(customer_id)] if leading < len(words):
            return leading, rank, term, name, customer_id
    raise CursorInvalid("The cursor belongs to another list; start again without one.")
