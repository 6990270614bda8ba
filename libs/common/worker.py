"""A service's worker: relay, consumer, retries of what is held, and jobs, each on a thread, ended in good order."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from common import held, housekeeping, inbox
from common.bus import metrics
from common.bus.port import Delivery, Subscription, TopologyMismatch, Transport
from common.bus.rabbitmq import RabbitMQ
from common.bus.topology import consumers, with_generation
from common.handling import base_name, is_outage
from common.probes import Probes
from common.relay import Relay
from common.service import Job, Service
from common.settings import MissingSettings
from common.shards import Shards

log = logging.getLogger(__name__)

_RETRY_EVERY = 0.5
_LOOK_AT_DEAD_EVERY = 15.0
_READY_AFTER_SILENCE = 30.0


@dataclass(frozen=True, slots=True)
class Health:
    """How a worker is: `ready` is False while it has no queues, or had no broker for 30 seconds."""

    ready: bool
    relay_active: bool
    shards: tuple[int, ...]
    connected: bool


class Worker:
    """The worker of one service in one process. `consumer` names another inbox generation, such as `overview@2`, which
    has queues of its own; such a worker only consumes."""

    def __init__(
        self, service: Service, transport: Transport, consumer: str | None = None, *, rebalance_seconds: float = 1.0
    ) -> None:
        self.service = service
        self.consumer = consumer or service.name
        self.transport = transport
        self._relays = base_name(self.consumer) == self.consumer and service.database is not None
        self._rebalance_seconds = rebalance_seconds
        self._topology = with_generation(consumers(service.contracts), self.consumer)
        self._stop_taking = threading.Event()
        self._stop = threading.Event()
        self._declared = threading.Event()
        self._threads: list[threading.Thread] = []
        self._relay = Relay(service, transport, redeclare=self._redeclare) if self._relays else None
        self._subscription: Subscription | None = None
        self._shards: Shards | None = None
        self._connected_at = time.monotonic()
        self._next_look = 0.0
        self.mismatch: TopologyMismatch | None = None

    def start(self) -> None:
        """Starts the threads; none of them needs the broker or the database to be there already."""
        self._spawn("declare", self._declare)
        if self._relay is not None:
            relay = self._relay
            self._spawn("relay", lambda: self._once_declared(lambda: relay.run(self._stop)))
        if self.consumer in self._topology:
            self._subscription = self.transport.consume(self.consumer)
            self._shards = Shards(self.service.db, self.consumer, self._subscription, every=self._rebalance_seconds)
            shards, subscription = self._shards, self._subscription
            self._spawn("shards", lambda: self._once_declared(lambda: shards.run(self._stop_taking)))
            self._spawn("consumer", lambda: self._once_declared(lambda: self._consume(subscription)))
            self._spawn("held", lambda: self._every(Job("held", self._retry_held, _RETRY_EVERY)))
        replays = self.service.replays
        if replays is not None and self._relays:
            self._spawn(
                "replays",
                lambda: self._once_declared(lambda: replays.answer(self.service, self.transport, self._stop)),
            )
        for job in [*self.service.jobs, self._housekeeping()] if self._relays else ():
            self._spawn(job.name, lambda job=job: self._every(job))  # type: ignore[misc]

    def stop(self, timeout: float = 25.0) -> bool:
        """Takes nothing more, finishes and acknowledges what was taken, lets the relay finish its batch; returns
        whether everything ended in time."""
        until = time.monotonic() + timeout
        self._stop_taking.set()
        self._join([thread for thread in self._threads if thread.name.endswith(":shards")], until)
        self._stop.set()
        self._join(self._threads, until)
        if self._subscription is not None:
            self._subscription.close()
        return not any(thread.is_alive() for thread in self._threads)

    def health(self) -> Health:
        """How it is now."""
        connected = self._subscription is None or self._subscription.connected
        if connected:
            self._connected_at = time.monotonic()
        patient = time.monotonic() - self._connected_at < _READY_AFTER_SILENCE
        return Health(
            ready=self._declared.is_set() and patient,
            relay_active=self._relay is not None and self._relay.active,
            shards=tuple(sorted(self._shards.held)) if self._shards else (),
            connected=connected,
        )

    def _declare(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                self.transport.declare(self._topology)
            except TopologyMismatch as error:
                log.critical("%s", error)
                self.mismatch = error
                self._stop_taking.set()
                self._stop.set()
            except ConnectionError as error:
                log.warning("the broker does not answer", extra={"reason": str(error)[:200]})
                self._stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311  # only spreads retries
                pause = min(pause * 2, 30.0)
            else:
                self._declared.set()
                return

    def _redeclare(self) -> None:
        try:
            self.transport.declare(self._topology)
        except (ConnectionError, TopologyMismatch) as error:
            log.error("queues are missing and cannot be declared", extra={"reason": str(error)[:200]})

    def _once_declared(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            if self._declared.wait(0.2):
                work()
                return

    def _consume(self, subscription: Subscription) -> None:
        while not self._stop.is_set():
            batch = subscription.next_batch(inbox.BATCH, wait=0.2)
            if batch:
                self._settle_for_sure(subscription, batch)

    def _settle_for_sure(self, subscription: Subscription, batch: list[Delivery]) -> None:
        """Handles a batch and acknowledges it; while the database is away the batch is kept, not given back."""
        pause = 0.1
        while batch and subscription.is_current(batch):
            try:
                for portion in inbox.portions(self.service, self.consumer, batch):
                    dead = inbox.process(self.service, self.consumer, portion)
                    subscription.settle(portion, dead)
                    batch = batch[len(portion) :]
            except Exception as error:
                log.warning("a batch waits for the database", exc_info=not is_outage(error))
                if self._stop.wait(pause):
                    return
                pause = min(pause * 2, 10.0)

    def _housekeeping(self) -> Job:
        database = self.service.db
        return Job("housekeeping", lambda stop: housekeeping.forget_old(database, stop), housekeeping.EVERY_SECONDS)

    def _retry_held(self, stop: threading.Event) -> bool:
        worked = held.retry_due(self.service, self.consumer)
        if time.monotonic() >= self._next_look and not stop.is_set() and self._declared.is_set():
            self._next_look = time.monotonic() + _LOOK_AT_DEAD_EVERY
            metrics.DEAD.labels(self.consumer).set(self.transport.dead_count(self.consumer))
        return worked

    def _every(self, job: Job) -> None:
        while not self._stop.is_set():
            try:
                more = job.run(self._stop)
            except Exception:
                log.exception("a job failed and is tried again", extra={"job": job.name})
                more = False
            if not more:
                self._stop.wait(job.every)

    def _spawn(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._keep, args=(name, work), name=f"{self.consumer}:{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _keep(self, name: str, work: Callable[[], None]) -> None:
        """A part that fails as nobody foresaw starts again: the others need it."""
        while True:
            try:
                return work()
            except Exception:
                log.exception("a part of the worker failed", extra={"part": name})
            if self._stop.wait(1.0):
                return None

    @staticmethod
    def _join(threads: list[threading.Thread], until: float) -> None:
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def run_until_stopped(service: Service, stop: threading.Event) -> int:
    """Runs a service's worker over RabbitMQ, with its probes, until `stop`; returns the exit status."""
    if not service.settings.rabbitmq_url:
        raise MissingSettings("cannot start: RABBITMQ_URL is not set")
    transport = RabbitMQ(service.settings.rabbitmq_url, queue_type=service.settings.queue_type)
    worker = Worker(service, transport)
    probes = Probes(service.settings.host, service.settings.port, lambda: worker.health().ready)
    worker.start()
    while not stop.wait(0.2):
        if worker.mismatch is not None:
            break
    in_time = worker.stop()
    transport.close()
    probes.close()
    if worker.mismatch is not None:
        raise worker.mismatch
    return 0 if in_time else 1
