"""Events in: what rules answer to, who the customers are and what their portal may do, and whom to forget."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

import customer_replica
from automation.domain.triggers import TRIGGERS
from automation.use_cases import merges, privacy, triggering
from common.envelope import Event
from common.service import Handler
from customer_replica.merging import merge_handlers


def on_customer_erased(session: Session, event: Event) -> None:
    privacy.erase_customer(session, event)


def on_contact_erased(session: Session, event: Event) -> None:
    privacy.erase_contact(session, event)


def on_account_erased(session: Session, event: Event) -> None:
    privacy.erase_account(session, event)


def handlers(chain_depth: int) -> Mapping[str, Handler]:
    """The handler of each type; at most `chain_depth` events lead to what a rule does."""

    def on_trigger(session: Session, event: Event) -> None:
        known = customer_replica.HANDLERS.get(event.type)
        if known is not None:
            known(session, event)
        triggering.answer(session, event, chain_depth)

    return {
        **customer_replica.HANDLERS,
        **merge_handlers(merges.PARTS),
        "customer.customer.erased.v1": on_customer_erased,
        "customer.contact.erased.v1": on_contact_erased,
        "identity.account.erased.v1": on_account_erased,
        **dict.fromkeys(TRIGGERS, on_trigger),
    }
