"""Builds the service: the only place where its parts meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Stop
from zoneinfo import ZoneInfo

from flask import Flask

from common import web
from common.clock import Clock, SystemClock
from common.context import context_for
from common.contracts import Contracts
from common.db import Database
from common.importing.api import allow_large_files
from common.importing.kinds import Importing
from common.importing.run import Runner
from common.outbox import Publisher
from common.replay import Requests
from common.service import Job, Service
from common.settings import MissingSettings
from common.storage.disk import DiskStorage
from common.storage.port import Storage
from common.storage.spool import Spool
from common.tokens import Verifier
from customer.api import ROUTES
from customer.consumers import HANDLERS
from customer.domain.files import CATEGORIES
from customer.domain.numbers import Numbering
from customer.events import PUBLISHES
from customer.jobs import days, documents
from customer.jobs import files as clearing
from customer.seed import seed
from customer.settings import Settings
from customer.use_cases import settings as group_settings
from customer.use_cases import tags
from customer.use_cases.deletion import Purge
from customer.use_cases.duplicate_sweep import Sweep
from customer.use_cases.imports.kinds import of_customers
from customer.use_cases.imports.reversion import Reversions
from customer.use_cases.segments.upkeep import Upkeep
from customer.use_cases.vault import Vault


@dataclass(frozen=True, slots=True)
class Files:
    """Where contents are kept, where they arrive, and how many bytes each category takes."""

    storage: Storage
    spool: Spool
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Deps:
    """What the operations are given besides the session."""

    numbering: Numbering
    importing: Importing
    import_max_bytes: int
    property_numbering: Numbering
    deletion_grace_days: int
    zone: ZoneInfo
    files: Files
    vault: Vault


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """The service, from its settings; `clock` tells the day. Opens nothing. Raises MissingSettings for a broken key."""
    contracts = Contracts(settings.contracts_dir)
    database = Database(
        settings.database_url,
        "customer",
        publisher=Publisher("customer", contracts, clock or SystemClock()),
        pool_size=settings.database_pool,
    )
    numbering = Numbering(settings.customer_number_pattern, settings.customer_number_form)
    zone = ZoneInfo(settings.time_zone)
    files = _files(settings)
    try:
        vault = Vault.from_text(settings.customer_secrets_key)
    except ValueError as error:
        raise MissingSettings(f"cannot start: {error}") from error
    deps = Deps(
        numbering=numbering,
        importing=of_customers(numbering),
        import_max_bytes=settings.import_max_bytes,
        property_numbering=Numbering(form=settings.property_number_form),
        deletion_grace_days=settings.deletion_grace_days,
        zone=zone,
        files=files,
        vault=vault,
    )
    runner = Runner(database, deps.importing, settings.import_chunk_rows, settings.import_lease_seconds)
    upkeep = Upkeep(database, zone)

    def register_settings(_stop: Stop) -> bool:
        return database.run(group_settings.register_own, context=context_for("system:settings", "Settings"))

    def create_app() -> Flask:
        app = web.create_app(service, ROUTES, Verifier.from_pem(settings.identity_public_key), deps=deps)
        allow_large_files(app, settings.import_max_bytes)
        return app

    replays = Requests()
    service = Service(
        name="customer",
        settings=settings,
        contracts=contracts,
        create_app=create_app,
        database=database,
        handlers={**HANDLERS, "overview.replay.requested.v1": replays.take},
        replays=replays,
        publishes=PUBLISHES,
        jobs=(
            Job("imports", runner.run, every=1.0),
            Job("reversions", Reversions(database).run, every=1.0),
            Job("duplicates", Sweep(database).run, every=1.0),
            Job("deletions", Purge(database).run, every=60.0),
            Job("segments", upkeep.run, every=1.0),
            Job("merged-tags", lambda _stop: tags.move_merged(database), every=2.0),
            Job("settings", register_settings, every=3_600.0),
            Job("days", days.Days(database).run, every=days.EVERY_SECONDS),
            Job("files", clearing.Clearing(database, files.storage, files.spool).run, every=clearing.EVERY_SECONDS),
            Job("documents", documents.Reminders(database).run, every=documents.EVERY_SECONDS),
        ),
        seed=lambda: seed(database, numbering, vault, files.storage, files.spool),
    )
    return service


def _files(settings: Settings) -> Files:
    unknown = set(settings.file_max_bytes_of) - set(CATEGORIES)
    if unknown:
        raise MissingSettings(f"cannot start: FILE_MAX_BYTES_OF names no category: {', '.join(sorted(unknown))}")
    limits = {category: settings.file_max_bytes_of.get(category, settings.file_max_bytes) for category in CATEGORIES}
    arriving = settings.files_spool_dir if settings.files_spool_dir != Path() else settings.files_dir / "incoming"
    return Files(_storage(settings), Spool(arriving, max(limits.values())), limits)


def _storage(settings: Settings) -> Storage:
    if not settings.files_bucket:
        return DiskStorage(settings.files_dir)
    from common.storage.s3 import S3Storage  # only who has a bucket needs boto3, which takes half a second to import

    return S3Storage(
        settings.files_bucket,
        endpoint=settings.files_endpoint,
        region=settings.files_region,
        access_key=settings.files_access_key,
        secret_key=settings.files_secret_key,
    )
