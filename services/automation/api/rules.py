"""Operations on rules."""

from collections.abc import Mapping
from typing import Any

from automation.errors import CustomerRequired
from automation.queries import rules as queries
from automation.schemas.rules import NewRule, RuleChanges, RuleFilter, RuleOut, Trial, TrialOut, TriggersOut
from automation.use_cases import rules, trying
from common.errors import FieldError
from common.web import Call, Page, Routes
from common.web.access import require

VIEW = "automation.view"
EDIT = "automation.edit"

routes = Routes(
    "Rules",
    "What happens by itself when something has happened: a condition over an event, and tasks that are made or closed."
    " The provider's rules always answer, a company's own while its switch `automation_enabled` is on.",
)

_ONE = "/rules/<uuid:rule_id>"


@routes.get("/rule-triggers", permission=VIEW, portal=True, out=TriggersOut)
def list_rule_triggers(_call: Call) -> Mapping[str, Any]:
    """The events to which rules may answer, with what conditions and titles may name of each."""
    return queries.triggers()


@routes.list("/rules", permission=VIEW, portal=True, query=RuleFilter, out=RuleOut)
def list_rules(call: Call) -> Page:
    """Rules, the oldest first; a portal user sees those of its customers."""
    return queries.rule_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/rules", permission=EDIT, portal=True, body=NewRule, out=RuleOut)
def create_rule(call: Call) -> Mapping[str, Any]:
    """Makes a rule, disabled unless it says otherwise; it answers to what happens once it is enabled."""
    check_node(call, EDIT, call.body.get("customer_id"))
    return queries.rule(call.session, rules.create_rule(call.session, call.body))


@routes.get(_ONE, permission=VIEW, portal=True, out=RuleOut)
def show_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """One rule."""
    return queries.rule(call.session, rule_id)


@routes.patch(_ONE, permission=EDIT, portal=True, body=RuleChanges, out=RuleOut)
def change_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """Changes a rule. Enabling one that was paused lets it go on."""
    check_node(call, EDIT, queries.rule(call.session, rule_id)["customer_id"])
    rules.change_rule(call.session, rule_id, call.version, call.body)
    return queries.rule(call.session, rule_id)


@routes.delete(_ONE, permission=EDIT, portal=True, versioned=True)
def delete_rule(call: Call, rule_id: str) -> None:
    """Deletes a rule. Its runs and what they made stay."""
    check_node(call, EDIT, queries.rule(call.session, rule_id)["customer_id"])
    rules.delete_rule(call.session, rule_id, call.version)


@routes.post(f"{_ONE}/dry-run", permission=VIEW, portal=True, status=200, body=Trial, out=TrialOut)
def try_rule(call: Call, rule_id: str) -> Mapping[str, Any]:
    """What a rule would do about an event, and why. Nothing is written."""
    return trying.try_rule(call.session, call.service.contracts, rule_id, call.body)


def check_node(call: Call, permission: str, customer_id: str | None) -> None:
    """Raises PermissionMissing where the caller may not do it for that customer, and CustomerRequired where somebody
    of a company names none."""
    if call.principal.is_portal and customer_id is None:
        raise CustomerRequired(
            "Say which of your customers it is for.", errors=[FieldError("/customer_id", "Is needed in the portal.")]
        )
    require(call.principal, permission, customer_id)
