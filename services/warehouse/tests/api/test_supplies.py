"""The operations on inbound supplies, and what is shown of them."""

from typing import Any

import pytest

from common.ids import new_id
from common.testing import Client
from common.testing.events import event
from warehouse.tests.told import example

pytestmark = pytest.mark.postgres

PATH = "/inbound-supplies"


def noted(staff: Client, sku: str, **fields: Any) -> Any:
    body = {"sku": sku, "warehouse": "MAIN", "quantity": 10, "expected_on": "2031-03-01"} | fields
    answer = staff.post(PATH, json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_supply_is_noted_listed_changed_and_cancelled(staff: Client, main: Any, sku: str) -> None:
    later, sooner = noted(staff, sku, expected_on="2031-06-01", reference="PO 7"), noted(staff, sku)
    assert (later["reference"], later["status"], later["warehouse_id"]) == ("PO 7", "expected", main["id"])
    listed = staff.get(f"{PATH}?sku={sku}&warehouse=MAIN&limit=1").json
    assert [one["id"] for one in listed["items"]] == [sooner["id"]]
    rest = staff.get(f"{PATH}?sku={sku}&warehouse=MAIN&limit=1&cursor={listed['next_cursor']}").json
    assert [one["id"] for one in rest["items"]] == [later["id"]]
    one = f"{PATH}/{sooner['id']}"
    stale = staff.patch(one, json={"quantity": 12}, version=7)
    assert (stale.status_code, stale.json["code"]) == (412, "warehouse.stale")
    same = staff.patch(one, json={"quantity": 10}, version=1)
    assert (same.json["version"], "Event-Id" in same.headers) == (1, False)
    assert staff.patch(one, json={"quantity": 12}, version=1).json["quantity"] == 12
    assert staff.post(f"{one}/cancellation").json["status"] == "cancelled"
    again = staff.post(f"{one}/cancellation")
    assert (again.status_code, again.json["code"]) == (409, "warehouse.supply_state")
    assert [item["id"] for item in staff.get(f"{PATH}?sku={sku}&status=expected").json["items"]] == [later["id"]]


def test_all_of_what_is_offered_ahead_is_for_pre_orders_and_nothing_of_other_goods(
    staff: Client, main: Any, tell: Any, sku: str
) -> None:
    assert noted(staff, sku)["preorder_quantity"] == 0
    data = example("ordering.listing.published.v1") | {"id": new_id(), "sku": sku, "preorderable": True}
    tell(event("ordering.listing.published.v1", data["id"], data))
    assert noted(staff, sku)["preorder_quantity"] == 10


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"preorder_quantity": 11}, 422, "warehouse.supply_unsuitable"),
        ({"warehouse": "nowhere"}, 422, "warehouse.unknown"),
        ({"quantity": 0}, 422, "validation_failed"),
    ],
)
def test_what_does_not_fit_is_refused(staff: Client, main: Any, sku: str, fields: Any, status: int, code: str) -> None:
    body = {"sku": sku, "warehouse": "MAIN", "quantity": 10, "expected_on": "2031-03-01"}
    answer = staff.post(PATH, json=body | fields)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_goods_for_a_customer_s_warehouse_are_offered_to_nobody_ahead(staff: Client, place: Any, sku: str) -> None:
    own = place(customer_id=new_id())["code"]
    assert noted(staff, sku, warehouse=own)["preorder_quantity"] == 0
    body = {"sku": sku, "warehouse": own, "quantity": 1, "expected_on": "2031-03-01", "preorder_quantity": 1}
    assert staff.post(PATH, json=body).json["code"] == "warehouse.supply_unsuitable"


def test_a_receipt_fulfils_the_supply_that_it_names_a_part_at_a_time(
    staff: Client, main: Any, place: Any, sku: str
) -> None:
    supply = noted(staff, sku)
    lines = [
        {"sku": sku, "quantity": 3, "supply_id": supply["id"]},
        {"sku": sku, "quantity": 1, "supply_id": supply["id"]},
    ]
    assert staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": lines}).status_code == 201
    shown = staff.get(f"{PATH}/{supply['id']}").json
    assert (shown["received"], shown["status"]) == (4, "expected")
    more = [{"sku": sku, "quantity": 8, "supply_id": supply["id"]}]
    assert staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": more}).status_code == 201
    shown = staff.get(f"{PATH}/{supply['id']}").json
    assert (shown["received"], shown["status"]) == (12, "received")
    refused = staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": more})
    assert (refused.status_code, refused.json["code"]) == (409, "warehouse.supply_state")


def test_a_receipt_of_other_goods_or_elsewhere_does_not_fulfil_a_supply(
    staff: Client, main: Any, place: Any, sku: str, stock: Any
) -> None:
    supply, other = noted(staff, sku), place()["code"]
    for warehouse, article, named in (
        ("MAIN", f"{sku}-X", supply["id"]),
        (other, sku, supply["id"]),
        ("MAIN", sku, new_id()),
    ):
        lines = [{"sku": article, "quantity": 1, "supply_id": named}]
        refused = staff.post("/stock/receipts", json={"warehouse": warehouse, "lines": lines})
        assert (refused.status_code, refused.json["code"]) == (422, "warehouse.supply_unsuitable")
        assert refused.json["errors"][0]["pointer"] == "/lines/0/supply_id"
    assert stock(sku) == (0, 0, 0)


def test_availability_tells_what_comes_next_and_how_much_to_who_may_know(
    staff: Client, portal: Client, main: Any, sku: str, customer_id: str
) -> None:
    for quantity, day in ((4, "2031-06-01"), (3, "2031-03-01"), (2, "2031-03-01")):
        noted(staff, sku, quantity=quantity, expected_on=day)
    path = f"/stock/availability?customer_id={customer_id}&sku={sku}"
    [shown] = staff.get(path).json["items"]
    assert shown["next_supply"] == {"expected_on": "2031-03-01", "quantity": 5}
    [seen] = portal.get(path).json["items"]
    assert seen["next_supply"] == {"expected_on": "2031-03-01", "quantity": None}
    [nothing] = staff.get(f"/stock/availability?customer_id={customer_id}&sku={sku}-X").json["items"]
    assert nothing["next_supply"] is None


def test_supplies_are_the_provider_s_own(portal: Client, staff: Client, main: Any, sku: str) -> None:
    supply = noted(staff, sku)
    assert portal.get(PATH).status_code == 403
    assert portal.get(f"{PATH}/{supply['id']}").status_code == 403
    assert staff.get(f"{PATH}/{new_id()}").json["code"] == "warehouse.supply_not_found"
