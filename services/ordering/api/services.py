"""Operations on services in use."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.access import require
from ordering.api.viewers import sees_prices
from ordering.queries import services as queries
from ordering.schemas.services import (
    Assignment,
    CustomerServiceFilter,
    Departments,
    Loss,
    Renewal,
    Replacement,
    ReturnRequest,
    ServiceEnd,
    ServiceFilter,
    ServiceOut,
)
from ordering.use_cases.services import commands

VIEW = "orders.view"
PLACE = "orders.place"
CONFIRM = "orders.confirm"

routes = Routes(
    "Services",
    "What customers use: an order line that was provided, or what a moving in started, until it ends, is replaced or"
    " lost.",
)

_ONE = "/services/<uuid:service_id>"


@routes.list("/services", permission=VIEW, portal=True, query=ServiceFilter, out=ServiceOut)
def list_services(call: Call) -> Page:
    """Services, the newest first."""
    ids = call.principal.customer_ids
    only = None if ids is None else [one for one in ids if call.principal.can(VIEW, one)]
    return _page(call, call.query, only)


@routes.list(
    "/customers/<uuid:customer_id>/services",
    permission=VIEW,
    portal=True,
    query=CustomerServiceFilter,
    out=ServiceOut,
)
def list_customer_services(call: Call, customer_id: str) -> Page:
    """Services of a customer, the newest first."""
    return _page(call, call.query | {"customer_id": customer_id}, None)


@routes.get("/customers/<uuid:customer_id>/services/by-department", permission=VIEW, portal=True, out=Departments)
def show_departments(call: Call, customer_id: str) -> Mapping[str, Any]:
    """What each department of a customer uses, and what that costs again and again."""
    found = queries.departments(call.session, customer_id)
    if not sees_prices(call, customer_id):
        found = [{name: value for name, value in one.items() if name != "recurring"} for one in found]
    return {"departments": found}


@routes.get(_ONE, permission=VIEW, portal=True, out=ServiceOut)
def show_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """One service."""
    _allow(call, service_id, VIEW)
    return _shown(call, service_id)


@routes.post(f"{_ONE}/return", permission=PLACE, portal=True, status=200, body=ReturnRequest, out=ServiceOut)
def return_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Asks that a service be fetched and ended; a customer's people need its switch `warehouse_enabled`."""
    _allow(call, service_id, PLACE)
    commands.request_return(call.session, service_id, call.body)
    return _shown(call, service_id)


@routes.post(f"{_ONE}/loss", permission=PLACE, portal=True, status=200, body=Loss, out=ServiceOut)
def lose_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Tells that what was in use is lost."""
    _allow(call, service_id, PLACE)
    commands.lose(call.session, service_id, call.body)
    return _shown(call, service_id)


@routes.post(f"{_ONE}/assignment", permission=PLACE, portal=True, status=200, body=Assignment, out=ServiceOut)
def assign_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Says where a service is, for whom, and on whose account."""
    _allow(call, service_id, PLACE)
    commands.assign(call.session, service_id, call.body)
    return _shown(call, service_id)


@routes.post(f"{_ONE}/replacement", permission=CONFIRM, body=Replacement, out=ServiceOut)
def replace_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Puts another one in the place of a service, and answers with that."""
    return _shown(call, commands.replace(call.session, service_id, call.body))


@routes.post(f"{_ONE}/end", permission=CONFIRM, status=200, body=ServiceEnd, out=ServiceOut)
def end_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Ends a service, today or on a later day."""
    commands.end(call.session, service_id, call.body)
    return _shown(call, service_id)


@routes.post(f"{_ONE}/renewal", permission=CONFIRM, status=200, body=Renewal, out=ServiceOut)
def renew_service(call: Call, service_id: str) -> Mapping[str, Any]:
    """Lets a service go on, for some months, to a day, or without end."""
    commands.renew(call.session, service_id, call.body)
    return _shown(call, service_id)


def _allow(call: Call, service_id: str, permission: str) -> None:
    require(call.principal, permission, queries.customer_of(call.session, service_id))


def _shown(call: Call, service_id: str) -> Mapping[str, Any]:
    return _told(call, queries.service(call.session, service_id))


def _page(call: Call, filters: Mapping[str, Any], only: list[str] | None) -> Page:
    found = queries.service_page(call.session, filters, call.limit, call.cursor, call.cursor_scope, only=only)
    return Page([_told(call, item) for item in found.items], found.next_cursor)


def _told(call: Call, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the portal is told of a service: what it costs only who may see prices, and from which list never."""
    if not call.principal.is_portal:
        return item
    hidden = {"price_source"} | (set() if sees_prices(call, item["customer_id"]) else {"unit_price"})
    return {name: value for name, value in item.items() if name not in hidden}
