"""Operations on contracts."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.queries import contracts as queries
from ordering.schemas.contracts import (
    ContractChanges,
    ContractEnd,
    ContractFilter,
    ContractOut,
    ContractRenewal,
    CustomerContractFilter,
    NewContract,
)
from ordering.use_cases import contracts

VIEW = "prices.view"
EDIT = "prices.edit"

routes = Routes(
    "Contracts", "What was agreed with customers: for how long, at which prices, and what is offered to them."
)

_ONE = "/contracts/<uuid:contract_id>"


@routes.list("/contracts", permission=VIEW, portal=True, query=ContractFilter, out=ContractOut)
def list_contracts(call: Call) -> Page:
    """Contracts, the newest first. In the portal, only those that hold or have held."""
    ids = call.principal.customer_ids
    only = None if ids is None else [one for one in ids if call.principal.can(VIEW, one)]
    return _page(call, call.query, only)


@routes.list(
    "/customers/<uuid:customer_id>/contracts",
    permission=VIEW,
    portal=True,
    query=CustomerContractFilter,
    out=ContractOut,
)
def list_customer_contracts(call: Call, customer_id: str) -> Page:
    """Contracts of a customer, the newest first."""
    only = [customer_id] if call.principal.is_portal else None
    return _page(call, call.query | {"customer_id": customer_id}, only)


@routes.get(_ONE, permission=VIEW, portal=True, out=ContractOut)
def show_contract(call: Call, contract_id: str) -> Mapping[str, Any]:
    """One contract."""
    found = queries.contract(call.session, contract_id)
    require(call.principal, VIEW, found["customer_id"])
    return _told(call, found)


@routes.post("/contracts", permission=EDIT, body=NewContract, out=ContractOut)
def create_contract(call: Call) -> Mapping[str, Any]:
    """Makes a contract, as a draft."""
    return queries.contract(call.session, contracts.create_contract(call.session, call.body))


@routes.patch(_ONE, permission=EDIT, body=ContractChanges, out=ContractOut)
def change_contract(call: Call, contract_id: str) -> Mapping[str, Any]:
    """Changes fields of a contract that has not ended."""
    contracts.change_contract(call.session, contract_id, call.version, call.body)
    return queries.contract(call.session, contract_id)


@routes.post(f"{_ONE}/activation", permission=EDIT, status=200, versioned=True, out=ContractOut)
def activate_contract(call: Call, contract_id: str) -> Mapping[str, Any]:
    """Lets a draft hold from its first day on: its prices count, and its listings are offered."""
    contracts.activate_contract(call.session, contract_id, call.version)
    return queries.contract(call.session, contract_id)


@routes.post(f"{_ONE}/renewal", permission=EDIT, status=200, versioned=True, body=ContractRenewal, out=ContractOut)
def renew_contract(call: Call, contract_id: str) -> Mapping[str, Any]:
    """Lets a contract go on for some months after its last day."""
    contracts.renew_contract(call.session, contract_id, call.version, call.body["months"])
    return queries.contract(call.session, contract_id)


@routes.post(f"{_ONE}/end", permission=EDIT, status=200, versioned=True, body=ContractEnd, out=ContractOut)
def end_contract(call: Call, contract_id: str) -> Mapping[str, Any]:
    """Withdraws a draft, or ends a contract with its notice."""
    contracts.end_contract(call.session, contract_id, call.version, call.body)
    return queries.contract(call.session, contract_id)


def _page(call: Call, filters: Mapping[str, Any], only: list[str] | None) -> Page:
    found = queries.contract_page(call.session, filters, call.limit, call.cursor, call.cursor_scope, only=only)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in item.items() if name != "note" or not call.principal.is_portal}
