"""Live events as server-sent events (WHATWG HTML, 9.2): one question to overview per process, shared by its clients.

Each client has a bounded queue; one that does not keep up is ended and resumes by `Last-Event-ID` where it was.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from common.errors import Refusal
from common.tokens import Principal
from gateway.clients.overview import Arrivals
from gateway.errors import StreamFull
from gateway.sessions import Caller, Revocations

log = logging.getLogger(__name__)

HEARTBEAT = 15.0
_LOOK_EVERY = 1.0  # how soon an ended session is noticed
_WAIT = 10.0
_BEHIND = 500

Ask = Callable[[str, int, float], Arrivals]

# What a staff account must hold to see an event, by the service that it comes from; all others need the last one.
_PERMISSIONS = {"identity": "accounts.view", "portal-settings": "portal_settings.view"}
_VIEW = "customers.view"

_NOT_TOLD = frozenset(("number", "visibility", "needs"))


@dataclass(slots=True, eq=False)
class _Client:
    caller: Caller
    waiting: "queue.Queue[dict[str, Any]]" = field(default_factory=lambda: queue.Queue(_BEHIND))
    left_behind: bool = False


class Stream:
    """The clients of one process, and the thread that asks for them while there are any."""

    def __init__(self, ask: Ask, revocations: Revocations, most_clients: int) -> None:
        """`ask(token, after, wait)` is overview's answer."""
        self._ask = ask
        self._revocations = revocations
        self._most = most_clients
        self._lock = threading.Lock()
        self._clients: list[_Client] = []
        self._after = -1
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def open(self, caller: Caller, last_seen: int | None) -> Iterator[bytes]:
        """The lines for one client, from now on or after the number that it has seen last, until its session ends.
        Raises StreamFull, or what asking raises."""
        if len(self._clients) >= self._most:
            raise StreamFull("Too many live connections; try again later.", facts={"retry_after": 5})
        newest = self._ask(caller.token, -1, 0).next
        return self._lines(_Client(caller), newest if last_seen is None else last_seen)

    def stop(self) -> None:
        """Ends every connection within a second."""
        self._stopped.set()

    def _lines(self, client: _Client, sent: int) -> Iterator[bytes]:
        self._join(client, sent)
        try:
            yield b"retry: 2000\n\n"
            for number, line in self._missed(client, sent):
                sent = number
                yield line
            yield from self._live(client, sent)
        except Refusal as refusal:
            log.warning("a live connection ends early", extra={"code": refusal.code})
        finally:
            with self._lock:
                self._clients.remove(client)

    def _join(self, client: _Client, after: int) -> None:
        with self._lock:
            if not self._clients:
                self._after = after
            self._clients.append(client)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="stream", daemon=True)
                self._thread.start()

    def _missed(self, client: _Client, last_seen: int) -> Iterator[tuple[int, bytes]]:
        while True:
            found = self._ask(client.caller.token, last_seen, 0)
            if found.lost:
                yield last_seen, b"event: lost\ndata: {}\n\n"
            for item in found.items:
                if may_see(client.caller.principal, item):
                    yield item["number"], _line(item)
            if not found.items:
                return
            last_seen = found.next

    def _live(self, client: _Client, sent: int) -> Iterator[bytes]:
        quiet_since = time.monotonic()
        while self._goes_on(client):
            try:
                item = client.waiting.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                if time.monotonic() - quiet_since >= HEARTBEAT:
                    quiet_since = time.monotonic()
                    yield b": still here\n\n"
                continue
            if item["number"] > sent:
                quiet_since = time.monotonic()
                yield _line(item)

    def _goes_on(self, client: _Client) -> bool:
        principal = client.caller.principal
        ended = client.left_behind or self._stopped.is_set() or self._revocations.ended(principal)
        return not ended and principal.expires_at > time.time()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                if not self._clients:
                    self._thread = None
                    return
                # The token that lives longest; every account may ask, what it may see is decided here.
                token = max(self._clients, key=lambda client: client.caller.principal.expires_at).caller.token
            try:
                found = self._ask(token, self._after, _WAIT)
            except Refusal as refusal:
                log.warning("live events cannot be read", extra={"code": refusal.code})
                self._stopped.wait(1.0)
                continue
            self._after = found.next
            self._hand_out(found)

    def _hand_out(self, found: Arrivals) -> None:
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            for item in found.items:
                if may_see(client.caller.principal, item):
                    try:
                        client.waiting.put_nowait(item)
                    except queue.Full:
                        client.left_behind = True
                        break


def may_see(principal: Principal, item: dict[str, Any]) -> bool:
    """Whether an account may know of an event: portal accounts of what is theirs and shown, staff as permitted."""
    customer_id = item["customer_id"]
    if principal.is_portal:
        return item["visibility"] == "portal" and customer_id is not None and principal.can(_VIEW, customer_id)
    if not all(principal.can(code) for code in item.get("needs", ())):
        return False
    if customer_id is not None:
        return principal.can(_VIEW)
    return principal.can(_PERMISSIONS.get(item["type"].partition(".")[0], _VIEW))


def _line(item: dict[str, Any]) -> bytes:
    shown = {name: value for name, value in item.items() if name not in _NOT_TOLD}
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (item["number"], item["type"].encode(), orjson.dumps(shown))
