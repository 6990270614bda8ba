"""Events in: who the customers are and what their portal may do, what orders cost, what was delivered and came back."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

import customer_replica
from billing.domain import deliveries
from billing.use_cases import charging, privacy
from billing.use_cases.merges import PARTS, lock_charges
from common.envelope import Event
from common.service import Handler
from customer_replica.merging import merge_handlers

# All after which a confirmed order may hold something else, or be another customer's.
_ORDER_VERBS = (
    *("confirmed", "revised", "lines_cancelled", "progressed", "completed", "cancelling", "cancelled", "updated"),
)


def on_order(session: Session, event: Event) -> None:
    charging.hear_of_order(session, event.data, event.version)


def on_shipment_dispatched(session: Session, event: Event) -> None:
    charging.hear_of_deliveries(session, deliveries.sent(event.data))


def on_return_closed(session: Session, event: Event) -> None:
    on = date.fromisoformat((event.data["ended_at"] or event.time)[:10])
    charging.hear_of_deliveries(session, deliveries.returned(event.data, on))


def on_claim_accepted(session: Session, event: Event) -> None:
    on = date.fromisoformat((event.data["decided_at"] or event.time)[:10])
    charging.hear_of_deliveries(session, deliveries.claimed(event.data, on))


def on_customer_erased(session: Session, event: Event) -> None:
    privacy.erase_customer(session, event)


def on_account_erased(session: Session, event: Event) -> None:
    privacy.erase_account(session, event)


HANDLERS: Mapping[str, Handler] = {
    **customer_replica.HANDLERS,
    **merge_handlers(PARTS, lock_charges),
    "customer.customer.erased.v1": on_customer_erased,
    "identity.account.erased.v1": on_account_erased,
    **{f"ordering.order.{verb}.v1": on_order for verb in _ORDER_VERBS},
    "warehouse.shipment.dispatched.v1": on_shipment_dispatched,
    "warehouse.return.closed.v1": on_return_closed,
    "warehouse.claim.accepted.v1": on_claim_accepted,
}
