"""How common the words of a query are: what decides from which end a search begins."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from overview.domain.terms import Token
from overview.domain.viewers import Viewer
from overview.queries.selection import Params, in_ranges, in_ranks, readable, statement


def rarest(session: Session, words: Sequence[Token], *, most: int) -> tuple[int, int]:
    """The place of the word with the fewest hits, and how many it has; each is counted up to `most`."""
    params: Params = {"most": most}
    counts = [
        f"(SELECT count(*) FROM (SELECT 1 FROM terms t WHERE {in_ranks('t', word)}"  # noqa: S608  # our own names
        f" AND {in_ranges('t', f'word{place}', word, params)} LIMIT :most) AS counted)"
        for place, word in enumerate(words)
    ]
    found = session.execute(statement(f"SELECT {', '.join(counts)}"), params).one()
    # Among common words the longest is most likely the rarest.
    place = min(range(len(words)), key=lambda place: (found[place], -len(words[place].ranges[0][0])))
    return place, found[place]


def customers_of(word: Token, viewer: Viewer, params: Params) -> str:
    """An array of the customers that a word finds, as SQL. One that it finds by several terms is there several times:
    the index that is asked for the array's values sorts them anyway."""
    return (
        f"ARRAY(SELECT t.customer_id FROM terms t WHERE {in_ranks('t', word)}"  # noqa: S608  # our own names
        f" AND {in_ranges('t', 'word', word, params)}{readable('t', viewer, params)})"
    )
