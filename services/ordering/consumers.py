"""Events in: who the customers are, what their portal may do, and whom to forget."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

import customer_replica
from common.envelope import Event
from common.service import Handler
from customer_replica.merging import merge_handlers
from ordering.use_cases import merges, orders, people, privacy
from ordering.use_cases.orders import claims, date_decisions, returns, saga
from ordering.use_cases.services import moves
from ordering.use_cases.services import returns as service_returns

_RESERVATION_VERBS = ("made", "allocated", "released", "expired", "shipped")
_SHIPMENT_VERBS = ("created", "picking_started", "packed", "dispatched", "delivered", "cancelled", "failed")
_RETURN_VERBS = ("requested", "authorized", "denied", "arrived", "inspected", "closed", "cancelled", "expired")


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
    privacy.erase_account(session, event)


def on_customer_updated(session: Session, event: Event) -> None:
    customer_replica.HANDLERS[event.type](session, event)
    people.customer_changed(session, event, orders)


def on_merge(session: Session, event: Event) -> None:
    _MERGES[event.type](session, event)
    people.customers_merged(session, event, orders)


def on_reservation(session: Session, event: Event) -> None:
    saga.reservation_changed(session, event.customer_id, event.version, event.data)


def on_shipment(session: Session, event: Event) -> None:
    saga.shipment_changed(session, event.subject, event.customer_id, event.version, event.data)


def on_move(session: Session, event: Event) -> None:
    moves.moved(session, event.data)


def on_return(session: Session, event: Event) -> None:
    returns.return_changed(session, event.customer_id, event.version, event.data)


def on_return_received(session: Session, event: Event) -> None:
    on_return(session, event)
    service_returns.received(session, event.data)


def on_claim(session: Session, event: Event) -> None:
    claims.claim_changed(session, event.customer_id, event.version, event.data)


_MERGES = merge_handlers(merges.PARTS)


def handlers_of_dates(tolerance: int) -> Mapping[str, Handler]:
    """The handler of promised days that move; buyers are asked where one does by more than `tolerance` days."""

    def on_date_changed(session: Session, event: Event) -> None:
        date_decisions.date_changed(session, event.customer_id, event.version, event.data, tolerance)

    return {"warehouse.preorder.date_changed.v1": on_date_changed}


def on_segment_entered(session: Session, event: Event) -> None:
    people.segment_entered(session, event)


def on_segment_left(session: Session, event: Event) -> None:
    people.segment_left(session, event)


HANDLERS: Mapping[str, Handler] = {
    **customer_replica.HANDLERS,
    "customer.customer.updated.v1": on_customer_updated,
    **dict.fromkeys(_MERGES, on_merge),
    "customer.customer.erased.v1": on_customer_erased,
    "identity.access.changed.v1": on_access,
    **{f"customer.contact.{verb}.v1": on_contact for verb in ("added", "updated")},
    "customer.contact.removed.v1": on_contact_removed,
    "customer.contact.erased.v1": on_contact_erased,
    "customer.segment_member.entered.v1": on_segment_entered,
    "customer.segment_member.left.v1": on_segment_left,
    "identity.account.erased.v1": on_account_erased,
    **{f"warehouse.reservation.{verb}.v1": on_reservation for verb in _RESERVATION_VERBS},
    **{f"warehouse.shipment.{verb}.v1": on_shipment for verb in _SHIPMENT_VERBS},
    "customer.move.executed.v1": on_move,
    "warehouse.return.received.v1": on_return_received,
    **{f"warehouse.return.{verb}.v1": on_return for verb in _RETURN_VERBS},
    **{f"warehouse.claim.{verb}.v1": on_claim for verb in ("requested", "accepted", "denied", "cancelled")},
}
