"""What is kept of the people who sign in to the portals. Where they change, others are asked for pending approvals."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import replicas
from common.envelope import Event
from ordering.tables.people import replica_contact_roles, replica_portal_roles, replica_segment_members
from ordering.use_cases.approval_decisions import Orders, reroute

_MAY_SIGN_IN = ("invited", "active")


def access_changed(session: Session, event: Event, orders: Orders) -> None:
    """Keeps who has which roles in the portal of a customer, and asks others where those who could decide no longer
    may."""
    data = event.data
    users = [one for one in data["users"] if one["status"] in _MAY_SIGN_IN]
    accounts = [_account(one, one["display_name"]) for one in [*users, *data.get("guests", ())]]
    login = data["login"]
    if login is not None and login["status"] in _MAY_SIGN_IN:
        accounts.append(_account(login, login["username"] or "The customer's own login"))
    values = {"accounts": accounts, "accepted_parent_id": data.get("accepted_parent_id")}
    replicas.put(session, replica_portal_roles, {"customer_id": event.subject}, event.version, values)
    reroute(session, event.subject, orders)


def contact_changed(session: Session, event: Event, orders: Orders) -> None:
    """Keeps the roles of a contact, of which `manager` counts."""
    values = {"customer_id": event.data["customer_id"], "roles": event.data["roles"]}
    replicas.put(session, replica_contact_roles, {"contact_id": event.subject}, event.version, values)
    reroute(session, event.data["customer_id"], orders)


def contact_gone(session: Session, event: Event, orders: Orders) -> None:
    """Ends a contact; late events do not bring it back."""
    replicas.drop(session, replica_contact_roles, {"contact_id": event.subject}, event.version)
    reroute(session, event.data["customer_id"], orders)


def customer_changed(session: Session, event: Event, orders: Orders) -> None:
    """Where a customer stands elsewhere now, asks those for its pending approvals who may decide from there. What had
    to be approved, and what was decided, stays."""
    if any(change["path"] == "parent" for change in event.data["changes"]):
        replicas.flush(session)
        reroute(session, event.subject, orders)


def customers_merged(session: Session, event: Event, orders: Orders) -> None:
    """Asks those for pending approvals who may decide now that they belong to another customer."""
    replicas.flush(session)
    id_map: Mapping[str, str] = event.data["id_map"]
    for customer_id in sorted({*id_map, *id_map.values()}):
        reroute(session, customer_id, orders)


def segment_entered(session: Session, event: Event) -> None:
    """Keeps a stay of a customer in a segment."""
    values = {name: event.data[name] for name in ("segment_id", "segment_name", "customer_id")}
    replicas.put(session, replica_segment_members, {"id": event.subject}, event.version, values)


def segment_left(session: Session, event: Event) -> None:
    """Ends a stay. When a segment is deleted, its members leave one by one."""
    replicas.drop(session, replica_segment_members, {"id": event.subject}, event.version)


def _account(found: Mapping[str, Any], label: str) -> dict[str, Any]:
    return {
        "account_id": found["account_id"],
        "label": label,
        "roles": found["roles"],
        "subtree": found["subtree"],
        "contact_id": found.get("contact_id"),
    }
