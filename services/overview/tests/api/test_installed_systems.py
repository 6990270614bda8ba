"""Installed systems as people see them: customers are found by the type of what is installed there."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.tests import events
from overview.tests.delivery import deliver

TELEPHONE, ALARM = new_id(), new_id()


def system_type(type_id: str, name: str, version: int = 1) -> Any:
    data = {"id": type_id, "name": name, "fields": [], "archived_at": None, "changes": []}
    verb = "created" if version == 1 else "updated"
    return event(f"customer.system_type.{verb}.v1", type_id, data, version=version, time=events.moment())


def system(customer_id: str, type_id: str, verb: str = "added", version: int = 1, **fields: Any) -> Any:
    names = {TELEPHONE: "Telephone system", ALARM: "Alarm panel"}
    data = {
        "id": fields.pop("id", None) or new_id(),
        "customer_id": customer_id,
        "type_id": type_id,
        "type_name": names[type_id],
        "type_version": 1,
        "name": "Front desk",
        "property_id": None,
        "status": "active",
        "values": {"ip_address": "192.0.2.10", "extensions": 86},
        "secrets": {},
        "batch_id": None,
        "changes": [],
    } | fields
    kind = f"customer.system.{verb}.v1"
    return event(kind, data["id"], data, customer_id=customer_id, version=version, time=events.moment())


def revealed(customer_id: str) -> Any:
    data = {
        "id": new_id(),
        "customer_id": customer_id,
        "system_id": new_id(),
        "name": "Front desk",
        "field": "login",
        "label": "Login",
        "revision": 1,
        "reason": "Ticket 4711",
        "batch_id": None,
        "changes": [],
    }
    return event(
        "customer.secret.revealed.v1", data["id"], data, customer_id=customer_id, version=1, time=events.moment()
    )


@pytest.fixture
def pair(service: Service) -> tuple[str, str]:
    """Two customers: the first has a telephone system, the second had one and has an alarm panel."""
    first, second = new_id(), new_id()
    deliver(
        service,
        [
            events.customer(first, name="Alder"),
            events.customer(second, name="Beech"),
            system_type(TELEPHONE, "Telephone system"),
            system_type(ALARM, "Alarm panel"),
            system(first, TELEPHONE),
            system(second, TELEPHONE, status="retired", name="Old desk", values={"ip_address": "198.51.100.7"}),
            system(second, ALARM, name="Back door", values={}),
        ],
    )
    return first, second


@pytest.fixture
def technician(service: Service, tokens: TestTokens) -> Client:
    return client_for(service, tokens.staff(["customers.view", "systems.view"]))


def listed(client: Client, query: str) -> list[str]:
    answer = client.get(f"/customers?{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def test_customers_are_found_by_the_type_of_equipment_installed(technician: Client, pair: tuple[str, str]) -> None:
    assert listed(technician, f"filter=system_type:{TELEPHONE}") == ["Alder"]
    assert listed(technician, f"filter=system_type:{ALARM}") == ["Beech"]
    assert listed(technician, f"filter=system_type:{ALARM},system_type:{TELEPHONE}") == ["Alder", "Beech"]
    for query in ("", "&filter=kind:business"):
        counted = technician.get(f"/customers/facets?facets=system_type{query}").json["facets"]["system_type"]
        assert {one["label"]: one["count"] for one in counted} == {"Telephone system": 1, "Alarm panel": 1}


def test_customers_are_found_by_name_type_and_address_of_a_system(technician: Client, pair: tuple[str, str]) -> None:
    assert listed(technician, "q=192.0.2.10") == ["Alder"]
    assert listed(technician, "q=alarm pan") == ["Beech"]
    assert listed(technician, "q=back door") == ["Beech"]
    assert technician.get("/customers?q=192.0.2.10").json["items"][0]["matched_on"] == "system"


def test_the_document_shows_systems_to_who_may_see_them(
    service: Service, staff: Client, technician: Client, tokens: TestTokens, pair: tuple[str, str]
) -> None:
    shown = technician.get(f"/customers/{pair[1]}/overview").json
    assert [(one["name"], one["status"]) for one in shown["systems"]] == [
        ("Back door", "active"),
        ("Old desk", "retired"),
    ]
    assert staff.get(f"/customers/{pair[1]}/overview").json["systems"] is None
    portal = client_for(service, tokens.portal({pair[1]: ["customers.view", "systems.view"]}))
    assert not portal.get(f"/customers/{pair[1]}/overview").json.get("systems")
    assert listed(portal, "q=alarm") == []


def test_who_looked_at_a_secret_is_told_only_to_who_may_look(
    service: Service, technician: Client, tokens: TestTokens, pair: tuple[str, str]
) -> None:
    deliver(service, revealed(pair[0]))
    holder = client_for(service, tokens.staff(["customers.view", "systems.view", "secrets.reveal"]))
    path = f"/customers/{pair[0]}/timeline"
    [entry] = [one for one in holder.get(path).json["items"] if one["kind"] == "secret"]
    assert (entry["verb"], entry["subject"]["label"]) == ("revealed", "Front desk: Login")
    assert "secret" not in {one["kind"] for one in technician.get(path).json["items"]}
    portal = client_for(service, tokens.portal({pair[0]: ["customers.view", "secrets.reveal"]}))
    assert not {"secret", "system"} & {one["kind"] for one in portal.get(path).json["items"]}


def test_a_change_of_a_custom_field_is_internal(service: Service, tokens: TestTokens, pair: tuple[str, str]) -> None:
    changes = [
        {"path": "cf.margin", "label": "Margin", "before": "9", "after": "12"},
        {"path": "name", "label": "Name", "before": "Alder", "after": "Alder & Sons"},
    ]
    deliver(service, events.customer(pair[0], "updated", 2, name="Alder & Sons", changes=changes))
    portal = client_for(service, tokens.portal({pair[0]: ["customers.view"]}))
    entry = portal.get(f"/customers/{pair[0]}/timeline").json["items"][0]
    assert [change["path"] for change in entry["changes"]] == ["name"]
