"""What a portal account sees of properties: those that its customer has today, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from common.db import Scope
from common.service import Service
from common.testing import Client, TestTokens, client_for
from customer.queries import properties
from customer.tests.places import a_location_group, a_property, assign, day

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def places(staff: Client, a_customer: Make) -> dict[str, Any]:
    """A customer with a property of today, one of the past and one to come; another customer with one of its own."""
    own, other = a_customer(), a_customer()
    group = a_location_group(staff, f"Internal {own['number']}")
    made = {name: a_property(staff, location_group_id=group["id"]) for name in ("now", "past", "future", "foreign")}
    assign(staff, own, made["now"], **{"from": day(-5)})
    assign(staff, own, made["past"], **{"from": day(-5), "to": day(-1)})
    assign(staff, own, made["future"], **{"from": day(5)})
    assign(staff, other, made["foreign"], **{"from": day(-5)})
    assign(staff, other, made["now"], role="owner")
    return made | {"own": own, "other": other}


@pytest.fixture
def portal(service: Service, tokens: TestTokens, places: dict[str, Any]) -> Client:
    return client_for(service, tokens.portal({places["own"]["id"]: ["customers.view"]}))


def test_the_list_holds_the_properties_of_today(portal: Client, places: dict[str, Any]) -> None:
    listed = portal.get("/properties").json["items"]
    assert [item["id"] for item in listed] == [places["now"]["id"]]
    held = portal.get(f"/customers/{places['own']['id']}/properties?when=all").json["items"]
    assert [item["property"]["id"] for item in held] == [places["now"]["id"]]
    shown = portal.get(f"/customers/{places['own']['id']}/properties/{held[0]['id']}")
    assert (shown.status_code, shown.json["role"]) == (200, "occupant")


def test_other_properties_do_not_exist(portal: Client, places: dict[str, Any]) -> None:
    assert portal.get(f"/properties/{places['now']['id']}").status_code == 200
    for name in ("past", "future", "foreign"):
        refused = portal.get(f"/properties/{places[name]['id']}")
        assert (refused.status_code, refused.json["code"]) == (404, "customer.property_not_found")
    assert portal.get(f"/customers/{places['other']['id']}/properties").status_code == 404
    assert portal.get(f"/properties?customer={places['other']['id']}").json["items"] == []


def test_how_the_provider_sorts_its_places_stays_inside(portal: Client, places: dict[str, Any]) -> None:
    shown = portal.get(f"/properties/{places['now']['id']}").json
    assert (shown["location_group"], shown["location_group_id"]) == (None, None)
    assert places["now"]["location_group_id"] is not None
    assert portal.get(f"/properties?location_group={places['now']['location_group_id']}").json["items"] == []


def test_who_else_has_a_property_and_who_moves_is_for_staff(portal: Client, places: dict[str, Any]) -> None:
    for path in (
        f"/properties/{places['now']['id']}/assignments",
        f"/properties/{places['now']['id']}/moves",
        f"/customers/{places['own']['id']}/moves",
        "/move-ins",
    ):
        assert portal.get(path).status_code == 403
    body = {"property_id": places["foreign"]["id"], "role": "owner"}
    assert portal.post(f"/customers/{places['own']['id']}/properties", json=body).status_code == 403


def test_the_database_itself_leaves_the_others_out(service: Service, places: dict[str, Any]) -> None:
    everything = {"limit": 200}
    for ids, expected in (((places["own"]["id"],), [places["now"]["id"]]), ((), [])):
        with service.db.transaction(Scope(ids)) as session:
            page = properties.property_page(session, everything, "test")
        assert [item["id"] for item in page.items] == expected
