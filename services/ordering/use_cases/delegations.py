"""Delegations: an approver lets somebody decide in its place for a while."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from ordering.domain.approval_rules import APPROVING_ROLES
from ordering.domain.approvers import Holder, holders_of
from ordering.errors.approvals import DelegationNotFound, DelegationUnsuitable
from ordering.events import approvals as events
from ordering.tables.approvals import approval_delegations
from ordering.tables.people import replica_portal_roles
from ordering.use_cases import store
from ordering.use_cases.approval_rules import check_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

LONGEST: Final = timedelta(days=92)


def create_delegation(session: Session, body: Body) -> str:
    """Lets `delegate_id` decide in the place of `delegator_id`, both of them people of the customer; returns the id.
    Raises CustomerUnknown, DelegationUnsuitable."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    starts, ends = body.get("starts_at") or now, body["ends_at"]
    if not max(starts, now) < ends <= starts + LONGEST:
        raise _unsuitable(f"A delegation ends in the future, and after {LONGEST.days} days at most.", "/ends_at")
    people = _people(session, body["customer_id"])
    delegator, delegate = people.get(body["delegator_id"]), people.get(body["delegate_id"])
    if delegator is None or not delegator.may_approve:
        raise _unsuitable(
            f"Only {' and '.join(APPROVING_ROLES)} of this customer have something to lend.", "/delegator_id"
        )
    if delegate is None or delegate == delegator:
        raise _unsuitable("Name somebody else of this customer.", "/delegate_id")
    record: Record = {
        "id": new_id(),
        "customer_id": body["customer_id"],
        "delegator_id": delegator.account_id,
        "delegator_label": delegator.label,
        "delegate_id": delegate.account_id,
        "delegate_label": delegate.label,
        "starts_at": starts,
        "ends_at": ends,
        "reason": body.get("reason"),
        "revoked_at": None,
        "version": 1,
        "created_at": now,
    }
    store.insert(session, approval_delegations, [record])
    outbox.add(session, events.approval_delegation("created", record))
    return str(record["id"])


def revoke_delegation(session: Session, delegation_id: str, version: int) -> None:
    """Ends a delegation before its time; what was decided by it stays. Raises DelegationNotFound, Changed."""
    record = store.find(session, approval_delegations, delegation_id, lock=True)
    if record is None:
        raise DelegationNotFound("There is no such delegation.")
    store.check_version(record, version)
    if record["revoked_at"] is not None:
        return
    record |= {"revoked_at": store.moment(session), "version": version + 1}
    store.update(session, approval_delegations, [record])
    outbox.add(session, events.approval_delegation("revoked", record))


def _people(session: Session, customer_id: str) -> dict[str, Holder]:
    of = replica_portal_roles.c
    accounts = session.execute(select(of.accounts).where(of.customer_id == customer_id)).scalar() or []
    return {holder.account_id: holder for holder in holders_of(customer_id, accounts)}


def _unsuitable(detail: str, pointer: str) -> DelegationUnsuitable:
    return DelegationUnsuitable(detail, errors=[FieldError(pointer, detail)])
