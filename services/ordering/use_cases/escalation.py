"""What happens to approvals that are overdue: a reminder, then others are asked, too, then the provider's staff."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from ordering.domain.approval_flows import DUE_AFTER
from ordering.domain.approvers import ESCALATED, WITH_STAFF
from ordering.events import approvals as events
from ordering.queries import company as of_company
from ordering.tables.approvals import approval_flows
from ordering.use_cases import store
from ordering.use_cases.approval_routing import people_of, route


def escalate(session: Session, portion: int) -> int:
    """Raises the level of so many overdue approvals at the most, and tells it; returns how many. At the first level
    those who may decide are reminded, at the second the approvers above and the company's admins may decide, too, at
    the third staff may; from then on it is only told again. Nothing is ever decided by time."""
    of = approval_flows.c
    now = store.moment(session)
    statement = (
        select(approval_flows)
        .where(of.status == "pending", of.due_at <= now)
        .order_by(of.due_at)
        .limit(portion)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(statement).mappings().all()
    flows = [{str(name): value for name, value in row.items()} for row in rows]
    for flow in flows:
        flow |= {
            "escalation_level": flow["escalation_level"] + 1,
            "due_at": now + DUE_AFTER,
            "version": flow["version"] + 1,
            "updated_at": now,
        }
    asked_anew = [flow for flow in flows if ESCALATED <= flow["escalation_level"] <= WITH_STAFF]
    route(session, asked_anew, of_company.rates_on(session, now))
    people = people_of(session, [flow["id"] for flow in flows])
    store.update(session, approval_flows, flows)
    for flow in flows:
        outbox.add(session, events.approval("escalated", flow, people[flow["id"]]))
    return len(flows)
