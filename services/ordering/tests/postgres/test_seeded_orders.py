"""The orders that a first run begins with, as soon as there are customers."""

import pytest

from common.service import Service
from common.testing import Client
from ordering.tests.ordered import company

pytestmark = pytest.mark.postgres


def test_the_first_customers_that_have_arrived_get_an_order_and_a_draft_once(service: Service, staff: Client) -> None:
    assert service.seed is not None
    service.seed()
    assert staff.get("/orders").json["items"] == []
    company(service, inherit_global_marketplace="off")
    arrived = {company(service), company(service)}
    service.seed()
    service.seed()
    found = staff.get("/orders").json["items"]
    assert {order["customer_id"] for order in found} == arrived
    assert sorted(order["status"] for order in found) == ["draft", "pending_confirmation"]
    [purchase_order] = staff.get("/purchase-orders").json["items"]
    assert purchase_order["drawn"]["amount"] in {order["total"]["amount"] for order in found}
    assert sorted(order["total"]["amount"] for order in found) == ["1322.00", "1956.00"]
