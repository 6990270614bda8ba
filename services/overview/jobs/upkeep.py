"""Upkeep of the read models: what nobody needs any more is forgotten, and gaps in what has arrived are told to
Prometheus."""

from threading import Event as Stop

from prometheus_client import Gauge

from common.db import Database
from overview.queries.gaps import count_gaps
from overview.use_cases.arrivals import trim_arrivals
from overview.use_cases.directory import forget_combinations

GAPS = Gauge("atrium_overview_gaps", "Aggregates of which some version has not arrived, while a newer one has")


class Upkeep:
    """The job of each worker; what several do at once does no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One round; returns whether there may be more to forget."""
        GAPS.set(self._database.run(count_gaps))
        return bool(self._database.run(trim_arrivals)) and not stop.is_set()

    def forget(self, _stop: Stop) -> bool:
        """Forgets what facets no longer count, at once and whole."""
        self._database.run(forget_combinations)
        return False
