"""Builds this service; the only place that does."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from common import web
from common.contracts import Contracts
from common.db import Database
from common.importing.api import allow_large_files
from common.importing.run import Runner
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.tokens import Verifier
from customer_replica import merging
from ordering import seed
from ordering.api import ROUTES
from ordering.consumers import HANDLERS, handlers_of_dates
from ordering.events import PUBLISHES
from ordering.jobs import approvals as approval_jobs
from ordering.jobs import calendar
from ordering.jobs import orders as order_jobs
from ordering.jobs import standing_orders as standing_order_jobs
from ordering.settings import Settings
from ordering.use_cases.imports.kinds import IMPORTS
from ordering.use_cases.merges import PARTS as MERGED_PARTS

NAME = "ordering"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the operations are given besides the session."""

    auto_confirm_ceiling: Mapping[str, int]  # minor units by currency
    import_max_bytes: int


def build(settings: Settings) -> Service:
    """Everything a process of this service needs; connections open on first use."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url, NAME, publisher=Publisher(NAME, contracts), pool_size=settings.database_pool
    )
    runner = Runner(database, IMPORTS, settings.import_chunk_rows, settings.import_lease_seconds)

    def create_app() -> Flask:
        verifier = Verifier.from_pem(settings.identity_public_key)
        deps = Deps(settings.auto_confirm_ceiling, settings.import_max_bytes)
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
            **HANDLERS,
            **handlers_of_dates(settings.date_tolerance_days),
            "overview.replay.requested.v1": replays.take,
        },
        replays=replays,
        publishes=PUBLISHES,
        jobs=(
            Job("imports", runner.run, every=1.0),
            Job(
                "expiry",
                order_jobs.Expiry(database, settings.order_pending_days, settings.order_reminder_days).run,
                order_jobs.EXPIRY_SECONDS,
            ),
            Job(
                "standing-orders",
                standing_order_jobs.StandingOrders(database, settings.auto_confirm_ceiling).run,
                standing_order_jobs.EVERY_SECONDS,
            ),
            Job("calendar", calendar.Calendar(database).run, calendar.EVERY_SECONDS),
            Job("escalation", approval_jobs.Escalation(database).run, approval_jobs.EVERY_SECONDS),
            Job("merges", merging.LateRows(database, MERGED_PARTS).run, merging.EVERY_SECONDS),
            Job("reconciler", order_jobs.Reconciler(database).run, order_jobs.RECONCILE_SECONDS),
        ),
        seed=lambda: seed.seed(database),
    )
    return service
