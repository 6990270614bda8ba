"""Events of merges: what became one, and what is apart again."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Record, types_of

MergeVerb = Literal["merged", "unmerged"]

PUBLISHES = types_of("customer", ("merged", "unmerged"))


def merge(verb: MergeVerb, record: Record, *, login_of: str | None = None) -> Draft:
    """A merge, or its end, in the order of the survivor's events. `id_map` leads from the ids of the losers to the
    survivor's; `archive_ids` name the archives that the merge made of active losers; `login_of` is the customer whose
    own login stays the customer's login."""
    survivor, losers = record["survivor"], record["losers"]
    named = ("id", "number", "name")
    data = {
        "id": record["id"],
        "survivor": {name: survivor["after"][name] for name in named},
        "losers": [{name: loser["before"][name] for name in named} for loser in losers],
        "id_map": {loser["before"]["id"]: record["customer_id"] for loser in losers},
        "archive_ids": {loser["before"]["id"]: loser["archive_id"] for loser in losers if loser["archive_id"]},
        "login_of": login_of,
        "counts": record["counts"],
        "changes": [],
    }
    return Draft(f"customer.customer.{verb}.v1", record["id"], record["version"], data, record["customer_id"])
