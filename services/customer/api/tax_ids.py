"""Operations on the tax ids of a customer."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import taxes as queries
from customer.queries.tax_schemes import schemes_of
from customer.schemas.taxes import NewTaxId, RegisterCheck, SchemeFilters, SchemesOut, TaxIdChanges, TaxIdOut
from customer.use_cases import tax_ids
from customer.use_cases.countries import check_code

routes = Routes("Tax ids", "The numbers under which a customer is known to tax offices, checked by their check digits.")

_LIST = "/customers/<uuid:customer_id>/tax-ids"
_ONE = f"{_LIST}/<uuid:tax_id>"


@routes.get("/tax-id-schemes", permission="customers.view", portal=True, query=SchemeFilters, out=SchemesOut)
def list_tax_id_schemes(call: Call) -> Mapping[str, Any]:
    """The kinds of tax ids that a country has and that can be checked, the VAT number first."""
    return {"items": schemes_of(check_code(call.query["country"], "/country"))}


@routes.list(_LIST, permission="customers.view", portal=True, out=TaxIdOut)
def list_tax_ids(call: Call, customer_id: str) -> Page:
    """The tax ids of a customer, oldest first."""
    return queries.tax_id_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewTaxId, out=TaxIdOut)
def add_tax_id(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a tax id. Only customers of one tree can share one."""
    record = tax_ids.add_tax_id(call.session, customer_id, call.body)
    return queries.tax_id_shown(call.session, record)


@routes.get(_ONE, permission="customers.view", portal=True, out=TaxIdOut)
def show_tax_id(call: Call, customer_id: str, tax_id: str) -> Mapping[str, Any]:
    """One tax id."""
    return queries.tax_id(call.session, customer_id, tax_id)


@routes.patch(_ONE, permission="customers.edit", body=TaxIdChanges, out=TaxIdOut)
def change_tax_id(call: Call, customer_id: str, tax_id: str) -> Mapping[str, Any]:
    """Corrects a tax id; its register is unchecked afterwards."""
    record = tax_ids.change_tax_id(call.session, customer_id, tax_id, call.version, call.body)
    return queries.tax_id_shown(call.session, record)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_tax_id(call: Call, customer_id: str, tax_id: str) -> None:
    """Removes a tax id."""
    tax_ids.remove_tax_id(call.session, customer_id, tax_id, call.version)


@routes.post(f"{_ONE}/checks", permission="customers.edit", body=RegisterCheck, out=TaxIdOut, status=200)
def record_tax_id_check(call: Call, customer_id: str, tax_id: str) -> Mapping[str, Any]:
    """Records what the register said of a tax id, with the evidence. One that does not answer hinders nothing."""
    record = tax_ids.record_check(call.session, customer_id, tax_id, call.body)
    return queries.tax_id_shown(call.session, record)
