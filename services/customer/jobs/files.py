"""Files that lay in the bin long enough are purged, and contents that nobody has any more are removed."""

from functools import partial
from threading import Event as Stop

from common.context import context_for
from common.db import Database
from common.storage.port import Storage
from common.storage.spool import Spool
from customer.use_cases.files.deletion import PORTION, forget_contents, purge, unused_contents

EVERY_SECONDS = 3600.0


class Clearing:
    """Any number of workers may run it."""

    def __init__(self, database: Database, storage: Storage, spool: Spool) -> None:
        self._database = database
        self._storage = storage
        self._spool = spool

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        self._spool.sweep()
        context = context_for("system:files", "Clearing of files").bulk()
        purged = self._database.run(purge, context=context)
        unused = self._database.run(unused_contents)
        for key in unused:
            if stop.is_set():
                return False
            self._storage.remove(key)
        self._database.run(partial(forget_contents, keys=unused))
        return max(purged, len(unused)) >= PORTION
