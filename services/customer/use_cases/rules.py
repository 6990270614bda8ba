"""Rules as people send them, and rules as they are stored, read into the one form that is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.domain.rule_fields import segments_of
from customer.errors.rules import RuleRefused
from customer.queries.rules import fields as rule_fields
from customer_rules import Rule, RuleInvalid, When, leaves, parse, to_tree

_MOST_SAID = 3


def read_rule(session: Session, body: Mapping[str, Any]) -> Rule:
    """The rule in `rule` (a tree), else in `text` (the short form). Raises RuleRefused, which points into the tree."""
    fields = rule_fields.offered(session)
    is_tree = body.get("rule") is not None
    try:
        return parse(body["rule"] if is_tree else to_tree(body.get("text") or "", fields), fields)
    except RuleInvalid as invalid:
        errors = [
            FieldError(f"/rule{problem.pointer}" if is_tree else "/text", problem.detail, problem.code)
            for problem in invalid.problems
        ]
        said = " ".join(problem.detail for problem in invalid.problems[:_MOST_SAID])
        raise RuleRefused(f"{said} Correct the rule and send it again.", errors=errors) from invalid


def stored_rule(session: Session, document: Mapping[str, Any]) -> Rule:
    """A rule that was accepted earlier. Raises RuleInvalid where it speaks of what no longer is a field."""
    return parse(document, rule_fields.stored(session))


def needed_segments(rule: Rule) -> list[str]:
    """The segments that a rule speaks of, sorted."""
    listed = {
        segment_id
        for leaf in leaves(rule.root)
        if leaf.field.name == "segment" and leaf.value is not None
        for segment_id in leaf.value
    }
    return sorted(listed | segments_of(rule.field_names))


def when(now: datetime, zone: str) -> When:
    """The moment and the time zone that relative parts of a rule are seen from."""
    return When(now, ZoneInfo(zone))
