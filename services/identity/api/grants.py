"""Roles at a customer for people of other customers, and what flows down to it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common.outbox import last_event_id
from common.web import Call, Page, Routes
from common.web.call import Answer
from identity.api.customers import USER_PERMISSIONS, USERS, require
from identity.queries import access as access_queries
from identity.queries import grants as queries
from identity.schemas import customers as shapes
from identity.use_cases import guest_grants
from identity.use_cases.customer_logins import known_customer

routes = Routes("Customer grants", "Roles at a customer for people of other customers, and what flows down the tree")

_LIST = "/customers/<uuid:customer_id>/grants"
_ONE = f"{_LIST}/<uuid:account_id>"
_INHERITANCE = "/customers/<uuid:customer_id>/inheritance"


@routes.list(_LIST, out=shapes.GrantOut, **USERS)
def customer_grants(call: Call, customer_id: str) -> Page:
    """The people of other customers who have roles at this one."""
    require(call, customer_id, *USER_PERMISSIONS)
    known_customer(call.session, customer_id, also_archived=True)
    found = queries.page(call.session, customer_id, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope)
    return Page(found.rows, found.next_cursor)


@routes.post(_LIST, body=shapes.NewGrant, out=shapes.GrantOut, **USERS)
def add_customer_grant(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Give a person of another customer roles at this one."""
    require(call, customer_id, *USER_PERMISSIONS)
    account_id = guest_grants.add_grant(call.session, call.deps.clock, call.principal, customer_id, call.body)
    return queries.one(call.session, customer_id, account_id)


@routes.get(_ONE, out=shapes.GrantOut, **USERS)
def show_customer_grant(call: Call, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """What one of them may do here."""
    require(call, customer_id, *USER_PERMISSIONS)
    return queries.one(call.session, customer_id, account_id)


@routes.patch(_ONE, body=shapes.GrantChanges, out=shapes.GrantOut, **USERS)
def change_customer_grant(call: Call, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """Change what a person of another customer may do here."""
    require(call, customer_id, *USER_PERMISSIONS)
    guest_grants.change_grant(
        call.session, call.deps.clock, call.principal, customer_id, account_id, call.version, call.body
    )
    return queries.one(call.session, customer_id, account_id)


@routes.delete(_ONE, versioned=True, **USERS)
def end_customer_grant(call: Call, customer_id: str, account_id: str) -> None:
    """Take the roles away; the person's account stays with their own customer."""
    require(call, customer_id, *USER_PERMISSIONS)
    guest_grants.end_grant(call.session, call.principal, customer_id, account_id, call.version)


@routes.get(_INHERITANCE, out=shapes.InheritanceOut, **USERS)
def show_inheritance(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Whether roles flow down to this customer from its parent."""
    require(call, customer_id, *USER_PERMISSIONS)
    known_customer(call.session, customer_id, also_archived=True)
    return access_queries.inheritance(call.session, customer_id)


@routes.patch(_INHERITANCE, body=shapes.InheritanceChange, out=shapes.InheritanceOut, transaction=False, **USERS)
def change_inheritance(call: Call, customer_id: str) -> Answer:
    """Accept roles that flow down from the present parent, or no longer.

    Roles reach a branch where the grant above flows down and every customer on the way accepts. A customer that moves
    to another parent begins as not accepting."""
    require(call, customer_id, *USER_PERMISSIONS)

    def work(session: Session) -> Answer:
        guest_grants.accept_from_parent(session, customer_id, call.version, call.body["accept_from_parent"])
        event_id = last_event_id(session)
        shown = access_queries.inheritance(session, customer_id)
        return Answer(shown, headers={"Event-Id": event_id} if event_id else {})

    # As staff: those whose access tokens this ends belong to customers that the caller may not see.
    return call.database.run(work, context=call.context)
