"""Operations on the rules of catalogues, and the answer to why something is seen."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from ordering.api.sellers import SELL, own_listing, seller_of, sellers_of
from ordering.errors.listings import CatalogueRuleNotFound
from ordering.queries import catalogue as queries
from ordering.schemas.catalogue import (
    CatalogueRuleFilter,
    CatalogueRuleOut,
    NewCatalogueRule,
    VisibilityOut,
    VisibilityQuestion,
)
from ordering.use_cases import catalogue, selling

VIEW = "listings.view"
EDIT = "listings.edit"

routes = Routes("Catalogues", "Who sees what: rules that add to the catalogues of customers, and take from them.")

_ONE = "/catalogue-rules/<uuid:rule_id>"


@routes.list(
    "/catalogue-rules",
    permission=VIEW,
    portal=True,
    portal_permission=SELL,
    query=CatalogueRuleFilter,
    out=CatalogueRuleOut,
)
def list_catalogue_rules(call: Call) -> Page:
    """The rules, the newest first; in the portal those that the caller's own customers made for what they sell."""
    only = sellers_of(call) if call.principal.is_portal else None
    return queries.rule_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope, only=only)


@routes.post(
    "/catalogue-rules",
    permission=EDIT,
    portal=True,
    portal_permission=SELL,
    body=NewCatalogueRule,
    out=CatalogueRuleOut,
)
def add_catalogue_rule(call: Call) -> Mapping[str, Any]:
    """Adds a rule; in the portal one about a listing that the caller's own customer sells."""
    if not call.principal.is_portal:
        return queries.rule(call.session, catalogue.add_rule(call.session, call.body))
    seller_id = own_listing(call, call.body["listing_id"]) if "listing_id" in call.body else seller_of(call, None)
    return queries.rule(call.session, selling.add_rule(call.session, seller_id, call.body))


@routes.get(_ONE, permission=VIEW, out=CatalogueRuleOut)
def show_catalogue_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """One rule."""
    return queries.rule(call.session, rule_id)


@routes.delete(_ONE, permission=EDIT, portal=True, portal_permission=SELL)
def remove_catalogue_rule(call: Call, rule_id: str) -> None:
    """Removes a rule; in the portal one of the caller's own."""
    if not call.principal.is_portal:
        catalogue.remove_rule(call.session, rule_id)
        return
    seller_id = queries.rule(call.session, rule_id)["seller_id"]
    if seller_id is None or not call.principal.sees(seller_id):
        raise CatalogueRuleNotFound("There is no such rule of yours.")
    selling.remove_rule(call.session, seller_of(call, seller_id), rule_id)


@routes.get("/listings/<uuid:listing_id>/visibility", permission=VIEW, query=VisibilityQuestion, out=VisibilityOut)
def explain_visibility(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Why a customer sees a listing, or does not: every rule that was looked at, in order, and the one that decided."""
    roles = [call.query["role"]] if "role" in call.query else []
    return queries.visibility(call.session, listing_id, call.query["customer_id"], roles)
