"""Events in: who the customers are, what their portal may do, and whom to forget."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

import customer_replica
from common.envelope import Event
from common.service import Handler
from ordering.use_cases import people, privacy


def on_customer_erased(session: Session, event: Event) -> None:
    privacy.erase_customer(session, event)


def on_access(session: Session, event: Event) -> None:
    people.access_changed(session, event)


HANDLERS: Mapping[str, Handler] = {
    **customer_replica.HANDLERS,
    "customer.customer.erased.v1": on_customer_erased,
    "identity.access.changed.v1": on_access,
}
