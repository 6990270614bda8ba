"""Which day it is for what a reader is shown."""

from datetime import date

from sqlalchemy.orm import Session

from common.outbox import Publisher


def today(session: Session) -> date:
    """The day in UTC, by the clock that rows and events go by."""
    publisher: Publisher = session.info["publisher"]
    return publisher.clock.now().date()
