"""Whether a customer has an internal inventory, and what becomes of open requests when that changes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.records import as_record
from customer_replica import customer_line, effective_switches
from warehouse.domain import asset_requests as rules
from warehouse.domain.assets import SWITCH
from warehouse.errors.assets import AssetCustomerArchived, InventoryDisabled, InventoryHidden
from warehouse.errors.transfers import CustomerUnknown
from warehouse.tables.assets import asset_requests
from warehouse.use_cases.assets import store

Row = dict[str, Any]


def check_on(session: Session, customer_id: str) -> None:
    """Raises InventoryHidden (for the customer's own people) or InventoryDisabled unless the customer's internal
    inventory is on."""
    if on_of(session, [customer_id]):
        return
    facts = {"switch": SWITCH}
    if session.info["scope"].is_portal:
        raise InventoryHidden(
            "Your company keeps no inventory in the portal; ask your contact at the provider to switch it on.",
            facts=facts,
        )
    raise InventoryDisabled(
        f"The customer's switch {SWITCH} is off: its assets can be read and exported, and nothing of them changes."
        " Switch it on first.",
        facts=facts,
    )


def check_customer(session: Session, customer_id: str) -> None:
    """Raises CustomerUnknown, AssetCustomerArchived, InventoryHidden or InventoryDisabled unless the customer gets new
    assets."""
    line = customer_line(session, customer_id)
    if not line:
        raise CustomerUnknown("There is no such customer; look it up in GET /api/customers.")
    if line[0]["status"] == "archived":
        raise AssetCustomerArchived(f"Customer {line[0]['number']} is archived and gets no assets; restore it first.")
    check_on(session, customer_id)


def on_of(session: Session, customer_ids: Sequence[str]) -> list[str]:
    """Those of the customers whose internal inventory is on."""
    switches = effective_switches(session, customer_ids) if customer_ids else {}
    return sorted(one for one, found in switches.items() if found[SWITCH].active)


def follow_switches(session: Session) -> int:
    """Holds the open requests of customers whose switch went off, and lets those go on whose switch came on again, as
    they were before; returns how many of them changed."""
    table = asset_requests.c
    waiting = select(table.customer_id, table.status).where(table.ended_at.is_(None)).distinct()
    found = session.execute(waiting).all()
    on = set(on_of(session, sorted({row.customer_id for row in found})))
    changing = sorted({row.customer_id for row in found if (row.status == rules.ON_HOLD) == (row.customer_id in on)})
    if not changing:
        return 0
    open_ones = select(asset_requests).where(table.ended_at.is_(None), table.customer_id.in_(changing))
    changed = []
    for row in session.execute(open_ones.order_by(table.id).with_for_update()).mappings():
        request = as_record(row)
        if (request["status"] == rules.ON_HOLD) == (request["customer_id"] in on):
            changed.append(_held(request) if request["status"] != rules.ON_HOLD else _resumed(request))
    for command in ("hold", "resume"):
        store.save_requests(session, [request for told, request in changed if told == command], command)
    return len(changed)


def _held(request: Row) -> tuple[str, Row]:
    return "hold", request | {"held_from": request["status"], "status": rules.after(request, "hold")}


def _resumed(request: Row) -> tuple[str, Row]:
    rules.after(request, "resume")
    return "resume", rules.resumed(request)
