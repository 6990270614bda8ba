"""The tree of location groups, in which every property of a customer has its place."""

from overview.domain.nouns.noun import Noun

LOCATION_GROUP = Noun(
    entity="customer.location_group",
    verbs=("created", "updated", "deleted"),
    parent=lambda data: data["parent_id"],
)
