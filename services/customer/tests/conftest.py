"""What the suites of this service share: the service on a fresh database, and clients for its people."""

import base64
import os
from collections.abc import Callable, Iterator

import pytest

from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for
from customer.bootstrap import build
from customer.settings import Settings

STAFF = (
    "customers.view",
    "customers.edit",
    "customers.archive",
    "customers.delete",
    "customers.import",
    "customers.merge",
    "groups.manage",
    "segments.manage",
    "customers.export",
    "documents.view",
    "documents.manage",
    "documents.restricted",
    "schema.manage",
    "privacy.manage",
    "systems.view",
    "systems.edit",
    "secrets.edit",
    "secrets.reveal",
)


@pytest.fixture(scope="module")
def service(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service on a database of this module's own; small chunks, so that a few rows make several."""
    settings = Settings(
        database_url=service_database("customer").app_url,
        identity_public_key=tokens.public_key,
        import_chunk_rows=10,
        import_max_bytes=2_000_000,
        files_dir=tmp_path_factory.mktemp("files"),
        file_max_bytes=1_000_000,
        customer_secrets_key=base64.b64encode(os.urandom(32)).decode(),
    )
    made = build(settings)
    yield made
    made.db.dispose()


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """A staff member who may do everything here."""
    return client_for(service, tokens.staff(STAFF))
