"""What a move means for logins: whoever moves in may be given the customer's own login."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common.clock import Clock, SystemClock
from common.envelope import Event
from identity.domain.accounts import change
from identity.domain.usernames import flaw, fold
from identity.queries import accounts as account_queries
from identity.queries import customers
from identity.use_cases import account_changes
from identity.use_cases.customer_logins import set_login


def moved(session: Session, event: Event, clock: Clock | None = None) -> None:
    """Invites the login that a move-in asks for. A customer that has one keeps it, an archived one gets none, and a
    user name that cannot be had is told in the customer's history instead of holding the customer's events up."""
    wanted: Mapping[str, Any] | None = event.data["invite"]
    customer = customers.customer(session, event.data["customer_id"])
    if event.data["kind"] != "in" or not wanted or customer is None or customer["status"] != "active":
        return
    customer_id = str(customer["id"])
    version = account_changes.lock_access(session, customer_id)
    login = account_queries.login_of(session, customer_id)
    if login is not None and login.username is not None:
        return
    refusal = _refusal(session, wanted["username"])
    if refusal is None:
        set_login(session, clock or SystemClock(), customer_id, version, {"username": wanted["username"]})
    else:
        told = change("login/invitation", "Invitation refused", wanted["username"], refusal)
        account_changes.publish_access(session, customer_id, also=[told])


def _refusal(session: Session, wanted: str) -> str | None:
    if account_queries.is_taken(session, fold(wanted)):
        return "Another account has this user name."
    return flaw(wanted)
