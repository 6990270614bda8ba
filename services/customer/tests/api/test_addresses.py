"""Addresses through the API: one default for each purpose."""

from collections.abc import Callable
from typing import Any

from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]

STREET = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}


def defaults(staff: Client, customer_id: str) -> dict[str, list[str]]:
    """Purpose to the first lines of the addresses that are its default."""
    found: dict[str, list[str]] = {}
    for address in staff.get(f"/customers/{customer_id}/addresses").json["items"]:
        for entry in address["purposes"]:
            if entry["default"]:
                found.setdefault(entry["purpose"], []).append(address["line1"])
    return found


def test_the_first_address_of_a_purpose_is_its_default(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/addresses"
    first = staff.post(path, json=STREET | {"purposes": [{"purpose": "billing"}]})
    assert first.status_code == 201, first.json
    second = staff.post(path, json=STREET | {"purposes": [{"purpose": "site"}, {"purpose": "billing"}]}).json
    assert second["purposes"] == [{"purpose": "billing", "default": False}, {"purpose": "site", "default": True}]


def test_a_new_default_takes_the_place_of_the_old_one(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer(addresses=[STREET])
    path = f"/customers/{made['id']}/addresses"
    purposes = [{"purpose": "ship_to", "default": True}]
    added = staff.post(path, json=STREET | {"line1": "Kai 4", "purposes": purposes})
    assert defaults(staff, made["id"]) == {"billing": ["Kai 3"], "ship_to": ["Kai 4"]}
    lost, gained = published(service.db)[-2:]
    assert (lost.type, lost.version) == ("customer.address.updated.v1", 2)
    assert lost.data["changes"][0]["path"] == "purposes"
    assert gained.type == "customer.address.added.v1"
    back = {"purposes": [{"purpose": "billing"}, {"purpose": "ship_to", "default": True}]}
    old = f"{path}/{made['addresses'][0]['id']}"
    assert staff.patch(old, json=back, version=1).status_code == 412
    assert staff.patch(old, json=back, version=2).status_code == 200
    assert defaults(staff, made["id"]) == {"billing": ["Kai 3"], "ship_to": ["Kai 3"]}
    assert staff.get(f"{path}/{added.json['id']}").json["version"] == 2


def test_removing_a_default_leaves_none(staff: Client, a_customer: Make) -> None:
    made = a_customer(addresses=[STREET, STREET | {"line1": "Kai 4"}])
    path = f"/customers/{made['id']}/addresses/{made['addresses'][0]['id']}"
    assert staff.delete(path, version=1).status_code == 204
    assert defaults(staff, made["id"]) == {}
    assert staff.get(path).json["code"] == "customer.address_not_found"


def test_an_address_that_asks_to_be_the_default_goes_before_the_first(staff: Client, a_customer: Make) -> None:
    asking = STREET | {"line1": "Kai 4", "purposes": [{"purpose": "billing", "default": True}]}
    made = a_customer(addresses=[STREET, asking])
    assert defaults(staff, made["id"]) == {"ship_to": ["Kai 3"], "billing": ["Kai 4"]}
    both = staff.post("/customers", json={"name": "x", "addresses": [asking, asking]})
    assert (both.status_code, both.json["errors"][0]["pointer"]) == (422, "/addresses/1/purposes")


def test_an_edit_that_changes_nothing_writes_nothing(staff: Client, service: Service, a_customer: Make) -> None:
    made = a_customer(addresses=[STREET])
    path = f"/customers/{made['id']}/addresses/{made['addresses'][0]['id']}"
    before = len(published(service.db))
    same = staff.patch(path, json=STREET | {"country": "de", "region": ""}, version=1)
    assert (same.status_code, same.json["version"]) == (200, 1)
    assert len(published(service.db)) == before
    changed = staff.patch(path, json={"postal_code": "24103"}, version=1)
    assert changed.json["version"] == 2
    assert published(service.db)[-1].data["changes"] == [
        {"path": "postal_code", "label": "Postal code", "before": None, "after": "24103"}
    ]


def test_unknown_and_repeated_purposes_are_refused(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/addresses"
    for purposes in ([{"purpose": "party"}], [{"purpose": "site"}, {"purpose": "site"}], []):
        assert staff.post(path, json=STREET | {"purposes": purposes}).status_code == 422
