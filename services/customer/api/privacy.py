"""Operations on privacy requests and legal holds."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

from common.web import Call, Page, Routes
from customer.queries import privacy as queries
from customer.schemas import privacy as shapes
from customer.use_cases import legal_holds, privacy

routes = Routes("Privacy", "What is known of a person: to be given out, or erased everywhere with a receipt.")

_REQUESTS = "/privacy-requests"
_HOLDS = "/customers/<uuid:customer_id>/legal-holds"
_HOLD = f"{_HOLDS}/<uuid:hold_id>"


@routes.list(_REQUESTS, permission="privacy.manage", query=shapes.PrivacyRequestFilter, out=shapes.PrivacyRequestOut)
def list_privacy_requests(call: Call) -> Page:
    """Privacy requests, the newest first."""
    return queries.request_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post(_REQUESTS, permission="privacy.manage", body=shapes.NewPrivacyRequest, out=shapes.PrivacyRequestOut)
def create_privacy_request(call: Call) -> Any:
    """Gives out or erases what is known of a contact, or of a customer that is a person.

    An erasure blanks the person's rows, rewrites the events that quote them, and asks every other service to do the
    same; it is complete when all of them have answered. It cannot be undone. A legal hold refuses it, and a customer
    must be archived before. `dry_run` tells what would happen and changes nothing."""
    if call.body["dry_run"]:
        return call.ok(privacy.plan(call.session, call.principal, call.body), status=200)
    return privacy.create_request(call.session, call.principal, call.body)


@routes.get(f"{_REQUESTS}/<uuid:request_id>", permission="privacy.manage", out=shapes.PrivacyRequestOut)
def show_privacy_request(call: Call, request_id: str) -> Mapping[str, Any]:
    """One request and its receipt so far."""
    return queries.request(call.session, request_id)


@routes.get(
    "/internal/privacy-requests/<uuid:request_id>/export",
    permission="privacy.manage",
    public=False,
    raw=True,
    secret=True,
)
def export_privacy_request(call: Call, request_id: str) -> Response:
    """Everything that this service knows of the subject of an export; the gateway adds the other services' parts."""
    body = orjson.dumps(queries.export(call.session, request_id), default=str)
    return Response(body, mimetype="application/json")


@routes.list(_HOLDS, permission="privacy.manage", out=shapes.LegalHoldOut)
def list_legal_holds(call: Call, customer_id: str) -> Page:
    """The legal holds of a customer."""
    return queries.hold_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_HOLDS, permission="privacy.manage", body=shapes.NewLegalHold, out=shapes.LegalHoldOut)
def place_legal_hold(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Keeps everything of a customer from being erased or deleted."""
    return legal_holds.place(call.session, call.principal, customer_id, call.body)


@routes.get(_HOLD, permission="privacy.manage", out=shapes.LegalHoldOut)
def show_legal_hold(call: Call, customer_id: str, hold_id: str) -> Mapping[str, Any]:
    """One legal hold."""
    return queries.hold(call.session, customer_id, hold_id)


@routes.patch(_HOLD, permission="privacy.manage", body=shapes.LegalHoldChanges, out=shapes.LegalHoldOut)
def change_legal_hold(call: Call, customer_id: str, hold_id: str) -> Mapping[str, Any]:
    """Words the reason of a hold anew."""
    return legal_holds.change(call.session, customer_id, hold_id, call.version, call.body)


@routes.delete(_HOLD, permission="privacy.manage", versioned=True)
def release_legal_hold(call: Call, customer_id: str, hold_id: str) -> None:
    """Ends a legal hold."""
    legal_holds.release(call.session, customer_id, hold_id, call.version)
