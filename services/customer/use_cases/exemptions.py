"""Certificates of a customer that free it from tax: exemptions and resale certificates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text, true
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.limits import MAX_EXEMPTIONS
from customer.domain.taxes import EXEMPTION_LABELS, VERIFIED_FIELDS, check_days
from customer.errors import Unsuitable
from customer.errors.taxes import ExemptionNotFound
from customer.tables.taxes import exemptions
from customer.use_cases import reminders, store
from customer.use_cases.countries import check_jurisdiction
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.reminders import Ending
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN = ("kind", "reason", "number", "valid_from", "valid_to", "file_id")


def add_exemption(session: Session, customer_id: str, body: Body) -> Record:
    """Adds a certificate; with `verified` the caller has verified it. Returns the row."""
    lock_customer(session, customer_id)
    if session.execute(_COUNT, {"id": customer_id}).scalar_one() >= MAX_EXEMPTIONS:
        raise Unsuitable(f"A customer has at most {MAX_EXEMPTIONS} certificates.")
    now = store.moment(session)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        **{field: body.get(field) for field in _PLAIN},
        "jurisdictions": _jurisdictions(body["jurisdictions"]),
        **(_verified_by_caller(session, now) if body.get("verified") else _UNVERIFIED),
        "reminded": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    check_days(record)
    store.insert(session, exemptions, [record])
    outbox.add(session, events.exemption("added", record))
    return record


def change_exemption(session: Session, customer_id: str, exemption_id: str, version: int, body: Body) -> Record:
    """Changes fields of a certificate. What was verified must be verified again, unless `verified` says so in the same
    call. Returns the row."""
    lock_customer(session, customer_id)
    before = _exemption(session, customer_id, exemption_id)
    check_version(before, version)
    after = before | {field: body[field] for field in _PLAIN if field in body}
    if "jurisdictions" in body:
        after["jurisdictions"] = _jurisdictions(body["jurisdictions"])
    check_days(after)
    if after["valid_to"] != before["valid_to"]:
        after["reminded"] = None
    now = store.moment(session)
    altered = any(after[field] != before[field] for field in VERIFIED_FIELDS)
    if body.get("verified") is True and (altered or not before["verified_at"]):
        after |= _verified_by_caller(session, now)
    elif body.get("verified") is False or altered:
        after |= _UNVERIFIED
    differing = changes(before, after, EXEMPTION_LABELS) + _verification(before, after)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": now}
    store.update(session, exemptions, [after])
    outbox.add(session, events.exemption("updated", after, changes=differing))
    return after


def remove_exemption(session: Session, customer_id: str, exemption_id: str, version: int) -> None:
    """Removes a certificate that was a mistake; one that has ended stays as evidence."""
    lock_customer(session, customer_id)
    record = _exemption(session, customer_id, exemption_id)
    check_version(record, version)
    store.remove(session, exemptions, exemption_id)
    outbox.add(session, events.exemption("removed", record | {"version": record["version"] + 1}))


def remind(session: Session) -> int:
    """Publishes the reminders of certificates that are due today, of a portion; returns how many."""
    return reminders.remind(session, _ENDING)


_ENDING = Ending(exemptions, exemptions.c.valid_to, events.exemption_expiring, true())
_UNVERIFIED = {"verified_by": None, "verified_label": None, "verified_at": None}


def _verified_by_caller(session: Session, now: datetime) -> Record:
    context: Context = session.info["context"]
    account_id = context.actor.partition(":")[2]
    return {"verified_by": account_id, "verified_label": context.actor_label or account_id, "verified_at": now}


def _verification(before: Record, after: Record) -> list[Change]:
    if before["verified_at"] == after["verified_at"]:
        return []
    old, new = ((record["verified_by"], record["verified_label"]) for record in (before, after))
    return [reference_change("verified_by", "Verified by", old, new)]


def _jurisdictions(codes: Sequence[str]) -> list[str]:
    checked = [check_jurisdiction(code, f"/jurisdictions/{place}") for place, code in enumerate(codes)]
    return sorted(set(checked))


def _exemption(session: Session, customer_id: str, exemption_id: str) -> Record:
    record = store.find(session, exemptions, exemption_id, customer_id=customer_id)
    if record is None:
        raise ExemptionNotFound("This customer has no such certificate.")
    return record


_COUNT = text("SELECT count(*) FROM exemptions WHERE customer_id = CAST(:id AS uuid)")
