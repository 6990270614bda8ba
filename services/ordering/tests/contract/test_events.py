"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from typing import Any

import pytest

from common.envelope import from_document, to_document
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.events import catalogue, listings, prices
from ordering.tests.told import CONTRACTS

pytestmark = pytest.mark.postgres

OFFERED = listings.PUBLISHES | catalogue.PUBLISHES | prices.PUBLISHES


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in CONTRACTS.consumed_by("ordering")
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


def test_what_is_told_of_the_catalogue_fits_its_schemas_and_counts_without_a_gap(
    service: Service, staff: Client
) -> None:
    made = staff.post("/listings", json={"sku": "X", "name": "X", "kind": "stock"}).json
    path = f"/listings/{made['id']}"
    staff.patch(path, json={"name": "Y"}, version=1)
    for version, step in enumerate(("publication", "pause", "retirement"), 2):
        staff.post(f"{path}/{step}", version=version)
    rule = {"effect": "exclude", "listing_id": made["id"], "target_kind": "group", "target_id": new_id()}
    rule_id = staff.post("/catalogue-rules", json=rule).json["id"]
    staff.delete(f"/catalogue-rules/{rule_id}")
    fields = {"code": "P", "name": "P", "kind": "standard", "currency": "EUR", "valid_from": "2026-01-01"}
    list_path = f"/price-lists/{staff.post('/price-lists', json=fields).json['id']}"
    staff.patch(list_path, json={"valid_from": "2026-02-01"}, version=1)
    price = {"sku": "X", "amount": "1", "valid_from": "2026-02-01", "valid_to": "2026-03-01"}
    assert staff.post(f"{list_path}/prices", json={"prices": [price]}).json == {"changed": 1}
    events = published(service.db)
    assert {event.type for event in events} >= OFFERED
    versions: dict[str, list[int]] = {}
    for event in events:
        CONTRACTS.check(event.type, event.data)
        assert from_document(to_document(event)) == event
        versions.setdefault(event.subject, []).append(event.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document))
