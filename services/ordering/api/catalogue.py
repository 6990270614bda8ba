"""Operations on the rules of catalogues, and the answer to why something is seen."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from ordering.queries import catalogue as queries
from ordering.schemas.catalogue import (
    CatalogueRuleFilter,
    CatalogueRuleOut,
    NewCatalogueRule,
    VisibilityOut,
    VisibilityQuestion,
)
from ordering.use_cases import catalogue

VIEW = "listings.view"
EDIT = "listings.edit"

routes = Routes("Catalogues", "Who sees what: rules that add to the catalogues of customers, and take from them.")

_ONE = "/catalogue-rules/<uuid:rule_id>"


@routes.list("/catalogue-rules", permission=VIEW, query=CatalogueRuleFilter, out=CatalogueRuleOut)
def list_catalogue_rules(call: Call) -> Page:
    """The rules, the newest first."""
    return queries.rule_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/catalogue-rules", permission=EDIT, body=NewCatalogueRule, out=CatalogueRuleOut)
def add_catalogue_rule(call: Call) -> Mapping[str, Any]:
    """Adds a rule."""
    rule_id = catalogue.add_rule(call.session, call.body)
    return queries.rule(call.session, rule_id)


@routes.get(_ONE, permission=VIEW, out=CatalogueRuleOut)
def show_catalogue_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """One rule."""
    return queries.rule(call.session, rule_id)


@routes.delete(_ONE, permission=EDIT)
def remove_catalogue_rule(call: Call, rule_id: str) -> None:
    """Removes a rule."""
    catalogue.remove_rule(call.session, rule_id)


@routes.get("/listings/<uuid:listing_id>/visibility", permission=VIEW, query=VisibilityQuestion, out=VisibilityOut)
def explain_visibility(call: Call, listing_id: str) -> Mapping[str, Any]:
    """Why a customer sees a listing, or does not: every rule that was looked at, in order, and the one that decided."""
    roles = [call.query["role"]] if "role" in call.query else []
    return queries.visibility(call.session, listing_id, call.query["customer_id"], roles)
