"""Events in: the customers and what scopes have decided. A service takes these into its own handlers."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from common import erasure, replicas
from common.envelope import Event
from common.erasure import Erasure
from common.service import Handler
from customer_replica.tables import replica_customers, replica_scopes

_KEPT = ("number", "name", "status", "parent_id", "group_id")


def customer_changed(session: Session, event: Event) -> None:
    """Keeps where a customer stands."""
    values = {name: event.data[name] for name in _KEPT}
    replicas.put(session, replica_customers, {"id": event.subject}, event.version, values)


def customer_deleted(session: Session, event: Event) -> None:
    """Ends a customer; late events do not bring it back."""
    replicas.drop(session, replica_customers, {"id": event.subject}, event.version)


def scope_changed(session: Session, event: Event) -> None:
    """Keeps what a scope has decided."""
    data = event.data
    values = {
        "scope": data["scope"],
        "values": data["values"],
        "locks": data["locks"],
        "licensed": data["licence"] is not None,
    }
    replicas.put(session, replica_scopes, {"subject": event.subject}, event.version, values)


def erase_customer(session: Session, event: Event) -> dict[str, int]:
    """Takes an erased customer as it is now, and erases it from the service's own log; returns counts for the answer,
    which the service publishes itself."""
    customer_changed(session, event)
    return dict(erasure.erase(session, Erasure(event.partition_key, frozenset([event.subject]), everything=True)))


HANDLERS: Mapping[str, Handler] = {
    "customer.customer.created.v1": customer_changed,
    "customer.customer.updated.v1": customer_changed,
    "customer.customer.archived.v1": customer_changed,
    "customer.customer.restored.v1": customer_changed,
    "customer.customer.deleted.v1": customer_deleted,
    "portal-settings.scope.changed.v1": scope_changed,
}
