"""Orders that nobody decides about are told of and expire; and what waits too long for its other side is counted."""

from threading import Event as Stop

from prometheus_client import Gauge
from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from ordering.queries.orphans import count_orphans
from ordering.use_cases.orders import endings, reminders

EXPIRY_SECONDS = 60.0
RECONCILE_SECONDS = 3_600.0
_PORTION = 50

ORPHANS = Gauge(
    "atrium_ordering_orphans",
    "Reservations without an open order, and orders that the warehouse has not answered",
    ["kind"],
)


class Expiry:
    """Ends orders about which nobody has decided in time, and tells of them some days before. Any number of workers may
    run it."""

    def __init__(self, database: Database, days: int, days_before: int) -> None:
        self._database = database
        self._days = days
        self._days_before = days_before

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:expiry", "Expiry of orders").bulk()
        ended = self._database.run(lambda session: endings.expire(session, self._days, _PORTION), context=context)
        told = self._database.run(self._remind, context=context)
        return _PORTION in {ended, told} and not stop.is_set()

    def _remind(self, session: Session) -> int:
        return reminders.remind(session, self._days, self._days_before, _PORTION)


class Reconciler:
    """Tells Prometheus how many orphans there are; what several workers do at once does no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, _stop: Stop) -> bool:
        """One round."""
        for kind, number in self._database.run(count_orphans).items():
            ORPHANS.labels(kind).set(number)
        return False
