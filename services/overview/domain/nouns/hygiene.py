"""Merges, pairs that are no duplicates, and imports: what happened to customers, of which no record is shown."""

from overview.domain.nouns.noun import Noun

MERGE = Noun(
    entity="customer.customer",
    verbs=("merged", "unmerged"),
    kept=False,
    label=lambda data: str(data["survivor"]["name"]),
    also=lambda data: [loser["id"] for loser in data["losers"]],
)

DUPLICATE = Noun(
    entity="customer.duplicate",
    verbs=("dismissed",),
    kept=False,
    said=lambda data: data.get("reason"),
    also=lambda data: [data["first_id"], data["second_id"]],
)

NOUNS = (MERGE, DUPLICATE)
