"""Companies with their people, orders as plain dicts, and an answerer that notes what approvals say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from common import replicas
from common.db import Database
from common.ids import new_id
from common.service import Service
from common.testing import deliver
from ordering.domain.approval_flows import Flow
from ordering.tables.approvals import approval_flows, approval_rules
from ordering.tables.limits import purchase_limits
from ordering.tests import told
from ordering.use_cases import approval_decisions, approvals, store
from ordering.use_cases import people as of_people
from ordering.use_cases.approval_routing import people_of as found

APPROVER_TIER = {"approvers": [{"kind": "role", "value": "approver"}], "mode": "any"}


@dataclass
class Noted:
    """Stands for the orders: notes what became of them."""

    answers: list[tuple[str, ...]] = field(default_factory=list)

    def approved(self, session: Session, order_id: str, flow: Flow, /) -> None:
        self.answers.append(("approved", order_id))

    def rejected(self, session: Session, order_id: str, flow: Flow, reason: str, /) -> None:
        self.answers.append(("rejected", order_id, reason))


def company(service: Service, *, parent_id: str | None = None) -> str:
    """A customer, below another where that is named."""
    customer_id = new_id()
    deliver(service, told.customer(customer_id, parent_id=parent_id))
    return customer_id


def person(*roles: str, account_id: str | None = None, subtree: bool = False, **more: Any) -> dict[str, Any]:
    """Somebody in the portal of a customer."""
    account = account_id or new_id()
    return {
        "account_id": account,
        "display_name": f"Person {account[-4:]}",
        "username": f"{account[-8:]}@alderwick.example",
        "status": "active",
        "role": roles[-1],
        "roles": list(roles),
        "subtree": subtree,
        "visibility": "node",
        "contact_id": None,
    } | more


def staffed(
    service: Service,
    customer_id: str,
    *people: dict[str, Any],
    parent_id: str | None = None,
    version: int = 1,
    guests: Sequence[dict[str, Any]] = (),
    orders: Noted | None = None,
) -> None:
    """These people, and no others, use the portal of a customer, which takes the roles of the parent named."""
    event = told.example(
        "identity.access.changed.v1",
        customer_id,
        version,
        customer_id=customer_id,
        login=None,
        users=list(people),
        guests=list(guests),
        accepted_parent_id=parent_id,
    )
    with service.db.transaction() as session:
        of_people.access_changed(session, event, orders or Noted())
        replicas.flush(session)


def order(customer_id: str, total_minor: int = 100_000, **fields: Any) -> dict[str, Any]:
    """An order of 1,000.00 EUR."""
    return {
        "id": new_id(),
        "number": f"O-{new_id()[-12:]}",
        "customer_id": customer_id,
        "requester_id": new_id(),
        "requester_label": "Ada Bell",
        "revision": 1,
        "currency": "EUR",
        "total_minor": total_minor,
        "ship_to": {"country": "AT", "line1": "Main street 1"},
    } | fields


def lines(**quantities: int) -> list[dict[str, Any]]:
    """Lines by SKU."""
    return [
        {"sku": sku, "quantity": quantity, "kind": "stock", "listing_id": new_id()}
        for sku, quantity in (quantities or {"A": 5}).items()
    ]


def rule(service: Service, customer_id: str, **fields: Any) -> str:
    """A rule that asks for an approval of everything."""
    now = told_moment(service)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "name": "Everything",
        "priority": 0,
        "status": "active",
        "predicate": {"all": []},
        "currency": "EUR",
        "roles": [],
        "account_ids": [],
        "tiers": [APPROVER_TIER],
        "inheritance": "inherit_and_add",
        "valid_from": None,
        "valid_to": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    } | fields
    service.db.run(lambda session: store.insert(session, approval_rules, [record]))
    return str(record["id"])


def limit(service: Service, customer_id: str, **fields: Any) -> str:
    """A limit of 1,000.00 EUR a month for the whole company."""
    now = told_moment(service)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "name": "Monthly",
        "scope": "company",
        "account_id": None,
        "role": None,
        "kind": "per_period",
        "period": "month",
        "zone": "UTC",
        "amount_minor": 100_000,
        "currency": "EUR",
        "quantity": None,
        "sku": None,
        "basis": "net",
        "action": "block",
        "status": "active",
        "cost_centre": None,
        "gives_back": True,
        "near_percent": 80,
        "valid_from": None,
        "valid_to": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    } | fields
    service.db.run(lambda session: store.insert(session, purchase_limits, [record]))
    return str(record["id"])


def told_moment(service: Service) -> Any:
    """The time by the service's clock."""
    return service.db.run(store.moment)


def decider(account_id: str, *, staff: bool = False, may: bool = True) -> approval_decisions.Decider:
    """Somebody who decides."""
    return approval_decisions.Decider(account_id, "Dana Okafor", "portal", lambda _customer_id: may, staff)


def flow_of(database: Database, flow_id: str) -> dict[str, Any]:
    """The approval as it is now."""
    with database.transaction() as session:
        record = store.find(session, approval_flows, flow_id)
    assert record is not None
    return record


def people_of(database: Database, flow_id: str) -> Sequence[str]:
    """Who may decide on an approval now."""
    with database.transaction() as session:
        return [row["account_id"] for row in found(session, [flow_id])[flow_id]]


def opened(service: Service, given: dict[str, Any], **quantities: int) -> Flow | None:
    """The approval that an order opens, if it needs one."""
    return service.db.run(lambda session: approvals.open_flow(session, given, lines(**quantities)))


def asked(service: Service, given: dict[str, Any]) -> Flow:
    """The approval that an order needs."""
    flow = opened(service, given)
    assert flow is not None
    return flow


def said(
    service: Service,
    flow_id: str,
    account_id: str,
    decision: str = "approve",
    *,
    version: int | None = None,
    **more: Any,
) -> Noted:
    """Somebody decides; returns what then became of the order."""
    orders = more.pop("orders", None) or Noted()
    by = decider(account_id, staff=more.pop("staff", False), may=more.pop("may", True))
    at = version if version is not None else flow_of(service.db, flow_id)["version"]
    body = {"decision": decision, "comment": "Because", "version": at} | more
    service.db.run(lambda session: approval_decisions.decide(session, flow_id, by, body, orders))
    return orders
