"""Soft reservations end on time, and drift of stock is told to Prometheus."""

from threading import Event as Stop

from prometheus_client import Gauge

from common.context import context_for
from common.db import Database
from warehouse.queries.stock import stock_drift
from warehouse.use_cases.expiry import expire_due

EXPIRY_SECONDS = 15.0
DRIFT_SECONDS = 3_600.0

DRIFT = Gauge("atrium_stock_drift", "Balances of stock that differ from their movements or reservations")


class Expiry:
    """Ends soft reservations. Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:expiry", "Reservation expiry")
        return self._database.run(expire_due, context=context) > 0 and not stop.is_set()


class Reconciler:
    """Counts balances that drifted; it reports, and repairs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, _stop: Stop) -> bool:
        """One look at all balances."""
        DRIFT.set(len(self._database.run(stock_drift)))
        return False
