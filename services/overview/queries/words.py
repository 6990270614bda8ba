"""How common the words of a query are: what decides from which end a search begins."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from overview.domain.terms import Token
from overview.queries.selection import Params, in_ranges, statement

COMMON = 2_000  # hits of a word from which on it is common: counting further would cost more than it tells

_IN_INDEX = "t.rank = ANY ('{0,1,2,3,4}')"


def rarest(session: Session, words: Sequence[Token]) -> tuple[int, int]:
    """The place of the word with the fewest hits, and how many it has, up to COMMON."""
    params: Params = {"common": COMMON}
    counts = [
        f"(SELECT count(*) FROM (SELECT 1 FROM terms t WHERE {_IN_INDEX}"  # noqa: S608  # our own names
        f" AND {in_ranges('t', f'word{place}', word, params)} LIMIT :common) AS counted)"
        for place, word in enumerate(words)
    ]
    found = session.execute(statement(f"SELECT {', '.join(counts)}"), params).one()
    # Among common words the longest is most likely the rarest.
    place = min(range(len(words)), key=lambda place: (found[place], -len(words[place].ranges[0][0])))
    return place, found[place]


def customers_of(session: Session, word: Token) -> list[str]:
    """The customers that a rare word finds."""
    params: Params = {}
    sql = (
        f"SELECT DISTINCT t.customer_id::text FROM terms t WHERE {_IN_INDEX}"  # noqa: S608  # our own names
        f" AND {in_ranges('t', 'word', word, params)}"
    )
    return list(session.execute(statement(sql), params).scalars())
