"""Standing orders whose day has come are made and submitted."""

from collections.abc import Mapping
from functools import partial
from threading import Event as Stop

from common.context import Context, context_for
from common.db import ALL_ROWS, Database, Scope
from ordering.use_cases import standing_orders
from ordering.use_cases.standing_orders import Due

EVERY_SECONDS = 60.0
_PORTION = 50


class StandingOrders:
    """Orders once for each day of each standing order, however many workers run it."""

    def __init__(self, database: Database, ceilings: Mapping[str, int]) -> None:
        self._database = database
        self._ceilings = ceilings

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more. One that fails does not keep the others waiting."""
        found = self._database.run(partial(standing_orders.due, portion=_PORTION))
        done, failure = 0, None
        for what in found:
            if stop.is_set():
                return False
            work = partial(standing_orders.order, what=what, ceilings=self._ceilings)
            try:
                done += self._database.run(work, scope=_scope(what), context=_context(what))
            except Exception as error:  # noqa: BLE001  # raised below, once the others had their turn
                failure = error
        if failure is not None:
            raise failure
        return done > 0


def _scope(what: Due) -> Scope:
    # What the customer's own people have made reaches no further than they do.
    return Scope((what.customer_id,)) if what.by_portal else ALL_ROWS


def _context(what: Due) -> Context:
    label = f"{what.owner_label}, by a standing order" if what.owner_label else "Standing order"
    return context_for(what.owner, label).bulk()
