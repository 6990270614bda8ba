"""A client of the public REST: signs in, refreshes its token, and waits where it is told to wait."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import orjson

_TIMEOUT = 30
_RENEW_EVERY = 200.0
_TRIES = 20


class Unreachable(SystemExit):
    """Nothing answers at the address, or it lets nobody in; says what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `content` is decoded where it is JSON."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")


class Client:
    """Speaks as one account."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Signs in; raises Unreachable."""
        self._base = f"{url.rstrip('/')}/api"
        self._login = {"username": user, "password": password}
        self._token = ""
        self._renew_at = 0.0

    def sign_in(self) -> None:
        """Raises Unreachable where that fails."""
        try:
            answer = self._send("POST", "/sessions", orjson.dumps(self._login), {"Content-Type": "application/json"})
        except URLError as error:
            raise Unreachable(
                f"Nothing answers at {self._base} ({error.reason}). Start a stack first, for example `make demo` in"
                " another terminal, or name one: make acceptance DATA=<folder> URL=http://host:port"
            ) from error
        if answer.status != HTTPStatus.CREATED:
            raise Unreachable(
                f"{self._login['username']} cannot sign in at {self._base}: {answer.content.get('detail')} "
                "Set DEMO_PASSWORD, or pass --user and --password; `make demo` prints its password when it starts."
            )
        self._token = answer.content["access_token"]
        self._renew_at = time.monotonic() + _RENEW_EVERY

    def get(self, path: str, **query: Any) -> Answer:
        """A read; parameters that are None are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", f"{path}?{urlencode(given)}" if given else path)

    def send(self, method: str, path: str, content: Any, *, etag: str = "") -> Answer:
        """A write of JSON; `etag` becomes If-Match."""
        headers = {"Content-Type": "application/json"} | ({"If-Match": etag} if etag else {})
        return self._call(method, path, orjson.dumps(content), headers)

    def upload(self, path: str, fields: Mapping[str, str], name: str, file: bytes) -> Answer:
        """A form with one file."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = b"".join([*parts, head, file, f"\r\n--{boundary}--\r\n".encode()])
        return self._call("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if time.monotonic() > self._renew_at:
            self.sign_in()
        for _ in range(_TRIES):
            answer = self._send(method, path, body, {**(headers or {}), "Authorization": f"Bearer {self._token}"})
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                return answer
            time.sleep(float(answer.headers.get("retry-after", 1)))
        return answer

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = Request(self._base + path, body, dict(headers), method=method)  # noqa: S310  # the address is given
        try:
            with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                return _answer(answer.status, answer.read(), answer.headers.items())
        except HTTPError as error:
            return _answer(error.code, error.read(), error.headers.items())


def _answer(status: int, body: bytes, headers: Any) -> Answer:
    named = {name.lower(): value for name, value in headers}
    is_json = "json" in named.get("content-type", "")
    return Answer(status, orjson.loads(body) if body and is_json else body, named)
