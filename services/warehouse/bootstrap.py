"""Builds this service; the only place that does."""

from datetime import timedelta

from common import web
from common.clock import Clock, SystemClock
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.tokens import Verifier
from warehouse import seed
from warehouse.api import ROUTES
from warehouse.consumers import handlers
from warehouse.events import PUBLISHES
from warehouse.jobs import upkeep
from warehouse.settings import Settings

NAME = "warehouse"


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """Everything a process of this service needs; connections open on first use. `clock` tells the time."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url,
        NAME,
        publisher=Publisher(NAME, contracts, clock or SystemClock()),
        pool_size=settings.database_pool,
    )
    replays = Requests()
    service = Service(
        name=NAME,
        settings=settings,
        contracts=contracts,
        create_app=lambda: web.create_app(service, ROUTES, Verifier.from_pem(settings.identity_public_key)),
        database=database,
        handlers={
            **handlers(timedelta(hours=settings.soft_reservation_hours)),
            "overview.replay.requested.v1": replays.take,
        },
        replays=replays,
        publishes=PUBLISHES,
        jobs=(
            Job("expiry", upkeep.Expiry(database).run, every=upkeep.EXPIRY_SECONDS),
            Job("drift", upkeep.Reconciler(database).run, every=upkeep.DRIFT_SECONDS),
        ),
        seed=lambda: seed.seed(database),
    )
    return service
