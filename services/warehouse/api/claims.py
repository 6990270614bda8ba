"""Operations on claims."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from warehouse.queries import claims as queries
from warehouse.schemas.claims import ClaimAcceptance, ClaimDenial, ClaimFilter, ClaimOut, ClaimReason, NewClaim
from warehouse.use_cases import claims

VIEW = "orders.view"
PLACE = "orders.place"
EDIT = "shipments.edit"

routes = Routes(
    "Claims",
    "What came damaged, was missing, never arrived or was something else: claimed by who got it, decided about by"
    " staff. Usually nothing comes back; what does is a return.",
)

_ONE = "/claims/<uuid:claim_id>"


@routes.list("/claims", permission=VIEW, portal=True, query=ClaimFilter, out=ClaimOut)
def list_claims(call: Call) -> Page:
    """Claims, the newest first."""
    return queries.claim_page(
        call.session, call.query, call.limit, call.cursor, call.cursor_scope, internal=not call.principal.is_portal
    )


@routes.post("/claims", permission=EDIT, portal=True, portal_permission=PLACE, body=NewClaim, out=ClaimOut)
def request_claim(call: Call) -> Mapping[str, Any]:
    """Claims some of what was shipped."""
    shown = _shown(call, claims.request_claim(call.session, call.body, call.deps.claim_days))
    _check_node(call, shown)
    return shown


@routes.get(_ONE, permission=VIEW, portal=True, out=ClaimOut)
def show_claim(call: Call, claim_id: str) -> Mapping[str, Any]:
    """One claim."""
    return _shown(call, claim_id)


@routes.post(f"{_ONE}/acceptance", permission=EDIT, status=200, body=ClaimAcceptance, out=ClaimOut)
def accept_claim(call: Call, claim_id: str) -> Mapping[str, Any]:
    """Accepts a claim. What is to be replaced is ordered by itself, at no charge."""
    claims.accept_claim(call.session, claim_id, call.body)
    return _shown(call, claim_id)


@routes.post(f"{_ONE}/denial", permission=EDIT, status=200, body=ClaimDenial, out=ClaimOut)
def deny_claim(call: Call, claim_id: str) -> Mapping[str, Any]:
    """Denies a claim."""
    claims.deny_claim(call.session, claim_id, call.body["reason"])
    return _shown(call, claim_id)


@routes.post(
    f"{_ONE}/cancellation",
    permission=EDIT,
    portal=True,
    portal_permission=PLACE,
    status=200,
    body=ClaimReason,
    out=ClaimOut,
)
def cancel_claim(call: Call, claim_id: str) -> Mapping[str, Any]:
    """Takes back a claim about which nobody has decided."""
    _check_node(call, _shown(call, claim_id))
    claims.cancel_claim(call.session, claim_id, call.body.get("reason"))
    return _shown(call, claim_id)


def _check_node(call: Call, shown: Mapping[str, Any]) -> None:
    """What was done is undone where the caller may not do it at that customer."""
    if call.principal.is_portal:
        require(call.principal, PLACE, shown["customer_id"])


def _shown(call: Call, claim_id: str) -> Mapping[str, Any]:
    return queries.claim_of(call.session, claim_id, internal=not call.principal.is_portal)
