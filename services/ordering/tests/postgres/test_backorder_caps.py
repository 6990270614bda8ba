"""How many of a listing may wait at once, also where what was reserved for an order has expired."""

import pytest

from common.service import Service
from common.testing import Client, deliver
from ordering.tests.ordered import company, do, draft, listing, read, reservation

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(("quantity", "may_wait"), [(5, True), (6, False)])
def test_an_order_whose_reservation_has_expired_waits_within_the_cap_only(
    service: Service, staff: Client, quantity: int, may_wait: bool
) -> None:
    one = listing(service, backorder_policy="limited", backorder_cap=5)
    order = do(staff, draft(staff, company(service), (one, quantity)), "submission")
    deliver(service, [reservation("made", order, 1), reservation("expired", order, 2, {})])
    assert do(staff, order, "confirmation")["status"] == "confirmed"
    assert read(staff, order)["lines"][0]["backorder_allowed"] is may_wait
