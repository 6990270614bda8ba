"""Operations on certificates of exemption and resale, and the question whether tax applies."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import taxes as queries
from customer.schemas.taxes import DecisionOut, DecisionQuestion, ExemptionChanges, ExemptionOut, NewExemption
from customer.use_cases import exemptions
from customer.use_cases.countries import check_jurisdiction

routes = Routes("Exemptions", "Certificates that free a customer from tax, with days, jurisdictions and evidence.")

_LIST = "/customers/<uuid:customer_id>/exemptions"
_ONE = f"{_LIST}/<uuid:exemption_id>"


@routes.list(_LIST, permission="customers.view", portal=True, out=ExemptionOut)
def list_exemptions(call: Call, customer_id: str) -> Page:
    """The certificates of a customer, oldest first, each with its state today."""
    return queries.exemption_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewExemption, out=ExemptionOut)
def add_exemption(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a certificate; with `verified` the caller has looked at it."""
    record = exemptions.add_exemption(call.session, customer_id, call.body)
    return queries.exemption(call.session, customer_id, record["id"])


@routes.get(f"{_LIST}/decision", permission="customers.view", portal=True, query=DecisionQuestion, out=DecisionOut)
def decide_exemption(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Whether a certificate frees the customer from tax in a jurisdiction on a day, and why or why not.

    A certificate for a whole country covers its parts. One that nobody has verified frees from nothing.
    """
    jurisdiction = check_jurisdiction(call.query["jurisdiction"], "/jurisdiction")
    return queries.decision(call.session, customer_id, jurisdiction, call.query.get("on"))


@routes.get(_ONE, permission="customers.view", portal=True, out=ExemptionOut)
def show_exemption(call: Call, customer_id: str, exemption_id: str) -> Mapping[str, Any]:
    """One certificate with its state today."""
    return queries.exemption(call.session, customer_id, exemption_id)


@routes.patch(_ONE, permission="customers.edit", body=ExemptionChanges, out=ExemptionOut)
def change_exemption(call: Call, customer_id: str, exemption_id: str) -> Mapping[str, Any]:
    """Changes a certificate. What was verified must be verified again, unless `verified` comes with the change."""
    exemptions.change_exemption(call.session, customer_id, exemption_id, call.version, call.body)
    return queries.exemption(call.session, customer_id, exemption_id)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_exemption(call: Call, customer_id: str, exemption_id: str) -> None:
    """Removes a certificate."""
    exemptions.remove_exemption(call.session, customer_id, exemption_id, call.version)
