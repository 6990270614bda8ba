"""Builds this service; the only place that does."""

from common import web
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.service import Service
from common.tokens import Verifier
from portal_settings import events, seed
from portal_settings.api import routes
from portal_settings.consumers import HANDLERS
from portal_settings.settings import Settings

NAME = "portal-settings"


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
        create_app=lambda: web.create_app(service, routes, Verifier.from_pem(settings.identity_public_key)),
        database=database,
        handlers={**HANDLERS, "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=events.PUBLISHES,
        seed=lambda: seed.seed(database),
    )
    return service
