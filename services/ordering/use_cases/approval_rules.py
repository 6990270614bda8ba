"""Approval rules of companies, and how far their people may approve orders of their own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor
from customer_replica import customer_line
from ordering.domain.approval_facts import read_predicate
from ordering.domain.approval_rules import RULE_LABELS, check_tiers
from ordering.domain.changes import changes
from ordering.errors import Changed, CustomerUnknown, MoneyUnsuitable
from ordering.errors.approvals import RuleNotFound, RuleUnsuitable
from ordering.events import approvals as events
from ordering.tables.approvals import approval_policies, approval_rules
from ordering.use_cases import store
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    "priority": 0,
    "status": "active",
    "roles": [],
    "account_ids": [],
    "inheritance": "inherit_and_add",
    "valid_from": None,
    "valid_to": None,
}


def create_rule(session: Session, body: Body) -> str:
    """Makes a rule and returns its id; raises CustomerUnknown, RuleUnsuitable."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = _checked({**_DEFAULTS, **body})
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    store.insert(session, approval_rules, [record])
    outbox.add(session, events.approval_rule("created", record))
    return str(record["id"])


def change_rule(session: Session, rule_id: str, version: int, body: Body) -> None:
    """Changes fields of a rule; approvals that are asked for already keep to what it was. Raises RuleNotFound, Changed,
    RuleUnsuitable."""
    before = _locked(session, rule_id, version)
    after = _checked({**before, **body})
    differing = changes(before, after, RULE_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": store.moment(session)}
    store.update(session, approval_rules, [after])
    outbox.add(session, events.approval_rule("updated", after, changes=differing))


def delete_rule(session: Session, rule_id: str, version: int) -> None:
    """Deletes a rule; raises RuleNotFound, Changed."""
    record = _locked(session, rule_id, version)
    store.remove(session, approval_rules, rule_id)
    outbox.add(session, events.approval_rule("deleted", record | {"version": version + 1}))


def set_policy(session: Session, customer_id: str, version: int, body: Body) -> None:
    """Sets up to which amount people of a company may approve orders of their own; `version` is 0 where there is no
    policy yet. Raises CustomerUnknown, Changed, MoneyUnsuitable."""
    check_customer(session, customer_id)
    amount = body["self_approval_up_to"]
    minor = None
    if amount is not None:
        minor = to_minor(amount["amount"], amount["currency"], "/self_approval_up_to", MoneyUnsuitable)
    values = {
        "self_approval_minor": minor,
        "self_approval_currency": amount["currency"] if amount else None,
        "version": version + 1,
        "updated_at": store.moment(session),
    }
    statement = insert(approval_policies).values(customer_id=customer_id, **values)
    of = approval_policies.c
    if version:
        statement = statement.on_conflict_do_update(
            index_elements=["customer_id"], set_=values, where=of.version == version
        )
    else:
        statement = statement.on_conflict_do_nothing()
    if session.execute(statement.returning(of.version)).first() is None:
        present = session.execute(select(of.version).where(of.customer_id == customer_id)).scalar()
        raise Changed("Somebody else changed the policy; read it again.", facts={"current_version": present})


def check_customer(session: Session, customer_id: str) -> None:
    """Raises CustomerUnknown where there is no such customer for the caller."""
    if not customer_line(session, customer_id):
        raise CustomerUnknown(
            "There is no such customer.", errors=[FieldError("/customer_id", "Names no customer that you may see.")]
        )


def _checked(record: Record) -> Record:
    """The record, its predicate in the form in which it is kept; raises RuleUnsuitable."""
    check_tiers(record["tiers"])
    begins, ends = record["valid_from"], record["valid_to"]
    if begins and ends and ends < begins:
        raise RuleUnsuitable(
            "The rule ends before it begins.", errors=[FieldError("/valid_to", "Is before valid_from.")]
        )
    tiers = [
        {
            "approvers": [{"kind": one["kind"], "value": one.get("value")} for one in tier["approvers"]],
            "mode": tier["mode"],
            "n": tier.get("n"),
        }
        for tier in record["tiers"]
    ]
    return record | {"predicate": read_predicate(record["predicate"]).document, "tiers": tiers}


def _locked(session: Session, rule_id: str, version: int) -> Record:
    record = store.find(session, approval_rules, rule_id, lock=True)
    if record is None:
        raise RuleNotFound("There is no such approval rule.")
    store.check_version(record, version)
    return record
