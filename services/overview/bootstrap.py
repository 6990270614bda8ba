"""Builds the service; nothing is built anywhere else, and nothing connects before it is used."""

from dataclasses import replace

from common.contracts import Contracts
from common.db import Database, Waker
from common.outbox import Publisher
from common.service import Job, Service
from common.tokens import Verifier
from common.web import create_app
from overview.api import routes
from overview.consumers import handlers
from overview.domain.names import ARRIVED, CONSUMER, SEEN
from overview.events import PUBLISHES
from overview.jobs.sequencing import Sequencer
from overview.jobs.upkeep import Upkeep
from overview.queries.waiting import Watch
from overview.settings import Settings
from overview.use_cases.owners import note_beat


def build(settings: Settings) -> Service:
    """The service as one process uses it."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url, CONSUMER, publisher=Publisher(CONSUMER, contracts), pool_size=settings.database_pool
    )
    watch = Watch(database, most_waiting=settings.most_waiting)
    arrived = Waker(database.dsn, ARRIVED)
    upkeep = Upkeep(database)
    sequencer = Sequencer(database, arrived.wake)
    service = Service(
        name=CONSUMER,
        settings=settings,
        contracts=contracts,
        database=database,
        publishes=PUBLISHES,
        handlers=handlers(Waker(database.dsn, SEEN).wake),
        on_beat=note_beat,
        jobs=(
            Job("arrivals", sequencer.run, every=0.5),
            Job("upkeep", upkeep.run, every=60.0),
            Job("combinations", upkeep.forget, every=3_600.0),
        ),
        create_app=lambda: create_app(service, routes, Verifier.from_pem(settings.identity_public_key), deps=watch),
    )
    return service


def for_generation(service: Service, number: int) -> Service:
    """The same service as it fills a generation that does not serve yet."""
    return replace(service, handlers=handlers(lambda: None, building=number), on_beat=None, jobs=())
