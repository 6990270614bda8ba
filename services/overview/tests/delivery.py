"""Handing events to this service as its worker does: through the inbox, in batches."""

from collections.abc import Sequence

from sqlalchemy import text

from common import inbox
from common.envelope import Event
from common.service import Service


def deliver(service: Service, events: Event | Sequence[Event], *, consumer: str = "overview", batch: int = 50) -> None:
    """Lets events take effect; fails where one of them is held."""
    hand_over(service, events, consumer=consumer, batch=batch)
    with service.db.transaction() as session:
        held = session.execute(text("SELECT type, error FROM held")).all()
    assert not held, [tuple(row) for row in held]


def hand_over(
    service: Service, events: Event | Sequence[Event], *, consumer: str = "overview", batch: int = 50
) -> None:
    """Hands events to the inbox; one that cannot take effect lands in `held`, as in production."""
    given = [events] if isinstance(events, Event) else list(events)
    for start in range(0, len(given), batch):
        inbox.apply(service, consumer, [(event, "interactive") for event in given[start : start + batch]])
