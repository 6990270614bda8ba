"""The first set-up."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client

pytestmark = pytest.mark.postgres


def test_the_first_set_up_stocks_a_warehouse_once(service: Service, staff: Client, rows: Any) -> None:
    assert service.seed is not None
    service.seed()
    service.seed()
    assert [item["code"] for item in staff.get("/warehouses").json["items"]] == ["MAIN"]
    [laptop] = staff.get("/stock?sku=LAPTOP-14").json["items"]
    assert (laptop["available"], laptop["average_cost"]) == (25, {"amount": "905.00", "currency": "EUR"})
    assert rows("SELECT count(*) AS moves, count(DISTINCT sku) AS skus FROM stock_movements")[0]["moves"] == 8
    [coming] = staff.get("/inbound-supplies").json["items"]
    assert (coming["sku"], coming["preorder_quantity"], coming["status"]) == ("HEADSET-BT", 60, "expected")


def test_the_first_customer_has_some_assets_once_it_has_arrived(company: Any, service: Service, staff: Client) -> None:
    assert service.seed is not None
    service.seed()
    assert staff.get("/assets").json["items"] == []
    first, second = sorted((company(), company()), key=lambda one: one.id)
    service.seed()
    service.seed()
    found = staff.get("/assets").json["items"]
    assert {asset["customer_id"] for asset in found} == {first.id} != {second.id}
    assert [asset["status"] for asset in found].count("deployed") == 3
    assert len(found) == 6
