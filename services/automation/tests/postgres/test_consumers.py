"""What the events of other services do here."""

import json
from pathlib import Path
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.service import Service
from common.settings import Settings
from common.testing import Client, deliver

pytestmark = pytest.mark.postgres

CONTRACTS = Contracts(Settings().contracts_dir)


def renamed(customer_id: str, name: str, version: int) -> Event:
    folder: Path = CONTRACTS.event_folder("customer.customer.updated.v1") / "examples"
    document: dict[str, Any] = json.loads(next(iter(sorted(folder.glob("*.json")))).read_text())
    document |= {"subject": customer_id, "aggregateversion": version}
    document["data"] |= {"id": customer_id, "name": name}
    return from_document(document)


def test_an_entry_shows_the_customer_s_newest_name(service: Service, staff: Client, customer_id: str) -> None:
    deliver(service, renamed(customer_id, "New", 3))
    deliver(service, renamed(customer_id, "Old", 2))
    entry = staff.post("/automation/entries", json={"customer_id": customer_id, "title": "Call back"}).json
    assert entry["customer_name"] == "New"
