"""Builds this service; the only place that does."""

from automation import seed
from automation.api import ROUTES
from automation.consumers import handlers
from automation.events import PUBLISHES
from automation.jobs import upkeep
from automation.settings import Settings
from automation.use_cases.merges import PARTS
from common import web
from common.clock import Clock, SystemClock
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.tokens import Verifier
from customer_replica import merging

NAME = "automation"


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
        handlers={**handlers(settings.chain_depth), "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=PUBLISHES,
        jobs=(
            Job("runs", upkeep.Runs(database).run, every=upkeep.RUNS_SECONDS),
            Job("merges", merging.LateRows(database, PARTS).run, merging.EVERY_SECONDS),
            Job("forgetting", upkeep.Forgetting(database, settings.run_days).run, every=upkeep.FORGETTING_SECONDS),
        ),
        seed=lambda: seed.seed(database),
    )
    return service
