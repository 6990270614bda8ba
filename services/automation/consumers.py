"""Events in: who the customers are."""

from sqlalchemy.orm import Session

from automation import use_cases
from common.envelope import Event
from common.service import Handler


def customer_changed(session: Session, event: Event) -> None:
    use_cases.remember_customer(session, event.data, event.version)


HANDLERS: dict[str, Handler] = {
    "customer.customer.created.v1": customer_changed,
    "customer.customer.updated.v1": customer_changed,
}
