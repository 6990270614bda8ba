"""What only the gateway asks."""

from collections.abc import Mapping
from typing import Any

from common.web import PUBLIC, SIGNED_IN, Call, Routes
from identity.queries.sessions import me
from identity.schemas import accounts as account_shapes
from identity.schemas import sessions as shapes
from identity.use_cases import api_tokens, privacy

routes = Routes("Internal", "Between the gateway and this service")


@routes.get("/internal/me", permission=SIGNED_IN, public=False, portal=True, out=shapes.MeOut, transaction=False)
def who_am_i(call: Call) -> Mapping[str, Any]:
    """The account that calls, and what it may do at which customers."""
    mine = call.database.run(lambda session: me(session, call.principal.account_id))
    if call.principal.kind == "api":
        mine["permissions"] = sorted(call.principal.permissions)
    return mine


@routes.get(
    "/internal/privacy-exports", permission="privacy.manage", public=False, query=shapes.Subject, out=shapes.KnownOut
)
def export_accounts(call: Call) -> Mapping[str, Any]:
    """The accounts of a contact, or of a customer that is a person, and their events."""
    return privacy.known_of(call.session, call.query["customer_id"], call.query.get("contact_id"))


@routes.post(
    "/internal/token-exchange",
    permission=PUBLIC,
    public=False,
    body=account_shapes.OpaqueToken,
    out=account_shapes.ExchangedOut,
    status=200,
    secret=True,
    transaction=False,
)
def exchange_api_token(call: Call) -> Mapping[str, Any]:
    """A short access token for an API token (`atr_…`)."""
    return api_tokens.exchange(call.database, call.deps, call.body["token"])


@routes.get(
    "/internal/revocations",
    permission=PUBLIC,
    public=False,
    query=shapes.Known,
    out=shapes.RevokedOut,
    transaction=False,
)
def revocations(call: Call) -> Mapping[str, Any]:
    """The `sid` of every token that must be refused before it expires.

    Answers at once where `known` does not name the present set, else as soon as it changes or `wait` is over."""
    present = call.deps.watch.differing_from(call.query["known"] or "", call.query["wait"])
    return {"known": present.fingerprint, "revoked": list(present.sids)}
