"""What PostgreSQL itself holds: one version at a time, and no row of another customer for the portal."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.db import Scope
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

pytestmark = pytest.mark.postgres

EDITORS = 8


@pytest.mark.parametrize("version", [0, 1])
def test_of_many_editors_at_once_one_wins_and_the_others_are_told(
    service: Service, staff: Client, tree: Any, tokens: TestTokens, version: int
) -> None:
    path = f"/customers/{tree.hq}/portal-settings"
    if version:
        staff.patch(path, json={"settings": {"billing_enabled": "off"}}, version=0)
    token = tokens.staff(["portal_settings.view", "portal_settings.edit"])

    def edit(_editor: int) -> int:
        client = client_for(service, token)
        body = {"settings": {"automation_enabled": "on", "order_authorization": "on"}}
        return client.patch(path, json=body, version=version).status_code

    with ThreadPoolExecutor(EDITORS) as pool:
        statuses = sorted(pool.map(edit, range(EDITORS)))
    assert statuses == [200] + [412] * (EDITORS - 1)
    assert [event.version for event in published(service.db)] == list(range(1, version + 2))


def test_the_portal_role_sees_the_rows_of_its_customers_only(service: Service, staff: Client, tree: Any) -> None:
    for path in ("/portal-settings", *(f"/customers/{id_}/portal-settings" for id_ in (tree.hq, tree.branch))):
        staff.patch(path, json={"settings": {"billing_enabled": "off"}}, version=0)
    with service.db.transaction(Scope((tree.branch,))) as session:
        assert session.execute(text("SELECT subject FROM scope_settings")).scalars().all() == [tree.branch]
        seen = session.execute(text("SELECT id::text FROM replica_customers")).scalars().all()
        assert seen == [tree.branch]
    with service.db.transaction(Scope(())) as session:
        assert session.execute(text("SELECT count(*) FROM scope_settings")).scalar_one() == 0


@pytest.mark.parametrize("statement", ["UPDATE scope_settings SET locks = '{}'", "SELECT * FROM replica_groups"])
def test_the_portal_role_writes_nothing_and_knows_no_groups(service: Service, tree: Any, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), service.db.transaction(Scope((tree.hq,))) as session:
        session.execute(text(statement))


def test_a_walk_starts_only_from_the_caller_s_own_customers(service: Service, staff: Client, tree: Any) -> None:
    staff.patch("/portal-settings", json={"settings": {"billing_enabled": "off"}}, version=0)
    staff.patch(f"/customers/{tree.hq}/portal-settings", json={"settings": {"billing_enabled": "on"}}, version=0)
    asked = {"ids": [tree.hq, tree.branch, tree.loner]}
    walks = text("SELECT start_id::text, place FROM walks(CAST(:ids AS uuid[]))")
    with service.db.transaction() as session:
        assert len({start for start, _ in session.execute(walks, asked)}) == 3
    with service.db.transaction(Scope((tree.branch,))) as session:
        assert session.execute(walks, asked).all() == [(tree.branch, 2), (tree.branch, 100)]
    with service.db.transaction(Scope(())) as session:
        assert session.execute(walks, asked).all() == []


def test_without_a_role_there_is_no_walk(service: Service) -> None:
    with (
        pytest.raises(Exception, match="permission denied"),
        service.db.connect(as_staff=False) as connection,
    ):
        connection.execute("SELECT * FROM walks(ARRAY[]::uuid[])")


@pytest.mark.parametrize(
    "columns",
    [
        {"switches": '{"teleport": "on"}'},
        {"switches": '{"billing_enabled": "inherit"}'},
        {"switches": "[]"},
        {"locks": "{teleport}"},
        {"licence_by": "Ada"},
        {"scope": "group"},
        {"subject": "0195556a-0000-7000-8000-0000000000c1"},
    ],
)
def test_a_row_that_means_nothing_cannot_be_stored(service: Service, columns: dict[str, str]) -> None:
    row = {"subject": "platform", "scope": "platform", "switches": "{}", "locks": "{}", "version": "1"} | columns
    names = ", ".join(row)
    values = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')})" for name in row)
    with pytest.raises(DBAPIError, match="violates check constraint"), service.db.transaction() as session:
        session.execute(text(f"INSERT INTO scope_settings ({names}) VALUES ({values})"), row)  # noqa: S608  # our own names


_TYPES = {"switches": "jsonb", "locks": "text[]", "version": "bigint"}


def test_a_tree_deeper_than_eight_levels_is_climbed_no_further(service: Service, staff: Client, tree: Any) -> None:
    ids = [f"0195556a-0000-7000-8000-0000000d{level:04d}" for level in range(12)]
    with service.db.transaction() as session:
        for level, id_ in enumerate(ids):
            session.execute(
                text(
                    "INSERT INTO replica_customers (id, version, status, parent_id) VALUES (:id, 1, 'active', :parent)"
                ),
                {"id": id_, "parent": ids[level - 1] if level else ids[-1]},  # even a circle ends
            )
    for id_ in ids:
        staff.patch(f"/customers/{id_}/portal-settings", json={"settings": {"billing_enabled": "off"}}, version=0)
    with service.db.transaction() as session:
        found = session.execute(text("SELECT count(*) FROM walks(CAST(:ids AS uuid[]))"), {"ids": [ids[-1]]})
        assert found.scalar_one() == 9
    counted = staff.patch(
        f"/customers/{ids[0]}/portal-settings?dry_run=1", json={"locks": {"billing_enabled": True}}, version=1
    )
    assert counted.json["affected_customers"]["count"] == 0
