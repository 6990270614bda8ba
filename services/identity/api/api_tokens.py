"""API tokens for programs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import PermissionMissing
from identity.queries import sessions as queries
from identity.schemas import accounts as shapes
from identity.use_cases import api_tokens as use_cases

routes = Routes("API tokens", "For programs: each acts as its owner, within its scopes")


@routes.list("/api-tokens", permission="api_tokens.manage", query=shapes.ApiTokenFilter, out=shapes.ApiTokenOut)
def api_tokens(call: Call) -> Page:
    """Your API tokens, the newest first; with `account_id` those of another account."""
    owner = call.query.get("account_id", call.principal.account_id)
    if owner != call.principal.account_id and not call.principal.can("accounts.manage"):
        raise PermissionMissing(
            "You need the permission accounts.manage to see other people's API tokens.",
            facts={"permission": "accounts.manage"},
        )
    found = queries.tokens_of(call.session, owner, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope)
    return Page(found.rows, found.next_cursor)


@routes.get("/api-tokens/<uuid:token_id>", permission="api_tokens.manage", out=shapes.ApiTokenOut)
def show_api_token(call: Call, token_id: str) -> Mapping[str, Any]:
    """One of your API tokens."""
    return _shown(call, token_id)


@routes.post(
    "/api-tokens", permission="api_tokens.manage", body=shapes.NewApiToken, out=shapes.ApiTokenSecretOut, secret=True
)
def create_api_token(call: Call) -> Mapping[str, Any]:
    """Make an API token; its secret is shown this once."""
    made = use_cases.create_token(call.session, call.deps.clock, call.principal, call.body)
    return _shown(call, made["id"]) | made


@routes.patch(
    "/api-tokens/<uuid:token_id>", permission="api_tokens.manage", body=shapes.ApiTokenChanges, out=shapes.ApiTokenOut
)
def change_api_token(call: Call, token_id: str) -> Mapping[str, Any]:
    """Change name, scopes or expiry of one of your API tokens."""
    use_cases.change_token(call.session, call.deps.clock, call.principal, token_id, call.version, call.body)
    return _shown(call, token_id)


@routes.post(
    "/api-tokens/<uuid:token_id>/rotation",
    permission="api_tokens.manage",
    body=shapes.Rotation,
    out=shapes.ApiTokenSecretOut,
    secret=True,
)
def rotate_api_token(call: Call, token_id: str) -> Mapping[str, Any]:
    """A new secret for one of your API tokens; the old one works on for a while."""
    overlap = timedelta(seconds=call.body["overlap_seconds"])
    made = use_cases.rotate_token(call.session, call.deps.clock, call.principal, token_id, overlap)
    return _shown(call, token_id) | made


@routes.delete("/api-tokens/<uuid:token_id>", permission="api_tokens.manage")
def revoke_api_token(call: Call, token_id: str) -> None:
    """Revoke one of your API tokens, or with accounts.manage anybody's."""
    use_cases.revoke_token(call.session, call.deps.clock, call.principal, token_id)


def _shown(call: Call, token_id: str) -> dict[str, Any]:
    return queries.token(call.session, call.principal.account_id, token_id)
