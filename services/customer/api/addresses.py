"""Operations on the addresses of a customer."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import parts
from customer.schemas.parts import AddressChanges, AddressOut, NewAddress
from customer.use_cases import addresses

routes = Routes("Addresses", "Where a customer is billed, shipped to, found and registered; one default per purpose.")

_LIST = "/customers/<uuid:customer_id>/addresses"
_ONE = f"{_LIST}/<uuid:address_id>"


@routes.list(_LIST, permission="customers.view", portal=True, out=AddressOut)
def list_addresses(call: Call, customer_id: str) -> Page:
    """The addresses of a customer, oldest first."""
    return parts.address_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewAddress, out=AddressOut)
def add_address(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds an address. The first one of a purpose becomes its default; a new default takes the place of the old one."""
    return addresses.add_address(call.session, customer_id, call.body)


@routes.get(_ONE, permission="customers.view", portal=True, out=AddressOut)
def show_address(call: Call, customer_id: str, address_id: str) -> Mapping[str, Any]:
    """One address."""
    return parts.address(call.session, customer_id, address_id)


@routes.patch(_ONE, permission="customers.edit", body=AddressChanges, out=AddressOut)
def change_address(call: Call, customer_id: str, address_id: str) -> Mapping[str, Any]:
    """Changes fields of an address; `purposes` is stated whole."""
    return addresses.change_address(call.session, customer_id, address_id, call.version, call.body)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_address(call: Call, customer_id: str, address_id: str) -> None:
    """Removes an address. What it was the default for has none afterwards."""
    addresses.remove_address(call.session, customer_id, address_id, call.version)
