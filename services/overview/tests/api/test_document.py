"""The 360° document as callers see it."""

from common.ids import new_id
from common.service import Service
from common.testing import Client
from overview.tests import events
from overview.tests.delivery import deliver


def overview(client: Client, customer_id: str, **options):
    answer = client.get(f"/customers/{customer_id}/overview", **options)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_every_section_is_in_one_document(service: Service, staff: Client) -> None:
    id_, person = new_id(), new_id()
    deliver(
        service,
        [
            events.customer(id_, name="Blåbær & Søn", primary_contact_id=person),
            events.contact(
                id_, person, name="Åse Lind", emails=[{"label": "work", "address": "a@b.example", "default": True}]
            ),
            events.contact(id_, name="Aaron First"),
            events.address(id_, city="Århus", country="DK"),
            events.scope("platform", values={"billing_enabled": "off"}),
            events.access(
                id_, login={"account_id": new_id(), "username": "lind", "status": "active", "disabled_reason": None}
            ),
        ],
    )
    found = overview(staff, id_)
    assert found["customer"]["name"] == "Blåbær & Søn"
    assert [(one["name"], one["primary"]) for one in found["contacts"]] == [("Åse Lind", True), ("Aaron First", False)]
    assert found["addresses"][0]["city"] == "Århus"
    assert found["portal_settings"]["billing_enabled"]["effective"] == "off"
    assert found["access"]["login"]["username"] == "lind"
    assert [entry["kind"] for entry in found["timeline"]] == ["access", "address", "contact", "contact", "customer"]
    assert found["counts"] == {"contacts": 2, "addresses": 1}
    assert found["as_of"] == found["sections"]["access"]
