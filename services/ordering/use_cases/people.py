"""What is kept of the people who sign in to the portals."""

from sqlalchemy.orm import Session

from common import replicas
from common.envelope import Event
from ordering.tables.people import replica_portal_roles


def access_changed(session: Session, event: Event) -> None:
    """Keeps who has which roles in the portal of a customer."""
    data = event.data
    people = [*data["users"], *data.get("guests", ()), *([data["login"]] if data["login"] else [])]
    accounts = [{name: person[name] for name in ("account_id", "roles", "subtree")} for person in people]
    replicas.put(session, replica_portal_roles, {"customer_id": event.subject}, event.version, {"accounts": accounts})
