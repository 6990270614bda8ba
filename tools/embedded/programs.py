"""The services as this process runs them: each built by its own bootstrap, with two adapters replaced and nothing else.

Replaced are the address of the database and the transport of messages.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from common.bus.port import Transport
from common.service import Service
from common.worker import Worker
from embedded.folder import Secrets
from embedded.serving import WebServer
from gateway.edge import Edge

# The order in which they are built; every service but the gateway.
SERVICES = ("identity", "customer", "portal-settings", "overview", "automation", "billing", "warehouse", "ordering")


@dataclass(frozen=True, slots=True)
class Program:
    """One service: its web application on a port, and its worker."""

    service: Service
    web: WebServer
    worker: Worker

    def stop(self) -> None:
        """Answers nobody any more, finishes what is in flight, closes its connections."""
        self.web.stop()
        self.worker.stop(timeout=5.0)
        self.service.db.dispose()


def build(name: str, database_url: str, secrets: Secrets, files: Path) -> Service:
    """A service on a database; files that people upload are kept in the folder."""
    environ = {
        "DATABASE_URL": database_url,
        "IDENTITY_PUBLIC_KEY": secrets.public_key,
        "IDENTITY_PRIVATE_KEY": secrets.private_key,
        "IDENTITY_SECRET_KEY": secrets.sealing_key,
        "CUSTOMER_SECRETS_KEY": secrets.customer_key,
        "DEMO_PASSWORD": secrets.password,
        "FILES_DIR": str(files),
    }
    return _built(name, environ)


def start(service: Service, broker: Transport) -> Program:
    """Serves a service and starts its worker."""
    worker = Worker(service, broker)
    worker.start()
    return Program(service, WebServer(service.create_app(), "127.0.0.1", 0, threads=8), worker)


def gateway_app(upstreams: Mapping[str, str], public_key: str, stream_clients: int) -> tuple[Flask, Edge]:
    """The gateway's application in front of services at these addresses, and its edge, which is to be closed."""
    gateway = _built(
        "gateway",
        {
            "UPSTREAMS": " ".join(f"{name}={url}" for name, url in upstreams.items()),
            "IDENTITY_PUBLIC_KEY": public_key,
            "SERVE_EVENTS": "1",
            "STREAM_CLIENTS": str(stream_clients),
        },
    )
    app = gateway.create_app()
    edge = app.wsgi_app
    assert isinstance(edge, Edge)
    return app, edge


def _built(name: str, environ: Mapping[str, str]) -> Service:
    package = name.replace("-", "_")
    settings: Any = importlib.import_module(f"{package}.settings").Settings
    service: Service = importlib.import_module(f"{package}.bootstrap").build(settings.from_env(environ))
    return service
