"""How a customer's own warehouse stands, and what keeps it from being closed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customer_replica import effective_switches
from warehouse.domain.warehouses import CLOSED, next_step, state_of
from warehouse.errors.transfers import CustomerUnknown
from warehouse.tables.stock import warehouses

_SWITCH = "warehouse_enabled"


def warehouse_of(session: Session, customer_id: str) -> Mapping[str, Any]:
    """The customer's switch, its warehouse, what is in or on its way to it, and what to do. Raises CustomerUnknown."""
    switches = effective_switches(session, [customer_id]).get(customer_id)
    if switches is None:
        raise CustomerUnknown("There is no such customer.")
    switch = switches[_SWITCH]
    of = warehouses.c
    statement = select(warehouses).where(of.customer_id == customer_id, of.status != CLOSED, ~of.surplus)
    row = session.execute(statement).mappings().one_or_none()
    blockers = [] if row is None else _blockers(session, row["id"])
    state = state_of(on=switch.active, status=None if row is None else row["status"], blocked=bool(blockers))
    return {
        "customer_id": customer_id,
        "switch": {
            "key": _SWITCH,
            "effective": switch.effective,
            "active": switch.active,
            "source": switch.source,
        },
        "state": state,
        "warehouse": row,
        "blockers": blockers,
        "next": next_step(state),
    }


def _blockers(session: Session, warehouse_id: str) -> list[Mapping[str, Any]]:
    found = session.execute(_BLOCKERS, {"id": warehouse_id}).mappings()
    return [dict(row) for row in found if row["count"]]


# Each with the newest twenty, to look at.
_BLOCKERS = text(
    r"""
    SELECT 'stock' AS kind, count(*) AS count, COALESCE(sum(on_hand + quarantine), 0)::bigint AS quantity,
           (array_agg(id::text ORDER BY id DESC))[1\:20] AS ids
    FROM stock_balances WHERE warehouse_id = :id AND on_hand + quarantine > 0
    UNION ALL
    SELECT 'promises', count(*), COALESCE(sum(reserved + allocated), 0)::bigint,
           (array_agg(id::text ORDER BY id DESC))[1\:20]
    FROM stock_balances WHERE warehouse_id = :id AND reserved + allocated > 0
    UNION ALL
    SELECT 'shipments', count(*), NULL, (array_agg(id::text ORDER BY id DESC))[1\:20]
    FROM shipments WHERE warehouse_id = :id AND status IN ('planned', 'picking', 'packed')
    UNION ALL
    SELECT 'returns', count(*), NULL, (array_agg(id::text ORDER BY id DESC))[1\:20]
    FROM returns WHERE warehouse_id = :id AND ended_at IS NULL
    UNION ALL
    SELECT 'transfers', count(*), NULL, (array_agg(id::text ORDER BY id DESC))[1\:20]
    FROM transfers WHERE ended_at IS NULL AND :id IN (from_id, to_id)
    """
)
