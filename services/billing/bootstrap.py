"""Builds this service; the only place that does."""

from billing import events
from billing.api import routes
from billing.consumers import HANDLERS
from billing.settings import Settings
from billing.use_cases.merges import PARTS, lock_charges
from common import web
from common.clock import Clock, SystemClock
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.tokens import Verifier
from customer_replica import merging

NAME = "billing"


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
        create_app=lambda: web.create_app(service, routes, Verifier.from_pem(settings.identity_public_key)),
        database=database,
        handlers={**HANDLERS, "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=events.PUBLISHES,
        jobs=(Job("merges", merging.LateRows(database, PARTS, lock_charges).run, merging.EVERY_SECONDS),),
    )
    return service
