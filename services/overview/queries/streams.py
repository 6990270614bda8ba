"""Customers in the order of their names straight from the index of terms: those with a mark, or that a word finds.

Under one term the index holds its customers in the order of their names, so that a page costs what it shows, however
many customers there are. A filter or word with several terms is several such streams, merged by the statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from overview.domain.filters import NONE, is_mark
from overview.domain.terms import MARK, MARK_RANK, RANKS, Token
from overview.domain.viewers import Viewer
from overview.queries.selection import BELOW, Params, Selection, readable, statement

_MOST = 1_000  # streams; beyond, collecting the customers and sorting them is cheaper
_NAME_LENGTH = 32  # how much of a name the index holds
_TREE = "location_group"  # whose values hold what is below them
_NARROW = frozenset(("parent", "group", "city"))  # filters with an index of their own, which may leave few


@dataclass(frozen=True, slots=True)
class Streams:
    """Terms of the index, each the beginning of a stream, and what is asked of a customer besides."""

    ranks: Sequence[int]
    terms: Sequence[str]
    viewer: Viewer

    def ids(self, conditions: str, after: str | None, direction: str, params: Params) -> str:
        """SQL of the customers that can be among the next `:limit` behind the name `after`; `conditions` are on
        `directory d`."""
        params |= {"stream_ranks": list(self.ranks), "stream_terms": list(self.terms)}
        rows = self._rows(conditions, after, direction, params)
        if len(self.terms) > 1:
            return _PAGE_OF_MANY[direction].replace("{rows}", rows)
        return _PAGE.replace("{rows}", f"{rows} ORDER BY t.sort_name {direction}")

    def _rows(self, conditions: str, after: str | None, direction: str, params: Params) -> str:
        """SQL of what a `stream` holds behind the name. A customer with a term twice counts once: a page must not fill
        up with it."""
        beyond = ""
        if after is not None:
            params["stream_from"] = after[:_NAME_LENGTH]
            beyond = f" AND t.sort_name {'>=' if direction == 'asc' else '<='} :stream_from"
        return f"""
            SELECT t.customer_id, t.sort_name
            FROM terms t JOIN directory d ON d.customer_id = t.customer_id
            WHERE t.rank = stream.rank AND t.term = stream.term{beyond}{readable("t", self.viewer, params)}
              AND NOT EXISTS (
                  SELECT 1 FROM terms other
                  WHERE other.customer_id = t.customer_id AND other.term = t.term AND other.rank = t.rank
                    {readable("other", self.viewer, params)}
                    AND (other.field, other.source_id) < (t.field, t.source_id) OFFSET 0)
              AND {conditions}
        """  # noqa: S608  # our own names


_STREAMS = "unnest(CAST(:stream_ranks AS smallint[]), CAST(:stream_terms AS text[])) AS stream (rank, term)"

# Names that only differ behind what the index holds come all (WITH TIES), and are put in order outside.
_PAGE = f"""
    SELECT near.customer_id FROM {_STREAMS} CROSS JOIN LATERAL ({{rows}} FETCH FIRST :limit ROWS WITH TIES) AS near
"""  # noqa: S608  # our own names

# The first customer of each stream tells where the page ends at the latest: at the `:limit`th of them. So few streams
# are read any further, and those no further than that.
_PAGE_OF_MANY = {
    direction: f"""
    WITH heads AS MATERIALIZED (
        SELECT stream.rank, stream.term, head.customer_id, head.sort_name
        FROM {_STREAMS} CROSS JOIN LATERAL ({{rows}} ORDER BY t.sort_name {direction} LIMIT 1) AS head
    ), page_end AS MATERIALIZED (
        SELECT coalesce((
            SELECT sort_name FROM (SELECT DISTINCT sort_name, customer_id FROM heads) AS firsts
            ORDER BY sort_name {direction} OFFSET :limit - 1 LIMIT 1), {last}) AS name
    )
    SELECT near.customer_id
    FROM (SELECT * FROM heads WHERE sort_name {before} (SELECT name FROM page_end)) AS stream
    CROSS JOIN LATERAL (
        {{rows}} AND t.sort_name {before} (SELECT name FROM page_end)
        ORDER BY t.sort_name {direction} FETCH FIRST :limit ROWS WITH TIES
    ) AS near
    """  # noqa: S608  # our own names
    for direction, before, last in (("asc", "<=", "chr(1114111)"), ("desc", ">=", "''"))
}


def of_marks(session: Session, selection: Selection) -> tuple[str, Streams] | None:
    """The filter whose customers can be read in the order of their names, and their streams; None where there is
    none, or where another filter is likely to leave fewer."""
    if selection.filters.keys() & _NARROW:
        return None
    for field, values in selection.filters.items():
        if is_mark(field) and NONE not in values:
            chosen = _with_below(session, values) if field == _TREE else list(values)
            if len(chosen) <= _MOST:
                terms = [f"{MARK}{field}:{value}" for value in chosen]
                return field, Streams([MARK_RANK] * len(terms), terms, selection.viewer)
    return None


def of_word(session: Session, word: Token, viewer: Viewer) -> Streams | None:
    """The streams of a word; None where it has too many terms."""
    params: Params = {"ranks": list(RANKS), "most": _MOST}
    lows, highs = zip(*word.ranges, strict=True)
    params |= {"lows": list(lows), "highs": list(highs)}
    found = [(row.rank, row.term) for row in session.execute(_TERMS, params)]
    found += [(MARK_RANK, mark) for mark in word.marks]
    if len(found) >= _MOST:
        return None
    ranks, terms = zip(*dict.fromkeys(found), strict=True) if found else ((), ())
    return Streams(ranks, terms, viewer)


def _with_below(session: Session, values: Sequence[str]) -> list[str]:
    return list(session.execute(_BELOW, {"of_location_group": list(values), "most": _MOST + 1}).scalars())


# From each term to the next one that differs: the index is entered once for each, however many customers it has.
_TERMS = statement(
    """
    SELECT found.rank, found.term
    FROM unnest(CAST(:ranks AS smallint[])) AS ranked (rank)
    CROSS JOIN unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS stretch (low, high)
    CROSS JOIN LATERAL (
        WITH RECURSIVE each (rank, term) AS (
            (SELECT t.rank, t.term FROM terms t
             WHERE t.rank = ranked.rank AND t.term >= stretch.low COLLATE "C" AND t.term < stretch.high COLLATE "C"
             ORDER BY t.rank, t.term LIMIT 1)
            UNION ALL
            SELECT following.rank, following.term FROM each
            CROSS JOIN LATERAL (
                SELECT t.rank, t.term FROM terms t
                WHERE t.rank = each.rank AND t.term > each.term AND t.term < stretch.high COLLATE "C"
                ORDER BY t.rank, t.term LIMIT 1
            ) AS following
        )
        SELECT rank, term FROM each LIMIT :most
    ) AS found
    LIMIT :most
    """
)
_BELOW = statement(f"{BELOW} SELECT id::text FROM below LIMIT :most")  # noqa: S608  # our own names
