"""Words that name a tag also find the customers that carry it; the name stands once, on the tag."""

from dataclasses import replace

from sqlalchemy.orm import Session

from overview.domain.names import NOBODY
from overview.domain.terms import FIELDS, MARK
from overview.queries.selection import Selection, statement

_MOST = 20  # tags of one word


def with_tags(session: Session, selection: Selection) -> Selection:
    """The same search, in which each word also stands for the tags that it names. Tags are not for portals."""
    words = selection.tokens
    if not words or selection.viewer.is_portal:
        return selection
    asked = {
        "lows": [word.ranges[0][0] for word in words],
        "highs": [word.ranges[0][1] for word in words],
        "nobody": NOBODY,
        "field": FIELDS.index("tag"),
        "most": _MOST,
    }
    marks: dict[int, tuple[str, ...]] = {}
    for place, tag_ids in session.execute(_NAMED, asked):
        marks[place - 1] = tuple(f"{MARK}tag:{tag_id}" for tag_id in tag_ids)
    if not marks:
        return selection
    found = tuple(replace(word, marks=marks.get(place, ())) for place, word in enumerate(words))
    return replace(selection, tokens=found)


_NAMED = statement(
    """
    SELECT word.place, array_agg(DISTINCT named.source_id::text)
    FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) WITH ORDINALITY AS word (low, high, place)
    CROSS JOIN LATERAL (
        SELECT t.source_id FROM terms t
        WHERE t.customer_id = CAST(:nobody AS uuid) AND t.field % 100 = :field
          AND t.term >= word.low COLLATE "C" AND t.term < word.high COLLATE "C"
        LIMIT :most
    ) AS named
    GROUP BY word.place
    """
)
