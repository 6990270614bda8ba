"""Deals of a customer. What they say of the customer's lifecycle is written in the same transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.ids import is_id, new_id
from common.outbox import Draft
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.deals import (
    DEAL_LABELS,
    LIFECYCLE_LABELS,
    check_outcome,
    lifecycle_after,
    reason_of,
    value_of,
    verb_of,
)
from customer.domain.limits import MAX_DEALS
from customer.domain.money import to_minor
from customer.errors import Unsuitable
from customer.errors.deals import DealNotFound
from customer.tables.deals import deals
from customer.use_cases import catalogue, store
from customer.use_cases.countries import check_currency
from customer.use_cases.customers import save
from customer.use_cases.deal_stages import DEAL_STAGES
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN = ("name", "status", "lost_reason", "expected_close_on")


def add_deal(session: Session, customer_id: str, body: Body) -> Record:
    """Adds a deal, of the caller where no owner is named; returns the row with `lifecycle_change`, which says whether
    and why the customer went on."""
    customer = lock_customer(session, customer_id)
    if session.execute(_COUNT, {"id": customer_id}).scalar_one() >= MAX_DEALS:
        raise Unsuitable(f"A customer has at most {MAX_DEALS} deals.")
    now = store.moment(session)
    status = body.get("status", "open")
    stage = _stage(session, body.get("stage"))
    check_outcome(status, body.get("lost_reason"))
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "name": body["name"],
        "stage": stage["code"],
        "status": status,
        "lost_reason": body.get("lost_reason"),
        **_value(body),
        "expected_close_on": body.get("expected_close_on"),
        "closed_at": None if status == "open" else now,
        **_owner(body["owner"] if "owner" in body else _caller(session)),
        "quote_ids": list(dict.fromkeys(body.get("quote_ids", ()))),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert(session, deals, [record])
    outbox.add(session, events.deal("added", record, stage["label"]))
    return record | {"lifecycle_change": _carry_on(session, customer, record)}


def change_deal(session: Session, customer_id: str, deal_id: str, version: int, body: Body) -> Record:
    """Changes fields of a deal; `status` wins, loses or reopens it. Returns the row with `lifecycle_change`."""
    customer = lock_customer(session, customer_id)
    before = _deal(session, customer_id, deal_id)
    check_version(before, version)
    after = before | {field: body[field] for field in _PLAIN if field in body}
    if after["status"] != "lost" and "lost_reason" not in body:
        after["lost_reason"] = None
    check_outcome(after["status"], after["lost_reason"])
    if "value" in body:
        after |= _value(body)
    if "owner" in body:
        after |= _owner(body["owner"])
    if "quote_ids" in body:
        after["quote_ids"] = list(dict.fromkeys(body["quote_ids"]))
    named = {code: catalogue.named(session, DEAL_STAGES, code, "/stage")["label"] for code in _stages(before, body)}
    after["stage"] = body.get("stage", before["stage"])
    differing = _differing(before, after, named)
    if not differing:
        return before | {"lifecycle_change": None}
    now = store.moment(session)
    if after["status"] != before["status"]:
        after["closed_at"] = None if after["status"] == "open" else now
    after |= {"version": before["version"] + 1, "updated_at": now}
    store.update(session, deals, [after])
    verb = verb_of(before["status"], after["status"])
    outbox.add(session, events.deal(verb, after, named[after["stage"]], changes=differing))
    return after | {"lifecycle_change": _carry_on(session, customer, after)}


def remove_deal(session: Session, customer_id: str, deal_id: str, version: int) -> None:
    """Removes a deal that was a mistake; the customer's lifecycle stays as it is."""
    lock_customer(session, customer_id)
    record = _deal(session, customer_id, deal_id)
    check_version(record, version)
    label = catalogue.named(session, DEAL_STAGES, record["stage"], "/stage")["label"]
    store.remove(session, deals, deal_id)
    outbox.add(session, events.deal("removed", record | {"version": record["version"] + 1}, label))


def announce_moved(session: Session, told: Sequence[tuple[Record, Sequence[Change]]]) -> list[Draft]:
    """What is published of deals that another customer has taken over, and of what that changed."""
    labels = {row.code: row.label for row in session.execute(_STAGES)}
    return [events.deal("updated", record, labels[record["stage"]], changes=differing) for record, differing in told]


def _carry_on(session: Session, customer: Record, deal: Record) -> Mapping[str, str] | None:
    before = customer["lifecycle"]
    after = lifecycle_after(before, deal["status"])
    if after == before:
        return None
    because = reason_of(deal["status"], deal["name"])
    change: Change = {
        "path": "lifecycle",
        "label": "Lifecycle",
        "before": before,
        "after": after,
        "before_label": LIFECYCLE_LABELS[before],
        "after_label": f"{LIFECYCLE_LABELS[after]} ({because})",
    }
    save(session, customer | {"lifecycle": after}, [change])
    return {"before": before, "after": after, "reason": because}


def _differing(before: Record, after: Record, stages: Mapping[str, str]) -> list[Change]:
    found = changes(before | {"value": value_of(before)}, after | {"value": value_of(after)}, DEAL_LABELS)
    if after["stage"] != before["stage"]:
        old, new = ((code, stages[code]) for code in (before["stage"], after["stage"]))
        found.append(reference_change("stage", "Stage", old, new))
    if after["owner_id"] != before["owner_id"]:
        old, new = ((record["owner_id"], record["owner_label"]) for record in (before, after))
        found.append(reference_change("owner", "Owner", old, new))
    return found


def _stages(before: Record, body: Body) -> list[str]:
    # In one order, so that two who change the same stages wait for each other in one direction.
    return sorted({before["stage"], body.get("stage", before["stage"])})


def _stage(session: Session, code: str | None) -> Record:
    """The stage that is named, else the first one."""
    if code is None:
        code = session.execute(_FIRST_STAGE).scalar()
        if code is None:
            raise catalogue.unknown(session, DEAL_STAGES, [("/stage", "at all")])
    return catalogue.named(session, DEAL_STAGES, code, "/stage")


def _value(body: Body) -> Record:
    value = body.get("value")
    if value is None:
        return {"value_minor": None, "value_currency": None}
    currency = check_currency(value["currency"], "/value/currency")
    return {"value_minor": to_minor(value["amount"], currency, "/value"), "value_currency": currency}


def _owner(owner: Mapping[str, str] | None) -> Record:
    return {"owner_id": owner["id"] if owner else None, "owner_label": owner["label"] if owner else None}


def _caller(session: Session) -> Mapping[str, str] | None:
    context: Context = session.info["context"]
    kind, _, account_id = context.actor.partition(":")
    if kind not in {"staff", "api"} or not is_id(account_id) or not context.actor_label:
        return None
    return {"id": account_id, "label": context.actor_label}


def _deal(session: Session, customer_id: str, deal_id: str) -> Record:
    record = store.find(session, deals, deal_id, customer_id=customer_id)
    if record is None:
        raise DealNotFound("This customer has no such deal.")
    return record


_COUNT = text("SELECT count(*) FROM deals WHERE customer_id = CAST(:id AS uuid)")
_STAGES = text("SELECT code, label FROM deal_stages")
_FIRST_STAGE = text("SELECT code FROM deal_stages ORDER BY position, code LIMIT 1")
