"""The rules of catalogues, and why one customer sees a listing or does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer_replica import customer_line
from ordering.domain.visibility import Facts, Step, explain
from ordering.errors.listings import CatalogueRuleNotFound
from ordering.queries.listings import listing
from ordering.queries.viewpoint import HOLDS_TODAY, SELLING, viewpoint
from ordering.tables.listings import catalogue_rules

_FILTERS = ("effect", "listing_id", "category", "target_kind", "target_id", "role")


def rule_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """The rules, the newest first; of the sellers in `only`, where that is given."""
    statement = select(catalogue_rules)
    if only is not None:
        statement = statement.where(catalogue_rules.c.seller_id.in_(only))
    for name in _FILTERS:
        if name in filters:
            statement = statement.where(catalogue_rules.c[name] == filters[name])
    found = keyset(session, statement, [Key(catalogue_rules.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(found.rows, found.next_cursor)


def rule(session: Session, rule_id: str) -> Mapping[str, Any]:
    """One rule; raises CatalogueRuleNotFound."""
    row = session.execute(select(catalogue_rules).where(catalogue_rules.c.id == rule_id)).mappings().one_or_none()
    if row is None:
        raise CatalogueRuleNotFound("There is no such rule.")
    return dict(row)


def visibility(session: Session, listing_id: str, customer_id: str, roles: Sequence[str] = ()) -> Mapping[str, Any]:
    """Whether a customer sees a listing, what was looked at for that in order, and the step that decided; for a person
    who has these roles in its portal. Raises ListingNotFound and CustomerUnknown."""
    offered = listing(session, listing_id)
    seen_from = viewpoint(session, customer_id, [listing_id])
    line = customer_line(session, customer_id)
    targets = [entry[name] for entry in line for name in ("id", "group_id") if entry[name] is not None]
    about = {"listing": listing_id, "category": offered["category"], "targets": targets, "roles": list(roles)}
    about |= {"customer": customer_id}
    rules = [dict(row) for row in session.execute(_RULES, about).mappings()]
    sells = offered["owner_id"] is None or offered["owner_id"] in seen_from.sellers
    inherits = seen_from.switches["inherit_global_marketplace"]
    internal = seen_from.switches[SELLING]
    steps = explain(Facts(offered, line, rules, inherits.active, internal.active, _decided_by(inherits.source), sells))
    return {
        "listing_id": listing_id,
        "customer_id": customer_id,
        "visible": steps[-1].outcome == "shows",
        "why": steps[-1].why,
        "sentence": steps[-1].sentence,
        "steps": [_document(step, deciding=step is steps[-1]) for step in steps],
    }


def _document(step: Step, *, deciding: bool) -> Mapping[str, Any]:
    return {
        "looked_at": step.looked_at,
        "outcome": step.outcome,
        "why": step.why,
        "rule_id": step.rule_id,
        "sentence": step.sentence,
        "deciding": deciding,
    }


def _decided_by(source: str) -> str:
    return f"decided by {_SOURCES.get(source, source)}"


_SOURCES = {
    "own": "the customer itself",
    "group": "its group",
    "ancestor": "a customer above it",
    "ancestor_group": "the group of a customer above it",
    "platform": "the platform's default",
}
_RULES = text(
    f"""
    SELECT r.id::text, effect, listing_id::text, category, target_kind, target_id::text, role,
           coalesce(stay.name, held.number) AS target
    FROM catalogue_rules r
    LEFT JOIN LATERAL (
        SELECT max(segment_name) AS name FROM replica_segment_members m
        WHERE target_kind = 'segment' AND m.segment_id = target_id AND m.customer_id = CAST(:customer AS uuid)
          AND NOT m.gone) AS stay ON true
    LEFT JOIN LATERAL (
        SELECT c.number FROM contracts c
        WHERE target_kind = 'contract' AND c.id = target_id AND c.customer_id = CAST(:customer AS uuid)
          AND {HOLDS_TODAY}) AS held ON true
    WHERE (listing_id = CAST(:listing AS uuid) OR category = :category)
      AND (target_id = ANY (CAST(:targets AS uuid[])) OR role = ANY (CAST(:roles AS text[]))
           OR stay.name IS NOT NULL OR held.number IS NOT NULL)
    UNION ALL
    SELECT c.id::text, 'include',
           CASE WHEN CAST(:listing AS uuid) = ANY (c.listing_ids) THEN CAST(:listing AS text) END,
           CAST(:category AS text), 'assortment', c.customer_id::text, NULL, NULL
    FROM contracts c
    WHERE c.customer_id = CAST(:customer AS uuid)
      AND (CAST(:listing AS uuid) = ANY (c.listing_ids) OR CAST(:category AS text) = ANY (c.categories))
      AND {HOLDS_TODAY}
    ORDER BY 1
    """  # noqa: S608  # our own words
)
