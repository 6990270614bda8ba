"""One event through its handler: checked against what the consumer reads, in its context, in a savepoint."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.context import Context, Lane
from common.envelope import Event
from common.service import Service


def base_name(consumer: str) -> str:
    """The service behind a consumer: a generation such as `overview@2` reads what `overview` reads."""
    return consumer.partition("@")[0]


def handle(session: Session, service: Service, consumer: str, event: Event, lane: Lane) -> None:
    """Runs the handler of an event. Raises ContractBroken, LookupError (no handler), or what the handler raises."""
    service.contracts.check_read(base_name(consumer), event.type, event.data)
    handler = service.handlers.get(event.type)
    if handler is None:
        # During a rolling update an older process may take what only the newer one knows.
        raise LookupError(f"no handler for {event.type}")
    session.info["context"] = _context(event, lane)
    handler(session, event)


def try_one(session: Session, service: Service, consumer: str, event: Event, lane: Lane) -> Exception | None:
    """Handles one event in a savepoint and returns what it raised, with nothing of it left behind."""
    ids: list[str] = session.info.setdefault("event_ids", [])
    written = len(outbox.pending(session)), len(ids)
    try:
        with session.begin_nested():
            handle(session, service, consumer, event, lane)
            session.flush()
            replicas.flush(session)
    except Exception as error:
        if is_outage(error):
            raise
        replicas.forget(session)
        del outbox.pending(session)[written[0] :]
        del ids[written[1] :]
        return error
    return None


def is_outage(error: BaseException) -> bool:
    """Whether the database cannot be used at all for now, whatever the event."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    # 08 connection, 53 resources, 57P shutdown, 25006 read-only after a failover.
    return state[:2] in {"08", "53"} or state[:3] == "57P" or state == "25006"


def reason_of(error: BaseException) -> str:
    """What went wrong in one line, without the row that a database error would quote."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        diagnosis = getattr(error.orig, "diag", None)
        return f"{type(error.orig).__name__}: {getattr(diagnosis, 'message_primary', None) or 'database error'}"[:500]
    return f"{type(error).__name__}: {error}"[:500]


def _context(event: Event, lane: Lane) -> Context:
    return Context(
        actor=event.actor,
        actor_label=event.actor_label,
        correlation_id=event.correlation_id or event.id,
        causation_id=event.id,
        chain_depth=event.chain_depth + 1,
        traceparent=event.traceparent,
        # What a mass change causes is a mass change too.
        lane="bulk" if lane == "bulk" or event.actor.startswith("import:") else "interactive",
    )
