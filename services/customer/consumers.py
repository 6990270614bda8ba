"""Events in: which roles the accounts have to which saved filters are shown."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from common import replicas
from common.envelope import Event
from common.service import Handler
from customer.tables.rules import replica_accounts


def on_account(session: Session, event: Event) -> None:
    """The roles of a staff account; a portal account sees no saved filters."""
    if event.data["kind"] == "staff":
        replicas.put(session, replica_accounts, {"id": event.subject}, event.version, {"roles": event.data["roles"]})


HANDLERS: Mapping[str, Handler] = {
    "identity.account.created.v1": on_account,
    "identity.account.updated.v1": on_account,
}
