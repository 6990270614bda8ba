"""Builds the gateway: the edge in front, the gateway's own views behind it, and the clients of the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import orjson
from flask import Flask

from common import web
from common.contracts import Contracts
from common.service import Service
from common.tokens import Verifier
from common.web.documents import openapi_document
from gateway import api, docs, readiness
from gateway.clients.identity import Identity
from gateway.clients.overview import Overview
from gateway.clients.upstream import Upstream
from gateway.edge import Edge, Rules
from gateway.limits import Limits
from gateway.openapi import merged
from gateway.routing import Router, below_prefix, routes_of
from gateway.sessions import Revocations, Sessions
from gateway.settings import Settings
from gateway.stream import Stream


@dataclass(slots=True)
class Deps:
    """What the gateway's own views use."""

    upstreams: Mapping[str, Upstream]
    document: bytes = b""
    stream: Stream | None = None


def build(settings: Settings) -> Service:
    """The gateway as a service without a database. Nothing is connected before the first request."""
    verifier = Verifier.from_pem(settings.identity_public_key)
    service = Service(
        name="gateway",
        settings=settings,
        contracts=Contracts(settings.contracts_dir),
        create_app=lambda: create_app(service, settings, verifier),
    )
    return service


def create_app(service: Service, settings: Settings, verifier: Verifier) -> Flask:
    """The application of one process. Without upstreams it holds the gateway's own views only."""
    # A bulkhead: one slow service must leave threads for the others.
    places = max(2, settings.web_threads * 3 // 4)
    upstreams = {name: Upstream(name, url, concurrent=places) for name, url in settings.upstreams.items()}
    deps = Deps(upstreams)
    app = web.create_app(service, api.routes, verifier, deps=deps)
    if upstreams:
        own = below_prefix(orjson.loads(openapi_document(app)))
        documents = {name: _document(settings, name) for name in upstreams}
        deps.document = merged(version("atrium"), [*documents.items(), ("gateway", own)])
        routes = [route for name, document in documents.items() for route in routes_of(name, document)]
        identity = Identity(upstreams["identity"])
        revocations = Revocations(identity.revocations)
        if settings.serve_events:
            deps.stream = Stream(Overview(upstreams["overview"]).arrivals, revocations, settings.stream_clients)
        readiness.install(app, readiness.Readiness(upstreams, revocations))
        app.wsgi_app = Edge(  # type: ignore[method-assign]
            router=Router([*routes, *routes_of("", own), *docs.ROUTES]),
            upstreams=upstreams,
            sessions=Sessions(verifier, revocations, identity.exchange),
            revocations=revocations,
            limits=_limits(settings),
            rules=_rules(settings),
            views=app.wsgi_app,
        )
    docs.install(app)
    return app


def _limits(settings: Settings) -> Limits:
    return Limits(account=settings.rate_per_account, address=settings.rate_per_address, logins=settings.rate_of_logins)


def _rules(settings: Settings) -> Rules:
    return Rules(
        allowed_hosts=settings.allowed_hosts,
        trusted_proxies=settings.trusted_proxies,
        upload_limit=settings.upload_limit,
        deadline=settings.deadline,
        upload_deadline=settings.upload_deadline,
        https=settings.https,
    )


def _document(settings: Settings, service: str) -> Mapping[str, Any]:
    path = settings.contracts_dir / "http" / f"{service}.openapi.json"
    return orjson.loads(path.read_bytes())  # type: ignore[no-any-return]
