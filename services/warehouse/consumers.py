"""Events in: who the customers are and what their portal may do, what is offered, what becomes of orders, and whom to
forget."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

import customer_replica
from common.envelope import Event
from common.service import Handler
from customer_replica.merging import merge_handlers
from warehouse.domain.orders import news_of
from warehouse.use_cases import items, merges, orders, privacy

_LISTING_VERBS = ("created", "updated", "published", "paused", "retired")
_ORDER_VERBS = (
    *("drafted", "updated", "placed", "approved", "rejected", "confirmed", "cancelling", "cancelled", "expired"),
    *("held", "released", "progressed", "completed", "lines_cancelled", "withdrawn", "revised"),
)


def on_customer_erased(session: Session, event: Event) -> None:
    privacy.erase_customer(session, event)


def on_contact_erased(session: Session, event: Event) -> None:
    privacy.erase_contact(session, event)


def on_account_erased(session: Session, event: Event) -> None:
    privacy.erase_account(session, event)


def on_listing(session: Session, event: Event) -> None:
    items.remember_item(session, event.data, event.version)
    orders.redate(session, event.data["sku"])


def handlers(soft_for: timedelta) -> Mapping[str, Handler]:
    """The handler of each type; soft reservations last `soft_for`."""

    def on_order(session: Session, event: Event) -> None:
        verb = event.type.split(".")[2]
        orders.collect(session, news_of(verb, event.version, event.data), soft_for)

    return {
        **customer_replica.HANDLERS,
        **merge_handlers(merges.PARTS, merges.lock_articles),
        "customer.customer.erased.v1": on_customer_erased,
        "customer.contact.erased.v1": on_contact_erased,
        "identity.account.erased.v1": on_account_erased,
        **{f"ordering.listing.{verb}.v1": on_listing for verb in _LISTING_VERBS},
        **{f"ordering.order.{verb}.v1": on_order for verb in _ORDER_VERBS},
    }
