"""Links, deals, tax ids and certificates in the read models: both sides of a link, search, timeline, portals."""

import json
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.settings import Settings
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.tests import events
from overview.tests.delivery import deliver

CONTRACTS = Contracts(Settings().contracts_dir)


def of(customer_id: str, noun: str, verb: str, id_: str, version: int = 1, **fields: Any) -> Event:
    event_type = f"customer.{noun}.{verb}.v1"
    path = CONTRACTS.event_folder(event_type) / "examples" / "usual.json"
    data = from_document(json.loads(path.read_text())).data | {"id": id_, "customer_id": customer_id} | fields
    return event(event_type, id_, data, customer_id=customer_id, version=version, time=events.moment())


@pytest.fixture
def here(service: Service) -> str:
    customer_id = new_id()
    deliver(service, events.customer(customer_id))
    return customer_id


def document(client: Client, customer_id: str) -> dict[str, Any]:
    return client.get(f"/customers/{customer_id}/overview").json


def found(staff: Client, words: str) -> set[str]:
    return {item["id"] for item in staff.get(f"/customers?q={words}").json["items"]}


def test_a_link_is_in_both_documents_and_both_histories_by_one_event(
    service: Service, staff: Client, tokens: TestTokens, here: str
) -> None:
    there, id_ = new_id(), new_id()
    first = {"id": here, "number": "1", "name": "Alder", "label": "Franchisor of"}
    second = {"id": there, "number": "2", "name": "Birch", "label": "Franchisee of"}
    sides = {"from": first, "to": second, "note": None}
    added = of(here, "link", "added", id_, **sides)
    deliver(service, [events.customer(there), added])
    [seen], [back] = document(staff, here)["links"], document(staff, there)["links"]
    assert (seen["label"], seen["direction"], seen["other"]["name"]) == ("Franchisor of", "forward", "Birch")
    assert (back["label"], back["direction"], back["other"]["name"]) == ("Franchisee of", "reverse", "Alder")
    told = [staff.get(f"/customers/{side}/timeline?kind=link").json["items"] for side in (here, there)]
    assert [[entry["event_id"] for entry in entries] for entries in told] == [[added.id], [added.id]]
    assert [entries[0]["subject"]["label"] for entries in told] == ["Franchisor of Birch", "Franchisee of Alder"]
    grants = {here: ["customers.view"], there: ["customers.view"]}
    portal = client_for(service, tokens.portal(grants))
    assert "Birch" not in json.dumps([document(portal, here), portal.get(f"/customers/{here}/timeline").json])
    deliver(service, of(here, "link", "removed", id_, 2, **sides))
    assert document(staff, here)["links"] == document(staff, there)["links"] == []


def test_deals_stand_open_ones_first_and_find_their_customer(
    service: Service, staff: Client, tokens: TestTokens, here: str
) -> None:
    late, soon, won = new_id(), new_id(), new_id()
    deliver(
        service,
        [
            of(here, "deal", "added", won, expected_close_on="2020-01-01"),
            of(here, "deal", "added", late, name="Zeppelin hangar", expected_close_on=None),
            of(here, "deal", "added", soon, expected_close_on="2026-01-01"),
            of(here, "deal", "won", won, 2),
        ],
    )
    assert [deal["id"] for deal in document(staff, here)["deals"]] == [soon, late, won]
    assert found(staff, "zeppelin") == {here}
    verbs = [entry["verb"] for entry in staff.get(f"/customers/{here}/timeline?kind=deal").json["items"]]
    assert verbs == ["won", "added", "added", "added"]
    portal = client_for(service, tokens.portal({here: ["customers.view"]}))
    assert document(portal, here)["deals"] is None
    assert portal.get(f"/customers/{here}/timeline?kind=deal").json["items"] == []


def test_a_customer_is_found_by_its_tax_id_with_and_without_prefix(service: Service, staff: Client, here: str) -> None:
    id_ = new_id()
    deliver(service, of(here, "tax_id", "added", id_, country="GB", value="980780684"))
    assert found(staff, "980780684") == found(staff, "GB980780684") == {here}
    deliver(service, of(here, "tax_id", "removed", id_, 2))
    assert found(staff, "980780684") == set()


def test_the_company_sees_its_tax_ids_and_certificates_without_who_verified_them(
    service: Service, staff: Client, tokens: TestTokens, here: str
) -> None:
    deliver(service, [of(here, "tax_id", "added", new_id()), of(here, "exemption", "added", new_id())])
    portal = client_for(service, tokens.portal({here: ["customers.view"]}))
    shown, whole = document(portal, here), document(staff, here)
    assert len(shown["tax_ids"]) == len(whole["tax_ids"]) == 1
    assert whole["exemptions"][0]["verified_by"]["label"] == "Nadia Ferro"
    assert "verified_by" not in shown["exemptions"][0]


def test_who_is_the_default_for_a_role_stands_with_the_contact(service: Service, staff: Client, here: str) -> None:
    contact = events.contact(here, roles=["billing"], default_for=["billing"])
    deliver(service, [contact, events.contact(here)])
    shown = {one["id"]: one["default_for"] for one in document(staff, here)["contacts"]}
    assert shown.pop(contact.subject) == ["billing"]
    assert list(shown.values()) == [[]]


def test_a_link_to_an_erased_person_is_gone_and_its_entry_nameless(service: Service, staff: Client, here: str) -> None:
    there, id_ = new_id(), new_id()
    first = {"id": there, "number": "1", "name": "Tomasina Hlavkova", "label": "Works for"}
    second = {"id": here, "number": "2", "name": "Alder", "label": "Employs"}
    deliver(service, of(there, "link", "added", id_, **{"from": first, "to": second, "note": "Since May"}))
    assert "Tomasina" in json.dumps(document(staff, here))
    deliver(service, of(here, "link", "erased", id_, 2, erased_ids=[id_]))
    told = staff.get(f"/customers/{here}/timeline?kind=link").json["items"]
    assert "Tomasina" not in json.dumps([document(staff, here), told])
    assert document(staff, here)["links"] == []
    assert [entry["verb"] for entry in told] == ["erased", "added"]
