"""Rules of purchase order numbers and purchase orders, as companies and the provider write them down."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from common.money import to_minor, to_money
from ordering.domain.changes import changes
from ordering.domain.purchase_orders import (
    CLOSED,
    OPEN,
    PURCHASE_ORDER_LABELS,
    RULE_LABELS,
    check_purchase_order,
    check_rule,
)
from ordering.errors import MoneyUnsuitable
from ordering.errors.purchase_orders import (
    PoRuleNotFound,
    PoRuleTaken,
    PurchaseOrderNotFound,
    PurchaseOrderTaken,
    PurchaseOrderUnsuitable,
)
from ordering.events import purchase_orders as events
from ordering.tables.purchase_orders import po_rules, purchase_orders
from ordering.use_cases import store
from ordering.use_cases.approval_rules import check_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


def create_rule(session: Session, body: Body) -> str:
    """Sets the rule of a customer and returns its id; raises CustomerUnknown, PoRuleTaken, PoRuleUnsuitable."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = dict.fromkeys(("required_from_minor", "currency", "mask")) | {"status": "active"} | _columns(body)
    check_rule(record)
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    if not store.insert_free(session, po_rules, [record]):
        raise PoRuleTaken("This customer has a rule of purchase order numbers; change that one.")
    outbox.add(session, events.po_rule("created", record))
    return str(record["id"])


def change_rule(session: Session, rule_id: str, version: int, body: Body) -> None:
    """Changes a rule, for orders that are submitted from now on; raises PoRuleNotFound, Changed, PoRuleUnsuitable."""
    before = _locked_rule(session, rule_id, version)
    after = before | _columns(body)
    check_rule(after)
    differing = changes(_shown(before, "required_from"), _shown(after, "required_from"), RULE_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": store.moment(session)}
    store.update(session, po_rules, [after])
    outbox.add(session, events.po_rule("updated", after, changes=differing))


def delete_rule(session: Session, rule_id: str, version: int) -> None:
    """Deletes a rule; that of the node above counts then. Raises PoRuleNotFound, Changed."""
    record = _locked_rule(session, rule_id, version)
    store.remove(session, po_rules, rule_id)
    outbox.add(session, events.po_rule("deleted", record | {"version": version + 1}))


def create_purchase_order(session: Session, body: Body) -> str:
    """Writes down a purchase order and returns its id; raises CustomerUnknown, PurchaseOrderTaken, MoneyUnsuitable,
    PurchaseOrderUnsuitable."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = dict.fromkeys(("valid_from", "valid_to")) | {"status": OPEN, "drawn_minor": 0} | _columns(body)
    check_purchase_order(record)
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    if not store.insert_free(session, purchase_orders, [record]):
        raise PurchaseOrderTaken(f"This customer has a purchase order {record['number']}; change that one.")
    outbox.add(session, events.purchase_order("created", record))
    return str(record["id"])


def change_purchase_order(session: Session, purchase_order_id: str, version: int, body: Body) -> None:
    """Changes a purchase order; what was drawn stays drawn. Raises PurchaseOrderNotFound, Changed, MoneyUnsuitable,
    PurchaseOrderUnsuitable."""
    before = _locked_purchase_order(session, purchase_order_id, version)
    after = before | _columns(body)
    if after["currency"] != before["currency"]:
        raise PurchaseOrderUnsuitable("The currency stays; close this purchase order and write down another one.")
    check_purchase_order(after)
    _save(session, before, after, "updated")


def close_purchase_order(session: Session, purchase_order_id: str, version: int) -> None:
    """Lets no order draw any more; raises PurchaseOrderNotFound, Changed."""
    before = _locked_purchase_order(session, purchase_order_id, version)
    _save(session, before, before | {"status": CLOSED}, "closed")


def _save(session: Session, before: Record, after: Record, verb: str) -> None:
    differing = changes(_shown(before, "amount"), _shown(after, "amount"), PURCHASE_ORDER_LABELS)
    if not differing:
        return
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, purchase_orders, [after])
    outbox.add(session, events.purchase_order(verb, after, changes=differing))


def _columns(body: Body) -> Record:
    """What a body says, as the tables have it."""
    record = {name: value for name, value in body.items() if name not in {"amount", "required_from"}}
    for name in ("amount", "required_from"):
        if name in body:
            amount = body[name]
            minor = to_minor(amount["amount"], amount["currency"], f"/{name}", MoneyUnsuitable) if amount else None
            record |= {f"{name}_minor": minor, "currency": amount["currency"] if amount else None}
    return record


def _shown(record: Record, name: str) -> Record:
    return record | {name: to_money(record[f"{name}_minor"], record["currency"])}


def _locked_rule(session: Session, rule_id: str, version: int) -> Record:
    record = store.find(session, po_rules, rule_id, lock=True)
    if record is None:
        raise PoRuleNotFound("There is no such rule of purchase order numbers.")
    store.check_version(record, version)
    return record


def _locked_purchase_order(session: Session, purchase_order_id: str, version: int) -> Record:
    record = store.find(session, purchase_orders, purchase_order_id, lock=True)
    if record is None:
        raise PurchaseOrderNotFound("There is no such purchase order.")
    store.check_version(record, version)
    return record
