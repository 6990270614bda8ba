"""Builds this service; the only place that does."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from common import web
from common.clock import Clock, SystemClock
from common.contracts import Contracts
from common.db import Database
from common.importing.api import allow_large_files
from common.importing.run import Runner
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.tokens import Verifier
from customer_replica import merging
from warehouse import seed
from warehouse.api import ROUTES
from warehouse.consumers import handlers
from warehouse.events import PUBLISHES
from warehouse.jobs import upkeep
from warehouse.settings import Settings
from warehouse.use_cases.imports.kinds import IMPORTS
from warehouse.use_cases.merges import PARTS, lock_articles
from warehouse.use_cases.returns.requests import Terms

NAME = "warehouse"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the operations are given besides the session."""

    import_max_bytes: int
    return_terms: Terms
    claim_days: int


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """Everything a process of this service needs; connections open on first use. `clock` tells the time."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url,
        NAME,
        publisher=Publisher(NAME, contracts, clock or SystemClock()),
        pool_size=settings.database_pool,
    )
    runner = Runner(database, IMPORTS, settings.import_chunk_rows, settings.import_lease_seconds)

    def create_app() -> Flask:
        verifier = Verifier.from_pem(settings.identity_public_key)
        terms = Terms(settings.return_days, settings.return_ship_days)
        deps = Deps(settings.import_max_bytes, terms, settings.claim_days)
        app = web.create_app(service, ROUTES, verifier, deps=deps)
        allow_large_files(app, settings.import_max_bytes)
        return app

    replays = Requests()
    service = Service(
        name=NAME,
        settings=settings,
        contracts=contracts,
        create_app=create_app,
        database=database,
        handlers={
            **handlers(timedelta(hours=settings.soft_reservation_hours)),
            "overview.replay.requested.v1": replays.take,
        },
        replays=replays,
        publishes=PUBLISHES,
        jobs=(
            Job("imports", runner.run, every=1.0),
            Job("expiry", upkeep.Expiry(database).run, every=upkeep.EXPIRY_SECONDS),
            Job("returns", upkeep.ReturnExpiry(database).run, every=upkeep.RETURNS_SECONDS),
            Job("switches", upkeep.Switches(database).run, every=upkeep.SWITCHES_SECONDS),
            Job("merges", merging.LateRows(database, PARTS, lock_articles).run, merging.EVERY_SECONDS),
            Job("inventories", upkeep.Inventories(database).run, every=upkeep.SWITCHES_SECONDS),
            Job("drift", upkeep.Reconciler(database).run, every=upkeep.DRIFT_SECONDS),
        ),
        seed=lambda: seed.seed(database),
    )
    return service
