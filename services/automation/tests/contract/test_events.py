"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from typing import Any

import pytest

from automation.consumers import HANDLERS
from automation.events import ENTRY_CLOSED, ENTRY_CREATED
from common.contracts import Contracts
from common.envelope import from_document
from common.service import Service
from common.settings import Settings
from common.testing import Client, deliver, published

pytestmark = pytest.mark.postgres

CONTRACTS = Contracts(Settings().contracts_dir)


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in sorted(HANDLERS)
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


def test_each_change_publishes_its_event(service: Service, staff: Client, customer_id: str) -> None:
    entry = staff.post("/automation/entries", json={"customer_id": customer_id, "title": "Call back"}).json
    staff.post(f"/automation/entries/{entry['id']}/closure", version=1)
    events = published(service.db)
    assert [(event.type, event.version) for event in events] == [(ENTRY_CREATED, 1), (ENTRY_CLOSED, 2)]
    for event in events:
        CONTRACTS.check(event.type, event.data)


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document))
