"""Builds this service; the only place that does."""

from automation import events, seed
from automation.api import routes
from automation.consumers import HANDLERS
from automation.settings import Settings
from common import web
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.service import Service
from common.tokens import Verifier

NAME = "automation"


def build(settings: Settings) -> Service:
    """Everything a process of this service needs; connections open on first use."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url, NAME, publisher=Publisher(NAME, contracts), pool_size=settings.database_pool
    )
    service = Service(
        name=NAME,
        settings=settings,
        contracts=contracts,
        create_app=lambda: web.create_app(service, routes, Verifier.from_pem(settings.identity_public_key)),
        database=database,
        handlers=HANDLERS,
        publishes=events.PUBLISHES,
        seed=lambda: seed.seed(database),
    )
    return service
