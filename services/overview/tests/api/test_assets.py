"""What a company has, in the one document: found by tag and serial number, hidden from it while its switch is off."""

import pytest

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.told import told


@pytest.fixture
def keeper(service: Service, tokens: TestTokens) -> Client:
    return client_for(service, tokens.staff(["customers.view", "assets.view"]))


@pytest.fixture
def customer(service: Service) -> str:
    id_ = new_id()
    deliver(service, events.customer(id_, name="Alder"))
    return id_


def switched(customer: str, value: str, version: int) -> Event:
    return events.scope("customer", customer, version, values={"internal_inventory_enabled": value})


def test_the_document_holds_assets_as_they_are_now(service: Service, keeper: Client, customer: str) -> None:
    asset, lost = new_id(), new_id()
    deliver(service, told("warehouse.asset.created.v1", customer, lost, 1, tag="A-1", status="lost", name="Anvil"))
    deliver(service, told("warehouse.asset.created.v1", customer, asset, 1, tag="A-2", status="in_stock"))
    deliver(service, told("warehouse.asset.checked_out.v1", customer, asset, 2, tag="A-2"))
    document = keeper.get(f"/customers/{customer}/overview").json
    shown = [(item["tag"], item["status"], (item["custodian"] or {}).get("label")) for item in document["assets"]]
    assert shown == [("A-2", "deployed", "Ilse Brandt"), ("A-1", "lost", None)]
    assert document["counts"]["assets"] == 2
    entries = keeper.get(f"/customers/{customer}/timeline").json["items"]
    [handed] = [entry for entry in entries if entry["verb"] == "checked_out"]
    assert handed["subject"]["label"] == "Laptop, 14 inches A-2"
    assert {change["path"] for change in handed["changes"]} == {"status", "custodian", "location"}


@pytest.mark.parametrize("words", ["A-000012", "NB-4471-0093"])
def test_a_customer_is_found_by_tag_and_serial_number_of_what_it_has(
    service: Service, keeper: Client, staff: Client, customer: str, words: str
) -> None:
    deliver(service, told("warehouse.asset.created.v1", customer, new_id(), 1))
    path = {"query_string": {"q": words}}
    assert [one["id"] for one in keeper.get("/customers", **path).json["items"]] == [customer]
    assert staff.get("/customers", **path).json["items"] == [], "who may not see assets finds nobody by them"


def test_the_company_sees_its_assets_while_its_inventory_is_on(
    service: Service, keeper: Client, customer: str, tokens: TestTokens
) -> None:
    company = client_for(service, tokens.portal({customer: ["customers.view", "assets.view"]}))
    path = f"/customers/{customer}/overview"
    deliver(service, told("warehouse.asset.created.v1", customer, new_id(), 1))
    for version, value in enumerate(("on", "off"), 1):
        deliver(service, switched(customer, value, version))
        seen = company.get(path).json
        if value == "on":
            assert [item["tag"] for item in seen["assets"]] == ["A-000012"]
            assert "assets" not in seen["hidden_because"]
        else:
            assert (seen["assets"], seen["hidden_because"]["assets"]) == (None, "module_inactive")
        assert [item["tag"] for item in keeper.get(path).json["assets"]] == ["A-000012"], "staff go on to see them"


def test_a_request_is_history_and_says_why(service: Service, keeper: Client, customer: str) -> None:
    request = new_id()
    deliver(service, told("warehouse.asset_request.requested.v1", customer, request, 1))
    deliver(service, told("warehouse.asset_request.denied.v1", customer, request, 2))
    entries = keeper.get(f"/customers/{customer}/timeline").json["items"]
    said = {entry["verb"]: (entry["subject"]["label"], entry.get("text")) for entry in entries}
    assert said["requested"] == ("AR-000004", "Begins in April.")
    assert said["denied"] == ("AR-000004", "Two are left for the trainees.")


def test_staff_without_the_permission_see_no_assets(service: Service, staff: Client, customer: str) -> None:
    deliver(service, told("warehouse.asset.created.v1", customer, new_id(), 1))
    document = staff.get(f"/customers/{customer}/overview").json
    assert (document["assets"], document["hidden_because"]["assets"]) == (None, "missing_permission")
    assert {entry["kind"] for entry in staff.get(f"/customers/{customer}/timeline").json["items"]} == {"customer"}
