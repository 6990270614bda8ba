"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from threading import Event as Stop
from typing import Any

import pytest

from automation.events import PUBLISHES
from automation.jobs.upkeep import Runs
from automation.settings import Settings
from automation.tests.conftest import ok
from automation.tests.told import CREATED, PLACED, example, happened, rule
from automation.use_cases import tasks
from common.contracts import Contracts
from common.envelope import from_document
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from common.testing.events import event

pytestmark = pytest.mark.postgres

CONTRACTS = Contracts(Settings().contracts_dir)


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in CONTRACTS.consumed_by("automation")
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


def test_everything_that_is_published_is_published_and_fits_its_schema(
    service: Service, staff: Client, make: Any, settle: Any, tell: Any, customer_id: str, monkeypatch: Any
) -> None:
    made = make(staff, rule("Often", most_per_hour=1))
    tell(happened(PLACED, customer_id), happened(PLACED, customer_id))
    make(staff, rule("Again", CREATED))
    settle()
    assert staff.delete(f"/rules/{made['id']}", version=2).status_code == 204
    task = ok(staff.post("/automation/tasks", json={"title": "Call"}), 201)
    ok(staff.patch(f"/automation/tasks/{task['id']}", json={"note": "At noon"}, version=1))
    ok(staff.post(f"/automation/tasks/{task['id']}/completion"))
    failing = make(staff, rule("Failing", enabled=False))
    ok(staff.patch(f"/rules/{failing['id']}", json={"enabled": True}, version=1))
    tell(happened(PLACED, customer_id))
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "write_tasks", lambda _session, _wanted: 1 / 0)
        Runs(service.db).run(Stop())
    erased = example("customer.customer.erased.v1") | {"id": customer_id}
    tell(event("customer.customer.erased.v1", customer_id, erased, version=99, customer_id=customer_id))
    events = published(service.db)
    assert {one.type for one in events} == PUBLISHES
    for one in events:
        CONTRACTS.check(one.type, one.data)


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document | {"id": new_id()}))
