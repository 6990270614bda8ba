"""One RabbitMQ connection on a thread of its own, which comes back for ever after it is lost.

A pika connection belongs to the thread that runs its loop; everything else hands work to that thread by `call`.
"""

import logging
import random
import threading
from collections.abc import Callable
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


def parameters(url: str) -> pika.URLParameters:
    """How every connection is made: our own loop does the repeating."""
    made = pika.URLParameters(url)
    made.heartbeat = 30
    made.blocked_connection_timeout = 60
    made.socket_timeout = 10
    made.stack_timeout = 15
    made.connection_attempts = 1
    return made


class AmqpLoop:
    """Keeps a connection with one channel open until `stop`. The three callbacks run on the loop's thread: `opened`
    with each new channel, `lost` when it is gone, `before_retry` before each further attempt."""

    def __init__(
        self,
        url: str,
        name: str,
        opened: Callable[[Channel], None],
        lost: Callable[[], None],
        before_retry: Callable[[], None],
    ) -> None:
        self._url = url
        self._name = name
        self._opened = opened
        self._lost = lost
        self._before_retry = before_retry
        self._stopped = threading.Event()
        self._connection: SelectConnection | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.blocked = False  # the broker asks publishers to wait

    def start(self) -> None:
        """Starts the thread unless it runs."""
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def call(self, work: Callable[[], None]) -> None:
        """Runs `work` on the loop's thread soon; forgotten where there is no connection."""
        connection = self._connection
        if connection is not None:
            connection.ioloop.add_callback_threadsafe(work)

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Runs `work` after a while; only for the loop's own thread."""
        if self._connection is not None:
            self._connection.ioloop.call_later(seconds, work)

    def restart(self) -> None:
        """Gives the connection up and makes a new one."""
        self.call(self._close)

    def stop(self, seconds: float = 5.0) -> None:
        """Closes the connection in good order and ends the thread."""
        self._stopped.set()
        self.call(self._close)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        attempt = 0
        while not self._stopped.is_set():
            if attempt:
                self._stopped.wait(_pause(attempt))
                if self._stopped.is_set():
                    return
                self._before_retry()
            if self._connect_and_serve():
                attempt = 0
            attempt += 1

    def _connect_and_serve(self) -> bool:
        """Serves one connection until it ends; returns whether it was ever usable."""
        usable: list[bool] = []

        def on_channel(channel: Channel) -> None:
            usable.append(True)
            channel.add_on_close_callback(on_channel_closed)
            self._opened(channel)

        def on_channel_closed(_channel: Channel, reason: Exception) -> None:
            if not self._stopped.is_set():
                log.warning("a channel was closed", extra={"connection": self._name, "reason": str(reason)[:200]})
            self._close()

        def on_open(connection: SelectConnection) -> None:
            connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(True))
            connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(False))
            connection.channel(on_open_callback=on_channel)

        def on_end(connection: SelectConnection, reason: Any) -> None:
            if not self._stopped.is_set():
                log.warning(
                    "no connection to the broker", extra={"connection": self._name, "reason": str(reason)[:200]}
                )
            connection.ioloop.stop()

        connection = SelectConnection(
            parameters(self._url), on_open_callback=on_open, on_open_error_callback=on_end, on_close_callback=on_end
        )
        self._connection = connection
        if self._stopped.is_set():
            self._close()
        try:
            connection.ioloop.start()
        except Exception:
            # Whatever a callback did, this connection is of no use any more; the next one may be.
            log.exception("the connection's loop failed", extra={"connection": self._name})
        finally:
            self._connection = None
            self.blocked = False
            self._lost()
            connection.ioloop.close()
        return bool(usable)

    def _close(self) -> None:
        connection = self._connection
        if connection is not None and not (connection.is_closing or connection.is_closed):
            connection.close()

    def _set_blocked(self, blocked: bool) -> None:
        self.blocked = blocked
        log.warning("the broker %s", "asks publishers to wait" if blocked else "takes messages again")


def _pause(attempt: int) -> float:
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # only spreads retries
