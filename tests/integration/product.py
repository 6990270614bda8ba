"""The whole product in this process: real services on real databases, a worker each, and the gateway in front."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from common.bus.inprocess import InProcessBroker
from common.bus.port import Transport
from common.testing import TestDatabase, TestTokens, eventually
from embedded import programs
from embedded.folder import Secrets
from embedded.programs import SERVICES, Program
from embedded.serving import WebServer
from gateway.bootstrap import build as build_gateway
from gateway.edge import Edge
from gateway.settings import Settings, Upstreams

ADMINISTRATOR, PASSWORD = "admin@example.test", "a-long-enough-password"


class Product:
    """Stops what it started; single services may be stopped before."""

    def __init__(
        self,
        database_of: Callable[[str], TestDatabase],
        tokens: TestTokens,
        files: Path,
        transport: Transport | None = None,
    ) -> None:
        self.tokens = tokens
        self.session = requests.Session()
        private = tokens._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        keys = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
        secrets = Secrets(private, tokens.public_key, *keys, PASSWORD)
        broker = transport or InProcessBroker()
        services = [programs.build(name, database_of(name).app_url, secrets, files) for name in SERVICES]
        self.programs: dict[str, Program] = {}
        for service in services:
            if service.name == "identity" and service.seed is not None:
                service.seed()
            self.programs[service.name] = programs.start(service, broker)
        self._gateways: list[tuple[WebServer, Edge]] = []
        self.url = self.another_gateway()

    def another_gateway(self, **settings: Any) -> str:
        """The address of one more gateway process's worth of state over the same services."""
        upstreams = " ".join(f"{name}={program.web.url}" for name, program in self.programs.items())
        chosen = {"rate_per_account": "100000/second", "rate_per_address": "100000/second"}
        chosen |= {"rate_of_logins": "100000/second"} | settings
        app = build_gateway(
            Settings(identity_public_key=self.tokens.public_key, upstreams=Upstreams(upstreams), **chosen)
        ).create_app()
        assert isinstance(app.wsgi_app, Edge)
        server = WebServer(app, "127.0.0.1", 0, threads=16)
        self._gateways.append((server, app.wsgi_app))
        eventually(server.is_ready, 30)
        return server.url

    def ask(self, method: str, path: str, token: str = "", *, url: str = "", **options: Any) -> requests.Response:
        """One request to a gateway, below `/api`."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return self.session.request(method, f"{url or self.url}/api{path}", headers=headers, timeout=30, **options)

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every public operation: its method, its path, and how it is described."""
        paths = self.ask("GET", "/openapi.json").json()["paths"]
        return [
            (method.upper(), path, operation)
            for path, item in paths.items()
            for method, operation in item.items()
            if method in {"get", "post", "put", "patch", "delete"}
        ]

    def sign_in(self) -> str:
        """An administrator's access token, of a session that identity knows."""
        answer = self.ask("POST", "/sessions", json={"username": ADMINISTRATOR, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["access_token"])

    def stop_service(self, name: str) -> None:
        """Ends a service's web server and worker."""
        self.programs.pop(name).stop()

    def stop(self) -> None:
        for server, edge in self._gateways:
            edge.close()
            server.stop()
        for name in list(self.programs):
            self.stop_service(name)
