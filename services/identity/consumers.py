"""Events in: what this service replicates of customers and contacts, and what that means for their logins."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from common.envelope import Event
from common.service import Handler
from identity.use_cases import customer_facts, customer_merges, customer_moves


def on_customer(session: Session, event: Event) -> None:
    customer_facts.customer_changed(session, event)


def on_customer_deleted(session: Session, event: Event) -> None:
    customer_facts.customer_changed(session, event, deleted=True)


def on_contact(session: Session, event: Event) -> None:
    customer_facts.contact_changed(session, event)


def on_contact_removed(session: Session, event: Event) -> None:
    customer_facts.contact_removed(session, event)


def on_customers_merged(session: Session, event: Event) -> None:
    customer_merges.merged(session, event)


def on_customers_unmerged(session: Session, event: Event) -> None:
    customer_merges.unmerged(session, event)


def on_customer_erased(session: Session, event: Event) -> None:
    customer_facts.customer_erased(session, event)


def on_contact_erased(session: Session, event: Event) -> None:
    customer_facts.contact_erased(session, event)


def on_move_executed(session: Session, event: Event) -> None:
    customer_moves.moved(session, event)


HANDLERS: Mapping[str, Handler] = {
    "customer.customer.created.v1": on_customer,
    "customer.customer.updated.v1": on_customer,
    "customer.customer.archived.v1": on_customer,
    "customer.customer.restored.v1": on_customer,
    "customer.customer.deleted.v1": on_customer_deleted,
    "customer.customer.merged.v1": on_customers_merged,
    "customer.customer.unmerged.v1": on_customers_unmerged,
    "customer.customer.erased.v1": on_customer_erased,
    "customer.contact.added.v1": on_contact,
    "customer.contact.updated.v1": on_contact,
    "customer.contact.removed.v1": on_contact_removed,
    "customer.contact.erased.v1": on_contact_erased,
    "customer.move.executed.v1": on_move_executed,
}
