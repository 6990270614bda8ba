"""Events in tests: what a service has published, and events handed to its handlers without a transport."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from common.db import Database
from common.envelope import Event, decode
from common.ids import new_id
from common.service import Service


def published(database: Database, event_type: str | None = None) -> list[Event]:
    """The events in a service's log, oldest first, of one type where it is named."""
    with database.transaction() as session:
        rows = session.execute(text("SELECT body FROM outbox ORDER BY seq")).scalars().all()
    events = [decode(body.encode()) for body in rows]
    return [event for event in events if event_type in {None, event.type}]


def event(event_type: str, subject: str, data: dict[str, Any], **attributes: Any) -> Event:
    """An event as another service would send it; attributes have sensible values."""
    customer_id = attributes.pop("customer_id", "")
    return Event(
        **{
            "id": new_id(),
            "type": event_type,
            "source": f"urn:atrium:{event_type.partition('.')[0]}",
            "subject": subject,
            "time": "2026-03-02T09:30:00.000000Z",
            "version": 1,
            "partition_key": customer_id or subject,
            "data": data,
            "customer_id": customer_id,
        }
        | attributes
    )


def deliver(service: Service, events: Event | Sequence[Event]) -> None:
    """Hands events to the service's handlers in one transaction each, as its inbox would; a failure is raised."""
    from common.context import Context
    from common.replicas import flush

    for one in [events] if isinstance(events, Event) else events:
        service.contracts.check(one.type, one.data)
        context = Context(one.actor, one.actor_label, one.correlation_id, one.id, one.chain_depth + 1)
        with service.db.transaction(context=context) as session:
            service.handlers[one.type](session, one)
            flush(session)
