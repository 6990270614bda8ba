"""Operations on compliance documents: what is required, how far it is met, and what ends soon."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.api.viewers import viewer_of
from customer.queries import documents as queries
from customer.schemas.files import (
    CompletenessOut,
    ExpiringOut,
    ExpiringQuery,
    NewRequirement,
    RequirementChanges,
    RequirementOut,
)
from customer.use_cases import documents
from customer.use_cases.store import today

routes = Routes("Documents", "Contracts, NDAs, onboarding papers and certificates: which are required, and until when.")

_LIST = "/document-requirements"
_ONE = f"{_LIST}/<uuid:requirement_id>"


@routes.list(_LIST, permission="customers.view", out=RequirementOut)
def list_document_requirements(call: Call) -> Page:
    """What is required of which customers, by type."""
    return queries.requirement_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="schema.manage", body=NewRequirement, out=RequirementOut)
def create_document_requirement(call: Call) -> Mapping[str, Any]:
    """Requires a document of all customers, or of those of a kind or group."""
    made = documents.create_requirement(call.session, call.body)
    return queries.requirement(call.session, made["id"])


@routes.get(_ONE, permission="customers.view", out=RequirementOut)
def show_document_requirement(call: Call, requirement_id: str) -> Mapping[str, Any]:
    """One requirement."""
    return queries.requirement(call.session, requirement_id)


@routes.patch(_ONE, permission="schema.manage", body=RequirementChanges, out=RequirementOut)
def change_document_requirement(call: Call, requirement_id: str) -> Mapping[str, Any]:
    """Changes what is required, or of whom."""
    documents.change_requirement(call.session, requirement_id, call.version, call.body)
    return queries.requirement(call.session, requirement_id)


@routes.delete(_ONE, permission="schema.manage", versioned=True)
def remove_document_requirement(call: Call, requirement_id: str) -> None:
    """Requires a document no longer; the documents stay."""
    documents.remove_requirement(call.session, requirement_id, call.version)


@routes.get("/customers/<uuid:customer_id>/documents/completeness", permission="documents.view", out=CompletenessOut)
def show_completeness(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Which required documents of a customer are there, and which are missing, unsigned or past their end."""
    return queries.completeness(call.session, customer_id, viewer_of(call), today(call.session))


@routes.list("/documents/expiring", permission="documents.view", query=ExpiringQuery, out=ExpiringOut)
def list_expiring_documents(call: Call) -> Page:
    """The documents of active customers that end within so many days, or have ended: the earliest first."""
    session, within = call.session, call.query["within"]
    return queries.expiring_page(
        session, viewer_of(call), within, today(session), call.limit, call.cursor, call.cursor_scope
    )
