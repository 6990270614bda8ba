"""Staff accounts, invitations, and who may do what and why."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from identity.errors import AccountNotFound
from identity.queries import accounts as queries
from identity.queries import sessions as session_queries
from identity.queries.explanations import explanation
from identity.schemas import accounts as shapes
from identity.schemas.fields import LinkOut
from identity.schemas.sessions import ResetRequestOut
from identity.use_cases import staff

routes = Routes("Accounts", "Staff: who they are and what they may do")


@routes.list("/accounts", permission="accounts.view", query=shapes.AccountFilter, out=shapes.AccountOut)
def accounts(call: Call) -> Page:
    """Staff accounts by name."""
    found = queries.staff_page(call.session, call.query, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope)
    return Page(found.rows, found.next_cursor)


@routes.get("/accounts/<uuid:account_id>", permission="accounts.view", out=shapes.AccountOut)
def show_account(call: Call, account_id: str) -> Mapping[str, Any]:
    """One staff account."""
    return _shown(call, account_id)


@routes.patch(
    "/accounts/<uuid:account_id>", permission="accounts.manage", body=shapes.AccountChanges, out=shapes.AccountOut
)
def change_account(call: Call, account_id: str) -> Mapping[str, Any]:
    """Change name, e-mail, roles or status of a staff account.

    Nobody gives a role that holds more than they do, nor changes somebody who holds more; the last active
    administrator stays one."""
    staff.change_account(call.session, call.principal, account_id, call.version, call.body)
    return _shown(call, account_id)


@routes.post(
    "/invitations", permission="accounts.manage", body=shapes.NewInvitation, out=shapes.InvitationOut, secret=True
)
def invite(call: Call) -> Mapping[str, Any]:
    """Invite somebody to the staff; hand them the link in the answer."""
    made = staff.invite(call.session, call.deps.clock, call.principal, call.body)
    return _shown(call, made["id"]) | {"invitation": made["invitation"]}


@routes.post("/accounts/<uuid:account_id>/invitation", permission="accounts.manage", out=LinkOut, secret=True)
def invite_again(call: Call, account_id: str) -> Mapping[str, Any]:
    """Replace the invitation of somebody who has not accepted."""
    return staff.invite_again(call.session, call.deps.clock, call.principal, account_id)


@routes.post("/accounts/<uuid:account_id>/password-reset", permission="accounts.manage", out=LinkOut, secret=True)
def issue_password_reset(call: Call, account_id: str) -> Mapping[str, Any]:
    """A link with which somebody sets a new password; hand it to them."""
    return staff.issue_reset(call.session, call.deps.clock, call.principal, account_id)


@routes.delete("/accounts/<uuid:account_id>/second-factor", permission="accounts.manage")
def remove_account_second_factor(call: Call, account_id: str) -> None:
    """Remove the second factor of somebody who has lost it."""
    staff.remove_second_factor(call.session, call.principal, account_id)


@routes.list("/password-resets", permission="accounts.manage", out=ResetRequestOut)
def password_reset_requests(call: Call) -> Page:
    """Accounts whose owners asked for a new password."""
    found = session_queries.open_reset_requests(
        call.session, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope
    )
    return Page(found.rows, found.next_cursor)


@routes.get(
    "/internal/access/explain",
    permission="accounts.view",
    public=False,
    query=shapes.ExplainQuery,
    out=shapes.ExplanationOut,
)
def explain_access(call: Call) -> Mapping[str, Any]:
    """May this account do that, at this customer: why or why not, and who can help. The gateway adds the switches."""
    query = call.query
    return explanation(call.session, query["account_id"], query["permission"], query.get("customer_id"))


def _shown(call: Call, account_id: str) -> dict[str, Any]:
    row = queries.shown(call.session, account_id)
    if row is None or row["kind"] != "staff":
        raise AccountNotFound
    return dict(row)
