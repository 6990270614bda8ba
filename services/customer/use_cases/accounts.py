"""identity's accounts as far as this service needs them: who may own a task, and who reads by the portal."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import replicas
from common.envelope import Event
from common.errors import FieldError
from customer.domain.viewers import Viewer
from customer.errors import Unsuitable
from customer.tables.accounts import replica_portal_access
from customer.tables.rules import replica_accounts
from customer.use_cases import store

_MAY_SIGN_IN = ("invited", "active")


def staff_label(session: Session, account_id: str, by: Viewer, pointer: str) -> str:
    """The name of a staff account as it is now, to be kept; raises Unsuitable where there is no such account."""
    if account_id == by.account_id:
        return by.label
    row = store.find(session, replica_accounts, account_id)
    if row is None:
        raise Unsuitable(
            "This is no staff account; choose somebody of your own house.",
            errors=[FieldError(pointer, "Names no staff account.")],
        )
    return str(row["label"])


def account_changed(session: Session, event: Event) -> None:
    """Takes over a staff account's name and roles; a portal account owns no task and sees no saved filters."""
    if event.data["kind"] == "staff":
        known = {"roles": event.data["roles"], "label": event.data["display_name"]}
        replicas.put(session, replica_accounts, {"id": event.subject}, event.version, known)


def access_changed(session: Session, event: Event) -> None:
    """Takes over who may sign in to the portal of a customer."""
    people = [_account(user, user["display_name"]) for user in event.data["users"] if user["status"] in _MAY_SIGN_IN]
    login = event.data["login"]
    if login is not None and login["status"] in _MAY_SIGN_IN:
        people.insert(0, _account(login, login["username"] or "The customer's own login"))
    key = {"customer_id": event.subject}
    replicas.put(session, replica_portal_access, key, event.version, {"accounts": people})


def _account(found: Mapping[str, Any], label: str) -> dict[str, Any]:
    return {
        "account_id": found["account_id"],
        "label": label,
        "roles": found["roles"],
        "subtree": found["subtree"],
    }
