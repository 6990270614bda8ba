"""How one customer sees the catalogue: what decides it, and the condition that every query asks.

The catalogue of a customer is what is published for everybody, where its switch lets it inherit that, with what rules
include, without what rules exclude. Rules reach a customer by itself, by any of its ancestors, by the group of either,
by the segments that it is in and the contracts that it has, and by the roles of the person who asks. What a customer
sells is there while that customer may sell. `domain.visibility` says the same of one listing, in words.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from common.context import Context
from common.errors import FieldError
from customer_replica import resolved_walks
from ordering.errors import CustomerUnknown
from portal_switches import Resolved

# Whether a contract `c` holds on the day `:on`. One that renews itself goes on until it has ended.
CONTRACT_HOLDS: Final = """
    c.activated_at IS NOT NULL AND c.valid_from <= :on
    AND coalesce(c.ended_on, CASE WHEN c.renewal = 'none' THEN c.valid_to END, 'infinity') >= :on"""
# The switch by which a customer sells, and orders what is internal to a company.
SELLING: Final = "internal_inventory_enabled"
_TODAY: Final = "CAST(now() AT TIME ZONE 'UTC' AS date)"
HOLDS_TODAY: Final = CONTRACT_HOLDS.replace(":on", _TODAY)

# Tables of a statement by name: the customer with its ancestors, whom rules may name, and the rules that reach it.
PARTS: Final[Mapping[str, str]] = {
    "line": "SELECT id, group_id, height FROM customer_line(CAST(ARRAY[:customer] AS uuid[]))",
    "held_roles": """
        SELECT DISTINCT role
        FROM line JOIN replica_portal_roles r ON r.customer_id = line.id,
             jsonb_to_recordset(r.accounts) AS person (account_id uuid, roles text[], subtree boolean),
             unnest(person.roles) AS role
        WHERE person.account_id = CAST(:account AS uuid) AND (line.height = 0 OR person.subtree)""",
    "rules": f"""
        SELECT effect, listing_id, category FROM catalogue_rules
        WHERE target_id IN (SELECT id FROM line UNION SELECT group_id FROM line WHERE group_id IS NOT NULL)
           OR role IN (SELECT role FROM held_roles)
           OR target_kind = 'segment' AND target_id IN (
               SELECT segment_id FROM replica_segment_members
               WHERE customer_id = CAST(:customer AS uuid) AND NOT gone)
           OR target_kind = 'contract' AND target_id IN (
               SELECT c.id FROM contracts c WHERE c.customer_id = CAST(:customer AS uuid) AND {HOLDS_TODAY})
        UNION ALL
        SELECT 'include', each.listing_id, NULL FROM contracts c, unnest(c.listing_ids) AS each (listing_id)
        WHERE c.customer_id = CAST(:customer AS uuid) AND {HOLDS_TODAY}
        UNION ALL
        SELECT 'include', NULL, each.category FROM contracts c, unnest(c.categories) AS each (category)
        WHERE c.customer_id = CAST(:customer AS uuid) AND {HOLDS_TODAY}""",  # noqa: S608  # our own words
}


def _named(effect: str) -> str:
    by_id = f"SELECT listing_id FROM rules WHERE effect = '{effect}' AND listing_id IS NOT NULL"  # noqa: S608
    by_category = f"SELECT category FROM rules WHERE effect = '{effect}' AND category IS NOT NULL"  # noqa: S608
    return f"(listings.id IN ({by_id}) OR coalesce(listings.category IN ({by_category}), false))"


# Why a row of `listings` does not exist for the customer, by its code; null where it does.
WHY: Final = f"""
    CASE WHEN listings.status <> 'published' THEN listings.status
         WHEN listings.kind = 'internal' AND NOT :internal THEN 'internal_inventory_disabled'
         WHEN listings.owner_id IS NOT NULL AND listings.owner_id <> ALL (CAST(:sellers AS uuid[]))
             THEN 'seller_inactive'
         WHEN {_named("exclude")} THEN 'excluded'
         WHEN listings.owner_id = :customer OR {_named("include")} THEN NULL
         WHEN listings.audience <> 'explicit' AND listings.owner_id IN (SELECT id FROM line) THEN NULL
         WHEN listings.audience <> 'global' THEN 'not_assigned'
         WHEN :inherit THEN NULL
         ELSE 'not_in_marketplace' END"""  # noqa: S608  # our own words


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Whose catalogue it is, the switches that decide it, the portal account whose roles count, if one asks, and the
    customers that may sell, of those that do."""

    customer_id: str
    switches: Mapping[str, Resolved]
    account_id: str | None
    sellers: Collection[str] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What PARTS and WHY ask for."""
        return {
            "customer": self.customer_id,
            "account": self.account_id,
            "inherit": self.switches["inherit_global_marketplace"].active,
            "internal": self.switches[SELLING].active,
            "sellers": list(self.sellers),
        }

    @property
    def preorders(self) -> bool:
        """Whether the customer orders ahead of what is there."""
        return self.switches["allow_preorders"].active

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """The statement, which selects from `listings`, with only what the customer sees."""
        parts = [text(part).columns().cte(name) for name, part in PARTS.items()]
        return statement.add_cte(*parts).where(text(f"CASE WHEN ({WHY}) IS NULL THEN true END")).params(self.values)


def viewpoint(session: Session, customer_id: str, listing_ids: Sequence[str] | None = None) -> Viewpoint:
    """The viewpoint of a customer, on these listings where they are named; raises CustomerUnknown. Roles count where
    the transaction's actor has any."""
    values = {"ids": [customer_id], "listings": None if listing_ids is None else list(listing_ids)}
    walks = session.execute(_WALKS, values).all()
    switches = resolved_walks([walk[1:] for walk in walks if not walk.sells]).get(customer_id)
    selling = resolved_walks([walk[1:] for walk in walks if walk.sells])
    if switches is None:
        raise CustomerUnknown(
            "There is no such customer.", errors=[FieldError("/customer_id", "Names no customer that you may see.")]
        )
    context: Context = session.info["context"]
    kind, _, account_id = context.actor.partition(":")
    sellers = [one for one, decided in selling.items() if decided[SELLING].active]
    return Viewpoint(customer_id, switches, account_id if kind in {"portal", "api"} else None, sellers)


_WALKS = text(
    """
    SELECT false AS sells, w.* FROM switch_walks(CAST(:ids AS uuid[])) AS w
    UNION ALL
    SELECT true, w.* FROM seller_walks(CAST(:listings AS uuid[])) AS w
    ORDER BY 1, 2, 3
    """
)
