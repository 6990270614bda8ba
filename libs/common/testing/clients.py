"""A client of a service's application without a socket in between."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from common.service import Service


class Client:
    """Sends requests with a token; `token` may be given once, or per call."""

    def __init__(self, app: Flask, token: str | None = None) -> None:
        self.app = app
        self._client = app.test_client()
        self._token = token

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.request("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.request("PATCH", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        version: int | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """`version` becomes If-Match, `key` Idempotency-Key; other options are werkzeug's (`json`, `data`, …)."""
        sent = dict(headers or {})
        bearer = token or self._token
        if bearer:
            sent.setdefault("Authorization", f"Bearer {bearer}")
        if version is not None:
            sent["If-Match"] = f'"v{version}"'
        if key is not None:
            sent["Idempotency-Key"] = key
        return self._client.open(path, method=method, headers=sent, **options)


_KEPT = 16  # applications: those of the services that a test module uses at once
_apps: dict[int, tuple[Service, Flask]] = {}  # by id, which is nobody else's while the service is kept beside


def app_of(service: Service) -> Flask:
    """The service's application, made once: declaring a service's operations takes half a second."""
    if id(service) not in _apps:
        if len(_apps) >= _KEPT:
            _apps.pop(next(iter(_apps)))
        _apps[id(service)] = service, service.create_app()
    return _apps[id(service)][1]


def client_for(service: Service, token: str | None = None) -> Client:
    """A client of the service's own application."""
    return Client(app_of(service), token)
