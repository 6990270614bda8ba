"""Legal holds: reasons for which nothing of a customer may be erased, merged away or deleted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from common.tokens import Principal
from customer import events
from customer.domain.changes import changes
from customer.errors.privacy import LegalHoldNotFound, UnderLegalHold
from customer.tables.privacy import legal_holds
from customer.use_cases import store
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

_LABELS = {"reason": "Reason"}


def place(session: Session, caller: Principal, customer_id: str, body: Mapping[str, Any]) -> Record:
    """Holds a customer's data back, also of an archived one."""
    lock_customer(session, customer_id, archived=True)
    now = store.moment(session)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "reason": body["reason"],
        "placed_by": caller.account_id,
        "placed_label": caller.label,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert(session, legal_holds, [record])
    outbox.add(session, events.legal_hold("added", record))
    return record


def change(session: Session, customer_id: str, hold_id: str, version: int, body: Mapping[str, Any]) -> Record:
    """Words the reason anew. Raises LegalHoldNotFound, Changed."""
    lock_customer(session, customer_id, archived=True)
    before = _hold(session, customer_id, hold_id, version)
    after = before | {name: body[name] for name in _LABELS if name in body}
    differing = changes(before, after, _LABELS)
    if not differing:
        return before
    after |= {"version": version + 1, "updated_at": store.moment(session)}
    store.update(session, legal_holds, [after])
    outbox.add(session, events.legal_hold("updated", after, changes=differing))
    return after


def release(session: Session, customer_id: str, hold_id: str, version: int) -> None:
    """Ends a hold. Raises LegalHoldNotFound, Changed."""
    lock_customer(session, customer_id, archived=True)
    record = _hold(session, customer_id, hold_id, version)
    store.remove(session, legal_holds, hold_id)
    outbox.add(session, events.legal_hold("removed", record | {"version": version + 1}))


def refuse_held(session: Session, customer_id: str, purpose: str) -> None:
    """Raises UnderLegalHold where the customer, which is locked, has a hold; `purpose` is what cannot be done."""
    held = select(legal_holds.c.id, legal_holds.c.reason).where(legal_holds.c.customer_id == customer_id)
    found = [{"id": id_, "reason": reason} for id_, reason in session.execute(held.order_by(legal_holds.c.id))]
    if found:
        raise UnderLegalHold(
            f"A legal hold keeps this customer's data ({found[0]['reason']}); release it before you {purpose}.",
            facts={"holds": found},
        )


def _hold(session: Session, customer_id: str, hold_id: str, version: int) -> Record:
    record = store.find(session, legal_holds, hold_id, customer_id=customer_id)
    if record is None:
        raise LegalHoldNotFound("This customer has no such legal hold.")
    check_version(record, version)
    return record
