"""What the suites of this service share: the service over a fresh database, and customers in a tree."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for
from portal_settings.bootstrap import build
from portal_settings.settings import Settings
from portal_settings.use_cases import remember_customer, remember_group

VIEW, EDIT = "portal_settings.view", "portal_settings.edit"


@dataclass(frozen=True, slots=True)
class Tree:
    """`hq` is in the group `hospitals`, its `branch` in `clinics`; the `site` below that and the `loner` in none."""

    hospitals: str = "0195556a-0000-7000-8000-0000000000a1"
    clinics: str = "0195556a-0000-7000-8000-0000000000a2"
    hq: str = "0195556a-0000-7000-8000-0000000000c1"
    branch: str = "0195556a-0000-7000-8000-0000000000c2"
    site: str = "0195556a-0000-7000-8000-0000000000c3"
    loner: str = "0195556a-0000-7000-8000-0000000000c4"


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("portal-settings").app_url
    made = build(Settings(database_url=url, identity_public_key=tokens.public_key))
    yield made
    made.db.dispose()


@pytest.fixture
def tree(service: Service) -> Iterator[Tree]:
    ids = Tree()
    with service.db.transaction() as session:
        remember_group(session, {"id": ids.hospitals, "name": "Hospitals"}, 1)
        remember_group(session, {"id": ids.clinics, "name": "Clinics"}, 1)
        for name, parent, group in (
            ("hq", None, ids.hospitals),
            ("branch", ids.hq, ids.clinics),
            ("site", ids.branch, None),
            ("loner", None, None),
        ):
            customer = {"id": getattr(ids, name), "name": name.title(), "status": "active"}
            remember_customer(session, customer | {"parent_id": parent, "group_id": group}, 1)
    yield ids
    with service.db.transaction() as session:
        for table in ("scope_settings", "replica_customers", "replica_groups", "outbox"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names


@pytest.fixture
def staff(service: Service, tree: Tree, tokens: TestTokens) -> Client:
    """Somebody who may view and edit every scope of the tree."""
    return client_for(service, tokens.staff([VIEW, EDIT], name="Grace Hopper"))


@pytest.fixture
def portal(service: Service, tree: Tree, tokens: TestTokens) -> Client:
    """Somebody of the branch, in the portal."""
    return client_for(service, tokens.portal({tree.branch: [VIEW]}))
