"""Signing in and out, and the two ways in for somebody who has no password (yet)."""

from collections.abc import Mapping
from typing import Any

from flask import request

from common.web import PUBLIC, SIGNED_IN, Call, Page, Routes
from identity.errors import PersonRequired
from identity.queries import sessions as queries
from identity.schemas import sessions as shapes
from identity.use_cases import passwords, sessions

routes = Routes("Sessions", "Sign in, stay signed in, sign out")


@routes.post(
    "/sessions", permission=PUBLIC, body=shapes.NewSession, out=shapes.TokensOut, secret=True, transaction=False
)
def sign_in(call: Call) -> Mapping[str, Any]:
    """Sign in.

    Refusals: `identity.credentials_refused`, `identity.second_factor_required` (send `code` too),
    `identity.second_factor_refused`, and 429 with `Retry-After` after too many failures."""
    return sessions.sign_in(
        call.database,
        call.deps,
        call.context,
        username=call.body["username"],
        password=call.body["password"],
        code=call.body.get("code"),
        client=sessions.Client(call.client, request.headers.get("User-Agent", "")),
    )


@routes.post(
    "/sessions/refresh",
    permission=PUBLIC,
    body=shapes.RefreshToken,
    out=shapes.TokensOut,
    secret=True,
    transaction=False,
)
def refresh_session(call: Call) -> Mapping[str, Any]:
    """New tokens for a refresh token.

    Each refresh token is good for one use; using one twice ends the session."""
    return sessions.refresh(call.database, call.deps, call.context, call.body["refresh_token"])


@routes.post(
    "/sessions/current/authentication",
    permission=SIGNED_IN,
    portal=True,
    body=shapes.Authentication,
    out=shapes.AccessTokenOut,
    secret=True,
    transaction=False,
)
def authenticate_again(call: Call) -> Mapping[str, Any]:
    """Enter your password again.

    Operations that show secrets ask for a password that was entered within the last ten minutes and refuse with
    `authentication_too_old`; the access token that this gives satisfies them. Your refresh token stays as it is."""
    if call.principal.kind == "api":
        raise PersonRequired
    return sessions.authenticate_again(
        call.database,
        call.deps,
        call.context,
        call.principal.account_id,
        call.principal.session_id,
        password=call.body["password"],
        code=call.body.get("code"),
    )


@routes.list("/sessions", permission=SIGNED_IN, out=shapes.SessionOut, portal=True, transaction=False)
def own_sessions(call: Call) -> Page:
    """Your sessions, the newest first."""
    found = call.database.run(
        lambda session: queries.own_sessions(
            session, call.principal.account_id, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope
        )
    )
    sid = call.principal.session_id
    return Page([{**row, "current": row["sid"] == sid} for row in found.rows], found.next_cursor)


@routes.delete("/sessions/current", permission=SIGNED_IN, portal=True, transaction=False)
def sign_out(call: Call) -> None:
    """Sign out."""
    call.database.run(lambda session: sessions.sign_out(session, call.principal.session_id), context=call.context)


@routes.delete("/sessions/<uuid:session_id>", permission=SIGNED_IN, portal=True, transaction=False)
def end_session(call: Call, session_id: str) -> None:
    """End one of your sessions."""
    account_id = call.principal.account_id
    call.database.run(lambda session: sessions.end_own(session, account_id, session_id), context=call.context)


@routes.get("/invitations/<string:token>", permission=PUBLIC, out=shapes.InvitedOut, transaction=False, secret=True)
def show_invitation(call: Call, token: str) -> Mapping[str, Any]:
    """Whom an invitation is for."""
    return call.database.run(lambda session: passwords.invitation(session, call.deps, token))


@routes.post(
    "/invitations/<string:token>/acceptance",
    permission=PUBLIC,
    body=shapes.Acceptance,
    out=shapes.InvitedOut,
    secret=True,
    transaction=False,
)
def accept_invitation(call: Call, token: str) -> Mapping[str, Any]:
    """Accept an invitation by choosing a password, and another user name if you like."""
    return passwords.accept_invitation(
        call.database,
        call.deps,
        call.context,
        token,
        username=call.body.get("username"),
        password=call.body["password"],
    )


@routes.post(
    "/password-resets", permission=PUBLIC, body=shapes.ResetRequest, status=202, secret=True, transaction=False
)
def request_password_reset(call: Call) -> Mapping[str, Any]:
    """Ask for a new password.

    The answer is the same whether or not there is such an account; an administrator sees the request."""
    passwords.request_reset(call.database, call.deps, username=call.body["username"], address=call.client)
    return {}


@routes.post(
    "/password-resets/<string:token>/completion",
    permission=PUBLIC,
    body=shapes.NewPassword,
    status=204,
    secret=True,
    transaction=False,
)
def complete_password_reset(call: Call, token: str) -> None:
    """Set a new password by a reset link; all sessions end."""
    passwords.complete_reset(call.database, call.deps, call.context, token, call.body["password"])
