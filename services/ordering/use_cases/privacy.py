"""What happens here when a person is erased: a customer, a contact or an account."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

import customer_replica
from common import erasure, outbox
from common.envelope import Event
from customer_replica.merging import erase_person
from ordering.events import privacy as events
from ordering.tables.carts import carts
from ordering.use_cases import account_privacy, approval_privacy
from ordering.use_cases.agreement_privacy import erase_agreements
from ordering.use_cases.orders import erasing
from ordering.use_cases.services.erasing import erase_services


def erase_customer(session: Session, event: Event) -> None:
    """Ends the carts of an erased customer, takes its people out of its orders and approvals, forgets who it was, also
    in the log, and answers how much that was."""
    gone = session.execute(delete(carts).where(carts.c.customer_id == event.subject))
    counts = {"carts": int(gone.rowcount)}  # type: ignore[attr-defined]
    counts |= erasing.erase_orders(session, event.subject)
    counts |= erase_services(session, event.subject)
    counts |= erase_agreements(session, event.subject)
    counts |= approval_privacy.erase_customer(session, event.subject)
    counts |= customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


def erase_contact(session: Session, event: Event) -> None:
    """Forgets the name of an erased contact at the services that it uses, and answers what is known here of it besides:
    its roles, which its removal has ended, and what the log tells."""
    counts = account_privacy.forget_people(session, sorted(event.data["erased_ids"]))
    counts |= erase_person(session, event)
    if event.data["request_id"] is not None:
        told = events.erasure_completed(event.data["request_id"], event.data["customer_id"], counts)
        outbox.add(session, told)


def erase_account(session: Session, event: Event) -> None:
    """Forgets the name and the words of an erased account, also in the log: in the partition that the event names, in
    those of customers that were merged into that one, and wherever the account acted."""
    approval_privacy.forget_account(session, event.subject)
    account_privacy.forget_account(session, event.subject)
    erase_person(session, event)
    erasure.erase_actor(session, event.subject)
