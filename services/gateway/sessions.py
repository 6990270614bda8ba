"""Who stands behind a request: access tokens verified, API tokens exchanged at identity, ended sessions refused."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from common.tokens import Principal, Verifier, bearer
from gateway.errors import SessionRevoked, SessionsUnknown

log = logging.getLogger(__name__)

API_TOKEN = "atr_"  # noqa: S105  # the prefix, not a secret
_EXCHANGED_FOR = 30.0
_REMEMBERED = 10_000
_SILENT = {"service": "identity", "retry_after": 2}


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's principal, and the access token that the services are shown."""

    principal: Principal
    token: str


@dataclass(frozen=True, slots=True)
class News:
    """An answer of identity: all sessions that ended so lately that an access token of theirs may still live, and what
    to send with the next question."""

    known: str
    revoked: frozenset[str] = frozenset()


class Revocations:
    """The ended sessions whose access tokens still live, as one process knows them."""

    SILENCE = 10.0
    FIRST_NEWS = 2.0

    def __init__(self, ask: Callable[[str], News], clock: Callable[[], float] = time.monotonic) -> None:
        """`ask(known)` waits at identity for news and returns them, a few seconds later at the latest; it raises a
        Refusal where identity does not answer."""
        self._ask = ask
        self._clock = clock
        self._known = ""
        self._revoked: frozenset[str] = frozenset()
        self._heard_at = 0.0
        self._heard = threading.Event()
        self._stopped = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Whether identity has answered at least once."""
        return self._heard.is_set()

    def refuse_before_first_news(self) -> None:
        """Waits a moment for identity's first answer; raises SessionsUnknown where there is none."""
        if not self._heard.is_set() and not self._heard.wait(self.FIRST_NEWS):
            raise SessionsUnknown("Sessions cannot be checked yet; try again.", facts=_SILENT)

    def ended(self, principal: Principal) -> bool:
        """Whether the session of a token has ended."""
        return principal.session_id in self._revoked

    def refuse_ended(self, principal: Principal) -> None:
        """Raises SessionRevoked where the session of a token has ended."""
        if self.ended(principal):
            raise SessionRevoked("This session has ended; sign in again.")

    def refuse_unknown(self) -> None:
        """Raises SessionsUnknown where it cannot be told any more which sessions have ended."""
        if not self._heard.is_set() or self._clock() - self._heard_at > self.SILENCE:
            raise SessionsUnknown(
                "Sessions cannot be checked for the moment, so nothing can be changed; reading goes on.", facts=_SILENT
            )

    def start(self) -> None:
        """Begins to listen, once per process; a process that forked before calls it in each child."""
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._listen, name="revocations", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Ends listening; a question on its way is left behind."""
        self._stopped.set()

    def listen_once(self) -> None:
        """Asks once and applies the answer; raises what asking raises."""
        news = self._ask(self._known)
        self._known, self._revoked = news.known, news.revoked
        self._heard_at = self._clock()
        self._heard.set()

    def _listen(self) -> None:
        silent = False
        while not self._stopped.is_set():
            try:
                before = self._known
                self.listen_once()
                silent = False
                if self._known == before:
                    # Nothing new: where identity did not wait for long, this does.
                    self._stopped.wait(0.05)
            except Exception as error:
                # Whatever it is: without this thread no ended session would ever be refused again.
                if not silent:
                    log.warning("identity does not tell which sessions have ended", exc_info=error)
                silent = True
                self._stopped.wait(0.25)


class Sessions:
    """Turns an `Authorization` header into a Caller."""

    def __init__(
        self,
        verifier: Verifier,
        revocations: Revocations,
        exchange: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`exchange(api_token)` returns an access token, or raises a Refusal."""
        self._verifier = verifier
        self._revocations = revocations
        self._exchange = exchange
        self._clock = clock
        self._programs: dict[bytes, tuple[Caller, float]] = {}

    def caller(self, authorization: str | None) -> Caller:
        """Who calls; raises TokenRefused, SessionRevoked, or what the exchange raises."""
        token = bearer(authorization)
        if token.startswith(API_TOKEN):
            return self._program(token)
        principal = self._verifier.principal(token)
        self._revocations.refuse_ended(principal)
        return Caller(principal, token)

    def _program(self, api_token: str) -> Caller:
        # The digest, not the token: a dump of this process must not show credentials that live for months.
        key = hashlib.sha256(api_token.encode()).digest()
        known = self._programs.get(key)
        # An ended access token tells that something changed; whether the API token still stands, identity knows.
        if known and known[1] > self._clock() and not self._revocations.ended(known[0].principal):
            return known[0]
        token = self._exchange(api_token)
        caller = Caller(self._verifier.principal(token), token)
        self._revocations.refuse_ended(caller.principal)
        if len(self._programs) >= _REMEMBERED:
            self._programs.clear()
        self._programs[key] = (caller, self._clock() + _EXCHANGED_FOR)
        return caller
