"""Events in: who the customers are, what their portal may do, and whom to forget."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

import customer_replica
from common.envelope import Event
from common.service import Handler
from ordering.use_cases import approval_privacy, orders, people, privacy
from ordering.use_cases.orders import returns, saga
from ordering.use_cases.services import moves
from ordering.use_cases.services import returns as service_returns

_RESERVATION_VERBS = ("made", "allocated", "released", "expired", "shipped")


def on_customer_erased(session: Session, event: Event) -> None:
    privacy.erase_customer(session, event)


def on_access(session: Session, event: Event) -> None:
    people.access_changed(session, event, orders)


def on_contact(session: Session, event: Event) -> None:
    people.contact_changed(session, event, orders)


def on_contact_removed(session: Session, event: Event) -> None:
    people.contact_gone(session, event, orders)


def on_contact_erased(session: Session, event: Event) -> None:
    people.contact_gone(session, event, orders)
    privacy.erase_contact(session, event)


def on_account_erased(session: Session, event: Event) -> None:
    approval_privacy.erase_account(session, event)


def on_reservation(session: Session, event: Event) -> None:
    saga.reservation_changed(session, event.customer_id, event.version, event.data)


def on_shipment(session: Session, event: Event) -> None:
    saga.shipment_changed(session, event.subject, event.customer_id, event.version, event.data)


def on_move(session: Session, event: Event) -> None:
    moves.moved(session, event.data)


def on_return_received(session: Session, event: Event) -> None:
    service_returns.received(session, event.data)


def on_return(session: Session, event: Event) -> None:
    returns.return_changed(session, event.customer_id, event.version, event.data)


HANDLERS: Mapping[str, Handler] = {
    **customer_replica.HANDLERS,
    "customer.customer.erased.v1": on_customer_erased,
    "identity.access.changed.v1": on_access,
    **{f"customer.contact.{verb}.v1": on_contact for verb in ("added", "updated")},
    "customer.contact.removed.v1": on_contact_removed,
    "customer.contact.erased.v1": on_contact_erased,
    "identity.account.erased.v1": on_account_erased,
    **{f"warehouse.reservation.{verb}.v1": on_reservation for verb in _RESERVATION_VERBS},
    **{f"warehouse.shipment.{verb}.v1": on_shipment for verb in ("created", "dispatched", "delivered", "cancelled")},
    "customer.move.executed.v1": on_move,
    "warehouse.return.received.v1": on_return_received,
    **{f"warehouse.return.{verb}.v1": on_return for verb in ("inspected", "closed")},
}
