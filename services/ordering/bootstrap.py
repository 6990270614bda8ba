"""Builds this service; the only place that does."""

from common import web
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.service import Service
from common.tokens import Verifier
from ordering import seed
from ordering.api import ROUTES
from ordering.consumers import HANDLERS
from ordering.events import PUBLISHES
from ordering.settings import Settings

NAME = "ordering"


def build(settings: Settings) -> Service:
    """Everything a process of this service needs; connections open on first use."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url, NAME, publisher=Publisher(NAME, contracts), pool_size=settings.database_pool
    )
    replays = Requests()
    service = Service(
        name=NAME,
        settings=settings,
        contracts=contracts,
        create_app=lambda: web.create_app(service, ROUTES, Verifier.from_pem(settings.identity_public_key)),
        database=database,
        handlers={**HANDLERS, "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=PUBLISHES,
        seed=lambda: seed.seed(database),
    )
    return service
