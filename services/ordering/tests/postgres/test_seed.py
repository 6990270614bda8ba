"""What a first run begins with."""

import pytest

from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres


def test_the_seed_offers_a_dozen_priced_listings_once(service: Service, staff: Client, customer_id: str) -> None:
    assert service.seed is not None
    service.seed()
    once = len(published(service.db))
    service.seed()
    assert len(published(service.db)) == once
    deliver(service, customer(customer_id))
    deliver(service, switches("platform", "platform", inherit_global_marketplace="on"))
    items = staff.get(f"/listings?customer_id={customer_id}").json["items"]
    assert len(items) == 12
    assert all(item["price"]["currency"] == "EUR" for item in items)
    assert {item["kind"] for item in items} == {"stock", "service"}
