"""The contract, the quote, the standing order and the services that a first run begins with."""

import pytest

from common.service import Service
from common.testing import Client, published
from ordering.tests.ordered import company

pytestmark = pytest.mark.postgres


def test_three_customers_that_have_arrived_have_something_agreed_once(service: Service, staff: Client) -> None:
    assert service.seed is not None
    service.seed()
    assert staff.get("/contracts").json["items"] == []
    for _ in range(3):
        company(service)
    service.seed()
    once = len(published(service.db))
    service.seed()
    assert len(published(service.db)) == once
    [contract] = staff.get("/contracts").json["items"]
    assert (contract["status"], contract["price_list_code"]) == ("active", "CONTRACT-TELEPHONY")
    [listing_id] = contract["listing_ids"]
    seen = staff.get(f"/listings/{listing_id}?customer_id={contract['customer_id']}").json
    assert seen["price"]["amount"] == "139.00"
    [quote] = staff.get("/quotes").json["items"]
    assert (quote["status"], quote["total"]["amount"]) == ("sent", "30281.25")
    [standing] = staff.get("/standing-orders").json["items"]
    assert standing["status"] == "active"
    services = staff.get("/services").json["items"]
    assert sorted((one["status"], one["quantity"]) for one in services) == [("active", 6), ("pending", 2)]
    assert len({contract["customer_id"], quote["customer_id"], services[0]["customer_id"]}) == 3
