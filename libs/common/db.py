"""The database of one service: an engine, the role and row scope of each transaction, and the wake-up of the relay.

Every transaction runs as `<service>_staff` (sees all rows) or `<service>_portal` (row-level security narrows to the
customers named); the login role itself sees nothing. A transaction that wrote events wakes the relay after its commit.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from common.context import Context
from common.outbox import Publisher

Result = TypeVar("Result")

# Compiling a statement takes longer than running any of ours. PostgreSQL 17 counts an enormous cost for each step of a
# kind that was switched off, and would compile the statements of relay and projections at every run.
_NOT_COMPILED = "-c jit=off"
_SERIALIZATION_FAILURES = {"40001", "40P01"}
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a transaction may touch: all of them (staff and workers), or those of the customers named."""

    customer_ids: tuple[str, ...] | None = None

    @property
    def is_portal(self) -> bool:
        return self.customer_ids is not None


ALL_ROWS = Scope()


class Database:
    """One service's database as one process uses it. Safe to build before a fork: connections open on first use."""

    def __init__(
        self,
        url: str,
        service: str,
        *,
        publisher: Publisher | None = None,
        pool_size: int = 10,
        statement_timeout_ms: int = 5_000,
        lock_timeout_ms: int = 2_000,
    ) -> None:
        """Takes the address of the login role, `postgresql://…`, and the service's name, which names its roles."""
        self.service = service.replace("-", "_")
        self._publisher = publisher
        options = (
            f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={lock_timeout_ms}"
            f" -c idle_in_transaction_session_timeout=30000 -c timezone=UTC {_NOT_COMPILED}"
        )
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=2,
            pool_use_lifo=True,
            hide_parameters=True,  # they may be personal, and errors are logged
            connect_args={"options": options, "connect_timeout": 5},
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._waker = Waker(self.dsn, "outbox")
        event.listen(self._sessions, "after_begin", self._enter)

    @property
    def dsn(self) -> str:
        """The address for a plain psycopg connection (LISTEN, advisory locks, COPY)."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def connect(self, *, as_staff: bool = True) -> "psycopg.Connection[Any]":
        """A psycopg connection of its own in autocommit mode, outside the pool, for long-lived work."""
        connection = psycopg.connect(self.dsn, autocommit=True, connect_timeout=5, options=_NOT_COMPILED)
        if as_staff:
            connection.execute(f"SET ROLE {self.service}_staff")
        return connection

    @contextmanager
    def transaction(
        self, scope: Scope = ALL_ROWS, context: Context | None = None, *, keep_plans: bool = False
    ) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises, then wakes the relay if needed.

        `keep_plans` is for statements whose plan is right for any values: PostgreSQL then makes it once per connection.
        Otherwise it makes one for each call where that looks cheaper to run, and for a small read making it costs more
        than running it."""
        with self._sessions() as session:
            session.info["scope"] = scope
            session.info["keep_plans"] = keep_plans
            session.info["context"] = context or Context()
            session.info["publisher"] = self._publisher
            with session.begin():
                yield session
            if session.info.get("event_ids"):
                self.wake_relay()

    def run(
        self,
        work: Callable[[Session], Result],
        scope: Scope = ALL_ROWS,
        context: Context | None = None,
        *,
        keep_plans: bool = False,
    ) -> Result:
        """Runs `work` in one transaction, and again (three times at most) where PostgreSQL chose it as the victim of a
        deadlock or serialization conflict, or where the pooled connection turned out to be dead before any answer."""
        for tries_left in reversed(range(_TRIES)):
            try:
                with self.transaction(scope, context, keep_plans=keep_plans) as session:
                    return work(session)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                died_unused = error.connection_invalidated and error.statement is not None
                if not tries_left or not (state in _SERIALIZATION_FAILURES or died_unused):
                    raise
        raise AssertionError("unreachable")

    def wake_relay(self) -> None:
        """Tells the relay of this database, in whatever process it runs, that there is something to send."""
        self._waker.wake()

    def dispose(self) -> None:
        """Closes every connection."""
        self._waker.stop()
        self.engine.dispose()

    def _enter(self, session: Session, _transaction: Any, connection: Connection) -> None:
        scope: Scope = session.info["scope"]
        ids = scope.customer_ids
        role = f"{self.service}_{'staff' if ids is None else 'portal'}"
        values = (role, "" if ids is None else "{" + ",".join(ids) + "}")
        statement = _ENTER_KEEPING_PLANS if session.info["keep_plans"] else _ENTER
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        try:
            # Past SQLAlchemy's machinery, which would be a tenth of the cost of a small request.
            driver.execute(statement, values)
        except psycopg.OperationalError:
            # SQLAlchemy must meet the error itself, because it is who retires connections that died.
            connection.exec_driver_sql(statement, values)


_ENTER = "SELECT set_config('role', %s, true), set_config('app.customer_ids', %s, true)"
_ENTER_KEEPING_PLANS = f"{_ENTER}, set_config('plan_cache_mode', 'force_generic_plan', true)"


class Waker:
    """Sends NOTIFY on a channel outside the business transaction (inside, it takes a lock of the whole database at
    commit), at once for the first commit and then at most every few milliseconds."""

    _PAUSE = 0.003

    def __init__(self, dsn: str, channel: str) -> None:
        """`channel` is a plain lower-case name of the program's own."""
        self._dsn = dsn
        self._channel = channel
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Notifies soon, from a thread of its own; a burst of calls becomes few notifications."""
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if (self._thread is None or not self._thread.is_alive()) and not self._stopped.is_set():
                    self._thread = threading.Thread(target=self._loop, name=f"waker-{self._channel}", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        self._wanted.set()

    def _loop(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while self._wanted.wait() and not self._stopped.is_set():
            self._wanted.clear()
            try:
                if connection is None:
                    connection = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
                    # Each NOTIFY is a transaction of its own, which need not wait for the disk.
                    connection.execute("SET synchronous_commit = off")
                connection.execute(f"NOTIFY {self._channel}")
            except psycopg.Error:
                # A lost wake-up costs the relay's poll interval, never an event.
                connection = None
            self._stopped.wait(self._PAUSE)
        if connection is not None:
            connection.close()
