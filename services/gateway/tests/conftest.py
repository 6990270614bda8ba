"""A gateway in this process between real sockets: fake services behind it, each a recording WSGI server."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from cheroot.wsgi import Server

from common.testing import Client, TestTokens
from gateway.bootstrap import build
from gateway.edge import Edge
from gateway.settings import Settings, Upstreams

Reply = tuple[str, list[tuple[str, str]], bytes]


@dataclass
class FakeService:
    """Answers every path with what `replies` holds for `METHOD /path`, and remembers what it was asked."""

    replies: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = Server(("127.0.0.1", 0), self, numthreads=4)
        self.server.shutdown_timeout = 0
        self.server.prepare()
        self.url = f"http://127.0.0.1:{self.server.bind_addr[1]}"
        self._thread = threading.Thread(target=self.server.serve, daemon=True)
        self._thread.start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.asked.append({**environ, "body": environ["wsgi.input"].read(length) if length else b""})
        reply = self.replies.get(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}", {})
        if callable(reply):
            reply = reply(environ)
        if not isinstance(reply, tuple):
            reply = ("200 OK", [("Content-Type", "application/json")], orjson.dumps(reply))
        status, headers, body = reply
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def stop(self) -> None:
        self.server.stop()
        self._thread.join(5)


@dataclass
class Setting:
    """A gateway with its services; `client` speaks to its front door."""

    services: dict[str, FakeService]
    tokens: TestTokens
    client: Client
    settings: Settings

    def token(self, **claims: Any) -> str:
        return self.tokens.staff(["customers.view"], **claims)


def operation(*, body: str | None = None, public: bool = True, anonymous: bool = False) -> dict[str, Any]:
    """An operation as a service's document describes it."""
    described: dict[str, Any] = {"x-public": public, "security": [] if anonymous else [{"bearer": []}], "responses": {}}
    if body:
        described["requestBody"] = {"content": {body: {"schema": {"type": "object"}}}}
    return described


def imports(*types: str) -> dict[str, Any]:
    """The operations that every service has that imports files."""
    by_type = {"by": "field", "field": "type", "values": list(types)}
    newest = {"by": "merge", "keys": ["created_at", "id"]}
    shared = {"x-permission": "signed-in"}
    return {
        "/imports": {
            "post": operation(body="multipart/form-data") | shared | {"x-dispatch": by_type},
            "get": operation() | shared | {"x-dispatch": newest},
        },
        "/imports/{import_id}": {"get": operation() | shared | {"x-dispatch": {"by": "turn"}}},
    }


DOCUMENTS = {
    "customer": {
        "/customers": {"post": operation(body="application/json")},
        "/customers/{customer_id}": {"get": operation(), "patch": operation(body="application/json")},
        **imports("customers", "contacts"),
        "/internal/secret": {"get": operation(public=False)},
    },
    "overview": {"/customers": {"get": operation()}, "/customers/{id}/overview": {"get": operation()}},
    "identity": {
        "/sessions": {"post": operation(body="application/json", anonymous=True)},
        "/internal/me": {"get": operation(public=False)},
    },
    "portal-settings": {"/portal-settings": {"get": operation()}},
    "ordering": imports("listings"),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FakeService]]:
    made = {name: FakeService() for name in DOCUMENTS}
    yield made
    for service in made.values():
        service.stop()


@pytest.fixture
def make_gateway(
    services: dict[str, FakeService], tokens: TestTokens, tmp_path: Path
) -> Iterator[Callable[..., Setting]]:
    """`make_gateway(**settings)`: a new gateway process over the same fake services."""
    for service in services.values():
        service.asked.clear()
        service.replies.clear()
    services["identity"].replies["GET /internal/revocations"] = {"known": "", "revoked": []}
    (tmp_path / "http").mkdir()
    for name, paths in DOCUMENTS.items():
        document = {"openapi": "3.1.0", "paths": paths, "components": {}}
        (tmp_path / "http" / f"{name}.openapi.json").write_bytes(orjson.dumps(document))

    made: list[Client] = []

    def make(**changes: Any) -> Setting:
        upstreams = " ".join(f"{name}={service.url}" for name, service in services.items())
        settings = Settings(
            identity_public_key=tokens.public_key,
            contracts_dir=tmp_path,
            **{"upstreams": Upstreams(upstreams), **changes},
        )
        client = Client(build(settings).create_app())
        made.append(client)
        return Setting(services, tokens, client, settings)

    yield make
    for client in made:
        edge = client.app.wsgi_app
        assert isinstance(edge, Edge)
        edge.close()


@pytest.fixture
def gateway(make_gateway: Callable[..., Setting]) -> Setting:
    return make_gateway()
