"""Operations on segments and on who is in them."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import segments as queries
from customer.queries.rules.fields import offered
from customer.schemas.rules import (
    Decided,
    ExplanationOut,
    MemberOut,
    MembershipOut,
    NewSegment,
    Previewed,
    PreviewOut,
    RuleFieldsOut,
    SegmentChanges,
    SegmentOut,
    SegmentsOfCustomer,
)
from customer.use_cases import store
from customer.use_cases.rules import read_rule, stored_rule
from customer.use_cases.segments import definitions, members
from customer_rules import When

routes = Routes("Segments", "Customers that a rule is true of, kept up to date as they change and as time passes.")

_ONE = "/segments/<uuid:segment_id>"
_MEMBER = f"{_ONE}/customers/<uuid:customer_id>"


@routes.get("/rule-fields", permission="customers.view", out=RuleFieldsOut)
def list_rule_fields(call: Call) -> Mapping[str, Any]:
    """The fields that rules may speak of, with their operators and choices."""
    return {"items": [queries.described(field) for field in offered(call.session).values()]}


@routes.list("/segments", permission="customers.view", out=SegmentOut)
def list_segments(call: Call) -> Page:
    """All segments, by name."""
    return queries.segment_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/segments", permission="segments.manage", body=NewSegment, out=SegmentOut)
def create_segment(call: Call) -> Mapping[str, Any]:
    """Creates a segment; its members are looked for in the background (`state` tells)."""
    return queries.segment(call.session, definitions.create_segment(call.session, call.body)["id"])


@routes.post("/segments/preview", permission="customers.view", body=Previewed, out=PreviewOut, status=200)
def preview_segment(call: Call) -> Mapping[str, Any]:
    """How many customers a rule is true of, twenty of them, and what would change for a segment that had it."""
    rule = read_rule(call.session, call.body)
    segment_id = call.body.get("segment_id")
    if segment_id:
        definitions.segment(call.session, segment_id)
    return {"rule": rule.document, **queries.preview(call.session, rule, _when(call), segment_id)}


@routes.get(_ONE, permission="customers.view", out=SegmentOut)
def show_segment(call: Call, segment_id: str) -> Mapping[str, Any]:
    """One segment."""
    return queries.segment(call.session, segment_id)


@routes.patch(_ONE, permission="segments.manage", body=SegmentChanges, out=SegmentOut)
def change_segment(call: Call, segment_id: str) -> Mapping[str, Any]:
    """Changes a segment. With another rule all customers are looked at again: who no longer fits leaves, who was put in
    or kept out by hand stays so."""
    definitions.change_segment(call.session, segment_id, call.version, call.body)
    return queries.segment(call.session, segment_id)


@routes.delete(_ONE, permission="segments.manage", versioned=True)
def delete_segment(call: Call, segment_id: str) -> None:
    """Deletes a segment that no other one's rule speaks of; its members leave it in the background."""
    definitions.delete_segment(call.session, segment_id, call.version)


@routes.list(f"{_ONE}/customers", permission="customers.view", out=MemberOut)
def list_segment_customers(call: Call, segment_id: str) -> Page:
    """The members of a segment, by number."""
    return queries.members_page(call.session, segment_id, call.limit, call.cursor, call.cursor_scope)


@routes.put(_MEMBER, permission="segments.manage", body=Decided, out=MembershipOut, versioned=False)
def decide_membership(call: Call, segment_id: str, customer_id: str) -> Mapping[str, Any]:
    """Puts a customer in by hand, keeps it out by hand, or leaves it to the rule again."""
    return members.decide(call.session, segment_id, customer_id, call.body["membership"], _when(call))


@routes.get(f"{_ONE}/explain/<uuid:customer_id>", permission="customers.view", out=ExplanationOut)
def explain_membership(call: Call, segment_id: str, customer_id: str) -> Mapping[str, Any]:
    """Why a customer is or is not a member: each comparison of the rule, true or false, with the values found."""
    record = definitions.segment(call.session, segment_id)
    rule = stored_rule(call.session, record["rule"])
    return queries.explanation(call.session, record, rule, customer_id, _when(call))


@routes.get("/customers/<uuid:customer_id>/segments", permission="customers.view", out=SegmentsOfCustomer)
def list_customer_segments(call: Call, customer_id: str) -> Mapping[str, Any]:
    """The segments of which a customer is a member, by name."""
    return {"items": queries.of_customer(call.session, customer_id)}


def _when(call: Call) -> When:
    return When(store.moment(call.session), call.deps.zone)
