"""What gateways long-poll: the sids that they must refuse, as soon as the set differs from the one they know."""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from common.db import Database
from identity.errors import RevocationsUnknown
from identity.use_cases.session_ends import CHANNEL

log = logging.getLogger(__name__)

# Access tokens live five minutes; a transaction that ends a session may take some seconds more to commit.
REMEMBERED_MINUTES = 6
LONGEST_WAIT_SECONDS = 25.0

_POLL_SECONDS = 0.2
_STALE_SECONDS = 2.0
_MOST_WAITERS = 4  # each holds a thread of the web process


@dataclass(frozen=True, slots=True)
class Revoked:
    """The sids revoked lately, and a fingerprint of the set."""

    fingerprint: str
    sids: Sequence[str]


class RevocationWatch:
    """One thread per process reads the set when PostgreSQL notifies, and every 200 ms in case a notification is lost;
    any number of callers may ask, a few may wait. Starts with the first question, so it survives a fork before it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = threading.Condition()
        self._waiters = threading.BoundedSemaphore(_MOST_WAITERS)
        self._known: Revoked | None = None
        self._read_at = 0.0
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def differing_from(self, fingerprint: str, wait: float) -> Revoked:
        """The present set: at once where its fingerprint differs, else when it does, else after `wait` seconds. Raises
        RevocationsUnknown where the set cannot be read."""
        self._start()
        if not self._waiters.acquire(blocking=False):
            return self._present(fingerprint, 0.0)
        try:
            return self._present(fingerprint, min(wait, LONGEST_WAIT_SECONDS))
        finally:
            self._waiters.release()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()

    def _present(self, fingerprint: str, wait: float) -> Revoked:
        with self._changed:
            self._changed.wait_for(lambda: self._known is not None, timeout=_STALE_SECONDS)
            self._changed.wait_for(lambda: self._known is None or self._known.fingerprint != fingerprint, timeout=wait)
            if self._known is None or time.monotonic() - self._read_at > _STALE_SECONDS:
                raise RevocationsUnknown("The revoked sessions cannot be read for the moment; ask again.")
            return self._known

    def _start(self) -> None:
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="revocations", daemon=True)
                self._thread.start()

    def _loop(self) -> None:
        is_told = False
        while not self._stopped.is_set():
            try:
                with self._database.connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stopped.is_set():
                        self._learn(connection)
                        is_told = False
                        for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                            pass
            except psycopg.Error as error:
                if not is_told:
                    log.warning("revocations cannot be read", extra={"sqlstate": error.sqlstate})
                is_told = True
                with self._changed:
                    self._known = None
                self._stopped.wait(_POLL_SECONDS)

    def _learn(self, connection: "psycopg.Connection[Any]") -> None:
        sids = [row[0] for row in connection.execute(_RECENT, {"minutes": REMEMBERED_MINUTES})]
        # A digest of the set, not its newest entry: transactions do not commit in the order in which they began.
        fingerprint = hashlib.sha256("".join(sids).encode()).hexdigest()[:32]
        with self._changed:
            self._read_at = time.monotonic()
            if self._known is None or self._known.fingerprint != fingerprint:
                self._known = Revoked(fingerprint, sids)
                self._changed.notify_all()


_RECENT = "SELECT sid::text FROM revocations WHERE revoked_at > now() - make_interval(mins => %(minutes)s) ORDER BY sid"
