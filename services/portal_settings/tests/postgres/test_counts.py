"""What a dry run counts is what the change then does, in random trees with random decisions."""

import random
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import TestTokens, client_for
from portal_settings.queries.scopes import effective_switches
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

GROUPS = [f"0195556a-0000-7000-8000-00000000a{number:03d}" for number in range(3)]
CUSTOMERS = [f"0195556a-0000-7000-8000-00000000c{number:03d}" for number in range(40)]
FEE = {"fee_note": "included"}


@pytest.fixture(params=range(4))
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def forest(service: Service, chance: random.Random) -> Iterator[None]:
    with service.db.transaction() as session:
        for id_ in GROUPS:
            session.execute(text("INSERT INTO replica_groups (id, version) VALUES (:id, 1)"), {"id": id_})
        heights: dict[str | None, int] = {None: -1}
        for id_ in CUSTOMERS:
            parent = chance.choice([one for one, height in heights.items() if height < 7])
            heights[id_] = heights[parent] + 1
            row = {
                "id": id_,
                "parent": parent,
                "group": chance.choice([None, *GROUPS]),
                "status": chance.choice(["active", "active", "active", "archived"]),
            }
            session.execute(_CUSTOMER, row)
        for scope, ids in (("group", GROUPS), ("customer", CUSTOMERS), ("platform", ["platform"])):
            for id_ in ids:
                if chance.random() < 0.6:
                    switches = {key: chance.choice(["on", "off"]) for key in KEYS if chance.random() < 0.4}
                    row = {
                        "subject": id_,
                        "scope": scope,
                        "group_id": id_ if scope == "group" else None,
                        "customer_id": id_ if scope == "customer" else None,
                        "switches": orjson.dumps(switches).decode(),
                        "locks": [key for key in KEYS if chance.random() < 0.1],
                    }
                    session.execute(_SETTINGS, row)
    yield
    with service.db.transaction() as session:
        for table in ("scope_settings", "replica_customers", "replica_groups", "outbox"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names


_CUSTOMER = text(
    "INSERT INTO replica_customers (id, version, status, parent_id, group_id) VALUES (:id, 1, :status, :parent, :group)"
)
_SETTINGS = text(
    "INSERT INTO scope_settings (subject, scope, group_id, customer_id, switches, locks, version)"
    " VALUES (:subject, :scope, :group_id, :customer_id, CAST(:switches AS jsonb), :locks, 1)"
)


@pytest.mark.usefixtures("forest")
def test_a_dry_run_counts_what_the_change_then_does(
    service: Service, tokens: TestTokens, chance: random.Random
) -> None:
    staff = client_for(service, tokens.staff(["portal_settings.view", "portal_settings.edit"]))
    scopes = ["", *(f"/customer-groups/{id_}" for id_ in GROUPS), *(f"/customers/{id_}" for id_ in CUSTOMERS)]
    done = 0
    for scope in chance.choices(scopes, weights=[10] + [5] * 3 + [1] * 40, k=12):
        body = _anything(chance)
        path = f"{scope}/portal-settings"
        version = staff.get(path).json["version"]
        dry = staff.patch(f"{path}?dry_run=1", json=body, version=version)
        before = _effects(service)
        changed = staff.patch(path, json=body, version=version)
        assert (changed.status_code == 200) == (dry.status_code == 200 and dry.json["refusals"] == [])
        if changed.status_code == 200:
            after = _effects(service)
            differing = [{key for key in KEYS if after[id_][key] != before[id_][key]} for id_ in before]
            assert dry.json["affected_customers"] == {
                "count": sum(1 for keys in differing if keys),
                "at_least": False,
                "by_switch": {key: n for key in KEYS if (n := sum(key in keys for keys in differing))},
            }
            assert changed.json["settings"] == dry.json["settings"]
            assert changed.json["changes"] == dry.json["changes"]
            done += 1
    assert done > 1


def _anything(chance: random.Random) -> dict[str, Any]:
    keys = chance.sample(KEYS, 2)
    return {
        "settings": {key: chance.choice(["on", "off", "inherit"]) for key in keys},
        "locks": {chance.choice(KEYS): chance.random() < 0.3},
        "cascade": chance.random() < 0.7,
    } | ({"licence_acknowledgement": FEE} if chance.random() < 0.4 else {})


def _effects(service: Service) -> dict[str, dict[str, tuple[str, str | None]]]:
    with service.db.transaction() as session:
        found = effective_switches(session, CUSTOMERS)
        active = set(
            session.execute(text("SELECT id::text FROM replica_customers WHERE status = 'active'")).scalars().all()
        )
    return {
        id_: {key: (one.effective, one.inert_reason) for key, one in switches.items()}
        for id_, switches in found.items()
        if id_ in active
    }
