"""The nouns of the owners that are shown by declaration; a new one is declared in a file here that `ALL` names."""

from collections.abc import Mapping

from overview.domain.nouns import (
    automation,
    billing,
    claims,
    dealings,
    hygiene,
    inventory,
    limits,
    offers,
    orders,
    purchase_orders,
    rules,
    selling,
    structure,
    supplies,
    systems,
)
from overview.domain.nouns.files import EXPIRING, EXPORT, FILE
from overview.domain.nouns.location_groups import LOCATION_GROUP
from overview.domain.nouns.notes import NOTE
from overview.domain.nouns.noun import Noun
from overview.domain.nouns.properties import ASSIGNMENT, MOVE, PROPERTY

ALL: tuple[Noun, ...] = (
    *(ASSIGNMENT, LOCATION_GROUP, MOVE, PROPERTY, NOTE, FILE, EXPIRING, EXPORT),
    *rules.NOUNS,
    *hygiene.NOUNS,
    *structure.NOUNS,
    *systems.NOUNS,
    *orders.NOUNS,
    *offers.NOUNS,
    *dealings.NOUNS,
    *limits.NOUNS,
    *claims.NOUNS,
    *supplies.NOUNS,
    *inventory.NOUNS,
    *selling.NOUNS,
    *purchase_orders.NOUNS,
    *billing.NOUNS,
    *automation.NOUNS,
)

BY_TYPE: Mapping[str, Noun] = {event_type: noun for noun in ALL for event_type in noun.types}
SECTIONS: Mapping[str, Noun] = {noun.section: noun for noun in ALL if noun.section}


def noun_of(event_type: str) -> Noun | None:
    """The noun that an event is about, where it is declared here."""
    return BY_TYPE.get(event_type)
