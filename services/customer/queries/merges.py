"""Plans of merges as people read them, and the merges of a customer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.merging import LOGIN
from customer.errors.merges import MergeNotFound
from customer.queries.customers import customer_exists
from customer.tables.merges import merges

_NAMED = ("id", "number", "name", "status")


def merge_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The merges into a customer, newest first."""
    customer_exists(session, customer_id)
    statement = select(merges).where(merges.c.customer_id == customer_id)
    rows = keyset(session, statement, [Key(merges.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def merge(session: Session, customer_id: str, merge_id: str) -> Mapping[str, Any]:
    """One merge; raises MergeNotFound."""
    statement = select(merges).where(merges.c.customer_id == customer_id, merges.c.id == merge_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise MergeNotFound("This customer has no such merge.")
    return _shown(row)


def plan_shown(plan: Any) -> Mapping[str, Any]:
    """A plan: the fields with what each customer has, the lists, the clashes and the numbers."""
    survivor, after = plan.survivor, plan.after
    systems = {(entry["system"], entry["id"]) for entry in survivor["external_ids"]}
    return {
        "survivor": {name: survivor[name] for name in _NAMED},
        "losers": [{name: loser[name] for name in _NAMED} for loser in plan.losers],
        "winners": [
            {
                "name": field.name,
                "label": field.label,
                "value": field.value,
                "value_label": plan.label_of(field.value),
                "taken_from": field.taken_from,
                "candidates": [
                    {"customer_id": owner, "value": value, "value_label": plan.label_of(value)}
                    for owner, value in field.candidates
                ],
            }
            for field in plan.fields
        ],
        "login_of": plan.choices.get(LOGIN),
        "added": {
            "tag_ids": [tag for tag in after["tag_ids"] if tag not in survivor["tag_ids"]],
            "external_ids": [entry for entry in after["external_ids"] if (entry["system"], entry["id"]) not in systems],
        },
        "counts": plan.counts,
        "alternates": plan.alternates,
        "clashes": [move.shown for move in plan.moves if move.clash and move.after is not None],
        "unresolved": [move.shown for move in plan.moves if move.after is None],
        "fingerprint": plan.fingerprint,
    }


def _shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    losers = [{name: entry["before"][name] for name in _NAMED} for entry in row["losers"]]
    return dict(row) | {"losers": losers}
