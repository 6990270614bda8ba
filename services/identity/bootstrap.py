"""The only place that builds things."""

import sys

from common import web
from common.clock import SystemClock
from common.contracts import Contracts
from common.db import Database
from common.outbox import Publisher
from common.replay import Requests
from common.sealing import Seal
from common.service import Job, Service
from common.settings import MissingSettings
from common.tokens import Verifier
from identity.api import ROUTES
from identity.consumers import HANDLERS
from identity.events import PUBLISHES
from identity.seed import seed
from identity.settings import Settings
from identity.use_cases.dependencies import Dependencies
from identity.use_cases.hashing import Hasher
from identity.use_cases.purging import purge
from identity.use_cases.revocations import RevocationWatch
from identity.use_cases.signing import Signer


def build(settings: Settings) -> Service:
    """The service as this process runs it; opens nothing. Raises MissingSettings where a key cannot be read."""
    contracts = Contracts(settings.contracts_dir)
    clock = SystemClock()
    database = Database(
        settings.database_url, "identity", publisher=Publisher("identity", contracts), pool_size=settings.database_pool
    )
    try:
        verifier = Verifier.from_pem(settings.identity_public_key)
        deps = Dependencies(
            hasher=Hasher(),
            seal=Seal.from_text(settings.identity_secret_key, "IDENTITY_SECRET_KEY"),
            signer=Signer(settings.identity_private_key, clock),
            watch=RevocationWatch(database),
            clock=clock,
        )
    except ValueError as error:
        raise MissingSettings(f"cannot start: IDENTITY_PRIVATE_KEY, _PUBLIC_KEY or _SECRET_KEY: {error}") from error
    replays = Requests()
    service = Service(
        name="identity",
        settings=settings,
        contracts=contracts,
        database=database,
        handlers={**HANDLERS, "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=PUBLISHES,
        jobs=[Job("purge", lambda stop: purge(database, clock, stop), every=60.0)],
        create_app=lambda: web.create_app(service, ROUTES, verifier, deps=deps),
        seed=lambda: seed(database, deps.hasher, settings.demo_password, sys.stdout.write),
    )
    return service
