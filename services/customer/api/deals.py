"""Operations on deals, and on the stages that they go through."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import deals as queries
from customer.schemas.deals import ChangedDeal, DealChanges, DealFilters, DealOut, NewDeal
from customer.schemas.entries import EntryChanges, EntryOut, NewEntry
from customer.use_cases import deal_stages, deals

routes = Routes(
    "Deals",
    "What may be sold. An open deal makes a lead a prospect, a won one makes either a customer; nothing leads back.",
)

_LIST = "/customers/<uuid:customer_id>/deals"
_ONE = f"{_LIST}/<uuid:deal_id>"
_STAGE = "/deal-stages/<uuid:stage_id>"


@routes.list("/deals", permission="customers.view", query=DealFilters, out=DealOut)
def list_all_deals(call: Call) -> Page:
    """The deals of all active customers, newest first."""
    return queries.all_deals(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.list(_LIST, permission="customers.view", query=DealFilters, out=DealOut)
def list_deals(call: Call, customer_id: str) -> Page:
    """The deals of a customer, newest first."""
    return queries.deal_page(call.session, customer_id, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewDeal, out=ChangedDeal)
def add_deal(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a deal. `lifecycle_change` says how that carried the customer on, and why."""
    record = deals.add_deal(call.session, customer_id, call.body)
    shown = queries.deal(call.session, customer_id, record["id"])
    return {**shown, "lifecycle_change": record["lifecycle_change"]}


@routes.get(_ONE, permission="customers.view", out=DealOut)
def show_deal(call: Call, customer_id: str, deal_id: str) -> Mapping[str, Any]:
    """One deal."""
    return queries.deal(call.session, customer_id, deal_id)


@routes.patch(_ONE, permission="customers.edit", body=DealChanges, out=ChangedDeal)
def change_deal(call: Call, customer_id: str, deal_id: str) -> Mapping[str, Any]:
    """Changes a deal; `status` wins it, loses it for a reason, or reopens it."""
    record = deals.change_deal(call.session, customer_id, deal_id, call.version, call.body)
    shown = queries.deal(call.session, customer_id, deal_id)
    return {**shown, "lifecycle_change": record["lifecycle_change"]}


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_deal(call: Call, customer_id: str, deal_id: str) -> None:
    """Removes a deal; the customer's lifecycle stays as it is."""
    deals.remove_deal(call.session, customer_id, deal_id, call.version)


@routes.list("/deal-stages", permission="customers.view", out=EntryOut)
def list_deal_stages(call: Call) -> Page:
    """All stages, in their order."""
    return queries.deal_stage_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/deal-stages", permission="schema.manage", body=NewEntry, out=EntryOut)
def create_deal_stage(call: Call) -> Mapping[str, Any]:
    """Adds a stage."""
    return deal_stages.create_deal_stage(call.session, call.body)


@routes.get(_STAGE, permission="customers.view", out=EntryOut)
def show_deal_stage(call: Call, stage_id: str) -> Mapping[str, Any]:
    """One stage."""
    return queries.deal_stage(call.session, stage_id)


@routes.patch(_STAGE, permission="schema.manage", body=EntryChanges, out=EntryOut)
def change_deal_stage(call: Call, stage_id: str) -> Mapping[str, Any]:
    """Renames or moves a stage."""
    return deal_stages.change_deal_stage(call.session, stage_id, call.version, call.body)


@routes.delete(_STAGE, permission="schema.manage", versioned=True)
def delete_deal_stage(call: Call, stage_id: str) -> None:
    """Deletes a stage at which there are no deals."""
    deal_stages.delete_deal_stage(call.session, stage_id, call.version)
