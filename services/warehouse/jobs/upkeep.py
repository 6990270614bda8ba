"""Soft reservations and returns end on time, customers' warehouses and requests for assets follow their switches, and
drift of stock is told to Prometheus."""

from threading import Event as Stop

from prometheus_client import Gauge

from common.context import context_for
from common.db import Database
from warehouse.queries.stock import stock_drift
from warehouse.use_cases.assets import switch as inventory
from warehouse.use_cases.dedicated import follow_switches
from warehouse.use_cases.expiry import expire_due
from warehouse.use_cases.returns import requests

EXPIRY_SECONDS = 15.0
RETURNS_SECONDS = 60.0
SWITCHES_SECONDS = 15.0
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


class ReturnExpiry:
    """Ends authorized returns whose goods did not come in time. Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:return-expiry", "Return expiry")
        return self._database.run(requests.expire_due, context=context) > 0 and not stop.is_set()


class Switches:
    """Lets customers' own warehouses drain when their switch went off, and opens them when it came on again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, _stop: Stop) -> bool:
        """One look at all of them."""
        self._database.run(follow_switches, context=context_for("system:warehouse-switch", "Warehouse switch"))
        return False


class Inventories:
    """Holds requests for assets while internal inventory is off, and lets them go on when it comes on again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, _stop: Stop) -> bool:
        """One look at all open requests."""
        context = context_for("system:inventory-switch", "Inventory switch")
        self._database.run(inventory.follow_switches, context=context)
        return False


class Reconciler:
    """Counts balances that drifted; it reports, and repairs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, _stop: Stop) -> bool:
        """One look at all balances."""
        DRIFT.set(len(self._database.run(stock_drift)))
        return False
