"""The nouns of the owners that are shown by declaration; a new one is a file here and a line below."""

from collections.abc import Mapping

from overview.domain.nouns import rules
from overview.domain.nouns.location_groups import LOCATION_GROUP
from overview.domain.nouns.noun import Noun
from overview.domain.nouns.properties import ASSIGNMENT, MOVE, PROPERTY

ALL: tuple[Noun, ...] = (ASSIGNMENT, LOCATION_GROUP, MOVE, PROPERTY, *rules.NOUNS)

NOUNS: Mapping[str, Noun] = {noun.entity: noun for noun in ALL}
SECTIONS: Mapping[str, Noun] = {noun.section: noun for noun in ALL if noun.section}


def noun_of(event_type: str) -> Noun | None:
    """The noun that an event is about, where it is declared here."""
    return NOUNS.get(event_type.rsplit(".", 2)[0])
