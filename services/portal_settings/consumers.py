"""Events in: who the customers and groups are, whose settings this service keeps."""

from sqlalchemy.orm import Session

from common.envelope import Event
from common.service import Handler
from portal_settings import use_cases


def customer_changed(session: Session, event: Event) -> None:
    use_cases.remember_customer(session, event.data, event.version)


def customer_deleted(session: Session, event: Event) -> None:
    use_cases.end_customer(session, event.subject, event.version)


def customer_erased(session: Session, event: Event) -> None:
    use_cases.erase_customer(session, event)


def group_changed(session: Session, event: Event) -> None:
    use_cases.remember_group(session, event.data, event.version)


def group_deleted(session: Session, event: Event) -> None:
    use_cases.end_group(session, event.subject, event.version)


HANDLERS: dict[str, Handler] = {
    "customer.customer.created.v1": customer_changed,
    "customer.customer.updated.v1": customer_changed,
    "customer.customer.archived.v1": customer_changed,
    "customer.customer.restored.v1": customer_changed,
    "customer.customer.deleted.v1": customer_deleted,
    "customer.customer.erased.v1": customer_erased,
    "customer.group.created.v1": group_changed,
    "customer.group.updated.v1": group_changed,
    "customer.group.deleted.v1": group_deleted,
}
