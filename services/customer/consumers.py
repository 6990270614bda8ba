"""Events in: what this service replicates of identity's accounts."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from common.envelope import Event
from common.service import Handler
from customer.use_cases import accounts


def on_account(session: Session, event: Event) -> None:
    accounts.account_changed(session, event)


def on_access(session: Session, event: Event) -> None:
    accounts.access_changed(session, event)


HANDLERS: Mapping[str, Handler] = {
    "identity.account.created.v1": on_account,
    "identity.account.updated.v1": on_account,
    "identity.access.changed.v1": on_access,
}
